"""How does a person decide? They see exactly what would be done, and say yes, no, other words, or try again."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from api.console.frame import button, plain
from api.console.talk import clock
from api.console.visit import Visit
from bots import presses
from bots.presses import Verb
from memory.models import Approval
from tools.unseen import with_unseen_shown

LONGEST = 8_000


class ApprovalCard:
    """One question with its buttons; `decided` is called after any of them was used."""

    def __init__(self, visit: Visit, approval: Approval, by: str, decided: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._approval, self._by, self._decided = visit, approval, by, decided
        self.box = ui.element("section").classes("card ask")
        self.box.props["aria-label"] = "A question that waits for your yes"
        with self.box:
            self._show()

    def _show(self) -> None:
        asked = self._approval
        ui.label(with_unseen_shown(asked.summary)).classes("words").props("dir=auto")
        ui.label(
            f"{asked.capability} · {asked.effect} · asked by {self._by} · until {clock(asked.expires_at, self._visit.zone)}"
        ).classes("soft")
        with ui.element("dl").classes("exact"):
            for name, value in asked.arguments.items():
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(_exactly(value)).classes("words").props("dir=auto")
        ui.label(f"Exactly this is done, once: {asked.arguments_hash[:16]}").classes("soft")
        if asked.state != "pending":
            ui.label(asked.state).classes("mark")
        elif self._visit.may("approvals:decide"):
            self._buttons()

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


def _exactly(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return with_unseen_shown(text) or "(empty)"
