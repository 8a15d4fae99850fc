"""What is a channel? It turns a platform's messages into ours and ours into the platform's; it decides nothing."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from gator.principal import Principal


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message that came in. `platform_id` is the platform's own id of it: the same one again is the same message."""

    channel: str
    account: str
    platform_id: str
    conversation: str  # id of our conversation
    principal: Principal
    text: str
    attachments: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message that is to be sent, once."""

    id: str
    account: str
    thread: str  # the chat's id on the platform
    conversation: str
    message: str  # id of our message
    author: str
    text: str
    assets: list[str]
    frame: dict[str, Any]  # the same as our own clients see it


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's proof that it has the message."""

    platform_id: str


class Channel(Protocol):
    name: str
    reads_rows: bool
    """Whether its clients read our rows: what is committed is delivered then, and `send` only shows it sooner."""

    async def send(self, item: Outbound) -> Receipt:
        """Send it and give the platform's receipt.

        Raises Unavailable (tried again later), Refused (given up), Unconfirmed (it may have arrived: never
        repeated blindly).
        """
        ...
