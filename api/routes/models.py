"""Models: what lies on the shelf, what could be pulled, and to pull or remove one."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import CallerDep, CoreDep, TurnDep, needs
from tools import models
from tools.jobs import JobShown, shown
from tools.models import KnownSeen, ModelSeen, PullModelAsk

router = APIRouter(prefix="/models", tags=["jobs"])


@router.get("", dependencies=[needs("jobs:read")])
async def list_models(core: CoreDep, caller: CallerDep) -> list[ModelSeen]:
    """Those on the shelf, with their licence, who accepted it, and which devices hold them."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return await models.list_models(work, core.settings)


@router.get("/known", dependencies=[needs("jobs:read")])
async def list_known_models(core: CoreDep) -> list[KnownSeen]:
    """Those that can be pulled by a short name, with the memory that they need."""
    return models.list_known(core.settings)


@router.post("", status_code=202, dependencies=[needs("models:write")])
async def pull_model(ask: PullModelAsk, turn: TurnDep, response: Response) -> JobShown:
    """Queue a pull; follow it at /api/v1/jobs/{job}. Without the right `accept_licence` it fails and names the licence."""
    job = await models.order_pull(ask, turn)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return shown(job)


@router.delete("/{model}", status_code=204, dependencies=[needs("models:write")])
async def remove_model(model: str, turn: TurnDep, anyway: Annotated[bool, Query()] = False) -> None:
    """Delete its files for good. Not while it is loaded; where a persona names it only with `anyway`."""
    await models.remove_model(model, turn, anyway=anyway)
