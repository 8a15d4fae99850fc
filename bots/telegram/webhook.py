"""How do updates come in by webhook? Telegram posts them to our address, with a secret that only it and we know.

Each is in the journal before Telegram hears that we have it. Several processes may serve the address: whichever is asked
takes the update in, and the one that has the account sends.
"""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from bots.telegram.attending import Attendant
from bots.telegram.failing import ours
from bots.telegram.line import Line, open_line, remember
from bots.telegram.polling import attend_one
from bots.telegram.proof import address_of, secret_of
from bots.telegram.receiving import KINDS
from gator.crypto import unseal
from gator.errors import Refused
from memory.models import Account

if TYPE_CHECKING:
    from bots.core import Core

# One at a time, so that what one person writes stays in its order; a busier bot polls.
_CONNECTIONS = 1


def is_by_webhook(account: Account) -> bool:
    return (account.options or {}).get("mode") == "webhook"


async def hold_webhook(line: Line) -> None:
    """Have Telegram post to us until cancelled. It is not taken back: what comes while we are away waits there."""
    settings = line.core.settings
    with ours(repeatable=True):
        await line.bot.set_webhook(
            address_of(settings, line.account),
            allowed_updates=KINDS,
            secret_token=secret_of(settings, line.account.id),
            max_connections=_CONNECTIONS,
        )
    await asyncio.Event().wait()


class Hooks:
    """This process's share of what is posted: an attendant for each account, and the updates seen lately."""

    def __init__(self) -> None:
        self._attendants: OrderedDict[str, Attendant] = OrderedDict()
        self._seen: OrderedDict[str, Any] = OrderedDict()

    def use(self, line: Line) -> None:
        """The account's line is open here: it is used from now on."""
        self._attendants[line.account.id] = Attendant(line)

    def leave(self, line: Line) -> None:
        self._attendants.pop(line.account.id, None)

    async def take(self, core: "Core", account: Account, update: Any) -> None:
        """Take in what was posted; the same one again is known. Raises what the store raises while it is away."""
        number = update.get("update_id") if isinstance(update, dict) else None
        if not isinstance(number, int):
            raise Refused("That is no update of Telegram's.")
        key = f"{account.id}:{number}"
        if key in self._seen:
            return
        await attend_one(self._attendant(core, account), update)
        remember(self._seen, key, True)

    def _attendant(self, core: "Core", account: Account) -> Attendant:
        there = self._attendants.get(account.id)
        if there is None or not there.serves(account):
            line = open_line(account, unseal(core.settings.secret, account.credential), core)
            there = Attendant(line)
            remember(self._attendants, account.id, there)
        return there
