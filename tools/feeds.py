"""Feeds: add one, read what is new, forget one. Doors: agents, REST, CLI.

Addresses go through `tools.fetcher`, files through `tools.feed_parsing`. What stories say comes from strangers: it is
labelled as that (`outside`) and never an instruction.
"""

import asyncio
import re
from datetime import datetime, timedelta

import structlog
from pydantic import Field
from sqlalchemy.exc import IntegrityError

from gator.clock import now
from gator.errors import GatorError, Refused, Unavailable
from memory.models import Feed, Story
from memory.work import Work
from prompts.words import say
from tools.addresses import read_url
from tools.capability import STAFF, Effect, Nothing, Shape, Turn, capability
from tools.feed_parsing import Entry, Parsed, read
from tools.fetcher import Fetched, fetch
from tools.story_search import about as matching
from tools.unseen import cut, with_unseen_shown, without_unseen
from tools.wording import ago, counted_as

log = structlog.get_logger()

FRESH = timedelta(minutes=5)
MAX_FEEDS = 200
KEPT = 1000  # stories of a feed; well more than a file lists, so that none comes back as new
_AT_ONCE = 8  # feeds fetched side by side
_SEARCHED = 1000  # stories looked through for `about`
_REFRESH_S = 12.0  # for one feed while somebody waits for an answer


class AddFeed(Shape):
    url: str = Field(description="address of an RSS, Atom or JSON feed, or of a web page that has one")
    name: str | None = Field(None, description="what to call the feed; its own title when left out")
    persona: str | None = Field(None, description="name of the persona that the feed is for; left out: for all")


class NameFeed(Shape):
    feed: str = Field(description="the feed's name or address")


class FeedShown(Shape):
    id: str
    name: str
    url: str
    stories: int
    persona: str | None = None
    checked_at: datetime | None = None
    trouble: str = ""

    def in_words(self) -> str:
        count = "1 story" if self.stories == 1 else f"{self.stories} stories"
        trouble = f" Last time it could not be read: {self.trouble}" if self.trouble else ""
        return f"{self.name} ({self.url}), {count}.{trouble}"


class FeedList(Shape):
    feeds: list[FeedShown]

    def in_words(self) -> str:
        if not self.feeds:
            return "There are no feeds yet. Give me an address and I add one."
        return "\n".join(f"- {feed.in_words()}" for feed in self.feeds)


class ReadFeeds(Shape):
    feed: str | None = Field(None, description="only stories of this feed (its name or address); left out: of all")
    about: str = Field(
        "", max_length=200, description="only stories about this: a few words to look for; empty for any"
    )
    only_new: bool = Field(False, description="only stories that were not shown before")
    limit: int = Field(5, ge=1, le=50, description="how many stories at most, newest first")


class StoryShown(Shape):
    id: str
    title: str
    link: str
    feed: str
    published_at: datetime
    summary: str


class FeedTrouble(Shape):
    """A feed that could not be read just now."""

    feed: str
    reason: str
    failed_at: datetime


class Stories(Shape):
    stories: list[StoryShown]
    troubles: list[FeedTrouble] = Field(default_factory=list)

    def in_words(self) -> str:
        lines = [
            f"{number}. {story.title} ({story.feed}, {ago(story.published_at)})"
            for number, story in enumerate(self.stories, 1)
        ]
        for trouble in self.troubles:
            at = f"{trouble.failed_at:%H:%M} UTC"
            lines.append(
                f"{trouble.feed} could not be read at {at}: {trouble.reason} What I stored before still counts."
            )
        return "\n".join(lines or ["There is nothing that fits."])


@capability(audience=STAFF, effect=Effect.write)
async def add_feed(ask: AddFeed, turn: Turn) -> FeedShown:
    """Add a news feed (RSS, Atom, JSON) or the feed of a web page, and fetch it once.

    The same feed twice is one. Raises Refused when there is no feed at that address, Unavailable when its server is down.
    """
    addresses = spellings(ask.url)
    name = _clean_name(ask.name or "")
    async with turn.open_work() as work:
        persona_id = (await work.personas.named(ask.persona)).id if ask.persona else None
        for address in addresses:
            if known := await work.feeds.by_url(str(read_url(address))):
                known.name, known.persona_id = name or known.name, persona_id or known.persona_id
                return _shown(known, await work.feeds.count(known.id), ask.persona)
        if len(await work.feeds.all()) >= MAX_FEEDS:
            raise Refused(f"There are {MAX_FEEDS} feeds, which is the most.", remedy="Remove one first.")
    found, parsed = await _discover(addresses, turn)
    try:
        return await _keep_feed(turn, found, parsed, name, persona_id)
    except IntegrityError:  # somebody added it between our look and our write; now it is there to be found
        return await _keep_feed(turn, found, parsed, name, persona_id)


