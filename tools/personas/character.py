"""What is a persona? Its character: deep, typed, an adult. Kept as JSON in `Persona.character`, a version for each change.

This module knows shapes and lengths only; whether a character may come in at all is `tools.personas.admission`'s question.
"""

import hashlib
import re
import unicodedata
import warnings
from datetime import time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gpu_worker.jobs import VOICE_PROVIDER, Design, Emotion, PictureFormat, SoundFormat, VideoFormat
from tools.personas.lorebook import Lorebook

ADULT = 18
USUAL_AGE = 25  # of a persona of whom nothing says how old it is
RESERVED_SLUGS = frozenset({"gator", "new"})  # `gator` is the operator's agent in /v1/models

# BCP 47 (RFC 5646 section 2.1), the common part: language, then script, region, variants, extensions.
_LANGUAGE = re.compile(
    r"[a-zA-Z]{2,3}(-[a-zA-Z]{4})?(-([a-zA-Z]{2}|\d{3}))?(-([a-zA-Z\d]{5,8}|\d[a-zA-Z\d]{3}))*(-[a-wyzA-WYZ\d](-[a-zA-Z\d]{2,8})+)*(-x(-[a-zA-Z\d]{1,8})+)?"
)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"'{tag}' is no language tag; write it like en, pt-BR or zh-Hant")
    return tag


def _zone(name: str) -> str:
    try:
        return name if not name else ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError(f"'{name}' is no time zone; write it like Europe/Lisbon") from unknown


def _wall_time(text: str) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M") if text else ""
    except ValueError as unknown:
        raise ValueError(f"'{text}' is no time of day; write it like 23:00") from unknown


def _once(items: list[str]) -> list[str]:
    """Without blanks and without saying anything twice, whatever its case."""
    first: dict[str, str] = {}
    for item in items:
        first.setdefault(item.casefold(), item)
    first.pop("", None)
    return list(first.values())


