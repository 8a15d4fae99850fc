"""What is asked for when a reel is made or a step of it made again, and what is told of it?"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gpu_worker.jobs import VideoFormat
from tools.capability import Shape
from tools.personas.character import Language
from tools.productions.platforms import Platform, Words
from tools.productions.script import Script
from tools.wording import counted

SHORTEST_S, LONGEST_S = 5, 120
CUT_LOST = "What was changed of the video in its editor is lost."
_KINDS = {"picture": "picture", "clip": "clip", "voice": "voice-over"}
Step = Literal["script", "scene", "picture", "clip", "voice", "video", "posts", "thumbnail"]
ReelState = Literal["making", "ready", "failed"]
State = Literal["queued", "paused", "running", "done", "failed", "cancelled"]


class MakeReel(Shape):
    persona: str = Field(description="name of the persona who speaks in it")
    topic: str = Field("", max_length=500, description="what it is about, in a few words")
    story: str | None = Field(None, description="id of a feed's story that it tells; its words are quoted")
    text: str = Field(
        "",
        max_length=3000,
        description="what is said, word for word; left out: the persona writes it, a scene a paragraph",
    )
    length_s: float = Field(30, ge=SHORTEST_S, le=LONGEST_S, description="about how many seconds it lasts")
    format: VideoFormat = Field("9:16", description="9:16 vertical (reels, shorts, stories), 1:1 square, or 16:9 wide")
    platforms: list[Platform] = Field(
        ["instagram", "tiktok", "youtube"],
        max_length=12,
        description="where it is to be posted: a caption is written for each, within its limits; nothing is posted",
    )
    title: str = Field("", max_length=100, description="its title; left out: from the topic or the story")
    music: str | None = Field(None, description="id of a recording (asset) that plays quietly underneath")
    moving: bool = Field(
        False,
        description="scenes move: each is a clip by the video model where one is configured; left out, or where none is: stills"
        " with a slow motion",
    )
    media: list[str] = Field(
        default_factory=list,
        max_length=50,
        description="ids of pictures and clips (assets) that are there already, for the scenes in their order; the others are"
        " made",
    )
    language: Language | None = Field(
        None,
        description="language tag such as en or de, in which a persona speaks who has no language of her own; left out: en",
    )
    again: bool = Field(
        False, description="another one, though the same was asked for just now and is still being made"
    )


class StepAgain(Shape):
    step: Step = Field(description="what is made again; scene: its picture, or what `say` and `show` change of it")
    scene: int | None = Field(
        None,
        ge=1,
        le=50,
        description="number of the scene, for scene, picture, clip and voice; for the thumbnail, the scene it shows",
    )
    wish: Literal["", "shorter", "longer"] = Field("", description="how the script is to be; else it is another one")
    say: str = Field("", max_length=500, description="new words that are said in the scene")
    show: str = Field(
        "", max_length=500, description="new words on the scene's card, or what is to be seen on its picture"
    )
    asset: str = Field(
        "", max_length=64, description="id of a picture or clip that is there already, which the scene shows instead"
    )
    titled: bool | None = Field(None, description="of the thumbnail: whether the title is on it; left out: as it was")


class RedoReel(StepAgain):
    reel: str = Field("last", description='the reel\'s id, or "last" for the newest')


class Foreseen(Shape):
    """What is made again when a step is."""

    steps: list[str] = Field(description="names of the steps")
    texts: int = Field(0, description="how many texts to post are written anew")
    certain: bool = Field(True, description="false: as far as the words change, which nobody has written yet")
    edited: bool = Field(False, description="what was changed of the video by itself is not in the new one")

    def in_words(self) -> str:
        made = _listed([*_counted(self.steps), *_texts(self.texts)]) or "nothing"
        lines = [f"{'Made again' if self.certain else 'Made again where the words change'}: {made}."]
        if self.edited:
            lines.append(CUT_LOST)
        return " ".join(lines)


def _counted(steps: Sequence[str]) -> Iterator[str]:
    """The steps by kind: the one of a scene by its number, several by how many they are."""
    for kind in ("script", "picture", "clip", "voice"):
        found = [name for name in steps if name.partition("-")[0] == kind]
        noun, number = _KINDS.get(kind, kind), found[0].partition("-")[2] if found else ""
        if len(found) == 1:
            yield f"the {noun} of scene {number}" if number else f"the {noun}"
        elif found:
            yield f"{len(found)} {noun}s"
    yield from (f"the {kind}" for kind in ("video", "thumbnail") if kind in steps)


def _texts(count: int) -> list[str]:
    return [counted(count, "text") + " to post"] if count else []


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


class NameReel(Shape):
    reel: str = Field("last", description='the reel\'s id, or "last" for the newest')


class ListReels(Shape):
    limit: int = Field(10, ge=1, le=50, description="how many at most, newest first")


class Thumbnail(BaseModel):
    """Which frame of the video it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scene: int | None = None  # from 1; None: that with the most to see
    place: int = 0  # how many that would do were passed over
    titled: bool | None = None  # None: where the pictures do not say it by themselves


