"""Orders: what do pictures, voices and videos have in common when they are asked for? A place in the queue, an answer.

Doors are those of `tools.pictures`, `tools.voices` and `tools.videos`; what was ordered is seen by `tools.media` and `jobs`.
"""

import hashlib
from typing import Self

from pydantic import BaseModel

from gator.errors import Refused, Unavailable
from gpu_worker.jobs import KINDS, DrawCard, MakeClip, MakePicture, Payload, shelf_model
from gpu_worker.shelf import shelf
from memory import storage
from memory.models import Persona
from memory.repositories.assets import strictest
from memory.repositories.consents import consents_of
from memory.work import Work
from tools import picture_policy
from tools.brought import with_brought
from tools.capability import Shape, Turn
from tools.faces import clip_with_face, stands_at, with_face
from tools.personas.character import Character
from tools.ratings import WHOM, says_whom_it_shows

MAX_QUEUED = 200  # about ten minutes of work on two cores: a card takes a second, a ten-second video nine
_TITLE_CHARACTERS = 60
_UNHELD = " Likeness not held: this image model cannot be given the persona's face."
_UNHELD_CLIP = " Likeness not held: the clip starts from no picture of the persona."
_HERS = "It is made as {name}'s, whom the words name."
_ONE_FACE = "{others}: as the model imagines, as only one persona's face and looks go into an order."
_NAMES = {"voice": "voice-over", "video": "video"}


class MediaQueued(Shape):
    """What was ordered. `asset` is its id from now on, though it is still being made."""

    job: str
    asset: str
    kind: str  # picture, voice or video
    title: str
    card: bool = False  # a picture of words
    likeness_held: bool = True  # False: nothing here can give the picture the persona's face
    note: str = ""  # what was asked for and is not heeded, or is not as it was

    def noting(self, *more: str) -> Self:
        """With these notes behind its own; empty ones are none."""
        return self.model_copy(update={"note": " ".join(note for note in (self.note, *more) if note)})

    def in_words(self) -> str:
        titled = f' "{self.title}"' if self.title else ""
        name = "picture card" if self.card else _NAMES.get(self.kind, self.kind)
        unheld = "" if self.likeness_held else _UNHELD_CLIP if self.kind == "video" else _UNHELD
        return f"The {name}{titled} is being made.{unheld} {self.note}".rstrip()


async def place(
    work: Work,
    turn: Turn,
    ask: BaseModel,
    payload: Payload,
    *,
    makes: str,
    title: str,
    persona: Persona | None,
    needs: list[str] | None = None,
    alt_text: str = "",
    at_least: str = "general",
    seed: int | None = None,
    key: str | None = None,
    origin: str = "made",
) -> MediaQueued:
    """Queue the job; the same request twice in a turn is one, or whatever has the same `key`.

    Raises Unavailable when MAX_QUEUED jobs wait, Refused when the workspace's media have reached their limit, or for what is
    not pictured (`tools.picture_policy`).
    """
    key, note = key or turn.key(ask), ""
    if isinstance(payload, MakePicture | MakeClip):
        payload, at_least = await _pictured(work, turn, payload, persona, at_least)
        if isinstance(payload, MakePicture) and payload.face and await _is_the_same(work, payload, seed):
            payload = payload.model_copy(update={"face": payload.face.model_copy(update={"takes": 0})})
        payload, note = with_brought(payload, turn.settings)
        needs = payload.needs
    await _check_sources(work, payload, needs or [])
    if not await work.jobs.has(key):
        if await work.jobs.count("queued", "paused") >= MAX_QUEUED:
            raise Unavailable("The studio is full.", remedy="Wait a little, or cancel jobs.", retry_after_s=60)
        await storage.check_room(work, turn.settings)
    job = await work.jobs.queue(
        kind_of(payload),
        payload.model_dump(mode="json"),
        key=key,
        makes=makes,
        title=shortened(title),
        persona_id=persona.id if persona else None,
        needs=needs,
        conversation_id=turn.conversation,
        alt_text=alt_text,
        rating=await _strictest(work, needs or [], at_least),
        model=shelf_model(payload),
        seed=seed,
        origin=origin,
    )
    if job.asset_id is None:
        raise Refused("What this job made was removed.", remedy="Ask for it again.")
    asset = await work.assets.get(job.asset_id)
    card = isinstance(payload, DrawCard)
    face = payload.face if isinstance(payload, MakePicture | MakeClip) else None
    held = face is None or bool(face.held_by)
    return MediaQueued(
        job=job.id, asset=asset.id, kind=asset.kind, title=asset.title, card=card, likeness_held=held, note=note
    )


