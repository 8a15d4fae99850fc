"""Which accounts receive and send in this process? Every enabled one whose lease is to be had, each in a task of its own.

The table says which accounts there are; every two seconds it is looked at, so that an account added, changed, switched off
or removed by any process is followed here. An account is run by one process, under a lease that it renews; what goes wrong
with one is written to its row and touches no other. Nothing of a platform is imported before an account of it is there.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bots import languages, platforms
from gator.crypto import unseal
from gator.errors import GatorError, Refused, Unavailable
from gator.ids import new_id
from gator.principal import Principal, service
from memory.founding import workspaces
from memory.models import Account

if TYPE_CHECKING:
    from bots.core import Core

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
LEASE = timedelta(seconds=15)
RENEW_AFTER_S = LEASE.total_seconds() / 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 15.0  # so long without an error, and the last one is history

Find = Callable[[str], platforms.Platform]


@dataclass(slots=True)
class _Held:
    """An account that runs here. It is cancelled when its lease ends, should nobody be able to renew it."""

    account: Account
    task: asyncio.Task[None]
    guard: asyncio.TimerHandle
    renewed_at: float  # by the loop's clock

    def end(self) -> None:
        self.guard.cancel()
        self.task.cancel()


class Roster:
    """One process's share of the accounts."""

    def __init__(self, core: "Core", find: Find = platforms.platform) -> None:
        self._core = core
        self._store = core.store
        self._find = find
        self._owner = f"{os.getpid()}-{new_id()[-12:]}"
        self._platforms: dict[str, platforms.Platform] = {}
        self._held: dict[str, _Held] = {}
        self._refused: dict[str, tuple[Any, ...]] = {}  # accounts that cannot work, as their rows were then

    async def keep(self) -> None:
        """Run what is enabled, until cancelled."""
        try:
            if self._store.url.startswith("sqlite"):  # one process uses it, so nobody else holds anything
                await self._break_leases()
            while True:
                try:
                    await self._look()
                except Exception:
                    log.exception("roster_failed")  # a database that is away comes back
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._stop()

    async def _break_leases(self) -> None:
        for workspace in await workspaces(self._store):
            async with self._store.open_work(_keeper(workspace)) as work:
                await work.accounts.break_leases()

    async def _stop(self) -> None:
        for held in self._held.values():
            held.end()
        await asyncio.gather(*(held.task for held in self._held.values()), return_exceptions=True)
        for held in list(self._held.values()):
            await self._let_go(held)

    # Looking

    async def _look(self) -> None:
        enabled: dict[str, Account] = {}
        for workspace in await workspaces(self._store):
            async with self._store.open_work(_keeper(workspace), reads=True) as work:
                enabled |= {account.id: account for account in await work.accounts.all(enabled=True)}
        for held in list(self._held.values()):
            if held.task.done():
                await self._let_go(held)
            elif held.account.id not in enabled:
                held.end()
        for account in enabled.values():
            await self._look_at(account)

    async def _look_at(self, account: Account) -> None:
        held = self._held.get(account.id)
        if held is None:
            if self._refused.get(account.id) != _state(account) and await self._load(account):
                await self._start(account)
        elif _orders(held.account) != _orders(account):
            held.end()  # and started as it is now once it has ended
        elif asyncio.get_running_loop().time() - held.renewed_at >= RENEW_AFTER_S:
            await self._renew(held)

    async def _load(self, account: Account) -> bool:
        """Whether the platform is there to run the account; the first one of it imports a library, beside the loop."""
        if account.channel in self._platforms:
            return True
        try:
            found = await asyncio.to_thread(self._find, account.channel)
            await asyncio.to_thread(languages.load)  # people will write: not to be waited for with the first message
        except Refused as unknown:
            await self._refuse(account, str(unknown))
            return False
        except ImportError as missing:
            await self._refuse(
                account, f"A library is missing: {missing.name}. Run `make setup`, or install Gator anew."
            )
            return False
        self._platforms[account.channel] = found
        self._core.delivery.add(found.channel)  # before its first account runs
        return True

    async def _start(self, account: Account) -> None:
        async with self._store.open_work(_keeper(account.workspace)) as work:
            taken = await work.accounts.take(account.id, self._owner, LEASE)
        if taken is None:
            return
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(self._run(taken), name=f"account {taken.id}")
        self._held[taken.id] = _Held(taken, task, loop.call_later(LEASE.total_seconds(), task.cancel), loop.time())
        log.info("account_taken", account=taken.id, channel=taken.channel)

    async def _renew(self, held: _Held) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time()  # before the row says so: the guard may be early, never late
        async with self._store.open_work(_keeper(held.account.workspace)) as work:
            kept = await work.accounts.take(held.account.id, self._owner, LEASE)
        if kept is None:
            log.warning("account_lost", account=held.account.id)
            held.end()
            return
        held.guard.cancel()
        held.guard = loop.call_at(at + LEASE.total_seconds(), held.task.cancel)
        held.renewed_at = at

    async def _let_go(self, held: _Held) -> None:
        """Leave an account that does not run any more to whoever wants it."""
        held.guard.cancel()
        if not held.task.cancelled() and (bug := held.task.exception()):
            log.error("account_died", account=held.account.id, exc_info=bug)
        del self._held[held.account.id]
        try:
            async with self._store.open_work(_keeper(held.account.workspace)) as work:
                await work.accounts.let_go(held.account.id, self._owner)
        except SQLAlchemyError:
            log.exception("account_not_let_go", account=held.account.id)  # the lease ends by itself

    # Running

    async def _run(self, account: Account) -> None:
        """Run the account, again after what may pass; until it is cancelled, or refused for good."""
        pause_s = FIRST_PAUSE_S
        while True:
            began = asyncio.get_running_loop().time()
            wait_s = 0.0
            try:
                await self._receive(account)
                why = "It stopped by itself."
            except Refused as no:
                await self._refuse(account, str(no))
                return
            except GatorError as passing:
                why = str(passing)
                wait_s = (passing.retry_after_s or 0.0) if isinstance(passing, Unavailable) else 0.0
            except Exception as bug:
                log.exception("account_broke", account=account.id, channel=account.channel)
                why = f"It broke ({type(bug).__name__}); the log says more."
            if asyncio.get_running_loop().time() - began > STEADY_S:
                pause_s = FIRST_PAUSE_S
            wait_s = max(wait_s, pause_s)
            log.warning("account_waits", account=account.id, channel=account.channel, wait_s=wait_s)
            await self._note(account, why)
            await asyncio.sleep(wait_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _receive(self, account: Account) -> None:
        token = unseal(self._core.settings.secret, account.credential)
        recovering = asyncio.create_task(self._recover(account))
        try:
            await self._platforms[account.channel].run(account, token, self._core)
        finally:
            recovering.cancel()

    async def _recover(self, account: Account) -> None:
        """Forget the last error once the account has run for a while without a new one."""
        await asyncio.sleep(STEADY_S)
        if account.error:
            async with self._store.open_work(_keeper(account.workspace)) as work:
                await work.accounts.forgive(account.id, account.error)
            account.error = ""

    async def _refuse(self, account: Account, why: str) -> None:
        """It cannot work until somebody changes something: its row says why, and a changed row is tried again."""
        log.warning("account_refused", account=account.id, channel=account.channel)
        await self._note(account, why)
        self._refused[account.id] = _state(account)

    async def _note(self, account: Account, error: str) -> None:
        """Keep in the row why it does not work, and in `account`, which is our copy of it."""
        try:
            async with self._store.open_work(_keeper(account.workspace)) as work:
                await work.accounts.failed(account.id, error)
            account.error = error
        except SQLAlchemyError:
            log.exception("account_not_noted", account=account.id)


def _keeper(workspace: str) -> Principal:
    return service(workspace, "roster")


def _orders(account: Account) -> tuple[Any, ...]:
    """What makes it another account to run."""
    return account.credential, account.options, account.persona_id, account.external_id


def _state(account: Account) -> tuple[Any, ...]:
    """What must change before an account that was refused is tried again; `gator account check` clears the error."""
    return *_orders(account), account.error
