"""Pictures of scenes, asked for in plain words where an image model is configured."""

from typing import Any

import pytest

from tests.agents.builtin.stage import Stage


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "make a picture of Nova on the beach at sunset, portrait",
            {"prompt": "Nova on the beach at sunset", "persona": "Nova", "format": "portrait"},
        ),
        ("Generate an image of a heron at dawn", {"prompt": "a heron at dawn"}),
        ("paint a picture showing two cats on a roof please", {"prompt": "two cats on a roof"}),
        ("a selfie of Nova in the rain", {"prompt": "Nova in the rain", "persona": "Nova"}),
        ("draw a realistic landscape picture of the old harbour", {"prompt": "the old harbour", "format": "landscape"}),
        ("make it again with another seed", {"again": "last", "other_seed": True}),
        ("make it again with the same seed", {"again": "last"}),
    ],
)
def test_a_scene_is_made_by_the_image_model(said: str, asked: dict[str, Any]) -> None:
    calls, reply = Stage(image_model="dream").say(said)

    assert calls == [("make_picture", asked)], reply


@pytest.mark.parametrize(
    "said", ['make a picture that says "Good morning"', "draw a quote card of the words Less is more", "a card: Hello"]
)
def test_words_are_still_a_card(said: str) -> None:
    calls, _ = Stage(image_model="dream").say(said)

    assert [name for name, _ in calls] == ["draw_card"]


def test_without_an_image_model_a_card_is_offered() -> None:
    calls, reply = Stage(image_model="").say("make a picture of a heron at dawn")

    assert not calls
    assert "image model" in reply
    assert "card" in reply


def test_a_made_picture_is_posted_as_a_card_is() -> None:
    calls, _ = Stage(image_model="dream").say("make a picture of a heron at dawn and post it as Nova tomorrow at 9")

    assert [name for name, _ in calls] == ["make_picture", "schedule_post"]
    assert calls[1][1]["assets"] == ["asset-1"]
