"""Imagery: have a model make a picture of what is described. Doors: agents, REST, MCP. `gpu_worker.pictures` makes it.

Cards of words are `tools.pictures`. A persona's own look, style and model come from her character.
"""

import math

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
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.orders import MediaQueued
from tools.personas.character import Character, Media

NO_MODEL = "No image model is configured."
HOW = (
    "Set GATOR_IMAGE_MODEL to openai:MODEL or comfyui, or put a model into the models folder (docs/studio.md). A picture card,"
    " words on a designed background, needs none."
)
_NATIVE_PX = {"sd15": 512}  # of a square side that the family was trained on; the others 1024
_GRID_PX = 64
_LOOKED_BACK = 100  # jobs, for the last picture


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
    again: str | None = Field(
        None,
        description='id of a picture that a model made, or "last": the same once more, with what is said here changed',
    )
    other_seed: bool = Field(False, description="with `again`: as another take; else the very same picture")


@capability(audience=STAFF, effect=Effect.write)
async def make_picture(ask: MakePictureAsk, turn: Turn) -> MediaQueued:
    """Have an image model make a picture of a scene, a thing or a persona. Words on a card are draw_card.

    The same request twice in a turn is one picture. Raises Unavailable when no image model is configured.
    """
    async with turn.open_work() as work:
        before = await _made_before(work, ask.again) if ask.again else None
        persona, character = await _who(work, ask, before)
        payload = _payload(ask, turn.settings, character, before)
        await _check(work, payload)
        if not await work.jobs.has(turn.key(ask)):
            await pay(work, turn, payload, persona)
        return await orders.place(
            work, turn, ask, payload,
            makes="picture", title=ask.prompt or payload.prompt, persona=persona, needs=payload.needs,
            at_least=character.rating if character else "general",
            seed=before.seed if before and not ask.other_seed else None,
        )  # fmt: skip


async def planned(work: Work, ask: MakePictureAsk, settings: Settings, character: Character | None) -> MakePicture:
    """The picture as it is to be ordered. Raises Refused and Unavailable as `make_picture` does."""
    payload = _payload(ask, settings, character, None)
    await _check(work, payload)
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


async def _made_before(work: Work, which: str) -> Job:
    if which == "last":
        newest = await work.jobs.recent(limit=_LOOKED_BACK)
    else:
        newest = [await work.jobs.that_made(which)]
    found = next((job for job in newest if job.kind == "picture.make"), None)
    if found is None:
        raise Refused("No such picture was made by an image model.", remedy="Say what is to be seen on it.")
    return found


async def _who(work: Work, ask: MakePictureAsk, before: Job | None) -> tuple[Persona | None, Character | None]:
    if ask.persona or before is None or before.persona_id is None:
        return await orders.persona_named(work, ask.persona)
    persona = await work.personas.get(before.persona_id)
    return persona, Character.model_validate(persona.character)


def _payload(ask: MakePictureAsk, settings: Settings, character: Character | None, before: Job | None) -> MakePicture:
    said = ask.model_fields_set
    media = character.media if character else Media()
    if before is not None:
        old = MakePicture.model_validate(before.payload)
        told = {"prompt": described(ask.prompt, character)} if ask.prompt else {}
        told |= {name: getattr(ask, name) for name in ("negative", "model", "start", "strength") if name in said}
        return MakePicture.model_validate(old.model_dump() | told)
    if not ask.prompt.strip():
        raise Refused("What is to be seen on the picture?", remedy="Describe it in a few words.")
    model = image_model(settings, ask.model or media.picture_model)
    if not model:
        raise Unavailable(NO_MODEL, remedy=HOW)
    format = media.picture_format if character and "format" not in said else ask.format
    entry = shelf(settings).get(model) if model.partition(":")[0] not in PROVIDERS else None
    width, height = _size(format, entry)
    return MakePicture(
        prompt=described(ask.prompt, character),
        negative=", ".join(part for part in (ask.negative, media.picture_negative) if part),
        model=model,
        width=width,
        height=height,
        steps=media.picture_steps,
        guidance=media.picture_guidance,
        loras=tuple(_lora(one) for one in media.picture_loras) if entry else (),
        references=tuple(ask.references),
        start=ask.start,
        strength=ask.strength,
    )


def described(prompt: str, character: Character | None) -> str:
    """What was asked for, then how the persona looks where she is in it, then in which style hers are made."""
    parts = [prompt.strip().rstrip(".")]
    if character is not None:
        if character.name.casefold() in prompt.casefold():
            look = character.look
            seen = {"": look.summary, " hair": look.hair, " eyes": look.eyes, " skin": look.skin, " build": look.build}
            parts += [f"{character.age} years old adult"]
            parts += [f"{told}{what if told and what.strip() not in told else ''}" for what, told in seen.items()]
            parts += [*look.marks, look.style]
        parts.append(character.media.picture_style)
    return ", ".join(part for part in parts if part)[:PROMPT_CHARACTERS]


def _lora(told: str) -> Lora:
    name, _, weight = told.rpartition(":")
    try:
        return Lora(name=name, weight=float(weight)) if name else Lora(name=told)
    except ValueError as wrong:
        raise Refused(f"{told} names no LoRA and its weight; write it like ink:0.8.") from wrong


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


async def _check(work: Work, payload: MakePicture) -> None:
    """Say now what the studio would say later, before anything is paid."""
    await picture_policy.check(work, payload.prompt, payload.negative)
    assets = await work.assets.by_ids(payload.needs)
    for id in payload.needs:
        if id not in assets or assets[id].kind != "picture":
            raise Refused(f"{id} is no picture here.", remedy="List the media to see what there is.")
    if shelf_model(payload) and not await work.devices.all():  # else a worker elsewhere may have it
        require_torch()


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
