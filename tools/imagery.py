"""Imagery: have a model make a picture of what is described. Doors: agents, REST, MCP. `gpu_worker.pictures` makes it.

Cards of words are `tools.pictures`. A persona's own look, style and model come from her character.
"""

import math
from typing import Any

from pydantic import Field

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from gpu_worker.devices import require_torch
from gpu_worker.jobs import (
    PICTURE_SIZES_PX,
    PROMPT_CHARACTERS,
    PROVIDERS,
    Lora,
    MakePicture,
    PictureFormat,
    shelf_model,
)
from gpu_worker.shelf import MAKES_PICTURES, ShelfEntry, shelf
from memory.models import Job, Persona
from memory.repositories.spending import Bill
from memory.work import Work
from tools import orders, picture_policy
from tools.again import But, InsteadOf, OtherSeed, Which, changed, made_before, reworded, whose
from tools.brought import as_made
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.devices import check_somebody_has
from tools.faces import is_named
from tools.orders import MediaQueued
from tools.personas.character import Character, Media
from tools.picture_parts import (
    Follow,
    FollowBy,
    FollowStrength,
    Larger,
    Loras,
    Mask,
    check_mask,
    followed,
    lora,
    worn,
)
from tools.picture_policy import may_be_mature

NO_MODEL = "No image model is configured."
HOW = (
    "Set GATOR_IMAGE_MODEL to openai:MODEL or comfyui, or put a model into the models folder (docs/studio.md). A picture card,"
    " words on a designed background, needs none."
)
_ALL_SAID = "The prompt, with the persona's looks and style,"
_NATIVE_PX = {"sd15": 512}  # of a square side that the family was trained on; the others 1024
_GRID_PX = 64
_HEEDS_NO_NEGATIVE = {"flux"}
_UNSEEDED = "OpenAI's images heed no seed: it will be another take."
_UNHEEDED = "{model} heeds no negative prompt: what must not be seen may be seen all the same."


class MakePictureAsk(Shape):
    prompt: str = Field(
        "", max_length=PROMPT_CHARACTERS, description="what is to be seen, in plain words; English works best"
    )
    persona: str | None = Field(None, description="name of the persona who is in it, or whose picture it is")
    negative: str = Field("", max_length=PROMPT_CHARACTERS, description="what must not be seen")
    format: PictureFormat = Field("square", description="square 1:1, portrait 4:5, landscape 16:9, or story 9:16")
    model: str | None = Field(None, description="name of an image model; left out: the persona's or the configured one")
    start: str | None = Field(None, description="id of a picture that is to be changed; left out: from nothing")
    strength: float = Field(0.6, gt=0, le=1, description="how far it may leave `start`; 1.0 leaves nothing of it")
    references: list[str] = Field(
        [], max_length=8, description="ids of pictures of whom or what is to be recognised in it"
    )
    mask: Mask = None
    follow: Follow = None
    follow_by: FollowBy = ""
    follow_strength: FollowStrength = 1.0
    loras: Loras = None
    larger: Larger = 1
    again: Which = None
    other_seed: OtherSeed = False
    but: But = ""
    instead_of: InsteadOf = ""


@capability(audience=STAFF, effect=Effect.write)
async def make_picture(ask: MakePictureAsk, turn: Turn) -> MediaQueued:
    """Have an image model make a picture of a scene, a thing or a persona. Words on a card are draw_card.

    The same request twice in a turn is one picture. Raises Unavailable when no image model is configured.
    """
    async with turn.open_work() as work:
        persona, character, others = await orders.persona_meant(work, ask.persona, ask.prompt)
        before = await _before(work, ask, persona, turn.settings)
        if before and persona is None:
            persona, character = await whose(work, before)
        if not before and not _maker(ask, turn.settings, character):
            # What must not be pictured at all is said to be so, whoever could make it.
            await picture_policy.check(work, ask.prompt, ask.negative, mature=may_be_mature(turn.settings))
        payload = _again(ask, turn.settings, character, before) if before else _payload(ask, turn.settings, character)
        if before:
            payload = payload.model_copy(update={"brought": await as_made(work, before, payload.brought)})
        await _check(work, payload, turn.settings)
        if not await work.jobs.has(turn.key(ask)):
            await pay(work, turn, payload, persona)
        queued = await orders.place(
            work, turn, ask, payload,
            makes="picture", title=payload.words or payload.prompt, persona=persona, needs=payload.needs,
            at_least=character.rating if character else "general",
            seed=before.seed if before and not ask.other_seed else None,
        )  # fmt: skip
        seedless = before and not ask.other_seed and payload.model.partition(":")[0] == "openai"
        return queued.noting(others, _unheeded(turn.settings, payload), _UNSEEDED if seedless else "")


