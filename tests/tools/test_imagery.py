"""Are pictures by a model ordered with what the persona and the model want, and refused where they cannot be?"""

from dataclasses import replace
from socket import gethostname
from typing import Any

import pytest

from gator.clock import now
from gator.errors import Forbidden, NotFound, Refused, Unavailable
from gpu_worker.jobs import MakePicture
from gpu_worker.shelf import Shelf, ShelfEntry
from memory.models import Asset
from tests.tools.picturing import NOVA, faced, ordered, with_model
from tools.capability import Turn
from tools.clips import MakeClipAsk, make_clip
from tools.imagery import MakePictureAsk, make_picture, ready
from tools.media import ListMedia, MediaList, list_media
from tools.orders import MediaQueued
from tools.ratings import Rate, rate_media


async def test_without_an_image_model_a_card_is_offered(turn: Turn) -> None:
    with pytest.raises(Unavailable, match="card"):
        await make_picture(MakePictureAsk(prompt="a heron"), turn)


async def test_what_may_not_be_pictured_is_refused_though_no_model_is_there(turn: Turn) -> None:
    with pytest.raises(Refused, match="adults only"):
        await make_picture(MakePictureAsk(prompt="a schoolgirl on a bench"), turn)
    with pytest.raises(Refused, match="adults only"):
        await make_clip(MakeClipAsk(prompt="a schoolgirl waves"), turn)


async def test_the_first_model_of_the_shelf_makes_it_in_its_own_size(stocked: Turn) -> None:
    job, payload = await ordered(stocked, prompt="a heron at dawn", format="landscape")

    assert (job.kind, job.model, payload.model) == ("picture.make", "dream", "dream")
    assert (payload.width, payload.height) == (1344, 768)
    assert (await ordered(stocked, prompt="a heron", model="old"))[1].width == 512


async def test_a_persona_is_described_and_her_presets_are_used(stocked: Turn, nova: None) -> None:
    job, payload = await ordered(stocked, prompt="Nova on the beach", persona="Nova", negative="people")

    assert payload.prompt == (
        "Nova on the beach, 27 years old adult, a freckled woman, red hair, a scar on her chin, 35 mm film"
    )
    assert (payload.negative, payload.steps) == ("people, text, watermark", 12)
    assert [(one.name, one.weight) for one in payload.loras] == [("ink", 0.8)]
    assert payload.width < payload.height
    async with stocked.open_work(reads=True) as work:
        assert (await work.assets.get(str(job.asset_id))).rating == "unknown"


async def test_what_does_not_fit_into_an_order_is_refused_rather_than_cut(stocked: Turn, nova: None) -> None:
    for ask in ({"prompt": "Nova, " + "herons, " * 998}, {"prompt": "Nova", "negative": "x" * 7990}):
        with pytest.raises(Refused, match="8,000 are held"):
            await ordered(stocked, persona="Nova", **ask)


async def test_a_providers_picture_needs_no_device_and_counts_against_the_budget(turn: Turn) -> None:
    turn = with_model(turn, "openai:gpt-image-1")
    job, payload = await ordered(turn, prompt="a heron")
    await ordered(turn, prompt="a heron")  # the same request twice in a turn

    assert (job.model, payload.model) == (None, "openai:gpt-image-1")
    async with turn.open_work(reads=True) as work:
        assert await work.spending.since_yesterday() == 50_000


