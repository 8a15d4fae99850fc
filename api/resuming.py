"""What has somebody missed? Messages given again to a client that joins, and older ones when it asks for them.

The client names the last message that it has. With the ids of the newest ones that it has beside it, what was written a little
later under an earlier id comes too, and nothing comes that it has.
"""

from typing import Any

from api.connection import Connection
from api.frames import GetHistory, JoinConversation, frame
from bots.frames import new_message
from bots.pieces import sender_of
from bots.row_watch import BACK
from gator.clock import now
from gator.ids import id_at, is_id, made_at
from memory.models import Conversation, Message

WINDOW = 50  # messages that a client without any is shown


async def replay(to: Connection, conversation: Conversation, asked: JoinConversation) -> set[str]:
    """What was said after that message; from the last WINDOW messages on for ""; nothing for None. Gives the ids."""
    if asked.after is None:
        return set()
    has, shown = set(asked.seen), set[str]()
    missed = await _missed(to, conversation.id, _floor(asked))
    while missed:
        for message in missed:
            shown.add(message.id)
            if message.id not in has and not message.meta.get("deleted"):
                item = new_message(message, sender_of(message, conversation))
                item |= {"conversation_id": conversation.id, "timestamp": now().isoformat()}
                await to.send(await to.with_media(item))
        missed = await _missed(to, conversation.id, missed[-1].id) if asked.after else []
    return shown


def _floor(asked: JoinConversation) -> str:
    after = asked.after or ""
    return id_at(made_at(after) - BACK) if asked.seen and is_id(after) else after


async def _missed(to: Connection, conversation: str, after: str) -> list[Message]:
    async with to.core.store.open_work(to.caller.principal, reads=True) as work:
        if after:
            return await work.conversations.after(conversation, after)
        return await work.conversations.window(conversation, WINDOW)


async def history(to: Connection, conversation: Conversation, asked: GetHistory) -> dict[str, Any]:
    """The messages before that one, oldest first, and whether there are more."""
    async with to.core.store.open_work(to.caller.principal, reads=True) as work:
        rows = await work.conversations.window(conversation.id, asked.limit, asked.before)
    shown = [await to.with_media(new_message(row, sender_of(row, conversation))) for row in rows]
    messages = [one["message"] for one in shown]
    return frame(
        "history",
        conversation_id=conversation.id,
        before=asked.before,
        messages=messages,
        more=len(rows) == asked.limit,
    )
