"""Which kinds of jobs are there, and what is each told? Light to import: all that other rooms see of the worker."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Design = Literal["bold", "quote", "editorial", "gradient", "minimal"]
PictureFormat = Literal["square", "portrait", "landscape", "story"]
SoundFormat = Literal["wav", "ogg", "mp3"]
VideoFormat = Literal["9:16", "1:1", "16:9"]

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


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DrawCard(Payload):
    """`picture.card`: a typographic card, sRGB PNG."""

    text: str
    headline: str = ""
    attribution: str = ""
    design: Design = "bold"
    format: PictureFormat = "square"


class Speak(Payload):
    """`voice.speak`: text read aloud."""

    text: str
    language: str = "en"  # BCP 47
    voice: str = ""  # an engine's voice variant; empty for the language's own
    pitch: int = Field(50, ge=0, le=99)
    speed: float = Field(1.0, ge=0.5, le=2.0)  # 1.0 is some 175 words a minute
    format: SoundFormat = "mp3"


class MakeVideo(Payload):
    """`video.make`: pictures in order, speech, captions burnt in, a music bed; H.264 and AAC in MP4."""

    pictures: list[str]  # asset ids
    speech: str | None = None  # asset id
    captions: str = ""
    music: str | None = None  # asset id
    format: VideoFormat = "9:16"
    duration_s: float | None = Field(None, gt=0, le=LONGEST_VIDEO_S)  # default: the speech's length, or 4 s a picture


KINDS: dict[str, type[Payload]] = {"picture.card": DrawCard, "voice.speak": Speak, "video.make": MakeVideo}
