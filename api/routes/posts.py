"""Posts of personas on their gallery: planned, moved, cancelled. A person who asks here needs no other person's yes."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from api.deps import CallerDep, CoreDep, TurnDep, needs
from api.performing import perform
from api.shapes import Body, Cursor, FromRow, Limit, Page, page
from memory.models import Post
from tools.publishing import capabilities as publishing
from tools.publishing.shapes import NamePost, PostShown, ReschedulePost, SchedulePost

router = APIRouter(prefix="/posts", tags=["posts"])


class PostOut(FromRow):
    id: str
    persona: str
    text: str
    assets: list[str]
    due_at: datetime
    zone: str
    repeat: str
    state: str
    series: str | None
    published_at: datetime | None
    receipt: dict[str, str]
    error: str


class Move(Body):
    at: AwareDatetime


def post_out(row: Post) -> PostOut:
    return PostOut(
        id=row.id,
        persona=row.persona_id,
        text=row.text,
        assets=row.assets,
        due_at=row.due_at,
        zone=row.zone,
        repeat=row.repeat,
        state=row.state,
        series=row.series_id,
        published_at=row.published_at,
        receipt={key: str(value) for key, value in row.receipt.items()},
        error=row.error,
    )


@router.get("", dependencies=[needs("posts:read")])
async def list_posts(
    core: CoreDep,
    caller: CallerDep,
    persona: str | None = None,
    state: Annotated[
        Literal["scheduled", "series", "ended", "published", "cancelled", "missed", "failed"] | None, Query()
    ] = None,
    limit: Limit = 50,
    before: Cursor = None,
) -> Page[PostOut]:
    """Posts of the workspace, the one planned last first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        persona_id = (await work.personas.named(persona)).id if persona else None
        rows = await work.posts.recent(persona_id=persona_id, state=state, limit=limit, before=before)
    return page(rows, [post_out(row) for row in rows], limit)


@router.post("", status_code=201, dependencies=[needs("posts:write")])
async def schedule_post(ask: SchedulePost, turn: TurnDep, response: Response) -> PostShown:
    """Plan a post: now, at a time, or again and again. With an Idempotency-Key, asking twice plans it once."""
    made = await perform(publishing.schedule_post, ask, turn, PostShown)
    response.headers["Location"] = f"/api/v1/posts/{made.id}"
    return made


@router.get("/{post}", dependencies=[needs("posts:read")])
async def get_post(post: str, core: CoreDep, caller: CallerDep) -> PostOut:
    async with core.store.open_work(caller.principal, reads=True) as work:
        return post_out(await work.posts.get(post))


@router.post("/{post}/reschedule", dependencies=[needs("posts:write")])
async def reschedule_post(post: str, ask: Move, turn: TurnDep) -> PostShown:
    """Move a planned post to another time."""
    return await perform(publishing.reschedule_post, ReschedulePost(post=post, at=ask.at), turn, PostShown)


@router.post("/{post}/cancel", dependencies=[needs("posts:write")])
async def cancel_post(post: str, turn: TurnDep) -> PostShown:
    """Do not publish it. Conflict when it is out already."""
    return await perform(publishing.cancel_post, NamePost(post=post), turn, PostShown)
