"""Are clips ordered as the model can make them and from the right picture, and refused where they cannot be?"""

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gator.errors import NotFound, Refused, Unavailable
from gpu_worker.jobs import DrawCard, MakeClip, MakePicture, MakeVideo
from gpu_worker.shelf import Shelf, ShelfEntry, shelf
from memory.models import Asset, Job
from tools import orders
from tools.capability import Turn
from tools.clips import MakeClipAsk, make_clip, ready
from tools.media import ListMedia
from tools.orders import MediaQueued
from tools.videos import MakeVideoAsk, make_video

NOVA = {"name": "Nova", "age": 27, "rating": "mature", "look": {"summary": "a freckled woman", "hair": "red"}}


@pytest.fixture
async def stocked(turn: Turn, home: Path) -> Turn:
    """With video models on the shelf, whose weights are never read here, and Nova."""
    if find_spec("torch") is None:
        pytest.skip("torch is not installed: `make dev` says why")
    there = Shelf((home / "models").resolve())
    for name, family, made_of in (
        ("flow", "ltx", "LTXPipeline"), ("still-life", "svd", "StableVideoDiffusionPipeline"), ("words", "wan", "WanPipeline"),
    ):  # fmt: skip
        (there.folder / name).mkdir(parents=True)
        (there.folder / name / "model_index.json").write_text(f'{{"_class_name": "{made_of}"}}')
        told = {"name": name, "kind": "video", "family": family, "path": there.folder / name}
        there.put(ShelfEntry.model_validate(told))
    async with turn.open_work() as work:
        await work.personas.create("nova", "Nova", NOVA, author="tests")
    return turn


async def ordered(turn: Turn, **ask: Any) -> tuple[Job, MakeClip]:
    queued = await make_clip(MakeClipAsk(**ask), turn)
    assert isinstance(queued, MediaQueued)
    async with turn.open_work(reads=True) as work:
        job = await work.jobs.get(queued.job)
    return job, MakeClip.model_validate(job.payload)


async def a_picture_of_nova(turn: Turn, key: str = "") -> str:
    """One by a model, and a newer card of words."""
    async with turn.open_work() as work:
        nova = await work.personas.named("Nova")
        ask = ListMedia()
        made = await orders.place(
            work, turn, ask, MakePicture(prompt="a beach", model="dream"), makes="picture", title="p", persona=nova,
            key=f"picture{key}",
        )  # fmt: skip
        card = DrawCard(text="Hello")
        await orders.place(work, turn, ask, card, makes="picture", title="c", persona=nova, key=f"card{key}")
        asset = await work.assets.get(made.asset)
        asset.width_px, asset.height_px = 1024, 512
    return made.asset


def with_runway(turn: Turn, model: str = "runway:gen4.5", **more: Any) -> Turn:
    told = {"clip_model": model, "runway_api_key": SecretStr("key"), **more}
    return replace(turn, settings=turn.settings.model_copy(update=told))


async def test_without_a_video_model_a_video_of_stills_is_offered(turn: Turn) -> None:
    with pytest.raises(Unavailable, match="still pictures"):
        await make_clip(MakeClipAsk(prompt="a heron"), turn)


async def test_the_first_model_of_the_shelf_makes_it_in_its_own_size_and_rate(stocked: Turn) -> None:
    job, payload = await ordered(stocked, prompt="a heron wades", length_s=5, format="16:9")

    assert (job.kind, job.model, payload.start) == ("video.clip", "flow", None)
    assert (payload.frames, payload.fps) == (120, 24)
    assert (payload.width, payload.height) == (832, 464)


async def test_where_none_is_named_it_is_one_that_begins_as_asked(stocked: Turn) -> None:
    there = shelf(stocked.settings)
    there.put(there.get("flow").model_copy(update={"family": "unheard-of"}))
    for name, first in (("still-life", "a-still"), ("words", "b-words")):
        shutil.copytree(there.folder / name, there.folder / first)
        there.put(there.get(name).model_copy(update={"name": first, "path": there.folder / first}))
    picture = await a_picture_of_nova(stocked)

    assert (await ordered(stocked, prompt="a heron"))[0].model == "b-words"
    shutil.rmtree(there.folder / "a-still")
    assert (await ordered(stocked, prompt="it flies", start=picture))[0].model == "still-life"


