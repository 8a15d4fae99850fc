"""How does `gator chat --once` end where no answer comes? With a line that says so, and with 1 where none ever will."""

import asyncio
from typing import Any

import pytest

from gator.cli import chat
from gator.cli.client import Line
from gator.cli.screen import Screen
from gator.ids import new_id
from gator.principal import Principal
from memory.store import Store

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def line(store: Store, fan: Principal) -> Line:
    async with store.open_work(fan) as work:
        room = await work.conversations.meet("web", "", "1", persona_id=fan.persona, fan_id=fan.subject)
    return Line(None, fan, room.id, "Nova", store)  # type: ignore[arg-type]  # nothing is sent here


async def _said(line: Line, store: Store, operator: Principal, state: str, **meta: Any) -> str:
    """A message of the fan's in that state; with meta, what was answered to it."""
    async with store.open_work(operator) as work:
        about = {"conversation_id": line.conversation, "principal": line.who.as_data(), "text": "hello", "state": state}
        id = await work.journal.take_in("web", "", new_id(), **about)  # type: ignore[arg-type]
        assert id
        await work.conversations.say(line.conversation, "fan", "hello", id=id)
        if meta:
            await work.conversations.say(line.conversation, "notice", "…", meta={"answers": [id], **meta})
    return id


async def _waited(line: Line, id: str, monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setattr(chat, "LOOK_S", 0.01)
    screen = Screen(line, as_json=False)
    screen.accepted = id
    reader = asyncio.create_task(asyncio.Event().wait())
    async with asyncio.timeout(10):
        await chat._answered(screen, reader)  # type: ignore[arg-type]
    reader.cancel()
    return screen


async def test_a_message_whose_persona_was_removed_is_not_waited_for(
    line: Line, store: Store, operator: Principal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    id = await _said(line, store, operator, "dropped")
    assert (await _waited(line, id, monkeypatch)).failed
    assert capsys.readouterr().out == "! The message was taken back, so nothing answers it.\n"
    async with store.open_work(operator) as work:
        await work.personas.remove(await work.personas.get(str(line.who.persona)), author="tests")
    assert (await _waited(line, id, monkeypatch)).failed
    assert capsys.readouterr().out == "! Nova is not there any more, so nothing answers it.\n"


async def test_who_waits_for_a_person_has_not_failed(
    line: Line, store: Store, operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not (await _waited(line, await _said(line, store, operator, "held"), monkeypatch)).failed


@pytest.mark.parametrize(
    ("state", "meta", "nothing"),
    [
        ("answered", {"care": "away"}, True),
        ("answered", {"care": "crisis"}, False),
        ("answered", {"changed": []}, False),
        ("dropped", {"changed": []}, True),
    ],
)
async def test_a_notice_that_nothing_answers_is_no_answer(
    line: Line, store: Store, operator: Principal, state: str, meta: dict[str, Any], nothing: bool
) -> None:
    assert await line.unanswered(await _said(line, store, operator, state, **meta)) is nothing
