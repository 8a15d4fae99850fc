"""Whole conversations: what an operator says, and exactly the calls that follow, with results handed back in between."""

import json

import pytest

from tests.agents.builtin.stage import Stage, talks

FILES = (
    "personas",
    "media",
    "texts",
    "feeds",
    "posts",
    "lookups",
    "several",
    "turns",
    "nothing",
    "any_order",
    "doubts",
)
ALL = [(f"{name}: {title}", turns) for name in FILES for title, turns in talks(name)]


@pytest.mark.parametrize(("title", "turns"), ALL, ids=[title for title, _ in ALL])
def test_what_is_said_leads_to_exactly_these_calls(title: str, turns: list[tuple[str, list[str]]]) -> None:
    stage = Stage()
    for said, expected in turns:
        calls, reply = stage.say(said)
        wanted = [line for line in expected if not line.startswith("= ")]
        assert [f"{name} {json.dumps(args, ensure_ascii=False)}" for name, args in calls] == wanted
        for words in (line[2:] for line in expected if line.startswith("= ")):
            assert words in reply


def test_the_conversations_are_many() -> None:
    assert len(ALL) >= 250
