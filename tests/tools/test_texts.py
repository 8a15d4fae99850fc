"""Texts: the brief that a persona gets, and what comes back."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from gator.errors import NotFound, Refused, Unavailable
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Story
from tools.capability import Turn
from tools.texts import WriteText, write_text


class Persona:
    """Writes down what it was asked and answers the same."""

    def __init__(self, answer: str = " A heron, at last. ") -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.answer = answer

    async def __call__(self, persona_id: str, brief: str) -> str:
        self.asked.append((persona_id, orjson.loads(brief)))
        return self.answer


async def test_a_persona_gets_the_brief_and_writes(turn: Turn, fan: Principal) -> None:
    nova = Persona()

    told = await write_text(
        WriteText(persona="nova", about=" herons ", kind="caption"), replace(turn, ask_persona=nova)
    )

    assert (told.persona, told.kind, told.text) == ("Nova", "caption", "A heron, at last.")
    brief = {"kind": "caption", "about": "herons", "length": "short", "story": None}
    assert nova.asked == [(fan.persona, brief)]


async def test_a_story_goes_along_with_the_brief(turn: Turn, fan: Principal) -> None:
    async with turn.open_work() as work:
        feed = await work.feeds.add("https://news.example/feed", "News")
        story = Story(
            workspace=feed.workspace, feed_id=feed.id, guid="1", title="Herons", summary="Twelve.",
            published_at=datetime(2026, 11, 2, tzinfo=UTC),
        )  # fmt: skip
        await work.feeds.keep(feed, [story])
    nova = Persona()

    await write_text(WriteText(persona="Nova", about="", story=story.id), replace(turn, ask_persona=nova))

    assert nova.asked[0][1]["story"] == {"title": "Herons", "summary": "Twelve."}


async def test_what_cannot_be_written_is_said(turn: Turn, fan: Principal) -> None:
    asking = replace(turn, ask_persona=Persona())

    with pytest.raises(Unavailable, match="No persona can be asked"):
        await write_text(WriteText(persona="Nova", about="herons"), turn)
    with pytest.raises(NotFound, match="no persona called Zoe"):
        await write_text(WriteText(persona="Zoe", about="herons"), asking)
    with pytest.raises(NotFound, match="no story"):
        await write_text(WriteText(persona="Nova", about="herons", story=new_id()), asking)
    with pytest.raises(Refused, match="something to be about"):
        await write_text(WriteText(persona="Nova", about=" "), asking)
    with pytest.raises(Unavailable, match="wrote nothing"):
        await write_text(WriteText(persona="Nova", about="herons"), replace(turn, ask_persona=Persona(" ")))
