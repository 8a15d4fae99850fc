"""Is a video fit for no more people than the pictures that it shows, also when those are rated anew?"""

from typing import Any

import pytest

from gator.clock import now
from gpu_worker.likeness.checking import settle
from gpu_worker.studio import Draft
from memory.models import Asset
from tools.capability import Turn
from tools.ratings import Rate, not_postable, rate_media


async def kept(turn: Turn, kind: str = "", *parts: str, **more: Any) -> str:
    provenance = {"kind": kind, "parents": [*parts]} | more.pop("provenance", {})
    told = {"kind": "video" if kind.startswith("video") else "picture", "state": "ready", "rating": "general", **more}
    async with turn.open_work() as work:
        asset = Asset(workspace=turn.principal.workspace, provenance=provenance, **told)
        work.session.add(asset)
        await work.session.flush()
        return asset.id


async def rated(turn: Turn, id: str, rating: str) -> None:
    await rate_media(Rate.model_validate({"asset": id, "rating": rating}), turn)


async def ratings(turn: Turn, *ids: str) -> list[str]:
    async with turn.open_work(reads=True) as work:
        return [(await work.assets.get(id)).rating for id in ids]


async def test_a_picture_that_is_rated_anew_takes_its_videos_along(turn: Turn) -> None:
    picture, other = await kept(turn, rating="unknown"), await kept(turn)
    video = await kept(turn, "video.make", picture, other, rating="unknown")
    longer = await kept(turn, "video.make", video, rating="unknown")
    painted = await kept(turn, "picture.make", picture, rating="general")

    await rated(turn, picture, "general")
    assert await ratings(turn, video, longer, painted) == ["general", "general", "general"]
    await rated(turn, picture, "mature")
    assert await ratings(turn, video, longer, painted) == ["mature", "mature", "general"]
    await rated(turn, other, "unknown")
    await rated(turn, picture, "general")
    assert await ratings(turn, video, longer) == ["unknown", "unknown"], "its other picture is not rated"
    async with turn.open_work(reads=True) as work:
        because = {row.detail.get("because_of") for row in await work.audit.recent() if row.action == "media.rate"}
    assert because >= {picture, other, None}


async def test_what_a_person_said_of_a_video_stands_until_a_part_is_fit_for_fewer(turn: Turn) -> None:
    one, two = await kept(turn, rating="unknown"), await kept(turn, rating="unknown")
    clip = await kept(turn, "video.clip", one, two, rating="unknown")

    await rated(turn, one, "general")
    assert await ratings(turn, clip) == ["unknown"], "nobody knows what a model shows behind its first frame"
    await rated(turn, clip, "mature")
    await rated(turn, two, "general")
    assert await ratings(turn, clip) == ["mature"]
    await rated(turn, clip, "general")
    await rated(turn, two, "unknown")
    assert await ratings(turn, clip) == ["unknown"]


async def test_a_consent_that_was_taken_back_keeps_a_video_hidden(turn: Turn) -> None:
    async with turn.open_work() as work:
        consent = (await work.consents.add("Ada", "likeness", "x", given_at=now(), evidence_sha256="ab" * 32)).id
        await work.consents.revoke(consent)
    picture = await kept(turn, rating="unknown")
    video = await kept(turn, "video.make", picture, rating="unknown", provenance={"consents": [consent]})

    await rated(turn, picture, "general")
    assert await ratings(turn, video) == ["unknown"]


@pytest.mark.parametrize(
    ("kind", "part", "ordered", "seen", "rating"),
    [
        ("video.make", "general", "unknown", "", "general"),  # its picture was not rated yet when it was ordered
        ("video.make", "unknown", "unknown", "general", "unknown"),
        ("video.make", "general", "general", "mature", "mature"),
        ("video.make", "mature", "general", "general", "mature"),
        ("video.clip", "general", "unknown", "", "unknown"),
        ("video.clip", "general", "unknown", "general", "general"),
        ("picture.make", "unknown", "unknown", "general", "general"),
    ],
)
async def test_what_is_made_is_rated_with_what_it_shows(
    turn: Turn, tmp_path: Any, kind: str, part: str, ordered: str, seen: str, rating: str
) -> None:
    made = await kept(turn, kind, await kept(turn, rating=part), rating=ordered)

    async with turn.open_work() as work:
        await settle(work, await work.assets.get(made), Draft(tmp_path / "x", "video/mp4", rating=seen))

    assert await ratings(turn, made) == [rating]


@pytest.mark.parametrize(
    ("of_part", "own", "told"), [("drifted", "", "drifted"), ("accepted", "", ""), ("held", "", "")]
)
async def test_a_video_of_a_picture_with_another_face_has_another_face(
    turn: Turn, tmp_path: Any, of_part: str, own: str, told: str
) -> None:
    made = await kept(turn, "video.make", await kept(turn, likeness=of_part))

    async with turn.open_work() as work:
        asset = await work.assets.get(made)
        await settle(work, asset, Draft(tmp_path / "x", "video/mp4", likeness=own))
        assert asset.likeness == told
        assert bool(not_postable(asset)) == bool(told)
