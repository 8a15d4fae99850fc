"""Devices: how is what jobs on models run on shown, and has any of them the model? For REST, `gator job devices`, orders."""

import socket
from datetime import datetime

from pydantic import BaseModel

from gator.clock import now
from gator.errors import Unavailable
from gpu_worker.devices import require_torch
from memory.models import Device
from memory.repositories.devices import heard_of
from memory.work import Work
from tools.wording import counted


class ModelLoaded(BaseModel):
    model: str
    bytes: int


class DeviceSeen(BaseModel):
    id: str
    host: str
    name: str
    kind: str
    label: str
    state: str  # ready, busy, lost, stopped
    reason: str
    memory_bytes: int
    free_bytes: int
    loaded: list[ModelLoaded]
    jobs: int
    free_at: datetime | None
    seen_at: datetime

    def in_words(self) -> str:
        """One line."""
        models = ", ".join(one.model for one in self.loaded) or "no model loaded"
        room = f"{_gb(self.free_bytes)} of {_gb(self.memory_bytes)} free" if self.is_there else self.reason
        return f"{self.id}  {self.label}: {self.state}, {room}; {models}; {counted(self.jobs, 'job')} done"

    @property
    def is_there(self) -> bool:
        return self.state in ("ready", "busy")


def seen(row: Device) -> DeviceSeen:
    """A device as it is now: one whose process has not spoken lately is lost, whatever it said last."""
    shown = DeviceSeen.model_validate(row, from_attributes=True)
    if shown.is_there and not heard_of(row, now()):
        return shown.model_copy(update={"state": "lost", "reason": "Its process has not been heard of lately."})
    return shown


async def check_somebody_has(work: Work, model: str | None) -> None:
    """Raises Unavailable where nothing runs models here, or where no machine that takes jobs has this one."""
    if model is None:
        return
    there = await work.devices.all()
    if not there:
        require_torch()
    living = [one for one in there if heard_of(one, now())]
    here = socket.gethostname()[:80]  # what was just put onto this machine's shelf its devices have not told yet
    if living and not any(one.host == here or model in one.models for one in living):
        hosts = " or ".join(sorted({one.host for one in living}))
        raise Unavailable(
            f"No machine that takes jobs has the model {model}.",
            remedy=f"Put it into the models folder of {hosts} (`gator model pull` there), or name another model.",
        )


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
