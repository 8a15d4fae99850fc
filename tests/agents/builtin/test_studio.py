"""What operators say of pictures, clips, videos, voices and reels, as they type it, and exactly the calls that follow."""

import json
from typing import Any

import pytest

from tests.agents.builtin.stage import Stage, talks

STUDIO: dict[str, Any] = {
    "image_model": "dream",
    "clip_model": "wan",
    "media": [
        {"id": id, "kind": kind, "title": title, "state": "ready"}
        for id, kind, title in (
            ("v2", "video", "Harbour walk"),
            ("p3", "picture", "Nova at the pier"),
            ("a2", "voice", "Welcome"),
            ("p2", "picture", "Nova in the kitchen"),
            ("v1", "video", "Whales"),
            ("a1", "voice", "Soft piano"),
            ("p1", "picture", "Lighthouse at dusk"),
        )
    ],
    "reels": [{"id": "r2", "title": "Tide pools"}, {"id": "r1", "title": "Bees"}],
    "jobs": [
        {"id": "j4", "kind": "video.make", "state": "running", "title": "Harbour walk"},
        {"id": "j3", "kind": "picture.make", "state": "queued", "title": "Lighthouse"},
        {"id": "j2", "kind": "voice.speak", "state": "failed", "title": "Welcome"},
        {"id": "j1", "kind": "video.clip", "state": "paused", "title": "Paper boat"},
    ],
}
TALKS = talks("studio")


@pytest.mark.parametrize("turns", [turns for _, turns in TALKS], ids=[turns[-1][0] for _, turns in TALKS])
def test_what_is_said_in_the_studio_leads_to_exactly_these_calls(turns: list[tuple[str, list[str]]]) -> None:
    stage = Stage(**STUDIO)
    for said, expected in turns:
        calls, reply = stage.say(said)
        if expected:
            wanted = [line for line in expected if not line.startswith("= ")]
            assert [f"{name} {json.dumps(args, ensure_ascii=False)}" for name, args in calls] == wanted, reply
        for words in (line[2:] for line in expected if line.startswith("= ")):
            assert words in reply


def test_what_can_be_done_is_told_in_german_with_examples_that_are_understood() -> None:
    _, reply = Stage(**STUDIO).say("Was kannst du alles?")
    examples = [line.partition(" Sag: ")[2] for line in reply.splitlines() if line.startswith("•")]

    assert len(examples) >= 10
    for example in examples:
        stage = Stage(**STUDIO)
        if "nochmal" in example:
            stage.say("Mach ein Bild von Nova am Hafen")
        calls, answer = stage.say(example)
        assert calls, (example, answer)


def test_a_script_is_written_with_its_reel_and_a_post_about_one_is_a_post() -> None:
    calls, reply = Stage(**STUDIO).say("write a script as Nova about bees")

    assert not calls
    assert "A script is written with its reel" in reply
    assert Stage(**STUDIO).say("write a post about the movie script as Nova")[0][0][0] == "write_text"


def test_no_title_of_what_a_message_made_changes_how_it_is_read_again() -> None:
    stage = Stage(**STUDIO)
    stage.say("draw a card that says 'Low tide'")

    assert stage.say("again")[0] == [("draw_card", {"text": "Low tide"})]


@pytest.mark.parametrize("word", ["version", "time", "dear", "hmm", "uh", "starting"])
def test_a_word_said_over_and_over_is_read_in_one_way_only(word: str) -> None:
    stage = Stage(**STUDIO)
    stage.say("make a picture of a fox")

    calls, reply = stage.say(f"{word} " * 60 + "fnord")  # in all ways it would take longer than anybody lives

    assert not calls
    assert reply
