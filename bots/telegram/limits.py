"""How fast may a bot speak? Buckets that keep it below Telegram's limits, and what it says itself when we were too fast.

About one message a second to a chat, 20 a minute to a group, 30 a second in all
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this). Drafts and signs of typing are courtesies:
they never wait, and leave room for the messages themselves.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bots.telegram.places import Place

ALL_PER_S = 30.0
GROUP_PER_S = 20 / 60
CHAT_PER_S = 1.0
CHAT_BURST = 3.0  # the pieces of one reply
GROUP_BURST = 5.0
KEPT_FOR_MESSAGES = 10.0  # of the 30 in all: courtesies are left out before messages are
COURTESY_EVERY_S = 1.0
_REMEMBERED = 10_000  # chats

Clock = Callable[[], float]


@dataclass(slots=True)
class Tokens:
    """Holds `size` tokens, refilled at `per_s`."""

    size: float
    per_s: float
    at: float
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.size

    def wait_s(self, at: float, wanted: float = 1.0) -> float:
        """Until there are so many."""
        self.left = min(self.size, self.left + max(0.0, at - self.at) * self.per_s)
        self.at = at
        return max(0.0, (wanted - self.left) / self.per_s)

    def take(self, count: float = 1.0) -> None:
        self.left -= count


@dataclass(slots=True)
class _Chat:
    tokens: Tokens
    courtesy_at: float = float("-inf")
    closed_until: float = float("-inf")  # Telegram asked us to wait


class Limits:
    """One bot's."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._all = Tokens(ALL_PER_S, ALL_PER_S, clock())
        self._chats: OrderedDict[int, _Chat] = OrderedDict()

    def ask(self, place: Place, count: int = 1, most_s: float = 0.0) -> float:
        """How long `count` messages have to wait. If that is no longer than `most_s`, their turn is theirs from now on."""
        at, chat = self._clock(), self._chat(place)
        count = min(count, int(chat.tokens.size))
        wait = max(chat.closed_until - at, chat.tokens.wait_s(at, count), self._all.wait_s(at, count), 0.0)
        if wait <= most_s:
            chat.tokens.take(count)
            self._all.take(count)
        return wait

    def may_show(self, place: Place) -> bool:
        """Whether a courtesy may go out now; if so it is counted."""
        at, chat = self._clock(), self._chat(place)
        if at < max(chat.closed_until, chat.courtesy_at + COURTESY_EVERY_S):
            return False
        if self._all.wait_s(at, KEPT_FOR_MESSAGES + 1) > 0:
            return False
        chat.courtesy_at = at
        self._all.take()
        return True

    def close(self, place: Place, seconds: float) -> None:
        """Telegram answered 429: nothing goes to that chat for so long."""
        chat = self._chat(place)
        chat.closed_until = max(chat.closed_until, self._clock() + seconds)

    def _chat(self, place: Place) -> _Chat:
        chat = self._chats.get(place.chat)
        if chat is None:
            size, per_s = (CHAT_BURST, CHAT_PER_S) if place.is_private else (GROUP_BURST, GROUP_PER_S)
            chat = self._chats[place.chat] = _Chat(Tokens(size, per_s, self._clock()))
        self._chats.move_to_end(place.chat)
        if len(self._chats) > _REMEMBERED:
            self._chats.popitem(last=False)
        return chat
