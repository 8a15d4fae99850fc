"""Devices: how is what jobs on models run on shown? One shape for REST, `gator job devices` and the console."""

from datetime import datetime

from pydantic import BaseModel

from gator.clock import now
from memory.models import Device
from memory.repositories.devices import heard_of
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


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
