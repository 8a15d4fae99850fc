"""What is a message to its channel? Pieces when it is written, and one of them with its files and buttons when it is sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bots import frames, presses
from bots.channel import Change, Channel, Media, Outbound, Piece
from bots.fitting import fit_for
from bots.words import say
from gator.clock import now
from memory import models
from memory.blobs import Blobs
from memory.work import Work
from tools.newer import outdated


async def pieces_of(
    work: Work,
    channel: Channel | None,
    message: models.Message,
    approvals: Sequence[models.Approval],
    parts: Sequence[tuple[str, datetime]],
) -> list[tuple[Piece, datetime]]:
    rows = await _fit(work, message)
    ready = [id for id in message.assets if id in rows]
    kinds = [(id, rows[id].kind) for id in ready if not await _is_there(work, message, id)]
    text = message.text
    if approvals:  # each question is a piece with buttons of its own; the text above them only introduces them
        text = text.split("\n", 1)[0]
    found: list[tuple[Piece, datetime]] = []
    whole = parts or [(text, now())]
    for n, (part, at) in enumerate(whole):
        with_it = kinds if n == len(whole) - 1 else []
        said = channel.pieces(part, with_it) if channel else [Piece(part, [id for id, _ in with_it])]
        found += [(piece, at) for piece in said]
    return [*found, *[(Piece(await _asked(work, message, one), approval=one.id), now()) for one in approvals]]


async def _asked(work: Work, message: models.Message, approval: models.Approval) -> str:
    """What is asked, and where a video of it has a newer version by now, that it has."""
    if not await outdated(work, approval.arguments.get("assets") or ()):
        return approval.summary
    conversation = await work.conversations.get(message.conversation_id)
    return f"{approval.summary}\n{say('newer_video', conversation.language)}"


async def _fit(work: Work, message: models.Message) -> dict[str, models.Asset]:
    if not message.assets:
        return {}
    # Whether mature ones may be shown here is looked at where they are sent (`to_send`).
    return await fit_for(work, await work.conversations.get(message.conversation_id), message.assets, mature=True)


async def _is_there(work: Work, message: models.Message, asset: str) -> bool:
    """Whether the file came to the chat in this turn already: what was made quickly is handed over before the reply."""
    if not message.turn_id:
        return False
    return await work.outbox.carries(message.conversation_id, asset, message.turn_id)


async def row_to_send(
    work: Work, blobs: Blobs, row: models.Outbound, piece: dict[str, Any], *, mature: bool
) -> Outbound:
    """The row as `to_send`; `piece` is what it says as it was claimed, which may be newer than the row that was read."""
    message = await work.conversations.message(row.message_id)
    conversation = await work.conversations.get(row.conversation_id)
    return await to_send(work, blobs, row.id, message, conversation, piece, row.speaker, row.attempts, mature=mature)


async def to_send(
    work: Work,
    blobs: Blobs,
    id: str,
    message: models.Message,
    conversation: models.Conversation,
    piece: dict[str, Any],
    speaker: str,
    attempts: int = 0,
    *,
    mature: bool,
) -> Outbound:
    """The row as its channel takes it, with files to read and buttons to press; mature files only where `mature`."""
    assets = await fit_for(work, conversation, piece["assets"], mature=mature) if piece.get("assets") else {}
    approval = piece.get("approval") or ""
    return outbound(
        id,
        message,
        conversation,
        text=piece.get("text", message.text),
        media=[_media(blobs, assets[id]) for id in piece.get("assets", ()) if id in assets],
        buttons=await presses.make(work, approval, conversation.user_id or "", conversation.language)
        if approval
        else [],
        reply_to=str(message.meta.get("reply_to", "")),
        speaker_name=await _name(work, conversation) if speaker == "bot" else "",
        draft=piece.get("draft", ""),
        attempts=attempts,
        change=await _change(work, piece),
    )


async def _change(work: Work, piece: dict[str, Any]) -> Change | None:
    """What the row changes of one that was sent (`bots.rewriting`)."""
    if not piece.get("changes"):
        return None
    sent = await work.outbox.get(piece["changes"])
    parts = sent.piece.get("parts", ())
    removes = bool(piece.get("removes"))
    goes = [*piece.get("without", ()), *(parts if removes else ())]
    files = sent.piece.get("files", len(sent.piece.get("assets", ())))
    return Change(parts[0] if parts else sent.receipt, removes, files, tuple(goes))


def _media(blobs: Blobs, asset: models.Asset) -> Media:
    return Media(
        id=asset.id,
        kind=asset.kind,
        mime=asset.mime,
        path=blobs.path(asset.sha256),
        alt_text=asset.alt_text,
        title=asset.title,
        duration_s=asset.duration_s,
        width_px=asset.width_px,
        height_px=asset.height_px,
    )


async def _name(work: Work, conversation: models.Conversation) -> str:
    return await work.personas.name_of(conversation.persona_id) if conversation.persona_id else ""


def outbound(id: str, message: models.Message, conversation: models.Conversation, **more: object) -> Outbound:
    return Outbound(
        id=id,
        account=conversation.account,
        thread=conversation.thread,
        conversation=conversation.id,
        message=message.id,
        author=message.author,
        assets=message.assets,
        frame=frames.new_message(message, sender_of(message, conversation)),
        **{"text": message.text, **more},  # type: ignore[arg-type]
    )


def sender_of(message: models.Message, conversation: models.Conversation) -> str:
    """The id of whoever said it; a person who answers in a persona's place is the team to the fan."""
    if message.author == "operator" and conversation.fan_id:
        return "team"
    fan = conversation.met_as or conversation.fan_id  # as their own client knows them
    who = {"fan": fan, "operator": conversation.user_id, "persona": conversation.persona_id}
    return who.get(message.author) or "gator"
