"""Posts: planned, changed, published once."""

from datetime import datetime

from gator.clock import now
from memory.models import Post
from memory.repositories.base import Repository


class Posts(Repository):
    async def get(self, id: str) -> Post:
        return await self._get(Post, id, "post")

    async def by_key(self, key: str) -> Post | None:
        return await self._session.scalar(self._mine(Post).where(Post.key == key))

    async def plan(self, post: Post) -> Post:
        """Store a new post; the same key again gives the one planned before."""
        known = await self.by_key(post.key)
        if known:
            return known
        post.workspace = self._workspace
        return await self._add(post)

    async def calendar(
        self,
        *states: str,
        persona_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> list[Post]:
        """In these states (or any), by due time."""
        query = self._mine(Post)
        query = query.where(Post.state.in_(states)) if states else query
        query = query.where(Post.persona_id == persona_id) if persona_id else query
        query = query.where(Post.due_at >= since) if since else query
        query = query.where(Post.due_at < until) if until else query
        return [*await self._session.scalars(query.order_by(Post.due_at).limit(limit))]

    async def due(self, limit: int = 100) -> list[Post]:
        """Posts whose time has come, locked for this transaction."""
        query = self._mine(Post).where(Post.state == "scheduled", Post.due_at <= now())
        query = query.order_by(Post.due_at).limit(limit).with_for_update(skip_locked=True)
        return [*await self._session.scalars(query)]

    async def published(self, persona_id: str, limit: int = 30, before: datetime | None = None) -> list[Post]:
        """What the public sees of a persona, newest first."""
        query = self._mine(Post).where(Post.persona_id == persona_id, Post.state == "published")
        query = query.where(Post.published_at < before) if before else query
        return [*await self._session.scalars(query.order_by(Post.published_at.desc()).limit(limit))]

    async def save(self, post: Post) -> None:
        await self._session.flush()
