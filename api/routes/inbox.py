"""The inbox: fans' conversations over all channels, those in which a person is asked for first."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.deps import CallerDep, CoreDep, needs
from api.shapes import Limit, Page
from bots import inbox
from bots.inbox import Entry
from gator.errors import NotFound

router = APIRouter(prefix="/inbox", tags=["inbox"])

SHOWN = 200  # characters of the last message

_After = Annotated[str | None, Query(max_length=80, description="`next` of the page before")]


class LastMessage(BaseModel):
    author: str = Field(description="fan, operator, persona, gator or notice")
    text: str = Field(description=f"its first {SHOWN} characters")
    at: datetime


class InboxRow(BaseModel):
    conversation: str
    code: str = Field(description="the end of the id, by which /take in an operator's chat names it")
    persona: str
    fan: str
    channel: str
    last: LastMessage | None
    wanted_at: datetime | None = Field(description="since when a person is asked for")
    wanted_for: str = Field(description="asked, crisis, model_away, operator, or another reason; empty when nobody is")
    wanted_text: str = Field(description="what was said with it")
    taken_by: str = Field(description="who answers in the bot's place; empty when the bot does")
    mine: bool = Field(description="it is you who answers")


@router.get("", dependencies=[needs("conversations:read")])
async def show_inbox(
    core: CoreDep,
    caller: CallerDep,
    wanted: bool = False,
    mine: bool = False,
    limit: Limit = 50,
    before: _After = None,
) -> Page[InboxRow]:
    """`wanted`: only where a person is asked for. `mine`: only those that you took over."""
    after = inbox.place_of(before) if before else None
    async with core.store.open_work(caller.principal, reads=True) as work:
        taken_by = caller.principal.subject if mine else ""
        found = await inbox.entries(work, wanted=wanted, taken_by=taken_by, limit=limit, after=after)
    following = inbox.cursor_of(found[-1].conversation) if len(found) == limit else None
    return Page(items=[row_out(one, caller.principal.subject) for one in found], next=following)


@router.get("/{conversation}", dependencies=[needs("conversations:read")])
async def show_inbox_row(conversation: str, core: CoreDep, caller: CallerDep) -> InboxRow:
    """One fan's conversation as the inbox lists it."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = await work.conversations.get(conversation)
        if not row.fan_id:
            raise NotFound("That conversation is an operator's own.")
        [entry] = await inbox.described(work, [row])
    return row_out(entry, caller.principal.subject)


def row_out(entry: Entry, user_id: str) -> InboxRow:
    row, last = entry.conversation, entry.last
    return InboxRow(
        conversation=row.id,
        code=entry.code,
        persona=entry.persona,
        fan=entry.fan,
        channel=row.channel,
        last=LastMessage(author=last.author, text=last.text[:SHOWN], at=last.created_at) if last else None,
        wanted_at=row.wanted_at,
        wanted_for=entry.wanted.reason if entry.wanted else "",
        wanted_text=entry.wanted.text if entry.wanted else "",
        taken_by=entry.taken_by,
        mine=row.taken_by == user_id,
    )
