"""Dead letters: messages that a platform refused, or of which nobody knows whether they arrived. A person decides."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import CallerDep, CoreDep, needs
from api.shapes import Cursor, Limit, Page
from bots import inbox
from bots.inbox import Letter

router = APIRouter(prefix="/letters", tags=["inbox"])


class LetterOut(BaseModel):
    id: str
    conversation: str
    persona: str
    fan: str
    channel: str
    text: str
    state: str = Field(description="failed, unconfirmed (it may have arrived), pending (sent again) or dropped")
    why: str
    attempts: int
    created_at: datetime
    warning: str = Field("", description="what sending it again may do")


@router.get("", dependencies=[needs("letters:read")])
async def list_letters(core: CoreDep, caller: CallerDep, limit: Limit = 50, before: Cursor = None) -> Page[LetterOut]:
    """Newest first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        found = await inbox.letters(work, limit, before)
    return Page(items=[letter_out(one) for one in found], next=found[-1].row.id if len(found) == limit else None)


@router.post("/{letter}/retry", dependencies=[needs("letters:write")])
async def retry_letter(letter: str, core: CoreDep, caller: CallerDep) -> LetterOut:
    """Send it again. One of which nobody knows whether it arrived may arrive twice, and `warning` says so."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        unconfirmed = (await work.outbox.get(letter)).state == "unconfirmed"
    sent = letter_out(await inbox.send_again(core.store, caller.principal, letter))
    return sent.model_copy(update={"warning": inbox.MAY_ARRIVE_TWICE if unconfirmed else ""})


@router.post("/{letter}/drop", dependencies=[needs("letters:write")])
async def drop_letter(letter: str, core: CoreDep, caller: CallerDep) -> LetterOut:
    """Give it up for good."""
    return letter_out(await inbox.give_up(core.store, caller.principal, letter))


def letter_out(letter: Letter) -> LetterOut:
    row = letter.row
    return LetterOut(
        id=row.id,
        conversation=row.conversation_id,
        persona=letter.persona,
        fan=letter.fan,
        channel=row.channel,
        text=letter.text,
        state=row.state,
        why=letter.why,
        attempts=row.attempts,
        created_at=row.created_at,
        warning=inbox.MAY_ARRIVE_TWICE if row.state == "unconfirmed" else "",
    )
