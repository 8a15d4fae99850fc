"""Edit lists of videos: read one, change it and have it made again, look at a small preview first. Doors: REST, the console.

A video is never changed: what is made of a changed list is a new one, with the old one as its parent. A reel goes on with it.
"""

from itertools import accumulate

from pydantic import Field

from gator.errors import Conflict, Refused
from gpu_worker.edit_list import EditList
from gpu_worker.jobs import MakeVideo
from memory.models import Asset, Job, Persona
from memory.repositories.assets import PREVIEW
from memory.work import Work
from tools import orders
from tools.capability import STAFF, Effect, Shape, Turn, capability, digest
from tools.caption_times import with_their_voices
from tools.orders import MediaQueued
from tools.productions.adopting import adopt
from tools.superseding import DROPPED, drop_older
from tools.wording import counted

_PREVIEW_SIDE_PX = 640  # of its longer side
_PREVIEW_FPS = 24
MOST_VERSIONS = 1000
_FRAME_S = 0.042  # of 24 a second
_BREATH_S = 0.05  # by which lengths may differ that are the same


class NameVideo(Shape):
    video: str = Field(description="id of the video")


class VideoEdit(Shape):
    """How a video was made. `version` counts how often it was changed: say it when you change it."""

    video: str
    title: str
    state: str
    version: int
    edit: EditList

    def in_words(self) -> str:
        return f'The edit list of "{self.title}" has {len(self.edit.scenes)} scenes.'


class ChangeVideo(Shape):
    video: str = Field(description="id of the video whose list was changed")
    version: int = Field(ge=0, le=MOST_VERSIONS, description="as it was read with the list")
    edit: EditList
    title: str = Field("", max_length=200, description="left out: as it was")


class RenderEdit(Shape):
    edit: EditList
    title: str = Field("", max_length=200, description="what the video is called")
    persona: str | None = Field(None, description="name of the persona it is for")


class PreviewEdit(Shape):
    video: str = Field(description="id of the video that it is a change of")
    edit: EditList


@capability(audience=STAFF, effect=Effect.read)
async def show_edit(ask: NameVideo, turn: Turn) -> VideoEdit:
    """Show a video's edit list: of one that is made with all its times, of another as it was ordered."""
    async with turn.open_work(reads=True) as work:
        video = await video_named(work, ask.video)
        return VideoEdit(
            video=video.id,
            title=video.title,
            state=video.state,
            version=len(await versions(work, video.id)),
            edit=await edit_of(work, video),
        )


@capability(audience=STAFF, effect=Effect.write)
async def change_video(ask: ChangeVideo, turn: Turn) -> MediaQueued:
    """Have a video made of a changed edit list: a new one. The same change twice is one video.

    Raises Conflict when somebody else changed it since, Refused naming what of the list is not there or does not fit.
    """
    async with turn.open_work() as work:
        old = await video_named(work, ask.video)
        check_version(ask.version, len(await versions(work, old.id)))
        edit = await _with_captions(work, old, ask.edit)
        return await make_again(work, turn, ask, old, edit, ask.version, title=ask.title)


async def _with_captions(work: Work, old: Asset, edit: EditList) -> EditList:
    there = await work.assets.by_ids(edit.needs)
    spoken_s = {id: one.duration_s for id, one in there.items() if one.duration_s}
    return with_their_voices(await edit_of(work, old), edit, spoken_s)


def check_version(told: int, there: int) -> None:
    """Raises Refused for a version that no list was ever read with."""
    if told > there:
        raise Refused(
            f"The video has been changed {counted(there, 'time')}, not {told}.", remedy="Read its list again."
        )


async def make_again(
    work: Work,
    turn: Turn,
    ask: Shape,
    old: Asset,
    edit: EditList,
    version: int,
    *,
    title: str = "",
    seed: int | None = None,
) -> MediaQueued:
    """Queue a video of the changed list, as that version of the old one.

    Raises Conflict when somebody else made that version, Refused naming what of the list is not there or does not fit.
    """
    await check_parts(work, edit)
    persona = next((one for one in await work.personas.all() if one.id == old.persona_id), None)
    parents = [*edit.needs, *([old.id] if old.state == "ready" else [])]
    made = await versions(work, old.id)
    line = {old.id, *(job.asset_id or "" for job in made)}
    id = await work.productions.with_video(line)
    # Held before anything is ordered, as by who makes a step of it again: else each could wait for the other.
    reel = await work.productions.locked(id) if id else None
    queued = await _place(
        work, turn, ask, edit, title or old.title, persona, parents, key=_key(old.id, version), seed=seed
    )
    if (await work.jobs.get(queued.job)).payload != MakeVideo(edit=edit).model_dump(mode="json"):
        raise Conflict(
            "Somebody else has changed this video since you read its edit list.",
            remedy=f"Read it again and change that; theirs is {queued.asset}.",
        )
    if reel is not None:
        await adopt(work, turn, reel, line, queued, edit)
    dropped = await drop_older(work, old, made, queued.job)
    return queued.noting(DROPPED) if dropped else queued


