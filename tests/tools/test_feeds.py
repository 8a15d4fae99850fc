"""Feeds on a server that misbehaves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gator import clock
from gator.errors import NotFound, Refused, Unavailable
from gator.settings import Settings
from tests.servers import feeds as servers
from tests.servers.feeds import FeedServer, Item, rss
from tools.capability import Nothing, Turn
from tools.feeds import AddFeed, NameFeed, ReadFeeds, add_feed, list_feeds, read_feeds, remove_feed, spellings

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
HERONS = Item("Herons return to the lake", "/herons", "<p>Twelve <b>herons</b></p><p>were seen.</p>", "h1", MONDAY)
ROBOTS = Item(
    "A robotic arm paints", "https://news.example/robots", "It paints cities.", "r1", MONDAY + timedelta(days=1)
)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with servers.running() as running:
        running.pages["/news.xml"] = rss("Lake News", HERONS, ROBOTS)
        yield running


@pytest.fixture
def turn(turn: Turn, settings: Settings, server: FeedServer) -> Turn:
    """An operator's turn in which the server is vouched for."""
    return replace(turn, settings=settings.model_copy(update={"fetch_allow": (server.allowed,)}))


async def test_a_feed_that_is_added_is_read_at_once(turn: Turn, server: FeedServer) -> None:
    shown = await add_feed(AddFeed(url=server.url("/news.xml")), turn)

    assert (shown.name, shown.stories) == ("Lake News", 2)
    told = await read_feeds(ReadFeeds(), turn)
    assert [story.title for story in told.stories] == ["A robotic arm paints", "Herons return to the lake"]
    heron = told.stories[1]
    assert heron.summary == "Twelve herons were seen."
    assert heron.link == server.url("/herons")
    assert heron.published_at == MONDAY
    assert len(server.asked) == 1  # the stories are fresh: reading them asks nobody


async def test_a_feed_added_twice_is_one(turn: Turn, server: FeedServer) -> None:
    first = await add_feed(AddFeed(url=server.url("/news.xml")), turn)
    again = await add_feed(AddFeed(url=server.url("/news.xml"), name="Birds"), turn)

    assert again.id == first.id
    assert [feed.name for feed in (await list_feeds(Nothing(), turn)).feeds] == ["Birds"]


async def test_a_feed_added_twice_at_the_same_time_is_one(turn: Turn, server: FeedServer) -> None:
    both = await asyncio.gather(*(add_feed(AddFeed(url=server.url("/news.xml")), turn) for _ in range(2)))

    assert both[0].id == both[1].id
    assert both[0].stories == 2


async def test_an_address_without_a_scheme_is_tried_with_https_and_then_http(turn: Turn, server: FeedServer) -> None:
    shown = await add_feed(AddFeed(url=f"127.0.0.1:{server.port}/news.xml"), turn)

    assert shown.url == server.url("/news.xml")


async def test_the_feed_of_a_web_page_is_found(turn: Turn, server: FeedServer) -> None:
    server.types["/"] = "text/html; charset=utf-8"
    server.pages["/"] = (
        "<!DOCTYPE html><html><head><title>Lake</title>"
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml" href="news.xml"></head></html>'
    )
    shown = await add_feed(AddFeed(url=server.url("/")), turn)

    assert shown.url == server.url("/news.xml")


async def test_a_page_without_a_feed_is_refused_by_that_reason(turn: Turn, server: FeedServer) -> None:
    server.types["/page"] = "text/html"
    server.pages["/page"] = "<html><body>Hello</body></html>"
    server.pages["/text"] = "just words"

    with pytest.raises(Refused, match="names no feed"):
        await add_feed(AddFeed(url=server.url("/page")), turn)
    with pytest.raises(Refused, match="no feed"):
        await add_feed(AddFeed(url=server.url("/text")), turn)
    with pytest.raises(Refused, match="nothing at that address"):
        await add_feed(AddFeed(url=server.url("/absent")), turn)


async def test_a_story_is_new_once(turn: Turn, server: FeedServer) -> None:
    await add_feed(AddFeed(url=server.url("/news.xml")), turn)
    assert len((await read_feeds(ReadFeeds(only_new=True), turn)).stories) == 2
    assert (await read_feeds(ReadFeeds(only_new=True), turn)).stories == []

    server.pages["/news.xml"] = rss("Lake News", HERONS, ROBOTS, Item("Swans too", "/swans", guid="s1", at=MONDAY))

    assert [story.title for story in (await read_feeds(ReadFeeds(only_new=True), turn)).stories] == ["Swans too"]


async def test_stories_are_found_by_the_stems_of_words(turn: Turn, server: FeedServer) -> None:
    await add_feed(AddFeed(url=server.url("/news.xml")), turn)

    assert [s.title for s in (await read_feeds(ReadFeeds(about="robots"), turn)).stories] == ["A robotic arm paints"]
    assert [s.title for s in (await read_feeds(ReadFeeds(about="the city"), turn)).stories] == ["A robotic arm paints"]
    assert (await read_feeds(ReadFeeds(about="elections"), turn)).stories == []


