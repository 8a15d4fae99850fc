"""Posts: planned, changed, published once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Text, bindparam, cast, func, or_, select

from gator.clock import now
from gator.ids import is_id
from memory.models import Persona, Post
from memory.prepared import Prepared
from memory.repositories.base import Repository, table_of

_P = table_of(Post)
_LATEST = Prepared(
    select(_P.c.text, _P.c.published_at)
    .where(_P.c.workspace == bindparam("mine"), _P.c.persona_id == bindparam("persona"), _P.c.state == "published")
    .order_by(_P.c.published_at.desc())
    .limit(bindparam("most"))
)


class Posts(Repository):
    async def get(self, id: str) -> Post:
        return await self._get(Post, id, "post")

    async def take(self, id: str) -> Post:
        """The post as it is now, locked for this transaction: nobody publishes it meanwhile."""
        await self.get(id)
        # `key_share`: a publisher that meanwhile plans an occurrence of this series only refers to its id.
        query = self._mine(Post).where(Post.id == id).with_for_update(key_share=True)
        query = query.execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one()

    async def by_key(self, key: str) -> Post | None:
        return await self._session.scalar(self._mine(Post).where(Post.key == key))

    async def plan(self, post: Post) -> Post:
        """Store a new post; the same key again gives the one planned before."""
        post.workspace = self._workspace
        return (await self._add_once(post, self._mine(Post).where(Post.key == post.key)))[0]

    async def calendar(
        self,
        *states: str,
        persona_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
        latest: bool = False,
    ) -> list[Post]:
        """In these states (or any), by due time: the earliest `limit` of them, or the latest."""
        query = self._mine(Post)
        query = query.where(Post.state.in_(states)) if states else query
        query = query.where(Post.persona_id == persona_id) if persona_id else query
        query = query.where(Post.due_at >= since) if since else query
        query = query.where(Post.due_at < until) if until else query
        found = [
            *await self._session.scalars(query.order_by(Post.due_at.desc() if latest else Post.due_at).limit(limit))
        ]
        return found[::-1] if latest else found

    async def author(self, post: Post) -> Persona:
        """Whose post it is, also when they were removed since."""
        query = self._mine(Persona).where(Persona.id == post.persona_id)
        return (await self._session.scalars(query)).one()

    async def recent(
        self, *, persona_id: str | None = None, state: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[Post]:
        """The one planned last first, in that state or in any."""
        query = self._mine(Post)
        query = query.where(Post.persona_id == persona_id) if persona_id else query
        query = query.where(Post.state == state) if state else query
        query = query.where(Post.id < before) if before else query
        return [*await self._session.scalars(query.order_by(Post.id.desc()).limit(limit))]

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

    async def latest(self, persona_id: str, limit: int) -> list[tuple[str, datetime]]:
        """Texts and times of what the public sees of a persona, newest first."""
        values = {"mine": self._workspace, "persona": persona_id, "most": limit}
        return [(text, at) for text, at in await _LATEST.run(self._session, values)]

    async def by_ids(self, ids: list[str]) -> list[Post]:
        """Those of these that the public sees, by the time they were published."""
        query = self._mine(Post).where(Post.id.in_(ids), Post.state == "published")
        return list(await self._session.scalars(query.order_by(Post.published_at)))

    async def save(self) -> None:
        """Write down what was changed on posts, so that queries of this transaction see it."""
        await self._session.flush()

    async def next_at(self) -> datetime | None:
        """When the next planned post is due."""
        query = self._mine(Post).where(Post.state == "scheduled").with_only_columns(func.min(Post.due_at))
        return await self._session.scalar(query)

    async def occurrences(self, series_id: str, *states: str) -> list[Post]:
        """Of that series and in these states, by due time."""
        query = self._mine(Post).where(Post.series_id == series_id, Post.state.in_(states)).order_by(Post.due_at)
        return [*await self._session.scalars(query)]

    async def newest_key(self, series_id: str) -> str | None:
        """The key of the occurrence planned last; keys of a series sort by their slots."""
        query = self._mine(Post).where(Post.series_id == series_id).with_only_columns(func.max(Post.key))
        return await self._session.scalar(query)

    async def stands_at(self, series_id: str, at: datetime) -> bool:
        query = self._mine(Post).where(Post.series_id == series_id, Post.due_at == at).with_only_columns(Post.id)
        return await self._session.scalar(query) is not None

    async def name(self, assets: Collection[str]) -> bool:
        """Whether any post has one of these, whatever became of it."""
        # The list of ids as text holds the quoted id, on both databases; ids hold no wildcard.
        named = [cast(Post.assets, Text).like(f'%"{id}"%') for id in assets]
        query = self._mine(Post).where(or_(*named)).with_only_columns(Post.id).limit(1)
        return bool(named) and await self._session.scalar(query) is not None

    async def shows(self, asset_id: str) -> bool:
        """Whether a published post of a living persona shows that asset."""
        if not is_id(asset_id):
            return False
        query = self._mine(Post).join(Persona, Persona.id == Post.persona_id)
        query = query.where(Post.state == "published", Persona.deleted_at.is_(None))
        # The list of ids as text holds the quoted id, on both databases; ids hold no wildcard.
        query = query.where(cast(Post.assets, Text).like(f'%"{asset_id}"%')).limit(1)
        return await self._session.scalar(query) is not None
