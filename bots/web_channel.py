"""The web: browsers, the CLI and other clients of our own websocket. What is sent is a row; the frame only shows it sooner."""

from bots.channel import Outbound, Receipt
from bots.hub import Hub
from gator.principal import Kind
from memory.models import Conversation
from memory.work import Work

NAME = "web"


async def meet(work: Work, thread: str | None = None) -> Conversation:
    """The web conversation of the work's principal: a fan's with their persona, an operator's (one a thread) with Gator."""
    who = work.principal
    if who.kind is Kind.fan:
        assert who.persona is not None
        chat = f"{who.persona}:{who.subject}"
        return await work.conversations.meet(NAME, "", chat, persona_id=who.persona, fan_id=who.subject)
    chat = f"gator:{who.subject}:{thread or 'main'}"
    return await work.conversations.meet(NAME, "", chat, user_id=who.subject)


class WebChannel:
    name = NAME
    reads_rows = True

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def send(self, item: Outbound) -> Receipt:
        """See Channel.send. Never fails: whoever is away reads the row when they are back."""
        self._hub.publish(item.conversation, item.frame)
        return Receipt(item.message)
