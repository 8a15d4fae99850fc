"""Feeds and their stories."""

from datetime import datetime

from sqlalchemy import func

from gator.clock import now
from gator.errors import NotFound
from memory.models import Feed, Story
from memory.repositories.base import Repository


class Feeds(Repository):
    async def all(self) -> list[Feed]:
        return list(await self._session.scalars(self._mine(Feed).order_by(Feed.name)))

    async def by_url(self, url: str) -> Feed | None:
        return await self._session.scalar(self._mine(Feed).where(Feed.url == url))

    async def named(self, name: str) -> Feed:
        """The feed of that name, address or id. Raises NotFound, naming those there are."""
        wanted = name.strip().casefold()
        there = await self.all()
        for feed in there:
            if wanted in (feed.id, feed.url.casefold(), feed.name.casefold()):
                return feed
        partly = [feed for feed in there if wanted and wanted in feed.name.casefold()]
        if len(partly) == 1:
            return partly[0]
        known = ", ".join(feed.name for feed in there) or "none yet"
        raise NotFound(f"There is no feed called {name}.", remedy=f"There are: {known}.")

    async def add(self, url: str, name: str, persona_id: str | None = None) -> Feed:
        return await self._add(Feed(workspace=self._workspace, url=url, name=name, persona_id=persona_id))

    async def remove(self, feed: Feed) -> None:
        await self._session.delete(feed)
        await self._session.flush()

    async def keep(self, feed: Feed, stories: list[Story]) -> list[Story]:
        """Store those that the feed did not have before; gives them."""
        query = self._mine(Story).where(Story.feed_id == feed.id, Story.guid.in_([story.guid for story in stories]))
        known = {story.guid for story in await self._session.scalars(query)}
        fresh = list({story.guid: story for story in stories if story.guid not in known}.values())
        self._session.add_all(fresh)
        await self._session.flush()
        return fresh

    async def prune(self, feed: Feed, most: int) -> None:
        """Forget all but the newest `most` of the feed."""
        newest = self._mine(Story).where(Story.feed_id == feed.id).order_by(Story.published_at.desc(), Story.id.desc())
        for story in await self._session.scalars(newest.offset(most)):
            await self._session.delete(story)
        await self._session.flush()

    async def story(self, id: str) -> Story:
        return await self._get(Story, id, "story")

    async def stories(
        self, *, feed_id: str | None = None, since: datetime | None = None, unseen: bool = False, limit: int = 10
    ) -> list[Story]:
        """Newest first."""
        query = self._mine(Story)
        query = query.where(Story.feed_id == feed_id) if feed_id else query
        query = query.where(Story.published_at >= since) if since else query
        query = query.where(Story.shown_at.is_(None)) if unseen else query
        query = query.order_by(Story.published_at.desc(), Story.id.desc()).limit(limit)
        return list(await self._session.scalars(query))

    async def count(self, feed_id: str) -> int:
        query = self._mine(Story).where(Story.feed_id == feed_id).with_only_columns(func.count())
        return (await self._session.scalar(query)) or 0

    async def mark_shown(self, stories: list[Story]) -> None:
        """Remember when somebody was first told of them."""
        unseen = [story for story in stories if story.shown_at is None]
        for story in unseen:
            story.shown_at = now()
        await self._session.flush()
