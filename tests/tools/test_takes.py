"""Is another take made as the first was, but for what is said, and is it told what cannot be as it was?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gator.errors import Refused, Unavailable
from gpu_worker.shelf import Defaults, Shelf
from tests.tools.picturing import faced, ordered
from tools.capability import Turn
from tools.clips import MakeClipAsk, make_clip
from tools.imagery import MakePictureAsk, make_picture
from tools.orders import MediaQueued


async def test_a_picture_is_made_again_with_its_seed_or_with_another(stocked: Turn, nova: None) -> None:
    first, before = await ordered(stocked, prompt="Nova asleep", persona="Nova")

    same, payload = await ordered(stocked, again="last", negative="cats")
    assert (same.seed, same.persona_id, payload.prompt) == (first.seed, first.persona_id, before.prompt)
    assert payload.negative == "cats, text, watermark"
    other, payload = await ordered(stocked, again=str(first.asset_id), other_seed=True)
    assert other.seed != first.seed
    assert payload == before.model_copy(update={"again_of": first.asset_id})


async def test_another_take_is_as_the_first_though_presets_and_defaults_changed(stocked: Turn, nova: None) -> None:
    there = Shelf(stocked.settings.shelf_folder)
    dream = there.get("dream")
    there.put(dream.model_copy(update={"defaults": Defaults(steps=30, guidance=4.5, negative="blur")}))
    first, before = await ordered(stocked, prompt="Nova asleep", persona="Nova")
    there.put(dream.model_copy(update={"defaults": Defaults(steps=9, guidance=1.5), "licence": "mit"}))
    async with stocked.open_work() as work:
        hers = await work.personas.named("Nova")
        media = {**hers.character["media"], "picture_style": "oil", "picture_steps": 3, "picture_loras": ["ink:0.1"]}
        await work.personas.change(hers, {**hers.character, "media": media, "look": {}}, author="tests", note="")

    _, again = await ordered(stocked, again="last")
    assert again == before.model_copy(update={"again_of": first.asset_id})
    assert again.brought
    assert (again.brought.steps, again.brought.guidance, again.brought.negative) == (30, 4.5, "blur")
    assert (await ordered(stocked, again="last", but="at night"))[1].prompt == before.prompt.replace(
        "asleep", "asleep, at night"
    )
    assert (new := (await ordered(stocked, prompt="a heron"))[1].brought)
    assert new.steps == 9
    assert (other := (await ordered(stocked, again="last", model="old"))[1].brought)
    assert (other.steps, [*other.files]) == (None, ["old"])


async def test_a_model_that_changed_since_is_named(stocked: Turn) -> None:
    await ordered(stocked, prompt="a heron", loras=["ink"])
    (stocked.settings.shelf_folder / "ink" / "ink.safetensors").write_bytes(b"other weights")

    again = await make_picture(MakePictureAsk(again="last"), stocked)
    assert isinstance(again, MediaQueued)
    assert again.note == "ink changed since then, so it will not look the same."
    same = await make_picture(MakePictureAsk(again="last", negative="cats"), stocked)
    assert isinstance(same, MediaQueued)
    assert same.note == ""


async def test_what_a_provider_cannot_make_again_is_said(turn: Turn, tmp_path: Path) -> None:
    async def again(**settings: Any) -> str:
        here = replace(turn, settings=turn.settings.model_copy(update=settings))
        await ordered(here, prompt=f"a heron by {settings['image_model']}")
        workflow.write_text("{}")
        queued = await make_picture(MakePictureAsk(again="last"), here)
        return MediaQueued.model_validate(queued, from_attributes=True).note

    workflow = tmp_path / "workflow.json"
    workflow.write_text("{ }")
    assert await again(image_model="openai:gpt-image-1") == "OpenAI's images heed no seed: it will be another take."
    workflow.write_text("{ }")
    assert await again(image_model="comfyui", comfyui_workflow=workflow) == (
        "ComfyUI's workflow changed since then, so it will not look the same."
    )


async def test_another_take_has_the_steps_and_guidance_that_the_first_was_really_made_with(stocked: Turn) -> None:
    first, _ = await ordered(stocked, prompt="a heron")
    async with stocked.open_work() as work:
        (await work.assets.get(str(first.asset_id))).provenance = {"steps": 28, "guidance": 0.0}

    brought = (await ordered(stocked, again="last"))[1].brought
    assert brought
    assert (brought.steps, brought.guidance) == (28, 0.0)


async def test_only_what_is_said_is_different_the_next_time(stocked: Turn, nova: None) -> None:
    first, before = await ordered(stocked, prompt="Nova with a hat at noon", persona="Nova")

    night, payload = await ordered(stocked, again="last", but="at night", instead_of="at noon", format="landscape")
    assert (night.seed, payload.again_of, payload.words) == (first.seed, first.asset_id, "Nova with a hat at night")
    assert payload.prompt == before.prompt.replace("noon", "night")
    assert (payload.width, payload.height, payload.loras) == (1344, 768, before.loras)
    bare, payload = await ordered(stocked, again="last", but="without the hat", other_seed=True)
    assert (payload.words, payload.negative) == ("Nova at night", "the hat, text, watermark")
    assert (bare.seed != first.seed, payload.again_of) == (True, night.asset_id)
    await ordered(stocked, prompt="a heron")
    assert (await ordered(stocked, again="last", persona="Nova"))[1].words == "Nova at night"


async def test_only_what_a_model_made_can_be_made_again(stocked: Turn) -> None:
    with pytest.raises(Refused, match="No such picture"):
        await make_picture(MakePictureAsk(again="last"), stocked)


async def test_where_no_model_makes_any_it_is_said_how_to_have_one(turn: Turn) -> None:
    with pytest.raises(Unavailable, match="No image model") as unavailable:
        await make_picture(MakePictureAsk(again="last", but="at night"), turn)
    assert "GATOR_IMAGE_MODEL" in unavailable.value.remedy
    with pytest.raises(Unavailable, match="No video model"):
        await make_clip(MakeClipAsk(again="last", but="at night"), turn)


async def test_the_very_same_picture_is_not_made_with_other_seeds(stocked: Turn, nova: None) -> None:
    await faced(stocked)
    takes = []
    for ask in ({"prompt": "Nova asleep"}, {"again": "last"}, {"again": "last", "but": "at night"}):
        face = (await ordered(stocked, persona="Nova", **ask))[1].face
        takes.append(face and face.takes)
    other = (await ordered(stocked, again="last", other_seed=True))[1].face
    assert [*takes, other and other.takes] == [2, 0, 2, 2]


async def test_the_same_once_more_has_the_face_of_now(stocked: Turn, nova: None) -> None:
    [old] = await faced(stocked)
    await ordered(stocked, prompt="Nova asleep", persona="Nova")
    async with stocked.open_work() as work:
        face = await work.appearances.used((await work.personas.named("Nova")).id)
        assert face
        await work.appearances.unlock(face.id)
    [new] = await faced(stocked)

    _, payload = await ordered(stocked, again="last", other_seed=True)
    assert payload.start == new
    assert old not in payload.needs
