"""Which videos are there, how far are those that are being made, and how is one looked at? One is cut in `video_page`.

Rows stay in their place while the page follows the jobs: only what becomes ready, or fails, brings other buttons.
"""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from nicegui import ui

from api.console.frame import button, empty, page, plain
from api.console.jobs_page import GOING_ON
from api.console.reel_sheet import small
from api.console.talk import clock
from api.console.visit import Visit
from gator.links import captions_url, media_url, small_url
from memory.models import Asset, Job
from tools.captions import has_captions
from tools.unseen import with_unseen_shown

MOST = 40
MOST_JOBS = 400  # under way, that are looked through for those of the videos
EVERY_S = 2.0
STATES = {"pending": "is being made", "failed": "was not made", "removed": "was removed"}
_WAITS = {"queued": "waits to be made", "paused": "is held"}


@page("/videos", "Videos", "content:read")
async def videos_page(visit: Visit) -> None:
    """The newest videos: how each looks, how far it is, and the ways to play and to cut it."""
    there = ui.element("ul").classes("plain stack")
    rows: dict[str, Row] = {}
    shown: object = None

    async def refresh() -> None:
        nonlocal shown
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            videos = await work.assets.recent(kind="video", limit=MOST)
            waiting = {one.id for one in videos if one.state == "pending"}
            jobs = await work.jobs.recent(*GOING_ON, limit=MOST_JOBS) if waiting else []
            why = {id: _why_not(*told) for id, told in (await work.assets.why_not(videos)).items()}
        if shown != (now := [(one.id, one.state, one.title) for one in videos]):
            shown = now
            there.clear()
            rows.clear()
            titles = Counter(one.title for one in videos)
            with there:
                rows.update({one.id: Row(visit, one, why.get(one.id), alone=titles[one.title] == 1) for one in videos})
                if not videos:
                    empty("No videos yet: tell Gator to make one.")
        for job in jobs:
            if job.asset_id in waiting:
                rows[job.asset_id].at(job)

    await refresh()
    ui.timer(EVERY_S, refresh, immediate=False)


class Row:
    """One video; of those that bear the same title it tells the time by the second."""

    def __init__(self, visit: Visit, video: Asset, why_not: str | None = None, *, alone: bool) -> None:
        self._visit, self._video = visit, video
        self._title = with_unseen_shown(video.title or "Video")
        made_at = clock(video.created_at, visit.zone) if alone else _by_second(video.created_at, visit.zone)
        with ui.element("li").classes("card cut"):
            small(visit, video.id if video.state == "ready" else None, "video").classes("tile")
            with ui.element("div").classes("stack"):
                with ui.element("div").classes("by"):
                    ui.label(self._title).classes("name").props("dir=auto")
                    ui.label(made_at).classes("at")
                self._said = ui.label(why_not or STATES.get(video.state) or _length(video)).classes("soft")
                self._bar = ui.linear_progress(0, show_value=False).props("rounded")
                self._bar.set_visibility(video.state == "pending")
                self._deeds()

    def at(self, job: Job) -> None:
        """How far the job is that makes it."""
        rest = f", about {max(1, round(job.eta_s))} s to go" if job.state == "running" and job.eta_s else ""
        self._said.set_text(_WAITS.get(job.state) or f"is being made: {job.progress:.0%}{rest}")
        self._bar.set_value(job.progress)
        self._bar.props["aria-label"] = f"{self._title}: {job.progress:.0%}"

    def _deeds(self) -> None:
        with ui.element("div").classes("row"):
            if self._video.state == "ready":
                button("Play", self._play, quiet=True, aria_label=f"Play {self._title}")
            if (self._video.provenance or {}).get("edit"):
                link = ui.link("Edit", f"/videos/{self._video.id}")
                link.props["aria-label"] = f"Edit {self._title}"

    async def _play(self) -> None:
        """The film over the page; its address is made now, since one that was drawn hours ago has ended."""
        settings, id = self._visit.core.settings, self._video.id
        with ui.dialog() as dialog, ui.card().classes("sheet"):
            ui.label(self._title).classes("name").props("dir=auto")
            with ui.element("video").classes("film").props("controls autoplay playsinline") as player:
                player.props["src"], player.props["poster"] = media_url(settings, id), small_url(settings, id, "video")
                player.props["aria-label"] = self._title
                if has_captions(self._video):
                    ui.element("track").props("kind=captions label=CC").props["src"] = captions_url(settings, id)
            plain("Close", dialog.close)
        dialog.on("hide", dialog.delete)  # what is closed is not heard
        dialog.open()


def _why_not(state: str, error: str) -> str:
    return "was cancelled" if state == "cancelled" else f"was not made: {error}" if error else STATES["failed"]


def _length(video: Asset) -> str:
    return f"{video.duration_s:.0f} s, {video.width_px} × {video.height_px}" if video.duration_s else ""


def _by_second(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b %H:%M:%S}"
