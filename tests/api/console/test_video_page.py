"""Can a video be cut anew at the console: order, lengths, words, titles; looked at small, and made again?"""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from bots.core import Core
from gator.principal import Principal
from gpu_worker.edit_list import Captions, Cue, EditList, Scene, Speech
from gpu_worker.jobs import MakeVideo
from gpu_worker.runner import Runner
from memory import backlog
from memory.blobs import Blobs
from memory.models import Asset, Job
from tests.api.console.test_pages import press, seen, texts, until
from tests.api.test_public import add_asset, png
from tools.edit_draft import Draft


@pytest.fixture
async def pictures(core: Core, operator: Principal) -> list[str]:
    return [(await add_asset(core, operator, png(colour), title=colour)).id for colour in ("navy", "red")]


@pytest.fixture
async def video(core: Core, operator: Principal, pictures: list[str]) -> Asset:
    edit = EditList(
        width=450,
        height=800,
        scenes=tuple(Scene(asset=id, duration_s=0.4, motion="zoom_in") for id in pictures),
        captions=Captions(cues=(Cue(text="Good morning", start_s=0.1, end_s=0.7),)),
    )
    told = {"edit": edit.model_dump(mode="json"), "captions": [{"text": "Good morning", "start_s": 0.1, "end_s": 0.7}]}
    about = {"kind": "video", "mime": "video/mp4", "title": "A <b>morning</b>", "provenance": told, "duration_s": 0.8}
    return await add_asset(core, operator, b"film", **about)


def fields(user: Any, label: str) -> list[Any]:
    kinds = (ui.input, ui.number, ui.select)
    return [
        one for one in user.client.elements.values() if isinstance(one, kinds) and one.props.get("aria-label") == label
    ]


async def newest(core: Core, who: Principal) -> Job:
    async with core.store.open_work(who, reads=True) as work:
        return (await work.jobs.recent(limit=1))[0]


async def state_of(core: Core, who: Principal, asset: str) -> str:
    async with core.store.open_work(who, reads=True) as work:
        return (await work.assets.get(asset)).state


async def done(core: Core, home: Path) -> None:
    runner = Runner(core.store, Blobs(home / "media"), home / "scratch", "tests", slots=1)
    for one in await backlog.waiting(core.store, 10):
        await runner.work(*one)
    await runner.stop()


async def test_a_video_is_cut_anew_and_made_again(
    user: Any, core: Core, operator: Principal, home: Path, video: Asset, pictures: list[str]
) -> None:
    await user.open("/console/videos")
    await seen(user, "A <b>morning</b>", "Edit")
    await user.open(f"/console/videos/{video.id}")
    await seen(user, "Scene 1", "Scene 2", "2 scenes, 0.8 s", "Captions", "SRT", "WebVTT")

    await press(user, "Down")
    await until(lambda: [said for said in texts(user) if said in ("navy", "red")] == ["red", "navy"])
    fields(user, "Length (s)")[0].set_value(-4)
    await seen(user, "2 scenes, 0.8 s")
    assert fields(user, "Length (s)")[0].error == "From 0.1 to 600"
    fields(user, "Length (s)")[0].set_value(0.6)
    assert fields(user, "Length (s)")[0].error is None
    fields(user, "Motion")[0].set_value("pan_left")
    fields(user, "Comes by")[1].set_value("wipe")
    fields(user, "0.1 to 0.7 s")[0].set_value("Good night")
    await press(user, "Add a title")
    await until(lambda: fields(user, "Title"))
    fields(user, "Title")[0].set_value("Hello")
    fields(user, "For (s)")[0].set_value(0.3)
    await seen(user, "2 scenes, 1.0 s")
    await press(user, "Preview")
    await seen(user, "The preview is being made")
    small = await newest(core, operator)
    await done(core, home)
    await seen(user, "The preview is ready.")

    await press(user, "Render")
    await seen(user, "The new video is being made")
    await until(lambda: not any(said.startswith("The preview") for said in texts(user)))
    job = await newest(core, operator)
    edit = MakeVideo.model_validate(job.payload).edit
    assert [scene.asset for scene in edit.scenes] == list(reversed(pictures))
    assert (edit.scenes[0].duration_s, edit.scenes[0].motion) == (0.6, "pan_left")
    assert edit.scenes[1].transition.kind == "wipe"
    assert edit.captions.cues is not None
    assert (edit.captions.cues[0].text, edit.captions.cues[0].words) == ("Good night", ())
    assert [(title.text, title.duration_s) for title in edit.titles] == [("Hello", 0.3)]
    assert job.needs == [*reversed(pictures), video.id]
    await done(core, home)
    await seen(user, "The new video is ready.", "Edit the new one")
    async with asyncio.timeout(10):
        while await state_of(core, operator, small.asset_id or "") != "removed":  # the preview has done its duty
            await asyncio.sleep(0.05)


