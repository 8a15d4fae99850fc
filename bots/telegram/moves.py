"""What changes about a chat itself? A group becomes a supergroup with a new number, a person blocks the bot or comes back."""

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bots.telegram.line import Line
from bots.telegram.places import Place
from memory.repositories.chats import Chats

log = structlog.get_logger()


async def follow_move(line: Line, thread: str, place: Place) -> None:
    """Know the conversation, and what waits to be sent there, by the chat's new number."""
    old = Place.of(thread)
    async with line.core.store.open_work(line.worker) as work:
        await Chats(work.session, work.principal).move("telegram", line.account.id, thread, place.thread)
    line.moved[old.chat] = place.chat  # for what was read from the outbox before
    log.info("chat_moved", account=line.account.id, chat=old.chat, to=place.chat)


async def note_reachable(line: Line, thread: str, reachable: bool) -> None:
    """Write down whether the chat takes our messages; best effort, the error that told us is what counts."""
    try:
        async with line.core.store.open_work(line.worker) as work:
            there = await Chats(work.session, work.principal).conversation("telegram", line.account.id, thread)
            if there:
                await work.conversations.note(there.id, unreachable=not reachable)
    except SQLAlchemyError as away:
        log.warning("chat_not_noted", account=line.account.id, error=type(away).__name__)
    log.info("chat_reachable" if reachable else "chat_unreachable", account=line.account.id, thread=thread)
