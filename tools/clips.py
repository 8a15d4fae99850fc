"""Clips: have a video model make a moving picture. Doors: agents, REST, MCP. `gpu_worker.clips` makes it.

Videos of pictures, clips and speech are `tools.videos`. A persona's look and the picture to start from come from hers.
"""

import math
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from gator.errors import NotFound, Refused, Unavailable
from gator.settings import Settings
from gpu_worker.clips.families import FAMILIES, Task, begins_from, family_of
from gpu_worker.clips.offers import FPS, PROVIDER, Offer, offer_of
from gpu_worker.devices import require_torch
from gpu_worker.jobs import PROMPT_CHARACTERS, VIDEO_SIZES_PX, MakeClip, VideoFormat, shelf_model
from gpu_worker.shelf import MAKES_CLIPS, ShelfEntry, shelf
from memory.models import Asset, Job, Persona
from memory.repositories.spending import Bill
from memory.work import Work
from tools import orders, picture_policy
from tools.again import But, InsteadOf, OtherSeed, Which, changed, made_before, reworded, whose
from tools.brought import as_made
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.devices import check_somebody_has
from tools.faces import is_named
from tools.imagery import described
from tools.orders import MediaQueued
from tools.personas.character import Character
from tools.picture_policy import may_be_mature
from tools.ratings import says_whom_it_shows

NO_MODEL = "No video model is configured, so no clip can be generated."
HOW = (
    "Set GATOR_CLIP_MODEL to runway:MODEL with RUNWAYML_API_SECRET, or put a video model into the models folder (docs/studio.md)."
    " A video of still pictures that move slowly needs none: ask for that."
)
LONGEST_S = 60.0
_UNREAD = "{model} reads no words: what moves in the picture, and how, is its own choice."
_UNSEEDED = "{model} heeds no seed: it will be another take."
_GRID_PX = 16
_LOOKED_BACK = 50  # pictures, for the last one that shows something
_OF_WORDS = ("picture.card", "picture.thumbnail")


class MakeClipAsk(Shape):
    prompt: str = Field(
        "", max_length=PROMPT_CHARACTERS, description="what happens in it, in plain words; English works best"
    )
    persona: str | None = Field(None, description="name of the persona who is in it, or whose clip it is")
    start: str | None = Field(
        None,
        description='id of the picture that is its first frame, or "last": the persona\'s newest, else the newest; left out: her'
        " newest where the persona is in it and the model can, else none",
    )
    length_s: float = Field(4.0, ge=1, le=LONGEST_S, description="length in seconds")
    format: VideoFormat = Field(
        "9:16", description="9:16 vertical, 1:1 square, or 16:9 wide; left out with a start: as the picture is"
    )
    negative: str = Field("", max_length=PROMPT_CHARACTERS, description="what must not be seen")
    model: str | None = Field(None, description="name of a video model, or runway:MODEL; left out: the configured one")
    again: Which = None
    other_seed: OtherSeed = False
    but: But = ""
    instead_of: InsteadOf = ""


@capability(audience=STAFF, effect=Effect.write)
async def make_clip(ask: MakeClipAsk, turn: Turn) -> MediaQueued:
    """Have a video model make a clip: a moving picture of a few seconds, from words, from a picture, or both; it is silent.

    A video of pictures, clips, speech and captions is make_video. The same request twice in a turn is one clip. Raises
    Unavailable when no video model is configured.
    """
    async with turn.open_work() as work:
        persona, character, others = await orders.persona_meant(work, ask.persona, ask.prompt)
        before = await _before(work, ask, persona, turn.settings)
        if before and persona is None:
            persona, character = await whose(work, before)
        old = MakeClip.model_validate(before.payload) if before else None
        meant = _as_before(ask, old) if old else ask
        if not clip_model(turn.settings, meant.model or ""):
            # What must not be pictured at all is said to be so, whoever could make it.
            await picture_policy.check(work, meant.prompt, meant.negative, mature=may_be_mature(turn.settings))
        model = _model(turn.settings, meant.model or "", _begin(meant, persona))
        start = None if old and not meant.start else await _start(work, meant, persona, model)
        if persona is None and start is not None and start.persona_id:  # it goes on from a picture of hers
            persona = next((one for one in await work.personas.all() if one.id == start.persona_id), None)
        payload = _payload(meant, character, model, start)
        if before and old:
            payload = _kept(payload, old, ask, model, character).model_copy(update={"again_of": before.asset_id})
            payload = payload.model_copy(update={"brought": await as_made(work, before, payload.brought)})
        await _check(work, payload, model, turn.settings)
        if not await work.jobs.has(turn.key(ask)):
            await pay(work, turn, payload, persona)
        queued = await orders.place(
            work, turn, ask, payload,
            makes="video", title=meant.prompt or (start.title if start else ""), persona=persona, needs=payload.needs,
            at_least=character.rating if character else "general",
            seed=before.seed if before and not ask.other_seed else None,
        )  # fmt: skip
        unread = bool(payload.prompt) and not model.reads
        seedless = before and not ask.other_seed and model.offer and not model.offer.heeds_seed
        return queued.noting(
            others,
            _UNREAD.format(model=model.name) if unread else "",
            _UNSEEDED.format(model=model.name) if seedless else "",
        )


