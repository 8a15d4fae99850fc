"""Each sentence that the README and the docs have people say, where there are cards, a reel and a recording but no model."""

import json
from typing import Any

import pytest

from tests.agents.builtin.stage import Stage, talks

CARDS: dict[str, Any] = {
    "media": [
        {"id": id, "kind": kind, "title": title, "state": "ready"}
        for id, kind, title in (
            ("v2", "video", "Tide pools"),
            ("t1", "picture", "Tide pools"),
            ("c2", "picture", "Low tide"),
            ("a3", "voice", "Good morning"),
            ("v1", "video", "Harbour walk"),
            ("a2", "voice", "Good morning"),
            ("a1", "voice", "Soft piano"),
            ("c1", "picture", "The sky keeps office hours"),
        )
    ],
    "reels": [{"id": "r1", "title": "Tide pools"}],
    "jobs": [{"id": "j1", "kind": "video.make", "state": "done", "title": "Tide pools"}],
    "posts": [],
}
TALKS = talks("documented")


@pytest.mark.parametrize("turns", [turns for _, turns in TALKS], ids=[turns[-1][0] for _, turns in TALKS])
def test_what_the_docs_say_can_be_said(turns: list[tuple[str, list[str]]]) -> None:
    stage = Stage(**CARDS)
    for said, expected in turns:
        calls, reply = stage.say(said)
        wanted = [line for line in expected if not line.startswith("= ")]
        assert [f"{name} {json.dumps(args, ensure_ascii=False)}" for name, args in calls] == wanted, reply
        for words in (line[2:] for line in expected if line.startswith("= ")):
            assert words in reply