Line = Annotated[str, AfterValidator(_one_line), StringConstraints(max_length=300)]
Phrase = Annotated[str, AfterValidator(_one_line), StringConstraints(max_length=2000)]
Prose = Annotated[str, StringConstraints(max_length=200_000)]
Phrases = Annotated[list[Phrase], Field(max_length=200), AfterValidator(_once)]
Language = Annotated[str, AfterValidator(_language)]
WallTime = Annotated[str, AfterValidator(_wall_time)]  # as 23:00; empty for none
Languages = Annotated[list[Language], Field(max_length=30), AfterValidator(_once)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Look(Part):
    summary: Prose = ""
    hair: Line = ""
    eyes: Line = ""
    skin: Line = ""
    build: Line = ""
    height_cm: int | None = Field(None, ge=50, le=300)
    style: Phrase = ""
    marks: Phrases = []


class Voice(Part):
    """How it sounds; units are those of `gpu_worker.jobs.Speak`. `variant` is the offline engine's, `name` the provider's."""

    provider: Annotated[str, StringConstraints(pattern=rf"^$|{VOICE_PROVIDER}")] = ""  # empty: GATOR_VOICE
    name: Line = ""  # a voice of that provider's, by name or id
    emotion: Emotion = ""
    stability: float | None = Field(None, ge=0, le=1)  # these three of ElevenLabs' voices
    similarity: float | None = Field(None, ge=0, le=1)
    style: float | None = Field(None, ge=0, le=1)

    language: Language | None = None
    pitch: int = Field(50, ge=0, le=99)
    speed: float = Field(1.0, ge=0.5, le=2.0)
    variant: Line = ""
    notes: Prose = ""


with warnings.catch_warnings():
    # `register` is the linguist's word; the metaclass has a method of that name (ABCMeta.register), which nobody calls here.
    warnings.filterwarnings("ignore", message='Field name "register"')

    class Speech(Part):
        register: Line = ""
        style: Phrase = ""
        quirks: Phrases = []
        signature_phrases: Phrases = []
        forbidden_phrases: Phrases = []
        emoji: Literal["none", "rare", "often"] = "rare"
        example_dialogue: Prose = ""


class Models(Part):
    """Which models it prefers, named as in GATOR_MODEL; empty for the workspace's own. Only configured ones are asked."""

    chat: Line = ""
    fallbacks: list[Line] = Field([], max_length=10)
    temperature: float | None = Field(None, ge=0, le=2)


class Media(Part):
    card_design: Design = "bold"
    picture_format: PictureFormat = "square"
    sound_format: SoundFormat = "mp3"
    video_format: VideoFormat = "9:16"
    # Of pictures by a model: what each of this persona is made with.
    picture_style: Phrase = ""  # said after what is to be seen: "35 mm film, soft light"
    picture_negative: Prose = ""
    picture_model: Line = ""  # named as in GATOR_IMAGE_MODEL
    picture_steps: int | None = Field(None, ge=1, le=200)
    picture_guidance: float | None = Field(None, ge=0, le=30)
    picture_loras: list[Line] = Field(
        [], max_length=8
    )  # by their names in the models folder, "name:0.8" for their weight


class Pace(Part):
    """How fast it reads and writes to fans. A number given holds whatever the style; operators never wait."""

    style: Literal["instant", "natural", "slow"] = "instant"
    reading_cps: float | None = Field(None, ge=1, le=1000)  # characters a second
    typing_cps: float | None = Field(None, ge=1, le=1000)
    longest_s: float = Field(12, ge=0, le=60)  # most that it reads, or types at one piece
    split: bool | None = None  # long replies in human pieces; left out, the style says
    # Its night, by the clock in its own zone: it answers in the morning. Both or neither.
    quiet_from: WallTime = ""
    quiet_until: WallTime = ""

    @model_validator(mode="after")
    def _a_night_has_two_ends(self) -> Self:
        if bool(self.quiet_from) != bool(self.quiet_until) or (self.quiet_from and self.quiet_from == self.quiet_until):
            raise ValueError("quiet hours need quiet_from and quiet_until, and not the same")
        return self

    @property
    def reads_cps(self) -> float:
        """0: at once."""
        return self.reading_cps or {"instant": 0.0, "natural": 40.0, "slow": 20.0}[self.style]

    @property
    def types_cps(self) -> float:
        return self.typing_cps or {"instant": 0.0, "natural": 12.0, "slow": 5.0}[self.style]

    @property
    def splits(self) -> bool:
        return self.style != "instant" if self.split is None else self.split


class Remembering(Part):
    """How it remembers fans. Nothing is deleted by it: age only orders what is recalled."""

    half_life_days: float = Field(60, ge=1, le=3650)  # after which a memory that was never used counts half
    model: Line = ""  # which configured model writes episodes down and looks for facts; empty: the one that chats


class Budget(Part):
    """What one fan may cost with it in a day. A number given replaces the workspace's; 0: no limit."""

    fan_daily_usd: float | None = Field(None, ge=0, allow_inf_nan=False)
    fan_daily_tokens: int | None = Field(None, ge=0)


class Character(Part):
    """All that makes a persona; what is empty is unknown."""

    name: Annotated[str, AfterValidator(_one_line), StringConstraints(min_length=1, max_length=100)]
    nickname: Line = ""
    age: int = Field(USUAL_AGE, ge=ADULT, le=120)
    pronouns: Line = ""
    tagline: Line = ""
    occupation: Line = ""
    home: Line = ""
    time_zone: Annotated[str, AfterValidator(_zone)] = ""
    languages: Languages = []
    look: Look = Look()
    voice: Voice = Voice()
    backstory: Prose = ""
    traits: Phrases = []
    interests: Phrases = []
    boundaries: Phrases = []
    speech: Speech = Speech()
    greeting: Prose = ""
    alternate_greetings: list[Prose] = Field([], max_length=200)
    scenario: Prose = ""
    system_note: Prose = ""  # instructions before the conversation
    closing_note: Prose = ""  # instructions after it
    lorebook: Lorebook = Lorebook()
    rating: Literal["general", "mature"] = "general"
    models: Models = Models()
    media: Media = Media()
    pace: Pace = Pace()
    memory: Remembering = Remembering()
    budget: Budget = Budget()
    tags: Phrases = []
    creator: Line = ""
    notes: Prose = ""  # for operators, never for a model

    @property
    def language(self) -> str:
        """The one it speaks first."""
        return self.languages[0] if self.languages else "en"


def slug_of(name: str) -> str:
    """A short name for URLs: "Zoë O'Hara" is `zoe-o-hara`; a name without Latin letters gets one made from its hash."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug or "persona-" + hashlib.sha256(name.encode()).hexdigest()[:6]
