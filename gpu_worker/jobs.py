"""Which kinds of jobs are there, and what is each told? Light to import: all that other rooms see of the worker."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gpu_worker.edit_list import EditList

Design = Literal["bold", "quote", "editorial", "gradient", "minimal"]
PictureFormat = Literal["square", "portrait", "landscape", "story"]
SoundFormat = Literal["wav", "ogg", "mp3"]
VideoFormat = Literal["9:16", "1:1", "16:9"]
# What holds a face; empty: nothing could.
HeldBy = Literal["", "ip-adapter", "img2img", "provider", "first-frame"]
Emotion = Literal["", "cheerful", "excited", "calm", "tender", "serious", "sad", "angry", "whispering"]

# Sizes that the platforms show uncropped: feed square and 4:5, link preview 16:9, story 9:16.
PICTURE_SIZES_PX: dict[str, tuple[int, int]] = {
    "square": (1080, 1080),
    "portrait": (1080, 1350),
    "landscape": (1200, 675),
    "story": (1080, 1920),
}
VIDEO_SIZES_PX: dict[str, tuple[int, int]] = {"9:16": (1080, 1920), "1:1": (1080, 1080), "16:9": (1920, 1080)}
# What still reads on a telephone; more belongs in the post's own text.
CARD_CHARACTERS: dict[str, int] = {"text": 1500, "headline": 200, "attribution": 120}
SPEECH_CHARACTERS = 10_000  # some ten minutes
LONGEST_VIDEO_S = 180
PROMPT_CHARACTERS = 8000
MIN_SIDE_PX, MAX_SIDE_PX = 64, 4096
LONGEST_CLIP_FRAMES = 3600
VOICE_PROVIDER = r"^(espeak|piper|xtts|(openai|elevenlabs)(:[\w./-]+)?)$"
PROVIDERS = ("openai", "comfyui", "runway")  # who makes media elsewhere: no device of ours is needed for theirs


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DrawCard(Payload):
    """`picture.card`: a typographic card, sRGB PNG."""

    text: str
    headline: str = ""
    attribution: str = ""
    design: Design = "bold"
    format: PictureFormat = "square"
    captions: bool = False  # room at its foot for captions of two lines: it becomes a scene of a video
    look: int | None = Field(None, ge=0)  # the seed of its palette, for cards that belong together; None: the job's own


class MakeThumbnail(Payload):
    """`picture.thumbnail`: a frame of a video that says the most, with a title on it where one is told, sRGB PNG."""

    video: str  # asset id
    scene: int | None = Field(None, ge=1)  # of which scene, from 1; None: of any
    place: int = Field(0, ge=0)  # 0 the frame that says the most, 1 the next: for whoever wants another one
    title: str = Field("", max_length=200)
    format: PictureFormat = "square"
    look: int = Field(0, ge=0)

    @property
    def needs(self) -> list[str]:
        return [self.video]


class Speak(Payload):
    """`voice.speak`: text read aloud. What a provider does not offer it leaves out."""

    text: str
    language: str = "en"  # BCP 47
    provider: str = Field("espeak", pattern=VOICE_PROVIDER)  # who speaks, by which model of theirs
    voice: str = ""  # a voice of the provider's, by name or id; empty for the language's own
    pitch: int = Field(50, ge=0, le=99)
    speed: float = Field(1.0, ge=0.5, le=2.0)  # 1.0 is some 175 words a minute
    emotion: Emotion = ""
    # Of ElevenLabs' voices; None: as the voice has it.
    stability: float | None = Field(None, ge=0, le=1)
    similarity: float | None = Field(None, ge=0, le=1)
    style: float | None = Field(None, ge=0, le=1)
    consent: str = ""  # id of the consent by which the voice was cloned
    format: SoundFormat = "mp3"


class MakeVideo(Payload):
    """`video.make`: what an edit list tells; H.264 and AAC in MP4."""

    edit: EditList


class Lora(Payload):
    """A LoRA of the shelf and how strongly it works."""

    name: str
    weight: float = Field(1.0, ge=-2, le=2)


class Control(Payload):
    """A picture whose pose, edges or depth are followed, by a ControlNet of the shelf."""

    name: str
    asset: str
    strength: float = Field(1.0, ge=0, le=2)


class Face(Payload):
    """Whose face a picture has: a persona's, as a person approved it."""

    appearance: str  # id
    views: tuple[str, ...] = Field(min_length=1, max_length=8)  # assets that it is compared with, the best first
    threshold: float | None = Field(None, ge=0, le=1)  # how alike it must be; None: as measured for the encoder
    held_by: HeldBy = ""  # what makes it come out
    takes: int = Field(2, ge=0, le=5)  # how often it is made again, with another seed, when another face came out


class Brought(Payload):
    """What the models of an order brought of their own when it was given: by it the same order makes the same once more."""

    steps: int | None = Field(None, ge=1, le=200)
    guidance: float | None = Field(None, ge=0, le=30)
    negative: str = ""
    files: dict[str, str] = {}  # a fingerprint of what was to be loaded, by its name


