"""Models at the console: what is here, and a pull whose licence is named on the button that accepts it."""

from typing import Any

import pytest

from bots.core import Core
from gator.principal import Principal
from gpu_worker.jobs import PullModel
from gpu_worker.shelf import shelf
from tests.api.console.test_pages import press, seen
from tests.api.test_models import on_shelf

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_model_is_removed_and_another_pulled(
    user: Any, core: Core, operator: Principal, monkeypatch: Any
) -> None:
    from gpu_worker import known_models

    only = {"sdxl": known_models.known_models()["sdxl"]}
    monkeypatch.setattr("tools.models.known_models", lambda: only)
    on_shelf(shelf(core.settings), "dream")
    await user.open("/console/models")
    await seen(user, "Models", "dream", "cc-by-nc-4.0: FORBIDS COMMERCIAL USE. From ada/dream", "6.9 GB of memory")
    await seen(user, "On this machine: ", "fit")  # beside the button, before it is pulled
    await press(user, "Remove")
    await press(user, "Delete dream for good")
    await seen(user, "No models yet.")
    await press(user, "Pull")
    await press(user, "Accept openrail++ and pull")
    await seen(user, "queued")
    async with core.store.open_work(operator, reads=True) as work:
        [job] = await work.jobs.recent()
    told = PullModel.model_validate(job.payload)
    assert (told.what, told.accept_licence, told.accepted_by) == ("sdxl", "openrail++", str(operator))
