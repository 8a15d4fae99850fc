"""Where does Gator talk, does it work there, and who are its operators there?"""

from nicegui import ui

from api.console.frame import button, empty, heading, page
from api.console.talk import clock
from api.console.visit import Visit
from bots import pairing
from memory.models import Account
from tools.unseen import with_unseen_shown


@page("/channels", "Channels", "tokens:write")
async def channels_page(visit: Visit) -> None:
    """The accounts with their state, and a code that admits an operator."""
    async with visit.core.store.open_work(visit.who, reads=True) as work:
        accounts = await work.accounts.all()
        personas = {one.id: one.name for one in await work.personas.all()}
        known = await pairing.paired(work, visit.who.subject)
    with ui.element("ul").classes("plain stack"):
        for one in accounts:
            _card(visit, one, personas.get(one.persona_id or "", ""))
    if not accounts:
        empty("No accounts yet: `gator account add` on the server makes Gator talk on Telegram or Discord.")
    heading("You on these platforms")
    for identity in known:
        ui.label(with_unseen_shown(f"{identity.channel}: {identity.display_name or identity.external_id}"))
    ui.label("A code makes Gator's own account there know you as an operator.").classes("soft")
    place = ui.element("div").classes("stack")

    async def make() -> None:
        caller = await visit.now("tokens:write")
        async with visit.core.store.open_work(caller.principal) as work:
            code = await pairing.make(work, visit.core.settings.secret, caller.principal.subject)
        place.clear()
        with place:
            ui.label(code).classes("code").props("aria-label='Your code'")
            ui.label(f"Send /pair {code} to Gator's own account within ten minutes. It works once.").classes("soft")
            for one in accounts:
                if not one.persona_id and (address := pairing.deep_link(one, code)):
                    link = ui.element("a").props("target=_blank rel=noreferrer")
                    link.props["href"] = address
                    with link:
                        ui.label(f"Open {one.name}")

    button("Get a pairing code", make)


def _card(visit: Visit, account: Account, persona: str) -> None:
    with ui.element("li").classes("card stack"):
        with ui.element("div").classes("by"):
            ui.label(with_unseen_shown(account.name)).classes("name")
            ui.label(f"{account.channel} · {account.handle or account.external_id}").classes("soft")
            ui.label(persona or "Gator, for operators").classes("soft")
            ui.label(_state(account)).classes("mark" + (" wanted" if account.error else ""))
        if account.seen_at:
            ui.label(f"The platform last answered on {clock(account.seen_at, visit.zone)}.").classes("soft")
        if account.error:
            ui.label(with_unseen_shown(account.error)).classes("words")


def _state(account: Account) -> str:
    if not account.enabled:
        return "off"
    return "does not work" if account.error else "works" if account.seen_at else "has not started"