async def _before(work: Work, ask: MakePictureAsk, of: Persona | None, settings: Settings) -> Job | None:
    """The picture that is to be made again. Raises Unavailable where there is none and nobody makes any."""
    if not ask.again:
        return None
    try:
        return await made_before(work, ask.again, "picture.make", of)
    except Refused:
        if not image_model(settings, ask.model or ""):
            raise Unavailable(NO_MODEL, remedy=HOW) from None
        raise


async def planned(work: Work, ask: MakePictureAsk, settings: Settings, character: Character | None) -> MakePicture:
    """The picture as it is to be ordered. Raises Refused and Unavailable as `make_picture` does."""
    payload = _payload(ask, settings, character)
    await _check(work, payload, settings)
    return payload


def image_model(settings: Settings, preferred: str = "") -> str:
    """Who makes pictures here: the preferred one, else the configured one, else the first on the shelf; empty: nobody."""
    if told := preferred or settings.image_model:
        return told
    there = shelf(settings).entries(MAKES_PICTURES)
    return there[0].name if there else ""


def ready(settings: Settings) -> str:
    """Who makes pictures here, in words. Raises Unavailable or NotFound, with what to do, where nobody can."""
    model = image_model(settings)
    provider = model.partition(":")[0]
    if not model:
        raise Unavailable(NO_MODEL, remedy=HOW)
    if provider == "openai" and not (settings.openai_api_key or settings.image_base_url or settings.openai_base_url):
        raise Unavailable("OpenAI's images need a key.", remedy="Set OPENAI_API_KEY.")
    if provider == "comfyui" and not (settings.comfyui_url and settings.comfyui_workflow):
        raise Unavailable("ComfyUI is not set up.", remedy="Set GATOR_COMFYUI_URL and GATOR_COMFYUI_WORKFLOW.")
    if provider not in PROVIDERS:
        shelf(settings).get(model)
        require_torch()
    return model


def _maker(ask: MakePictureAsk, settings: Settings, character: Character | None) -> str:
    """Who makes it: as asked for, else the persona's, else as configured; empty: nobody."""
    return image_model(settings, ask.model or (character.media.picture_model if character else ""))


def _payload(ask: MakePictureAsk, settings: Settings, character: Character | None) -> MakePicture:
    media = character.media if character else Media()
    if not ask.prompt.strip():
        raise Refused("What is to be seen on the picture?", remedy="Describe it in a few words.")
    model = _maker(ask, settings, character)
    if not model:
        raise Unavailable(NO_MODEL, remedy=HOW)
    format = media.picture_format if character and "format" not in ask.model_fields_set else ask.format
    entry = _entry(settings, model)
    width, height = _size(format, entry)
    check_mask(ask.mask, ask.start)
    return MakePicture(
        prompt=described(ask.prompt, character),
        words=ask.prompt,
        negative=_unwanted(ask.negative, media.picture_negative),
        model=model,
        width=width,
        height=height,
        steps=media.picture_steps,
        guidance=media.picture_guidance,
        loras=_loras(ask, settings, media, entry),
        control=followed(ask.follow, ask.follow_by, ask.follow_strength, entry, settings),
        references=tuple(ask.references),
        start=ask.start,
        strength=ask.strength,
        mask=ask.mask,
        upscale=ask.larger,
    )


def _loras(ask: MakePictureAsk, settings: Settings, media: Media, entry: ShelfEntry | None) -> tuple[Lora, ...]:
    """Those that were asked for, else the persona's."""
    if ask.loras is not None:
        return worn(ask.loras, entry, settings)
    return tuple(lora(one) for one in media.picture_loras) if entry else ()


def _again(ask: MakePictureAsk, settings: Settings, character: Character | None, before: Job) -> MakePicture:
    """As it was ordered then, but for what is said now."""
    old, said = MakePicture.model_validate(before.payload), ask.model_fields_set
    media = character.media if character else Media()
    words, unwanted = changed(ask.prompt.strip() or old.words or old.prompt, ask.but, ask.instead_of)
    told: dict[str, Any] = {name: getattr(ask, name) for name in ("model", "start", "strength") if name in said}
    told |= {"references": tuple(ask.references)} if "references" in said else {}
    if words != (old.words or old.prompt):
        kept = reworded(old.prompt, old.words, words, character)
        told |= {"words": words, "prompt": _held(kept, _ALL_SAID) if kept else described(words, character)}
    if "negative" in said:
        told["negative"] = _unwanted(ask.negative, media.picture_negative)
    if unwanted:
        told["negative"] = _unwanted(unwanted, told.get("negative", old.negative))
    model = told["model"] = told.get("model") or old.model
    if model != old.model:
        told["brought"] = None
    entry = _entry(settings, model)
    if "format" in said:
        told["width"], told["height"] = _size(ask.format, entry)
    told |= _parts(ask, settings, entry)
    check_mask(told.get("mask", old.mask), told.get("start", old.start))
    return MakePicture.model_validate({**old.model_dump(), **told, "again_of": before.asset_id})


