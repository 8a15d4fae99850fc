"""Who asks too often? Token buckets in memory for requests and frames, and a lock-out for sign-ins that fail.

They protect one process; what must hold over all of them (money, approvals, messages) is kept in SQL.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from gator.errors import TooMany

_REMEMBERED = 50_000  # callers kept at once; the one unseen for longest is forgotten first


@dataclass(slots=True)
class Bucket:
    """Holds `size` tokens, refilled at `per_s`; every ask takes one."""

    size: float
    per_s: float
    clock: Callable[[], float] = time.monotonic
    tokens: float = field(init=False)
    filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens, self.filled_at = self.size, self.clock()

    def fill(self) -> float:
        """How many there are now."""
        at = self.clock()
        self.tokens = min(self.size, self.tokens + (at - self.filled_at) * self.per_s)
        self.filled_at = at
        return self.tokens

    def take(self) -> bool:
        """Take a token; False when there is none."""
        if self.fill() < 1:
            return False
        self.tokens -= 1
        return True

    @property
    def wait_s(self) -> float:
        """Until the next token is there."""
        return max(0.0, (1 - self.tokens) / self.per_s)


class Buckets:
    """One bucket for each caller."""

    def __init__(self, size: float, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.size, self.per_s, self._clock = size, per_s, clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def of(self, caller: str) -> Bucket:
        bucket = self._buckets.get(caller) or Bucket(self.size, self.per_s, self._clock)
        self._buckets[caller] = bucket
        self._buckets.move_to_end(caller)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket

    def take(self, caller: str, what: str) -> None:
        """Raises TooMany when the caller has none left."""
        bucket = self.of(caller)
        if not bucket.take():
            raise TooMany(f"Too many {what} in a short time.", retry_after_s=bucket.wait_s, remedy="Wait a little.")


class Lockout:
    """Sign-ins that fail: `size` tries at once, then one every 1/`per_s` seconds, for each name and each address."""

    def __init__(self, size: float = 5, per_s: float = 1 / 180, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = Buckets(size, per_s, clock)

    def check(self, *callers: str) -> None:
        """Raises TooMany while one of these has failed too often."""
        for caller in callers:
            bucket = self._failures.of(caller)
            if bucket.fill() < 1:
                raise TooMany("Too many sign-ins have failed.", retry_after_s=bucket.wait_s, remedy="Wait a while.")

    def failed(self, *callers: str) -> None:
        for caller in callers:
            self._failures.of(caller).take()
