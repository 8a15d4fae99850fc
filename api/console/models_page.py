"""Which models are here, which could be and would they run on this machine, and how far is a pull?"""

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.frame import beside, button, empty, heading, page
from api.console.visit import Visit
from gpu_worker.jobs import ERRANDS
from memory.models import Job
from tools import models
from tools.jobs import shown
from tools.models import KnownSeen, ModelSeen, PullModelAsk
from tools.studio import foresee_known
from tools.unseen import with_unseen_shown
from tools.wording import sized

EVERY_S = 2.0
Refresh = Callable[[], Awaitable[None]]


@page("/models", "Models", "jobs:read")
async def models_page(visit: Visit) -> None:
    """The shelf, the pulls that are under way or failed lately, and what can be pulled by name."""
    here = ui.element("ul").classes("plain stack").props('aria-label="Models here"')
    pulls = ui.element("ul").classes("plain stack").props('aria-label="Pulls"')
    heading("To pull")
    known = ui.element("ul").classes("plain stack").props('aria-label="Models that can be pulled"')
    if visit.may("models:write"):
        ui.label("Others, LoRAs and folders: gator model pull, on the machine, or POST /api/v1/models.").classes("soft")
    before: object = None
    fits: dict[str, str] = {}

    async def refresh() -> None:
        nonlocal before
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            there = await models.list_models(work, visit.core.settings)
            jobs = [one for one in await work.jobs.recent("queued", "running", "failed") if one.kind in ERRANDS][:5]
        could = [one for one in models.list_known(visit.core.settings) if not one.is_here]
        now = (there, could, [(one.id, one.state, round(one.progress, 2), one.error) for one in jobs], {**fits})
        if now == before:
            return
        before = now
        for place in (here, pulls, known):
            place.clear()
        with here:
            for model in there:
                _here(visit, model, refresh)
            if not there:
                empty("No models yet.")
        with pulls:
            for job in jobs:
                _pull(job)
        with known:
            for one in could:
                _known(visit, one, fits.get(one.name, ""), refresh)

    async def foresee() -> None:
        fits.update(await foresee_known())
        await refresh()

    await refresh()
    beside(foresee())  # a GPU is asked for some seconds
    ui.timer(EVERY_S, refresh, immediate=False)


def _here(visit: Visit, model: ModelSeen, refresh: Refresh) -> None:
    async def remove() -> None:
        turn = visit.turn(await visit.now("models:write"))
        await models.remove_model(model.name, turn, anyway=False)
        await refresh()

    with ui.element("li").classes("card job"):
        with ui.element("div").classes("by"):
            ui.label(model.name).classes("name")
            ui.label(f"{model.kind} for {model.family}, {sized(model.bytes)}").classes("soft")
        ui.label(with_unseen_shown(f"{model.licence_in_words}. From {model.source}")).classes("soft")
        if model.loaded_on:
            ui.label(f"Loaded on {', '.join(model.loaded_on)}").classes("soft")
        elif visit.may("models:write"):
            _twice("Remove", f"Delete {model.name} for good", remove)


def _known(visit: Visit, model: KnownSeen, fits: str, refresh: Refresh) -> None:
    async def pull() -> None:
        turn = visit.turn(await visit.now("models:write"))
        await models.order_pull(PullModelAsk(what=model.name, accept_licence=model.licence), turn)
        await refresh()

    with ui.element("li").classes("card job"):
        with ui.element("div").classes("by"):
            ui.label(model.title).classes("name")
            ui.label(f"{model.kind} for {model.family}").classes("soft")
            if model.bytes:
                ui.label(f"{model.bytes / 1e9:.1f} GB of memory").classes("soft")
        ui.label(model.licence_in_words).classes("soft")
        if model.gated:
            ui.label("Its owners ask who uses it: it needs GATOR_HUB_TOKEN.").classes("soft")
        if fits:
            ui.label(fits)
        if visit.may("models:write") and model.licence:
            _twice("Pull", f"Accept {model.licence} and pull", pull)


def _pull(job: Job) -> None:
    told = shown(job)
    with ui.element("li").classes("card job"):
        with ui.element("div").classes("by"):
            ui.label(told.title).classes("name")
            ui.label(told.state).classes("mark" + (" wanted" if told.state == "failed" else ""))
        bar = ui.linear_progress(told.progress, show_value=False).props("rounded")
        bar.props["aria-label"] = f"{told.title}: {told.progress:.0%}"
        if told.error:
            ui.label(with_unseen_shown(told.error)).classes("soft")


def _twice(first: str, then: str, act: Callable[[], Awaitable[None]]) -> None:
    """A button that says what it does before it does it."""
    row = ui.element("div").classes("row")

    async def ask() -> None:
        row.clear()
        with row:
            button(then, act)

    with row:
        button(first, ask, quiet=True)
