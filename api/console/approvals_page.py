"""What waits for a person's yes?"""

from nicegui import ui

from api.console.approval_card import ApprovalCard, media_of
from api.console.frame import empty, page
from api.console.visit import Visit
from bots import inbox

EVERY_S = 3.0
MOST = 50


@page("/approvals", "Approvals", "approvals:read")
async def approvals_page(visit: Visit) -> None:
    """Every question that is open, the oldest first."""
    there = ui.element("div").classes("stack")
    cards: dict[str, ApprovalCard] = {}

    async def refresh(*, anyway: bool = False) -> None:
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            waiting = await work.approvals.pending()
            names = await inbox.who_by(work, [one.asked_by for one in waiting])
            media = await media_of(work, waiting[:MOST])
        if [one.id for one in waiting[:MOST]] == [*cards] and not anyway:
            for card in cards.values():  # somebody may be editing one of them: only its pictures change
                card.show_media(media)
            return
        there.clear()
        cards.clear()
        with there:
            for one in waiting[:MOST]:
                cards[one.id] = ApprovalCard(visit, one, names[one.asked_by], media, refresh)
            if not waiting:
                empty("Nothing waits for your yes.")
            elif len(waiting) > MOST:
                empty(f"{len(waiting) - MOST} more follow.")

    await refresh(anyway=True)
    ui.timer(EVERY_S, refresh)
