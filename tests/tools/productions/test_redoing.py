"""Is it told what a redo makes again, is what there was shown meanwhile, does a reel go on with a cut of its video?"""

from dataclasses import replace
from functools import partial

import pytest

from agents.models import Mind
from agents.persona import write_as
from gator.errors import GatorError, Refused, Unavailable
from gpu_worker.jobs import MakeThumbnail
from memory.models import Asset
from tests.tools.productions.test_reels import INEZ, TEXT, again, more_taken, redone, reel, takes
from tools import edits
from tools.capability import Turn
from tools.cuts import EditVideo, edit_video
from tools.edits import ChangeVideo, NameVideo, VideoEdit
from tools.productions.capabilities import show_reel
from tools.productions.redoing import foresee_redo
from tools.productions.shapes import Foreseen, NameReel, RedoReel, ReelShown

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def desk(turn: Turn) -> Turn:
    async with turn.open_work() as work:
        await work.personas.create("inez", "Inez", INEZ, author="tests")
    return replace(turn, ask_persona=partial(write_as, mind=Mind(turn.settings), turn=turn))


async def foreseen(turn: Turn, **ask: object) -> Foreseen:
    told = await foresee_redo(RedoReel.model_validate(ask), again(turn))
    assert isinstance(told, Foreseen)
    return told


async def shown(turn: Turn) -> ReelShown:
    told = await show_reel(NameReel(), turn)
    assert isinstance(told, ReelShown)
    return told


async def come_out(turn: Turn, made: ReelShown) -> None:
    """As if the worker had made all of it."""
    async with turn.open_work() as work:
        for step in made.steps:
            if step.job and step.asset:
                job, asset = await work.jobs.get(step.job), await work.assets.get(step.asset)
                job.state, asset.state = "done", "ready"
                asset.provenance = {"edit": job.payload["edit"]} if job.kind == "video.make" else {}


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({"step": "picture", "scene": 3}, "Made again: the picture of scene 3, the video and the thumbnail."),
        (
            {"step": "scene", "scene": 2, "say": "It left a sea in a bowl."},
            "Made again: the picture of scene 2, the voice-over of scene 2, the video, the thumbnail"
            " and 2 texts to post.",
        ),
        ({"step": "thumbnail"}, "Made again: the thumbnail."),
        ({"step": "voice"}, "Made again: 3 voice-overs, the video and the thumbnail."),
        ({"step": "posts"}, "Made again: 2 texts to post."),
        (
            {"step": "script", "wish": "longer"},
            "Made again where the words change: the script, 3 pictures, 3 voice-overs, the video, the thumbnail"
            " and 2 texts to post.",
        ),
    ],
)
async def test_what_a_redo_makes_again_is_told_before_and_then_done(
    desk: Turn, ask: dict[str, object], words: str
) -> None:
    before = await reel(desk, text=TEXT, platforms=["instagram", "x"])

    told = await foreseen(desk, **ask)

    assert told.in_words() == words
    assert takes(await shown(desk)) == takes(before)  # nothing was done yet
    async with desk.open_work(reads=True) as work:
        assert {job.state for job in await work.jobs.recent()} == {"queued"}
    if told.certain:
        assert more_taken(before, await redone(desk, **ask)) - {"posts", "script"} == {*told.steps}


async def test_what_cannot_be_made_again_is_refused_before(desk: Turn) -> None:
    await reel(desk, text=TEXT)

    with pytest.raises(Refused, match="no scene 9"):
        await foreseen(desk, step="picture", scene=9)


@pytest.mark.parametrize(
    ("ask", "error", "why"),
    [
        ({"step": "clip", "scene": 1}, Unavailable, "No video model is configured"),
        ({"step": "posts"}, Refused, "no platform was named"),
        ({"step": "scene", "scene": 2, "say": " It left a small sea behind. "}, Refused, "like that already"),
    ],
)
async def test_where_nothing_would_be_made_it_is_said_why(
    desk: Turn, ask: dict[str, object], error: type[GatorError], why: str
) -> None:
    before = await reel(desk, text=TEXT, platforms=[])

    for does in (foreseen, redone):
        with pytest.raises(error, match=why):
            await does(desk, **ask)
    assert takes(await shown(desk)) == takes(before)


async def test_what_a_scene_was_given_is_not_made_again(desk: Turn, asset: Asset) -> None:
    await reel(desk, text=TEXT, media=[asset.id])

    with pytest.raises(Refused, match="Scene 1 shows what it was given"):
        await redone(desk, step="scene", scene=1)
    with pytest.raises(Refused, match="like that already"):
        await redone(desk, step="picture", scene=1, asset=asset.id)


async def test_a_script_that_comes_out_as_it_was_is_said_to(desk: Turn) -> None:
    first = await reel(desk, text=TEXT, platforms=[])

    async def the_same(persona: str, brief: str) -> str:
        return TEXT

    with pytest.raises(Refused, match="The script came out as it was"):
        await redone(replace(desk, ask_persona=the_same), step="script")
    assert takes(await shown(desk)) == takes(first)


