"""Clips, asked for in plain words where a video model is configured."""

from typing import Any

import pytest

from tests.agents.builtin.stage import Stage


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "make a 4 second clip of Nova waving, from her last picture",
            {"prompt": "Nova waving", "persona": "Nova", "length_s": 4.0, "start": "last"},
        ),
        ("generate a clip of a heron wading at dawn", {"prompt": "a heron wading at dawn"}),
        (
            "Please create a five-second vertical clip of Mira kneading dough",
            {"prompt": "Mira kneading dough", "persona": "Mira", "length_s": 5.0, "format": "9:16"},
        ),
        ("make a video of Nova dancing in the rain", {"prompt": "Nova dancing in the rain", "persona": "Nova"}),
        ("I want a clip where two cats chase a ball", {"prompt": "two cats chase a ball"}),
        ("animate the last picture", {"start": "last"}),
        (
            "animate the last picture of Nova so that she waves",
            {"prompt": "she waves", "persona": "Nova", "start": "last"},
        ),
    ],
)
def test_something_that_happens_is_made_by_the_video_model(said: str, asked: dict[str, Any]) -> None:
    calls, reply = Stage(clip_model="flow").say(said)

    assert calls == [("make_clip", asked)], reply


@pytest.mark.parametrize(
    "said",
    [
        "make a video of the last picture", "make a clip of the whales card", "make a ten second clip of both pictures",
        "make a video with the whales card and the voice-over",
    ],
)  # fmt: skip
def test_a_video_of_media_is_still_one(said: str) -> None:
    calls, reply = Stage(clip_model="flow").say(said)

    assert [name for name, _ in calls] == ["make_video"] or "only one picture" in reply, reply


@pytest.mark.parametrize("said", ["make a 4 second clip of Nova waving", "animate my last picture"])
def test_without_a_video_model_a_video_of_stills_is_offered(said: str) -> None:
    calls, reply = Stage(clip_model="").say(said)

    assert not calls
    assert "video model" in reply
    assert "make a video of the last picture" in reply


def test_a_clip_is_posted_as_a_video_is() -> None:
    calls, reply = Stage(clip_model="flow").say("make a clip of Nova waving and post it as Nova tomorrow at 9")

    assert [name for name, _ in calls] == ["make_clip", "schedule_post"], reply
    assert calls[1][1]["assets"] == ["asset-1"]


def test_a_picture_of_the_same_request_is_what_it_starts_from() -> None:
    stage = Stage(clip_model="flow", image_model="dream")
    calls, reply = stage.say("make a picture of Nova on the beach, then make a clip of Nova waving from that picture")

    assert [name for name, _ in calls] == ["make_picture", "make_clip"], reply
    assert calls[1][1]["start"] == "asset-1"