@capability(audience=STAFF, effect=Effect.write)
async def render_edit(ask: RenderEdit, turn: Turn) -> MediaQueued:
    """Have a video made of an edit list. Raises Refused naming what of it is not there or does not fit."""
    async with turn.open_work() as work:
        persona, _ = await orders.persona_named(work, ask.persona)
        await check_parts(work, ask.edit)
        first = await work.assets.get(ask.edit.scenes[0].asset)
        return await _place(work, turn, ask, ask.edit, ask.title or first.title, persona, ask.edit.needs)


@capability(audience=STAFF, effect=Effect.write)
async def preview_edit(ask: PreviewEdit, turn: Turn) -> MediaQueued:
    """Have a small video made of a changed edit list, to look at. The same list twice is one preview."""
    async with turn.open_work() as work:
        old = await video_named(work, ask.video)
        await check_parts(work, ask.edit)
        small = small_edit(await _with_captions(work, old, ask.edit))
        key = await _preview_key(work, f"preview:{digest(old.id, small)[:32]}")
        title = f"Preview of {old.title}"
        return await _place(work, turn, ask, small, title, None, small.needs, key=key, origin=PREVIEW)


async def _preview_key(work: Work, key: str) -> str:
    """Of the newest preview of that list; of a new one where that was cleared away or could not be made."""
    for take in range(MOST_VERSIONS):
        job = await work.jobs.keyed(f"{key}:{take}")
        asset = await work.assets.find(job.asset_id or "") if job else None
        if job is None or (asset is not None and asset.state in ("pending", "ready")):
            return f"{key}:{take}"
    return key


async def _place(
    work: Work,
    turn: Turn,
    ask: Shape,
    edit: EditList,
    title: str,
    persona: Persona | None,
    needs: list[str],
    key: str | None = None,
    seed: int | None = None,
    origin: str = "made",
) -> MediaQueued:
    payload = MakeVideo(edit=edit)
    return await orders.place(
        work,
        turn,
        ask,
        payload,
        makes="video",
        title=title,
        persona=persona,
        needs=needs,
        key=key,
        seed=seed,
        origin=origin,
    )


def small_edit(edit: EditList) -> EditList:
    """The same in a size that is quick to make."""
    factor = min(_PREVIEW_SIDE_PX / max(edit.width, edit.height), 1.0)
    wide, high = (max(round(side * factor / 2) * 2, 64) for side in (edit.width, edit.height))
    return edit.model_copy(update={"width": wide, "height": high, "fps": min(edit.fps, _PREVIEW_FPS)})


async def video_named(work: Work, id: str) -> Asset:
    """Raises NotFound, or Refused for what is no video."""
    found = await work.assets.get(id.strip())
    if found.kind != "video":
        raise Refused(f"{id} is a {found.kind}, not a video.", remedy="Name a video.")
    return found


async def edit_of(work: Work, video: Asset) -> EditList:
    """As it was settled, or as it was ordered. Raises Refused for a video that was not made of an edit list."""
    if told := (video.provenance or {}).get("edit"):
        return EditList.model_validate(told)
    if await is_of_a_list(work, video):
        return MakeVideo.model_validate((await work.jobs.that_made(video.id)).payload).edit
    raise Refused("This video was not made of an edit list.", remedy="Use it as a clip in a new one.")


async def is_of_a_list(work: Work, video: Asset) -> bool:
    """Whether it was made of an edit list, or is being made of one."""
    if (video.provenance or {}).get("edit"):
        return True
    if video.origin not in ("made", PREVIEW) or video.state not in ("pending", "failed"):
        return False
    return (await work.jobs.that_made(video.id)).kind == "video.make"


def _key(video: str, version: int) -> str:
    return f"edit:{video}:{version}"


def cut_of(job: Job) -> str | None:
    """The video of which that job makes a version."""
    kind, _, rest = job.key.partition(":")
    return rest.rpartition(":")[0] if kind == "edit" else None


async def versions(work: Work, video: str) -> list[Job]:
    """The jobs of the videos that were made by changing this one's list, in their order."""
    made: list[Job] = []
    while len(made) < MOST_VERSIONS and (job := await work.jobs.keyed(_key(video, len(made)))):
        made.append(job)
    return made


