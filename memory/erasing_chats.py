"""What was told of a fan stands in operators' chats on platforms, too: how does it go there?

Gator's own copy is emptied at once, and the outbox has the platform delete what it shows: in order, again after a failure.
The last row of each chat looks at what came of it (`bots.taking_back`): what could not be deleted is named there, and the
emptied rows go as well.
"""

from collections.abc import Sequence

from sqlalchemy import select

from gator.clock import now
from gator.ids import new_id
from memory.models import Conversation, Message, Outbound
from memory.work import Work

_MAY_STAND_THERE = ("sent", "sending", "unconfirmed")


async def take_back(work: Work, ids: Sequence[str]) -> list[str]:
    """Have platforms delete what they show of these messages; gives those of which something may stand there."""
    # Locked in the order in which a sender takes them; what is claimed just now is waited for.
    query = select(Outbound).where(Outbound.message_id.in_(ids), Outbound.state.in_(("pending", *_MAY_STAND_THERE)))
    query = query.order_by(Outbound.id).execution_options(populate_existing=True).with_for_update()
    rows = list(await work.session.scalars(query))
    for row in rows:
        if row.state == "pending":
            row.state, row.piece = "dropped", {"gone": True}
    shown = [row for row in rows if row.state in _MAY_STAND_THERE and not row.piece.get("changes")]
    shown = [row for row in shown if row.receipt != row.message_id]  # clients of our own read our rows
    for room in dict.fromkeys(row.conversation_id for row in shown):
        await _in_chat(work, room, [row for row in shown if row.conversation_id == room])
    await work.session.flush()
    return list(dict.fromkeys(row.message_id for row in shown))


async def _in_chat(work: Work, room: str, shown: Sequence[Outbound]) -> None:
    conversation = await work.session.get_one(Conversation, room)
    messages = {row.message_id: await work.session.get_one(Message, row.message_id) for row in shown}
    for message in messages.values():
        message.text, message.assets, message.meta = "", [], {"deleted": now().isoformat()}
    for row in shown:
        row.piece, row.error = _emptied(row), ""
        removal = {"text": "", "changes": row.id, "removes": True}
        key = f"forgets:{new_id()}"
        await work.outbox.put(conversation, messages[row.message_id], key, speaker="code", piece=removal)
    about, last = messages[shown[-1].message_id], {"forgotten": list(messages)}
    await work.outbox.put(conversation, about, f"forgot:{new_id()}", speaker="code", piece=last)


def _emptied(row: Outbound) -> dict[str, object]:
    """What a platform has to be told of it, and no more."""
    files = row.piece.get("files", len(row.piece.get("assets", ())))
    kept = {"parts": row.piece["parts"]} if "parts" in row.piece else {}
    return {"gone": True, "files": files, **kept}
