"""Chat with Gator: the operator's own conversation, its jobs as they go, and its questions with their buttons."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from api.console.approval_card import ApprovalCard, media_of
from api.console.composer import Composer
from api.console.following import Following
from api.console.frame import beside, page
from api.console.talk import Talk
from api.console.visit import Visit
from api.conversing import accept, may_speak
from bots import inbox
from gator.ids import new_id
from memory.models import Conversation
from tools.unseen import with_unseen_shown

JOBS = 6  # of one conversation, shown at once


@page("/", "Chat with Gator", "chat")
async def chat_page(visit: Visit) -> None:
    """What was said, what is being made, what waits for a yes, and a field to write in."""
    room = await visit.core.converse(visit.who)
    talk = Talk(visit, room, {"operator": "You", "gator": "Gator", "notice": "Gator"})
    chat = Chat(visit, room, talk)

    async def send(text: str, files: Sequence[str]) -> None:
        caller = await visit.now("chat")
        may_speak(caller, room)
        await accept(visit.core, caller, room, text, new_id(), attachments=list(files))

    Composer("Tell Gator what you want", send, room.id)
    beside(chat.run())


class Chat(Following):
    def __init__(self, visit: Visit, room: Conversation, talk: Talk) -> None:
        super().__init__(visit.core, room.id, talk)
        self._visit = visit
        self._state = ui.label("").classes("soft state").props("aria-live=polite")
        self._jobs: dict[str, Job] = {}
        self._under = ui.element("div").classes("stack under")
        self._asked: dict[str, ApprovalCard] = {}

    async def heard(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "typing_indicator" and frame["user_id"] != self._visit.who.subject:
            self._state.set_text("Gator is at work …" if frame["is_typing"] else "")
        elif kind == "step":
            word = "done" if frame["ok"] else with_unseen_shown(frame["said"])
            self._state.set_text(f"{frame['tool']}: {word}")
        elif kind == "job_update":
            await self._job(frame["job"])
        elif kind == "new_message" and frame["message"]["author"] != "operator":
            self._state.set_text("")
            await self.changed()
        elif kind == "approval_request":
            await self.changed()

    async def changed(self) -> None:
        """Show the questions of this conversation that wait."""
        async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
            waiting = [one for one in await work.approvals.pending() if one.conversation_id == self._conversation]
            names = await inbox.who_by(work, [one.asked_by for one in waiting])
            media = await media_of(work, waiting)
        ids = {one.id for one in waiting}
        for id in [id for id in self._asked if id not in ids]:
            self._asked.pop(id).box.delete()
        with self._under:
            for one in waiting:
                if there := self._asked.get(one.id):
                    there.show_media(media)
                else:
                    self._asked[one.id] = ApprovalCard(self._visit, one, names[one.asked_by], media, self.changed)

    async def _job(self, job: dict[str, Any]) -> None:
        if job["state"] in ("done", "failed", "cancelled"):
            if gone := self._jobs.pop(job["id"], None):
                gone.box.delete()
            if job["state"] != "done":
                self._state.set_text(with_unseen_shown(f"{job['title']}: {job['state']}. {job['error']}"))
            if job["asset"]:
                await self.talk.made(job["asset"])
                await self.changed()  # a question may show it
            return
        if job["id"] not in self._jobs:
            if len(self._jobs) >= JOBS:
                return
            with self._under:
                self._jobs[job["id"]] = Job(job["title"] or job["kind"])
        self._jobs[job["id"]].at(job)


class Job:
    """A bar for one job under way."""

    def __init__(self, title: str) -> None:
        with ui.element("div").classes("job") as self.box:
            self._title = with_unseen_shown(title)
            self._words = ui.label(self._title)
            self._bar = ui.linear_progress(0, show_value=False).props("rounded")
            self._bar.props["aria-label"] = self._title

    def at(self, job: dict[str, Any]) -> None:
        left = f", {job['eta_s']:.0f} s to go" if job["eta_s"] else ""
        self._words.set_text(f"{self._title}: {job['state']} {job['progress']:.0%}{left}")
        self._bar.set_value(job["progress"])
