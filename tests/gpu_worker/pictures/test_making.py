"""Pictures on tiny models of the real architectures: from the folder on disk to the decoded file, on the CPU."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: `make dev` says why")

import c2pa
import torch
from PIL import Image

from gator.errors import NotFound, Refused
from gpu_worker.devices import Found
from gpu_worker.engine.hardware import Cpu
from gpu_worker.engine.maker import Made, Order, Spare
from gpu_worker.engine.process import Device, Habits
from gpu_worker.jobs import Brought, MakePicture
from gpu_worker.lease import Terms
from gpu_worker.pictures.loading import LoadedModel
from gpu_worker.pictures.making import maker
from gpu_worker.pictures.prompts import length_of
from gpu_worker.pictures.resting import Resting
from gpu_worker.studio import Cancelled, Draft
from memory.blobs import Blobs
from tests.gpu_worker.tiny import TinyShelf
from tools.capability import Turn
from tools.imagery import MakePictureAsk, make_picture
from tools.orders import MediaQueued

# diffusers' schedulers hand tensors to NumPy 2 in a way that it will not take for ever; nothing of ours.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
FAMILIES = ("sd15", "sdxl", "sd3", "flux", "qwen-image")
WIDTH, HEIGHT = 100, 68  # on no model's grid
ROUNDED = 1  # of 255: sums are rounded by how they lie in memory, and by the batch that they are in
Pixels = np.ndarray[Any, np.dtype[np.int16]]


class Atelier:
    """Models as a device process holds them, and orders for them."""

    def __init__(self, folder: Path) -> None:
        self.shelf = TinyShelf(folder / "models")
        self._folder = folder
        self._loaded: dict[str, LoadedModel] = {}
        noise = np.random.default_rng(5)
        self.files = {name: folder / f"{name}.png" for name in ("start", "mask", "shape")}
        for name in ("start", "shape"):
            Image.fromarray(noise.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(self.files[name])
        mask = Image.new("L", (WIDTH, HEIGHT), 0)
        mask.paste(255, (0, 0, WIDTH // 2, HEIGHT))
        mask.save(self.files["mask"])
        self._count = 0

    def loaded(self, family: str) -> LoadedModel:
        if family not in self._loaded:
            self._loaded[family] = maker.load(self.shelf.pipeline(family), "cpu", Spare.none, {})
        return self._loaded[family]

    def order(self, family: str, seed: int = 1, **more: Any) -> Order:
        self._count += 1
        scratch = self._folder / f"job{self._count}"
        scratch.mkdir()
        told = {"prompt": "a heron at dawn", "model": family, "width": WIDTH, "height": HEIGHT, "steps": 2, **more}
        return Order(f"job{self._count}", MakePicture.model_validate(told), seed, scratch, self.files)

    def drafts(self, *orders: Order, step: Callable[[int, int], None] = lambda done, of: None) -> list[Draft]:
        assert isinstance(orders[0].payload, MakePicture)
        return finished(maker.make(self.loaded(orders[0].payload.model), orders, step))

    def picture(self, family: str, seed: int = 1, **more: Any) -> Pixels:
        return pixels(self.drafts(self.order(family, seed, **more))[0])


@pytest.fixture(scope="module")
def atelier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Atelier]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # for these sizes threads cost more than they do
    yield Atelier(tmp_path_factory.mktemp("atelier"))
    torch.set_num_threads(threads)


def finished(made: Sequence[Made]) -> list[Draft]:
    return [one() if callable(one) else one for one in made]


def pixels(draft: Draft) -> Pixels:
    with Image.open(draft.path) as file:
        assert (file.format, file.mode, file.size) == ("PNG", "RGB", (draft.width_px, draft.height_px))
        return np.asarray(file).astype(np.int16)


def apart(one: Pixels, other: Pixels) -> int:
    """The largest difference of any pixel."""
    assert one.shape == other.shape
    return int(np.abs(one - other).max())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_gives_the_same_picture_alone_and_in_a_batch(atelier: Atelier, family: str) -> None:
    alone = atelier.drafts(atelier.order(family, seed=1))[0]
    first, second = atelier.drafts(
        atelier.order(family, seed=1), atelier.order(family, seed=2, prompt="another, longer")
    )

    assert (alone.width_px, alone.height_px, alone.mime) == (WIDTH, HEIGHT, "image/png")
    assert apart(pixels(alone), pixels(first)) <= ROUNDED
    assert apart(pixels(first), pixels(second)) > 20


@pytest.mark.parametrize("family", FAMILIES)
def test_a_picture_starts_from_another(atelier: Atelier, family: str) -> None:
    near = atelier.picture(family, start="start", strength=0.3, steps=3)
    far = atelier.picture(family, start="start", strength=1.0, steps=3)

    assert apart(near, far) > 20


@pytest.mark.parametrize("family", FAMILIES)
def test_where_the_mask_is_black_everything_stays(atelier: Atelier, family: str) -> None:
    from gpu_worker.pictures.images import covering, opened

    was = np.asarray(covering(opened(atelier.files["start"]), (WIDTH, HEIGHT))).astype(np.int16)

    made = atelier.picture(family, start="start", mask="mask", strength=0.9)

    assert apart(made[:, WIDTH // 2 :], was[:, WIDTH // 2 :]) == 0
    assert apart(made[:, : WIDTH // 2], was[:, : WIDTH // 2]) > 20


@pytest.mark.parametrize("family", FAMILIES)
def test_a_lora_works_while_it_is_asked_for_and_not_after(atelier: Atelier, family: str) -> None:
    atelier.shelf.added("lora", family, trigger_words=["zqx style"])
    plain = atelier.picture(family)

    [worn] = atelier.drafts(atelier.order(family, loras=[{"name": f"{family}-lora", "weight": 1.5}]))

    assert worn.provenance["prompt"] == "a heron at dawn, zqx style"
    spoken = atelier.picture(family, prompt="a heron at dawn, zqx style")
    assert apart(pixels(worn), spoken) > 2
    assert apart(atelier.picture(family), plain) <= ROUNDED


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning")  # by diffusers 0.42 itself
def test_a_controlnet_is_followed(atelier: Atelier, family: str) -> None:
    atelier.shelf.added("controlnet", family)
    control = {"name": f"{family}-controlnet", "asset": "shape"}

    weakly = atelier.picture(family, control={**control, "strength": 0.0})
    assert apart(atelier.picture(family, control=control), weakly) > 2
    if family not in ("flux", "qwen-image"):  # theirs draw on the seed before the noise does
        assert apart(weakly, atelier.picture(family)) <= ROUNDED


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux"])
def test_references_are_resembled_by_an_ip_adapter(atelier: Atelier, family: str) -> None:
    atelier.shelf.added("ip-adapter", family)
    plain = atelier.picture(family)

    alike = atelier.picture(family, references=["start"], likeness=1.0)
    assert apart(alike, atelier.picture(family, references=["shape"], likeness=1.0)) > 0
    assert apart(alike, plain) > 2
    assert apart(atelier.picture(family), plain) <= ROUNDED


def test_an_ip_adapter_that_came_without_its_encoder_is_refused_by_name(atelier: Atelier) -> None:
    encoder = atelier.shelf.added("ip-adapter", "sd15").path / "image_encoder"
    aside = encoder.rename(encoder.with_name("aside"))

    with pytest.raises(Refused, match="sd15-ip-adapter has no image encoder"):
        atelier.picture("sd15", references=["start"])
    aside.rename(encoder)


def test_references_combine_with_a_start_a_controlnet_and_a_lora(atelier: Atelier) -> None:
    for kind in ("ip-adapter", "controlnet", "lora"):
        atelier.shelf.added(kind, "sdxl")

    made = atelier.picture(
        "sdxl", references=["start", "shape"], start="start", mask="mask", loras=[{"name": "sdxl-lora"}],
        control={"name": "sdxl-controlnet", "asset": "shape"},
    )  # fmt: skip

    assert made.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux"])
def test_the_last_words_of_a_long_prompt_count(atelier: Atelier, family: str) -> None:
    long = "herons, " * 40  # more than four times what CLIP reads at once, here where a letter is a token

    by_day, by_night = (atelier.picture(family, prompt=f"{long} at {time}") for time in ("noon", "midnight"))

    assert apart(by_day, by_night) > 0  # random weights hear words faintly, but words that were cut not at all


@pytest.mark.parametrize("family", ["sd3", "flux", "qwen-image"])
def test_a_prompt_that_the_model_cannot_read_whole_is_refused(atelier: Atelier, family: str) -> None:
    with pytest.raises(Refused, match="this model reads"):
        atelier.picture(family, prompt="herons, " * 200)


@pytest.mark.parametrize("family", ["sd3", "qwen-image"])
def test_what_must_not_be_seen_is_not_cut_off_either(atelier: Atelier, family: str) -> None:
    with pytest.raises(Refused, match="this model reads"):
        atelier.picture(family, negative="herons, " * 200)


def test_qwen_keeps_the_last_word_of_the_longest_prompt_that_it_takes(atelier: Atelier) -> None:
    pipe = atelier.loaded("qwen-image").pipe
    around = (
        len(pipe.tokenizer(pipe.prompt_template_encode.format("")).input_ids) - pipe.prompt_template_encode_start_idx
    )
    longest = "x" * (pipe.tokenizer_max_length - around)  # here a letter is a token

    with pytest.raises(Refused, match=rf"is {len(longest) + 1} tokens long .* reads {len(longest)}\."):
        length_of(atelier.loaded("qwen-image"), longest + "x", "")
    length_of(atelier.loaded("qwen-image"), longest, "")
    read = pipe._get_qwen_prompt_embeds(longest)[0].shape[1]
    assert read == pipe._get_qwen_prompt_embeds(longest[:-1])[0].shape[1] + 1
    assert read == pipe._get_qwen_prompt_embeds(longest + "x")[0].shape[1], "it would have been cut"


@pytest.mark.parametrize(("family", "read"), [("sd3", "CLIP"), ("flux", "CLIP"), ("sdxl", ""), ("qwen-image", "")])
def test_what_a_part_of_the_model_did_not_read_is_said_and_quoted_in_no_log(
    atelier: Atelier, family: str, read: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    long = "a heron" + ", wading" * 20

    [draft] = atelier.drafts(atelier.order(family, prompt=long))

    told = draft.provenance.get("prompt_read", "")
    assert told == (f"T5 read all of it, CLIP the first 75 of {len(long) - long.count(' ')} tokens" if read else "")
    assert "prompt_read" not in atelier.drafts(atelier.order(family))[0].provenance
    assert "wading" not in caplog.text + "".join(capfd.readouterr())


def test_long_and_short_prompts_in_one_batch_come_out_as_alone(atelier: Atelier) -> None:
    long = "herons, " * 20
    steps: list[tuple[int, int]] = []

    short, wide = atelier.drafts(
        atelier.order("sd15", 1), atelier.order("sd15", 2, prompt=long), step=lambda *at: steps.append(at)
    )

    assert apart(pixels(short), atelier.picture("sd15", 1)) <= ROUNDED
    assert apart(pixels(wide), atelier.picture("sd15", 2, prompt=long)) <= ROUNDED
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_cancelled_picture_ends_at_its_step_and_the_model_goes_on(atelier: Atelier) -> None:
    seen: list[int] = []

    def stop_at_two(done: int, _of: int) -> None:
        seen.append(done)
        if done == 2:
            raise Cancelled

    before = atelier.picture("sdxl")
    with pytest.raises(Cancelled):
        atelier.drafts(atelier.order("sdxl", steps=9), step=stop_at_two)

    assert seen == [1, 2]
    assert apart(atelier.picture("sdxl"), before) <= ROUNDED


def test_what_is_kept_off_the_device_changes_nothing(atelier: Atelier) -> None:
    entry = atelier.shelf.pipeline("sdxl")
    for kind in ("lora", "ip-adapter"):
        atelier.shelf.added(kind, "sdxl")
    dressed: dict[str, Any] = {"loras": [{"name": "sdxl-lora"}], "references": ["start"]}
    sparing = maker.load(entry, "cpu", Spare.offload, {})

    [full] = finished(maker.make(sparing, [atelier.order("sdxl", **dressed)], lambda done, of: None))
    [draft] = finished(maker.make(sparing, [atelier.order("sdxl")], lambda done, of: None))

    assert apart(pixels(full), atelier.picture("sdxl", **dressed)) <= ROUNDED

    # The decoder works in tiles here, which at this size is one.
    assert apart(pixels(draft), atelier.picture("sdxl")) <= ROUNDED
    assert sparing.size_bytes() > 0
    sparing.unload()


def test_what_is_added_where_layers_come_one_after_another_comes_with_them(atelier: Atelier) -> None:
    atelier.shelf.added("ip-adapter", "sd3")  # whose encoder has layers that read one another's weights
    layered = maker.load(atelier.shelf.pipeline("sd3"), "cpu", Spare.sequential, {})
    dressed: dict[str, Any] = {"references": ["start"], "steps": 1}

    [draft] = finished(maker.make(layered, [atelier.order("sd3", **dressed)], lambda done, of: None))
    layered.unload()

    assert apart(pixels(draft), atelier.picture("sd3", **dressed)) <= ROUNDED


def test_numbers_that_overflow_are_no_black_picture(atelier: Atelier) -> None:
    broken = maker.load(atelier.shelf.pipeline("sd15"), "cpu", Spare.none, {})
    broken.pipe.vae.decoder.conv_out.bias.data.fill_(float("nan"))

    with pytest.raises(Refused, match="overflowed"):
        maker.make(broken, [atelier.order("sd15")], lambda done, of: None)


def test_parts_on_another_device_change_nothing(atelier: Atelier) -> None:
    entry = atelier.shelf.pipeline("sdxl")
    whole = atelier.loaded("sdxl").size_bytes()
    rooms = {
        "cpu": atelier.loaded("sdxl").size_bytes() // 2,
        "cpu:0": 2 * whole,
    }  # by another name it is another device
    split = maker.load(entry, "cpu", Spare.apart, rooms)

    [draft] = finished(maker.make(split, [atelier.order("sdxl", start="start")], lambda done, of: None))
    split.unload()

    assert apart(pixels(draft), atelier.picture("sdxl", start="start")) <= ROUNDED


def test_a_model_that_rested_makes_the_same_picture(atelier: Atelier) -> None:
    loaded = maker.load(atelier.shelf.pipeline("sdxl"), "cpu", Spare.none, {})
    rest = Resting()

    assert rest.lay("a", loaded.pipe, pin=False)
    assert rest.wake("b", loaded.device) is None
    assert rest.wake("a", loaded.device) is loaded.pipe
    assert rest.wake("a", loaded.device) is None
    assert not rest.let_go()
    assert rest.lay("b", loaded.pipe, pin=False)
    assert rest.let_go()
    assert rest.wake("b", loaded.device) is None

    [draft] = finished(maker.make(loaded, [atelier.order("sdxl")], lambda done, of: None))
    assert apart(pixels(draft), atelier.picture("sdxl")) <= ROUNDED


def test_an_upscaler_is_used_where_there_is_one_and_named(atelier: Atelier) -> None:
    small = {"width": 64, "height": 64}
    plain = atelier.drafts(atelier.order("sd15", upscale=2, **small))[0]
    atelier.shelf.pipeline("x4")
    better = atelier.drafts(atelier.order("sd15", upscale=4, prompt="herons, " * 20, **small))[0]

    assert plain.provenance["upscaled_by"] == "lanczos"
    assert better.provenance["upscaled_by"] == "x4"
    assert better.provenance["prompt_read_by_upscaler"].startswith("the first 75 of")
    assert "prompt_read_by_upscaler" not in plain.provenance
    assert pixels(plain).shape == (128, 128, 3)
    assert pixels(better).shape == (256, 256, 3)


def test_steps_of_an_upscaler_are_told_and_may_end_it(atelier: Atelier) -> None:
    atelier.shelf.pipeline("x4")
    order = atelier.order("sd15", upscale=2, width=64, height=64)
    loaded = maker.load(atelier.shelf.pipeline("sd15"), "cpu", Spare.none, {})
    told: list[tuple[int, int]] = []

    def step(done: int, of: int) -> None:
        told.append((done, of))
        if done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        maker.make(loaded, [order], step)
    assert told == [(done, 2 + 20) for done in (1, 2, 3, 4)]


def test_a_draft_tells_how_it_was_made(atelier: Atelier) -> None:
    [draft] = atelier.drafts(atelier.order("sdxl", negative="blurry", guidance=3.0))
    told = draft.provenance

    assert told["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert (told["model"], told["revision"], told["sampler"]) == ("sdxl", "tiny", "EulerDiscreteScheduler")
    assert (told["prompt"], told["negative"], told["steps"], told["guidance"]) == ("a heron at dawn", "blurry", 2, 3.0)


def test_an_order_is_made_with_what_its_model_brought_when_it_was_given(atelier: Atelier) -> None:
    then = Brought(steps=3, guidance=2.5, negative="blur", files={"sd15": "ab"})
    told = {"sd15": atelier.shelf.pipeline("sd15").defaults.model_dump()}
    draft = atelier.drafts(atelier.order("sd15", steps=None, brought=then))[0]
    plain = atelier.order("sd15", steps=3, guidance=2.5, negative="blur")

    assert (told["sd15"]["steps"], told["sd15"]["negative"]) == (None, "")
    provenance = draft.provenance
    assert [provenance[name] for name in ("steps", "guidance", "negative")] == [3, 2.5, "blur"]
    assert provenance["files"] == {"sd15": "ab"}
    assert apart(pixels(draft), pixels(atelier.drafts(plain)[0])) == 0


def test_a_negative_prompt_and_guidance_count(atelier: Atelier) -> None:
    plain = atelier.picture("sdxl")

    assert apart(plain, atelier.picture("sdxl", negative="dark, blurry")) > 2
    assert apart(plain, atelier.picture("sdxl", guidance=1.5)) > 2


def test_orders_go_together_when_only_their_words_differ(atelier: Atelier) -> None:
    one = MakePicture(prompt="a heron", model="sdxl")

    assert maker.together(one, one.model_copy(update={"prompt": "a crane", "negative": "dark"}))
    assert not maker.together(one, one.model_copy(update={"width": 512}))
    assert not maker.together(one, one.model_copy(update={"start": "start"}))


def test_what_does_not_fit_is_refused_with_its_name(atelier: Atelier) -> None:
    atelier.shelf.added("lora", "sdxl")

    with pytest.raises(Refused, match="sdxl-lora is a lora for sdxl"):
        atelier.picture("sd15", loras=[{"name": "sdxl-lora"}])
    with pytest.raises(NotFound, match="sdxl-lora"):
        atelier.picture("sdxl", loras=[{"name": "sdxl-lara"}])
    with pytest.raises(Refused, match="IP-Adapter"):
        atelier.picture("qwen-image", references=["start"])
    with pytest.raises(Refused, match="cannot follow a ControlNet"):
        atelier.picture("sd3", start="start", control={"name": "sd3-controlnet", "asset": "shape"})


def test_only_safetensors_are_loaded(atelier: Atelier, tmp_path: Path) -> None:
    entry = atelier.shelf.pipeline("sd15")
    there = TinyShelf(tmp_path)
    shutil.copytree(entry.path, tmp_path / "sd15")
    weights = tmp_path / "sd15" / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))

    with pytest.raises(Refused, match="cannot be loaded"):
        maker.load(there.get("sd15"), "cpu", Spare.none, {})


def test_a_lora_that_is_none_of_this_architecture_is_refused(atelier: Atelier) -> None:
    entry = atelier.shelf.added("lora", "sdxl")
    wrong = atelier.shelf.folder / "wrong"
    shutil.copytree(entry.path, wrong)
    told = entry.model_copy(update={"name": "wrong", "path": wrong, "family": "sd15"})
    atelier.shelf.put(told)

    with pytest.raises(Refused, match="wrong cannot be loaded"):
        atelier.picture("sd15", loras=[{"name": "wrong"}])
    assert atelier.picture("sd15").shape == (HEIGHT, WIDTH, 3)


def test_code_that_a_model_brings_is_never_run(atelier: Atelier, tmp_path: Path) -> None:
    there = TinyShelf(tmp_path)
    shutil.copytree(atelier.shelf.pipeline("sd15").path, tmp_path / "sd15")
    index = tmp_path / "sd15" / "model_index.json"
    told = json.loads(index.read_text())
    index.write_text(json.dumps({**told, "_class_name": ["evil", "Evil"]}))
    (tmp_path / "sd15" / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")

    with pytest.raises(Refused, match=r"brings code \(evil.py\)"):
        maker.load(there.get("sd15"), "cpu", Spare.none, {})
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With a pipe on which the worker would speak to the process."""
    ours, theirs = os.pipe()
    with os.fdopen(ours) as ear, os.fdopen(theirs, "w"):
        monkeypatch.setattr(sys, "stdin", ear)
        yield


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_ordered_picture_is_made_measured_and_signed(turn: Turn, listening: None) -> None:
    there = TinyShelf(turn.settings.shelf_folder)
    there.pipeline("sdxl")
    prompt = "a heron at dawn by the old pier"
    queued = await make_picture(MakePictureAsk(prompt=prompt, format="landscape"), turn)
    assert isinstance(queued, MediaQueued)
    async with turn.open_work() as work:  # a tiny picture by a tiny model
        job = await work.jobs.get(queued.job)
        job.payload = {**job.payload, "width": 96, "height": 64, "steps": 2}

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
    assert (asset.mime, asset.width_px, asset.height_px) == ("image/png", 96, 64)
    assert (asset.provenance["prompt"], asset.provenance["seed"]) == (prompt, job.seed)
    assert asset.looks
    file = Blobs(turn.settings.media_folder).get(asset.sha256)
    with Image.open(file) as picture:
        assert picture.size == (96, 64)
    assert prompt.encode() not in file.read_bytes()
    with file.open("rb") as data, c2pa.Reader("image/png", data) as reader:
        told = json.loads(reader.json())
    assert told["validation_state"] in ("Valid", "Trusted")
    assert "trainedAlgorithmicMedia" in json.dumps(told)
    assert '"model": "sdxl"' in json.dumps(told)
