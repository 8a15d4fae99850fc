"""What is a video told? An edit list: scenes in order, speech, music, captions, titles, a logo. Light: pydantic only.

Whatever is None is settled when the video is made (`gpu_worker.video.timeline`): lengths that follow the speech, captions
that follow its words. The list that was settled is kept with the video, can be changed, and gives the next one.
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from gator.errors import Refused

Motion = Literal["none", "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down"]
Fit = Literal["cover", "contain", "blur"]
Cut = Literal["cut", "fade", "slide", "wipe"]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]

MIN_FPS, MAX_FPS = 24, 60
MOST_SCENES, MOST_SPEECHES, MOST_TITLES, MOST_CUES = 200, 100, 100, 2000
LONGEST_EDIT_S = 600
LEAST_SIDE_PX, MOST_SIDE_PX, MOST_PIXELS = 64, 4096, 4096 * 2304
_MOST_PROBLEMS = 3

AssetId = Annotated[str, Field(min_length=1, max_length=64)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_EDIT_S, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=LONGEST_EDIT_S, allow_inf_nan=False)]
Gain = Annotated[float, Field(ge=-60, le=24, allow_inf_nan=False)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Transition(Part):
    """How a scene comes after the one before, which goes on underneath; the first comes out of the background.

    It takes no time of its own: it is the beginning of the scene, at most half of it.
    """

    kind: Cut = "cut"
    length_s: float = Field(0.6, gt=0, le=5, allow_inf_nan=False)


class Scene(Part):
    """A picture, or a part of a moving picture."""

    asset: AssetId
    kind: Literal["still", "clip"] = "still"
    in_s: Seconds = Field(0.0, description="where in the clip it begins")
    duration_s: Length | None = Field(
        None, description="None: a clip to its end; a picture an equal share of what is left, or 4 s"
    )
    motion: Motion = Field("none", description="of a picture: how the view of it moves")
    fit: Fit = Field(
        "blur", description="fill the frame and cut, or whole: on the background, or on its own colours, blurred"
    )
    transition: Transition = Transition()
    title: str = Field("", max_length=200, description="large words over it for as long as it is seen")
    gain_db: Gain | None = Field(None, description="of a clip's own sound; None: it is not heard")
    hold: bool = Field(
        False, description="of a clip: whether its last picture stays, where the scene is longer than it"
    )

    @model_validator(mode="after")
    def _only_clips_have_time_and_sound(self) -> Self:
        if self.kind == "still" and (self.in_s or self.gain_db is not None or self.hold):
            raise ValueError("a picture has no in_s, no sound and no end to hold; only a clip has")
        if self.kind == "clip" and self.motion != "none":
            raise ValueError("a clip moves by itself; only a picture has a motion")
        return self


class Speech(Part):
    """A recording of a voice. Music goes down while it is heard."""

    asset: AssetId
    at_s: Seconds = 0.0
    gain_db: Gain = 0.0
    scene: int | None = Field(
        None,
        ge=0,
        lt=MOST_SCENES,
        description="the place of the scene, from 0, that it is said to: `at_s` counts from there, and without a length of"
        " its own the scene lasts as long as it takes; the list's length is then the least",
    )


class Music(Part):
    """A recording that plays underneath, again and again to the end."""

    asset: AssetId
    gain_db: Gain = 0.0
    duck_db: float = Field(-12.0, ge=-60, le=0, allow_inf_nan=False, description="what it goes down by under a voice")


class Cue(Part):
    """Words that are read together, and when each of them is said."""

    text: str = Field(min_length=1, max_length=500)
    start_s: Seconds
    end_s: Seconds
    words: tuple[tuple[str, Seconds, Seconds], ...] = Field((), max_length=200)

    @model_validator(mode="after")
    def _it_takes_time(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError(f"the caption '{self.text[:40]}' ends before it begins")
        return self


class Captions(Part):
    show: Literal["burnt", "file", "both", "none"] = Field(
        "both", description="drawn into the frames, kept beside the video as SRT and WebVTT, both, or none"
    )
    style: Literal["phrase", "word"] = Field("word", description="word: the word that is being said stands out")
    text: str | None = Field(None, max_length=20_000, description="what they say; None: what the speeches say")
    cues: tuple[Cue, ...] | None = Field(
        None,
        max_length=MOST_CUES,
        description="with their times; None: those of the speeches, or `text` spread over them",
    )


class Title(Part):
    """Large words over whatever is seen."""

    text: str = Field(min_length=1, max_length=200)
    at_s: Seconds = 0.0
    duration_s: Length = 3.0
    place: Literal["top", "middle", "bottom"] = "middle"


class Logo(Part):
    """A picture in a corner all the time; what is transparent in it stays so."""

    asset: AssetId
    corner: Corner = "top_right"
    share: float = Field(0.14, ge=0.02, le=0.5, description="its width, as a share of the frame's shorter side")


class EditList(Part):
    """A video before it is made. Times are seconds from its beginning."""

    width: int = Field(1080, ge=LEAST_SIDE_PX, le=MOST_SIDE_PX, multiple_of=2)
    height: int = Field(1920, ge=LEAST_SIDE_PX, le=MOST_SIDE_PX, multiple_of=2)
    fps: int = Field(30, ge=MIN_FPS, le=MAX_FPS)
    background: str = Field("#101012", pattern=r"^#[0-9a-fA-F]{6}$")
    duration_s: Length | None = Field(
        None, description="None: the sum of the scenes, or as long as the speech and half a second"
    )
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=MOST_SCENES)
    speech: tuple[Speech, ...] = Field((), max_length=MOST_SPEECHES)
    music: Music | None = None
    captions: Captions = Captions()
    titles: tuple[Title, ...] = Field((), max_length=MOST_TITLES)
    logo: Logo | None = None

    @model_validator(mode="after")
    def _it_can_be_made(self) -> Self:
        if self.width * self.height > MOST_PIXELS:
            raise ValueError(f"{self.width} x {self.height} is too large: 4096 x 2304 is the most")
        if any(each.scene is not None and each.scene >= len(self.scenes) for each in self.speech):
            raise ValueError(f"a speech is said to a scene that is not there: there are {len(self.scenes)}")
        known_s = sum(scene.duration_s or 0 for scene in self.scenes)
        if known_s > LONGEST_EDIT_S:
            raise ValueError(f"the scenes last {known_s:.0f} s; a video holds {LONGEST_EDIT_S} s")
        return self

    @property
    def needs(self) -> list[str]:
        """The assets that it is made of, each once, in the order of their parts."""
        used = [scene.asset for scene in self.scenes] + [each.asset for each in self.speech]
        used += [part.asset for part in (self.music, self.logo) if part]
        return list(dict.fromkeys(used))


def read_edit_list(told: str | bytes | dict[str, Any]) -> EditList:
    """The list that somebody wrote. Raises Refused, saying which of its parts is wrong and how."""
    try:
        return EditList.model_validate(told) if isinstance(told, dict) else EditList.model_validate_json(told)
    except ValidationError as wrong:
        problems = [_problem(each) for each in wrong.errors() if not _follows(each, wrong)]
        more = f"; and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
        said = "; ".join(problems[:_MOST_PROBLEMS]) + more
        raise Refused(f"The edit list cannot be used: {said}.", remedy="Change that, and send it again.") from wrong


def _follows(one: ErrorDetails, all_of_them: ValidationError) -> bool:
    """Whether it only says that a list is too short without those of its items that are wrong."""
    place = one["loc"]
    return one["type"] == "too_short" and any(
        len(each["loc"]) > len(place) and each["loc"][: len(place)] == place for each in all_of_them.errors()
    )


def _problem(one: ErrorDetails) -> str:
    place = re.sub(r"\.(\d+)", r"[\1]", ".".join(map(str, one["loc"])))
    limits = one.get("ctx", {})
    if one["type"] == "json_invalid":
        return f"it is no JSON ({limits['error']})"
    if one["type"] == "too_long":
        return f"{place} has {limits['actual_length']} items, and may have {limits['max_length']}"
    if one["type"] == "too_short":
        return f"{place} has no items, and needs {limits['min_length']}"
    said = one["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
