"""The web: browsers, the CLI and other clients of our own websocket. What is sent is a row; the frame only shows it sooner."""

from pathlib import Path

from bots.channel import Action, Outbound, Piece, Receipt
from bots.hub import Hub
from gator.errors import Refused
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
        person = (await work.people.fan(who.subject)).person_id or who.subject
        seen = {"persona_id": who.persona, "fan_id": person, "met_as": who.subject}
        return await work.conversations.meet(NAME, "", chat, **seen)
    chat = f"gator:{who.subject}:{thread or 'main'}"
    return await work.conversations.meet(NAME, "", chat, user_id=who.subject)


class WebChannel:
    name = NAME
    reads_rows = True

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def holds(self, account: str) -> bool:  # noqa: ARG002 - every process sees the rows
        return True

    def wait_s(self, account: str, thread: str, count: int, most_s: float) -> float:  # noqa: ARG002 - rows have no limit
        return 0.0

    def pieces(self, text: str, kinds: list[tuple[str, str]]) -> list[Piece]:
        return [Piece(text, [id for id, _ in kinds])]

    async def find(self, item: Outbound) -> Receipt:
        return Receipt(item.message)

    async def act(self, account: str, thread: str, action: Action) -> None:
        """Nothing: `bots.live` shows our own clients who is at it."""

    async def draft(self, account: str, thread: str, draft: str, text: str) -> str:  # noqa: ARG002 - as `act`
        return ""

    async def fetch(self, account: str, ref: str, into: Path, limit_bytes: int) -> None:  # noqa: ARG002
        raise Refused("What came over the web is here already.")

    async def send(self, item: Outbound) -> Receipt:
        """See Channel.send. Never fails: whoever is away reads the row when they are back."""
        self._hub.publish(item.conversation, item.frame)
        return Receipt(item.message)
