"""What waits for operators, over all channels? Conversations as the inbox lists them, and letters that did not arrive.

Every door shows the same rows: REST, the command line, operators' chats and the console. Who answers is `bots.desk`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gator.errors import Forbidden, Refused
from gator.ids import is_id
from gator.principal import Kind, Principal
from memory.models import Conversation, Handoff, Message, Outbound
from memory.repositories.handoffs import Place
from memory.store import Store
from memory.work import Work

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAY_ARRIVE_TWICE = "Nobody knows whether it arrived: sent again, it may arrive twice."


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation with all that its line in the inbox tells."""

    conversation: Conversation
    persona: str
    fan: str
    last: Message | None
    wanted: Handoff | None
    taken_by: str  # the operator's name

    @property
    def code(self) -> str:
        """The end of its id, by which chats and the command line name it."""
        return self.conversation.id[-8:]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was not sent, or about which nobody knows."""

    row: Outbound
    text: str
    persona: str
    fan: str

    @property
    def why(self) -> str:
        if self.row.state == "unconfirmed":
            return f"{MAY_ARRIVE_TWICE} {self.row.error}".strip()
        return self.row.error or "The platform refused it."


async def entries(
    work: Work, *, wanted: bool = False, taken_by: str = "", limit: int = 50, after: Place | None = None
) -> list[Entry]:
    """Those in which a person is asked for first, then by the last word."""
    rows = await work.handoffs.inbox(wanted=wanted, taken_by=taken_by or None, limit=limit, after=after)
    return await described(work, rows)


async def described(work: Work, rows: Sequence[Conversation]) -> list[Entry]:
    """These conversations with names and last words."""
    ids = [row.id for row in rows]
    personas = {one.id: one.name for one in await work.personas.all()}
    fans = await work.handoffs.fan_names([row.fan_id for row in rows if row.fan_id])
    operators = await work.handoffs.user_names([row.taken_by for row in rows if row.taken_by])
    last = await work.handoffs.last_messages(ids)
    why = await work.handoffs.why_wanted([row.id for row in rows if row.wanted_at])
    return [
        Entry(
            row,
            personas.get(row.persona_id or "", "Gator"),
            row.title or fans.get(row.fan_id or "", "") or "A fan",
            last.get(row.id),
            why.get(row.id),
            operators.get(row.taken_by or "", ""),
        )
        for row in rows
    ]


async def who_by(work: Work, actors: Sequence[str]) -> dict[str, str]:
    """Principals in words (`operator:ID`) by the names that people know."""
    ids = {actor: actor.partition(":")[2] for actor in actors}
    names = await work.handoffs.user_names(list(ids.values())) | await work.handoffs.fan_names(list(ids.values()))
    return {actor: names.get(id) or actor.partition(":")[0] for actor, id in ids.items()}


async def letters(work: Work, limit: int = 50, before: str | None = None) -> list[Letter]:
    """Dead letters with their words and whom they were for, newest first."""
    rows = await work.outbox.letters(limit, before)
    conversations = [await work.conversations.get(id) for id in dict.fromkeys(row.conversation_id for row in rows)]
    about = {one.conversation.id: one for one in await described(work, conversations)}
    return [await _letter(work, row, about[row.conversation_id]) for row in rows]


async def _letter(work: Work, row: Outbound, about: Entry) -> Letter:
    text = row.piece.get("text") or (await work.conversations.message(row.message_id)).text
    return Letter(row, text, about.persona, about.fan)


async def send_again(store: Store, principal: Principal, outbound_id: str) -> Letter:
    """Send a dead letter after all; the watch sends it within a second. Raises Conflict for what is none (any more)."""
    return await _settle(store, principal, outbound_id, again=True)


async def give_up(store: Store, principal: Principal, outbound_id: str) -> Letter:
    """Never send it. Raises Conflict."""
    return await _settle(store, principal, outbound_id, again=False)


async def _settle(store: Store, principal: Principal, outbound_id: str, *, again: bool) -> Letter:
    if principal.kind not in (Kind.operator, Kind.admin):
        raise Forbidden("Only operators look after dead letters.")
    async with store.open_work(principal) as work:
        was = (await work.outbox.get(outbound_id)).state
        row = await (work.outbox.retry(outbound_id) if again else work.outbox.drop(outbound_id))
        await work.audit.note("letter.retry" if again else "letter.drop", row.id, state=was)
        [about] = await described(work, [await work.conversations.get(row.conversation_id)])
        return await _letter(work, row, about)


# Cursors


def cursor_of(row: Conversation) -> str:
    """Where the page after this row begins, as an address carries it."""
    place = Place.of(row)
    micros = (place.last_at - _EPOCH) // timedelta(microseconds=1)  # exact, as a float of seconds would not be
    return f"{'w' if place.wanted else 'o'}{micros:x}.{place.id}"


def place_of(cursor: str) -> Place:
    """Raises Refused for a cursor that is none of ours."""
    at, _, id = cursor[1:].partition(".")
    try:
        when = _EPOCH + timedelta(microseconds=int(at, 16))
    except (ValueError, OverflowError) as wrong:
        raise Refused("That is no cursor of the inbox.", remedy="Take `next` of the page before.") from wrong
    if cursor[:1] not in ("w", "o") or not is_id(id):
        raise Refused("That is no cursor of the inbox.", remedy="Take `next` of the page before.")
    return Place(cursor.startswith("w"), when, id)
