"""Devices and jobs as machines read them: /api/v1/devices, /metrics, and jobs that are held."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from gator.clock import now
from gator.principal import Principal
from memory.models import Device, Job
from memory.store import Store
from tests.api.conftest import visiting


@pytest.fixture
async def job(store: Store, operator: Principal) -> Job:
    async with store.open_work(operator) as work:
        for name, seen_at in {"cuda:0": now(), "cuda:1": now() - timedelta(minutes=5)}.items():
            await work.devices.tell(
                f"rack/{name}", host="rack", name=name, kind="cuda", label='A "big" one', memory_bytes=24 * 10**9,
                free_bytes=16 * 10**9, state="busy", jobs=7, loaded=[{"model": "nova-xl", "bytes": 8 * 10**9}],
            )  # fmt: skip
            (await work.session.get_one(Device, f"rack/{name}")).seen_at = seen_at
        return await work.jobs.queue(
            "picture.make", {}, key="k", makes="picture", title="Nova", model="nova-xl", deadline_at=now()
        )


async def test_devices_are_listed_with_their_models_and_the_silent_as_lost(owner: httpx.AsyncClient, job: Job) -> None:
    first, second = (await owner.get("/api/v1/devices")).json()

    assert (first["id"], first["state"], first["jobs"]) == ("rack/cuda:0", "busy", 7)
    assert first["loaded"] == [{"model": "nova-xl", "bytes": 8 * 10**9}]
    assert (second["state"], second["reason"]) == ("lost", "Its process has not been heard of lately.")


async def test_a_job_is_held_and_goes_on(owner: httpx.AsyncClient, job: Job) -> None:
    held = (await owner.post(f"/api/v1/jobs/{job.id}/pause")).json()
    assert (held["state"], held["model"], held["device"]) == ("paused", "nova-xl", "")
    assert [one["id"] for one in (await owner.get("/api/v1/jobs?state=paused")).json()["items"]] == [job.id]
    assert (await owner.post(f"/api/v1/jobs/{job.id}/pause")).status_code == 409
    assert (await owner.post(f"/api/v1/jobs/{job.id}/resume")).json()["state"] == "queued"
    assert (await owner.post(f"/api/v1/jobs/{job.id}/resume")).status_code == 409
    actions = [one["action"] for one in (await owner.get("/api/v1/audit")).json()["items"]]
    assert {"job.pause", "job.resume"} <= set(actions)


async def test_metrics_tell_of_jobs_and_devices(owner: httpx.AsyncClient, job: Job) -> None:
    answer = await owner.get("/metrics")
    lines = answer.text.splitlines()

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'gator_jobs{state="queued",kind="picture.make",model="nova-xl"} 1' in lines
    assert 'gator_device_up{device="rack/cuda:0",kind="cuda"} 1' in lines
    assert 'gator_device_up{device="rack/cuda:1",kind="cuda"} 0' in lines
    assert 'gator_device_model_bytes{device="rack/cuda:0",kind="cuda",model="nova-xl"} 8000000000' in lines
    assert all(line.startswith("#") or line.rpartition(" ")[2].replace(".", "").isdigit() for line in lines)


async def test_metrics_are_for_who_may_see_jobs(app: FastAPI, anybody: httpx.AsyncClient, job: Job) -> None:
    assert (await anybody.get("/metrics")).status_code == 401
    async with visiting(app, "gk_wrong") as unknown:
        assert (await unknown.get("/metrics")).status_code == 401
