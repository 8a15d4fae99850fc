"""How does a person decide? They see exactly what would be done, and say yes, no, other words, or try again.

First what the question says and its media, as they look; every field, and what the yes is bound to, is behind "Details".
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from api.console.frame import button, plain
from api.console.talk import clock
from api.console.visit import Visit
from bots import presses
from bots.presses import Verb
from bots.words import say
from gator.links import media_url, small_url
from memory.models import Approval, Asset
from memory.work import Work
from tools.newer import outdated
from tools.unseen import with_unseen_shown

LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Media:
    """The assets that the questions name, by their ids; of those in `older` there is a newer version."""

    named: dict[str, Asset]
    older: set[str]


async def media_of(work: Work, approvals: Iterable[Approval]) -> Media:
    ids = [id for one in approvals for id in _named(one)]
    return Media(await work.assets.by_ids(ids), await outdated(work, ids))


class ApprovalCard:
    """One question with its buttons; `decided` is called after any of them was used."""

    def __init__(
        self,
        visit: Visit,
        approval: Approval,
        by: str,
        media: Media,
        decided: Callable[[], Awaitable[None]],
    ) -> None:
        self._visit, self._approval, self._by, self._decided = visit, approval, by, decided
        self._media: object = None
        self.box = ui.element("section").classes("card ask")
        self.box.props["aria-label"] = "A question that waits for your yes"
        with self.box:
            self._show(media)

    def _show(self, media: Media) -> None:
        asked = self._approval
        ui.label(with_unseen_shown(asked.summary)).classes("words").props("dir=auto")
        self._pictures = ui.element("ul").classes("plain pieces").props('aria-label="Media"')
        self.show_media(media)
        if asked.state != "pending":
            ui.label(asked.state).classes("mark")
        elif self._visit.may("approvals:decide"):
            self._buttons()
        ui.label(f"Asked by {self._by}, until {clock(asked.expires_at, self._visit.zone)}").classes("soft")
        self._details(media.named)

    def show_media(self, media: Media) -> None:
        """How they look; drawn anew where one has been made since."""
        there = [media.named[id] for id in _named(self._approval) if id in media.named]
        if self._media == (now := [(one.id, one.state, one.id in media.older) for one in there]):
            return
        self._media = now
        self._pictures.clear()
        self._pictures.set_visibility(bool(there))
        with self._pictures:
            for one in there:
                with ui.element("li"):
                    self._piece(one)
                    if one.id in media.older:
                        ui.label(say("newer_video", "en")).classes("soft")

    def _piece(self, asset: Asset) -> None:
        settings, title = self._visit.core.settings, _title(asset)
        small = small_url(settings, asset.id, asset.kind)
        if asset.state != "ready":
            ui.label(f"{title} {'is being made' if asset.state == 'pending' else asset.state}").classes("soft")
            return
        with ui.element("a").props("target=_blank") as link:
            if small is None:
                ui.label(title)
            else:
                ui.element("img").classes("thumb").props.update({"src": small, "alt": title})
        link.props["href"] = media_url(settings, asset.id)

    def _details(self, media: dict[str, Asset]) -> None:
        asked = self._approval
        with ui.element("details").classes("soft"):
            with ui.element("summary"):
                ui.label("Details")
            ui.label(f"{asked.capability} · {asked.effect}")
            with ui.element("dl").classes("exact"):
                for name, value in asked.arguments.items():
                    if value in ("", None, []):
                        continue
                    with ui.element("dt"):
                        ui.label(name)
                    with ui.element("dd"):
                        ui.label(_exactly(name, value, media)).classes("words").props("dir=auto")
            ui.label(f"Exactly this is done, once: {asked.arguments_hash[:16]}")

    def _buttons(self) -> None:
        with ui.element("div").classes("row"):
            button("Approve", lambda: self._press("approve"))
            if "text" in self._approval.arguments:
                button("Edit …", self._edit, quiet=True)
                button("Write anew", lambda: self._press("regenerate"), quiet=True)
            button("Reject", lambda: self._press("reject"), quiet=True)

    async def _press(self, verb: Verb, text: str | None = None) -> None:
        """As the buttons in chats do, so that a question is decided once, wherever that is."""
        caller = await self._visit.now("approvals:decide")
        core, who = self._visit.core, caller.principal
        async with core.store.open_work(who) as work:
            made = await presses.make(work, self._approval.id, who.subject, core.settings.language)
        press = next((one.press for one in made if one.verb == verb), "")
        pressed = await core.press(who, press, text)
        ui.notify(pressed.said)
        await self._decided()

    async def _edit(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("sheet"):
            ui.label("The new text waits for your yes again.")
            field = ui.textarea(label="Text", value=self._approval.arguments["text"]).props(
                f"autogrow outlined maxlength={LONGEST}"
            )

            async def keep() -> None:
                await self._press("edit", field.value)
                dialog.submit(True)

            with ui.element("div").classes("row"):
                button("Keep this text", keep)
                plain("Cancel", dialog.close)
        await dialog
        dialog.delete()


def _named(approval: Approval) -> list[str]:
    """The ids of its media."""
    given = approval.arguments.get("assets")
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


def _title(asset: Asset) -> str:
    return with_unseen_shown(asset.title or asset.kind)


def _exactly(name: str, value: Any, media: dict[str, Asset]) -> str:
    if name == "assets" and isinstance(value, list):
        return ", ".join(_title(media[id]) if id in media else str(id) for id in value)
    return with_unseen_shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
