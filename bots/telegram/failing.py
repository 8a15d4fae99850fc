"""What does an error of Telegram's mean for us? Each becomes one of ours, by what may have happened to the request."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from gator.errors import GatorError, Refused, Unavailable, Unconfirmed

# The request never left us: no connection, or none of the pool's was free.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_REMEDY = "Make a new token with @BotFather and add the account again."


def never_sent(error: NetworkError) -> bool:
    return isinstance(error.__cause__, _NOT_SENT)


def seconds(wait: RetryAfter) -> float:
    asked = wait.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


@contextmanager
def ours(*, repeatable: bool) -> Iterator[None]:
    """Raise our errors for the library's. `repeatable`: the request does no more when it is done twice.

    Their texts do not go into ours where they may hold a token or what somebody wrote (network errors do).
    """
    try:
        yield
    except ChatMigrated:  # whoever calls knows where to look for the new one
        raise
    except TelegramError as error:
        raise _ours(error, repeatable) from error


def _ours(error: TelegramError, repeatable: bool) -> GatorError:
    # BadRequest is a NetworkError to this library, so it comes first.
    if isinstance(error, RetryAfter):
        return Unavailable("Telegram asks us to wait.", retry_after_s=seconds(error))
    if isinstance(error, InvalidToken):
        known = "Telegram does not know the bot's token (any more)."
        # What was to be sent waits for the new one.
        return Refused(known, remedy=_REMEDY) if repeatable else Unavailable(known, remedy=_REMEDY)
    if isinstance(error, Forbidden):
        return Refused(f"Telegram refuses: {error.message}.", remedy="The other side blocked the bot or put it out.")
    if isinstance(error, BadRequest):
        return Refused(f"Telegram refuses: {error.message}.")
    if isinstance(error, Conflict):
        return Unavailable(
            "Another program receives for this bot.", remedy="Stop it, or give the bot a new token with @BotFather."
        )
    if repeatable or (isinstance(error, NetworkError) and never_sent(error)):
        return Unavailable(f"Telegram cannot be reached: {_kind(error)}.")
    return Unconfirmed(f"Telegram did not answer: {_kind(error)}.", remedy="Look into the chat whether it is there.")


def _kind(error: TelegramError) -> str:
    """What kind of error it was, without its words."""
    return type(error.__cause__ or error).__name__
