"""Whose face is on a picture, and what holds it? Every picture that a persona is on is made with her approved face.

Asked where media are ordered (`tools.orders`), so that no door goes around it. The face is held by an IP-Adapter where the shelf
has one for the model, else by starting from a view of her, or by the provider's reference pictures; where nothing can, the
picture says so. `gpu_worker.likeness` compares what came of it.
"""

import re
from pathlib import Path

from gator.errors import Refused
from gator.settings import Settings
from gpu_worker.jobs import Face, HeldBy, MakeClip, MakePicture
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


async def clip_with_face(work: Work, payload: MakeClip, persona: Persona | None) -> MakeClip:
    """The order for a clip, with the persona's face to compare its frames with where she is in it and has one.

    What holds it is a first frame that has it. Raises as `with_face`.
    """
    bare = payload.model_copy(update={"face": None})
    used = await work.appearances.used(persona.id) if persona else None
    if persona is None or used is None:
        return bare
    views = await _views(work, used)
    hers = bool(bare.start) and await _shows_her(work, str(bare.start), persona, views)
    if not views or not (hers or _is_on(persona, bare)):
        return bare
    consents = (await work.consents.holding(used.consent_id, "likeness")).id if used.consent_id else None
    held: HeldBy = "first-frame" if hers else ""
    face = Face(
        appearance=used.id, views=tuple(views.values()), threshold=used.threshold, held_by=held, takes=0
    )  # fmt: skip
    return bare.model_copy(update={"face": face, "consents": (*bare.consents, *([consents] if consents else []))})


def is_named(name: str, prompt: str) -> bool:
    """Whether a prompt speaks of somebody of that name: in full, or by the first name, written with its capital."""
    return stands_at(name.casefold(), prompt.casefold()) is not None or stands_at(name, prompt) is not None


def stands_at(name: str, prompt: str) -> int | None:
    """Where somebody of that name is first spoken of, in full or by the first name, written as it is; None: nowhere."""
    said = dict.fromkeys((name.strip(), (name.split() or [""])[0]))
    found = [re.search(rf"(?<!\w){re.escape(one)}(?:s|['’]s?)?(?!\w)", prompt) for one in said if one]
    return min((hit.start() for hit in found if hit), default=None)


async def _shows_her(work: Work, picture: str, persona: Persona, views: dict[View, str]) -> bool:
    """Whether a picture has her face, as far as is known; of one that is still being made, whether it was ordered with it."""
    if picture in views.values():
        return True
    found = (await work.assets.by_ids([picture])).get(picture)
    if found is None or found.persona_id != persona.id:
        return False
    if found.state == "pending":
        return bool((await work.jobs.that_made(picture)).payload.get("face"))
    return found.likeness in ("held", "unchecked", "accepted")


def _is_on(persona: Persona, payload: MakePicture | MakeClip) -> bool:
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
