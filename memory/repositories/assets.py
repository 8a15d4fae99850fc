"""Assets: rows about media; the bytes lie in `memory.blobs`."""

from collections.abc import Collection

from memory.models import Asset
from memory.repositories.base import Repository


class Assets(Repository):
    async def get(self, id: str) -> Asset:
        return await self._get(Asset, id, "asset")

    async def by_ids(self, ids: Collection[str]) -> dict[str, Asset]:
        """Those of the assets that there are."""
        query = self._mine(Asset).where(Asset.id.in_(ids))
        return {asset.id: asset for asset in await self._session.scalars(query)} if ids else {}

    async def recent(
        self,
        *,
        kind: str | None = None,
        persona_id: str | None = None,
        state: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Asset]:
        """Newest first."""
        query = self._mine(Asset)
        query = query.where(Asset.kind == kind) if kind else query
        query = query.where(Asset.persona_id == persona_id) if persona_id else query
        query = query.where(Asset.state == state) if state else query
        query = query.where(Asset.id < before) if before else query
        return [*await self._session.scalars(query.order_by(Asset.id.desc()).limit(limit))]