class MakePicture(Payload):
    """`picture.make`: a picture by a model of the shelf or of a provider, sRGB PNG of exactly the asked size.

    What is None is the model's own: as `brought`, else as its shelf entry or its family has it. The seed is the job's.
    """

    prompt: str = Field(min_length=1, max_length=PROMPT_CHARACTERS)
    words: str = Field("", max_length=PROMPT_CHARACTERS)  # of the prompt what was asked for: no looks, no style
    negative: str = Field("", max_length=PROMPT_CHARACTERS)
    model: str  # a name on the shelf, or provider:name of PROVIDERS
    width: int = Field(1024, ge=MIN_SIDE_PX, le=MAX_SIDE_PX)
    height: int = Field(1024, ge=MIN_SIDE_PX, le=MAX_SIDE_PX)
    steps: int | None = Field(None, ge=1, le=200)
    guidance: float | None = Field(None, ge=0, le=30)
    loras: tuple[Lora, ...] = Field((), max_length=8)
    control: Control | None = None
    references: tuple[str, ...] = Field((), max_length=8)  # asset ids: who or what is to be recognised in it
    likeness: float = Field(0.6, ge=0, le=1)  # how much the references count
    start: str | None = None  # asset id: the picture that it starts from
    strength: float = Field(0.6, gt=0, le=1)  # how far it may leave the start; 1.0 leaves nothing of it
    mask: str | None = None  # asset id: white is painted anew, black stays as in `start`
    upscale: Literal[1, 2, 4] = 1  # times `width` and `height`
    face: Face | None = None  # who is on it
    view: str = Field("", max_length=32)  # which side of that face it is to show: made and checked by the seed alone
    again_of: str | None = None  # asset id: the picture that it is another take of
    brought: Brought | None = None
    consents: tuple[str, ...] = ()  # ids: of the real people who are on it

    @model_validator(mode="after")
    def _a_mask_lies_on_a_start(self) -> Self:
        if self.mask and not self.start:
            raise ValueError("a mask needs the picture that it lies on")
        return self

    @property
    def needs(self) -> list[str]:
        """The assets that it is made from."""
        views = self.face.views if self.face else ()
        used = (self.start, self.mask, self.control and self.control.asset, *self.references, *views)
        return list(dict.fromkeys(id for id in used if id))


class MakeClip(Payload):
    """`video.clip`: a moving picture of a video model of the shelf, H.264 in MP4, without sound.

    Longer than the model makes at once, it goes on from the last frame, as often as it takes.
    """

    prompt: str = Field("", max_length=PROMPT_CHARACTERS)
    words: str = Field("", max_length=PROMPT_CHARACTERS)  # of the prompt what was asked for: no looks, no style
    negative: str = Field("", max_length=PROMPT_CHARACTERS)
    model: str
    start: str | None = None  # asset id: the first frame
    again_of: str | None = None  # asset id: the clip that it is another take of
    frames: int = Field(49, ge=1, le=LONGEST_CLIP_FRAMES)
    fps: int = Field(16, ge=1, le=60)
    width: int = Field(832, ge=MIN_SIDE_PX, le=MAX_SIDE_PX)
    height: int = Field(480, ge=MIN_SIDE_PX, le=MAX_SIDE_PX)
    steps: int | None = Field(None, ge=1, le=200)
    guidance: float | None = Field(None, ge=0, le=30)
    brought: Brought | None = None
    face: Face | None = None  # who is in it: its frames are compared with that face, and not made again
    consents: tuple[str, ...] = ()  # ids: of the real people who are on it

    @model_validator(mode="after")
    def _something_is_shown(self) -> Self:
        if not self.prompt and not self.start:
            raise ValueError("a clip needs a prompt, a first frame, or both")
        return self

    @property
    def needs(self) -> list[str]:
        """Its first frame, and what it is compared with."""
        views = self.face.views if self.face else ()
        return list(dict.fromkeys(id for id in (self.start, *views) if id))


class PullModel(Payload):
    """`model.pull`: a model of a hub onto the shelf. It makes no media."""

    what: str = Field(min_length=1, max_length=200)  # a known name, or the hub's owner/name
    revision: str = Field("", max_length=200)
    files: tuple[str, ...] = Field((), max_length=32)
    name: str = Field("", max_length=64)
    kind: str = Field("", max_length=32)
    family: str = Field("", max_length=32)
    accept_licence: str = Field("", max_length=100)  # the one that was shown and accepted
    accepted_by: str = Field("", max_length=200)


KINDS: dict[str, type[Payload]] = {
    "picture.card": DrawCard,
    "picture.make": MakePicture,
    "picture.thumbnail": MakeThumbnail,
    "voice.speak": Speak,
    "video.make": MakeVideo,
    "video.clip": MakeClip,
    "model.pull": PullModel,
}
ERRANDS = frozenset({"model.pull"})  # what is done without making media
SHORT = frozenset({"picture.card", "picture.thumbnail", "voice.speak"})  # done in seconds, if not told too much
SHORT_CHARACTERS = 600  # some 40 s of speech


def made_of(kind: str, payload: Mapping[str, Any], needs: Sequence[str]) -> list[str]:
    """Those of the assets that a job needs of which something is seen in what it makes; a clip is only compared with views."""
    if kind != "video.clip":
        return [*needs]
    return [payload["start"]] if payload.get("start") else []


def shelf_model(payload: Payload) -> str | None:
    """The model of the shelf that a device needs for this; None for what is made without one, or by a provider."""
    model = getattr(payload, "model", None)
    return None if model is None or str(model).partition(":")[0] in PROVIDERS else str(model)