async def test_a_spent_budget_orders_no_picture(turn: Turn) -> None:
    poor = turn.settings.model_copy(update={"image_model": "openai:gpt-image-1", "daily_budget_usd": 0.01})

    with pytest.raises(Unavailable, match="budget"):
        await make_picture(MakePictureAsk(prompt="a heron"), replace(turn, settings=poor))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"prompt": "  "}, "What is to be seen"),
        ({"prompt": "a portrait of a 15 year old girl"}, "adults only"),
        ({"prompt": "a heron", "start": "01900000-0000-7000-8000-00000000dead"}, "no picture here"),
        ({"prompt": "a heron", "model": "dreem"}, "There is: dream"),
        ({"prompt": "a heron", "model": "ink"}, "ink is a lora and makes no pictures. There is: dream, old"),
        ({"prompt": "a heron", "mask": "01900000-0000-7000-8000-00000000dead"}, "On which picture"),
        ({"prompt": "a heron", "follow": "01900000-0000-7000-8000-00000000dead"}, "No ControlNet here"),
        ({"prompt": "a heron", "loras": ["pen:0.5"]}, "There is: ink"),
        ({"prompt": "a heron", "loras": ["ink"], "model": "openai:gpt-image-1"}, "no LoRA"),
    ],
)
async def test_what_cannot_be_made_is_refused_at_the_door(stocked: Turn, ask: dict[str, Any], said: str) -> None:
    with pytest.raises((Refused, NotFound), match=said):
        await make_picture(MakePictureAsk(**ask), stocked)


async def test_a_part_of_a_picture_is_painted_anew_along_another_one_and_larger(stocked: Turn) -> None:
    shelve(stocked, "edges", "controlnet", "sdxl")
    start, mask, lines = [await upload(stocked, provenance={"shows": "nobody"}) for _ in range(3)]
    asked = {"start": start, "mask": mask, "follow": lines, "loras": ["ink:0.5"], "larger": 2}

    job, payload = await ordered(stocked, prompt="a heron", **asked)
    assert (payload.mask, payload.upscale, [one.name for one in payload.loras]) == (mask, 2, ["ink"])
    assert payload.control is not None
    assert (payload.control.name, payload.control.asset) == ("edges", lines)
    assert set(payload.needs) == {start, mask, lines}
    _, again = await ordered(stocked, again="last", larger=1, follow=None)
    assert (again.mask, again.upscale, again.control, again.loras) == (mask, 1, None, payload.loras)
    assert again.again_of == job.asset_id


def test_what_is_set_up_is_told(stocked: Turn) -> None:
    settings = stocked.settings

    assert ready(settings) == "dream"
    for model, said in (("openai:gpt-image-1", "key"), ("comfyui", "ComfyUI"), ("dreem", "dream")):
        with pytest.raises((Unavailable, NotFound), match=said):
            ready(settings.model_copy(update={"image_model": model}))


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("Inez on the beach", True), ("inez carvalho asleep", True), ("Inez' Hund am Strand", True), ("Inez's cat", True),
        ("Inezita on the beach", False), ("a marinez at sea", False), ("a heron", False),
    ],
)  # fmt: skip
async def test_a_persona_is_known_by_her_first_name(stocked: Turn, prompt: str, named: bool) -> None:
    async with stocked.open_work() as work:
        character = {**NOVA, "name": "Inez Carvalho"}
        await work.personas.create("inez", "Inez Carvalho", character, author="tests")

    _, payload = await ordered(stocked, prompt=prompt, persona="inez")
    assert ("a freckled woman" in payload.prompt) == named


async def test_whom_the_words_name_is_on_it_though_nobody_said_so(stocked: Turn, nova: None) -> None:
    await faced(stocked)
    async with stocked.open_work() as work:
        await work.personas.create("kai", "Kai", {**NOVA, "name": "Kai"}, author="tests")
        hers = (await work.personas.named("Nova")).id

    job, payload = await ordered(stocked, prompt="a picture of Nova at sea")
    assert (job.persona_id, "a freckled woman" in payload.prompt, bool(payload.face)) == (hers, True, True)
    assert (await ordered(stocked, prompt="an innovation fair"))[0].persona_id is None
    assert (await ordered(stocked, prompt="Zorblax, a heron"))[0].persona_id is None
    imagined = "Kai: as the model imagines, as only one persona's face and looks go into an order."
    for persona, note in (("Nova", imagined), (None, f"It is made as Nova's, whom the words name. {imagined}")):
        both = await make_picture(MakePictureAsk(prompt="Nova and Kai on a pier", persona=persona), stocked)
        assert isinstance(both, MediaQueued)
        assert both.note == note


