"""Appearances: versions of a persona's face, from the candidate to the one that is locked."""

from collections.abc import Mapping
from typing import Literal, get_args

from sqlalchemy import func, select

from gator.clock import now
from gator.errors import Conflict, NotFound
from memory.models import Appearance, AppearanceView
from memory.repositories.base import Repository

View = Literal["front", "three-quarter-left", "three-quarter-right", "profile", "full-body"]
VIEWS: tuple[View, ...] = get_args(View)  # the best first, where only one can be used
USED = ("approved", "locked")
_UNLOCK = "A person unlocks it first: `gator appearance unlock`."


class Appearances(Repository):
    async def propose(
        self,
        persona_id: str,
        seed: str,
        *,
        shows: Literal["made", "real"],
        consent_id: str | None,
        views: Mapping[View, str],
    ) -> Appearance:
        """A new version, which nothing is made with until a person approves it."""
        newest = select(func.max(Appearance.version)).where(Appearance.persona_id == persona_id)
        row = Appearance(
            workspace=self._workspace,
            persona_id=persona_id,
            version=(await self._session.scalar(newest) or 0) + 1,
            shows=shows,
            consent_id=consent_id,
            seed_asset_id=seed,
            proposed_by=str(self._principal),
        )
        await self._add(row)
        for view, asset in {"front": seed, **views}.items():
            await self._add(AppearanceView(workspace=self._workspace, appearance_id=row.id, view=view, asset_id=asset))
        return row

    async def get(self, id: str) -> Appearance:
        return await self._get(Appearance, id, "appearance")

    async def all(self, persona_id: str) -> list[Appearance]:
        """Every version of the persona's, newest first."""
        query = self._mine(Appearance).where(Appearance.persona_id == persona_id)
        return [*await self._session.scalars(query.order_by(Appearance.version.desc()))]

    async def used(self, persona_id: str) -> Appearance | None:
        """The one that the persona's pictures are made with."""
        return next((one for one in await self.all(persona_id) if one.state in USED), None)

    async def views(self, appearance: Appearance) -> dict[View, str]:
        """The assets by what they show, the best first; those that are gone are not among them."""
        query = self._mine(AppearanceView).where(AppearanceView.appearance_id == appearance.id)
        there = {one.view: one.asset_id for one in await self._session.scalars(query)}
        return {view: there[view] for view in VIEWS if view in there}

    async def put_view(self, id: str, view: View, asset: str) -> Appearance:
        """Have the face seen from that side by this picture. Raises Conflict where it is locked."""
        row = await self._open(id)
        query = self._mine(AppearanceView).where(AppearanceView.appearance_id == id, AppearanceView.view == view)
        there = await self._session.scalar(query)
        if there is None:
            await self._add(AppearanceView(workspace=self._workspace, appearance_id=id, view=view, asset_id=asset))
        else:
            there.asset_id = asset
        await self._session.flush()
        return row

    async def approve(self, id: str) -> Appearance:
        """Have the persona's pictures made with it from now on, and lock it; the one before retires.

        Raises Conflict where another face is locked; the same one with other views of it may follow.
        """
        row = await self._open(id)
        for other in await self.all(row.persona_id):
            if other.id != id and other.state == "locked" and not await self.same_face(row, other):
                raise Conflict(f"Version {other.version} of the face is locked.", remedy=_UNLOCK)
            if other.id != id and other.state in USED:
                other.state, other.locked_by, other.locked_at = "retired", "", None
        row.approved_by, row.approved_at = str(self._principal), now()
        return await self._lock(row)

    async def lock(self, id: str) -> Appearance:
        """Lock again what was unlocked. Raises Conflict for one that nobody approved."""
        row = await self._open(id)
        if row.state != "approved":
            raise Conflict(f"That face is {'retired' if row.state == 'retired' else 'not approved yet'}.")
        return await self._lock(row)

    async def _lock(self, row: Appearance) -> Appearance:
        row.state, row.locked_by, row.locked_at = "locked", str(self._principal), now()
        await self._session.flush()
        return row

    async def unlock(self, id: str) -> Appearance:
        """Let it be changed, or another one take its place. Until then it is used as before."""
        row = await self._held(id)
        if row.state != "locked":
            raise Conflict("That face is not locked.")
        row.state, row.locked_by, row.locked_at = "approved", "", None
        await self._session.flush()
        return row

    async def retire(self, id: str) -> Appearance:
        """Use it no more, or drop a candidate. Raises Conflict where it is locked."""
        row = await self._open(id)
        row.state = "retired"
        await self._session.flush()
        return row

    async def retire_all(self, persona_id: str) -> None:
        """Use none of a persona's faces any more, locked or not: she is gone."""
        for row in await self.all(persona_id):
            row.state, row.locked_by, row.locked_at = "retired", "", None
        await self._session.flush()

    async def set_threshold(self, id: str, threshold: float | None) -> Appearance:
        """How alike her pictures must be; none: as measured. Raises Conflict where it is locked."""
        row = await self._open(id)
        row.threshold = threshold
        await self._session.flush()
        return row

    async def same_face(self, one: Appearance, other: Appearance) -> bool:
        """Whether both show the same seed from the front, of the same person by the same consent."""
        seen = [(await self.views(each)).get("front") for each in (one, other)]
        alike = (one.shows, one.consent_id, one.seed_asset_id) == (other.shows, other.consent_id, other.seed_asset_id)
        return alike and seen[0] is not None and seen[0] == seen[1] == one.seed_asset_id

    async def uses(self, asset: str) -> bool:
        """Whether a face that is not retired is seen on it."""
        query = select(AppearanceView.id).join(Appearance, Appearance.id == AppearanceView.appearance_id)
        query = query.where(Appearance.workspace == self._workspace, Appearance.state != "retired")
        return await self._session.scalar(query.where(AppearanceView.asset_id == asset).limit(1)) is not None

    async def _open(self, id: str) -> Appearance:
        """It, not locked and held until this work ends."""
        row = await self._held(id)
        if row.state == "locked":
            raise Conflict("The face is locked.", remedy=_UNLOCK)
        return row

    async def _held(self, id: str) -> Appearance:
        row = await self.get(id)
        await self._session.refresh(row, with_for_update=True)
        return row

    async def newest(self, persona_id: str) -> Appearance:
        """Raises NotFound where the persona has none."""
        found = await self.all(persona_id)
        if not found:
            raise NotFound("That persona has no face yet.", remedy="Propose one: `gator appearance propose`.")
        return found[0]
