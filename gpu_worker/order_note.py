"""What was ordered of somebody outside for a job? Kept in the job's row, so that whoever takes the job up, on whatever machine,
asks for the same order and does not pay for another one.

`OrderNote` is what a maker sees of it; it says so before it orders, and again when it knows what the order is called there.
"""

from dataclasses import dataclass

from gator.ids import new_id
from gator.principal import service
from gpu_worker.studio import Cancelled, OrderRow
from memory.models import Job
from memory.store import Store


@dataclass(frozen=True, slots=True)
class JobsOrder:
    """In the row of a job that was claimed."""

    store: Store
    job: Job

    async def read(self) -> dict[str, str]:
        async with self.store.open_work(service(self.job.workspace, "worker"), reads=True) as work:
            return dict((await work.jobs.get(self.job.id)).ordered)

    async def write(self, told: dict[str, str], instead_of: dict[str, str] | None) -> bool:
        fence = self.job.fence if instead_of is None else None
        async with self.store.open_work(service(self.job.workspace, "worker")) as work:
            return await work.jobs.note_order(self.job.id, told, fence=fence, instead_of=instead_of)


class OrderNote:
    """Nothing, or that an order was given, or what it is called where it was given."""

    def __init__(self, row: OrderRow) -> None:
        self._row = row
        self._told: dict[str, str] = {}

    async def read(self) -> tuple[bool, str]:
        """Whether it was given, and its name there; empty when nobody knows it."""
        self._told = await self._row.read()
        return bool(self._told), self._told.get("task", "")

    async def begin(self) -> None:
        """An order is about to be given. Raises Cancelled when the job is not ours any more: then it must not be."""
        told = {"order": new_id()}
        if not await self._row.write(told, None):
            raise Cancelled
        self._told = told

    async def name(self, task: str) -> None:
        """It was taken, and is called so."""
        await self._put({**self._told, "task": task})

    async def forget(self) -> None:
        """It gave nothing: the next one is another order."""
        await self._put({})

    async def _put(self, told: dict[str, str]) -> None:
        """Unless somebody else has ordered since then."""
        if await self._row.write(told, self._told):
            self._told = told