async def test_nova_waves_from_her_last_picture_which_is_no_card(stocked: Turn) -> None:
    picture = await a_picture_of_nova(stocked)

    job, payload = await ordered(stocked, prompt="Nova waving", persona="Nova", start="last", length_s=4)

    assert (payload.start, job.needs) == (picture, [picture])
    assert payload.prompt == "Nova waving"
    assert payload.width / payload.height == pytest.approx(2, rel=0.03)  # as the picture is
    assert (await ordered(stocked, prompt="Nova dances", persona="Nova"))[1].start == picture
    drifted = await a_picture_of_nova(stocked, "2")
    async with stocked.open_work() as work:
        (await work.assets.get(drifted)).likeness = "drifted"
    assert (await ordered(stocked, prompt="Nova sings", persona="Nova"))[1].start == picture
    async with stocked.open_work(reads=True) as work:
        asset = await work.assets.get(str(job.asset_id))
    assert (asset.kind, asset.rating) == ("video", "unknown")


async def test_a_model_that_reads_no_words_is_said_to(stocked: Turn) -> None:
    picture = await a_picture_of_nova(stocked)
    told = MakeClipAsk(prompt="Nova waving", start=picture, model="still-life")

    queued = MediaQueued.model_validate(await make_clip(told, stocked), from_attributes=True)

    assert "still-life reads no words" in queued.in_words()


async def test_without_a_picture_she_is_described(stocked: Turn) -> None:
    _, payload = await ordered(stocked, prompt="Nova waving", persona="Nova", model="words")

    assert payload.start is None
    assert "a freckled woman, red hair" in payload.prompt
    assert payload.height > payload.width


async def test_a_clip_is_made_again_with_only_what_is_said_changed(stocked: Turn) -> None:
    first, before = await ordered(stocked, prompt="Nova waving", persona="Nova", model="words", length_s=3)

    same, payload = await ordered(stocked, again="last")
    assert (same.seed, same.persona_id) == (first.seed, first.persona_id)
    assert payload == before.model_copy(update={"again_of": first.asset_id})
    other, payload = await ordered(stocked, again=str(first.asset_id), other_seed=True, length_s=5, but="in the rain")
    assert other.seed != first.seed
    assert (payload.frames, payload.width, payload.model) == (80, before.width, "words")
    assert payload.prompt == before.prompt.replace("Nova waving", "Nova waving, in the rain")


async def faced(turn: Turn) -> str:
    async with turn.open_work() as work:
        nova = await work.personas.named("Nova")
        front = Asset(workspace=nova.workspace, kind="picture", state="ready")
        work.session.add(front)
        await work.session.flush()
        face = await work.appearances.propose(
            nova.id, front.id, shows="made", consent_id=None, views={"front": front.id}
        )
        await work.appearances.approve(face.id)
        return front.id


async def test_a_clip_of_her_is_to_be_compared_with_her_face(stocked: Turn) -> None:
    picture, front = await a_picture_of_nova(stocked), await faced(stocked)
    async with stocked.open_work() as work:
        asset = await work.assets.get(picture)
        asset.state, asset.likeness = "ready", "held"

    job, payload = await ordered(stocked, prompt="she waves", start=picture)
    assert payload.face
    assert (payload.face.views, payload.face.held_by, job.needs) == ((front,), "first-frame", [picture, front])
    queued = await make_clip(MakeClipAsk(prompt="Nova waves", model="words"), stocked)
    assert isinstance(queued, MediaQueued)
    assert "Likeness not held: the clip starts from no picture" in queued.in_words()
    assert (await ordered(stocked, prompt="a heron wades", persona="Nova", model="words"))[1].face is None
    async with stocked.open_work() as work:
        (await work.assets.get(picture)).likeness = "drifted"
    assert (drifted := (await ordered(stocked, prompt="she runs", start=picture))[1].face)
    assert drifted.held_by == ""


