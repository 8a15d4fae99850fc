"""Devices: what jobs on models run on, on all hosts of this Gator."""

from fastapi import APIRouter

from api.deps import CallerDep, CoreDep, needs
from tools.devices import DeviceSeen, seen

router = APIRouter(prefix="/devices", tags=["jobs"])


@router.get("", dependencies=[needs("jobs:read")])
async def list_devices(core: CoreDep, caller: CallerDep) -> list[DeviceSeen]:
    """Each device with its memory, the models it holds and what it does; none until a worker had a job on a model."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return [seen(row) for row in await work.devices.all()]
