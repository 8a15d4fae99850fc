"""What does the worker do, and on what?"""

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.frame import button, empty, page
from api.console.talk import clock
from api.console.visit import Visit
from memory.models import Device, Job
from tools.capability import Capability
from tools.devices import DeviceSeen, seen
from tools.jobs import NameJob, cancel_job, pause_job, resume_job, retry_job
from tools.unseen import with_unseen_shown
from tools.wording import counted

EVERY_S = 2.0
MOST = 40
Refresh = Callable[[], Awaitable[None]]
# What can be done to a job in a state.
_DEEDS: dict[str, tuple[tuple[str, Capability], ...]] = {
    "queued": (("Hold", pause_job), ("Cancel", cancel_job)),
    "running": (("Hold", pause_job), ("Cancel", cancel_job)),
    "paused": (("Resume", resume_job), ("Cancel", cancel_job)),
    "failed": (("Try again", retry_job),),
    "cancelled": (("Try again", retry_job),),
}


@page("/jobs", "Jobs", "jobs:read")
async def jobs_page(visit: Visit) -> None:
    """The devices there are, and the newest jobs, as they go."""
    machines = ui.element("ul").classes("plain stack").props('aria-label="Devices"')
    there = ui.element("ul").classes("plain stack")
    shown: object = None

    async def refresh() -> None:
        nonlocal shown
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            devices = await work.devices.all()
            jobs = await work.jobs.recent(limit=MOST)
            assets = await work.assets.by_ids([job.asset_id for job in jobs if job.asset_id])
        now = ([_looks(one) for one in devices], [(job.id, job.state, round(job.progress, 2)) for job in jobs])
        if now == shown:
            return
        shown = now
        machines.clear()
        with machines:
            for one in devices:
                _device(seen(one))
        there.clear()
        with there:
            for job in jobs:
                made = assets.get(job.asset_id or "")
                _job(visit, job, with_unseen_shown((made.title if made else "") or job.kind), refresh)
            if not jobs:
                empty("No jobs yet.")

    await refresh()
    ui.timer(EVERY_S, refresh, immediate=False)


def _looks(one: Device) -> tuple[object, ...]:
    """What is shown of a device, but for its free memory by the byte."""
    told = seen(one)
    return told.id, told.state, told.reason, told.jobs, tuple(held.model for held in told.loaded), told.free_bytes >> 28


def _device(one: DeviceSeen) -> None:
    with ui.element("li").classes("card job"):
        with ui.element("div").classes("by"):
            ui.label(one.name).classes("name")
            ui.label(f"{one.label}, {one.host}").classes("soft")
            ui.label(one.state).classes("mark" + (" wanted" if one.state == "lost" else ""))
        models = ", ".join(f"{held.model} ({held.bytes / 1e9:.1f} GB)" for held in one.loaded) or "no model loaded"
        free = f"{one.free_bytes / 1e9:.1f} of {one.memory_bytes / 1e9:.1f} GB free; " if one.is_there else ""
        ui.label(with_unseen_shown(f"{free}{models}; {counted(one.jobs, 'job')} done. {one.reason}")).classes("soft")


def _job(visit: Visit, job: Job, title: str, refresh: Refresh) -> None:
    with ui.element("li").classes("card job"):
        with ui.element("div").classes("by"):
            ui.label(title).classes("name")
            ui.label(job.kind).classes("soft")
            ui.label(clock(job.created_at, visit.zone)).classes("at")
            ui.label(job.state).classes("mark" + (" wanted" if job.state == "failed" else ""))
        bar = ui.linear_progress(job.progress, show_value=False).props("rounded")
        bar.props["aria-label"] = f"{title}: {job.progress:.0%}"
        if where := _where(job):
            ui.label(where).classes("soft")
        if job.error:
            ui.label(with_unseen_shown(job.error)).classes("soft")
        if visit.may("jobs:write") and job.state in _DEEDS:
            with ui.element("div").classes("row"):
                for name, deed in _DEEDS[job.state]:
                    button(name, _doing(visit, job.id, deed, refresh), quiet=True)


def _where(job: Job) -> str:
    """On which device with which model, and how long it still takes."""
    parts = [job.device.rpartition("/")[2], job.model or ""]
    rest = f"about {max(1, round(job.eta_s))} s to go" if job.state == "running" and job.eta_s else ""
    return ", ".join(part for part in (" with ".join(filter(None, parts)), rest) if part)


def _doing(visit: Visit, job: str, deed: Capability, refresh: Refresh) -> Callable[[], Awaitable[None]]:
    async def do() -> None:
        caller = await visit.now("jobs:write")
        await deed(NameJob(job=job), visit.turn(caller))
        await refresh()

    return do