class Brief(BaseModel):
    """What a production was asked to be, as it is kept with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str
    story: str | None = None
    text: str = ""
    length_s: float
    format: VideoFormat
    platforms: tuple[Platform, ...] = ()
    music: str | None = None
    drawn: bool  # cards of words; else pictures of an image model
    look: int  # the seed of its palette
    moving: bool = False  # scenes are clips
    thumbnail: Thumbnail = Thumbnail()
    language: str = ""  # in which it is written; none: the persona's own
    redone: str = ""  # the key of the last request to make something again


class StepShown(Shape):
    name: str
    kind: str
    scene: int | None = None
    state: State
    progress: float  # 0-1
    eta_s: float | None = None
    take: int = Field(description="how often it was made")
    job: str | None = None
    asset: str | None = None
    shown: str | None = Field(None, description="id of what can be looked at; what it made last, while another is made")
    edited: bool = Field(False, description="a video that was cut anew by itself")
    error: str = ""
    inputs: dict[str, Any] = Field(description="what it is made of")

    def in_words(self) -> str:
        name = f"{_KINDS.get(self.kind, self.kind)} of scene {self.scene}" if self.scene else self.kind
        how_far = f" {self.progress:.0%}" if self.state == "running" else ""
        more = f"{', edited' if self.edited else ''}{f', take {self.take}' if self.take > 1 else ''}"
        return f"{name}: {self.state}{how_far}{more}. {self.error}".strip()


class ReelShown(Shape):
    """`asset` is the video's id from now on, though it may still be in the making."""

    id: str
    title: str
    persona: str | None = None  # name
    state: ReelState
    progress: float  # 0-1
    eta_s: float | None = None
    asset: str | None = None
    shown: str | None = Field(None, description="id of the video that can be seen: the last one while another is made")
    thumbnail: str | None = None  # id of an asset
    length_s: float | None = Field(None, description="of the video, once it is made; before, about")
    script: Script
    posts: dict[Platform, Words] = Field(default_factory=dict, description="what to post with it, by platform")
    steps: list[StepShown]
    note: str = ""

    def in_words(self) -> str:
        scenes = f"{len(self.script.scenes)} scenes" if len(self.script.scenes) > 1 else "one scene"
        length = f", about {self.length_s:.0f} s" if self.length_s else ""
        with_whom = f" with {self.persona}" if self.persona else ""
        failed = [step for step in self.steps if step.state in ("failed", "cancelled")]
        state = {
            "making": f"is being made: {self.progress:.0%}"
            + (f", about {self.eta_s:.0f} s to go" if self.eta_s else ""),
            "ready": "is ready",
            "failed": "was stopped" if any(step.state == "cancelled" for step in failed) else "could not be made",
        }[self.state]
        lines = [f'The reel "{self.title}"{with_whom} {state} ({scenes}{length}).', self.note]
        lines += [f"- {step.in_words()}" for step in failed]
        if failed and self.state == "failed":
            again = f"{failed[0].kind} --scene {failed[0].scene}" if failed[0].scene else failed[0].kind
            lines.append(f"Make the first of these again, and the rest follows: `gator reel redo {again}`.")
        return "\n".join(line for line in lines if line)


class ReelSeen(Shape):
    """A reel in a list."""

    id: str
    title: str
    persona: str | None = None
    state: ReelState
    progress: float
    asset: str | None = None
    shown: str | None = Field(None, description="id of the video that can be seen")
    cancelled: bool = Field(False, description="whether a step of it was cancelled")
    error: str = Field("", description="why it failed")

    def in_words(self) -> str:
        why = f" ({self.error.rstrip('.')})" if self.error else ""
        failed = "cancelled" if self.cancelled else f"failed{why}"
        state = {"making": f"{self.progress:.0%} made", "failed": failed}.get(self.state, self.state)
        return f'"{self.title}"{f" with {self.persona}" if self.persona else ""}: {state}'


class ReelList(Shape):
    reels: list[ReelSeen]

    def in_words(self) -> str:
        return "\n".join(f"- {one.in_words()}" for one in self.reels) or "There are no reels yet."
