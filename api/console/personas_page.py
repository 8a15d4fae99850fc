"""Who is there, and who rests? A pause holds on every channel at once."""

from nicegui import ui

from api.console.face_card import face_card
from api.console.frame import button, empty, page
from api.console.visit import Visit
from api.performing import perform
from memory.models import Persona
from tools.personas import capabilities as personas
from tools.personas.shapes import NamePersona, PersonaShown
from tools.unseen import with_unseen_shown


@page("/personas", "Personas", "personas:read")
async def personas_page(visit: Visit) -> None:
    """Each with its page and its pause."""
    there = ui.element("ul").classes("plain stack")

    async def refresh() -> None:
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            rows = await work.personas.all()
        there.clear()
        with there:
            for row in rows:
                await card(row)
            if not rows:
                empty("No personas yet: tell Gator to make one.")

    async def card(row: Persona) -> None:
        async def rest() -> None:
            turn = visit.turn(await visit.now("personas:write"))
            what = personas.resume_persona if row.paused_at else personas.pause_persona
            await perform(what, NamePersona(persona=row.slug), turn, PersonaShown)
            await refresh()

        with ui.element("li").classes("card stack"):
            with ui.element("div").classes("by"):
                ui.label(with_unseen_shown(row.name)).classes("name")
                if row.paused_at:
                    ui.label("paused").classes("mark wanted")
            ui.label(with_unseen_shown(str(row.character.get("tagline", "")))).classes("soft").props("dir=auto")
            with ui.element("div").classes("row"):
                with ui.element("a").props(f'href="/p/{row.slug}"').classes("soft"):
                    ui.label("Page")
                if visit.may("personas:write"):
                    name = f"{'Resume' if row.paused_at else 'Pause'} {row.name}"
                    button("Resume" if row.paused_at else "Pause everywhere", rest, quiet=True, aria_label=name)
            await face_card(visit, row)

    await refresh()
