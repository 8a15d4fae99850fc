"""What the Gator agent is told of media before it is asked: the newest, and what an operator has called by its title."""

from dataclasses import replace
from typing import Any

from agents.briefing import brief
from memory.models import Asset
from memory.work import Work
from tools.capability import Turn


async def _add(work: Work, title: str, kind: str = "video", **fields: Any) -> str:
    row = Asset(workspace=work.principal.workspace, kind=kind, title=title, **{"state": "ready", **fields})
    work.session.add(row)
    await work.session.flush()
    return row.id


async def _told(turn: Turn, said: str) -> list[dict[str, Any]]:
    async with turn.open_work() as work:
        room = await work.conversations.meet("web", "", "gator", user_id=turn.principal.subject)
        await work.conversations.say(room.id, "operator", said)
    system = await brief(replace(turn, conversation=room.id), told=True)
    return list(system.additional_kwargs["context"]["media"])


async def test_what_is_called_by_its_title_is_known_however_old_it_is(turn: Turn) -> None:
    async with turn.open_work() as work:
        whales = await _add(work, "Über Wale")
        foreign = await _add(work, "Wale", origin="fan")
        newest = [await _add(work, "Tide pools") for _ in range(12)][::-1]

    told = [row["id"] for row in await _told(turn, "post the tide pools video, then the über wale video")]

    assert told[:10] == newest[:10]
    assert whales in told
    assert foreign not in told


async def test_nothing_old_is_told_where_no_title_is_said(turn: Turn) -> None:
    async with turn.open_work() as work:
        await _add(work, "The last Wale")
        newest = [await _add(work, "Tide pools") for _ in range(10)][::-1]

    assert [row["id"] for row in await _told(turn, "post the last video tomorrow")] == newest


async def test_what_was_cancelled_or_failed_is_no_last_video(turn: Turn) -> None:
    async with turn.open_work() as work:
        ready = await _add(work, "Bees")
        await _add(work, "Bees", state="failed")

    assert [row["id"] for row in await _told(turn, "post the bees video")] == [ready]
