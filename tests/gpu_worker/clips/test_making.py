"""Clips on tiny models of the real architectures: from the folder on disk to the decoded film, on the CPU."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: `make dev` says why")

import c2pa
import torch
from PIL import Image

from gator.errors import Refused
from gpu_worker.clips.loading import LoadedClips
from gpu_worker.clips.making import _match, maker
from gpu_worker.devices import Found
from gpu_worker.engine.hand import Rests
from gpu_worker.engine.hardware import Cpu, as_if_alone
from gpu_worker.engine.maker import Order, Spare
from gpu_worker.engine.process import Device, Habits
from gpu_worker.jobs import Brought, MakeClip, MakePicture
from gpu_worker.lease import Terms
from gpu_worker.pictures.loading import LoadedModel
from gpu_worker.pictures.making import maker as pictures
from gpu_worker.studio import Cancelled, Draft
from memory.blobs import Blobs
from tests.gpu_worker.tiny import TinyShelf
from tools.capability import Turn
from tools.clips import MakeClipAsk, make_clip
from tools.orders import MediaQueued

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
WIDTH, HEIGHT, FPS = 76, 68, 8  # on no model's grid
ROUNDED = 2  # of 255, on average: sums are rounded by how they lie in memory
Film = np.ndarray[Any, np.dtype[np.int16]]


class Atelier:
    """Models as a device process holds them, and orders for them."""

    def __init__(self, folder: Path) -> None:
        self.shelf = TinyShelf(folder / "models")
        self._folder = folder
        self._loaded: dict[str, LoadedClips] = {}
        self._count = 0
        self.start = folder / "start.png"
        noise = np.random.default_rng(5).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((120, 90), Image.Resampling.BICUBIC).save(self.start)

    def loaded(self, model: str) -> LoadedClips:
        if model not in self._loaded:
            self._loaded[model] = maker.load(self.shelf.video(model), "cpu", Spare.none, {})
        return self._loaded[model]

    def order(self, model: str, seed: int = 1, kept: Path | None = None, **more: Any) -> Order:
        self._count += 1
        scratch = self._folder / f"job{self._count}"
        scratch.mkdir()
        told = {
            "prompt": "a heron wades", "model": model, "width": WIDTH, "height": HEIGHT, "fps": FPS, "frames": 6,
            "steps": 1, **more,
        }  # fmt: skip
        return Order(scratch.name, MakeClip.model_validate(told), seed, scratch, {"start": self.start}, kept)

    def draft(self, order: Order, step: Callable[[int, int], None] = lambda done, of: None) -> Draft:
        assert isinstance(order.payload, MakeClip)
        [made] = maker.make(self.loaded(order.payload.model), [order], step)
        assert isinstance(made, Draft)
        return made

    def film(self, model: str, seed: int = 1, **more: Any) -> Film:
        return film(self.draft(self.order(model, seed, **more)))


@pytest.fixture(scope="module")
def atelier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Atelier]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # for these sizes threads cost more than they do
    yield Atelier(tmp_path_factory.mktemp("atelier"))
    torch.set_num_threads(threads)


def film(draft: Draft) -> Film:
    with av.open(str(draft.path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(stream)]
        assert (stream.codec_context.name, float(stream.average_rate or 0)) == ("h264", FPS)
    assert draft.duration_s == pytest.approx(len(frames) / FPS)
    return np.stack(frames)


def apart(one: Film, other: Film) -> float:
    assert one.shape == other.shape
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize(
    ("model", "start"),
    [
        ("wan", None), ("wan-i2v", "start"), ("ltx", None), ("ltx", "start"), ("cogvideox", None),
        ("cogvideox-i2v", "start"), ("svd", "start"),
    ],
)  # fmt: skip
def test_a_seed_gives_the_same_clip_of_the_asked_length_and_size(
    atelier: Atelier, model: str, start: str | None
) -> None:
    made = atelier.film(model, start=start)

    assert made.shape == (6, HEIGHT, WIDTH, 3)
    assert apart(made, atelier.film(model, start=start)) == 0
    assert apart(made, atelier.film(model, seed=2, start=start)) > ROUNDED


@pytest.mark.parametrize(
    ("model", "said"), [("svd", "picture only"), ("wan", "words only"), ("wan-i2v", "picture only")]
)
def test_what_a_model_cannot_begin_from_is_refused(atelier: Atelier, model: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        atelier.film(model, start="start" if model == "wan" else None)


def test_a_model_that_cannot_go_on_makes_no_long_clip(atelier: Atelier) -> None:
    with pytest.raises(Refused, match="9 frames at once"):
        atelier.film("cogvideox", frames=10)


@pytest.mark.parametrize(("model", "reads"), [("wan", 512), ("ltx", 256), ("cogvideox", 226)])
def test_words_that_a_model_would_cut_off_are_refused(atelier: Atelier, model: str, reads: int) -> None:
    for said in ("prompt", "negative"):
        words: dict[str, Any] = {said: "herons, " * 100}
        with pytest.raises(Refused, match=f"reads {reads}"):
            atelier.draft(atelier.order(model, **words))


def test_odd_sides_are_refused(atelier: Atelier) -> None:
    with pytest.raises(Refused, match="even"):
        atelier.film("wan", width=67)


@pytest.mark.parametrize("model", ["svd", "cogvideox-i2v"])
def test_a_long_clip_goes_on_from_its_last_frame(atelier: Atelier, model: str, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    order = atelier.order(model, start="start", frames=14, steps=2)
    draft = atelier.draft(order, lambda *at: steps.append(at))

    count = len(draft.provenance["pieces"])
    made = film(draft)
    assert len(made) == 14
    assert count > 1
    assert steps[-1] == (2 * count, 2 * count)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    joint = draft.provenance["pieces"][0]["frames"]
    before, after = made[joint - 1], made[joint]
    assert abs(float(before.mean() - after.mean())) < 20  # it goes on in the same light
    assert np.abs(before - after).mean() > 0  # and does not show the same frame twice


def test_a_clip_that_was_broken_off_goes_on_with_the_piece_that_is_missing(atelier: Atelier, tmp_path: Path) -> None:
    told: dict[str, Any] = {"start": "start", "frames": 14, "steps": 2}
    whole = atelier.film("cogvideox-i2v", **told)
    kept = tmp_path / "kept"
    kept.mkdir()

    def stop_in_the_second(done: int, of: int) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        atelier.draft(atelier.order("cogvideox-i2v", kept=kept, **told), stop_in_the_second)
    first = (kept / "piece0.mp4").stat().st_mtime_ns
    steps: list[int] = []

    def look(done: int, of: int) -> None:
        steps.append(done)
        assert (kept / "piece0.mp4").stat().st_mtime_ns == first

    draft = atelier.draft(atelier.order("cogvideox-i2v", kept=kept, **told), look)

    assert steps == [2, 3, 4, 4]
    assert apart(film(draft), whole) == 0


def test_a_clip_rests_between_two_pieces_and_nowhere_else(atelier: Atelier, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()

    def rest() -> None:
        raise Rests

    long = replace(atelier.order("cogvideox-i2v", kept=kept, start="start", frames=14), pause=rest)
    with pytest.raises(Rests):
        atelier.draft(long)
    assert sorted(one.name for one in kept.iterdir()) == ["piece0.mp4", "piece0.png"]
    assert atelier.draft(replace(atelier.order("cogvideox-i2v", start="start"), pause=rest)).path.exists()


def test_a_picture_made_in_the_middle_of_a_clip_changes_neither(atelier: Atelier, tmp_path: Path) -> None:
    whole = atelier.film("wan", steps=2)
    alone = pictures.load(atelier.shelf.pipeline("sd15"), "cpu", Spare.none, {})
    asked = MakePicture(prompt="a heron", model="sd15", width=64, height=64, steps=2)
    loaded: list[LoadedModel] = []
    seen: list[bytes] = []

    def picture(model: LoadedModel) -> None:
        [made] = pictures.make(model, [Order("1", asked, 1, tmp_path, {})], lambda _done, _of: None)
        assert callable(made)
        seen.append(made().path.read_bytes())

    def between(_done: int, _of: int) -> None:
        with as_if_alone():
            loaded.append(pictures.load(atelier.shelf.pipeline("sd15"), "cpu", Spare.none, {}))
            picture(loaded[-1])

    made = film(atelier.draft(atelier.order("wan", steps=2), between))
    picture(alone)
    picture(loaded[0])

    assert apart(made, whole) == 0
    assert len({*seen}) == 1
    assert not any(one.is_inference() for one in loaded[0].denoiser.parameters())


@pytest.mark.parametrize("error", [Cancelled, MemoryError, torch.OutOfMemoryError])
def test_what_ends_a_step_ends_the_clip_and_the_model_goes_on(atelier: Atelier, error: type[BaseException]) -> None:
    before = atelier.film("ltx")

    def end(done: int, of: int) -> None:
        raise error

    order = atelier.order("ltx", steps=5)
    with pytest.raises(error):
        atelier.draft(order, end)

    assert not [*order.scratch.iterdir()]
    assert apart(atelier.film("ltx"), before) == 0


@pytest.mark.parametrize(
    ("model", "start", "most"),
    [("wan-i2v", "start", ROUNDED), ("ltx", None, ROUNDED), ("svd", "start", 40)],  # SVD decodes by what is beside it
)
def test_what_is_kept_off_the_device_makes_the_same_clip(
    atelier: Atelier, model: str, start: str | None, most: float
) -> None:
    sparing = maker.load(atelier.shelf.video(model), "cpu", Spare.offload, {})
    [draft] = maker.make(sparing, [atelier.order(model, start=start)], lambda done, of: None)

    assert isinstance(draft, Draft)
    assert apart(film(draft), atelier.film(model, start=start)) <= most  # decoded in parts
    assert sparing.size_bytes() > 0
    sparing.unload()


def test_a_clip_tells_how_it_was_made(atelier: Atelier) -> None:
    draft = atelier.draft(atelier.order("wan", seed=9, negative="blurry", guidance=3.0))
    told = draft.provenance

    assert told["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert (told["model"], told["revision"], told["sampler"]) == ("wan", "tiny", "FlowMatchEulerDiscreteScheduler")
    assert (told["prompt"], told["negative"], told["steps"], told["guidance"]) == ("a heron wades", "blurry", 1, 3.0)
    assert told["pieces"] == [{"frames": 6, "seed": 9}]
    assert not maker.together(MakeClip(prompt="a", model="wan"), MakeClip(prompt="a", model="wan"))


def test_a_clip_is_made_with_what_its_model_brought_when_it_was_ordered(atelier: Atelier) -> None:
    told = atelier.draft(
        atelier.order("ltx", steps=None, brought=Brought(steps=1, guidance=2.5, negative="blur"))
    ).provenance

    assert [told[name] for name in ("steps", "guidance", "negative")] == [1, 2.5, "blur"]


def test_a_negative_prompt_counts(atelier: Atelier) -> None:
    assert apart(atelier.film("wan"), atelier.film("wan", negative="dark, blurry")) > 0


def test_a_picture_model_makes_no_clips(atelier: Atelier) -> None:
    with pytest.raises(Refused, match="makes no clips here"):
        maker.load(atelier.shelf.pipeline("sd15"), "cpu", Spare.none, {})


def test_the_colours_of_a_piece_begin_where_the_one_before_ended() -> None:
    before = Image.fromarray(np.random.default_rng(1).integers(60, 200, (16, 16, 3), dtype=np.uint8))
    seen = torch.from_numpy(np.asarray(before, dtype=np.float32) / 255).permute(2, 0, 1)
    paler = torch.stack([seen, seen.flip(2)]) * 0.9 + 0.05

    _match(paler, before)

    assert torch.allclose(paler[0], seen, atol=1e-3)
    assert torch.allclose(paler[1], seen.flip(2), atol=1e-3)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With a pipe on which the worker would speak to the process."""
    ours, theirs = os.pipe()
    with os.fdopen(ours) as ear, os.fdopen(theirs, "w"):
        monkeypatch.setattr(sys, "stdin", ear)
        yield


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_ordered_clip_is_made_measured_and_signed(turn: Turn, listening: None) -> None:
    TinyShelf(turn.settings.shelf_folder).video("ltx")
    prompt = "a heron wades by the old pier"
    queued = await make_clip(MakeClipAsk(prompt=prompt, length_s=1, format="16:9"), turn)
    assert isinstance(queued, MediaQueued)
    async with turn.open_work() as work:  # a tiny clip by a tiny model
        job = await work.jobs.get(queued.job)
        job.payload = {**job.payload, "width": 96, "height": 64, "steps": 1}

    device = Device(turn.settings, Cpu(Found("cpu", "cpu", "tests", 10**9)), Terms(), Habits())
    working = asyncio.create_task(device.serve())
    async with asyncio.timeout(60):
        while job.state not in ("done", "failed"):
            await asyncio.sleep(0.1)
            async with turn.open_work(reads=True) as work:
                job = await work.jobs.get(queued.job)
    device.stop()
    await working

    assert (job.state, job.error, job.device.partition("/")[2]) == ("done", "", "cpu")
    async with turn.open_work(reads=True) as work:
        asset = await work.assets.get(queued.asset)
    assert (asset.mime, asset.width_px, asset.height_px, asset.duration_s) == ("video/mp4", 96, 64, 1.0)
    assert (asset.provenance["prompt"], asset.provenance["seed"]) == (prompt, job.seed)
    assert len(asset.looks) == 2
    file = Blobs(turn.settings.media_folder).get(asset.sha256)
    with av.open(str(file)) as clip:
        assert sum(1 for _ in clip.decode(video=0)) == 24
    assert prompt.encode() not in file.read_bytes()
    with file.open("rb") as data, c2pa.Reader("video/mp4", data) as reader:
        told = json.loads(reader.json())
    assert told["validation_state"] in ("Valid", "Trusted")
    assert "trainedAlgorithmicMedia" in json.dumps(told)
