"""Which orders are made together, and who waits for what came of each? Claimed jobs enter, a thread makes them.

Each job runs under a lease of its own in the runner; its handler is `Batch.join`, which waits for its draft. A wait that
was cancelled is a job that nobody wants any more.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gpu_worker.engine.maker import Made, Maker, Order
from gpu_worker.studio import Cancelled, Claim, Draft, Note, Studio


@dataclass(slots=True, eq=False)
class Ticket:
    """One order and whoever waits for it."""

    kind: str
    order: Order
    made: asyncio.Future[Made]
    note: Note

    @property
    def wanted(self) -> bool:
        """Also asked from the device's thread."""
        return not self.made.cancelled()

    def settle(self, made: Made | BaseException) -> None:
        """Hand on what came of it, if nothing has yet."""
        if self.made.done():
            return
        if isinstance(made, BaseException):
            self.made.set_exception(made)
        else:
            self.made.set_result(made)


class Batch:
    """Jobs of one model that were picked together. Full when each was claimed or turned out to be another's.

    A `suspect` one was begun before and came to no end; for an `urgent` one somebody waits.
    """

    def __init__(
        self, kind: str, model: str, ids: Sequence[str], *, suspect: bool = False, urgent: bool = False
    ) -> None:
        self.suspect, self.urgent = suspect, urgent
        self.kind = kind
        self.model = model
        self.ids = tuple(ids)
        self.tickets: list[Ticket] = []
        self._coming = set(ids)
        self._full = asyncio.Event()

    async def join(self, claim: Claim[Any], studio: Studio) -> Draft:
        """What was made of the job; the handler of its claim."""
        order = Order(claim.id, claim.payload, claim.seed, studio.scratch, studio.files(), studio.keeps_at)
        ticket = Ticket(self.kind, order, asyncio.get_running_loop().create_future(), studio.note)
        self.tickets.append(ticket)
        self.leave(claim.id)
        made = await ticket.made
        return await asyncio.to_thread(made) if callable(made) else made

    def leave(self, id: str) -> None:
        """The job has come or never will."""
        self._coming.discard(id)
        if not self._coming:
            self._full.set()

    async def full(self) -> "Batch":
        await self._full.wait()
        return self

    async def settled(self) -> None:
        """Until of each order is known what came of it."""
        if self.tickets:
            await asyncio.wait([ticket.made for ticket in self.tickets])

    def in_parts(self, maker: Maker, most: Callable[[Ticket], int]) -> list[list[Ticket]]:
        """The orders in batches of those that go together, and of no more than `most` says of such a one."""
        parts: list[list[Ticket]] = []
        for ticket in self.tickets:
            part = parts[-1] if parts else []
            payloads = [other.order.payload for other in part]
            fits = len(part) < most(ticket) and all(maker.together(one, ticket.order.payload) for one in payloads)
            if part and fits:
                part.append(ticket)
            else:
                parts.append([ticket])
        return parts


def steps_of(part: Sequence[Ticket], on_step: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """What a maker calls after each step. Raises Cancelled when nobody wants any order of the part."""

    def step(done: int, of: int) -> None:
        if not any(ticket.wanted for ticket in part):
            raise Cancelled
        on_step(done, of)

    return step
