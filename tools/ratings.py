"""Ratings: whom is a picture fit for, and is it her? Said by a person who looked. Doors: REST, `gator media`.

Generated pictures of people are `unknown` until then, where no classifier rated them: no fan gets them, no post takes them.
"""

from typing import Literal

from pydantic import Field

from gator.errors import Conflict
from gator.principal import Kind
from memory.models import Asset
from memory.work import Work
from tools.capability import Effect, Shape, Turn, capability

_PEOPLE = {Kind.operator, Kind.admin}
NOT_RATED = "Look at it, then say what it is: `gator media rate ID general`."
NOT_HER = "Look at it; if it will do: `gator media accept ID`. Or have it made again."


class Rate(Shape):
    asset: str = Field(description="id of the picture, voice or video")
    rating: Literal["general", "mature", "unknown"] = Field(description="general: fit for everybody")


class NameAsset(Shape):
    asset: str = Field(description="id of the picture")


class Rated(Shape):
    asset: str
    rating: str
    likeness: str


@capability(audience=_PEOPLE, effect=Effect.publish)
async def rate_media(ask: Rate, turn: Turn) -> Rated:
    """Say whom it is fit for. Raises Conflict for what is not ready: nobody can have looked at it."""
    async with turn.open_work() as work:
        asset = await _ready(work, ask.asset)
        await work.audit.note("media.rate", asset.id, was=asset.rating, rating=ask.rating)
        asset.rating = ask.rating
        return Rated(asset=asset.id, rating=asset.rating, likeness=asset.likeness)


@capability(audience=_PEOPLE, effect=Effect.publish)
async def accept_likeness(ask: NameAsset, turn: Turn) -> Rated:
    """Say that a picture whose face drifted will do. Raises Conflict for one that did not drift."""
    async with turn.open_work() as work:
        asset = await _ready(work, ask.asset)
        if asset.likeness != "drifted":
            raise Conflict("The face of that picture has not drifted.")
        await work.audit.note("media.accept", asset.id, score=asset.provenance.get("likeness_score"))
        asset.likeness = "accepted"
        return Rated(asset=asset.id, rating=asset.rating, likeness=asset.likeness)


def not_postable(asset: Asset) -> tuple[str, str] | None:
    """Why a page that is open to everyone does not show it, and what to do; None where it may."""
    name = f"The {asset.kind} “{asset.title or asset.id}”"
    if asset.rating != "general":
        remedy = NOT_RATED if asset.rating == "unknown" else "Use another one."
        return f"{name} is rated {asset.rating}; the gallery is open to everyone.", remedy
    if asset.likeness == "drifted":
        return f"{name} shows another face than the persona's.", NOT_HER
    return None


async def _ready(work: Work, id: str) -> Asset:
    asset = await work.assets.get(id)
    if asset.state != "ready":
        raise Conflict(f"The {asset.kind} is {asset.state}.", remedy="Follow its job, then ask again.")
    return asset
