"""Posts: plan one, move it, cancel it, list them. Doors: agents, REST, CLI. `tools.publishing.gallery` carries them out."""

from datetime import datetime, timedelta

from gator.clock import now
from gator.errors import Conflict, NotFound, Refused
from memory.models import Post
from memory.work import Work
from prompts.words import say
from tools.capability import STAFF, Effect, Turn, capability
from tools.publishing import calendar
from tools.publishing.gallery import WINDOW, continue_series, free_time, settle, start_series
from tools.publishing.references import find_post, media_titles
from tools.publishing.repeats import posted_before
from tools.publishing.shapes import ListPosts, NamePost, PostList, PostShown, ReschedulePost, SchedulePost
from tools.ratings import not_postable
from tools.unseen import with_unseen_shown, without_unseen
from tools.wording import clock_time, zone_named

GRACE = timedelta(seconds=60)  # what a sentence takes to be said, understood and sent
_FAR = timedelta(days=5 * 366)
_LISTED = 100
_MOVABLE = ("scheduled", "series", "missed", "failed")


async def preview_post(ask: SchedulePost, turn: Turn) -> tuple[SchedulePost, str]:
    """What the person who approves reads: who posts what, when on the clock of a zone, and what the media are.

    Raises as `schedule_post` would, so that nobody is asked for what cannot be.
    """
    async with turn.open_work(reads=True) as work:
        post = await _planned(work, ask, turn)
        persona = await work.personas.get(post.persona_id)
        titles = ", ".join(_quoted(title, turn) for title in await media_titles(work, post.assets))
        again_shown = await posted_before(work, post, turn.language)
    at_once = ask.at is None and not post.repeat
    when = say("ask_at_once", turn.language) if at_once else clock_time(post.due_at, post.zone, turn.language)
    told = say("ask_post", turn.language, name=with_unseen_shown(persona.name), when=when)
    again = f", {calendar.in_words(post.repeat, turn.language)}" if post.repeat else ""
    text = f": {_quoted(post.text, turn)}" if post.text else ""
    media = f" {say('ask_media', turn.language, titles=titles)}" if titles else ""
    return ask, ". ".join([f"{told}{again}{text}{media}", *again_shown])


async def preview_move(ask: ReschedulePost, turn: Turn) -> tuple[ReschedulePost, str]:
    """Which post is moved, named by its id from here on: "last" may be another one when the yes comes."""
    async with turn.open_work(reads=True) as work:
        post = await _next_occurrence(work, await find_post(work, ask.post, *_MOVABLE))
        author = await work.posts.author(post)
        at = await _checked_time(work, ask.at, post.zone, turn)
    was, becomes = (clock_time(one, post.zone, turn.language) for one in (post.due_at, at))
    slots = {"name": with_unseen_shown(author.name), "was": was, "becomes": becomes}
    if post.text:
        told = say("ask_move", turn.language, text=_quoted(post.text, turn), **slots)
    else:
        told = say("ask_move_media", turn.language, **slots)
    return ask.model_copy(update={"post": post.id}), told


def _quoted(text: str, turn: Turn) -> str:
    return say("quoted", turn.language, text=with_unseen_shown(text))


@capability(audience=STAFF, effect=Effect.publish, preview=preview_post)
async def schedule_post(ask: SchedulePost, turn: Turn) -> PostShown:
    """Post on a persona's own gallery: now, at a time, or again and again. Media may still be in the making.

    Raises Refused for a time that is past, a post without text and media, or a repetition that cannot be kept.
    """
    key = turn.key(ask)
    async with turn.open_work(reads=True) as work:
        if known := await work.posts.by_key(key):  # the turn runs again after a crash
            return await show(work, known)
    async with turn.open_work() as work:
        post = await _planned(work, ask, turn)
        post.key = key
        post = await work.posts.plan(post)
        if post.repeat:
            await start_series(work, post)
        await work.audit.note("post.schedule", post.id, due_at=post.due_at.isoformat(), approval=turn.approval)
        if post.state == "scheduled" and post.due_at <= now():
            await settle(work, post)
        return await show(work, post)


@capability(audience=STAFF, effect=Effect.publish, preview=preview_move)
async def reschedule_post(ask: ReschedulePost, turn: Turn) -> PostShown:
    """Move a planned post to another time; of a repeating one, only its next occurrence. A missed one is tried again."""
    async with turn.open_work() as work:
        found = await find_post(work, ask.post, *_MOVABLE)
        post = await work.posts.take((await _next_occurrence(work, found)).id)
        if post.state not in ("scheduled", "missed", "failed"):
            raise Conflict(f"That post is {post.state}; only a planned one can be moved.")
        at = await _checked_time(work, ask.at, post.zone, turn)
        post.due_at = await free_time(work, post.series_id, at) if post.series_id else at
        post.state, post.error, post.receipt, post.approval_id = "scheduled", "", {}, turn.approval
        await work.posts.save()
        await continue_series(work, post)
        await work.audit.note("post.reschedule", post.id, due_at=post.due_at.isoformat(), approval=turn.approval)
        return await show(work, post)


