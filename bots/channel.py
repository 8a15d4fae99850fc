"""What is a channel? It turns a platform's messages into ours and ours into the platform's; it decides nothing."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from gator.errors import Refused
from gator.principal import Principal

AttachmentKind = Literal["picture", "voice", "audio", "video", "document", "sticker"]
Action = Literal["typing", "recording", "uploading"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message, still on the platform. `ref` is how the channel finds it there again."""

    kind: AttachmentKind
    ref: str
    mime: str = ""
    name: str = ""
    size_bytes: int = 0
    duration_s: float | None = None
    says: str = ""  # what it says by itself: a sticker's emoji, a document's title

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message that came in. `platform_id` is the platform's own id of it: the same one again is the same message."""

    channel: str
    account: str
    platform_id: str
    conversation: str  # id of our conversation
    principal: Principal
    text: str
    attachments: list[Any] = field(
        default_factory=list
    )  # each an Attachment.as_data(), or {"asset": id} when it is ours already
    reply_to: str = ""  # platform id of the message that it answers
    locale: str = ""  # the language that the platform names for its author
    settle_s: float = 0.0  # how long to wait for more of the same burst before it is answered


@dataclass(frozen=True, slots=True)
class Button:
    """One tap under a message. `press` is single-use and worth nothing to anybody but the operator it was made for."""

    label: str
    verb: Literal["approve", "edit", "regenerate", "reject"]
    press: str  # at most 64 bytes: what a Telegram button can carry


@dataclass(frozen=True, slots=True)
class Media:
    """An asset on its way out. The bytes lie at `path`, which a channel only reads."""

    id: str
    kind: str  # picture, voice, video
    mime: str
    path: Path
    alt_text: str = ""
    title: str = ""
    duration_s: float | None = None
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was sent reads otherwise from now on, or is gone. Done twice it is the same."""

    of: str  # platform id
    removes: bool = False
    files: int = 0  # how many it carries; these stay as they are
    goes: tuple[str, ...] = ()  # of an album that is a message for each file: those that go


@dataclass(frozen=True, slots=True)
class Outbound:
    """One piece of a message that is to be sent, once: what one call of the platform can carry."""

    id: str
    account: str
    thread: str  # the chat's id on the platform
    conversation: str
    message: str  # id of our message
    author: str
    text: str  # CommonMark: **bold**, *italic*, `code`, [text](link of ours), lists
    assets: list[str]
    frame: dict[str, Any]  # the same as our own clients see it
    media: list[Media] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    reply_to: str = ""  # platform id
    speaker_name: str = ""  # the persona's name, for platforms on which a bot may speak under another one
    draft: str = ""  # platform id of the streamed draft that this piece replaces, where there is one
    attempts: int = 0
    change: Change | None = None  # then nothing new is sent: `text` is how that message reads now


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's proof that it has the message."""

    platform_id: str
    parts: tuple[str, ...] = ()  # where each of its files became a message of its own: the ids of all of them


@dataclass(frozen=True, slots=True)
class Piece:
    """What one row of the outbox sends: a part of the text with some of the assets, in the order of the pieces."""

    text: str = ""
    assets: list[str] = field(default_factory=list)
    approval: str = ""  # id of the question whose buttons hang under it

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


class TooLarge(Refused):
    """A file that is larger than was asked for."""


class Channel(Protocol):
    name: str
    reads_rows: bool
    """Whether its clients read our rows: what is committed is delivered then, and `send` only shows it sooner."""

    def holds(self, account: str) -> bool:
        """Whether this process sends for that account."""
        ...

    def pieces(self, text: str, kinds: list[tuple[str, str]]) -> list[Piece]:
        """The parts in which the platform takes a message; `kinds` are its assets as (id, kind). Decides nothing else."""
        ...

    def wait_s(self, account: str, thread: str, count: int, most_s: float) -> float:
        """How long the platform's limits make so many messages wait; up to `most_s` their turn is theirs from then on.

        It is asked before a piece is claimed, so that a process that dies leaves no claim on what it never sent.
        """
        ...

    async def send(self, item: Outbound) -> Receipt:
        """Send it, now that its turn has come, and give the platform's receipt; with a `change`, do that instead.

        Raises Unavailable (tried again later), Refused (given up), Unconfirmed (it may have arrived: never
        repeated blindly).
        """
        ...

    async def find(self, item: Outbound) -> Receipt | None:
        """What became of a piece whose sender died: its receipt, or None when the platform shows that it never arrived.

        Raises Unconfirmed where the platform does not let us know, Unavailable when it cannot be asked now.
        """
        ...

    async def act(self, account: str, thread: str, action: Action) -> None:
        """Show that something is being done. A courtesy: it never raises and never waits for a limit."""
        ...

    async def draft(self, account: str, thread: str, draft: str, text: str) -> str:
        """Show the reply as far as it is spoken; gives the platform id of the draft's message, "" where drafts leave none.

        `draft` is what the last call gave, "" at first; an empty text takes the draft away again. Never raises; it may
        skip a state to keep within the limits.
        """
        ...

    async def fetch(self, account: str, ref: str, into: Path, limit_bytes: int) -> None:
        """Write an attachment's bytes to that file.

        Raises TooLarge, Refused when it is gone, Unavailable when it cannot be had now.
        """
        ...
