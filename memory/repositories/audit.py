"""The audit log: who did what to what, each row bound to the one before it."""

import hashlib
from typing import Any

import orjson
from sqlalchemy import text

from gator.clock import now
from gator.ids import new_id
from memory.models import Audit
from memory.repositories.base import Repository


def _hash(previous: str, row: Audit) -> str:
    at = row.created_at.isoformat()
    content = [previous, row.id, at, row.actor, row.action, row.subject, row.detail]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


class AuditLog(Repository):
    async def note(self, action: str, subject: str, **detail: Any) -> None:
        """Write down that the principal did `action` to `subject`."""
        if self._session.get_bind().dialect.name == "postgresql":  # one link at a time, as SQLite has anyway
            await self._session.execute(
                text("SELECT pg_advisory_xact_lock(hashtext(:workspace))"), {"workspace": "audit" + self._workspace}
            )
        last = await self._session.scalar(self._mine(Audit).order_by(Audit.id.desc()).limit(1))
        row = Audit(
            id=new_id(),
            created_at=now(),
            workspace=self._workspace,
            actor=str(self._principal),
            action=action,
            subject=subject,
            detail=detail,
            previous=last.hash if last else "",
        )
        row.hash = _hash(row.previous, row)
        await self._add(row)

    async def recent(self, limit: int = 100, before: str | None = None) -> list[Audit]:
        query = self._mine(Audit)
        query = query.where(Audit.id < before) if before else query
        return [*await self._session.scalars(query.order_by(Audit.id.desc()).limit(limit))]

    async def first_broken(self) -> str | None:
        """The id of the first row that does not follow from the one before it; None when the chain is whole."""
        previous = ""
        for row in await self._session.scalars(self._mine(Audit).order_by(Audit.id)):
            if row.previous != previous or row.hash != _hash(previous, row):
                return row.id
            previous = row.hash
        return None