async def _before(work: Work, ask: MakeClipAsk, of: Persona | None, settings: Settings) -> Job | None:
    """The clip that is to be made again. Raises Unavailable where there is none and nobody makes any."""
    if not ask.again:
        return None
    try:
        return await made_before(work, ask.again, "video.clip", of)
    except Refused:
        if not clip_model(settings, ask.model or ""):
            raise Unavailable(NO_MODEL, remedy=HOW) from None
        raise


async def planned(
    work: Work, turn: Turn, ask: MakeClipAsk, persona: Persona | None, character: Character | None
) -> MakeClip:
    """The order for a clip that is a part of something larger. Raises as `make_clip` does, for what is asked and who makes it."""
    model = _model(turn.settings, ask.model or "", _begin(ask, persona))
    payload = _payload(ask, character, model, await _start(work, ask, persona, model))
    await _check(work, payload, model, turn.settings)
    return payload


def able(settings: Settings) -> tuple[tuple[Task, ...], float]:
    """What the clips here begin from, and how many seconds one can last; nothing and 0 where none are made."""
    try:
        model = _model(settings, "")
    except (Unavailable, Refused, NotFound):
        return (), 0.0
    return model.begins, float(model.offer.lengths_s[-1]) if model.offer else LONGEST_S


def clip_model(settings: Settings, preferred: str = "", begin: Task | None = None) -> str:
    """Who makes clips here: the preferred one, else the configured one, else the first on the shelf; empty: nobody.

    Of the shelf, one that begins from `begin` comes before the others.
    """
    if told := preferred or settings.clip_model:
        return told
    there = shelf(settings).entries(MAKES_CLIPS)
    fit = [one for one in there if one.family in FAMILIES and begin in begins_from(one)] or there
    return fit[0].name if fit else ""


def ready(settings: Settings) -> str:
    """Who makes clips here, in words. Raises Unavailable or NotFound, with what to do, where nobody can."""
    model = _model(settings, "")
    if model.offer is None:
        require_torch()
    return model.name


@dataclass(frozen=True, slots=True)
class _Model:
    """Who makes it: a model of the shelf, or an offer of Runway's."""

    name: str
    entry: ShelfEntry | None = None
    offer: Offer | None = None

    @property
    def begins(self) -> tuple[Task, ...]:
        if self.offer:
            return ("text", "image") if self.offer.from_words else ("image",)
        return begins_from(self.entry) if self.entry else ()

    @property
    def reads(self) -> bool:
        """Whether words count."""
        return self.entry is None or bool(family_of(self.entry.family, self.name).words)

    @property
    def fps(self) -> int:
        return family_of(self.entry.family, self.name).fps if self.entry else FPS

    def size(self, across: float, down: float) -> tuple[int, int]:
        """In these proportions, of about as many pixels as the model was trained on."""
        if self.offer:
            return self.offer.size(round(across * 100), round(down * 100))
        assert self.entry is not None
        told = self.entry.defaults
        width, height = told.width, told.height
        if not (width and height):
            width, height = family_of(self.entry.family, self.name).size
        scale = math.sqrt(width * height / (across * down))
        return _rounded(across * scale), _rounded(down * scale)


def _begin(ask: MakeClipAsk, persona: Persona | None) -> Task | None:
    """What the clip must begin from; nothing where either would do, as for a persona who may have a picture."""
    if ask.start:
        return "image"
    return None if persona else "text"


def _model(settings: Settings, preferred: str, begin: Task | None = None) -> _Model:
    name = clip_model(settings, preferred, begin)
    if not name:
        raise Unavailable(NO_MODEL, remedy=HOW)
    if name.partition(":")[0] == PROVIDER:
        if not settings.runway_api_key:
            raise Unavailable("Runway needs a key.", remedy="Set RUNWAYML_API_SECRET, or GATOR_RUNWAY_API_KEY.")
        return _Model(name, offer=offer_of(name))
    entry = shelf(settings).get(name)
    if entry.kind != MAKES_CLIPS:
        raise Refused(f"{name} is a {entry.kind} and makes no clips.", remedy="Name a video model.")
    family_of(entry.family, name)
    return _Model(name, entry)


async def _start(work: Work, ask: MakeClipAsk, persona: Persona | None, model: _Model) -> Asset | None:
    """The first frame. Raises Refused when it is not there."""
    whose = persona.id if persona else None
    if ask.start is None:
        in_it = persona is not None and is_named(persona.name, ask.prompt)
        return await _newest(work, whose) if in_it and "image" in model.begins else None
    if ask.start.strip().casefold() == "last":
        if found := await _newest(work, whose):
            return found
        of = f" of {persona.name}" if persona else ""
        raise Refused(f"There is no picture{of} to start from yet.", remedy="Make one first, or leave it out.")
    try:
        found = await work.assets.get(ask.start.strip())
    except NotFound as missing:
        raise Refused(f"There is no picture {ask.start}.", remedy="List the media to see what there is.") from missing
    if found.kind != "picture" or found.state == "failed":
        raise Refused(f"{ask.start} is no picture to start from.", remedy="Name a picture.")
    return found


