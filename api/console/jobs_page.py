"""What does the worker do?"""

from nicegui import ui

from api.console.frame import empty, page
from api.console.talk import clock
from api.console.visit import Visit
from tools.unseen import with_unseen_shown

EVERY_S = 2.0
MOST = 40


@page("/jobs", "Jobs", "jobs:read")
async def jobs_page(visit: Visit) -> None:
    """The newest jobs, as they go."""
    there = ui.element("ul").classes("plain stack")
    shown: list[tuple[str, str, float]] | None = None

    async def refresh() -> None:
        nonlocal shown
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            jobs = await work.jobs.recent(limit=MOST)
            assets = await work.assets.by_ids([job.asset_id for job in jobs if job.asset_id])
        now = [(job.id, job.state, round(job.progress, 2)) for job in jobs]
        if now == shown:
            return
        shown = now
        there.clear()
        with there:
            for job in jobs:
                made = assets.get(job.asset_id or "")
                title = with_unseen_shown((made.title if made else "") or job.kind)
                with ui.element("li").classes("card job"):
                    with ui.element("div").classes("by"):
                        ui.label(title).classes("name")
                        ui.label(job.kind).classes("soft")
                        ui.label(clock(job.created_at, visit.zone)).classes("at")
                        ui.label(job.state).classes("mark" + (" wanted" if job.state == "failed" else ""))
                    bar = ui.linear_progress(job.progress, show_value=False).props("rounded")
                    bar.props["aria-label"] = f"{title}: {job.progress:.0%}"
                    if job.error:
                        ui.label(with_unseen_shown(job.error)).classes("soft")
            if not jobs:
                empty("No jobs yet.")

    await refresh()
    ui.timer(EVERY_S, refresh, immediate=False)
