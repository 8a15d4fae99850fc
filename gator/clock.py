"""What time is it? Aware UTC inside, the person's zone only at the edges. Tests and simulations set the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_source: ContextVar[Callable[[], datetime] | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The time as an aware UTC datetime."""
    source = _source.get()
    return source() if source else datetime.now(UTC)


@contextmanager
def set_to(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` be the clock inside the block (and in tasks started there)."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
