"""Which reels are there, and how far is each? A new one is made here; one is seen in `api.console.reel_sheet`."""

from nicegui import ui

from api.console.frame import button, empty, go, page
from api.console.reel_sheet import Sheet, small
from api.console.visit import Visit
from api.performing import perform
from api.routes.reels import asking
from tools.clips import able
from tools.productions import capabilities as productions
from tools.productions.shapes import ListReels, MakeReel, NameReel, ReelList, ReelSeen, ReelShown
from tools.unseen import with_unseen_shown

EVERY_S = 2.0
MOST = 20
_LENGTHS = (10, 15, 30, 45, 60, 90)


@page("/reels", "Reels", "content:read")
async def reels_page(visit: Visit) -> None:
    """A new one, and the newest, as they go."""
    if visit.may("content:write"):
        await _new(visit)
    there = ui.element("ul").classes("plain stack")
    shown: object = None
    bars: dict[str, ui.linear_progress] = {}

    async def refresh() -> None:
        nonlocal shown
        turn = visit.turn(await visit.now("content:read"))
        found = await perform(productions.list_reels, ListReels(limit=MOST), turn, ReelList)
        now = [one.model_copy(update={"progress": 0.0}) for one in found.reels]
        if now != shown:  # how far one is only moves its bar: what somebody is about to press stays where it is
            shown = now
            there.clear()
            with there:
                bars.update({one.id: _listed(visit, one) for one in found.reels})
                if not found.reels:
                    empty("No reels yet.")
        for one in found.reels:
            bars[one.id].set_value(one.progress)
            bars[one.id].props["aria-label"] = f"{one.progress:.0%} made"

    await refresh()
    ui.timer(EVERY_S, refresh, immediate=False)


async def _new(visit: Visit) -> None:
    async with visit.core.store.open_work(visit.who, reads=True) as work:
        names = [one.name for one in await work.personas.all()]
    if not names:
        empty("A persona speaks in a reel, and there is none yet: tell Gator to create one.")
        return
    with ui.element("section").classes("card stack").props('aria-label="A new reel"'):
        topic = ui.input("What is it about?").props("outlined dense maxlength=500")
        with ui.element("div").classes("row fields"):
            persona = ui.select(names, value=names[0], label="Persona").props("outlined dense").classes("short")
            lengths = {one: f"{one} s" for one in _LENGTHS}
            length = ui.select(lengths, value=30, label="Length").props("outlined dense").classes("short")
            moving = ui.checkbox("Moving scenes") if able(visit.core.settings)[0] else None

            async def make() -> None:
                turn = asking(visit.core, visit.turn(await visit.now("content:write")))
                moves = bool(moving and moving.value)
                ask = MakeReel(topic=topic.value or "", persona=persona.value, length_s=length.value, moving=moves)
                made = await perform(productions.make_reel, ask, turn, ReelShown)
                go(f"/console/reels/{made.id}")

            button("Make it", make)


def _listed(visit: Visit, one: ReelSeen) -> ui.linear_progress:
    """The reel; gives the bar that says how far it is."""
    with ui.element("li").classes("card cut"):
        small(visit, one.shown, "video")
        with ui.element("div").classes("stack"):
            with ui.element("div").classes("by"):
                ui.link(with_unseen_shown(one.title), f"/reels/{one.id}").classes("name")
                ui.label(with_unseen_shown(one.persona or "")).classes("soft")
                ui.label("cancelled" if one.cancelled else one.state).classes(
                    "mark" + (" wanted" if one.state == "failed" else "")
                )
            if one.error:
                ui.label(one.error).classes("soft")
            bar = ui.linear_progress(one.progress, show_value=False).props("rounded")
            bar.set_visibility(one.state == "making")
    return bar


@page("/reels/{reel}", "A reel", "content:read")
async def reel_page(visit: Visit, reel: str) -> None:
    """One reel: the video, its scenes, the texts to post with it."""
    caller = await visit.now("content:read")
    told = await perform(productions.show_reel, NameReel(reel=reel), visit.turn(caller), ReelShown)
    sheet = Sheet(visit, told)
    sheet.draw()
    ui.timer(EVERY_S, sheet.refresh, immediate=False)
