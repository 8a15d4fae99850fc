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
    ("said", "asked"),
    [
        (
            "Mach einen 4 Sekunden langen Clip von Nova, wie sie winkt, aus ihrem letzten Bild",
            {"prompt": "Nova, wie sie winkt", "persona": "Nova", "length_s": 4.0, "start": "last"},
        ),
        (
            "erzeuge einen Clip von einem Reiher, der durchs Wasser watet",
            {"prompt": "einem Reiher, der durchs Wasser watet"},
        ),
        (
            "Kannst du einen fünfsekündigen Clip im Hochformat von Mira beim Teigkneten machen?",
            {"prompt": "Mira beim Teigkneten", "persona": "Mira", "length_s": 5.0, "format": "9:16"},
        ),
        (
            "dreh ein Video von Nova, wie sie im Regen tanzt",
            {"prompt": "Nova, wie sie im Regen tanzt", "persona": "Nova"},
        ),
        ("Animiere das letzte Bild", {"start": "last"}),
        (
            "Animiere das letzte Bild von Nova, sodass sie winkt",
            {"prompt": "sie winkt", "persona": "Nova", "start": "last"},
        ),
    ],
)
def test_a_clip_may_be_asked_for_in_german(said: str, asked: dict[str, Any]) -> None:
    calls, reply = Stage(clip_model="flow").say(said)

    assert calls == [("make_clip", asked)], reply


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("again with another seed", {"again": "last", "other_seed": True}),
        ("make that clip once more, but slower", {"again": "last", "but": "slower"}),
        ("again, but 6 seconds long", {"again": "last", "length_s": 6.0}),
        ("the same clip again but vertical", {"again": "last", "format": "9:16"}),
        ("noch mal, aber im Schnee", {"again": "last", "but": "im Schnee"}),
        ("Mach den Clip nochmal, aber 6 Sekunden lang", {"again": "last", "length_s": 6.0}),
        ("eine andere Variante mit neuem Seed", {"again": "last", "other_seed": True}),
    ],
)
def test_the_last_clip_is_made_again_with_only_what_is_said_changed(said: str, asked: dict[str, Any]) -> None:
    stage = Stage(clip_model="flow", image_model="dream")
    stage.say("make a clip of Nova waving")

    calls, reply = stage.say(said)

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


@pytest.mark.parametrize(
    "said",
    [
        "make a clip of Nova walking on the beach at sunset",
        "make a clip of two cats on the beach at sunset",
        "dreh ein Video von Nova, wie sie lacht",
    ],
)
def test_a_scene_may_share_words_with_what_is_there(said: str) -> None:
    there = [("picture", "Nova on the beach at sunset"), ("video", "Nova, wie sie winkt")]
    media = [{"id": title, "kind": kind, "title": title, "state": "ready"} for kind, title in there]

    calls, reply = Stage(clip_model="flow", media=media).say(said)

    assert [name for name, _ in calls] == ["make_clip"], reply


def test_a_title_alone_names_what_is_there() -> None:
    media = [{"id": "m1", "kind": "picture", "title": "Harbour greeting", "state": "ready"}]

    calls, reply = Stage(clip_model="flow", media=media).say("make a clip of the harbour greeting")

    assert [name for name, _ in calls] == ["make_video"], reply


@pytest.mark.parametrize("said", ["make a 4 second clip of Nova waving", "animate my last picture"])
def test_without_a_video_model_a_video_of_stills_is_offered(said: str) -> None:
    calls, reply = Stage(clip_model="").say(said)

    assert [name for name, _ in calls] == ["make_clip"]
    assert "Set GATOR_CLIP_MODEL" in reply
    assert "A video of still pictures" in reply


def test_a_clip_is_posted_as_a_video_is() -> None:
    calls, reply = Stage(clip_model="flow").say("make a clip of Nova waving and post it as Nova tomorrow at 9")

    assert [name for name, _ in calls] == ["make_clip", "schedule_post"], reply
    assert calls[1][1]["assets"] == ["asset-1"]


def test_a_picture_of_the_same_request_is_what_it_starts_from() -> None:
    stage = Stage(clip_model="flow", image_model="dream")
    calls, reply = stage.say("make a picture of Nova on the beach, then make a clip of Nova waving from that picture")

    assert [name for name, _ in calls] == ["make_picture", "make_clip"], reply
    assert calls[1][1]["start"] == "asset-1"