def test_a_voice_that_is_said_to_a_scene_goes_with_it() -> None:
    cues = (
        Cue(text="One", start_s=0.1, end_s=0.9, words=(("One", 0.1, 0.9),)),
        Cue(text="Two", start_s=2.1, end_s=2.9, words=(("Two", 2.1, 2.9),)),
    )
    edit = EditList(
        scenes=tuple(Scene(asset=name, duration_s=length) for name, length in (("a", 2), ("b", 1), ("c", 4))),
        speech=(Speech(asset="v", scene=0), Speech(asset="w", scene=1)),
        captions=Captions(cues=cues),
    )
    draft = Draft(edit)
    draft.move(1, 0)
    told = EditList.model_validate(draft.told)
    assert [scene.asset for scene in told.scenes] == ["b", "a", "c"]
    assert [(each.asset, each.scene) for each in told.speech] == [("v", 1), ("w", 0)]
    assert told.captions.cues == (
        Cue(text="Two", start_s=0.1, end_s=0.9, words=(("Two", 0.1, 0.9),)),
        Cue(text="One", start_s=1.1, end_s=1.9, words=(("One", 1.1, 1.9),)),
    )
    for length in (0.0, 1.0, 1.5):  # as somebody writes it
        draft.last(draft.scenes[0], length)
    assert draft.told["captions"]["cues"][1]["start_s"] == 1.6
    draft.remove(1)
    told = EditList.model_validate(draft.told)
    assert [(each.asset, each.scene) for each in told.speech] == [("w", 0)]
    assert [cue.text for cue in told.captions.cues or ()] == ["Two"]

    free = Draft(edit.model_copy(update={"speech": (Speech(asset="v"),)}))
    free.move(2, 0)
    assert [cue["start_s"] for cue in free.told["captions"]["cues"]] == [0.1, 2.1]  # one voice over all of it stays


async def test_what_does_not_fit_is_said_and_nothing_is_made(
    user: Any, core: Core, operator: Principal, video: Asset
) -> None:
    await user.open(f"/console/videos/{video.id}")
    await seen(user, "Scene 1")
    fields(user, "Length (s)")[0].set_value(0)
    await press(user, "Render")
    words = "Scene 1: length: from 0.1 to 600 s"
    await seen(user, words)
    fields(user, "Length (s)")[0].set_value(0.4)
    await until(lambda: not any(words in said for said in texts(user)))  # what is right again is complained of no more
    async with core.store.open_work(operator, reads=True) as work:
        assert not await work.jobs.recent()


async def test_videos_tell_how_far_they_are_and_are_played(
    user: Any, core: Core, operator: Principal, video: Asset
) -> None:
    await add_asset(core, operator, b"film", kind="video", mime="video/mp4", title="A <b>morning</b>")
    async with core.store.open_work(operator) as work:
        job = await work.jobs.queue("video.make", {}, key="k", makes="video", title="Harbour")
    await user.open("/console/videos")
    await seen(user, "Harbour", "waits to be made")
    times = [said for said in texts(user) if re.fullmatch(r"\d+ \w+ \d\d:\d\d:\d\d", said)]
    assert len(times) == 2  # two of the same title are told apart
    async with core.store.open_work(operator) as work:
        row = await work.jobs.get(job.id)
        row.state, row.progress, row.eta_s = "running", 0.37, 42.0
    await seen(user, "is being made: 37%, about 42 s to go")
    tiles = [one for one in user.client.elements.values() if "tile" in one.classes]
    assert sorted(one.tag for one in tiles) == ["div", "img", "img"]
    plays = [one for one in user.client.elements.values() if isinstance(one, ui.button) and one.text == "Play"]
    assert [one.props["aria-label"] for one in plays] == ["Play A <b>morning</b>"] * 2
    [pressed] = [one for one in plays[1]._event_listeners.values() if one.type == "click"]
    user.client.handle_event({"id": plays[1].id, "listener_id": pressed.id, "args": []})
    await until(lambda: [one for one in user.client.elements.values() if one.tag == "video"])
    [player] = [one for one in user.client.elements.values() if one.tag == "video"]
    assert f"/media/{video.id}?" in player.props["src"]


async def test_videos_that_were_not_made_say_why(user: Any, core: Core, operator: Principal) -> None:
    async with core.store.open_work(operator) as work:
        cancelled, failed = [
            await work.jobs.queue("video.make", {}, key=key, makes="video", title=key) for key in ("Harbour", "Foxes")
        ]
        await work.jobs.cancel(cancelled.id)
        row = await work.jobs.get(failed.id)
        row.state, row.error = "failed", "The disk is full."
        (await work.assets.get(row.asset_id or "")).state = "failed"
    await user.open("/console/videos")
    await seen(user, "Harbour", "was cancelled", "Foxes", "was not made: The disk is full.")


async def test_a_film_that_was_sent_has_no_list_to_change(user: Any, core: Core, operator: Principal) -> None:
    film = await add_asset(core, operator, b"film", kind="video", mime="video/mp4", title="Sent")
    await user.open("/console/videos")
    await seen(user, "Sent")
    assert "Edit" not in texts(user)
    await user.open(f"/console/videos/{film.id}")
    await until(lambda: any("not made of an edit list" in said for said in user.notify.messages))