async def test_an_unchanged_feed_is_not_sent_again(turn: Turn, server: FeedServer) -> None:
    server.pages["/news.xml"] = servers.unchanged_after(rss("Lake News", HERONS), '"v1"')
    await add_feed(AddFeed(url=server.url("/news.xml")), turn)

    with clock.set_to(lambda: datetime.now(UTC) + timedelta(minutes=6)):
        told = await read_feeds(ReadFeeds(), turn)

    assert server.asked[-1][1]["if-none-match"] == '"v1"'
    assert len(told.stories) == 1
    assert told.troubles == []


async def test_an_unreachable_feed_still_shows_what_was_stored_and_says_so(turn: Turn, server: FeedServer) -> None:
    await add_feed(AddFeed(url=server.url("/news.xml")), turn)
    server.pages["/news.xml"] = servers.fails(500)

    told = await read_feeds(ReadFeeds(only_new=True), turn)

    assert len(told.stories) == 2
    assert told.troubles[0].feed == "Lake News"
    assert "500" in told.troubles[0].reason
    assert "could not be read" in told.in_words()
    server.pages["/news.xml"] = rss("Lake News", HERONS)
    assert (await read_feeds(ReadFeeds(only_new=True), turn)).troubles == []


async def test_a_server_that_is_down_is_unavailable(turn: Turn, server: FeedServer) -> None:
    server.pages["/busy"] = servers.fails(503, {"retry-after": "30"})

    with pytest.raises(Unavailable) as busy:
        await add_feed(AddFeed(url=server.url("/busy")), turn)

    assert busy.value.retry_after_s == 30


async def test_a_feed_is_named_as_people_name_it(turn: Turn, server: FeedServer) -> None:
    await add_feed(AddFeed(url=server.url("/news.xml")), turn)

    with pytest.raises(NotFound, match="Lake News"):
        await read_feeds(ReadFeeds(feed="Mountain News"), turn)
    assert len((await read_feeds(ReadFeeds(feed="lake news"), turn)).stories) == 2


async def test_a_removed_feed_takes_its_stories_along(turn: Turn, server: FeedServer) -> None:
    await add_feed(AddFeed(url=server.url("/news.xml")), turn)
    await remove_feed(NameFeed(feed="Lake News"), turn)

    assert (await list_feeds(Nothing(), turn)).feeds == []
    with pytest.raises(Refused, match="no feeds"):
        await read_feeds(ReadFeeds(), turn)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("example.com/feed", ["https://example.com/feed", "http://example.com/feed"]),
        ("localhost:8080/feed", ["https://localhost:8080/feed", "http://localhost:8080/feed"]),
        ("<https://example.com/feed>", ["https://example.com/feed"]),
        ("feed://example.com/rss", ["https://example.com/rss", "http://example.com/rss"]),
        ("feed:https://example.com/rss", ["https://example.com/rss"]),
    ],
)
def test_an_address_is_read_as_it_is_meant(written: str, meant: list[str]) -> None:
    assert spellings(written) == meant


@pytest.mark.parametrize(
    "written", ["file:///etc/passwd", "javascript:alert(1)", "ftp://example.com", "data:text/xml,x"]
)
def test_an_address_of_another_kind_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="Only http"):
        spellings(written)


async def test_a_story_from_the_future_is_dated_now(turn: Turn, server: FeedServer) -> None:
    server.pages["/future"] = rss(
        "Future", Item("First", guid="1", at=datetime(2100, 1, 1, tzinfo=UTC)), Item("Second")
    )
    before = datetime.now(UTC)
    await add_feed(AddFeed(url=server.url("/future")), turn)

    first, second = (await read_feeds(ReadFeeds(), turn)).stories

    assert before - timedelta(seconds=1) < second.published_at < first.published_at <= datetime.now(UTC)
    assert (first.title, second.title) == ("First", "Second")


async def test_a_feed_s_words_are_told_as_from_outside() -> None:
    assert read_feeds.outside
    assert not add_feed.outside


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (servers.gzip_bomb, Refused),
        (servers.flood, Refused),
        (servers.break_off, Unavailable),
        (servers.broken_gzip, Unavailable),
        (servers.redirect("/around"), Refused),
        (servers.redirect("http://10.0.0.1/"), Refused),
        (servers.fails(502), Unavailable),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"/>', Refused),
    ],
    ids=["bomb", "flood", "broken off", "broken gzip", "circle", "private", "502", "entities"],
)
async def test_what_misbehaves_is_not_added(
    turn: Turn, server: FeedServer, page: object, error: type[Exception]
) -> None:
    server.pages["/around"] = page  # type: ignore[assignment]

    with pytest.raises(error):
        await add_feed(AddFeed(url=server.url("/around")), turn)
    assert (await list_feeds(Nothing(), turn)).feeds == []


async def test_old_stories_are_forgotten(turn: Turn, server: FeedServer) -> None:
    shown = await add_feed(AddFeed(url=server.url("/news.xml")), turn)
    async with turn.open_work() as work:
        await work.feeds.prune(await work.feeds.named(shown.id), 1)

    assert [story.title for story in (await read_feeds(ReadFeeds(), turn)).stories] == ["A robotic arm paints"]
