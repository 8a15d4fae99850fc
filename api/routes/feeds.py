"""Feeds: which ones personas read, and what is in them. What stories say are words of strangers."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import TurnDep, needs
from api.performing import perform
from tools import feeds
from tools.capability import Nothing
from tools.feeds import AddFeed, FeedList, FeedShown, NameFeed, ReadFeeds, Stories

router = APIRouter(prefix="/feeds", tags=["feeds"])


@router.get("", dependencies=[needs("feeds:read")])
async def list_feeds(turn: TurnDep) -> FeedList:
    return await perform(feeds.list_feeds, Nothing(), turn, FeedList)


@router.post("", status_code=201, dependencies=[needs("feeds:write")])
async def add_feed(ask: AddFeed, turn: TurnDep, response: Response) -> FeedShown:
    """Read a feed from now on; it is fetched at once to see that it is one."""
    made = await perform(feeds.add_feed, ask, turn, FeedShown)
    response.headers["Location"] = f"/api/v1/feeds/{made.id}"
    return made


@router.delete("/{feed}", dependencies=[needs("feeds:write")])
async def remove_feed(feed: str, turn: TurnDep) -> FeedShown:
    """Forget a feed and its stories."""
    return await perform(feeds.remove_feed, NameFeed(feed=feed), turn, FeedShown)


@router.get("/stories", dependencies=[needs("feeds:read")])
async def stored_stories(
    turn: TurnDep,
    feed: Annotated[str | None, Query(max_length=2000)] = None,
    about: Annotated[str, Query(max_length=200)] = "",
    only_new: bool = False,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Stories:
    """The newest stories that were fetched already, of all feeds or of one. Changes nothing: no story counts as shown."""
    return await feeds.stored_stories(ReadFeeds(feed=feed, about=about, only_new=only_new, limit=limit), turn)


@router.post("/stories/read", dependencies=[needs("feeds:write")])
async def read_feeds(ask: ReadFeeds, turn: TurnDep) -> Stories:
    """Look what is new now, and read it: feeds are fetched, and what comes counts as shown (`only_new` leaves it out then)."""
    return await perform(feeds.read_feeds, ask, turn, Stories)
