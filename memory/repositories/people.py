"""Workspaces, users, tokens and fans."""

from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, or_, select, update

from gator.clock import now
from gator.crypto import fingerprint
from gator.errors import Conflict, NotFound
from memory.models import Fan, Token, User, Workspace
from memory.prepared import Prepared
from memory.repositories.base import Repository, table_of

_F = table_of(Fan)
_KNOWN_AS = Prepared(
    select(_F.c.id, _F.c.person_id, _F.c.locale).where(
        _F.c.workspace == bindparam("mine"), _F.c.channel == bindparam("where"), _F.c.external_id == bindparam("who")
    )
)


class People(Repository):
    async def workspace(self) -> Workspace:
        found = await self._session.get(Workspace, self._workspace)
        if found is None:
            raise NotFound("There is no such workspace.")
        return found

    async def add_user(self, name: str, roles: list[str]) -> User:
        """Raises Conflict for a name that is taken, also by somebody who is added at the same moment."""
        row = User(workspace=self._workspace, name=name, roles=roles)
        user, new = await self._add_once(row, self._mine(User).where(User.name == name))
        if not new:
            raise Conflict(f"There is already a user {name}.", remedy="Choose another name.")
        return user

    async def user(self, id: str) -> User:
        return await self._get(User, id, "user")

    async def user_named(self, name: str) -> User | None:
        return await self._session.scalar(self._mine(User).where(User.name == name))

    async def users(self, *, lock: bool = False) -> list[User]:
        """All, oldest first; with `lock` as they are now, and changed by nobody else until this work is done."""
        query = self._mine(User).order_by(User.id)
        query = query.with_for_update().execution_options(populate_existing=True) if lock else query
        return list(await self._session.scalars(query))

    async def add_token(
        self,
        kind: str,
        secret: str,
        subject: str,
        *,
        name: str = "",
        scopes: list[str] | None = None,
        lives: timedelta | None = None,
    ) -> Token:
        """Keep the fingerprint of `secret`; it opens what `subject` may do until it expires or is revoked."""
        expires = now() + lives if lives else None
        row = Token(
            workspace=self._workspace,
            kind=kind,
            fingerprint=fingerprint(secret),
            subject=subject,
            name=name,
            scopes=scopes or [],
            expires_at=expires,
        )
        return await self._add(row)

    async def token(self, kind: str, secret: str) -> Token | None:
        """The living token of that kind and secret."""
        found = await self._session.scalar(
            self._mine(Token).where(
                Token.kind == kind, Token.fingerprint == fingerprint(secret), Token.revoked_at.is_(None)
            )
        )
        return found if found and (found.expires_at is None or found.expires_at > now()) else None

    async def use_token(self, kind: str, secret: str) -> Token | None:
        """As `token`, and nobody can use it again: of two at once one gets it."""
        found = await self.token(kind, secret)
        if found is None:
            return None
        changed = await self._session.execute(
            update(Token).where(Token.id == found.id, Token.revoked_at.is_(None)).values(revoked_at=now())
        )
        return found if changed.rowcount == 1 else None  # type: ignore[attr-defined]

    async def living_token(self, id: str) -> Token | None:
        """The token of that id, unless it has expired or was revoked."""
        found = await self._session.scalar(self._mine(Token).where(Token.id == id, Token.revoked_at.is_(None)))
        return found if found and (found.expires_at is None or found.expires_at > now()) else None

    async def revoke_token(self, id: str) -> Token:
        """End a token; one that has ended stays so. Raises NotFound."""
        found = await self._get(Token, id, "token")
        found.revoked_at = found.revoked_at or now()
        await self._session.flush()
        return found

    async def set_password(self, user: User, password_hash: str) -> None:
        """Keep the new hash and end every session of the user: whoever held one must sign in again."""
        user.password_hash = password_hash
        await self._session.flush()
        await self.end_tokens(user.id, "session")

    async def end_tokens(self, subject: str, *kinds: str) -> None:
        """End all living tokens of these kinds."""
        await self._session.execute(
            update(Token)
            .where(Token.workspace == self._workspace, Token.subject == subject, Token.kind.in_(kinds))
            .where(Token.revoked_at.is_(None))
            .values(revoked_at=now())
        )

    async def sessions(self, subject: str) -> bool:
        """Whether they ever signed in."""
        query = self._mine(Token).where(Token.subject == subject, Token.kind == "session").with_only_columns(Token.id)
        return await self._session.scalar(query.limit(1)) is not None

    async def tokens(self, subject: str) -> list[Token]:
        return list(await self._session.scalars(self._mine(Token).where(Token.subject == subject).order_by(Token.id)))

    async def fan(self, id: str) -> Fan:
        return await self._get(Fan, id, "fan")

    async def stop(self, fan_id: str, at: datetime | None) -> None:
        """Have the person hear nothing unasked from then on, on any channel; None lets such messages come again (L16)."""
        fan = await self.fan(fan_id)
        person = fan.person_id or fan.id
        theirs = (Fan.workspace == self._workspace, or_(Fan.id == person, Fan.person_id == person))
        await self._session.execute(update(Fan).where(*theirs).values(stopped_at=at))

    async def meet_fan(self, channel: str, external_id: str, display_name: str = "") -> Fan:
        """The fan whom the channel knows by that id, made on first sight."""
        row = Fan(workspace=self._workspace, channel=channel, external_id=external_id, display_name=display_name)
        return (await self._add_once(row, self._known_as(channel, external_id)))[0]

    async def fan_known_as(self, channel: str, external_id: str) -> Fan | None:
        """The fan whom the channel knows by that id, where we met them: a copy, with what a door asks of them."""
        values = {"mine": self._workspace, "where": channel, "who": external_id}
        row = await _KNOWN_AS.first(self._session, values)
        return Fan(id=row[0], person_id=row[1], locale=row[2]) if row else None

    def _known_as(self, channel: str, external_id: str) -> Select[Fan]:
        return self._mine(Fan).where(Fan.channel == channel, Fan.external_id == external_id)
