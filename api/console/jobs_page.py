"""What does the worker do, and on what?

A job that is shown stays in its place while it goes on: only its state brings other buttons.
"""

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.frame import button, empty, page
from api.console.talk import clock
from api.console.visit import Visit
from memory.models import Device, Job
from tools.capability import Capability
from tools.devices import DeviceSeen, seen
from tools.jobs import NameJob, cancel_job, name_of, pause_job, resume_job, retry_job
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
GOING_ON = ("queued", "running", "paused")


@page("/jobs", "Jobs", "jobs:read")
async def jobs_page(visit: Visit) -> None:
    """The devices there are, and the newest jobs, as they go."""
    await (board := Board(visit)).refresh()
    ui.timer(EVERY_S, board.refresh, immediate=False)


class Board:
    """All of it as it stands."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._machines = ui.element("ul").classes("plain stack").props('aria-label="Devices"')
        self._counts = ui.label().classes("soft").props("role=status")
        self._list = ui.element("ul").classes("plain stack").props('aria-label="Jobs"')
        self._cards: dict[str, JobCard] = {}
        self._devices: object = None
        self._order: object = None

    async def refresh(self) -> None:
        async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
            devices = await work.devices.all()
            jobs = await work.jobs.recent(limit=MOST)
            assets = await work.assets.by_ids([job.asset_id for job in jobs if job.asset_id])
            counts = {state: await work.jobs.count(state) for state in GOING_ON}
        self._show_devices(devices)
        said = [f"{counts[state]} {'held' if state == 'paused' else state}" for state in GOING_ON if counts[state]]
        self._counts.set_text(", ".join(said) or "Nothing waits and nothing runs.")
        if self._order != (order := [job.id for job in jobs]):
            self._order = order
            self._draw(jobs, {id: one.title for id, one in assets.items()})
        for job in jobs:
            self._cards[job.id].show(job)

    def _show_devices(self, devices: list[Device]) -> None:
        if self._devices == (now := [_looks(one) for one in devices]):
            return
        self._devices = now
        self._machines.clear()
        with self._machines:
            for one in devices:
                _device(seen(one))
            if not devices:
                empty("No device runs a model here: cards, speech offline and videos need none.")

    def _draw(self, jobs: list[Job], titles: dict[str, str]) -> None:
        self._list.clear()
        with self._list:
            named = ((job, titles.get(job.asset_id or "") or str(job.payload.get("what", ""))) for job in jobs)
            self._cards = {job.id: JobCard(self._visit, job, title, self.refresh) for job, title in named}
            if not jobs:
                empty("No jobs yet.")


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


class JobCard:
    """One job: how far it is and where, and what can be done to it now."""

    def __init__(self, visit: Visit, job: Job, title: str, refresh: Refresh) -> None:
        self._visit, self._id, self._refresh = visit, job.id, refresh
        self._title = with_unseen_shown(title or name_of(job.kind))
        self._state = ""
        self._can: tuple[tuple[str, Capability], ...] | None = None
        with ui.element("li").classes("card job"):
            with ui.element("div").classes("by"):
                ui.label(self._title).classes("name")
                ui.label(name_of(job.kind)).classes("soft")
                ui.label(clock(job.created_at, visit.zone)).classes("at")
                self._mark = ui.label()
            self._bar = ui.linear_progress(job.progress, show_value=False).props("rounded")
            self._where = ui.label().classes("soft")
            self._error = ui.label().classes("soft")
            self._deeds = ui.element("div").classes("row")

    def show(self, job: Job) -> None:
        self._bar.set_value(job.progress)
        self._bar.props["aria-label"] = f"{self._title}: {job.progress:.0%}"
        for label, words in ((self._where, _where(job)), (self._error, with_unseen_shown(job.error))):
            label.set_text(words)
            label.set_visibility(bool(words))
        if self._state != job.state:
            self._state = job.state
            self._mark.set_text(job.state)
            self._mark.classes(replace="mark" + (" wanted" if job.state == "failed" else ""))
            self._bar.set_visibility(job.state in GOING_ON)
            self._draw_deeds(_DEEDS.get(job.state, ()) if self._visit.may("jobs:write") else ())

    def _draw_deeds(self, deeds: tuple[tuple[str, Capability], ...]) -> None:
        if self._can == deeds:
            return
        self._can = deeds
        self._deeds.clear()
        self._deeds.set_visibility(bool(deeds))
        with self._deeds:
            for name, deed in deeds:
                button(name, self._doing(deed), quiet=True, aria_label=f"{name}: {self._title}")

    def _doing(self, deed: Capability) -> Callable[[], Awaitable[None]]:
        async def do() -> None:
            caller = await self._visit.now("jobs:write")
            await deed(NameJob(job=self._id), self._visit.turn(caller))
            await self._refresh()
            # Its buttons are others now: whoever is at a keyboard stays at them.
            self._deeds.client.run_javascript(f"document.querySelector('#c{self._deeds.id} button')?.focus()")

        return do


def _where(job: Job) -> str:
    """On which device with which model, and how long it still takes."""
    running = job.state == "running"
    parts = [job.device.rpartition("/")[2], job.model or ""]
    far = f"{job.progress:.0%}" if running else ""
    rest = f"about {max(1, round(job.eta_s))} s to go" if running and job.eta_s else ""
    return ", ".join(part for part in (" with ".join(filter(None, parts)), far, rest) if part)
