"""What becomes of what was passed on, when its author changes it or takes it back? It follows, both ways.

What a fan writes while a person answers lies in the operator's chat as well, and what the operator writes there lies with
the fan. A message that was passed on names its copies (`passed` in its meta), and a copy names what it is of. Where a
platform changes nothing that was sent (any more), the operator is told in a line.
"""

from collections.abc import Sequence
from typing import Any

from bots.delivery import Delivery
from bots.doorway import may_operate
from bots.passing_on import for_the_desk, passed_on, together
from bots.rewriting import Instead
from bots.words import say
from gator.clock import now
from gator.errors import NotFound
from gator.ids import new_id
from memory.models import Conversation, Message
from memory.summaries import forget_line
from memory.work import Work

_SHOWN = 1_000  # characters of the new words in a line that tells of them


async def passed(work: Work, message_id: str, copy: str) -> None:
    """Note of a message that this is a copy of it."""
    message = await work.conversations.message(message_id)
    await work.conversations.rewrite(message_id, message.text, passed=[*message.meta.get("passed", []), copy])


async def follow(work: Work, delivery: Delivery, message: Message) -> list[tuple[Conversation, Message]]:
    """Have the copies of the message read as it does now; gives those that do, with their conversations."""
    changed = []
    for id in message.meta.get("passed", ()):
        try:
            copy = await work.conversations.message(id)
        except NotFound:  # it was forgotten with the conversation that it is of
            continue
        room = await work.conversations.get(copy.conversation_id)
        to_fan = bool(room.fan_id)
        if to_fan and not await _still_operates(work, message):
            continue
        again = await (_to_fan(work, copy, message) if to_fan else _to_desk(work, copy, room))
        await forget_line(work, room.id, copy.id)
        if _is_open(room):
            await delivery.rewrite(work, room, again, await _instead(work, message, room))
        changed.append((room, again))
    return changed


async def _to_fan(work: Work, copy: Message, message: Message) -> Message:
    ids = copy.meta.get("joins") or [message.id]  # an album is several messages of the operator's
    sent = together([passed_on(await work.conversations.message(id)) for id in ids])
    return await _rewrite(work, copy, sent.text, sent.assets)


async def _to_desk(work: Work, copy: Message, room: Conversation) -> Message:
    """A copy for operators tells of all that came together."""
    about = await work.conversations.get(copy.meta["handoff"])
    told = await for_the_desk(work, about, copy.meta["of"], room.language)
    return await _rewrite(work, copy, told.text, told.assets)


async def _rewrite(work: Work, copy: Message, text: str, assets: Sequence[str]) -> Message:
    at = now().isoformat()
    mark = {"edited": at} if text or assets else {"deleted": at}
    return await work.conversations.rewrite(copy.id, text, assets=list(assets), **mark)


async def _still_operates(work: Work, message: Message) -> bool:
    """Whether whoever wrote it in their chat with Gator still is an operator there."""
    room = await work.conversations.get(message.conversation_id)
    if not (room.user_id and _is_open(room)):
        return False
    return may_operate(await work.people.user(room.user_id))


def _is_open(room: Conversation) -> bool:
    """Whether what is said there still reaches whom it was said to: not in a chat that was set aside."""
    return not (room.user_id and "#" in room.thread)


async def _instead(work: Work, message: Message, room: Conversation) -> Instead:
    """The line for the operator, of a fan's change in their own chat, of their own change that the fan's chat did not take."""
    gone = bool(message.meta.get("deleted"))
    if room.fan_id:
        desk = await work.conversations.get(message.conversation_id)
        meta: dict[str, Any] = {"handoff": room.id, "of": [message.id]}
        words = say("copy_stays_deleted" if gone else "copy_stays_edited", desk.language)
        return Instead(desk.id, words, f"instead:{new_id()}", meta)
    about = await work.conversations.get(message.conversation_id)
    told = await for_the_desk(work, about, [message.id], room.language)
    words = say("copy_deleted" if gone else "copy_edited", room.language, name=told.title, text=told.words[:_SHOWN])
    return Instead(room.id, words, f"instead:{new_id()}", {"handoff": about.id, "of": [message.id]})
