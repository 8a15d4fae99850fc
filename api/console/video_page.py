"""How is a video cut? An editor of its edit list: order, length, words, motion; preview and render.

Everything is a button or a field, so that it can be done by keyboard. Parts of it are drawn in `api.console.video_parts`.
"""

from nicegui import ui

from api.console.frame import button, heading, page
from api.console.video_parts import Act, Parts
from api.console.videos_page import STATES
from api.console.visit import Visit
from api.performing import perform
from gator.errors import Conflict, Refused
from gator.links import captions_url, media_url, small_url
from gpu_worker.edit_list import EditList, read_edit_list
from memory import storage
from memory.models import Asset
from tools import edits
from tools.captions import has_captions
from tools.edit_draft import Draft
from tools.edits import ChangeVideo, NameVideo, PreviewEdit, VideoEdit
from tools.orders import MediaQueued
from tools.unseen import with_unseen_shown

LOOK_EVERY_S = 1.0


@page("/videos/{video}", "Edit a video", "content:read")
async def video_page(visit: Visit, video: str) -> None:
    """One video's edit list, to be changed and made again."""
    caller = await visit.now("content:read")
    told = await perform(edits.show_edit, NameVideo(video=video), visit.turn(caller), VideoEdit)
    async with visit.core.store.open_work(visit.who, reads=True) as work:
        assets = await work.assets.by_ids([video, *told.edit.needs])
        reel = await work.productions.with_video([video])
    Editor(visit, told, assets, reel).draw()


class Editor:
    """The list as it is being changed, a player beside it, and what is being made of it."""

    def __init__(self, visit: Visit, told: VideoEdit, assets: dict[str, Asset], reel: str | None) -> None:
        self._visit, self._told, self._assets = visit, told, assets
        self._reel = reel  # whose video it is; it goes on with what is rendered
        self._draft = Draft(told.edit)
        self._parts = Parts(visit, self._draft, assets, changed=self._clear)
        self._making: MediaQueued | None = None
        self._preview: str | None = None
        self._is_preview = False

    def draw(self) -> None:
        heading(with_unseen_shown(self._told.title or "Video")).props("dir=auto")
        if self._reel:
            with ui.element("div").classes("row"):
                ui.label("It is the video of a reel, which goes on with what you render.").classes("soft")
                ui.link("To the reel", f"/reels/{self._reel}")
        with ui.element("div").classes("beside"):
            self._parts.draw()
            with ui.element("aside").classes("card stack watch").props('aria-label="Video"'):
                self._player = ui.element("div").classes("stack")
                self._status = ui.label("").classes("soft").props("role=status aria-live=polite")
                self._trouble = ui.label("").classes("trouble").props("role=alert")
                if self._visit.may("content:write"):
                    with ui.element("div").classes("row"):
                        button("Preview", self._saying(self._see), quiet=True)
                        button("Render", self._saying(self._render))
                self._links = ui.element("div").classes("row")
        self._show(self._assets[self._told.video])
        ui.timer(LOOK_EVERY_S, self._look, immediate=False)

    def _saying(self, act: Act) -> Act:
        """What cannot be used of the list is said beside the buttons, for as long as it is so."""

        async def acted() -> None:
            self._clear()
            try:
                await act()
            except Refused as no:
                self._trouble.set_text(str(no))

        return acted

    def _clear(self) -> None:
        self._trouble.set_text("")

    def _edit(self) -> EditList:
        if wrong := self._parts.wrong():
            raise Refused(wrong, remedy="Correct it, then press again.")
        return read_edit_list(self._draft.told)

    async def _see(self) -> None:
        turn = self._visit.turn(await self._visit.now("content:write"))
        ask = PreviewEdit(video=self._told.video, edit=self._edit())
        made = await perform(edits.preview_edit, ask, turn, MediaQueued)
        if self._preview not in (None, made.asset):
            await self._drop_preview()
        self._making, self._is_preview, self._preview = made, True, made.asset
        self._status.set_text("The preview is being made …")

    async def _render(self) -> None:
        turn = self._visit.turn(await self._visit.now("content:write"))
        ask = ChangeVideo(video=self._told.video, version=self._told.version, edit=self._edit())
        self._making = await perform(edits.change_video, ask, turn, MediaQueued)
        self._is_preview = False
        self._status.set_text("The new video is being made …")

    async def _look(self) -> None:
        """What became of what is being made."""
        if self._making is None:
            return
        async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
            job = await work.jobs.get(self._making.job)
            asset = await work.assets.get(self._making.asset)
        what = "preview" if self._is_preview else "new video"
        if asset.state == "ready":
            self._making = None
            self._status.set_text(f"The {what} is ready.")
            self._show(asset)
            if not self._is_preview:
                await self._drop_preview()
        elif job.state in ("failed", "cancelled"):
            self._making = None
            self._status.set_text(f"The {what} could not be made: {job.error or 'it was cancelled'}")
        else:
            rest = f", about {max(1, round(job.eta_s))} s to go" if job.eta_s else ""
            self._status.set_text(f"The {what} is being made: {job.progress:.0%}{rest}")

    async def _drop_preview(self) -> None:
        """A preview is not kept once another, or the video itself, is there."""
        if self._preview is None:
            return
        try:
            async with self._visit.core.store.open_work(self._visit.who) as work:
                freed = await storage.remove(work, self._preview)
            await self._visit.core.eraser.delete_files([freed])
        except Conflict:  # it is being made or used: it stays among the media
            return
        self._preview = None

    def _show(self, asset: Asset) -> None:
        settings = self._visit.core.settings
        self._player.clear()
        self._links.clear()
        if asset.state != "ready":
            with self._player:
                ui.label(f"The video {STATES.get(asset.state, asset.state)}.").classes("soft")
            return
        with self._player:
            player = ui.element("video").classes("piece").props("controls playsinline preload=metadata")
            player.props["src"] = media_url(settings, asset.id)
            player.props["poster"] = small_url(settings, asset.id, "video")
            player.props["aria-label"] = "Preview" if self._is_preview else self._told.title or "Video"
            if has_captions(asset):
                with player:
                    ui.element("track").props("kind=captions label=CC").props["src"] = captions_url(settings, asset.id)
        with self._links:
            self._downloads(asset, media_url(settings, asset.id))

    def _downloads(self, asset: Asset, address: str) -> None:
        if self._is_preview:
            return
        files = [("Download", address)]
        if has_captions(asset):
            files += [
                (name, f"/api/v1/content/{asset.id}/captions.{end}")
                for name, end in (("SRT", "srt"), ("WebVTT", "vtt"))
            ]
        for name, where in files:
            link = ui.element("a").props("download")
            link.props["href"] = where
            with link:
                ui.label(name)
        if asset.id != self._told.video:
            ui.link("Edit the new one", f"/videos/{asset.id}")
