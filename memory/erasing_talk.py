"""What was said between a persona and a fan, in every table: how is it taken out, whole or a message at a time?

Facts and what else a vault holds are taken out by the vault itself (`memory.vault.forgetting`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, or_, select, update

from gator.clock import now
from gator.errors import NotFound
from memory import erasing_chats, erasing_files, erasing_waiting
from memory.erasing_names import forget_names
from memory.models import (
    Approval,
    Conversation,
    Handoff,
    Inbound,
    Job,
    LoreState,
    Message,
    Outbound,
    Spend,
    TurnRow,
)  # fmt: skip
from memory.summaries import forget_line
from memory.vault import VaultKey
from memory.work import Work

ABOUT_MEMORY = "memory"  # the mark in the meta of what code told a fan about their memory
# Notes of a conversation that hold no word of the fan's. Who has had their day's share has had it.
_STAYS = ("relay_to", "language_chosen", "rests")
SHOWN = 300  # messages that screens are told of: what a client has before it asks for more
_SNIPPET = 40  # characters of a message by which a summary of it is known
_END = r"(?!\w)"  # of a word
_SHORTEST_QUOTE = 12  # characters from which words are known to be a quote: of "ok", only the message's id tells


@dataclass(slots=True)
class Gone:
    """What went: how much of each, and what is to be done about it after the commit."""

    counts: dict[str, int] = field(default_factory=dict)
    rooms: list[str] = field(default_factory=list)  # conversations
    messages: list[tuple[str, str]] = field(default_factory=list)  # conversation and id of what was shown there
    freed: list[str] = field(default_factory=list)  # hashes of bytes that no row names any more
    turns: list[str] = field(default_factory=list)  # operators' turns whose checkpoints are to go
    reworded: list[Message] = field(default_factory=list)  # of Gator to operators: they name the fan no more

    def count(self, what: str, more: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + more


async def hold(work: Work, key: VaultKey, fans: Sequence[str]) -> None:
    """Nobody else changes the conversations between the persona and these fans before the transaction ends."""
    rooms = select(Conversation.id).where(*_between(key, fans)).order_by(Conversation.id)
    await work.session.execute(rooms.with_for_update(key_share=True))


def _between(key: VaultKey, fans: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    theirs = or_(Conversation.fan_id.in_(fans), Conversation.met_as.in_(fans))
    return Conversation.workspace == key.workspace, Conversation.persona_id == key.persona, theirs


async def rooms_of(work: Work, key: VaultKey, fans: Sequence[str]) -> list[str]:
    """Ids of the conversations between the persona and these fans, held until the transaction ends.

    Their fence grows: what is being answered there with the old memory is not said any more.
    """
    await hold(work, key, fans)
    held = await work.session.execute(
        update(Conversation)
        .where(*_between(key, fans))
        .values(fence=Conversation.fence + 1, lease_owner=None, lease_until=None)
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    rooms = sorted(held.scalars())
    waits = Outbound.conversation_id.in_(rooms), Outbound.state.in_(("pending", "sending"))
    unsent = select(Outbound.id).where(*waits).order_by(Outbound.id)  # in the order in which a sender takes them
    await work.session.execute(unsent.with_for_update())
    return rooms


async def erase_all(work: Work, key: VaultKey, fans: Sequence[str], rooms: Sequence[str], gone: Gone) -> None:
    """Every message, file, summary, note and trace of these conversations. They may go on as new."""
    files = await erasing_files.of_fan(work, key, fans, rooms)
    await _erase_copies(work, [cast(Message.meta, String).contains(room) for room in rooms], gone)
    here = [table.conversation_id.in_(rooms) for table in (Approval, Handoff, Job, LoreState, Outbound, TurnRow)]
    for table, where in zip((Approval, Handoff, Job, LoreState, Outbound, TurnRow), here, strict=True):
        await _delete(work, table, where)
    said = (Message.id, Message.conversation_id)
    went = await work.session.execute(delete(Message).where(Message.conversation_id.in_(rooms)).returning(*said))
    shown = sorted((id, room) for id, room in went)
    gone.count("messages", len(shown))
    gone.messages += [(room, id) for id, room in shown[-SHOWN:]]
    await work.session.execute(
        update(Inbound)
        .where(Inbound.conversation_id.in_(rooms))
        .values(text="", attachments=[], turn_id=None, state="dropped")
    )
    removed, gone.freed = await erasing_files.remove(work, files)
    gone.count("files", removed)
    await _reset(work, rooms)
    await _forget_spending(work, key, fans)
    reworded, turns = await forget_names(work, fans, rooms)
    gone.reworded += reworded
    gone.turns += turns
    gone.rooms = list(rooms)


async def erase_messages(work: Work, ids: Sequence[str], gone: Gone) -> None:
    """Empty these messages, with what came with them, quotes of them and copies; the rows say that they were taken back."""
    for id in ids:
        message = await work.conversations.message(id)
        gone.freed += await work.assets.retire(message.assets, id)
        told = {name: message.meta[name] for name in ("answers",) if name in message.meta}
        words, message.text, message.assets = message.text, "", []
        message.meta = {**told, "deleted": now().isoformat(), "wrote": "", "attached": []}
        await work.session.flush()
        await _empty(work, id)
        await forget_line(work, message.conversation_id, id)
        await _forget_quotes(work, message.conversation_id, words)
        gone.messages.append((message.conversation_id, id))
    await _erase_copies(work, [cast(Message.meta, String).contains(id) for id in ids], gone)
    gone.count("messages", len(ids))


async def forget_what_was_told(work: Work, key: VaultKey, gone: Gone) -> None:
    """What code told the fan of their memory goes with every part of it: lists, reasons, exports."""
    told = Message.conversation_id.in_(key.conversations()), Message.meta[ABOUT_MEMORY].as_boolean().is_(True)
    exports = await work.session.scalars(select(Message.assets).where(*told))
    files = (await work.assets.by_ids([id for assets in exports for id in assets])).values()
    await _delete(work, Message, *told)
    gone.freed += (await erasing_files.remove(work, list(files)))[1]


async def exchange_of(work: Work, key: VaultKey, message_id: str, *, whole: bool) -> list[str]:
    """The message and what was answered to it; with `whole`, also what was answered together with it.

    Raises NotFound for a message that was not said between the two.
    """
    between = Message.conversation_id.in_(key.conversations())
    message = await work.session.scalar(select(Message).where(between, Message.id == message_id))
    if message is None:
        raise NotFound(f"There is no message {message_id} here.")
    turn = await work.session.scalar(select(Inbound.turn_id).where(Inbound.id == message_id)) or message.turn_id
    if turn is None:
        return [message_id]
    replies = await work.session.scalars(select(Message.id).where(between, Message.turn_id == turn))
    asked = await work.session.scalars(select(Inbound.id).where(Inbound.turn_id == turn))
    return sorted({message_id, *replies, *(asked if whole else ())})


async def last_said(work: Work, conversation_id: str) -> Message | None:
    """The newest message of the fan's that still has something in it."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.author == "fan")
    newest = await work.session.scalars(query.order_by(Message.id.desc()).limit(20))
    return next((one for one in newest if not one.meta.get("deleted")), None)


