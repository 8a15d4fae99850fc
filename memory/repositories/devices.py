"""Devices: what jobs on models can run on, of all hosts. They belong to no workspace."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from gator.clock import now
from memory.models import Device
from memory.prepared import Prepared
from memory.repositories.base import Repository, copy_of, insert_into, row_of, table_of

SILENT = timedelta(seconds=30)  # a device process tells of itself every few seconds
_FORGOTTEN = timedelta(days=1)
_D = table_of(Device)
_ALL = Prepared(select(_D).where(_D.c.seen_at > bindparam("since")).order_by(_D.c.host, _D.c.name))


@cache
def _telling(dialect: str, said: Sequence[str]) -> Prepared:
    """The row of a device with what was said of it; what was not said stays."""
    insert = insert_into(Device, dialect)
    return Prepared(
        insert.on_conflict_do_update(index_elements=[_D.c.id], set_={one: insert.excluded[one] for one in said})
    )


def heard_of(device: Device, at: datetime) -> bool:
    """Whether its process lives: it told something lately and not that it ended."""
    return device.state in ("ready", "busy") and at - device.seen_at < SILENT


class Devices(Repository):
    async def all(self) -> list[Device]:
        """Copies, by host and name; those not heard of for a day are left out."""
        rows = await _ALL.run(self._session, {"since": now() - _FORGOTTEN})
        return [copy_of(Device, dict(zip(_D.c.keys(), row, strict=True))) for row in rows]

    async def tell(self, id: str, **said: Any) -> None:
        """Write what a device's process says of it."""
        told = {**said, "seen_at": now()}
        row = {"host": "", "name": "", "kind": "", **told, "id": id}  # a row that is there has these already
        await _telling(self._dialect, tuple(told)).run(self._session, row_of(Device, **row))

    async def end(self, id: str, state: str, reason: str = "") -> None:
        """Say that its process is gone. What it said itself of a lost device stays."""
        gone = update(Device).where(Device.id == id)
        said = {"reason": reason} if reason else {}
        await self._session.execute(gone.values(state=state, loaded=[], free_at=None, **said))

    async def forget(self) -> None:
        """Drop the rows that nobody has spoken of for long."""
        await self._session.execute(delete(Device).where(Device.seen_at < now() - _FORGOTTEN))
