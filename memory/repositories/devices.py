"""Devices: what jobs on models can run on, of all hosts. They belong to no workspace."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from gator.clock import now
from memory.models import Device
from memory.repositories.base import Repository

SILENT = timedelta(seconds=30)  # a device process tells of itself every few seconds
_FORGOTTEN = timedelta(days=1)


def heard_of(device: Device, at: datetime) -> bool:
    """Whether its process lives: it told something lately and not that it ended."""
    return device.state in ("ready", "busy") and at - device.seen_at < SILENT


class Devices(Repository):
    async def all(self) -> list[Device]:
        """By host and name; those not heard of for a day are left out."""
        query = select(Device).where(Device.seen_at > now() - _FORGOTTEN).order_by(Device.host, Device.name)
        return [*await self._session.scalars(query)]

    async def tell(self, id: str, **said: Any) -> None:
        """Write what a device's process says of it."""
        known = await self._session.get(Device, id)
        if known is None:
            known = Device(id=id, loaded=[], models=[])
            self._session.add(known)
        for name, value in said.items():
            setattr(known, name, value)
        known.seen_at = now()
        await self._session.flush()

    async def end(self, id: str, state: str, reason: str = "") -> None:
        """Say that its process is gone. What it said itself of a lost device stays."""
        gone = update(Device).where(Device.id == id)
        said = {"reason": reason} if reason else {}
        await self._session.execute(gone.values(state=state, loaded=[], free_at=None, **said))

    async def forget(self) -> None:
        """Drop the rows that nobody has spoken of for long."""
        await self._session.execute(delete(Device).where(Device.seen_at < now() - _FORGOTTEN))
