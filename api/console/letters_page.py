"""Dead letters: what a platform refused, or of which nobody knows whether it arrived."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.asking import sure
from api.console.frame import button, empty, page
from api.console.talk import clock
from api.console.visit import Visit
from bots import inbox
from bots.inbox import MAY_ARRIVE_TWICE, Letter
from tools.unseen import cut, with_unseen_shown

EVERY_S = 5.0
MOST = 100
PREVIEW = 500


@page("/letters", "Dead letters", "letters:read")
async def letters_page(visit: Visit) -> None:
    """Each with its words, why it lies here, and what can be done."""
    there = ui.element("div").classes("stack")
    shown: list[str] | None = None

    async def refresh() -> None:
        nonlocal shown
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            found = await inbox.letters(work, MOST)
        ids = [one.row.id for one in found]
        if ids == shown:
            return
        shown = ids
        there.clear()
        with there:
            for one in found:
                _card(visit, one, refresh)
            if not found:
                empty("No dead letters: everything arrived.")

    await refresh()
    ui.timer(EVERY_S, refresh, immediate=False)


def _card(visit: Visit, letter: Letter, refresh: Callable[[], Awaitable[None]]) -> None:
    row = letter.row

    async def again() -> None:
        if row.state == "unconfirmed" and not await sure(MAY_ARRIVE_TWICE, "Send it all the same"):
            return
        caller = await visit.now("letters:write")
        await inbox.send_again(visit.core.store, caller.principal, row.id)
        ui.notify("It is being sent again.")
        await refresh()

    async def drop() -> None:
        caller = await visit.now("letters:write")
        await inbox.give_up(visit.core.store, caller.principal, row.id)
        await refresh()

    with ui.element("section").classes("card stack"):
        with ui.element("div").classes("by"):
            ui.label(with_unseen_shown(f"{letter.persona} to {letter.fan}")).classes("name")
            ui.label(row.channel).classes("soft")
            ui.label(clock(row.created_at, visit.zone)).classes("at")
            ui.label(row.state).classes("mark wanted")
        ui.label(cut(with_unseen_shown(letter.text), PREVIEW)).classes("words").props("dir=auto")
        ui.label(with_unseen_shown(letter.why)).classes("soft")
        if visit.may("letters:write"):
            with ui.element("div").classes("row"):
                button("Send again", again)
                button("Drop", drop, quiet=True)
