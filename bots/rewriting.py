"""What if a message changes that waits to be sent, or was? Its pieces in the outbox read as it does now.

What waits is reworded where it lies. What was sent is changed in its chat by a row of the outbox, too: in order, by one
sender, again after a failure. Where the platform takes no change (any more), something is said instead.
"""

from dataclasses import asdict, dataclass
from typing import Any

from bots.channel import Channel, Outbound, Piece
from bots.pieces import pieces_of
from gator.ids import new_id
from memory import models
from memory.work import Work


@dataclass(frozen=True, slots=True)
class Instead:
    """What is said in which conversation where a platform refuses the change; once for the key."""

    room: str
    text: str
    key: str
    meta: dict[str, Any]


async def rewrite(
    work: Work,
    channel: Channel | None,
    conversation: models.Conversation,
    message: models.Message,
    instead: Instead | None = None,
) -> None:
    """Have the message's pieces read as it does now; one without text and files is taken away.

    What clients of our own show is the row. What has become longer than its pieces goes on at the end of the chat.
    """
    if channel is None or channel.reads_rows:
        return
    empty = not message.text and not message.assets
    wanted = [] if empty else [piece for piece, _ in await pieces_of(work, channel, message, (), ())]
    there = [row for row in await work.outbox.pieces_of(message.id) if not row.piece.get("gone")]
    for row in there:
        same = next((piece for piece in wanted if piece.assets == row.piece.get("assets", [])), None)
        if same:
            wanted.remove(same)
        await _become(work, conversation, message, row, same, instead)
    speaker = there[0].speaker if there else "code"
    for piece in wanted:
        await work.outbox.put(conversation, message, f"more:{new_id()}", speaker=speaker, piece=piece.as_data())


async def _become(
    work: Work,
    conversation: models.Conversation,
    message: models.Message,
    row: models.Outbound,
    piece: Piece | None,
    instead: Instead | None,
) -> None:
    """Have that row, or what it sent, say this piece, or nothing any more."""
    reads = row.piece.get("reads", row.piece.get("text", ""))
    if piece and piece.text == reads:
        return
    if await work.outbox.reword(row.id, {**row.piece, "text": piece.text} if piece else {}):
        return
    await work.outbox.note(row.id, **({"reads": piece.text} if piece else {"gone": True}))
    change: dict[str, Any] = {"text": piece.text if piece else "", "changes": row.id, "removes": piece is None}
    change |= {"instead": asdict(instead)} if instead else {}
    waiting = await work.outbox.change_of(row)  # of many edits in a row the last is enough
    if waiting and await work.outbox.reword(waiting, change):
        return
    await work.outbox.put(conversation, message, f"change:{new_id()}", speaker=row.speaker, piece=change)


async def is_moot(work: Work, row: models.Outbound) -> bool:
    """Whether the row changes something that never arrived."""
    changes = str(row.piece.get("changes") or "")
    return bool(changes) and not (await work.outbox.get(changes)).receipt


async def say_instead(work: Work, item: Outbound) -> tuple[models.Conversation, Instead] | None:
    """Where to say what, now that the platform refused the change; None where nothing is to be said."""
    told = (await work.outbox.get(item.id)).piece.get("instead")
    if not told:
        return None
    instead = Instead(**told)
    return await work.conversations.get(instead.room), instead
