"""Is an edit list changed by what is to be done to it, once, and refused where that cannot be?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from gator.clock import now
from gator.errors import NotFound, Refused
from gator.ids import new_id
from gpu_worker.edit_list import EditList
from gpu_worker.jobs import MakeVideo
from memory.models import Job, Post
from tools import cuts, edits
from tools.capability import Turn
from tools.cuts import EditVideo, Operation, VideoEdited, edit_video
from tools.orders import MediaQueued
from tools.superseding import DROPPED

LENGTHS = (2.0, 3.0, 4.0)


def settled(*pictures: str, **fields: Any) -> EditList:
    """As a reel's list is kept when it is made: each scene with its voice, its length, its captions."""
    scenes = [
        {"asset": id, "duration_s": length, "transition": {"kind": "fade" if place else "cut"}}
        for place, (id, length) in enumerate(zip(pictures, LENGTHS, strict=False))
    ]
    speech = [{"asset": f"voice-{place}", "scene": place} for place in range(len(scenes))]
    cues = [{"text": "one two", "start_s": 2.0, "end_s": 3.0, "words": [["one", 2.0, 2.4], ["two", 2.5, 3.0]]}]
    told = {"width": 64, "height": 96, "scenes": scenes, "speech": speech, "captions": {"cues": cues}}
    return EditList.model_validate(told | fields)


def done(edit: EditList, *operations: dict[str, Any]) -> tuple[EditList, list[str]]:
    return cuts.changed(edit, TypeAdapter(list[Operation]).validate_python(operations))


def shown(edit: EditList) -> list[str]:
    return [scene.asset for scene in edit.scenes]


def test_a_scene_gets_longer_and_what_is_said_later_comes_later() -> None:
    edit, said = done(settled("a", "b", "c"), {"do": "length", "scene": 1, "by_s": 1.5})

    assert [scene.duration_s for scene in edit.scenes] == [3.5, 3.0, 4.0]
    assert said == ["scene 1 lasts 3.5 s"]
    cues = edit.captions.cues or ()
    assert (cues[0].start_s, cues[0].words[1]) == (3.5, ("two", 4.0, 4.5))
    assert done(settled("a"), {"do": "length", "scene": -1, "to_s": 6})[0].scenes[0].duration_s == 6


def test_scenes_go_change_places_and_move_with_what_is_said_to_them() -> None:
    edit, said = done(settled("a", "b", "c"), {"do": "swap", "scene": 1, "other": 3}, {"do": "drop", "scene": 2})

    assert shown(edit) == ["c", "a"]
    assert [(each.asset, each.scene) for each in edit.speech] == [("voice-0", 1), ("voice-2", 0)]
    assert [scene.transition.kind for scene in edit.scenes] == ["cut", "fade"]  # nothing comes before the first
    assert not edit.captions.cues  # they were those of the scene that went
    assert said == ["scenes 1 and 3 are swapped", "scene 2 is left out"]
    assert shown(done(settled("a", "b", "c"), {"do": "move", "scene": -1, "to": 1})[0]) == ["c", "a", "b"]


def test_where_one_voice_goes_over_all_the_others_take_the_time_of_the_scene_that_went() -> None:
    free = settled("a", "b", "c", speech=[{"asset": "voice-0"}])

    edit, _ = done(free, {"do": "drop", "scene": 3})

    assert sum(scene.duration_s or 0 for scene in edit.scenes) == 9
    assert edit.captions.cues == free.captions.cues