@capability(audience=STAFF, effect=Effect.write)
async def cancel_post(ask: NamePost, turn: Turn) -> PostShown:
    """Cancel a planned post before it goes out. A repeating one ends; `next` or an occurrence's id cancels only that one."""
    async with turn.open_work() as work:
        post = await work.posts.take((await find_post(work, ask.post, "scheduled", "series")).id)
        if post.state == "cancelled":
            return await show(work, post)
        if post.state not in ("scheduled", "series"):
            raise Conflict(f"That post is {post.state}; only a planned one can be cancelled.")
        post.state = "cancelled"
        await work.posts.save()
        await _cancel_occurrences(work, post)
        await continue_series(work, post)
        await work.audit.note("post.cancel", post.id)
        return await show(work, post)


@capability(audience=STAFF, effect=Effect.read)
async def list_posts(ask: ListPosts, turn: Turn) -> PostList:
    """List posts by their time: planned, published, cancelled, missed or failed ones, of one persona or all."""
    states = [ask.state] if ask.state else ["scheduled", "published", "missed", "failed"]
    async with turn.open_work(reads=True) as work:
        persona_id = (await work.personas.named(ask.persona)).id if ask.persona else None
        posts = await work.posts.calendar(
            *states,
            persona_id=persona_id,
            since=ask.since,
            until=ask.until,
            limit=_LISTED,
            latest=ask.since is None and ask.state != "scheduled",
        )
        return PostList(posts=[await show(work, post) for post in posts])


async def _planned(work: Work, ask: SchedulePost, turn: Turn) -> Post:
    """The checked post, not stored yet."""
    persona = await work.personas.named(ask.persona)
    if not without_unseen(ask.text) and not ask.assets:
        raise Refused("A post needs a text or media.")
    assets = await _checked_assets(work, ask.assets)
    zone = zone_named(ask.zone or turn.zone).key
    repeat = calendar.read_rule(ask.repeat) if ask.repeat.strip() else ""
    due_at = await _checked_time(work, ask.at, zone, turn) if ask.at else now()
    if repeat:
        repeat, due_at = calendar.start_of(repeat, ask.at, due_at)
        due_at = calendar.first(repeat, due_at, zone)
    return Post(
        persona_id=persona.id,
        text=ask.text,
        assets=assets,
        due_at=due_at,
        zone=zone,
        repeat=repeat,
        state="series" if repeat else "scheduled",
        approval_id=turn.approval,
        receipt={},
        error="",
    )


async def _checked_assets(work: Work, ids: list[str]) -> list[str]:
    unknown = []
    for id in dict.fromkeys(ids):
        try:
            asset = await work.assets.get(id)
        except NotFound:
            unknown.append(id)
            continue
        if asset.state == "failed":
            raise Refused(f"The {asset.kind} “{asset.title or id}” could not be made, so it cannot be posted.")
        if why := not_postable(asset):
            raise Refused(why[0], remedy=why[1])
    if unknown:
        listed = ", ".join(with_unseen_shown(id)[:60] for id in unknown)
        raise NotFound(f"There is no media {listed}.", remedy="List the media to see their ids.")
    return list(dict.fromkeys(ids))


async def _checked_time(work: Work, at: datetime, zone: str, turn: Turn) -> datetime:
    """Raises Refused for a time past. One that came while a person thought about their yes is kept: they saw it."""
    asked = (await work.approvals.get(turn.approval)).created_at if turn.approval else now()
    earliest = max(asked - GRACE, now() - WINDOW)
    if at < earliest:
        raise Refused(f"{clock_time(at, zone)} is past.", remedy=f"It is {clock_time(now(), zone)} now.")
    if at > now() + _FAR:
        raise Refused(f"{clock_time(at, zone)} is more than five years away.")
    return at


async def _next_occurrence(work: Work, post: Post) -> Post:
    if post.state != "series":
        return post
    coming = await work.posts.occurrences(post.id, "scheduled")
    if not coming:
        raise Conflict("That repetition has no further posts.")
    return coming[0]


async def _cancel_occurrences(work: Work, series: Post) -> None:
    """Until none is planned: while we waited for a publisher to let go of one, it may have planned the next."""
    while coming := await work.posts.occurrences(series.id, "scheduled"):
        for occurrence in coming:
            held = await work.posts.take(occurrence.id)
            held.state = "cancelled" if held.state == "scheduled" else held.state
        await work.posts.save()


async def show(work: Work, post: Post) -> PostShown:
    """The post as people see it. An occurrence shows the rule of its series."""
    series = await work.posts.get(post.series_id) if post.series_id else None
    return PostShown(
        id=post.id,
        persona=(await work.posts.author(post)).name,
        text=post.text,
        assets=list(post.assets),
        due_at=post.due_at,
        state=post.state,
        repeat=series.repeat if series else post.repeat,
        zone=post.zone,
        url=str(post.receipt.get("url", "")),
        trouble=post.error,
    )
