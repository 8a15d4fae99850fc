"""What is due on the gallery? Publishes it, once, with a receipt; or says why it could not.

No model reaches this: it reads rows that were planned (and approved) before. Publishing is one transaction on rows that
the database lends to one publisher at a time, so a crash anywhere leaves a post either planned or published with its receipt.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gator.clock import now
from gator.errors import NotFound
from gator.principal import Principal
from memory.models import Asset, Persona, Post
from memory.own_words import card_of
from memory.store import Store
from memory.vault.own_words import told_to_all
from memory.work import Work
from tools.publishing import calendar
from tools.ratings import not_postable

log = structlog.get_logger()

WINDOW = timedelta(hours=6)  # a post that is later than this would surprise more than its absence
MEDIA_WAIT = timedelta(minutes=10)
_SLOT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a post just now: `published` with its `url`; `missed`, `failed` or `cancelled` with the reason."""

    post: str
    persona: str
    state: str
    at: datetime
    url: str = ""
    error: str = ""


async def publish_due(store: Store, principal: Principal) -> list[Outcome]:
    """Publish what is due. To be called again and again, by any number of processes; each post goes out once."""
    async with store.open_work(principal, reads=True) as work:
        due = await work.posts.next_at()
    if due is None or due > now():
        return []
    async with store.open_work(principal) as work:
        ended = [outcome for post in await work.posts.due(1000) if (outcome := await _settle_apart(work, post))]
    for outcome in ended:
        log.info("post_settled", post=outcome.post, state=outcome.state)
    return ended


async def _settle_apart(work: Work, post: Post) -> Outcome | None:
    """As `settle`; a post that breaks it fails by itself and holds up no other, nor what the caller looks after next."""
    id = post.id
    try:
        async with work.session.begin_nested():
            return await settle(work, post)
    except SQLAlchemyError:  # the database is away: nothing can be written down now
        raise
    except Exception:  # the top of a loop over posts that have nothing to do with each other
        log.exception("post_broke", post=id)
    broken = await work.posts.take(id)
    broken.state, broken.error, broken.receipt = "failed", "It broke inside; the log says where.", {}
    await work.posts.save()
    await work.audit.note("post.failed", id, reason=broken.error)
    return Outcome(id, broken.persona_id, broken.state, now(), error=broken.error)


async def settle(work: Work, post: Post) -> Outcome | None:
    """Publish a post that is due, or end it; None while it waits for its media or its paused persona."""
    if post.series_id and (await work.posts.get(post.series_id)).state == "cancelled":
        # It was planned by a publisher at the very moment in which somebody cancelled the series.
        return await _end(work, post, "cancelled", "")
    persona, reason = await _author(work, post)
    late = now() - post.due_at
    if persona is None:
        return await _end(work, post, "failed", reason)
    if late > WINDOW:
        why = reason or f"It was {_hours(late)} late, because Gator was not running or could not publish."
        return await _end(work, post, "missed", why)
    if reason:
        return None
    try:
        media = [await work.assets.get(id) for id in post.assets]
    except NotFound as gone:
        return await _end(work, post, "failed", gone.message)
    failed = [asset for asset in media if asset.state == "failed"]
    if failed:
        return await _end(work, post, "failed", f"Its media {_names(failed)} could not be made.")
    pending = [asset for asset in media if asset.state != "ready"]
    if pending:
        return await _wait(work, post, pending)
    if unfit := next(filter(None, map(not_postable, media)), None):  # it was still being made when the post was planned
        return await _end(work, post, "failed", f"{unfit[0]} {unfit[1]}")
    return await _publish(work, post, persona)


async def _author(work: Work, post: Post) -> tuple[Persona | None, str]:
    """The persona, and why it may not post now."""
    try:
        persona = await work.personas.get(post.persona_id)
    except NotFound:
        return None, "Its persona was removed."
    return persona, f"{persona.name} was paused." if persona.paused_at else ""


async def _wait(work: Work, post: Post, pending: list[Asset]) -> Outcome | None:
    """Media may come a little after the post's time. The wait counts from when we first looked, not from an outage before."""
    since = post.receipt.get("waiting_since")
    if since is None:
        post.receipt = {"waiting_since": now().isoformat()}
        await work.posts.save()
    elif now() - datetime.fromisoformat(since) > MEDIA_WAIT:
        minutes = MEDIA_WAIT.seconds // 60
        return await _end(work, post, "failed", f"Its media {_names(pending)} were not ready {minutes} minutes later.")
    return None


async def _publish(work: Work, post: Post, persona: Persona) -> Outcome:
    at = now()
    url = f"/p/{persona.slug}#post-{post.id}"
    post.state, post.published_at, post.error = "published", at, ""
    post.receipt = {"url": url, "at": at.isoformat()}
    await work.posts.save()
    await told_to_all(work, post, card_of(persona.character))
    await work.audit.note("post.publish", post.id, url=url, approval=post.approval_id)
    await continue_series(work, post)
    return Outcome(post.id, post.persona_id, post.state, at, url)


async def _end(work: Work, post: Post, state: str, reason: str) -> Outcome:
    post.state, post.error, post.receipt = state, reason, {}
    await work.posts.save()
    await work.audit.note(f"post.{state}", post.id, reason=reason)
    await continue_series(work, post)
    return Outcome(post.id, post.persona_id, state, now(), error=post.error)


def _hours(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _names(media: list[Asset]) -> str:
    return ", ".join(f"“{asset.title}”" if asset.title else asset.id for asset in media)


async def start_series(work: Work, series: Post) -> Post:
    """The first occurrence of a series."""
    return await _occur(work, series, calendar.first(series.repeat, series.due_at, series.zone))


async def continue_series(work: Work, left: Post) -> None:
    """Plan the next occurrence when the newest one has left its place: it was published, ended, cancelled or moved.

    The slot is part of an occurrence's key, so each slot is planned once, however often its post was moved. Slots that
    an outage has put beyond the window are counted on the post, not planned to be missed one by one.
    """
    series = await work.posts.get(left.series_id) if left.series_id else None
    if series is None or series.state != "series" or await work.posts.newest_key(series.id) != left.key:
        return
    slot = datetime.strptime(left.key.rpartition(":")[2], _SLOT).replace(tzinfo=UTC)
    following, passed = calendar.after(series.repeat, series.due_at, series.zone, slot, now() - WINDOW)
    if passed:
        left.error = f"{left.error} {passed} more were missed in that time.".strip()
    if following:
        await _occur(work, series, following)
    else:
        series.state = "ended"
        await work.posts.save()


async def _occur(work: Work, series: Post, slot: datetime) -> Post:
    return await work.posts.plan(
        Post(
            persona_id=series.persona_id,
            text=series.text,
            assets=list(series.assets),
            due_at=await free_time(work, series.id, slot),
            zone=series.zone,
            series_id=series.id,
            key=f"series:{series.id}:{slot:{_SLOT}}",
            approval_id=series.approval_id,
        )
    )


async def free_time(work: Work, series_id: str, at: datetime) -> datetime:
    """`at`, or a moment after it when a moved occurrence of the series stands there already: both shall be posted."""
    while await work.posts.stands_at(series_id, at):
        at += timedelta(milliseconds=1)
    return at