async def _pictured(
    work: Work, turn: Turn, payload: MakePicture | MakeClip, persona: Persona | None, at_least: str
) -> tuple[MakePicture | MakeClip, str]:
    """What a model is to picture, with the face and the consents that it needs, and whom it is fit for as far as is known.

    Raises Refused for what is not pictured.
    """
    mature = picture_policy.may_be_mature(turn.settings)
    consents = await picture_policy.check(work, _words(turn, payload), payload.negative, mature=mature)
    payload = payload.model_copy(update={"consents": tuple(consents)})
    if isinstance(payload, MakePicture):
        payload = await with_face(work, turn.settings, payload, persona)
    else:
        payload = await clip_with_face(work, payload, persona)
    # Whoever is on it may be shown in any way: nobody knows until a check or a person has looked (L11).
    unknown = bool(payload.needs) or picture_policy.shows_people(payload.prompt)
    return payload, "unknown" if unknown else at_least


async def _is_the_same(work: Work, payload: MakePicture, seed: int | None) -> bool:
    """Whether it is to be the very picture that was made before: that had her face or not, and is not made with other seeds."""
    if seed is None or payload.again_of is None:
        return False
    old = MakePicture.model_validate((await work.jobs.that_made(payload.again_of)).payload)
    of = [(one.prompt, one.negative, one.face and one.face.appearance) for one in (old, payload)]
    return of[0] == of[1]


def _words(turn: Turn, payload: MakePicture | MakeClip) -> str:
    """All that the model is told to show: the prompt, and what its LoRAs are called and put into it."""
    loras = [one.name for one in payload.loras] if isinstance(payload, MakePicture) else []
    entries = [one for one in shelf(turn.settings).entries("lora") if one.name in loras] if loras else []
    triggers = [word for one in entries for word in one.trigger_words]
    return ", ".join([payload.prompt, *(name.replace("_", " ") for name in loras), *triggers])


async def _check_sources(work: Work, payload: Payload, needs: list[str]) -> None:
    """Whatever is made of media, whichever door asked for it.

    Raises Refused for what a fan sent or was given, and where a model would start from somebody of whom nobody said who it
    is; Forbidden where a real person took their consent back.
    """
    by_a_model = isinstance(payload, MakePicture | MakeClip)
    face = payload.face.views if isinstance(payload, MakePicture | MakeClip) and payload.face else ()
    for one in (await work.assets.by_ids(needs)).values():
        if one.origin == "fan" or one.fan_id:
            raise Refused("What a fan sent stays in their conversation.", remedy="Use something of your own.")
        if by_a_model and one.id not in face and not says_whom_it_shows(one):
            raise Refused(f"Whom does the uploaded picture “{one.title or one.id}” show?", remedy=WHOM)
        for consent in consents_of(one.provenance):
            await work.consents.holding(consent)


async def _strictest(work: Work, needs: list[str], at_least: str) -> str:
    """What is made of media is fit for those whom all of them are fit for."""
    return strictest({at_least, *(asset.rating for asset in (await work.assets.by_ids(needs)).values())})


def kind_of(payload: Payload) -> str:
    return next(kind for kind, shape in KINDS.items() if isinstance(payload, shape))


def shortened(title: str) -> str:
    """One line of at most 60 characters, cut at a word."""
    line = " ".join(title.split())
    if len(line) <= _TITLE_CHARACTERS:
        return line
    cut = line[: _TITLE_CHARACTERS - 1]
    whole = cut.rpartition(" ")[0]
    return (whole if len(whole) > _TITLE_CHARACTERS // 2 else cut) + "…"


def seed_of(*parts: object) -> int:
    """A job's seed that follows from these parts: another one for others, and the same again for the same."""
    return int.from_bytes(hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=5).digest())


async def persona_meant(work: Work, name: str | None, prompt: str) -> tuple[Persona | None, Character | None, str]:
    """The persona that was named, else the first of whom the words speak, with its character; and what to say of others."""
    told = {one.name: at for one in await work.personas.all() if (at := stands_at(one.name, prompt)) is not None}
    persona, character = await persona_named(work, name or min(told, key=lambda one: told[one], default=None))
    if persona is None:
        return None, None, ""
    others = [one for one in told if one != persona.name]
    said = [
        "" if name else _HERS.format(name=persona.name),
        _ONE_FACE.format(others=" and ".join(others)) if others else "",
    ]
    return persona, character, " ".join(filter(None, said))


async def persona_named(work: Work, name: str | None) -> tuple[Persona | None, Character | None]:
    """The persona that was named, with its character; neither when none was."""
    if not name:
        return None, None
    persona = await work.personas.named(name)
    return persona, Character.model_validate(persona.character)
