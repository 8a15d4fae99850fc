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
        same = next((piece for piece in wanted if piece.assets == _left(row, piece)), None)
        if same and await _become(work, conversation, message, row, same, instead):
            wanted.remove(same)
        else:
            await _become(work, conversation, message, row, None, instead)
    speaker = there[0].speaker if there else "code"
    for piece in wanted:
        await work.outbox.put(conversation, message, f"more:{new_id()}", speaker=speaker, piece=piece.as_data())


def _left(row: models.Outbound, piece: Piece) -> list[str]:
    """The files that the row's message can still be left with: of an album single ones go, of all others none."""
    files: list[str] = row.piece.get("assets", [])
    single = len(row.piece.get("parts", ())) == len(files) or row.state == "pending"
    return [one for one in files if one in piece.assets] if single and piece.assets else files


async def _become(
    work: Work,
    conversation: models.Conversation,
    message: models.Message,
    row: models.Outbound,
    piece: Piece | None,
    instead: Instead | None,
) -> bool:
    """Have that row, or what it sent, say this piece, or nothing any more; False where its files cannot be had apart."""
    files = row.piece.get("assets", [])
    if piece and piece.text == row.piece.get("reads", row.piece.get("text", "")) and piece.assets == files:
        return True
    if await work.outbox.reword(row.id, {**row.piece, **_says(piece)} if piece else {}):
        return True
    going = _going(row, piece)
    if piece and piece.assets != files and not going:  # it is being sent just now
        return False
    await work.outbox.note(row.id, **_reads(row, piece))
    change: dict[str, Any] = {"text": piece.text if piece else "", "changes": row.id, "removes": piece is None}
    change |= {"instead": asdict(instead)} if instead else {}
    waiting = await work.outbox.change_of(row)  # of many edits in a row the last is enough
    if waiting:
        going = [*waiting.piece.get("without", ()), *going]
    change |= {"without": going} if going else {}
    if not (waiting and await work.outbox.reword(waiting.id, change)):
        await work.outbox.put(conversation, message, f"change:{new_id()}", speaker=row.speaker, piece=change)
    return True


def _says(piece: Piece) -> dict[str, Any]:
    return {"text": piece.text} | ({"assets": piece.assets} if piece.assets else {})


def _going(row: models.Outbound, piece: Piece | None) -> list[str]:
    """The messages of an album whose files go while others stay."""
    parts = zip(row.piece.get("assets", ()), row.piece.get("parts", ()), strict=False)
    return [part for file, part in parts if piece and file not in piece.assets]


def _reads(row: models.Outbound, piece: Piece | None) -> dict[str, Any]:
    """What is kept with what was sent: how it reads now."""
    if piece is None:
        return {"gone": True}
    facts: dict[str, Any] = {"reads": piece.text}
    if gone := _going(row, piece):
        facts |= {"assets": piece.assets, "parts": [one for one in row.piece["parts"] if one not in gone]}
    return facts


async def is_moot(work: Work, row: models.Outbound) -> bool:
    """Whether the row was taken back before it was sent, or changes something that never arrived."""
    if row.piece.get("gone"):
        return True
    changes = str(row.piece.get("changes") or "")
    return bool(changes) and not (await work.outbox.get(changes)).receipt


async def say_instead(work: Work, item: Outbound) -> tuple[models.Conversation, Instead] | None:
    """Where to say what, now that the platform refused the change; None where nothing is to be said."""
    told = (await work.outbox.get(item.id)).piece.get("instead")
    if not told:
        return None
    instead = Instead(**told)
    return await work.conversations.get(instead.room), instead
