"""Is what was made as it should be? The runner asks before it keeps a picture: shown to models, then kept, made again or refused.

A look that breaks, or tells no numbers, leaves the picture as nobody has looked at it: its likeness unchecked, its rating
unknown, whatever it was ordered as.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from gator.errors import Refused
from gpu_worker.jobs import Face, MakePicture
from gpu_worker.likeness.examining import Examine
from gpu_worker.likeness.judging import Exam, Findings, likeness_of, rating_of, sound
from gpu_worker.studio import Draft, Studio
from memory.models import Asset, Job
from memory.work import Work

log = structlog.get_logger()


class Again(Exception):
    """It shows another face: it is to be made again with this seed."""

    def __init__(self, seed: int) -> None:
        super().__init__(f"again with {seed}")
        self.seed = seed


async def looked_at(job: Job, draft: Draft, studio: Studio, examine: Examine) -> Draft:
    """The draft with its likeness and its rating. Raises Again, and Refused for one that shows a minor."""
    payload = MakePicture.model_validate(job.payload)
    face = payload.face
    views = tuple(studio.file(id) for id in face.views) if face else ()
    found = await _findings(job, Exam(draft.path, views, face.threshold if face else None), examine)
    rating = rating_of(found) if found.labels or found.broken else ""
    if rating == "minor":
        raise Refused("The picture that was made shows somebody who looks like a minor.", remedy="Describe an adult.")
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
        told |= {"likeness_by": found.encoder, "takes": takes + 1}
    return told | ({"labels": {name: dict(labels) for name, labels in found.labels.items()}} if found.labels else {})


async def settle(work: Work, asset: Asset, draft: Draft) -> None:
    """Write down what was seen. A classifier rates what nobody had rated, and never makes anything fit for more people."""
    asset.likeness = draft.likeness
    if not draft.rating:
        return
    known = {draft.rating} if asset.rating == "unknown" else {draft.rating, asset.rating}
    if asset.persona_id:
        persona = await work.personas.get(asset.persona_id, removed=True)
        known.add(str(persona.character.get("rating", "general")))
    asset.rating = next(one for one in ("unknown", "mature", "general") if one in known)


def is_looked_at(job: Job, path: Path) -> bool:
    return job.kind == "picture.make" and path.suffix == ".png"