async def between(work: Work, conversation_id: str, first: str, last: str) -> list[str]:
    """Ids of the messages from one to another."""
    query = select(Message.id).where(Message.conversation_id == conversation_id, Message.id.between(first, last))
    return list(await work.session.scalars(query.order_by(Message.id)))


# Copies in operators' chats: what the desk relayed there, quoted in a list, or had written for the fan


async def _erase_copies(work: Work, which: Sequence[ColumnElement[bool]], gone: Gone) -> None:
    """Delete what stands in operators' chats, and close what waits there for a yes with it in mind."""
    if not which:
        return
    of_operators = select(Conversation.id).where(
        Conversation.workspace == work.principal.workspace, Conversation.user_id.is_not(None)
    )
    query = select(Message.id, Message.conversation_id).where(Message.conversation_id.in_(of_operators), or_(*which))
    copies = (await work.session.execute(query)).all()
    if not copies:
        return
    ids, rooms = [row[0] for row in copies], sorted({row[1] for row in copies})
    gone.turns += await _close_what_waits(work, rooms, min(ids))
    gone.messages += [(room, id) for id, room in copies]
    shown = await erasing_chats.take_back(work, ids)
    await _delete(work, Message, Message.id.in_(ids), Message.id.not_in(shown))
    await work.session.execute(update(Inbound).where(Inbound.id.in_(ids)).values(text="", attachments=[]))
    gone.count("copies", len(ids))


