"""What can operators do from a chat with Gator, besides talking to it? See who waits, take over, note, hand back.

Who may answer whom is `bots.desk`'s business; while a fan is taken over, what the operator writes in that chat goes to them
(`bots.switchboard`).
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bots import inbox
from bots.desk import find_by_end
from bots.doorway import Seat
from bots.words import say
from gator.errors import GatorError

if TYPE_CHECKING:
    from bots.core import Core

MOST = 10  # conversations that /inbox shows: what a phone shows without scrolling
QUOTED = 80  # characters of the last message

Answer = Callable[["Core", Seat, str, str], Awaitable[str]]


async def obey(core: "Core", seat: Seat, name: str, argument: str, language: str) -> str:
    """Carry out the command; gives what is to be said about it, refusals too."""
    try:
        return await ANSWERS[name](core, seat, argument, language)
    except GatorError as no:
        return str(no)


async def _inbox(core: "Core", seat: Seat, _argument: str, language: str) -> str:
    async with core.store.open_work(seat.principal, reads=True) as work:
        entries = await inbox.entries(work, limit=MOST)
    return "\n".join(_line(one, language) for one in entries) or say("desk_empty", language)


def _line(one: inbox.Entry, language: str) -> str:
    text = " ".join(one.last.text.split())[:QUOTED] if one.last else ""
    kind = "desk_taken" if one.taken_by else "desk_wanted" if one.wanted else "desk_line"
    return say(kind, language, code=one.code, name=f"{one.fan} ({one.persona})", text=text, who=one.taken_by)


async def _take(core: "Core", seat: Seat, argument: str, language: str) -> str:
    async with core.store.open_work(seat.principal, reads=True) as work:
        fan = await find_by_end(work, argument)
        room = await work.conversations.get(seat.conversation.id)
        [entry] = await inbox.described(work, [fan])
    if room.notes.get("relays"):
        return say("desk_holds_one", language)
    await core.desk.take(seat.principal, fan.id, relay_to=room.id)
    return say("desk_took", language, name=f"{entry.fan} ({entry.persona})")


async def _back(core: "Core", seat: Seat, argument: str, language: str) -> str:
    fan = await _taken(core, seat)
    if not fan:
        return say("desk_nobody", language)
    await core.desk.hand_back(seat.principal, fan, argument)
    return say("desk_back", language)


async def _note(core: "Core", seat: Seat, argument: str, language: str) -> str:
    fan = await _taken(core, seat)
    if not fan:
        return say("desk_nobody", language)
    await core.desk.note(seat.principal, fan, argument)
    return say("desk_noted", language)


async def _suggest(core: "Core", seat: Seat, _argument: str, language: str) -> str:
    fan = await _taken(core, seat)
    return await core.desk.suggest(seat.principal, fan) if fan else say("desk_nobody", language)


async def _taken(core: "Core", seat: Seat) -> str:
    """Whom this chat answers at the moment; "" for nobody."""
    async with core.store.open_work(seat.principal, reads=True) as work:
        return str((await work.conversations.get(seat.conversation.id)).notes.get("relays") or "")


ANSWERS: dict[str, Answer] = {"inbox": _inbox, "take": _take, "back": _back, "note": _note, "suggest": _suggest}