@pytest.mark.parametrize("make", [make_picture, make_clip])
async def test_nudity_is_ordered_only_where_it_was_allowed(stocked: Turn, make: Any) -> None:
    ask = (MakePictureAsk if make is make_picture else MakeClipAsk)(prompt="a nude woman at a lake")
    with pytest.raises(Refused, match="GATOR_MATURE_MEDIA=made"):
        await make(ask, stocked)
    allowed = replace(stocked, settings=stocked.settings.model_copy(update={"mature_media": "made"}))
    if make is make_picture:
        assert isinstance(await make(ask, allowed), MediaQueued)
    else:
        with pytest.raises(Unavailable, match="No video model"):
            await make(ask, allowed)


async def test_what_no_machine_has_is_refused_when_it_is_ordered(stocked: Turn) -> None:
    told = {"name": "cuda:0", "kind": "cuda", "host": "rack", "memory_bytes": 10, "state": "ready"}
    async with stocked.open_work() as work:
        await work.devices.tell("rack/cuda:0", models=["dream"], **told)

    assert (await ordered(stocked, prompt="a heron"))[0].model == "dream"
    with pytest.raises(Unavailable, match=r"takes jobs has the model old\..* models folder of rack"):
        await ordered(stocked, prompt="a heron", model="old")
    async with stocked.open_work() as work:  # this machine looks at its shelf by itself in a moment
        await work.devices.tell("here/cpu", models=[], **{**told, "host": gethostname()[:80]})
    assert (await ordered(stocked, prompt="a heron", model="old"))[0].model == "old"


def shelve(turn: Turn, name: str, kind: str, family: str) -> None:
    there = Shelf(turn.settings.shelf_folder)
    (there.folder / name).mkdir(parents=True)
    there.put(ShelfEntry.model_validate({"name": name, "kind": kind, "family": family, "path": there.folder / name}))


async def test_every_picture_that_a_persona_is_on_starts_from_her_face(stocked: Turn, nova: None) -> None:
    front, whole = await faced(stocked, "full-body")

    job, payload = await ordered(stocked, prompt="a selfie in the rain", persona="Nova")
    assert payload.face
    assert (payload.start, payload.face.views, payload.face.held_by) == (front, (front, whole), "img2img")
    assert set(job.needs) == {front, whole}
    assert (await ordered(stocked, prompt="Nova, full body, on a pier", persona="Nova"))[1].start == whole
    assert (await ordered(stocked, prompt="a bowl of soup", persona="Nova"))[1].face is None
    assert (await ordered(stocked, prompt="a woman at a lake"))[1].face is None


async def test_an_ip_adapter_is_shown_her_views_beside_what_else_is_to_be_recognised(stocked: Turn, nova: None) -> None:
    views = await faced(stocked, "profile", "three-quarter-left")
    hat = await faced_hat(stocked)
    shelve(stocked, "ip", "ip-adapter", "sdxl")

    _, payload = await ordered(stocked, prompt="Nova with a hat", persona="Nova", references=[hat])
    assert payload.face
    assert (payload.face.held_by, payload.start) == ("ip-adapter", None)
    assert payload.references == (views[0], views[2], views[1], hat)


async def faced_hat(turn: Turn) -> str:
    async with turn.open_work() as work:
        hat = Asset(workspace=turn.principal.workspace, kind="picture", state="ready")
        work.session.add(hat)
        await work.session.flush()
        return hat.id


@pytest.mark.parametrize(
    ("model", "way"), [("openai:gpt-image-1", "provider"), ("openai:dall-e-3", ""), ("comfyui", "")]
)
async def test_a_provider_is_given_her_face_or_the_order_says_that_it_cannot(
    turn: Turn, nova: None, model: str, way: str
) -> None:
    turn = with_model(turn, model)
    [front] = await faced(turn)

    queued = await make_picture(MakePictureAsk(prompt="Nova at a window", persona="Nova"), turn)
    assert isinstance(queued, MediaQueued)
    assert queued.likeness_held == bool(way)
    assert ("Likeness not held" in queued.in_words()) != bool(way)
    async with turn.open_work(reads=True) as work:
        payload = MakePicture.model_validate((await work.jobs.get(queued.job)).payload)
    assert payload.face
    assert payload.face.held_by == way
    assert payload.references == ((front,) if way else ())


