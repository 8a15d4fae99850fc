"""Ratings: whom is a picture fit for, whom does it show, and is it her? Said by a person who looked. Doors: REST, `gator media`.

Generated pictures of people are `unknown` until then, where no classifier rated them: no fan gets them, no post takes them. And
until somebody said whom an uploaded picture shows, no model makes anything of it.
"""

from typing import Literal

from pydantic import Field

from gator.errors import Conflict, Refused
from gator.principal import Kind
from memory.derived import rate_what_shows
from memory.models import Asset
from memory.repositories.consents import consents_of
from memory.work import Work
from tools.capability import Effect, Shape, Turn, capability

_PEOPLE = {Kind.operator, Kind.admin}
NOT_RATED = "Look at it, then say what it is: `gator media rate ID general`."
NOT_HER = "Look at it; if it will do: `gator media accept ID`. Or have it made again."
WHOM = (
    "A person says it: `gator media rate ID RATING --shows nobody`, `made` for somebody invented, or `real` with the consent of"
    " whoever it is."
)
Shows = Literal["nobody", "made", "real"]


class Rate(Shape):
    asset: str = Field(description="id of the picture, voice or video")
    rating: Literal["general", "mature", "unknown"] = Field(description="general: fit for everybody")
    shows: Shows | None = Field(
        None, description="whom an upload shows, before a model makes anything of it; real needs a consent"
    )
    consent: str | None = Field(None, description="id of the real person's consent to the use of their likeness")


class NameAsset(Shape):
    asset: str = Field(description="id of the picture")


class Rated(Shape):
    asset: str
    rating: str
    likeness: str


@capability(audience=_PEOPLE, effect=Effect.publish)
async def rate_media(ask: Rate, turn: Turn) -> Rated:
    """Say whom it is fit for, and of an upload whom it shows. Videos that show it are rated anew.

    Raises Conflict for what is not ready: nobody can have looked at it. Raises Forbidden for anything but `unknown` where
    somebody took back the consent by which it was made, and Refused where a real person has none.
    """
    async with turn.open_work() as work:
        asset = await _ready(work, ask.asset)
        if ask.shows:
            await tell_whom(work, asset, ask.shows, ask.consent)
        for consent in consents_of(asset.provenance) if ask.rating != "unknown" else ():
            await work.consents.holding(consent)
        said = {"shows": ask.shows} if ask.shows else {}
        await work.audit.note("media.rate", asset.id, was=asset.rating, rating=ask.rating, **said)
        was, asset.rating = asset.rating, ask.rating
        asset.provenance = {**asset.provenance, "rated": ask.rating}
        for one in await rate_what_shows(work, asset, was):
            await work.audit.note("media.rate", one.id, rating=one.rating, because_of=asset.id)
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


def says_whom_it_shows(asset: Asset) -> bool:
    """Whether it is known whom it shows: of what was made here it is, by the order; of an upload somebody has to say it."""
    return asset.origin != "operator" or bool(asset.provenance.get("shows"))


async def tell_whom(work: Work, asset: Asset, shows: Shows, consent: str | None) -> str | None:
    """Keep with the asset whom it shows; the consent that it is used by.

    Raises Refused where a real person has none, and where what was made by a consent is to show nobody real; Forbidden where
    the consent does not hold.
    """
    there = consents_of(asset.provenance)
    if shows != "real":
        if there:
            raise Refused("That picture was made by a real person's consent.", remedy='Say "real", with the consent.')
        asset.provenance = {**asset.provenance, "shows": shows}
        return None
    if not consent:
        raise Refused(
            "The likeness of a real person needs their consent.",
            remedy="Record it: `gator consent add --kind likeness`.",
        )
    held = (await work.consents.holding(consent, "likeness")).id
    asset.provenance = {**asset.provenance, "shows": shows, "consents": sorted({*there, held})}
    return held


def not_postable(asset: Asset) -> tuple[str, str] | None:
    """Why a page that is open to everyone does not show it, and what to do; None where it may."""
    name = f"The {asset.kind} “{asset.title or asset.id}”"
    if asset.fan_id or asset.origin == "fan":
        return "What a fan sent, or was given, stays in their conversation.", "Use something of your own."
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
