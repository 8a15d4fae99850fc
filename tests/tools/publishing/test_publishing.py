"""Posts: planned, moved, cancelled, and published once."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gator import clock
from gator.errors import Conflict, Forbidden, NotFound, Refused
from gator.ids import new_id
from gator.principal import Kind, Principal
from memory.models import Asset, Post
from memory.store import Store
from tools.capability import Turn
from tools.publishing import publish_due
from tools.publishing.capabilities import (
    cancel_post,
    list_posts,
    preview_move,
    preview_post,
    reschedule_post,
    schedule_post,
)
from tools.publishing.shapes import ListPosts, NamePost, PostShown, ReschedulePost, SchedulePost
from tools.ratings import NameAsset, Rate, accept_likeness, rate_media

MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)  # 09:00 in Berlin
DAILY = "FREQ=DAILY"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def time() -> Iterator[Clock]:
    at = Clock()
    with clock.set_to(at):
        yield at


@pytest.fixture
async def turn(turn: Turn, fan: Principal, time: Clock) -> Turn:
    """An operator of Berlin; the persona Nova is there."""
    return replace(turn, zone="Europe/Berlin", id=new_id())


async def asset(turn: Turn, state: str = "ready", **fields: Any) -> str:
    async with turn.open_work() as work:
        row = Asset(workspace=turn.principal.workspace, kind="picture", state=state, title="A heron", **fields)
        work.session.add(row)
        await work.session.flush()
        return row.id


async def plan(turn: Turn, text: str = "Hello", **fields: Any) -> Any:
    return await schedule_post(SchedulePost(persona="Nova", text=text, **fields), replace(turn, id=new_id()))


async def post(turn: Turn, id: str) -> Post:
    async with turn.open_work(reads=True) as work:
        return await work.posts.get(id)


async def due(turn: Turn) -> list[str]:
    return [outcome.state for outcome in await publish_due(turn.store, turn.principal)]


async def test_a_post_without_a_time_is_published_at_once_with_a_receipt(turn: Turn) -> None:
    shown = await plan(turn)

    assert shown.state == "published"
    assert shown.url == f"/p/nova#post-{shown.id}"
    assert (await post(turn, shown.id)).receipt == {"url": shown.url, "at": MONDAY.isoformat()}


async def test_a_post_is_published_at_its_time_and_not_before(turn: Turn, time: Clock) -> None:
    shown = await plan(turn, at=MONDAY + timedelta(seconds=2))
    assert (await due(turn), shown.state) == ([], "scheduled")

    time.pass_(seconds=2)

    assert await due(turn) == ["published"]
    assert await due(turn) == []


async def test_the_same_request_in_a_turn_is_one_post(turn: Turn) -> None:
    ask = SchedulePost(persona="Nova", text="Hello")

    assert (await schedule_post(ask, turn)).id == (await schedule_post(ask, turn)).id


async def test_a_time_past_is_refused_and_named(turn: Turn) -> None:
    with pytest.raises(Refused, match="08:30 \\(Europe/Berlin\\) is past"):
        await plan(turn, at=MONDAY - timedelta(minutes=30))
    assert (await plan(turn, at=MONDAY - timedelta(seconds=30))).state == "published"


async def test_a_time_that_passed_while_a_person_thought_is_kept(turn: Turn, time: Clock) -> None:
    ask = SchedulePost(persona="Nova", text="Hello", at=MONDAY + timedelta(minutes=1))
    async with turn.open_work() as work:
        question = await work.approvals.ask(
            "schedule_post", "publish", {}, "hash", summary="", key="k", turn_id=turn.id, conversation_id=new_id(),
            lives=timedelta(hours=24),
        )  # fmt: skip
        await work.approvals.decide(question.id, "approved", by="tests")
    time.pass_(minutes=30)

    shown = await schedule_post(ask, turn.with_approval(question.id, "hash"))

    assert shown.state == "published"
    assert (await post(turn, shown.id)).approval_id == question.id


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u202e"])
async def test_an_empty_post_is_refused(turn: Turn, text: str) -> None:
    with pytest.raises(Refused, match="needs a text or media"):
        await plan(turn, text)


async def test_unknown_media_are_named(turn: Turn) -> None:
    known, unknown = await asset(turn), new_id()

    with pytest.raises(NotFound, match=unknown) as wrong:
        await plan(turn, assets=[known, unknown])
    assert known not in str(wrong.value)


async def test_media_of_another_workspace_are_unknown(turn: Turn, store: Store) -> None:
    from memory.models import Workspace

    other = Principal(new_id(), Kind.operator, new_id())
    async with store.open_work(other) as work:
        work.session.add(Workspace(id=other.workspace, slug="other", name="Other"))
        await work.session.flush()
        theirs = Asset(workspace=other.workspace, kind="picture", state="ready")
        work.session.add(theirs)
        await work.session.flush()

    with pytest.raises(NotFound, match=theirs.id):
        await plan(turn, assets=[theirs.id])


async def test_what_is_not_for_everyone_is_not_posted(turn: Turn) -> None:
    with pytest.raises(Refused, match="rated mature"):
        await plan(turn, assets=[await asset(turn, rating="mature")])


async def test_another_face_is_not_posted_before_a_person_said_yes(turn: Turn) -> None:
    drifted = await asset(turn, likeness="drifted")
    with pytest.raises(Refused, match="another face"):
        await plan(turn, assets=[drifted])
    with pytest.raises(Forbidden):
        loop = Principal(turn.principal.workspace, Kind.loop, "x")
        await accept_likeness(NameAsset(asset=drifted), replace(turn, principal=loop))
    await accept_likeness(NameAsset(asset=drifted), turn)
    await plan(turn, assets=[drifted])
    with pytest.raises(Conflict, match="has not drifted"):
        await accept_likeness(NameAsset(asset=drifted), turn)


async def test_what_a_fan_was_given_is_no_post_however_it_is_rated(turn: Turn, fan: Principal) -> None:
    export = await asset(turn, fan_id=fan.subject)
    with pytest.raises(Refused, match="stays in their conversation"):
        await plan(turn, assets=[export])


async def test_what_nobody_has_rated_is_posted_once_somebody_has(turn: Turn) -> None:
    unrated = await asset(turn, rating="unknown")
    with pytest.raises(Refused, match=r"rated unknown.*gator media rate"):
        await plan(turn, assets=[unrated])
    with pytest.raises(Conflict, match="pending"):
        await rate_media(Rate(asset=await asset(turn, "pending"), rating="general"), turn)
    await rate_media(Rate(asset=unrated, rating="general"), turn)
    await plan(turn, assets=[unrated])
    async with turn.open_work(reads=True) as work:
        [noted] = [row for row in await work.audit.recent() if row.action == "media.rate"]
    assert noted.detail == {"was": "unknown", "rating": "general"}


@pytest.mark.parametrize("became", [{"rating": "unknown"}, {"rating": "mature"}, {"likeness": "drifted"}])
async def test_what_turned_out_unfit_while_it_was_made_is_not_posted(
    turn: Turn, time: Clock, became: dict[str, str]
) -> None:
    picture = await asset(turn, "pending")
    shown = await plan(turn, assets=[picture])
    async with turn.open_work() as work:
        made = await work.assets.get(picture)
        made.state = "ready"
        for name, value in became.items():
            setattr(made, name, value)
    time.pass_(minutes=1)
    assert await due(turn) == ["failed"]
    assert "gallery" in (await post(turn, shown.id)).error or "another face" in (await post(turn, shown.id)).error


async def test_a_post_waits_for_its_media(turn: Turn, time: Clock) -> None:
    picture = await asset(turn, "pending")
    shown = await plan(turn, assets=[picture])
    assert shown.state == "scheduled"
    time.pass_(minutes=5)
    assert await due(turn) == []
    async with turn.open_work() as work:
        (await work.assets.get(picture)).state = "ready"

    assert await due(turn) == ["published"]


async def test_a_post_whose_media_never_come_fails_and_says_so(turn: Turn, time: Clock) -> None:
    shown = await plan(turn, assets=[await asset(turn, "pending")])
    time.pass_(minutes=11)

    assert await due(turn) == ["failed"]
    assert "A heron" in (await post(turn, shown.id)).error


async def test_an_outage_does_not_use_up_the_wait_for_media(turn: Turn, time: Clock) -> None:
    await plan(turn, assets=[await asset(turn, "pending")], at=MONDAY + timedelta(minutes=1))
    time.pass_(hours=2)

    assert await due(turn) == []
    time.pass_(minutes=11)
    assert await due(turn) == ["failed"]


async def test_a_post_whose_media_failed_fails(turn: Turn, time: Clock) -> None:
    picture = await asset(turn, "pending")
    shown = await plan(turn, assets=[picture], at=MONDAY + timedelta(minutes=1))
    async with turn.open_work() as work:
        (await work.assets.get(picture)).state = "failed"
    time.pass_(minutes=1)

    assert await due(turn) == ["failed"]
    assert (await post(turn, shown.id)).error == "Its media “A heron” could not be made."


async def test_a_post_that_is_far_too_late_is_missed_and_not_sent(turn: Turn, time: Clock) -> None:
    shown = await plan(turn, at=MONDAY + timedelta(minutes=1))
    time.pass_(hours=7)

    assert await due(turn) == ["missed"]
    assert "late" in (await post(turn, shown.id)).error


async def test_a_paused_persona_holds_its_posts(turn: Turn, time: Clock) -> None:
    await plan(turn, at=MONDAY + timedelta(minutes=1))
    async with turn.open_work() as work:
        nova = await work.personas.named("Nova")
        nova.paused_at = MONDAY
    time.pass_(minutes=2)
    assert await due(turn) == []
    async with turn.open_work() as work:
        (await work.personas.named("Nova")).paused_at = None

    assert await due(turn) == ["published"]


async def test_two_publishers_at_once_publish_each_post_once(turn: Turn, time: Clock) -> None:
    for number in range(20):
        await plan(turn, f"Post {number}", at=MONDAY + timedelta(seconds=5))
    time.pass_(seconds=5)

    rounds = await asyncio.gather(*(publish_due(turn.store, turn.principal) for _ in range(4)))

    ids = [outcome.post for outcomes in rounds for outcome in outcomes]
    assert len(ids) == len(set(ids)) == 20
    async with turn.open_work(reads=True) as work:
        published = [row for row in await work.audit.recent(200) if row.action == "post.publish"]
    assert len(published) == 20


class Crash(BaseException):
    """The process is gone."""


async def test_a_crash_between_claim_and_commit_publishes_nothing_and_the_next_start_once(
    turn: Turn, time: Clock
) -> None:
    shown = await plan(turn, at=MONDAY + timedelta(seconds=1), repeat=DAILY)
    time.pass_(seconds=1)

    from tools.publishing.gallery import settle

    with pytest.raises(Crash):
        async with turn.open_work() as work:
            for one in await work.posts.due():
                await settle(work, one)
            raise Crash
    async with turn.open_work(reads=True) as work:
        assert [one.state for one in await work.posts.occurrences(shown.id, "scheduled", "published")] == ["scheduled"]

    assert await due(turn) == ["published"]
    async with turn.open_work(reads=True) as work:
        states = [one.state for one in await work.posts.occurrences(shown.id, "scheduled", "published")]
    assert states == ["published", "scheduled"]


async def test_a_series_posts_each_day_and_is_planned_one_ahead(turn: Turn, time: Clock) -> None:
    shown = await plan(turn, at=MONDAY + timedelta(hours=1), repeat=DAILY)
    assert (shown.state, shown.repeat, shown.due_at) == ("series", DAILY, MONDAY + timedelta(hours=1))

    for _ in range(3):
        planned = (await list_posts(ListPosts(state="scheduled"), turn)).posts
        assert [one.repeat for one in planned] == [DAILY]
        time.at = planned[0].due_at
        assert await due(turn) == ["published"]

    assert len((await list_posts(ListPosts(state="published"), turn)).posts) == 3


async def test_a_series_ends_with_its_count(turn: Turn, time: Clock) -> None:
    shown = await plan(turn, repeat="FREQ=DAILY;COUNT=2")
    assert await due(turn) == ["published"]
    time.pass_(days=1)
    assert await due(turn) == ["published"]

    time.pass_(days=1)
    assert await due(turn) == []
    assert (await post(turn, shown.id)).state == "ended"


async def test_a_series_goes_on_after_a_long_outage_with_the_missed_counted(turn: Turn, time: Clock) -> None:
    shown = await plan(turn, at=MONDAY + timedelta(hours=1), repeat=DAILY)
    time.pass_(days=10, hours=2)

    assert await due(turn) == ["missed"]
    assert await due(turn) == ["published"]  # today's is an hour late
    async with turn.open_work(reads=True) as work:
        missed, published, coming = await work.posts.occurrences(shown.id, "missed", "published", "scheduled")
    assert "9 more were missed" in missed.error
    assert published.due_at == MONDAY + timedelta(days=10, hours=1)
    assert coming.due_at == MONDAY + timedelta(days=11, hours=1)


async def test_cancelling_a_series_cancels_what_is_to_come(turn: Turn, time: Clock) -> None:
    shown = await plan(turn, "Good morning", repeat=DAILY)
    assert await due(turn) == ["published"]

    assert (await cancel_post(NamePost(post="good morning"), turn)).id == shown.id

    time.pass_(days=1)
    assert await due(turn) == []
    assert len((await list_posts(ListPosts(state="published"), turn)).posts) == 1


async def test_cancelling_the_next_of_a_series_cancels_only_that(turn: Turn, time: Clock) -> None:
    await plan(turn, at=MONDAY + timedelta(hours=1), repeat=DAILY)
    await cancel_post(NamePost(post="next"), turn)

    coming = (await list_posts(ListPosts(state="scheduled"), turn)).posts
    assert [one.due_at for one in coming] == [MONDAY + timedelta(days=1, hours=1)]


async def test_moving_one_of_a_series_moves_only_that(turn: Turn, time: Clock) -> None:
    await plan(turn, at=MONDAY + timedelta(hours=1), repeat=DAILY)
    moved = await reschedule_post(ReschedulePost(post="last", at=MONDAY + timedelta(hours=30)), turn)
    assert moved.due_at == MONDAY + timedelta(hours=30)

    coming = (await list_posts(ListPosts(state="scheduled"), turn)).posts
    assert [one.due_at for one in coming] == [MONDAY + timedelta(days=1, hours=1), MONDAY + timedelta(hours=30)]


async def test_an_occurrence_moved_onto_another_does_not_swallow_it(turn: Turn, time: Clock) -> None:
    await plan(turn, at=MONDAY + timedelta(hours=1), repeat=DAILY)
    await reschedule_post(ReschedulePost(post="next", at=MONDAY + timedelta(days=1, hours=1)), turn)
    time.pass_(days=1, hours=1, seconds=1)

    assert await due(turn) == ["published", "published"]


async def test_a_post_is_found_by_id_last_next_and_its_words(turn: Turn, time: Clock) -> None:
    herons = await plan(turn, "Herons at dawn", at=MONDAY + timedelta(hours=2))
    robots = await plan(turn, "Robots paint cities", at=MONDAY + timedelta(hours=1))
    later = MONDAY + timedelta(hours=5)

    for meant, expected in ((herons.id, herons), ("last", robots), ("the heron post", herons), ("robot", robots)):
        assert (await reschedule_post(ReschedulePost(post=meant, at=later), turn)).id == expected.id
    await reschedule_post(ReschedulePost(post=robots.id, at=MONDAY + timedelta(hours=1)), turn)
    assert (await cancel_post(NamePost(post="next"), turn)).id == robots.id


async def test_words_that_fit_two_posts_are_refused_and_both_named(turn: Turn) -> None:
    for place in ("lake", "river"):
        await plan(turn, f"Herons at the {place}", at=MONDAY + timedelta(hours=2))

    with pytest.raises(Refused, match=r"lake.*river") as wrong:
        await cancel_post(NamePost(post="herons"), turn)
    assert not isinstance(wrong.value, NotFound)


async def test_words_that_fit_nothing_are_not_found(turn: Turn) -> None:
    await plan(turn, "Herons at dawn", at=MONDAY + timedelta(hours=2))

    with pytest.raises(NotFound, match="Herons at dawn"):
        await cancel_post(NamePost(post="the election"), turn)


async def test_what_was_published_cannot_be_cancelled_or_moved(turn: Turn) -> None:
    shown = await plan(turn)

    with pytest.raises(Conflict, match="published"):
        await cancel_post(NamePost(post=shown.id), turn)
    with pytest.raises(Conflict, match="published"):
        await reschedule_post(ReschedulePost(post=shown.id, at=MONDAY + timedelta(hours=1)), turn)


async def test_the_person_who_approves_reads_all_of_it(turn: Turn) -> None:
    ask = SchedulePost(
        persona="nova",
        text="Hello\u202eolleH",
        assets=[await asset(turn)],
        at=MONDAY + timedelta(hours=1),
        repeat="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    )

    assert await preview_post(ask, turn) == (
        ask,
        "Publish as Nova, Mon 2 Nov 2026, 10:00 (Europe/Berlin), every weekday: “Hello⟨U+202E⟩olleH” with “A heron”",
    )
    assert "every weekday" in ask.in_words()

    german = replace(turn, language="de-AT")
    assert (await preview_post(ask, german))[1] == (
        "Als Nova veröffentlichen, Mo 2. November 2026, 10:00 Uhr (Europe/Berlin), montags bis freitags: "
        "„Hello⟨U+202E⟩olleH“ mit „A heron“"
    )


async def test_a_move_is_approved_for_one_post_whatever_comes_after_it(turn: Turn) -> None:
    first = await plan(turn, text="First", at=MONDAY + timedelta(hours=1))

    ask, words = await preview_move(ReschedulePost(post="last", at=MONDAY + timedelta(hours=2)), turn)
    await plan(turn, text="Second", at=MONDAY + timedelta(hours=1))

    assert ask.post == first.id
    assert "“First”" in words
    _, german = await preview_move(ask, replace(turn, language="de"))
    assert german.startswith("Beitrag „First“ von Nova verschieben: von Mo 2. November 2026, 10:00 Uhr")
    assert (await reschedule_post(ask, turn)).id == first.id


@pytest.mark.parametrize("repeat", ["", DAILY])
async def test_a_post_that_is_cancelled_while_it_is_published_is_one_of_both(
    turn: Turn, time: Clock, repeat: str
) -> None:
    shown = await plan(turn, at=MONDAY + timedelta(seconds=1), repeat=repeat)
    time.pass_(seconds=1)

    said = await asyncio.gather(
        publish_due(turn.store, turn.principal),
        cancel_post(NamePost(post=shown.id), turn),
        publish_due(turn.store, turn.principal),
        return_exceptions=True,
    )

    async with turn.open_work(reads=True) as work:
        posts = [await work.posts.get(shown.id), *await work.posts.occurrences(shown.id, "published", "cancelled")]
    published = [one for one in posts if one.state == "published"]
    assert len(published) == sum(len(one) for one in said if isinstance(one, list)) <= 1
    assert isinstance(said[1], Conflict if published and not repeat else PostShown)
    time.pass_(days=1)
    assert await due(turn) == []


async def test_a_post_that_breaks_the_publisher_fails_alone(turn: Turn, time: Clock) -> None:
    broken = await plan(turn, assets=[await asset(turn, "pending")], at=MONDAY + timedelta(hours=1))
    fine = await plan(turn, "Good morning", at=MONDAY + timedelta(hours=1, minutes=1))
    async with turn.open_work() as work:
        (await work.posts.get(broken.id)).receipt = {"waiting_since": "no time"}
    time.pass_(hours=1, minutes=2)

    assert await due(turn) == ["failed", "published"]

    assert (await post(turn, broken.id)).error == "It broke inside; the log says where."
    assert (await post(turn, fine.id)).published_at == time.at
    assert await due(turn) == []