async def preview_removal(ask: NameFeed, turn: Turn) -> tuple[NameFeed, str]:
    """Which feed goes, with how many stories. From here on it is named by its id: a name may be another's by the yes."""
    async with turn.open_work(reads=True) as work:
        feed = await work.feeds.named(ask.feed)
        stories = await work.feeds.count(feed.id)
    goes = counted_as("stories", stories, turn.language)
    name = with_unseen_shown(feed.name)
    return NameFeed(feed=feed.id), say("ask_remove_feed", turn.language, name=name, url=feed.url, goes=goes)


@capability(audience=STAFF, effect=Effect.destroy, preview=preview_removal)
async def remove_feed(ask: NameFeed, turn: Turn) -> FeedShown:
    """Forget a feed and its stories for good."""
    async with turn.open_work() as work:
        feed = await work.feeds.named(ask.feed)
        shown = _shown(feed, await work.feeds.count(feed.id))
        await work.feeds.remove(feed)
        await work.audit.note("feed.remove", feed.id, url=feed.url)
    return shown


@capability(audience=STAFF, effect=Effect.read)
async def list_feeds(ask: Nothing, turn: Turn) -> FeedList:  # noqa: ARG001
    """List the feeds, how many stories each has, and which cannot be read."""
    async with turn.open_work(reads=True) as work:
        personas = {persona.id: persona.name for persona in await work.personas.all()}
        feeds = [
            _shown(feed, await work.feeds.count(feed.id), personas.get(feed.persona_id or ""))
            for feed in await work.feeds.all()
        ]
    return FeedList(feeds=feeds)


@capability(audience=STAFF, effect=Effect.read, outside=True)
async def read_feeds(ask: ReadFeeds, turn: Turn) -> Stories:
    """Read the news: the newest stories of all feeds or of one, only those about something, or only new ones.

    A feed that cannot be reached is named under `troubles`, and the stories stored before still come.
    """
    async with turn.open_work(reads=True) as work:
        feeds = await _asked_for(ask, work)
    if not feeds:
        raise Refused("There are no feeds yet.", remedy="Add one by its address.")
    await _refresh([feed for feed in feeds if ask.only_new or _stale(feed)], turn)
    async with turn.open_work() as work:
        stories = await _fitting(ask, feeds, work)
        await work.feeds.mark_shown(stories)
        return await _told(stories, feeds, work)


async def stored_stories(ask: ReadFeeds, turn: Turn) -> Stories:
    """As `read_feeds`, of what was fetched already: no feed is read, and no story counts as shown."""
    async with turn.open_work(reads=True) as work:
        feeds = await _asked_for(ask, work)
        return await _told(await _fitting(ask, feeds, work), feeds, work)


async def _asked_for(ask: ReadFeeds, work: Work) -> list[Feed]:
    return [await work.feeds.named(ask.feed)] if ask.feed else await work.feeds.all()


async def _fitting(ask: ReadFeeds, feeds: list[Feed], work: Work) -> list[Story]:
    feed_id = feeds[0].id if ask.feed else None
    most = _SEARCHED if ask.about.strip() else ask.limit
    stories = await work.feeds.stories(feed_id=feed_id, unseen=ask.only_new, limit=most)
    return matching(ask.about, stories)[: ask.limit] if ask.about.strip() else stories


async def _told(stories: list[Story], feeds: list[Feed], work: Work) -> Stories:
    there = {feed.id: feed for feed in await work.feeds.all()}
    return Stories(
        stories=[_story_shown(story, there[story.feed_id].name) for story in stories],
        troubles=[_trouble(there[feed.id]) for feed in feeds if feed.id in there and there[feed.id].error],
    )


def _clean_name(name: str) -> str:
    return cut(without_unseen(name), 100)


def _stale(feed: Feed) -> bool:
    return feed.checked_at is None or now() - feed.checked_at > FRESH


def _shown(feed: Feed, stories: int, persona: str | None = None) -> FeedShown:
    return FeedShown(
        id=feed.id,
        name=feed.name,
        url=feed.url,
        stories=stories,
        persona=persona,
        checked_at=feed.checked_at,
        trouble=feed.error,
    )


def _trouble(feed: Feed) -> FeedTrouble:
    return FeedTrouble(feed=feed.name, reason=feed.error, failed_at=feed.checked_at or now())