async def _newest(work: Work, persona_id: str | None) -> Asset | None:
    """The newest picture that shows something, and her if it is hers: no card of words, no other face."""
    for one in await work.assets.recent(kind="picture", persona_id=persona_id, limit=_LOOKED_BACK):
        if one.state not in ("ready", "pending") or one.likeness == "drifted" or not says_whom_it_shows(one):
            continue
        kind = (one.provenance or {}).get("kind")
        if kind is None and one.origin == "made":
            kind = (await work.jobs.that_made(one.id)).kind
        if kind not in _OF_WORDS:
            return one
    return None


def _payload(ask: MakeClipAsk, character: Character | None, model: _Model, start: Asset | None) -> MakeClip:
    if not ask.prompt.strip() and start is None:
        raise Refused("What is to happen in the clip?", remedy="Describe it in a few words, or name a picture.")
    if start and "format" not in ask.model_fields_set and start.width_px and start.height_px:
        across, down = float(start.width_px), float(start.height_px)
    else:
        format = character.media.video_format if character and "format" not in ask.model_fields_set else ask.format
        across, down = (float(side) for side in VIDEO_SIZES_PX[format])
    width, height = model.size(across, down)
    # With a first frame everybody sees what she looks like; the words are for what happens.
    prompt = ask.prompt.strip() if start else described(ask.prompt, character)
    return MakeClip(
        prompt=prompt,
        words=ask.prompt.strip(),
        negative=ask.negative,
        model=model.name,
        start=start.id if start else None,
        frames=max(1, round(ask.length_s * model.fps)),
        fps=model.fps,
        width=width,
        height=height,
    )


def _as_before(ask: MakeClipAsk, old: MakeClip) -> MakeClipAsk:
    """What was asked for then, but for what is said now."""
    said = ask.model_dump(exclude_unset=True)
    words, unwanted = changed(ask.prompt.strip() or old.words or old.prompt, ask.but, ask.instead_of)
    negative = said.get("negative", old.negative)
    told = {
        "model": said.get("model") or old.model,
        "start": said.get("start", old.start),
        "length_s": said.get("length_s", old.frames / old.fps),
        "prompt": words,
        "negative": ", ".join(part for part in (unwanted, negative) if part),
    }
    return MakeClipAsk.model_validate(said | told)


def _kept(payload: MakeClip, old: MakeClip, ask: MakeClipAsk, model: _Model, character: Character | None) -> MakeClip:
    """With what nobody changed as it was to the pixel, so that the same seed gives the same clip."""
    told: dict[str, Any] = {}
    if "format" not in ask.model_fields_set and payload.start == old.start:
        same = payload.model == old.model
        told["width"], told["height"] = (old.width, old.height) if same else model.size(old.width, old.height)
    if payload.model == old.model:
        told |= {"steps": old.steps, "guidance": old.guidance, "brought": old.brought}
    if payload.start == old.start and (prompt := reworded(old.prompt, old.words, payload.words, character)):
        told["prompt"] = prompt
    return payload.model_copy(update=told)


def _rounded(side: float) -> int:
    return max(4 * _GRID_PX, round(side / _GRID_PX) * _GRID_PX)


async def _check(work: Work, payload: MakeClip, model: _Model, settings: Settings) -> None:
    """Say now what the studio would say later, before anything is paid."""
    await picture_policy.check(work, payload.prompt, payload.negative, mature=may_be_mature(settings))
    if not payload.start and "text" not in model.begins:
        raise Refused(f"{model.name} makes clips from a picture only.", remedy="Say which picture to start from.")
    if payload.start and "image" not in model.begins:
        raise Refused(f"{model.name} makes clips from words only.", remedy="Leave the picture out.")
    if model.offer:
        model.offer.check_words(payload.prompt)
        model.offer.length_s(payload.frames / payload.fps)
    await check_somebody_has(work, shelf_model(payload))


async def pay(work: Work, turn: Turn, payload: MakeClip, persona: Persona | None) -> None:
    """A provider's clip counts against the day's budget when it is ordered, by the second: call it once for each job."""
    if payload.model.partition(":")[0] != PROVIDER:
        return
    cost = round(offer_of(payload.model).price_usd(payload.frames / payload.fps) * 1e6)
    limit = round(turn.settings.daily_budget_usd * 1e6)
    spend = await work.spending.reserve(
        payload.model, cost, daily_limit_microusd=limit, turn_id=turn.id, persona_id=persona.id if persona else None
    )
    await work.spending.settle([Bill(spend, cost)])
