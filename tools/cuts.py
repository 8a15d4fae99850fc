"""Cuts: change a video's edit list by what is to be done to it, and have it made again. Doors: agents, REST, MCP.

Whoever says "make the second scene two seconds longer" need not know the list: an operation is found in it, done, checked and
rendered as a list that the editor sent (`tools.edits`).
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import accumulate
from typing import Annotated, Any, Literal

from pydantic import Field

from gator.errors import NotFound, Refused
from gpu_worker.edit_list import LONGEST_EDIT_S, MOST_SCENES, Cut, EditList, Motion, read_edit_list
from memory.models import Asset
from memory.work import Work
from tools import edits
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.edit_draft import Draft
from tools.orders import MediaQueued, seed_of

MOST_OPERATIONS = 40
_LOOKED_BACK = 20  # videos, for the newest that was made of an edit list
_NEWEST = ("last", "latest", "newest", "")
_TITLE_S = 3.0
_SAME_S = 0.001  # lengths are told in milliseconds
_NO_MUSIC = "no music"
_SHOWN = {"both": "in the picture and as files", "burnt": "in the picture", "file": "as files only", "none": "off"}
SceneNumber = Annotated[
    int, Field(ge=-MOST_SCENES, le=MOST_SCENES, description="its number, the first is 1; -1 is the last")
]


class ChangeLength(Shape):
    """How long a scene is seen: by so much longer or shorter, or so long."""

    do: Literal["length"]
    scene: SceneNumber
    by_s: float | None = Field(
        None, ge=-LONGEST_EDIT_S, le=LONGEST_EDIT_S, description="seconds longer; shorter below 0"
    )
    to_s: float | None = Field(None, gt=0, le=LONGEST_EDIT_S, description="its length in seconds, instead of by_s")


class DropScene(Shape):
    """Leave a scene out; what is said to it goes with it."""

    do: Literal["drop"]
    scene: SceneNumber


class SwapScenes(Shape):
    do: Literal["swap"]
    scene: SceneNumber
    other: SceneNumber


class MoveScene(Shape):
    do: Literal["move"]
    scene: SceneNumber
    to: SceneNumber


class ChangeTitle(Shape):
    """The large words over the video, or over one scene."""

    do: Literal["title"]
    text: str = Field(max_length=200, description="empty: none")
    scene: SceneNumber | None = None


class ChangeMusic(Shape):
    do: Literal["music"]
    asset: str | None = Field(
        None, max_length=64, description="id of a recording; left out: no music, unless by_db is given"
    )
    by_db: float | None = Field(None, ge=-40, le=24, description="so much louder, quieter below 0, than it is")


class ChangeCaptions(Shape):
    do: Literal["captions"]
    show: Literal["burnt", "file", "both", "none"] = Field(
        description="drawn into the picture, as files beside it, both, or none"
    )


class ChangeMotion(Shape):
    """How the view of a still moves."""

    do: Literal["motion"]
    motion: Motion
    scene: SceneNumber | None = Field(None, description="left out: of all stills")


class ChangeTransition(Shape):
    """How a scene comes after the one before."""

    do: Literal["transition"]
    kind: Cut
    scene: SceneNumber | None = Field(None, description="left out: all but the first")


Operation = Annotated[
    ChangeLength
    | DropScene
    | SwapScenes
    | MoveScene
    | ChangeTitle
    | ChangeMusic
    | ChangeCaptions
    | ChangeMotion
    | ChangeTransition,
    Field(discriminator="do"),
]


class EditVideo(Shape):
    video: str = Field("last", description='the video\'s id, or "last" for the newest that can be edited')
    operations: list[Operation] = Field(
        default_factory=list,
        max_length=MOST_OPERATIONS,
        description="what is changed, in this order, each on what the ones before left; none: it is made again as it is",
    )
    version: int | None = Field(
        None,
        ge=0,
        le=edits.MOST_VERSIONS,
        description="how often it was changed when its list was read; left out: as it is now",
    )


class VideoEdited(MediaQueued):
    """The new video; the one that it is a change of stays. `version` is the one that was changed."""

    video: str
    version: int
    changes: list[str]

    def in_words(self) -> str:
        what = "; ".join(self.changes) if self.changes else "as it was"
        return f'The video "{self.title}" is being made again: {what}. {self.note}'.rstrip()


@capability(audience=STAFF, effect=Effect.write)
async def edit_video(ask: EditVideo, turn: Turn) -> VideoEdited:
    """Change a video that is there and have it made again: longer or shorter scenes, scenes left out, swapped or moved, its
    title, music, captions, motions and transitions. The old one stays. What is said and seen in a reel is redo_reel.

    The same request twice in a turn is one video. Raises Refused where the video has no such scene or the list does not fit,
    Conflict where somebody else changed that version.
    """
    async with turn.open_work() as work:
        seed = seed_of(turn.key(ask))
        old = await _meant(work, ask.video, seed)
        made = await edits.versions(work, old.id)
        known = next((number for number, job in enumerate(made) if job.seed == seed), None)
        before = await edits.edit_of(work, old)
        edit, changes = changed(before, ask.operations)
        version = ask.version if ask.version is not None else len(made) if known is None else known
        edits.check_version(version, len(made))
        queued = await edits.make_again(work, turn, ask, old, edit, version, seed=seed)
        return VideoEdited(**queued.model_dump(), video=old.id, version=version, changes=changes)


async def _meant(work: Work, name: str, seed: int) -> Asset:
    """The video that is named; the newest is never what a request with that seed made itself.

    Raises NotFound where there is no video, Refused where it was not made of an edit list.
    """
    if name.strip().casefold() not in _NEWEST:
        return await edits.video_named(work, name)
    for one in await work.assets.recent(kind="video", origin="made", limit=_LOOKED_BACK):
        if await edits.is_of_a_list(work, one) and (await work.jobs.that_made(one.id)).seed != seed:
            return one
    raise NotFound("There is no video to edit yet.", remedy="Make one first, or name it by its id.")


# What is done


def changed(edit: EditList, operations: Sequence[Operation]) -> tuple[EditList, list[str]]:
    """The list after these operations, and each of them in words.

    Raises Refused where one of them cannot be done, and where all of it is so already.
    """
    draft, said = Draft(edit), list[str]()
    as_it_was = before = deepcopy(draft.told)
    for one in operations:
        what = _DEEDS[one.do](draft, one)
        said.append(what if draft.told != before else _already(what))
        before = deepcopy(draft.told)
    if operations and before == as_it_was:
        if {*said} == {_already(_NO_MUSIC)}:
            raise _no_music()
        raise Refused("The video is like that already.", remedy="Say what else is to change.")
    _leave_out_titles(draft)
    return read_edit_list(draft.told), said


def _already(what: str) -> str:
    """Of what changed nothing."""
    return "the video has no music" if what == _NO_MUSIC else f"{what} already"


def _no_music() -> Refused:
    return Refused("The video has no music.", remedy="Name a recording that is to play underneath.")


def _place(draft: Draft, number: int) -> int:
    """Of a scene in the list. Raises Refused where there is none of that number."""
    count = len(draft.scenes)
    place = number - 1 if number > 0 else count + number
    if not number or not 0 <= place < count:
        scenes = f"{count} scenes" if count > 1 else "one scene"
        raise Refused(f"There is no scene {number}: the video has {scenes}.", remedy=f"Name one from 1 to {count}.")
    return place


def _length(draft: Draft, ask: ChangeLength) -> str:
    place = _place(draft, ask.scene)
    scene = draft.scenes[place]
    if (ask.by_s is None) == (ask.to_s is None):
        raise Refused("How long is the scene to be?", remedy="Say by how many seconds it changes, or how long it is.")
    if ask.to_s is None and scene["duration_s"] is None:
        raise Refused(
            f"How long scene {place + 1} lasts is not known before the video is made.",
            remedy="Wait until it is ready, or say how long the scene is to be.",
        )
    length_s = ask.to_s if ask.to_s is not None else round(scene["duration_s"] + (ask.by_s or 0.0), 3)
    if length_s <= 0:
        raise Refused(
            f"Scene {place + 1} lasts {scene['duration_s']:.1f} s only.", remedy="Leave it out, or shorten it by less."
        )
    if scene["duration_s"] is None or abs(scene["duration_s"] - length_s) > _SAME_S:
        draft.last(scene, length_s)
    return f"scene {place + 1} lasts {length_s:.1f} s"


def _drop(draft: Draft, ask: DropScene) -> str:
    place = _place(draft, ask.scene)
    if len(draft.scenes) == 1:
        raise Refused("It is the video's only scene.", remedy="Make another video instead.")
    length_s = draft.scenes[place]["duration_s"]
    draft.remove(place)
    if length_s and any(each["scene"] is None for each in draft.told["speech"]):
        _share(draft, length_s)
    return f"scene {place + 1} is left out"


def _share(draft: Draft, length_s: float) -> None:
    """A voice over all of the video goes on: the stills that stay take the time of the one that went."""
    stills = [one for one in draft.scenes if one["kind"] == "still" and one["duration_s"]]
    for one in stills:
        draft.last(one, round(one["duration_s"] + length_s / len(stills), 3))


def _swap(draft: Draft, ask: SwapScenes) -> str:
    first, second = sorted((_place(draft, ask.scene), _place(draft, ask.other)))
    if first == second:
        raise Refused("That is one and the same scene.", remedy="Name two scenes.")
    draft.move(second, first)
    draft.move(first + 1, second)
    _from_nothing(draft)
    return f"scenes {first + 1} and {second + 1} are swapped"


def _move(draft: Draft, ask: MoveScene) -> str:
    place, to = _place(draft, ask.scene), _place(draft, ask.to)
    if place != to:
        draft.move(place, to)
        _from_nothing(draft)
    return f"scene {place + 1} comes as number {to + 1}"


def _from_nothing(draft: Draft) -> None:
    """The way the first scene came stays with the first place: there is nothing that another one could come after."""
    first = draft.scenes[0]
    bare = next((one for one in draft.scenes[1:] if one["transition"]["kind"] == "cut"), None)
    if bare is not None and first["transition"]["kind"] != "cut":
        first["transition"], bare["transition"] = bare["transition"], first["transition"]


def _title(draft: Draft, ask: ChangeTitle) -> str:
    text = " ".join(ask.text.split())
    if ask.scene is not None:
        place = _place(draft, ask.scene)
        draft.scenes[place]["title"] = text
        return f'scene {place + 1} has the title "{text}"' if text else f"scene {place + 1} has no title"
    titles: list[dict[str, Any]] = draft.told["titles"]
    over_first = draft.scenes[0]["title"]
    if not text:
        titles.clear()
        for scene in draft.scenes:
            scene["title"] = ""
        return "no titles"
    if titles:
        titles[0]["text"] = text
    elif over_first:
        draft.scenes[0]["title"] = text
    else:
        titles.append({"text": text, "at_s": 0.0, "duration_s": _TITLE_S, "place": "top"})
    return f'the title is "{text}"'


def _music(draft: Draft, ask: ChangeMusic) -> str:
    if ask.asset:
        kept = draft.told["music"] or {}
        draft.told["music"] = {**kept, "asset": ask.asset}
        return "this music" if kept.get("asset") == ask.asset else "other music"
    if ask.by_db is None:
        draft.told["music"] = None
        return _NO_MUSIC
    if draft.told["music"] is None:
        raise _no_music()
    draft.told["music"]["gain_db"] = draft.told["music"].get("gain_db", 0.0) + ask.by_db
    return f"music {'louder' if ask.by_db > 0 else 'quieter'}"


def _captions(draft: Draft, ask: ChangeCaptions) -> str:
    draft.told["captions"]["show"] = ask.show
    return f"captions {_SHOWN[ask.show]}"


def _motion(draft: Draft, ask: ChangeMotion) -> str:
    chosen = draft.scenes if ask.scene is None else [draft.scenes[_place(draft, ask.scene)]]
    stills = [one for one in chosen if one["kind"] == "still"]
    if not stills:
        raise Refused("A clip moves by itself.", remedy="Name a scene that is a picture.")
    for one in stills:
        one["motion"] = ask.motion
    return f"{ask.motion.replace('_', ' ')} in {_which(draft, ask.scene)}"


def _transition(draft: Draft, ask: ChangeTransition) -> str:
    chosen = draft.scenes[1:] if ask.scene is None else [draft.scenes[_place(draft, ask.scene)]]
    for one in chosen:
        one["transition"]["kind"] = ask.kind
    return f"{_which(draft, ask.scene)} by a {ask.kind}"


def _which(draft: Draft, number: int | None) -> str:
    return "all scenes" if number is None else f"scene {_place(draft, number) + 1}"


_DEEDS: dict[str, Callable[[Draft, Any], str]] = {
    "length": _length,
    "drop": _drop,
    "swap": _swap,
    "move": _move,
    "title": _title,
    "music": _music,
    "captions": _captions,
    "motion": _motion,
    "transition": _transition,
}


def _leave_out_titles(draft: Draft) -> None:
    """Those that would begin after the end, where it is known: nobody would see them."""
    lengths = [scene["duration_s"] for scene in draft.scenes]
    if not all(lengths):
        return
    end_s = [*accumulate(lengths)][-1]
    draft.told["titles"] = [one for one in draft.told["titles"] if one["at_s"] < end_s]
