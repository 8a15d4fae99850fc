"""How does a persona look? Her face on the page of personas: seen, approved, locked and unlocked there."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.asking import sure
from api.console.frame import button
from api.console.visit import Visit
from api.performing import perform
from gator.links import small_url
from memory.models import Persona
from memory.repositories.appearances import USED
from tools import appearance, views
from tools.appearance import UNSEEN, Faces, FaceShown, NameFace, NamePersona
from tools.views import MakeViews, ViewsQueued

_MOST = 3  # versions shown; all of them are over REST


async def face_card(visit: Visit, row: Persona) -> None:
    """The newest versions of her face; whoever may decide has buttons."""
    there = ui.element("div").classes("stack")

    async def refresh() -> None:
        told = await perform(appearance.show_appearance, NamePersona(persona=row.slug), visit.turn(visit.caller), Faces)
        there.clear()
        with there:
            for face in told.faces[:_MOST]:
                _version(visit, row, face, refresh)

    await refresh()


def _version(visit: Visit, row: Persona, face: FaceShown, refresh: Callable[[], Awaitable[None]]) -> None:
    named = NameFace(persona=row.slug, version=face.version)
    seen = appearance.ApproveFace(persona=row.slug, version=face.version, views=face.views)

    async def approve() -> None:
        turn = visit.turn(await visit.now("approvals:decide"))
        await perform(appearance.approve_appearance, seen, turn, FaceShown)
        await refresh()

    async def unlock() -> None:
        if not await sure(f"Unlock the face of {row.name}? It can be changed then.", "Unlock"):
            return
        turn = visit.turn(await visit.now("approvals:decide"))
        await perform(appearance.unlock_appearance, NamePersona(persona=row.slug), turn, FaceShown)
        await refresh()

    async def retire() -> None:
        turn = visit.turn(await visit.now("approvals:decide"))
        await perform(appearance.retire_appearance, named, turn, FaceShown)
        await refresh()

    async def make() -> None:
        turn = visit.turn(await visit.now("personas:write"))
        queued = await perform(views.make_views, MakeViews(persona=row.slug), turn, ViewsQueued)
        ui.notify(queued.in_words())
        await refresh()

    with ui.element("div").classes("row"):
        for view, asset in face.views.items():
            if view in face.flags and face.flags[view] in UNSEEN:
                continue
            picture = ui.element("img").classes("thumb")
            picture.props["src"] = small_url(visit.core.settings, asset, "picture")
            picture.props["alt"] = f"{row.name}, {view}"
    ui.label(f"Face, version {face.version}: {face.state}").classes("soft")
    for view, flag in face.flags.items():
        ui.label(f"{view}: {flag}").classes("soft")
    with ui.element("div").classes("row"):
        if face.state in USED and visit.may("personas:write"):
            button("Make views", make, quiet=True, aria_label=f"Make views of {row.name}, from the approved face")
        if not visit.may("approvals:decide"):
            return
        if face.state == "locked":
            button("Unlock the face", unlock, quiet=True, aria_label=f"Unlock the face of {row.name}")
        else:
            what = "Lock the face" if face.state == "approved" else "Approve the face"
            button(what, approve, aria_label=f"{what} of {row.name}, version {face.version}")
        if face.state in ("candidate", "approved"):
            button("Drop the face", retire, quiet=True, aria_label=f"Drop version {face.version} of {row.name}")
