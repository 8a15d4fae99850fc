"""What if somebody takes back what they wrote? An edit or a deletion on the platform, carried through to all that came of it.

What is not answered yet is answered as it reads now, or not at all. What was answered stays answered, but the row says what
its author wants it to say, and what was learned from the words before is forgotten.
"""

from collections.abc import Callable
from typing import Any

from bots import frames
from bots.attachments import reading
from bots.cleaning import clean
from bots.delivery import sender_of
from bots.hub import Hub
from gator.clock import now
from gator.errors import Forbidden, NotFound, Refused
from gator.principal import Principal, service
from memory.facts import extract
from memory.models import Conversation, Inbound, Message
from memory.store import Store
from memory.vault import VaultKey, open_vault
from memory.work import Work


class Corrections:
    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self.break_off: Callable[[str], None] = lambda _conversation: None

    async def of_platform(
        self, channel: str, account: str, platform_id: str, text: str | None, *, workspace: str
    ) -> bool:
        """The platform says that a message reads so now, or with None that it is gone; False when it is unknown."""
        async with self._store.open_work(service(workspace, channel)) as work:
            row = await work.journal.find(channel, account, platform_id)
            if row is None:
                return False
            changed = await _apply(work, row, text)
        self._tell(*changed, text)
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
            changed = await _apply(work, row, text)
        self._tell(*changed, text)

    def _tell(self, conversation: Conversation, message: Message, text: str | None) -> None:
        self.break_off(conversation.id)
        shown: dict[str, Any] = frames.new_message(message, sender_of(message, conversation))["message"]
        what = "message_deleted" if text is None else "message_edited"
        self._hub.publish(conversation.id, {"type": what, "message": shown})


async def _apply(work: Work, row: Inbound, text: str | None) -> tuple[Conversation, Message]:
    conversation = await work.conversations.get(row.conversation_id)
    at = now().isoformat()
    if text is None:
        message = await work.conversations.rewrite(row.id, "", assets=[], deleted=at, wrote="")
        await work.journal.rewrite(row.id, "", state="dropped")
    else:
        told = reading(await work.conversations.message(row.id), text)
        message = await work.conversations.rewrite(row.id, told, edited=at, wrote=text)
        await work.journal.rewrite(row.id, told)
    if conversation.fan_id and conversation.persona_id:
        vault = open_vault(work, VaultKey(conversation.workspace, conversation.persona_id, conversation.fan_id))
        await vault.unlearn(row.id)
        if text and row.state == "answered":
            await vault.learn(extract(text), row.id)
    return conversation, message
