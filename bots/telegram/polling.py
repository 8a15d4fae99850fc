"""How do updates come in by polling? Fetched in batches; the offset moves on only after all of a batch is in the journal.

Telegram keeps what was not confirmed for 24 hours, so a gap is caught up in order. Pending updates are never dropped.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from bots.telegram.attending import Attendant
from bots.telegram.failing import ours
from bots.telegram.line import Line
from bots.telegram.receiving import KINDS
from gator.clock import now
from gator.errors import Unavailable

log = structlog.get_logger()

AWAY = (OperationalError, InterfaceError, NoConnection, Unavailable)  # it can be kept later: nothing is wrong with it
TRIES = 3  # of an update that breaks something of ours; then it is dropped, so that the others come in
FAILURES = 3  # polls in a row without an answer, before the account is given back to whoever keeps it running
_PAUSE_S = 0.5
_AT_ONCE = 8  # chats of a batch that are attended to at the same time
# After a week of silence Telegram numbers updates anew (https://core.telegram.org/bots/api#update), maybe below ours.
_OFFSET_LIVES = timedelta(days=6)

Sleep = Callable[[float], Awaitable[None]]


async def poll(line: Line, *, sleep: Sleep = asyncio.sleep) -> None:
    """Take in updates until cancelled. Raises Refused for a revoked token, Unavailable when Telegram is away."""
    with ours(repeatable=True):
        await line.bot.delete_webhook()  # polling is refused while there is one; what it has not delivered, we get
    attendant, cursor, failed = Attendant(line), await _cursor(line), 0
    while True:
        try:
            with ours(repeatable=True):
                updates = await line.bot.raw_updates(read_cursor(cursor, now()), KINDS)
            failed = 0
        except Unavailable as away:
            failed += 1
            if failed >= FAILURES:
                raise
            await sleep(away.retry_after_s or _PAUSE_S * 2**failed)
            continue
        if updates:
            cursor = await _take_in(line, attendant, updates, cursor, sleep)


async def _cursor(line: Line) -> str:
    async with line.core.store.open_work(line.worker, reads=True) as work:
        return (await work.accounts.get(line.account.id)).cursor


async def _take_in(line: Line, attendant: Attendant, updates: list[Any], cursor: str, sleep: Sleep) -> str:
    """Have the batch in the journal, then remember how far we are; tried until the store takes it."""
    pause_s = _PAUSE_S
    while True:
        try:
            await attend_all(attendant, updates)
            moved = write_cursor(updates, cursor, now())
            async with line.core.store.open_work(line.worker) as work:
                await work.accounts.move_on(line.account.id, line.account.lease_owner or "", moved)
        except AWAY as away:
            log.warning("updates_wait", account=line.account.id, error=type(away).__name__)
            await sleep(pause_s)
            pause_s = min(2 * pause_s, 30.0)
        else:
            return moved


async def attend_all(attendant: Attendant, updates: list[Any]) -> None:
    """Attend to a batch: each chat's updates in their order, several chats at once."""
    chats: dict[Any, list[Any]] = defaultdict(list)
    for update in updates:
        chats[_chat(update)].append(update)
    places = asyncio.Semaphore(_AT_ONCE)
    # Not a task group: an error in one chat must not cut off another in the middle of a transaction.
    waiting = [_attend_in_turn(attendant, chat, places) for chat in chats.values()]
    for error in await asyncio.gather(*waiting, return_exceptions=True):
        if isinstance(error, BaseException):
            raise error


async def _attend_in_turn(attendant: Attendant, updates: list[Any], places: asyncio.Semaphore) -> None:
    async with places:
        for update in updates:
            await attend_one(attendant, update)


async def attend_one(attendant: Attendant, update: Any) -> None:
    """Attend to an update. Raises one of AWAY while it cannot be kept; one that breaks us is dropped after some tries."""
    for attempt in range(1, TRIES + 1):
        try:
            await attendant.attend(update)
        except AWAY:
            raise
        except Exception:
            log.exception("update_broke", attempt=attempt, dropped=attempt == TRIES)
        else:
            return


def _chat(update: Any) -> Any:
    """Which chat it is of; those of no chat are one lane."""
    for body in update.values() if isinstance(update, dict) else ():
        if isinstance(body, dict):
            inner = body.get("message") if "chat" not in body else body
            chat = inner.get("chat") if isinstance(inner, dict) else None
            return chat.get("id") if isinstance(chat, dict) else None
    return None


def read_cursor(cursor: str, at: datetime) -> int | None:
    """The next update's number; None (all there are) where it may have been given up by Telegram's own counting."""
    number, _, written = cursor.partition("@")
    try:
        fresh = at - datetime.fromisoformat(written) < _OFFSET_LIVES
        return int(number) if fresh else None
    except ValueError:
        return None


def write_cursor(updates: list[Any], cursor: str, at: datetime) -> str:
    """The number after the highest of these, and when."""
    numbers = [update.get("update_id") for update in updates if isinstance(update, dict)]
    known = [number for number in numbers if isinstance(number, int)]
    return f"{max(known) + 1}@{at.isoformat(timespec='seconds')}" if known else cursor