def _parts(ask: MakePictureAsk, settings: Settings, entry: ShelfEntry | None) -> dict[str, Any]:
    """What was said of what it is made of beside the words."""
    said = ask.model_fields_set
    told: dict[str, Any] = {"mask": ask.mask} if "mask" in said else {}
    if "larger" in said:
        told["upscale"] = ask.larger
    if "follow" in said:
        told["control"] = followed(ask.follow, ask.follow_by, ask.follow_strength, entry, settings)
    if ask.loras is not None:
        told["loras"] = worn(ask.loras, entry, settings)
    return told


def _unheeded(settings: Settings, payload: MakePicture) -> str:
    entry = _entry(settings, payload.model)
    unheeded = entry is not None and entry.family in _HEEDS_NO_NEGATIVE and payload.negative
    return _UNHEEDED.format(model=payload.model) if unheeded else ""


def _entry(settings: Settings, model: str) -> ShelfEntry | None:
    """Raises NotFound where it is not here, Refused for what makes no pictures."""
    if model.partition(":")[0] in PROVIDERS:
        return None
    entry = shelf(settings).get(model)
    if entry.kind != MAKES_PICTURES:
        there = ", ".join(one.name for one in shelf(settings).entries(MAKES_PICTURES))
        raise Refused(f"{model} is a {entry.kind} and makes no pictures.", remedy=f"There is: {there or 'none yet'}.")
    return entry


def _unwanted(*parts: str) -> str:
    """What must not be seen, each thing once. Raises Refused for more than an order holds: nothing is left out silently."""
    told = ", ".join(dict.fromkeys(part for part in parts if part))
    return _held(told, "What must not be seen")


def _held(told: str, what: str) -> str:
    if len(told) > PROMPT_CHARACTERS:
        raise Refused(
            f"{what} is {len(told):,} characters long; {PROMPT_CHARACTERS:,} are held.", remedy="Say it in fewer words."
        )
    return told


def described(prompt: str, character: Character | None) -> str:
    """What was asked for, then how the persona looks where she is in it, then in which style hers are made.

    Raises Refused where that is more than an order holds.
    """
    parts = [prompt]
    if character is not None:
        if is_named(character.name, prompt):
            look = character.look
            seen = {"": look.summary, " hair": look.hair, " eyes": look.eyes, " skin": look.skin, " build": look.build}
            parts += [f"{character.age} years old adult"]
            told_of = {what: told.strip().rstrip(".") for what, told in seen.items()}
            parts += [f"{told}{what if told and what.strip() not in told else ''}" for what, told in told_of.items()]
            parts += [*look.marks, look.style]
        parts.append(character.media.picture_style)
    phrases = (part.strip().rstrip(".") for part in parts)
    return _held(", ".join(part for part in phrases if part), _ALL_SAID)


def _size(format: PictureFormat, entry: ShelfEntry | None) -> tuple[int, int]:
    """In the format's proportions, of about as many pixels as the model was trained on."""
    width, height = PICTURE_SIZES_PX[format]
    if entry is None:
        return width, height
    native = _NATIVE_PX.get(entry.family, 1024) ** 2
    if entry.defaults.width and entry.defaults.height:
        native = entry.defaults.width * entry.defaults.height
    scale = math.sqrt(native / (width * height))
    return _rounded(width * scale), _rounded(height * scale)


def _rounded(side: float) -> int:
    return max(_GRID_PX, round(side / _GRID_PX) * _GRID_PX)


async def _check(work: Work, payload: MakePicture, settings: Settings) -> None:
    """Say now what the studio would say later, before anything is paid."""
    await picture_policy.check(work, payload.prompt, payload.negative, mature=may_be_mature(settings))
    assets = await work.assets.by_ids(payload.needs)
    for id in payload.needs:
        if id not in assets or assets[id].kind != "picture":
            raise Refused(f"{id} is no picture here.", remedy="List the media to see what there is.")
    await check_somebody_has(work, shelf_model(payload))


async def pay(work: Work, turn: Turn, payload: MakePicture, persona: Persona | None) -> None:
    """A provider's picture counts against the day's budget when it is ordered."""
    cost = round(turn.settings.image_price_usd * 1e6)
    if payload.model.partition(":")[0] != "openai" or not cost:
        return
    limit = round(turn.settings.daily_budget_usd * 1e6)
    spend = await work.spending.reserve(
        payload.model, cost, daily_limit_microusd=limit, turn_id=turn.id, persona_id=persona.id if persona else None
    )
    await work.spending.settle([Bill(spend, cost)])
