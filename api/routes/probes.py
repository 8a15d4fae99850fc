"""Is Gator alive, and is it ready? For load balancers, containers and `gator up`."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from api.deps import CoreDep, public
from gator.errors import Unavailable
from memory.directory import answers

router = APIRouter(tags=["probes"])


class Alive(BaseModel):
    status: str = "alive"


class Ready(BaseModel):
    status: str = "ready"
    database: str = "ready"
    knowledge: str = Field("ready", description="degraded while the index is away or being rebuilt: words decide then")


@router.get("/health", dependencies=[public])
async def health() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/ready", dependencies=[public])
async def ready(core: CoreDep) -> Ready:
    """The database answers too, and the workspace is there."""
    try:
        there = await answers(core.store)
    except (SQLAlchemyError, OSError) as away:
        raise Unavailable("The database does not answer.", remedy="`gator doctor` says why.", retry_after_s=5) from away
    if not there:
        raise Unavailable("The first start has not finished.", retry_after_s=1)
    archive = core.brain.archive
    return Ready(knowledge="degraded" if archive and archive.is_degraded else "ready")
