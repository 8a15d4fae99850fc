"""Models over REST and at the console: listed, pulled as jobs by admins only, removed when nobody would miss them."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from bots.core import Core
from gator.principal import Principal
from gpu_worker.shelf import Shelf, ShelfEntry, shelf
from memory.models import Persona
from tests.api.conftest import SignedIn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def dream(core: Core) -> Path:
    """A model on the shelf."""
    return on_shelf(shelf(core.settings), "dream")


def on_shelf(here: Shelf, name: str) -> Path:
    path = here.folder / name
    path.mkdir(parents=True)
    (path / "w.safetensors").write_bytes(b"x" * 100)
    entry = {"name": name, "kind": "pipeline", "family": "sdxl", "path": path, "source": "ada/dream", "bytes": 100}
    here.put(ShelfEntry.model_validate({**entry, "licence": "cc-by-nc-4.0", "accepted_by": "user:1"}))
    return path


async def test_models_are_listed_with_their_licences_and_known_ones_with_their_memory(
    owner: httpx.AsyncClient, dream: Path
) -> None:
    [here] = (await owner.get("/api/v1/models")).json()
    assert (here["name"], here["bytes"], here["accepted_by"], here["loaded_on"]) == ("dream", 100, "user:1", [])
    assert here["licence_in_words"] == "cc-by-nc-4.0: FORBIDS COMMERCIAL USE"
    known = {one["name"]: one for one in (await owner.get("/api/v1/models/known")).json()}
    assert known["sdxl"]["bytes"] == 2 * (2_567_000_000 + 123_000_000 + 695_000_000 + 84_000_000)
    assert known["sdxl"]["denoiser_bytes"] == 2 * 2_567_000_000
    assert "FORBIDS COMMERCIAL USE" in known["flux-dev"]["licence_in_words"]


async def test_a_pull_is_a_job_and_for_admins_only(owner: httpx.AsyncClient, signed_in: SignedIn) -> None:
    ask = {"what": "sdxl", "accept_licence": "openrail++"}
    made = await owner.post("/api/v1/models", json=ask)
    assert made.status_code == 202
    job = (await owner.get(made.headers["location"])).json()
    assert (job["kind"], job["state"], made.json()["title"]) == ("model.pull", "queued", "sdxl")
    assert (await owner.post("/api/v1/models", json=ask)).json()["id"] == job["id"]
    assert (await owner.post("/api/v1/models", json={"what": "/etc"})).status_code == 422
    operator = await signed_in("operator")
    assert (await operator.post("/api/v1/models", json=ask)).status_code == 403
    assert (await operator.delete("/api/v1/models/dream")).status_code == 403
    assert (await operator.get("/api/v1/models")).status_code == 200


async def test_a_model_that_somebody_would_miss_is_not_removed(
    owner: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona, dream: Path
) -> None:
    async with core.store.open_work(operator) as work:
        row = await work.personas.get(nova.id)
        row.character = {**row.character, "media": {"picture_model": "dream"}}
        job = await work.jobs.queue("picture.make", {}, key="k", makes="picture", model="dream")
        loaded = [{"model": "dream", "bytes": 5}]
        told: dict[str, Any] = {"host": "rack", "name": "cuda:0", "kind": "cuda", "state": "ready", "loaded": loaded}
        await work.devices.tell("rack/cuda:0", **told)

    async def why(anyway: bool) -> str:
        answer = await owner.delete("/api/v1/models/dream", params={"anyway": anyway})
        assert answer.status_code == 409, answer.text
        return str(answer.json()["detail"])

    assert "loaded on rack/cuda:0; 1 job for it waits or runs; Nova names it" in await why(anyway=True)
    async with core.store.open_work(operator) as work:
        await work.devices.end("rack/cuda:0", "stopped")
        await work.jobs.cancel(job.id)
    assert await why(anyway=False) == "dream is in use: Nova names it."
    assert (await owner.delete("/api/v1/models/dream", params={"anyway": True})).status_code == 204
    assert (await owner.delete("/api/v1/models/dream")).status_code == 404
    assert not dream.exists()
