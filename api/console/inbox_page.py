"""The inbox: fans' conversations over all channels, those in which a person is asked for first."""

from nicegui import ui

from api.console.frame import empty, page, plain
from api.console.talk import clock
from api.console.visit import Visit
from bots import inbox
from bots.desk import REASONS
from bots.inbox import Entry
from tools.unseen import cut, with_unseen_shown

EVERY_S = 2.0
AT_ONCE = 50
MOST = 200
PREVIEW = 140
_SHOWN = {"all": "All", "wanted": "Person wanted", "mine": "Mine"}
_AUTHORS = {"fan": "", "persona": "AI: ", "gator": "AI: ", "operator": "Person: ", "notice": "Notice: "}


@page("/inbox", "Inbox", "conversations:read")
async def inbox_page(visit: Visit) -> None:
    """A list that follows what happens."""
    await Inbox(visit).begin()


class Inbox:
    def __init__(self, visit: Visit) -> None:
        self._visit, self._limit = visit, AT_ONCE
        self._before: list[tuple[object, ...]] | None = None
        self._which = ui.toggle(_SHOWN, value="all", on_change=self.refresh).props("no-caps unelevated")
        self._which.props('role=radiogroup aria-label="Which conversations"')
        self._list = ui.element("ul").classes("plain inbox")
        self._more = plain("More", self._show_more)

    async def begin(self) -> None:
        await self.refresh()
        ui.timer(EVERY_S, self.refresh, immediate=False)

    async def refresh(self) -> None:
        """Draw the list anew where it reads otherwise now."""
        mine = self._visit.who.subject if self._which.value == "mine" else ""
        async with self._visit.core.store.open_work(self._visit.who, reads=True) as work:
            wanted = self._which.value == "wanted"
            found = await inbox.entries(work, wanted=wanted, taken_by=mine, limit=self._limit)
        now = [_reads(one) for one in found]
        if now == self._before:
            return
        self._before = now
        self._more.set_visibility(len(found) == self._limit < MOST)
        self._list.clear()
        with self._list:
            for one in found:
                self._row(one)
            if not found:
                empty("No conversations here.")

    async def _show_more(self) -> None:
        self._limit = min(self._limit + AT_ONCE, MOST)
        await self.refresh()

    def _row(self, entry: Entry) -> None:
        row, last = entry.conversation, entry.last
        with ui.element("li"), ui.link("", f"/inbox/{row.id}").classes("entry"):
            with ui.element("div").classes("by"):
                ui.label(with_unseen_shown(entry.fan)).classes("name")
                ui.label(f"with {entry.persona} · {row.channel}").classes("soft")
                ui.label(clock(row.last_at, self._visit.zone)).classes("at")
            state(entry)
            if last:
                text = cut(with_unseen_shown(last.text).replace("\n", " "), PREVIEW)
                ui.label(_AUTHORS.get(last.author, "") + text).classes("preview").props("dir=auto")


def state(entry: Entry) -> None:
    """Who answers, and why a person should."""
    if entry.conversation.wanted_at:
        reason = entry.wanted.reason if entry.wanted else ""
        ui.label(with_unseen_shown(f"{entry.fan} {REASONS.get(reason, reason)}")).classes("mark wanted")
        if entry.wanted and entry.wanted.text:
            ui.label(with_unseen_shown(entry.wanted.text)).classes("soft").props("dir=auto")
    if entry.taken_by:
        ui.label(f"{entry.taken_by} answers").classes("mark taken")


def _reads(entry: Entry) -> tuple[object, ...]:
    """All that a line shows: it is drawn anew only when that has changed."""
    row, last = entry.conversation, entry.last
    return row.id, row.last_at, row.wanted_at, row.taken_by, entry.fan, last and last.id, last and last.text
