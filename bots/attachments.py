"""What came with the messages that wait? Taken in before their turn is opened, and written into the message as it is told.

Outside of any transaction: files are fetched, examined, heard and looked at for seconds. What came of it is written in
one transaction: the journal's row holds what each attachment became, and the message reads with it (`memory.attached`).
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bots import frames
from bots.channel import Channel
from bots.pieces import sender_of
from bots.taking import Sender, Taking
from bots.words import say
from gator.errors import NotFound
from gator.ids import id_from
from gator.principal import Principal
from gator.settings import Settings
from memory.attached import Taken, lost, tell
from memory.blobs import Blobs
from memory.media_threads import in_media_thread
from memory.models import Conversation, Inbound, Message
from memory.store import Store
from memory.work import Work
from tools.incoming import LIMIT_BYTES, LONGEST_SOUND_S

if TYPE_CHECKING:
    from agents.brain import Brain

log = structlog.get_logger()

MOST = 20  # of one message; platforms allow ten
AT_ONCE = 4

ChannelOf = Callable[[str], Channel | None]


class Attachments:
    def __init__(self, settings: Settings, store: Store, blobs: Blobs, brain: "Brain", channel_of: ChannelOf) -> None:
        self.taking = Taking(settings, store, blobs, brain)
        self._store = store
        self._blobs = blobs
        self._channel_of = channel_of
        self._places = asyncio.Semaphore(AT_ONCE)

    async def wait(self, work: Work, conversation: Conversation) -> bool:
        """Whether something is to be taken in here before that conversation's turn can be opened.

        What lies on an account that another process holds is left to that process.
        """
        channel = self._channel_of(conversation.channel)
        if channel is None or not channel.holds(conversation.account):
            return False
        return any(untaken(one.attachments) for one in await work.turns.waiting(conversation.id))

    async def take_in(self, who: Principal, conversation: Conversation) -> list[dict[str, Any]]:
        """Take in what came with the messages that wait; gives the frames that show how those read now.

        Whoever calls holds the conversation's lease.
        """
        channel = self._channel_of(conversation.channel)
        if channel is None:
            return []
        async with self._store.open_work(who, reads=True) as work:
            rows = [row for row in await work.journal.waiting_rows(conversation.id) if untaken(row.attachments)]
        read = [await self._of_message(who, row, conversation, channel) for row in rows]
        return [
            {**frames.new_message(one, sender_of(one, conversation)), "type": "message_edited"} for one in read if one
        ]

    async def _of_message(
        self, who: Principal, row: Inbound, conversation: Conversation, channel: Channel
    ) -> Message | None:
        sender = Sender(
            Principal.from_data(row.principal), conversation.channel, conversation.id, conversation.persona_id
        )
        sent = row.attachments[:MOST]
        taken = await asyncio.gather(
            *(self._one(id_from(row.id, str(n)), one, sender, channel, row.account) for n, one in enumerate(sent))
        )
        async with self._store.open_work(who) as work:
            row = await work.journal.get(row.id)  # its author may have changed it meanwhile, or taken it back
            if row.state != "dropped":
                return await _write(work, row, taken)
            message = await _still_there(work, row.id)
            freed = await work.assets.retire([one.asset for one in taken if one.asset], row.id)
        await in_media_thread(self._blobs.drop, freed)
        return message

    async def _one(self, id: str, sent: Any, sender: Sender, channel: Channel, account: str) -> Taken:
        if not isinstance(sent, dict):
            return Taken(None, "document", problem="gone")
        if sent.get("taken"):
            return Taken.from_data(sent)
        try:
            async with self._places:
                return await self.taking.take(id, sent, sender, channel, account)
        except SQLAlchemyError:
            raise  # the database may be back in a moment, and then it is taken in again
        except Exception:
            # One file of a stranger's must not keep a conversation from being answered.
            log.exception("attachment_failed", attachment=id)
            return Taken(None, str(sent.get("kind", "document")), problem="broken")


async def _still_there(work: Work, id: str) -> Message | None:
    """The message; None when it was forgotten with everything else while its files were taken in."""
    try:
        return await work.conversations.message(id)
    except NotFound:
        return None


async def _write(work: Work, row: Inbound, taken: Sequence[Taken]) -> Message:
    told = tell(row.text, taken)
    data = [one.as_data() for one in taken]
    await work.journal.take_in_what_came(row.id, told, data)
    assets = [one.asset for one in taken if one.asset]
    return await work.conversations.rewrite(row.id, told, assets=assets, wrote=row.text, attached=data)


def untaken(attachments: Sequence[Any]) -> bool:
    """Whether any of them is still as it came."""
    return any(not (isinstance(one, dict) and one.get("taken")) for one in attachments)


def reading(message: Message, text: str) -> str:
    """The message with another text of its author's, and with what came with it."""
    return tell(text, [Taken.from_data(one) for one in message.meta.get("attached", [])])


def answer_by_code(said: str, language: str) -> str | None:
    """What code answers where a message is nothing but what could not be heard or was not taken; None for all others."""
    found = lost(said)
    if found is None:
        return None
    problem, kind = found
    if problem == "too_long":
        return say("recording_too_long", language, limit=f"{LONGEST_SOUND_S / 60:.0f} min")
    if problem == "too_large":
        limit = LIMIT_BYTES.get({"audio": "voice"}.get(kind, kind), LIMIT_BYTES["document"])
        return say("too_large", language, limit=f"{limit >> 20} MB")
    return say(_WORDS[problem], language)


_WORDS = {
    "deaf": "deaf",
    "unheard": "unheard",
    "broken": "damaged_file",
    "archive": "unsupported",
    "unwanted": "unsupported",
    "gone": "lost_file",
    "unkept": "unkept_file",
    "too_many": "too_many_files",
    "full": "no_room",
}
