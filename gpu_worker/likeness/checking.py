"""Is what was made as it should be? The runner asks before it keeps a picture or a video: shown to models, then kept, made again
or refused.

A look that breaks, or tells no numbers, leaves the picture as nobody has looked at it: its likeness unchecked, its rating
unknown, whatever it was ordered as.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from gator.errors import Refused
from gpu_worker.jobs import Face
from gpu_worker.likeness.examining import Examine
from gpu_worker.likeness.judging import Exam, Findings, is_explicit, likeness_of, rating_of, sound, strictest_frame
from gpu_worker.studio import Draft, Studio
from memory.derived import parts_of, shows_its_parts, with_its_parts
from memory.models import Asset, Job
from memory.repositories.assets import strictest
from memory.work import Work

_LOOKED_AT = {("picture.make", ".png"), ("video.clip", ".mp4"), ("video.make", ".mp4")}
_MATURE = "Say it in other words. Whoever runs Gator may allow it, of adults: GATOR_MATURE_MEDIA=made."
log = structlog.get_logger()


class Again(Exception):
    """It shows another face: it is to be made again with this seed."""

    def __init__(self, seed: int) -> None:
        super().__init__(f"again with {seed}")
        self.seed = seed


async def looked_at(job: Job, draft: Draft, studio: Studio, examine: Examine, *, mature: bool = False) -> Draft:
    """The draft with its likeness and its rating.

    Raises Again, and Refused for one that shows a minor, or nudity and sex where these may not be made (`mature`).
    """
    face = Face.model_validate(told) if (told := job.payload.get("face")) else None
    views = tuple(studio.file(id) for id in face.views) if face else ()
    found = await _findings(job, Exam(draft.path, views, face.threshold if face else None), examine)
    rating = rating_of(found) if found.labels or found.broken else ""
    what = "picture" if job.kind == "picture.make" else "video"
    if rating == "minor":
        raise Refused(f"The {what} that was made shows somebody who looks like a minor.", remedy="Describe an adult.")
    if not mature and is_explicit(found):
        raise Refused(f"The {what} that was made shows nudity or sex.", remedy=_MATURE)
    if face and found.drifted and job.takes < face.takes:
        log.info("picture_drifted", job=job.id, score=found.score, threshold=found.threshold, take=job.takes + 1)
        raise Again(_another_seed(job))
    likeness = likeness_of(found, has_face=face is not None, held=bool(face and face.held_by))
    told = _told(found, face, job.takes)
    return replace(draft, likeness=likeness, rating=rating, provenance={**draft.provenance, **told})


async def _findings(job: Job, exam: Exam, examine: Examine) -> Findings:
    try:
        found = sound(await examine(exam))
    except Exception:  # a model of the shelf may be broken in any way; the picture is not, and stays unrated
        log.exception("picture_not_looked_at", job=job.id)
        return Findings(broken=True)
    if found.broken:
        log.error("picture_looked_at_in_vain", job=job.id)
    return found


def _another_seed(job: Job) -> int:
    """The same for whoever makes this take."""
    return int.from_bytes(hashlib.blake2b(f"{job.id}:{job.takes + 1}".encode(), digest_size=5).digest())


def _told(found: Findings, face: Face | None, takes: int) -> dict[str, Any]:
    told: dict[str, Any] = (
        {"appearance": face.appearance, "likeness_held_by": face.held_by or "nothing"} if face else {}
    )
    if found.score is not None and found.threshold is not None:
        told |= {"likeness_score": round(found.score, 4), "likeness_threshold": round(found.threshold, 4)}
        told |= {"likeness_by": found.encoder, "likeness_of": found.of, "takes": takes + 1}
    elif face and found.of == "face":
        told["likeness_of"] = "no face was found"
    if found.frames:
        told["frames_looked_at"] = 1 + len(found.frames)
    labels = strictest_frame(found)
    return told | ({"labels": {name: dict(seen) for name, seen in labels.items()}} if labels else {})


async def settle(work: Work, asset: Asset, draft: Draft) -> None:
    """Write down what was seen. A classifier rates what nobody had rated, and never makes anything fit for more people.

    What shows other media is fit for no more people than they are by now.
    """
    asset.likeness = draft.likeness or await _another_face_in(work, asset)
    if not draft.rating and not shows_its_parts(asset):
        return
    own = _own(asset, draft)
    if draft.rating or asset.rating == "unknown":
        own.add(await _hers(work, asset))
    asset.rating = strictest(own)
    if shows_its_parts(asset):
        asset.provenance = {**asset.provenance, "rated": asset.rating}
        asset.rating = with_its_parts(asset, (await work.assets.by_ids(parts_of(asset))).values())


async def _another_face_in(work: Work, asset: Asset) -> str:
    """Drifted where one of the pictures that a video shows is, and nobody accepted it; else empty."""
    shown = (await work.assets.by_ids(parts_of(asset))).values() if shows_its_parts(asset) else ()
    return "drifted" if any(one.likeness == "drifted" for one in shown) else ""


def _own(asset: Asset, draft: Draft) -> set[str]:
    """What it is rated without what it is made of."""
    if draft.rating:
        return {draft.rating} | ({asset.rating} - {"unknown"})
    if asset.rating == "unknown" and asset.provenance.get("kind") != "video.clip":
        return {"general"}  # it was ordered as strict as parts that were not made yet
    return {asset.rating}


async def _hers(work: Work, asset: Asset) -> str:
    """The rating of the persona whose it is."""
    if not asset.persona_id:
        return "general"
    persona = await work.personas.get(asset.persona_id, removed=True)
    return str(persona.character.get("rating", "general"))


def is_looked_at(job: Job, path: Path) -> bool:
    """A preview of the editor is not: somebody waits for it, and it is fit for whom its parts are fit for."""
    return (job.kind, path.suffix) in _LOOKED_AT and not job.key.startswith("preview:")
