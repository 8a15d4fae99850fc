"""How are Telegram's chats, topics and messages named in our rows? Small strings, and the way back.

A message's number counts only within its chat, so both are in its platform id.
"""

from dataclasses import dataclass
from typing import Self

from gator.errors import Refused


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or one topic of a forum."""

    chat: int
    topic: int | None = None

    @classmethod
    def of(cls, thread: str) -> Self:
        """The place that a conversation's thread names. Raises Refused for one that is not Telegram's."""
        chat, _, topic = thread.partition("/")
        try:
            return cls(int(chat), int(topic) if topic else None)
        except ValueError as odd:
            raise Refused(f"{thread!r} is no chat of Telegram's.") from odd

    @property
    def thread(self) -> str:
        return f"{self.chat}/{self.topic}" if self.topic else str(self.chat)

    @property
    def is_private(self) -> bool:
        """Groups and channels have negative numbers (https://core.telegram.org/api/bots/ids)."""
        return self.chat > 0

    def message(self, number: int) -> str:
        """The platform id of that message here."""
        return f"{self.chat}:{number}"


def number_of(platform_id: str) -> int | None:
    """The message's number in its chat; None when that is no message of Telegram's."""
    _, _, number = platform_id.rpartition(":")
    return int(number) if number.isascii() and number.isdigit() else None
