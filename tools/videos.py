"""Videos: have pictures, speech and music made one. Doors: agents, REST, MCP. `gpu_worker.video` makes it."""

from collections.abc import Collection, Sequence

from pydantic import Field

from gator.errors import NotFound, Refused
from gpu_worker.edit_list import Captions, EditList, Motion, Music, Scene, Speech, Transition
from gpu_worker.jobs import LONGEST_VIDEO_S, VIDEO_SIZES_PX, MakeVideo, VideoFormat
from memory.models import Asset
from memory.work import Work
from tools import orders
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.orders import MediaQueued

_MOST_PICTURES = 60


class MakeVideoAsk(Shape):
    pictures: list[str] = Field(
        description="ids of the pictures and clips (assets) in the order in which they are shown; a clip is seen to its end"
    )
    speech: str | None = Field(None, description="id of the voice-over (asset) that is heard")
    captions: str | None = Field(
        None, description="words burnt into the picture; left out: those of the voice-over; empty: none"
    )
    music: str | None = Field(None, description="id of a recording (asset) that plays quietly underneath")
    format: VideoFormat = Field("9:16", description="9:16 vertical (reels, stories), 1:1 square, or 16:9 wide")
    duration_s: float | None = Field(
        None,
        ge=1,
        le=LONGEST_VIDEO_S,
        description="length in seconds; left out: as long as the speech, or 4 s a picture",
    )
    title: str = Field("", max_length=200, description="what the video is called")
    persona: str | None = Field(None, description="name of the persona it is for")


@capability(audience=STAFF, effect=Effect.write)
async def make_video(ask: MakeVideoAsk, turn: Turn) -> MediaQueued:
    """Make a video of pictures, a voice-over with captions burnt in, and music. It waits for what is still being made.

    The same request twice in a turn is one video. Raises Refused naming what is not there or not of the right kind.
    """
    async with turn.open_work() as work:
        persona, character = await orders.persona_named(work, ask.persona)
        pictures = [await _asset(work, id, "picture", "video") for id in ask.pictures]
        speech = await _asset(work, ask.speech, "voice") if ask.speech else None
        music = await _asset(work, ask.music, "voice") if ask.music else None
        _check(ask, speech)
        shape = character.media.video_format if character and "format" not in ask.model_fields_set else ask.format
        edit = slideshow(
            [each.id for each in pictures],
            speech=speech.id if speech else None,
            captions=ask.captions,
            music=music.id if music else None,
            format=shape,
            duration_s=ask.duration_s,
            clips=[each.id for each in pictures if each.kind == "video"],
        )
        title = ask.title or (speech.title if speech else pictures[0].title)
        return await orders.place(
            work,
            turn,
            ask,
            MakeVideo(edit=edit),
            makes="video",
            title=title,
            persona=persona,
            needs=edit.needs,
        )


def slideshow(
    pictures: Sequence[str],
    *,
    speech: str | None = None,
    captions: str | None = None,
    music: str | None = None,
    format: VideoFormat = "9:16",
    duration_s: float | None = None,
    clips: Collection[str] = (),
) -> EditList:
    """The edit list of pictures that move slowly and fade into one another. `captions`: as in MakeVideoAsk.

    Those of them that are `clips` move by themselves.
    """
    width, height = VIDEO_SIZES_PX[format]
    silent = captions is None and speech is None
    return EditList(
        width=width,
        height=height,
        duration_s=duration_s,
        scenes=tuple(_scene(asset, place, clip=asset in clips) for place, asset in enumerate(pictures)),
        speech=(Speech(asset=speech),) if speech else (),
        music=Music(asset=music) if music else None,
        captions=Captions(show="none") if captions == "" or silent else Captions(text=captions),
    )


def _scene(asset: str, place: int, *, clip: bool) -> Scene:
    comes = Transition(kind="fade" if place else "cut")
    if clip:
        return Scene(asset=asset, kind="clip", transition=comes)
    motion: Motion = "zoom_out" if place % 2 else "zoom_in"
    return Scene(asset=asset, motion=motion, transition=comes)


async def _asset(work: Work, id: str, kind: str, *others: str) -> Asset:
    """The asset of that id ("last": the newest). Raises Refused, naming it, when it is not there or of another kind."""
    if id.strip().casefold() == "last":
        newest = await work.assets.recent(kind=kind, limit=1)
        if not newest:
            raise Refused(f"There is no {kind} yet.", remedy=f"Make a {kind} first.")
        return newest[0]
    try:
        found = await work.assets.get(id.strip())
    except NotFound as missing:
        raise Refused(f"There is no {kind} {id}.", remedy="List the media to see what there is.") from missing
    if found.kind not in (kind, *others):
        raise Refused(f"{id} is a {found.kind}, not a {kind}.", remedy=f"Name a {kind}.")
    if found.state == "failed":
        raise Refused(
            f'The {kind} "{found.title}" could not be made, so no video can be made of it.', remedy="Make it again."
        )
    return found


def _check(ask: MakeVideoAsk, speech: Asset | None) -> None:
    """Say now what the studio would say later."""
    if not ask.pictures:
        raise Refused("A video needs at least one picture.", remedy="Draw a card first, or name a picture.")
    if len(ask.pictures) > _MOST_PICTURES:
        raise Refused(f"A video holds {_MOST_PICTURES} pictures, not {len(ask.pictures)}.")
    known_s = speech.duration_s if speech else None
    if known_s and ask.duration_s and known_s > ask.duration_s + 0.04:  # a frame
        raise Refused(
            f"The speech lasts {known_s:.1f} s and does not fit into {ask.duration_s:g} s.",
            remedy=f"Ask for {known_s + 0.5:.0f} s or more, or shorten the text.",
        )
