"""Which platforms can Gator talk on? Each in a folder of its own, imported when the first account of it is there."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from bots.channel import Channel
from gator.errors import Refused
from memory.models import Account

if TYPE_CHECKING:
    from bots.core import Core

_PLACES = {"telegram": "bots.telegram.platform:Telegram", "discord": "bots.discord.platform:Discord"}
NAMES = tuple(_PLACES)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the platform says of a token."""

    external_id: str  # the bot's own id
    handle: str  # its user name
    notes: tuple[str, ...] = ()  # what its owner should change there, in plain words


class Platform(Protocol):
    """One platform in this process: a channel that sends for the accounts held here, and their receiving."""

    channel: Channel

    async def check(self, token: str, options: dict[str, Any]) -> Checked:
        """Ask the platform who that is. Raises Refused for a token that is not good, Unavailable without an answer."""
        ...

    async def run(self, account: Account, token: str, core: "Core") -> None:
        """Receive and send for the account until cancelled.

        Updates are in the journal before the platform is told that we have them. Raises Refused when the account
        cannot work until somebody changes something (a revoked token), Unavailable when it may by itself.
        """
        ...


def known(name: str) -> str:
    """That name, where we have such a platform. Raises Refused for any other."""
    if name not in _PLACES:
        raise Refused(f"There is no channel {name!r}.", remedy=f"There are: {', '.join(NAMES)}.")
    return name


@cache
def platform(name: str) -> Platform:
    """The platform of that name, this process's only one. Raises Refused for an unknown name."""
    module, _, member = _PLACES[known(name)].partition(":")
    return cast(Platform, getattr(import_module(module), member)())
