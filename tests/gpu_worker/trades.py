"""Small kinds of jobs for the tests of the worker; imported by the tests and by the worker processes they start."""

import asyncio
import os
from pathlib import Path

from gator.errors import Refused, Unavailable
from gpu_worker.jobs import KINDS, Payload
from gpu_worker.studio import Claim, Draft, Studio, handles


class Order(Payload):
    """What a test asks for; `signs` is a folder where handlers leave a mark for each time they begin."""

    text: str = "done"
    steps: int = 0
    signs: str = ""
    fails_until: int = 0  # attempts that end in an error
    error: str = "unavailable"


KINDS["test.write"] = Order


@handles("test.write")
async def write(job: Claim[Order], studio: Studio) -> Draft:
    """Write the text and those of the needed assets to a file, in steps of 50 ms."""
    order = job.payload
    if order.signs:
        (Path(order.signs) / f"{job.id}.{job.attempt}.{os.getpid()}").touch()
    for step in range(order.steps):
        await studio.progress(step / order.steps, (order.steps - step) * 0.05)
        await asyncio.sleep(0.05)
    if job.attempt <= order.fails_until:
        _fail(order.error)
    path = studio.scratch / "text"
    path.write_text(order.text)
    return Draft(path, "text/plain", duration_s=1.5, provenance={"engine": "pen"}, alt_text="a text")


def _fail(error: str) -> None:
    if error == "unavailable":
        raise Unavailable("No pen is free.", remedy="Wait.", retry_after_s=0.01)
    if error == "refused":
        raise Refused("This cannot be written.")
    raise KeyError(error)


class Join(Payload):
    parts: list[str]


KINDS["test.join"] = Join


@handles("test.join")
async def join(job: Claim[Join], studio: Studio) -> Draft:
    path = studio.scratch / "joined"
    path.write_text(" ".join(studio.file(part).read_text() for part in job.payload.parts))
    return Draft(path, "text/plain")