async def _close_what_waits(work: Work, rooms: Sequence[str], since: str) -> list[str]:
    """The turns of operators that wait with the copies in their window: given up, their questions emptied."""
    waiting = TurnRow.conversation_id.in_(rooms), TurnRow.state == "waiting", TurnRow.id > since
    turns = list(await work.session.scalars(select(TurnRow.id).where(*waiting)))
    await erasing_waiting.close_turns(work, turns)
    return turns


# Rows


async def _delete(work: Work, table: Any, *where: ColumnElement[bool]) -> int:
    query = delete(table).where(*where).execution_options(synchronize_session=False)
    return int((await work.session.execute(query)).rowcount)  # type: ignore[attr-defined]


async def _empty(work: Work, message_id: str) -> None:
    """What lies in the journal and in the outbox of that message; what waits there is not answered, or sent, any more."""
    mine = Inbound.id == message_id
    await work.session.execute(update(Inbound).where(mine).values(text="", attachments=[]))
    await work.session.execute(update(Inbound).where(mine, Inbound.state == "open").values(state="dropped"))
    pieces = Outbound.message_id == message_id
    await work.session.execute(update(Outbound).where(pieces).values(piece={"text": ""}, error=""))
    await work.session.execute(update(Outbound).where(pieces, Outbound.state == "pending").values(state="dropped"))


async def _forget_quotes(work: Work, conversation_id: str, words: str) -> None:
    """A note, or a handoff's summary, that quotes the message goes whole, and so does such a line of the conversation's."""
    quote = _quote(words)
    if quote is None:
        return
    for row in await work.session.scalars(select(Handoff).where(Handoff.conversation_id == conversation_id)):
        if quote.search(row.text):
            row.text = ""
    await work.session.flush()
    room = await work.conversations.hold(conversation_id)
    noted = room.notes.get("summary", [])
    lines = zip(noted, room.summary.split("\n"), strict=True) if noted else []
    for (id, _), line in list(lines):
        if quote.search(line):
            await forget_line(work, conversation_id, id)
    await work.session.refresh(room)


def _quote(words: str) -> re.Pattern[str] | None:
    """What finds the message's beginning where somebody wrote it down; None for what anybody may have said."""
    line = " ".join(words.split())
    if len(line) < _SHORTEST_QUOTE:
        return None
    start = line[:_SNIPPET]
    if (line + " ")[len(start)] != " " and start.rfind(" ") >= _SHORTEST_QUOTE:
        start = start.rpartition(" ")[0]
    cut = (line + " ")[len(start)] != " "  # within a word: of a language without blanks, or of an address
    found = r"\s+".join(map(re.escape, start.split()))
    return re.compile(rf"(?<!\w){found}{'' if cut else _END}", re.IGNORECASE)


async def _reset(work: Work, rooms: Sequence[str]) -> None:
    for room in await work.session.scalars(select(Conversation).where(Conversation.id.in_(rooms))):
        room.summary, room.summary_upto, room.title = "", None, ""
        room.notice_at = None  # and the notice comes again (L1)
        room.notes = {name: value for name, value in room.notes.items() if name in _STAYS}
    await work.session.flush()


async def _forget_spending(work: Work, key: VaultKey, fans: Sequence[str]) -> None:
    """What it cost stays, for whom does not."""
    whose = Spend.workspace == key.workspace, Spend.fan_id.in_(fans), Spend.persona_id == key.persona
    await work.session.execute(update(Spend).where(*whose).values(fan_id=None, turn_id=None))
