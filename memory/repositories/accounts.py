"""Bot accounts on platforms, the operators whom platforms know, and the wrong codes that were sent."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, func, or_, text, update

from gator.clock import now
from gator.errors import Conflict, NotFound
from memory.models import Account, Conversation, Identity, Miss
from memory.repositories.base import Repository

# A lease that ends later than any could is of a clock that was wrong.
_FAR = 4


State = Literal["ready", "waiting", "broken", "off"]


def state_of(account: Account) -> State:
    """Off, broken (its error says why), ready (a process runs it), or waiting for one that does."""
    if not account.enabled:
        return "off"
    if account.error:
        return "broken"
    return "ready" if account.lease_until and account.lease_until > now() else "waiting"


class Accounts(Repository):
    async def get(self, id: str) -> Account:
        return await self._get(Account, id, "account")

    async def named(self, name: str) -> Account:
        """The account of that name or id. Raises NotFound."""
        found = await self._session.scalar(self._mine(Account).where(or_(Account.name == name, Account.id == name)))
        if found is None:
            raise NotFound(f"There is no account {name!r}.", remedy="`gator account list` shows those there are.")
        return found

    async def all(self, *, enabled: bool | None = None) -> list[Account]:
        query = self._mine(Account)
        query = query if enabled is None else query.where(Account.enabled == enabled)
        return list(await self._session.scalars(query.order_by(Account.id)))

    async def add(self, row: Account) -> Account:
        """Raises Conflict when the bot, or the name, is there already."""
        same = (Account.channel == row.channel) & (Account.external_id == row.external_id)
        known = self._mine(Account).where(or_(same, Account.name == row.name))
        row.workspace = self._workspace
        there, new = await self._add_once(row, known)
        if not new:
            raise Conflict(
                f"There is an account {there.name!r} of this bot or name already.",
                remedy=f"`gator account remove {there.name}` first, or give it another --name.",
            )
        return row

    async def remove(self, id: str) -> None:
        await self._session.delete(await self.get(id))
        await self._session.flush()

    async def take(self, id: str, owner: str, lives: timedelta) -> Account | None:
        """Hold the account for a while, or longer; None while another process has it."""
        at = now()
        free = or_(
            Account.lease_until.is_(None),
            Account.lease_until < at,
            Account.lease_until > at + _FAR * lives,
            Account.lease_owner == owner,
        )
        taken = await self._session.execute(
            update(Account)
            .where(Account.workspace == self._workspace, Account.id == id, Account.enabled, free)
            .values(lease_owner=owner, lease_until=at + lives)
            .returning(Account.id)
        )
        if taken.scalar_one_or_none() is None:
            return None
        row = await self.get(id)
        await self._session.refresh(row)
        return row

    async def let_go(self, id: str, owner: str) -> None:
        await self._set(id, owner, lease_owner=None, lease_until=None)

    async def move_on(self, id: str, owner: str, cursor: str, sessions: list[Any] | None = None) -> None:
        """Remember how far the updates are in the journal, and in which sessions they came."""
        more = {} if sessions is None else {"sessions": sessions}
        await self._set(id, owner, cursor=cursor, seen_at=now(), error="", **more)

    async def break_leases(self) -> None:
        """Free all accounts: only for a database that one process uses."""
        await self._session.execute(
            update(Account).where(Account.workspace == self._workspace).values(lease_owner=None, lease_until=None)
        )

    async def failed(self, id: str, error: str) -> None:
        """Write down why it does not work; "" when the platform has answered again."""
        seen: dict[str, datetime] = {} if error else {"seen_at": now()}
        await self._change(id, error=error, **seen)

    async def forgive(self, id: str, error: str) -> None:
        """Forget that error, if it still is what stands there."""
        await self._session.execute(
            update(Account)
            .where(Account.workspace == self._workspace, Account.id == id, Account.error == error)
            .values(error="")
        )

    async def identity(self, channel: str, external_id: str) -> Identity | None:
        """The operator whom the platform knows by that id."""
        return await self._session.scalar(
            self._mine(Identity).where(Identity.channel == channel, Identity.external_id == external_id)
        )

    async def identities(self, user_id: str) -> list[Identity]:
        return list(await self._session.scalars(self._mine(Identity).where(Identity.user_id == user_id)))

    async def admit(
        self, channel: str, external_id: str, user_id: str, display_name: str, language: str = ""
    ) -> Identity:
        """Know that person on the platform as this user from now on."""
        known = self._mine(Identity).where(Identity.channel == channel, Identity.external_id == external_id)
        fresh = Identity(workspace=self._workspace, channel=channel, external_id=external_id, user_id=user_id)
        row, _ = await self._add_once(fresh, known)
        row.user_id, row.display_name, row.language = user_id, display_name[:200], language[:16]
        await self._session.flush()
        return row

    async def dismiss(self, channel: str, external_id: str) -> bool:
        """Know them as an operator no longer; False when nobody was known.

        What they said with Gator there is set aside, so that whoever is admitted in that chat next does not read it.
        """
        found = await self.identity(channel, external_id)
        if found is None:
            return False
        await self._session.delete(found)
        await self._session.flush()
        others = [one for one in await self.identities(found.user_id) if one.channel == channel]
        theirs = (Conversation.workspace == self._workspace, Conversation.user_id == found.user_id)
        there = (Conversation.channel == channel, ~Conversation.thread.contains("#"))
        chat = (Conversation.thread == external_id,) if others else ()
        await self._session.execute(
            update(Conversation)
            .where(*theirs, *there, *chat)
            .values(thread=func.substr(Conversation.thread, 1, 160) + "#" + Conversation.id)
        )
        return True

    # Wrong codes

    async def one_at_a_time(self, what: str) -> None:
        """Let nobody else do this until this transaction ends (SQLite has one writer anyway)."""
        if self._dialect == "postgresql":
            await self._session.execute(
                text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"{self._workspace} {what}"}
            )

    async def missed(self, kind: str, place: str, who: str) -> None:
        """Count a wrong code, and forget those of yesterday."""
        old = (Miss.workspace == self._workspace, Miss.created_at < now() - timedelta(days=1))
        await self._session.execute(delete(Miss).where(*old))
        await self._add(Miss(workspace=self._workspace, kind=kind, place=place, who=who))

    async def misses(self, kind: str, place: str, within: timedelta, who: str | None = None) -> int:
        """How many wrong codes were sent there lately, by that person or by anybody."""
        query = self._mine(Miss).where(Miss.kind == kind, Miss.place == place, Miss.created_at > now() - within)
        query = query.where(Miss.who == who) if who is not None else query
        return (await self._session.scalar(query.with_only_columns(func.count()))) or 0

    async def _set(self, id: str, owner: str, **values: Any) -> None:
        await self._session.execute(
            update(Account)
            .where(Account.workspace == self._workspace, Account.id == id, Account.lease_owner == owner)
            .values(**values)
        )

    async def _change(self, id: str, **values: Any) -> None:
        await self._session.execute(
            update(Account).where(Account.workspace == self._workspace, Account.id == id).values(**values)
        )
