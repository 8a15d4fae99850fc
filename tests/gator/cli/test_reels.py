"""`gator reel`, as typed in a shell: made, listed, shown in its steps, one of them again."""

import json
from pathlib import Path

import pytest

from gator.principal import Principal
from gator.settings import Settings
from memory.store import Store
from tests.gator.cli.shell import gator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_reel_is_made_shown_and_changed(
    settings: Settings, store: Store, operator: Principal, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        await work.personas.create("nova", "Nova", {"name": "Nova", "age": 27}, author="tests")
    told = ("--persona", "Nova", "--length", "10", "--platform", "x")

    status, said = await gator(settings, "reel", "make", "tide pools", *told, "--json")
    assert status == 0, said
    made = json.loads(said)
    assert (made["title"], made["state"], list(made["posts"])) == ("Tide pools", "making", ["x"])
    assert made["id"] in (await gator(settings, "reel", "list"))[1]
    shown = (await gator(settings, "reel", "show", made["id"][-8:]))[1]
    assert "picture of scene 1: queued" in shown
    assert "#TidePools" in shown
    again = json.loads((await gator(settings, "reel", "redo", "picture", "--scene", "1", "--json"))[1])
    assert {one["name"] for one in again["steps"] if one["take"] == 2} == {"picture-1", "video", "thumbnail"}
    assert "There is no scene 30" in (await gator(settings, "reel", "redo", "picture", "--scene", "30"))[1]
    status, why = await gator(settings, "reel", "redo", "clip", "--scene", "1")
    assert (status, "No video model is configured" in why, "GATOR_CLIP_MODEL" in why) == (1, True, True), why
    wrong = (await gator(settings, "reel", "redo", "picture", "--scene", "99"))[1]
    assert "scene: must be less than or equal to 50." in wrong
    words = tmp_path / "words.txt"
    words.write_text("Look down.\n\nLook again.")
    spoken = json.loads((await gator(settings, "reel", "make", "sea", *told, "--text", str(words), "--json"))[1])
    assert [scene["say"] for scene in spoken["script"]["scenes"]] == ["Look down.", "Look again."]