def _story_shown(story: Story, feed: str) -> StoryShown:
    return StoryShown(
        id=story.id,
        title=story.title,
        link=story.link,
        feed=feed,
        published_at=story.published_at,
        summary=story.summary,
    )


_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):(?!\d{1,5}(?:[/?#]|$))", re.IGNORECASE)


def spellings(text: str) -> list[str]:
    """The addresses that somebody may mean: as written, or with https and then http in front."""
    text = without_unseen(text).strip("<>\"'")
    if text.lower().startswith("feed:"):  # what some browsers put before a feed's address
        text = text[5:].removeprefix("//")
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise Refused(f"Only http and https addresses can be read, not {scheme[1].lower()}.")
    return [text] if scheme else [f"https://{text}", f"http://{text}"]


async def _discover(addresses: list[str], turn: Turn) -> tuple[Fetched, Parsed]:
    """The feed at the first address that answers; for a web page, the first feed that it names."""
    failed: list[GatorError] = []
    for address in addresses:
        try:
            found = await fetch(str(read_url(address)), turn.settings)
        except (Refused, Unavailable) as error:
            failed.append(error)
            continue
        parsed = await read(found.body, found.content_type, found.url)
        return (found, parsed) if parsed.is_feed else await _first_feed(parsed.feeds, turn)
    # Of https and http tried in turn, the one that somebody answered says more.
    raise next((error for error in failed if isinstance(error, Refused)), failed[-1])


async def _first_feed(links: list[str], turn: Turn) -> tuple[Fetched, Parsed]:
    if not links:
        raise Refused("At that address is a web page that names no feed.", remedy="Give the feed's own address.")
    found = await fetch(links[0], turn.settings)
    parsed = await read(found.body, found.content_type, found.url)
    if not parsed.is_feed:
        raise Refused("The feed that the page names is none.", remedy="Give the feed's own address.")
    return found, parsed


async def _keep_feed(turn: Turn, found: Fetched, parsed: Parsed, name: str, persona_id: str | None) -> FeedShown:
    async with turn.open_work() as work:
        feed = await work.feeds.by_url(found.url)
        if feed is None:
            called = name or _clean_name(parsed.title) or _clean_name(read_url(found.url).host)
            feed = await work.feeds.add(found.url, called, persona_id)
            await work.audit.note("feed.add", feed.id, url=feed.url)
        feed.name = name or feed.name
        feed.persona_id = persona_id or feed.persona_id
        feed.etag, feed.modified, feed.checked_at, feed.error = found.etag, found.modified, now(), ""
        await work.feeds.keep(feed, stories_of(feed, parsed.entries))
        return _shown(feed, await work.feeds.count(feed.id))


def stories_of(feed: Feed, entries: list[Entry]) -> list[Story]:
    """Rows of the entries. One without a date was published when we saw it, and none in the future."""
    seen = now()
    return [
        Story(
            workspace=feed.workspace,
            feed_id=feed.id,
            guid=entry.guid,
            title=entry.title,
            link=entry.link,
            summary=entry.summary,
            # A millisecond apart, so that undated ones keep the feed's order.
            published_at=min(entry.published_at or seen, seen) - timedelta(milliseconds=place),
        )
        for place, entry in enumerate(entries)
    ]


async def _refresh(feeds: list[Feed], turn: Turn) -> None:
    """Fetch what changed, side by side; each feed's success or failure is its own."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(feed: Feed) -> None:
        async with gate:
            await _refresh_one(feed, turn)

    await asyncio.gather(*(one(feed) for feed in feeds))


async def _refresh_one(feed: Feed, turn: Turn) -> None:
    found: Fetched | None = None
    entries: list[Entry] = []
    error = ""
    try:
        found = await fetch(feed.url, turn.settings, etag=feed.etag, modified=feed.modified, deadline_s=_REFRESH_S)
        entries = await _entries(found)
    except (Refused, Unavailable) as failed:
        error = failed.message
        log.info("feed_failed", feed=feed.id, code=failed.code)
    async with turn.store.open_work(turn.principal) as work:
        row = await work.feeds.by_url(feed.url)
        if row is None:  # removed meanwhile
            return
        row.checked_at, row.error = now(), error
        if found and not error and found.status != 304:
            row.etag, row.modified = found.etag, found.modified
            await work.feeds.keep(row, stories_of(row, entries))
            await work.feeds.prune(row, KEPT)


async def _entries(found: Fetched) -> list[Entry]:
    if found.status == 304:
        return []
    parsed = await read(found.body, found.content_type, found.url)
    if not parsed.is_feed:
        raise Refused("At its address is no feed any more.")
    return parsed.entries
