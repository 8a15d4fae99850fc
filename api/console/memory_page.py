"""What does a persona remember of a fan, and what do operators do about it? Beside their conversation.

That somebody looked is written to the audit log. The lists are drawn in `api.console.memory_lists`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from nicegui import ui

from api.console.asking import ask, sure
from api.console.frame import button, empty, heading, page
from api.console.memory_lists import Acts, Lists, found_line
from api.console.talk import day
from api.console.visit import Visit
from api.remembering import forget, searched
from bots import inbox
from bots.inbox import Entry
from bots.memory_commands import export_words
from bots.words import USUAL
from gator.errors import NotFound
from memory import erasures, exporting, inspecting, rights
from memory.erasing import Scope
from memory.rights import Known
from memory.vault import FactShown, VaultKey, open_vault
from memory.work import Work
from tools.unseen import with_unseen_shown

FOUND = 20
SURE = "This forgets every message between the two and all that came of it, on every app, for good."


@page("/inbox/{conversation}/memory", "Memory", "memory:read")
async def memory_page(visit: Visit, conversation: str) -> None:
    """Facts, episodes, what replies used, what is kept apart; to be searched, corrected, taken along, forgotten."""
    async with visit.core.store.open_work(visit.who, reads=True) as work:
        row = await work.conversations.get(conversation)
        if not row.fan_id or not row.persona_id:
            raise NotFound("That conversation is an operator's own.")
        [entry] = await inbox.described(work, [row])
    await MemoryOf(visit, entry, VaultKey(row.workspace, row.persona_id, row.fan_id)).refresh()


class MemoryOf:
    """One fan's memory on a page."""

    def __init__(self, visit: Visit, entry: Entry, key: VaultKey) -> None:
        self._visit, self._entry, self._key = visit, entry, key
        self._head = ui.element("div").classes("card stack")
        self._search()
        acts = Acts(self._correct, self._end, self._forget, self._release, self._drop)
        self._lists = Lists(visit, key, entry.persona, acts if visit.may("memory:write") else None)

    async def refresh(self) -> None:
        """Read it, and draw all of it anew; what was found before may be gone."""
        self._found.clear()
        async with self._visit.core.store.open_work(self._visit.who) as work:
            known = await rights.known(work, self._key, episodes=None)
            replies = await inspecting.replies(work, self._key)
            own = await open_vault(work, self._key, model="").telling.own_words()
            erased = await erasures.of_vault(work, self._key)
            who = await inbox.who_by(work, [one.asked_by for one in erased])
        gone = [replace(one, asked_by=who[one.asked_by]) for one in erased]
        self._draw_head(known)
        self._lists.draw(known, replies, own, gone)

    def _draw_head(self, known: Known) -> None:
        entry = self._entry
        self._head.clear()
        with self._head:
            heading(with_unseen_shown(f"What {entry.persona} remembers of {entry.fan or 'this fan'}"))
            since = f" since {day(known.since, self._visit.zone)}" if known.since else ""
            ui.label(f"{known.messages} messages{since}, {known.recalled} can be recalled").classes("soft")
            if known.off_at:
                ui.label(f"Memory is off since {day(known.off_at, self._visit.zone)}").classes("mark wanted")
            ui.link("The conversation", f"/inbox/{entry.conversation.id}")
            with ui.element("div").classes("row"):
                button("A page to read", self._take_page, quiet=True, aria_label="Export as a page to read")
                button("JSON", self._take_json, quiet=True, aria_label="Export as JSON")
                if self._visit.may("memory:write"):
                    button("Tell episodes anew", self._replay, quiet=True)
                    button("Switch memory on" if known.off_at else "Switch memory off", self._switch(known), quiet=True)
                    button("Forget everything …", self._forget_everything).classes("alarm")

    # Searching

    def _search(self) -> None:
        with ui.element("section").classes("card stack").props('aria-label="Search"'):
            with ui.element("div").classes("say"):
                self._words = ui.input(label="Search facts, episodes and messages").props(
                    "outlined dense maxlength=500"
                )
                self._words.on("keydown.enter", self._look)
                button("Search", self._look)
            self._found = ui.element("ul").classes("plain stack").props("aria-live=polite")

    async def _look(self) -> None:
        words = (self._words.value or "").strip()
        self._found.clear()
        if not words:
            return
        caller = await self._visit.now("memory:read")
        hits = await searched(self._visit.core, caller.principal, self._key, words, FOUND)
        with self._found:
            for one in hits:
                found_line(one, self._visit.zone)
            if not hits:
                empty("Nothing of that is there.")

    # What is done

    async def _write(self, act: Callable[[Work], Awaitable[Any]], done: str) -> None:
        caller = await self._visit.now("memory:write")
        async with self._visit.core.store.open_work(caller.principal) as work:
            await act(work)
        ui.notify(done)
        await self.refresh()

    async def _correct(self, fact: FactShown) -> None:
        value = await ask(
            "What is right? It was never what stands there now.", "Correct", "Value", fact.value, most=100
        )
        if value is not None:
            await self._write(lambda work: rights.fix(work, self._key, fact.id, value), "Corrected.")

    async def _end(self, fact: FactShown) -> None:
        await self._write(lambda work: inspecting.end(work, self._key, fact.id), "It no longer holds.")

    async def _release(self, fact: FactShown) -> None:
        await self._write(lambda work: rights.release(work, self._key, fact.id), "It is used from now on.")

    async def _drop(self, fact: FactShown) -> None:
        if await sure("Take it out of the memory? The message that tried it stays.", "Erase"):
            await self._write(lambda work: inspecting.drop(work, self._key, fact.id), "Erased.")

    async def _replay(self) -> None:
        caller = await self._visit.now("memory:write")
        await inspecting.replay(self._visit.core.store, caller.principal, self._key)
        ui.notify("Told anew.")
        await self.refresh()

    def _switch(self, known: Known) -> Callable[[], Awaitable[None]]:
        async def switch() -> None:
            on = known.off_at is not None
            await self._write(lambda work: rights.remember(work, self._key, on), f"Memory is {'on' if on else 'off'}.")

        return switch

    async def _forget(self, scope: Scope, id: str, question: str) -> None:
        if await sure(question, "Forget it"):
            await self._forgotten(scope, id)

    async def _forget_everything(self) -> None:
        if await sure(SURE, "Forget everything"):
            await self._forgotten("everything")

    async def _forgotten(self, scope: Scope, id: str = "") -> None:
        caller = await self._visit.now("memory:write")
        await forget(self._visit.core, caller.principal, self._key, scope, id)
        ui.notify("Forgotten; the receipt is below.")
        await self.refresh()

    async def _exported(self) -> dict[str, Any]:
        caller = await self._visit.now("memory:read")
        async with self._visit.core.store.open_work(caller.principal) as work:
            await work.audit.note("memory.export", self._key.fan, persona=self._key.persona)
            return await exporting.export(work, self._key)

    async def _take_page(self) -> None:
        ui.download.content(exporting.as_html(await self._exported(), export_words(USUAL)), "memory.html")

    async def _take_json(self) -> None:
        ui.download.content(exporting.as_json(await self._exported()), "memory.json")
