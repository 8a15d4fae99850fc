"""Whom is something fit for that was made of other media? Never for more people than what it shows.

Asked when it is made (`gpu_worker.likeness.checking`), and when somebody rates one of its parts (`tools.ratings`): a video is
rated anew with its pictures.
"""

from collections.abc import Iterable

from gator.errors import Refused
from memory.models import Asset
from memory.repositories.assets import strictest
from memory.repositories.consents import consents_of
from memory.work import Work

# Kinds of jobs whose parts are seen in what they make, as they are.
SHOWS_ITS_PARTS = frozenset({"video.make", "video.clip", "picture.thumbnail"})
_STRICT = ("general", "mature", "unknown")  # the strictest last


def shows_its_parts(asset: Asset) -> bool:
    return asset.provenance.get("kind") in SHOWS_ITS_PARTS and bool(parts_of(asset))


def parts_of(asset: Asset) -> list[str]:
    """Ids of the assets that it was made of."""
    return [str(id) for id in asset.provenance.get("parents") or ()]


def with_its_parts(asset: Asset, parts: Iterable[Asset]) -> str:
    """Its rating: its own, which a person, a classifier or its making gave it, and those of its parts."""
    made_up = asset.provenance.get("kind") == "video.clip"  # but for its first frame nobody knows what a model shows
    own = str(asset.provenance.get("rated") or ("unknown" if made_up else "general"))
    return strictest({own, *(part.rating for part in parts)})


async def rate_what_shows(work: Work, asset: Asset, was: str) -> list[Asset]:
    """Rate anew what shows this asset, whose rating was another one before; those that changed.

    Where it is fit for fewer people now, so are they. Where it is fit for more, they become what they would be by themselves and
    their other parts, unless a person took back the consent that they were made by.
    """
    changed: list[Asset] = []
    rated = [(asset, was)]
    seen = {asset.id}
    while rated:
        part, before = rated.pop()
        for one in await work.assets.made_of(part.id):
            if one.id in seen or one.state != "ready" or not shows_its_parts(one):
                continue
            if (rating := await _anew(work, one, part, before)) != one.rating:
                seen.add(one.id)
                rated.append((one, one.rating))
                one.rating = rating
                changed.append(one)
    return changed


async def _anew(work: Work, one: Asset, part: Asset, before: str) -> str:
    if _STRICT.index(part.rating) >= _STRICT.index(before):
        return strictest({one.rating, part.rating})
    if not await _may_be_shown(work, one):
        return one.rating
    there = await work.assets.by_ids(parts_of(one))
    now = with_its_parts(one, there.values()) if len(there) == len(set(parts_of(one))) else "unknown"
    return min(one.rating, now, key=_STRICT.index)


async def _may_be_shown(work: Work, one: Asset) -> bool:
    try:
        for consent in consents_of(one.provenance):
            await work.consents.holding(consent)
    except Refused:
        return False
    return True