def test_titles_music_and_captions_are_changed_and_left_out() -> None:
    edit = settled("a", "b", music={"asset": "m"}, titles=[{"text": "Old", "at_s": 0}, {"text": "End", "at_s": 4}])

    named, said = done(edit, {"do": "title", "text": " Low  tide "}, {"do": "captions", "show": "none"})
    assert [title.text for title in named.titles] == ["Low tide", "End"]
    assert (named.captions.show, said) == ("none", ['the title is "Low tide"', "captions off"])
    shorter, _ = done(edit, {"do": "drop", "scene": 2})
    assert [title.text for title in shorter.titles] == ["Old"]  # the other would begin after the end
    louder, _ = done(edit, {"do": "music", "by_db": 6})
    assert louder.music
    assert louder.music.gain_db == 6
    assert done(edit, {"do": "music"})[0].music is None
    bare, _ = done(settled("a"), {"do": "title", "text": "New"}, {"do": "motion", "motion": "pan_left"})
    assert ([title.text for title in bare.titles], bare.scenes[0].motion) == (["New"], "pan_left")
    over, _ = done(settled("a", "b"), {"do": "title", "text": "Here", "scene": 2}, {"do": "transition", "kind": "wipe"})
    assert ([one.title for one in over.scenes], over.scenes[1].transition.kind) == (["", "Here"], "wipe")
    assert over.scenes[0].transition.kind == "cut"


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"do": "drop", "scene": 4}, "no scene 4: the video has 3 scenes"),
        ({"do": "drop", "scene": 0}, "no scene 0"),
        ({"do": "length", "scene": 1, "by_s": -2}, "lasts 2.0 s only"),
        ({"do": "length", "scene": 1}, "How long"),
        ({"do": "swap", "scene": 3, "other": -1}, "one and the same"),
        ({"do": "music", "by_db": 3}, "no music"),
        ({"do": "music"}, r"^The video has no music\."),
        ({"do": "music", "asset": "m"}, "like that already"),
        ({"do": "captions", "show": "both"}, "like that already"),
        ({"do": "move", "scene": -1, "to": 3}, "like that already"),
        ({"do": "length", "scene": 1, "to_s": 2}, "like that already"),
        ({"do": "title", "text": " Tides "}, "like that already"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(operation: dict[str, Any], why: str) -> None:
    fields = {"music": {"asset": "m"}} if "asset" in operation else {}
    with pytest.raises(Refused, match=why):
        done(settled("a", "b", "c", titles=[{"text": "Tides"}], **fields), operation)


def test_what_is_so_already_is_said_beside_what_changes() -> None:
    edit, said = done(settled("a", "b"), {"do": "music"}, {"do": "captions", "show": "none"})

    assert (edit.captions.show, said) == ("none", ["the video has no music", "captions off"])


def test_a_length_that_is_not_known_yet_is_not_guessed() -> None:
    open_one = EditList.model_validate({"scenes": [{"asset": "a"}, {"asset": "b"}]})

    with pytest.raises(Refused, match="not known before the video is made"):
        done(open_one, {"do": "length", "scene": 1, "by_s": 1})
    with pytest.raises(Refused, match="only scene"):
        done(done(open_one, {"do": "drop", "scene": 1})[0], {"do": "drop", "scene": 1})


@pytest.fixture
async def video(turn: Turn) -> str:
    """A video that is made, of three pictures."""
    async with turn.open_work() as work:
        pictures = [new_id() for _ in range(3)]
        for id in pictures:
            await work.assets.take(id, kind="picture")
        for place in range(3):
            await work.assets.take(f"voice-{place}", kind="voice", duration_s=1.5)
        edit = settled(*pictures)
        job = await work.jobs.queue(
            "video.make", MakeVideo(edit=edit).model_dump(mode="json"), key="first", makes="video", title="Tides"
        )
        asset = await work.assets.get(job.asset_id or "")
        asset.state, asset.provenance, job.state = "ready", {"edit": edit.model_dump(mode="json")}, "done"
        return asset.id


async def edited(turn: Turn, *operations: dict[str, Any], **ask: Any) -> VideoEdited:
    made = await edit_video(EditVideo.model_validate({"operations": operations, **ask}), turn)
    assert isinstance(made, VideoEdited)
    return made


def later(turn: Turn) -> Turn:
    return replace(turn, id=new_id())


async def test_the_newest_video_is_changed_once_and_the_next_change_goes_on_from_there(turn: Turn, video: str) -> None:
    drop = {"do": "drop", "scene": 3}
    first = await edited(turn, drop)
    again = await edited(turn, drop)

    assert (first.asset, first.job, first.version) == (again.asset, again.job, 0)
    assert first.video == video != first.asset
    assert first.in_words() == 'The video "Tides" is being made again: scene 3 is left out.'
    second = await edited(later(turn), {"do": "length", "scene": 2, "to_s": 5})
    assert second.video == first.asset
    async with turn.open_work(reads=True) as work:
        made = await edits.edit_of(work, await work.assets.get(second.asset))
        needs = (await work.jobs.get(first.job)).needs
    assert [scene.duration_s for scene in made.scenes] == [2.0, 5.0]
    assert video in needs  # its parent
    other = await edited(later(turn), {"do": "swap", "scene": 1, "other": 2}, video=video)
    assert (other.video, other.version) == (video, 1)


async def test_an_older_render_that_nobody_wants_gives_way_to_a_newer_one(turn: Turn, video: str) -> None:
    made = [await edited(later(turn), {"do": "length", "scene": 1, "to_s": length}) for length in (3, 4, 5)]
    side = [await edited(later(turn), {"do": "length", "scene": 1, "to_s": 6 + n}, video=video) for n in range(2)]

    assert [one.in_words().endswith(DROPPED) for one in (*made, *side)] == [False, True, True, False, True]
    states = [(await job_of(turn, one.job)).state for one in (*made, *side)]
    assert states == ["cancelled", "cancelled", "queued", "cancelled", "queued"]


@pytest.mark.parametrize("by", ["post", "approval", "job"])
async def test_an_older_render_that_something_names_is_made(turn: Turn, video: str, by: str) -> None:
    first = await edited(turn, {"do": "drop", "scene": 3})
    async with turn.open_work() as work:
        if by == "post":
            persona = await work.personas.create("nova", "Nova", {}, author="tests")
            post = Post(workspace=turn.principal.workspace, persona_id=persona.id, key="p", due_at=now())
            post.assets = [first.asset]
            await work.posts.plan(post)
        elif by == "approval":
            told, ids = {"assets": [first.asset]}, {"turn_id": new_id(), "conversation_id": new_id()}
            await work.approvals.ask(
                "schedule_post", "publish", told, "h", summary="", key="a", lives=timedelta(hours=1), **ids
            )
        else:
            await work.jobs.queue("picture.card", {}, key="of", makes="picture", needs=[first.asset])
    await edited(later(turn), {"do": "length", "scene": 1, "to_s": 5})
    assert (await job_of(turn, first.job)).state == "queued"


async def job_of(turn: Turn, job: str) -> Job:
    async with turn.open_work(reads=True) as work:
        return await work.jobs.get(job)


async def test_a_video_is_rendered_again_as_it_is(turn: Turn, video: str) -> None:
    made = await edited(turn)

    assert made.in_words() == 'The video "Tides" is being made again: as it was.'
    async with turn.open_work(reads=True) as work:
        both = [await edits.edit_of(work, await work.assets.get(id)) for id in (video, made.asset)]
    assert both[0] == both[1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_where_there_is_no_video_it_is_said(turn: Turn) -> None:
    with pytest.raises(NotFound, match="no video to edit"):
        await edited(turn)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_scene_is_not_shorter_than_what_is_said_to_it_and_a_preview_is_never_meant(
    turn: Turn, video: str
) -> None:
    with pytest.raises(Refused, match=r"Scene 1 lasts 1\.0 s, and what is said to it 1\.5 s"):
        await edited(turn, {"do": "length", "scene": 1, "to_s": 1})
    async with turn.open_work(reads=True) as work:
        told = await edits.edit_of(work, await work.assets.get(video))
    preview = await edits.preview_edit(edits.PreviewEdit(video=video, edit=told), turn)
    assert isinstance(preview, MediaQueued)
    assert (await edited(turn)).video == video  # not the preview, which is newer
    async with turn.open_work() as work:
        assert preview.asset not in {one.id for one in await work.assets.recent()}
        (await work.assets.get(preview.asset)).state = "removed"
    once_more = await edits.preview_edit(edits.PreviewEdit(video=video, edit=told), turn)
    assert isinstance(once_more, MediaQueued)
    assert once_more.asset != preview.asset
