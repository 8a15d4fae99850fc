"""What does a reaction say? An emoji that somebody put under what was said to them: kept with it, told to who answers next.

It is no message: nobody is woken by it, nothing is answered. A persona sees it under the next words of the fan, people see
it in the inbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from bots import frames
from bots.hub import Hub
from bots.pieces import sender_of
from gator.errors import NotFound
from gator.principal import service
from memory.models import Conversation, Message, Outbound
from memory.store import Store
from memory.work import Work

MOST_PEOPLE = 50  # of a group, under one message
MOST_EACH = 5
LONGEST = 16  # code points; an emoji of a family has seven


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody changed their reactions to the message of that platform id in that chat."""

    thread: str
    message: str
    who: str  # as the platform names them
    added: Sequence[str] = ()
    removed: Sequence[str] = ()


class Reactions:
    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub

    async def take(self, channel: str, account: str, reaction: Reaction, *, workspace: str) -> bool:
        """Keep it; False when the message is none of ours, or nothing changed."""
        async with self._store.open_work(service(workspace, channel)) as work:
            found = await _reacted_to(work, channel, account, reaction)
            if found is None:
                return False
            conversation, message = found
            told = dict(message.meta.get("reactions", {}))
            theirs = [one for one in told.get(reaction.who, []) if one not in reaction.removed]
            theirs += [one for one in map(_shown, reaction.added) if one and one not in theirs]
            told |= {reaction.who: theirs[:MOST_EACH]}
            kept = {who: emojis for who, emojis in list(told.items())[:MOST_PEOPLE] if emojis}
            if kept == message.meta.get("reactions", {}):
                return False
            message.meta = {**message.meta, "reactions": kept}
            await work.conversations.note(conversation.id, reacted={"message": message.id, "emojis": _all(kept)})
        shown = frames.new_message(message, sender_of(message, conversation))["message"]
        self._hub.publish(conversation.id, {"type": "message_edited", "message": shown})
        return True


async def _reacted_to(
    work: Work, channel: str, account: str, reaction: Reaction
) -> tuple[Conversation, Message] | None:
    mine = work.principal.workspace
    query = (
        select(Outbound.conversation_id, Outbound.message_id)
        .join(Conversation, Conversation.id == Outbound.conversation_id)
        .where(Conversation.workspace == mine, Conversation.channel == channel, Conversation.account == account)
        .where(_in_chat(reaction.thread), Outbound.receipt == reaction.message)
        .limit(1)
    )
    found = (await work.session.execute(query)).first()
    if found is None:
        return None
    conversation = await work.conversations.hold(found[0])  # before the message, as whoever changes one does
    try:
        return conversation, await work.conversations.message(found[1])
    except NotFound:  # forgotten just now
        return None


def _in_chat(thread: str) -> ColumnElement[bool]:
    """Conversations there, also in its topics: Telegram names none with a reaction."""
    return or_(Conversation.thread == thread, Conversation.thread.startswith(f"{thread}/", autoescape=True))


def _shown(emoji: str) -> str:
    """The emoji; nothing for what is a word, or too long for one."""
    return "" if len(emoji) > LONGEST or any(sign.isalpha() for sign in emoji) else emoji


def _all(kept: dict[str, list[str]]) -> list[str]:
    return list(dict.fromkeys(emoji for emojis in kept.values() for emoji in emojis))[:MOST_EACH]