async def test_how_long_it_will_be_is_told_once_and_as_it_is(desk: Turn) -> None:
    first = await reel(desk, text=TEXT, length_s=30)

    assert first.note == "It is as long as its words, not 30 s."
    assert first.in_words().count("about") == 1
    assert "(3 scenes, about 4 s)" in first.in_words()
    await come_out(desk, first)
    told = (await edit_of(desk, first.asset or "")).edit
    scenes = tuple(scene.model_copy(update={"duration_s": 3.0}) for scene in told.scenes)
    longer = ChangeVideo(video=first.asset or "", version=0, edit=told.model_copy(update={"scenes": scenes}))
    await edits.change_video(longer, again(desk))
    for made in (await shown(desk), await redone(desk, step="thumbnail")):
        assert "about 9 s" in made.in_words()
        assert not made.note


async def test_what_there_was_is_shown_while_another_is_made(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    assert first.shown is None
    await come_out(desk, first)

    second = await redone(desk, step="picture", scene=1)
    third = await redone(desk, step="picture", scene=2)

    for made in (second, third):
        assert made.asset != first.asset
        assert made.shown == first.asset
    steps = {step.name: step for step in third.steps}
    assert steps["picture-1"].shown == next(step.asset for step in first.steps if step.name == "picture-1")
    await come_out(desk, third)
    assert (await shown(desk)).shown == third.asset


async def edit_of(turn: Turn, video: str) -> VideoEdit:
    told = await edits.show_edit(NameVideo(video=video), turn)
    assert isinstance(told, VideoEdit)
    return told


async def thumbnail_of(turn: Turn, made: ReelShown) -> MakeThumbnail:
    job = next(step.job for step in made.steps if step.name == "thumbnail")
    async with turn.open_work(reads=True) as work:
        return MakeThumbnail.model_validate((await work.jobs.get(job or "")).payload)


async def test_a_reel_goes_on_with_a_cut_of_its_video(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    await come_out(desk, first)

    swap = EditVideo.model_validate(
        {"video": first.asset, "operations": [{"do": "swap", "scene": 1, "other": 3}, {"do": "drop", "scene": 2}]}
    )
    cut = await edit_video(swap, again(desk))

    now = await shown(desk)
    assert (now.asset, now.shown, now.state) == (cut.asset, first.asset, "making")  # type: ignore[attr-defined]
    assert more_taken(first, now) == {"video", "thumbnail"}
    asked = await thumbnail_of(desk, now)
    assert (asked.video, asked.scene) == (now.asset, 2)  # the title's card comes second now
    await come_out(desk, now)

    # Its own steps know of the cut: another thumbnail is one of it. A picture made again says before and after that it is lost.
    other = await redone(desk, step="thumbnail", titled=True)
    assert more_taken(now, other) == {"thumbnail"}
    assert (await thumbnail_of(desk, other)).video == cut.asset  # type: ignore[attr-defined]
    assert "editor" not in other.in_words()
    assert "in its editor is lost" in (await foreseen(desk, step="picture", scene=3)).in_words()
    whole = await redone(desk, step="picture", scene=3)
    assert "in its editor is lost" in whole.in_words()
    assert len((await edit_of(desk, whole.asset or "")).edit.scenes) == 3
    assert not next(step for step in whole.steps if step.name == "video").edited


async def test_the_newest_cut_is_the_reel_s_and_an_old_request_again_changes_nothing(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    await come_out(desk, first)
    told = (await edit_of(desk, first.asset or "")).edit
    louder = told.model_copy(update={"background": "#202020"})

    async def changed(version: int, edit: object) -> str:
        ask = ChangeVideo.model_validate({"video": first.asset, "version": version, "edit": edit})
        return (await edits.change_video(ask, again(desk))).asset  # type: ignore[attr-defined,no-any-return]

    one = await changed(0, told.model_copy(update={"background": "#404040"}))
    two = await changed(1, louder)
    assert await changed(0, told.model_copy(update={"background": "#404040"})) == one
    assert (await shown(desk)).asset == two


async def test_a_video_of_no_reel_is_cut_as_ever(desk: Turn, asset: Asset) -> None:
    await reel(desk, text=TEXT)
    before = await shown(desk)
    ordered = await edits.render_edit(
        edits.RenderEdit.model_validate({"edit": {"scenes": [{"asset": asset.id, "duration_s": 1}]}}), again(desk)
    )
    video: str = ordered.asset  # type: ignore[attr-defined]
    await edits.change_video(ChangeVideo(video=video, version=0, edit=(await edit_of(desk, video)).edit), again(desk))

    assert (await shown(desk)).asset == before.asset


@pytest.fixture
async def asset(turn: Turn) -> Asset:
    async with turn.open_work() as work:
        job = await work.jobs.queue("picture.card", {"text": "One"}, key="one", makes="picture")
        return await work.assets.get(job.asset_id or "")