async def check_parts(work: Work, edit: EditList) -> None:
    """Say now what the studio would say later. Raises Refused, naming the part whose asset is not there or does not fit."""
    there = await work.assets.by_ids(edit.needs)
    for place, scene in enumerate(edit.scenes, 1):
        kind = "video" if scene.kind == "clip" else "picture"
        found = _of_kind(there, scene.asset, kind, f"scene {place}")
        if scene.kind == "clip" and found.duration_s:
            _check_trim(place, scene.in_s, None if scene.hold else scene.duration_s, found.duration_s)
    for speech in edit.speech:
        _of_kind(there, speech.asset, "voice", "the speech")
    _check_lengths(edit)
    _check_said(edit, there)
    _check_ends(edit, there)
    if edit.music:
        _of_kind(there, edit.music.asset, "voice", "the music")
    if edit.logo:
        _of_kind(there, edit.logo.asset, "picture", "the logo")


def _of_kind(there: dict[str, Asset], id: str, kind: str, part: str) -> Asset:
    found = there.get(id)
    if found is None or found.state == "removed":
        raise Refused(f"There is no {kind} {id}, which {part} needs.", remedy="List the media to see what there is.")
    if found.kind != kind:
        raise Refused(f"{id} is a {found.kind}, and {part} needs a {kind}.", remedy=f"Name a {kind}.")
    if found.state == "failed":
        raise Refused(f"The {kind} of {part} could not be made.", remedy="Make it again.")
    return found


def _check_lengths(edit: EditList) -> None:
    """What can be known of them before any file is looked at."""
    lengths = [scene.duration_s for scene in edit.scenes]
    for place, length_s in enumerate(lengths, 1):
        if length_s is not None and length_s < 1 / edit.fps - 0.001:
            raise Refused(f"Scene {place} lasts {length_s:g} s, less than one frame.", remedy="Give it more time.")
    total_s = sum(one or 0.0 for one in lengths)
    told = edit.duration_s is not None and all(lengths) and all(one.scene is None for one in edit.speech)
    if told and abs(total_s - (edit.duration_s or 0.0)) > _BREATH_S:
        raise Refused(
            f"The scenes last {total_s:.2f} s, not {edit.duration_s:g} s.",
            remedy="Change the length of a scene, or leave the video's length out.",
        )


def _check_said(edit: EditList, there: dict[str, Asset]) -> None:
    """What is said to a scene fits into it, where both lengths are known already."""
    for speech in edit.speech:
        room_s = edit.scenes[speech.scene].duration_s if speech.scene is not None else None
        said_s = speech.at_s + (there[speech.asset].duration_s or 0.0)
        if room_s is not None and speech.scene is not None and said_s > room_s + _BREATH_S:
            raise Refused(
                f"Scene {speech.scene + 1} lasts {room_s:.1f} s, and what is said to it {said_s:.1f} s.",
                remedy="Give the scene more time, or have less said to it.",
            )


def _check_ends(edit: EditList, there: dict[str, Asset]) -> None:
    """Where the length is known already, nothing comes after it."""
    lengths = [scene.duration_s for scene in edit.scenes]
    total_s = edit.duration_s or (sum(one or 0.0 for one in lengths) if all(lengths) else None)
    if total_s is None:
        return
    starts = list(accumulate((one or 0.0 for one in lengths), initial=0.0))
    for speech in edit.speech:
        ends_s = speech.at_s + (starts[speech.scene] if speech.scene else 0.0) + (there[speech.asset].duration_s or 0.0)
        if ends_s > total_s + _FRAME_S:
            raise Refused(
                f"The speech ends at {ends_s:.1f} s, after the video, which lasts {total_s:.1f} s.",
                remedy="Give the scenes more time.",
            )
    for title in edit.titles:
        if title.at_s >= total_s:
            raise Refused(
                f'The title "{title.text[:40]}" begins at {title.at_s:g} s; the video lasts {total_s:.1f} s.',
                remedy="Let it begin earlier.",
            )


def _check_trim(place: int, in_s: float, duration_s: float | None, there_s: float) -> None:
    if in_s + (duration_s or 0.0) > there_s + 0.05 or in_s >= there_s:
        wanted = f"from {in_s:g} s" + (f" to {in_s + duration_s:g} s" if duration_s else "")
        raise Refused(
            f"The clip of scene {place} lasts {there_s:.1f} s; the scene wants it {wanted}.",
            remedy="Trim the scene, or begin it earlier in the clip.",
        )
