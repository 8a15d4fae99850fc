"""Whose face is on a picture, and what holds it? Every picture that a persona is on is made with her approved face.

Asked where media are ordered (`tools.orders`), so that no door goes around it. The face is held by an IP-Adapter where the shelf
has one for the model, else by starting from a view of her, or by the provider's reference pictures; where nothing can, the
picture says so. `gpu_worker.likeness` compares what came of it.
"""

import re
from pathlib import Path

from gator.errors import Refused
from gator.settings import Settings
from gpu_worker.jobs import Face, HeldBy, MakePicture
from gpu_worker.shelf import shelf
from memory.models import Appearance, Persona
from memory.repositories.appearances import View
from memory.work import Work
from tools.picture_policy import shows_people

FROM_A_VIEW = 0.7  # how far a picture may leave the view that it starts from: pose and place change, features stay
TURNED = 0.8  # of a picture that shows the face itself from another side
_STARTS = {"sd15", "sdxl", "sd3", "flux", "qwen-image"}  # families that can start from a picture
_REFERENCES = 4  # views at most: more make providers slow and add little
_TAKES = 2  # that follow one with another face; not where each is paid
_WHOLE = re.compile(r"\b(?:full[- ](?:body|length)|head to toe|ganzk(?:ö|oe)rper)", re.IGNORECASE)


async def with_face(work: Work, settings: Settings, payload: MakePicture, persona: Persona | None) -> MakePicture:
    """The order, with the persona's face where she is on the picture and has one.

    Raises Forbidden where the face is of a real person whose consent does not hold any more.
    """
    bare = _without_face(payload)
    used = await work.appearances.used(persona.id) if persona else None
    if persona is None or used is None or not (bare.view or _is_on(persona, bare)):
        return bare
    views = await _views(work, used)
    if bare.view:  # by the seed alone: a view that is a little off must not lead the next one further away
        views = {view: id for view, id in views.items() if view == "front"}
    if not views:
        return bare
    consents = (await work.consents.holding(used.consent_id, "likeness")).id if used.consent_id else None
    told = _held(bare, settings, views)
    face = Face(
        appearance=used.id,
        views=tuple(views.values()),
        threshold=used.threshold,
        held_by=_by(told, bare, settings),
        takes=0 if bare.model.startswith("openai") else _TAKES,
    )
    return told.model_copy(update={"face": face, "consents": (*bare.consents, *([consents] if consents else []))})


def is_named(name: str, prompt: str) -> bool:
    """Whether a prompt speaks of somebody of that name: in full, or by the first name, written with its capital."""
    first = re.escape(name.split()[0]) if name.split() else ""
    in_full = name.casefold() in prompt.casefold()
    return in_full or bool(first and re.search(rf"(?<!\w){first}(?:s|['’]s?)?(?!\w)", prompt))


def _is_on(persona: Persona, payload: MakePicture) -> bool:
    return is_named(persona.name, payload.prompt) or shows_people(payload.prompt)


def _without_face(payload: MakePicture) -> MakePicture:
    """The order as somebody gave it: "the same once more" brings the face of then."""
    if payload.face is None:
        return payload
    views = set(payload.face.views)
    kept = tuple(id for id in payload.references if id not in views)
    start = None if payload.start in views else payload.start
    return payload.model_copy(update={"face": None, "references": kept, "start": start})


async def _views(work: Work, used: Appearance) -> dict[View, str]:
    views = await work.appearances.views(used)
    there = await work.assets.by_ids(views.values())
    return {view: id for view, id in views.items() if id in there and there[id].state == "ready"}


def _held(payload: MakePicture, settings: Settings, views: dict[View, str]) -> MakePicture:
    """With what makes the face come out: references, or a view to start from; as it was where nothing does."""
    way = held_by(payload, settings)
    if way in ("ip-adapter", "provider"):
        seen = dict.fromkeys((*list(views.values())[:_REFERENCES], *payload.references))
        return payload.model_copy(update={"references": tuple(seen)[:8]})
    if way == "img2img":
        whole = views.get("full-body") if _WHOLE.search(payload.prompt) else None
        strength = TURNED if payload.view else FROM_A_VIEW
        return payload.model_copy(update={"start": whole or next(iter(views.values())), "strength": strength})
    return payload


def _by(told: MakePicture, before: MakePicture, settings: Settings) -> HeldBy:
    return "" if told == before else held_by(before, settings)


def held_by(payload: MakePicture, settings: Settings) -> HeldBy:
    """What makes a face come out with that model; empty where nothing does."""
    provider, _, name = payload.model.partition(":")
    if provider == "openai":
        return "" if name.startswith("dall-e") else "provider"
    if provider == "comfyui":
        return "img2img" if payload.start is None and _takes_a_start(settings) else ""
    try:
        family = shelf(settings).get(payload.model).family
    except Refused:  # the worker's machine may have it; what is not known here cannot be counted on
        return ""
    if shelf(settings).entries("ip-adapter", family):
        return "ip-adapter"
    return "img2img" if payload.start is None and family in _STARTS else ""


def _takes_a_start(settings: Settings) -> bool:
    try:
        return "{start}" in Path(settings.comfyui_workflow or "").read_text(encoding="utf-8")
    except OSError:
        return False
