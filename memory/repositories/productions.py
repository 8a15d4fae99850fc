"""Productions: what was asked for, and the steps it is made in."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from gator.errors import NotFound
from memory.models import Asset, Job, Production, ProductionStep
from memory.repositories.base import Repository


class Productions(Repository):
    async def begin(
        self, key: str, title: str, persona_id: str | None, brief: dict[str, Any]
    ) -> tuple[Production, bool]:
        """The production of that key, and whether it is new."""
        row = Production(workspace=self._workspace, key=key, title=title, persona_id=persona_id, brief=brief)
        return await self._add_once(row, self._mine(Production).where(Production.key == key))

    async def known(self, key: str) -> Production | None:
        return await self._session.scalar(self._mine(Production).where(Production.key == key))

    async def get(self, id: str) -> Production:
        return await self._get(Production, id, "production")

    async def locked(self, id: str) -> Production:
        """As `get`; whoever else wants it so waits until this work has ended."""
        found = await self.get(id)
        await self._session.refresh(found, with_for_update=True)
        return found

    async def recent(self, *, limit: int = 20, before: str | None = None) -> list[Production]:
        """Newest first."""
        query = self._mine(Production)
        query = query.where(Production.id < before) if before else query
        return [*await self._session.scalars(query.order_by(Production.id.desc()).limit(limit))]

    async def newest(self) -> Production:
        found = await self.recent(limit=1)
        if not found:
            raise NotFound("There is no reel yet.", remedy="Say what a reel should be about.")
        return found[0]

    async def steps(self, production: Production) -> dict[str, ProductionStep]:
        """By name."""
        query = self._mine(ProductionStep).where(ProductionStep.production_id == production.id)
        return {one.name: one for one in await self._session.scalars(query.order_by(ProductionStep.id))}

    async def add_step(self, production: Production, name: str) -> ProductionStep:
        row = ProductionStep(workspace=self._workspace, production_id=production.id, name=name, take=0)
        return await self._add(row)

    async def drop_steps(self, steps: Sequence[ProductionStep]) -> None:
        """Forget steps that are not needed any more; what they made stays among the media."""
        for one in steps:
            await self._session.delete(one)
        await self._session.flush()

    async def with_video(self, assets: Collection[str]) -> str | None:
        """The id of the production whose video is one of these."""
        of_mine = (ProductionStep.workspace == self._workspace, ProductionStep.name == "video")
        query = select(ProductionStep.production_id).where(*of_mine, ProductionStep.asset_id.in_(assets))
        return await self._session.scalar(query.limit(1))

    async def use(self, assets: Collection[str]) -> bool:
        """Whether a step of a production has one of these now."""
        mine = self._mine(ProductionStep).where(ProductionStep.asset_id.in_(assets))
        return await self._session.scalar(mine.with_only_columns(ProductionStep.id).limit(1)) is not None

    async def videos(self, persona_id: str, limit: int = 200) -> list[ProductionStep]:
        """The videos of a persona's productions, of the newest of them."""
        query = self._mine(ProductionStep).join(Production, Production.id == ProductionStep.production_id)
        query = query.where(ProductionStep.name == "video", Production.persona_id == persona_id)
        return [*await self._session.scalars(query.order_by(Production.id.desc()).limit(limit))]

    async def made_by(self, steps: Sequence[ProductionStep]) -> tuple[dict[str, Job], dict[str, Asset]]:
        """The jobs and the assets of these steps, those that they had last among them, by their ids."""
        jobs = self._mine(Job).where(Job.id.in_([one.job_id for one in steps if one.job_id]))
        ids = {id for one in steps for id in (one.asset_id, one.before) if id}
        assets = self._mine(Asset).where(Asset.id.in_(ids))
        found, made = await self._session.scalars(jobs), await self._session.scalars(assets)
        return {one.id: one for one in found}, {one.id: one for one in made}
