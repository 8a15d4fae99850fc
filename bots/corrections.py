"""What if somebody takes back what they wrote? An edit or a deletion on the platform, carried through to all that came of it.

What is not answered yet is answered as it reads now, or not at all. What was answered stays answered, but the row says what
its author wants it to say, and what was learned from the words before is forgotten, in memories and summaries; what came
with a deleted message goes with it. What was passed on to somebody else follows (`bots.copies`). New words that speak of
danger are answered by code at once (`bots.alarm`).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bots import frames
from bots.alarm import Alarm, Answered, key_of
from bots.attachments import reading, untaken
from bots.cleaning import clean
from bots.copies import follow
from bots.delivery import Delivery
from bots.hub import Hub
from bots.pieces import sender_of
from gator.clock import now
from gator.errors import Forbidden, NotFound, Refused
from gator.principal import Principal, service
from memory.blobs import Blobs
from memory.facts import candidates
from memory.media_threads import in_media_thread
from memory.models import Conversation, Inbound, Message
from memory.store import Store
from memory.summaries import forget_line
from memory.vault import VaultKey, open_vault
from memory.work import Work


class Corrections:
    def __init__(self, store: Store, hub: Hub, blobs: Blobs, delivery: Delivery, alarm: Alarm) -> None:
        self._store = store
        self._hub = hub
        self._blobs = blobs
        self._delivery = delivery
        self._alarm = alarm
        self.break_off: Callable[[str], None] = lambda _conversation: None

    async def of_platform(
        self, channel: str, account: str, platform_id: str, text: str | None, *, workspace: str
    ) -> bool:
        """The platform says that a message reads so now, or with None that it is gone; False when it is unknown."""
        async with self._store.open_work(service(workspace, channel)) as work:
            row = await work.journal.find(channel, account, platform_id)
            if row is None:
                return False
            changed = await self._apply(work, row, text)
        await self._tell(changed)
        return True

    async def of_author(self, principal: Principal, message_id: str, text: str | None) -> None:
        """One of our own clients says so of its own message. Raises NotFound, or Forbidden for somebody else's."""
        if text is not None and not (text := clean(text)).strip():
            raise Refused("The message would be empty.", remedy="Delete it instead.")
        async with self._store.open_work(service(principal.workspace, "web")) as work:
            try:
                row = await work.journal.get(message_id)
            except NotFound:
                raise NotFound(f"There is no message {message_id}.") from None
            if Principal.from_data(row.principal).subject != principal.subject:
                raise Forbidden("That message is somebody else's.")
            changed = await self._apply(work, row, text)
        await self._tell(changed)

    async def _tell(self, changed: "_Changed") -> None:
        conversation, message = changed.conversation, changed.message
        self.break_off(conversation.id)
        self._show(conversation, message)
        for room, copy in changed.copies:
            self._show(room, copy)
            self._delivery.poke(room.workspace, room.id)
        await self._alarm.show(changed.card)
        await in_media_thread(self._blobs.drop, changed.freed)

    def _show(self, conversation: Conversation, message: Message) -> None:
        shown: dict[str, Any] = frames.new_message(message, sender_of(message, conversation))["message"]
        what = "message_deleted" if message.meta.get("deleted") else "message_edited"
        self._hub.publish(conversation.id, {"type": what, "message": shown})

    async def _apply(self, work: Work, row: Inbound, text: str | None) -> "_Changed":
        """The conversation is held from the first statement on, so that no answer is written down in between.

        Those of the copies are, too: at the other end somebody may be changing what follows into this one.
        """
        conversation = await work.conversations.hold(row.conversation_id, *await work.conversations.with_copies(row.id))
        await work.session.refresh(row)
        await forget_line(work, conversation.id, row.id)
        await work.session.refresh(conversation)
        with_it = (await work.conversations.message(row.id)).assets
        message = await (_take_back(work, row) if text is None else _rewrite(work, row, text))
        changed = _Changed(conversation, message, await follow(work, self._delivery, message))
        if text is None:
            changed.freed = await work.assets.retire(with_it, row.id)
        if conversation.fan_id and conversation.persona_id:
            vault = open_vault(work, VaultKey(conversation.workspace, conversation.persona_id, conversation.fan_id))
            await vault.forget.message(row.id)
            if text and row.state == "answered" and not await vault.choice.is_off():
                found = candidates(text)
                await vault.facts.learn(found, row.id)
                await vault.said.keep(row.id, None, next((one.doubt for one in found if one.doubt), ""))
        if text:
            changed.card = await self._alarm.hear(work, conversation, text, _key(row.id, text))
        if changed.card and not untaken(row.attachments):
            await work.journal.close([row.id], "answered")  # unless it was; the card is the answer
        return changed


@dataclass(slots=True)
class _Changed:
    conversation: Conversation
    message: Message
    copies: list[tuple[Conversation, Message]]
    freed: list[str] = field(default_factory=list)  # hashes of bytes that are to go
    card: Answered | None = None


async def _rewrite(work: Work, row: Inbound, text: str) -> Message:
    told = reading(await work.conversations.message(row.id), text)
    message = await work.conversations.rewrite(row.id, told, edited=now().isoformat(), wrote=text)
    await work.journal.rewrite(row.id, told)
    return message


async def _take_back(work: Work, row: Inbound) -> Message:
    """The message without anything in it."""
    gone: dict[str, Any] = {"deleted": now().isoformat(), "wrote": "", "attached": []}
    message = await work.conversations.rewrite(row.id, "", assets=[], **gone)
    await work.journal.take_back(row.id)
    return message


def _key(message_id: str, text: str) -> str:
    """Of the card for this edit, which a platform may tell of twice."""
    return f"{key_of(message_id)}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