async def test_a_clip_that_began_from_a_picture_begins_from_it_again(stocked: Turn) -> None:
    picture = await a_picture_of_nova(stocked)
    await ordered(stocked, prompt="Nova waving", start=picture)
    newer = await a_picture_of_nova(stocked, "2")

    assert (await ordered(stocked, again="last", other_seed=True))[1].start == picture
    assert (await ordered(stocked, again="last", start=newer))[1].start == newer
    with pytest.raises(Refused, match="No such clip"):
        await make_clip(MakeClipAsk(again=picture), stocked)


async def test_runway_needs_no_device_and_its_price_counts_against_the_budget(turn: Turn) -> None:
    turn = with_runway(turn)
    job, payload = await ordered(turn, prompt="a heron", length_s=5, format="9:16")
    await ordered(turn, prompt="a heron", length_s=5, format="9:16")  # the same request twice in a turn

    assert (job.model, payload.model) == (None, "runway:gen4.5")
    assert (payload.width, payload.height, payload.fps) == (720, 1280, 24)
    async with turn.open_work(reads=True) as work:
        assert await work.spending.since_yesterday() == 600_000  # 12 credits a second
    with pytest.raises(Unavailable, match="budget"):
        await make_clip(MakeClipAsk(prompt="a crane"), with_runway(turn, daily_budget_usd=0.7))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"prompt": " "}, "What is to happen"),
        ({"prompt": "a 15 year old girl dances"}, "adults only"),
        ({"prompt": "a heron", "model": "still-life"}, "from a picture only"),
        ({"prompt": "a heron", "start": "01900000-0000-7000-8000-00000000dead"}, "There is no picture"),
        ({"prompt": "a heron", "start": "last"}, "no picture to start from"),
        ({"prompt": "a heron", "model": "flaw"}, "There is: flow"),
    ],
)
async def test_what_cannot_be_made_is_refused_at_the_door(stocked: Turn, ask: dict[str, Any], said: str) -> None:
    with pytest.raises((Refused, NotFound), match=said):
        await make_clip(MakeClipAsk(**ask), stocked)


async def test_a_model_of_words_takes_no_picture_and_runway_no_minute(stocked: Turn) -> None:
    picture = await a_picture_of_nova(stocked)

    with pytest.raises(Refused, match="from words only"):
        await make_clip(MakeClipAsk(prompt="she waves", start=picture, model="words"), stocked)
    with pytest.raises(Refused, match="Runway reads 1000 characters"):
        await make_clip(MakeClipAsk(prompt="herons, " * 130), with_runway(stocked))
    with pytest.raises(Refused, match="10 s at most"):
        await make_clip(MakeClipAsk(prompt="a heron", length_s=11), with_runway(stocked))


async def test_a_clip_is_a_scene_of_a_video(stocked: Turn) -> None:
    picture = await a_picture_of_nova(stocked)
    job, _ = await ordered(stocked, prompt="a heron wades")

    queued = await make_video(MakeVideoAsk(pictures=[picture, str(job.asset_id)]), stocked)
    async with stocked.open_work(reads=True) as work:
        video = await work.jobs.get(MediaQueued.model_validate(queued, from_attributes=True).job)
    still, clip = MakeVideo.model_validate(video.payload).edit.scenes

    assert (still.kind, still.motion) == ("still", "zoom_in")
    assert (clip.asset, clip.kind, clip.motion) == (job.asset_id, "clip", "none")
    assert set(video.needs) == {picture, job.asset_id}


def test_what_is_set_up_is_told(stocked: Turn) -> None:
    settings = stocked.settings

    assert ready(settings) == "flow"
    for model, said in (("runway:gen4.5", "key"), ("flaw", "flow")):
        with pytest.raises((Unavailable, NotFound), match=said):
            ready(settings.model_copy(update={"clip_model": model}))