async def test_who_may_see_a_picture_of_people_is_not_known_before_somebody_looked(stocked: Turn, nova: None) -> None:
    for prompt, rating in (("a woman at a lake", "unknown"), ("a heron at dawn", "general")):
        job, _ = await ordered(stocked, prompt=prompt)
        async with stocked.open_work() as work:
            asset = await work.assets.get(str(job.asset_id))
            assert asset.rating == rating
            asset.state, asset.likeness = "ready", "drifted" if rating == "unknown" else ""
    told = await list_media(ListMedia(), stocked)
    assert isinstance(told, MediaList)
    flags = ", shows another face: not posted before somebody accepts it, not rated yet"
    assert [one.in_words().partition(": ready")[2] for one in told.items] == ["", flags]


async def test_what_a_fan_sent_is_no_picture_to_start_from(stocked: Turn) -> None:
    async with stocked.open_work() as work:
        theirs = Asset(workspace=stocked.principal.workspace, kind="picture", state="ready", origin="fan")
        work.session.add(theirs)
        await work.session.flush()
    with pytest.raises(Refused, match="What a fan sent"):
        await make_picture(MakePictureAsk(prompt="a heron", start=theirs.id), stocked)


async def upload(turn: Turn, **more: Any) -> str:
    async with turn.open_work() as work:
        sent = Asset(workspace=turn.principal.workspace, kind="picture", state="ready", origin="operator", **more)
        work.session.add(sent)
        await work.session.flush()
        return sent.id


async def agreed(turn: Turn) -> str:
    async with turn.open_work() as work:
        return (await work.consents.add("Ada", "likeness", "Pictures.", given_at=now(), evidence_sha256="ab" * 32)).id


async def test_nothing_is_made_of_an_upload_before_a_person_said_whom_it_shows(stocked: Turn) -> None:
    photo = await upload(stocked)
    for way in ({"start": photo}, {"references": [photo]}):
        with pytest.raises(Refused, match="Whom does the uploaded picture"):
            await ordered(stocked, prompt="in a red dress", **way)
    await rate_media(Rate(asset=photo, rating="unknown", shows="nobody"), stocked)
    assert (await ordered(stocked, prompt="in a red dress", start=photo))[1].start == photo
    with pytest.raises(Refused, match="needs their consent"):
        await rate_media(Rate(asset=photo, rating="unknown", shows="real"), stocked)


async def test_a_real_persons_upload_is_used_while_they_agree(stocked: Turn) -> None:
    photo, consent = await upload(stocked), await agreed(stocked)
    await rate_media(Rate(asset=photo, rating="unknown", shows="real", consent=consent), stocked)
    await ordered(stocked, prompt="in a red dress", start=photo)
    async with stocked.open_work() as work:
        await work.consents.revoke(consent)
    with pytest.raises(Forbidden, match="taken the consent back"):
        await ordered(stocked, prompt="in a blue dress", start=photo)


async def test_what_a_lora_is_called_and_adds_counts_as_said(stocked: Turn, nova: None) -> None:
    folder = Shelf(stocked.settings.shelf_folder).folder
    for name, words in (("taylor_swift", ()), ("style", ("a little girl",))):
        (folder / name).mkdir()
        told = {"name": name, "kind": "lora", "family": "sdxl", "path": folder / name, "trigger_words": words}
        Shelf(folder).put(ShelfEntry.model_validate(told))
        async with stocked.open_work() as work:
            hers = await work.personas.named("Nova")
            media = {**hers.character["media"], "picture_loras": [name]}
            await work.personas.change(hers, {**hers.character, "media": media}, author="tests", note="")
        with pytest.raises(Refused, match=r"adults only|agreed"):
            await ordered(stocked, prompt="on a sofa", persona="Nova")
