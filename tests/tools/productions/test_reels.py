"""Is a reel made whole from one request, and is of its steps made again what was changed, and no more?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from itertools import accumulate, count
from pathlib import Path

import av
import numpy as np
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from agents.brain import Brain
from agents.checkpoints import open_saver
from agents.models import Mind
from agents.persona import write_as
from gator.clock import now
from gator.errors import Forbidden, NotFound, Refused, Unavailable
from gator.ids import new_id
from gator.principal import Kind, Principal
from gpu_worker import sound
from gpu_worker.jobs import DrawCard, MakeClip, MakeVideo, Speak
from gpu_worker.runner import Runner
from gpu_worker.shelf import Shelf, ShelfEntry
from gpu_worker.video import film
from memory import backlog
from memory.blobs import Blobs
from memory.models import Job, Message, Spend, Story
from tools.capability import Turn
from tools.catalogue import CATALOGUE
from tools.productions.capabilities import list_reels, make_reel, redo_reel, show_reel
from tools.productions.shapes import ListReels, MakeReel, NameReel, RedoReel, ReelShown

TEXT = "The tide went out.\n\nIt left a small sea behind.\n\nWould you look in?"
INEZ = {
    "name": "Inez",
    "age": 34,
    "interests": ["tide pools", "tea"],
    "voice": {"speed": 1.0},
    "media": {"card_design": "minimal"},
    "look": {"hair": "grey"},
}


@pytest.fixture
async def desk(turn: Turn) -> Turn:
    """An operator's turn with a persona who can be asked to write, by the built-in model."""
    async with turn.open_work() as work:
        await work.personas.create("inez", "Inez", INEZ, author="tests")
    return replace(turn, ask_persona=partial(write_as, mind=Mind(turn.settings), turn=turn))


_ids = count(100)


def again(turn: Turn) -> Turn:
    """The same as the next request."""
    return replace(turn, id=f"01900000-0000-7000-8000-{next(_ids):012}")


async def reel(turn: Turn, **ask: object) -> ReelShown:
    told = MakeReel.model_validate({"persona": "Inez", "length_s": 10} | ask)
    made = await make_reel(told, turn)
    assert isinstance(made, ReelShown)
    return made


async def redone(turn: Turn, **ask: object) -> ReelShown:
    made = await redo_reel(RedoReel.model_validate(ask), again(turn))
    assert isinstance(made, ReelShown)
    return made


def takes(made: ReelShown) -> dict[str, int]:
    return {step.name: step.take for step in made.steps}


def more_taken(before: ReelShown, after: ReelShown) -> set[str]:
    return {name for name, take in takes(after).items() if take != takes(before).get(name)}


async def jobs(turn: Turn, made: ReelShown) -> dict[str, Job]:
    async with turn.open_work(reads=True) as work:
        return {step.name: await work.jobs.get(step.job) for step in made.steps if step.job}


async def with_stories(turn: Turn, *titles: str) -> list[str]:
    async with turn.open_work() as work:
        feed = await work.feeds.add("https://ocean.example/rss", "Ocean News", None)
        rows = [
            Story(workspace=feed.workspace, feed_id=feed.id, guid=title, title=title, link="", published_at=now(),
                  summary="Ten of them were counted off the pier. The count goes on until spring.")
            for title in titles
        ]  # fmt: skip
        await work.feeds.keep(feed, rows)
        return [one.id for one in await work.feeds.stories(limit=9)]


async def test_one_request_orders_every_step_of_a_reel(desk: Turn) -> None:
    made = await reel(desk, topic="tide pools", length_s=20, platforms=["instagram", "x"])

    scenes = len(made.script.scenes)
    assert 3 <= scenes <= 7
    assert [step.kind for step in made.steps] == [
        "script",
        *["picture", "voice"] * scenes,
        "video",
        "thumbnail",
        "posts",
    ]
    assert (made.title, made.persona, made.state) == ("Tide pools", "Inez", "making")
    rows = await jobs(desk, made)
    edit = MakeVideo.model_validate(rows["video"].payload).edit
    assert edit.needs == [step.asset for step in made.steps if step.kind == "picture"] + [
        step.asset for step in made.steps if step.kind == "voice"
    ]
    assert [each.scene for each in edit.speech] == list(range(scenes))
    cards = [DrawCard.model_validate(row.payload) for name, row in rows.items() if name.startswith("picture")]
    assert {(card.design, card.look, card.format) for card in cards} == {("minimal", cards[0].look, "story")}
    assert cards[0].text == made.title
    said = [Speak.model_validate(row.payload).text for name, row in rows.items() if name.startswith("voice")]
    assert said == [scene.say for scene in made.script.scenes]
    assert set(made.posts) == {"instagram", "x"}
    assert "tide pools" in made.posts["x"].text


async def test_the_same_request_twice_is_one_reel(desk: Turn) -> None:
    first = await reel(desk, topic="tide pools")

    assert (await reel(desk, topic="tide pools")).id == first.id
    told = await reel(again(desk), topic="Tide pools")
    assert (told.id, "still being made" in told.note) == (first.id, True)
    for_x = await reel(again(desk), topic="tide pools", platforms=["x"])
    assert (for_x.id == first.id, list(for_x.posts)) == (False, ["x"])
    other = await reel(again(desk), topic="tide pools", again=True)
    assert other.id != first.id
    listed = await list_reels(ListReels(), desk)
    assert [one.id for one in listed.reels] == [other.id, for_x.id, first.id]  # type: ignore[attr-defined]
    assert (await show_reel(NameReel(), desk)).id == other.id  # type: ignore[attr-defined]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_reels_are_listed_when_their_persona_is_gone(desk: Turn) -> None:
    made = await reel(desk, text=TEXT)
    async with desk.open_work() as work:
        await work.personas.remove(await work.personas.named("Inez"), author="tests")

    assert (await show_reel(NameReel(), desk)).persona == "Inez"  # type: ignore[attr-defined]
    assert [one.id for one in (await list_reels(ListReels(), desk)).reels] == [made.id]  # type: ignore[attr-defined]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_the_persona_knows_of_the_topic_is_said(desk: Turn) -> None:
    known = {"keys": ["herons"], "content": "Herons stand still for hours at the pier by my house."}
    async with desk.open_work() as work:
        told = {"name": "Ada", "age": 40, "lorebook": {"entries": [known]}}
        await work.personas.create("ada", "Ada", told, author="tests")

    assert "Herons stand still" in (await reel(desk, persona="Ada", topic="herons", length_s=20)).script.said


async def test_words_that_are_given_are_said_word_for_word(desk: Turn) -> None:
    made = await reel(desk, text=TEXT, title="Low tide", format="1:1", platforms=[])

    assert [scene.say for scene in made.script.scenes] == TEXT.split("\n\n")
    assert made.title == "Low tide"
    assert "posts" not in takes(made)
    assert made.note == "It is as long as its words, not 10 s."
    assert MakeVideo.model_validate((await jobs(desk, made))["video"].payload).edit.width == 1080


async def test_stories_on_the_topic_are_quoted_with_their_source(desk: Turn) -> None:
    ids = await with_stories(desk, "Whales return to the bay", "Rain in the south")

    made = await reel(desk, topic="whales", length_s=30)
    told = next(id for id in ids if id != ids[0])
    assert "“Whales return to the bay”" in made.script.said
    assert "Rain" not in made.script.said
    assert {scene.source for scene in made.script.scenes} == {"", "Ocean News"}
    assert "Source: Ocean News" in made.posts["instagram"].text
    german = "Das ist die Geschichte und wir sehen sie uns an.\n\nIn der Zeitung steht: „Whales return to the bay“."
    assert "Quelle: Ocean News" in (await reel(again(desk), topic="whales", text=german)).posts["instagram"].text
    one = await reel(again(desk), story=told, length_s=30)
    assert "The count goes on until spring." in one.script.said


async def test_a_scene_made_again_takes_the_video_and_its_thumbnail_with_it_and_nothing_else(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    before = await jobs(desk, first)

    second = await redone(desk, step="scene", scene=3)

    assert more_taken(first, second) == {"picture-3", "video", "thumbnail"}
    after = await jobs(desk, second)
    assert after["picture-3"].payload == before["picture-3"].payload
    assert after["picture-3"].seed != before["picture-3"].seed
    async with desk.open_work(reads=True) as work:  # nobody wants the first ones any more
        assert {(await work.jobs.get(before[name].id)).state for name in ("picture-3", "video")} == {"cancelled"}
    assert second.asset != first.asset


async def test_a_scene_gets_other_words_and_keeps_the_rest(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)

    spoken = await redone(desk, step="scene", scene=2, say="It left a sea in a bowl.")
    assert more_taken(first, spoken) == {"script", "picture-2", "voice-2", "video", "thumbnail"}
    assert spoken.script.scenes[1].card == "It left a sea in a bowl"
    shown = await redone(desk, step="scene", scene=2, show="A sea in a bowl")
    assert more_taken(spoken, shown) == {"script", "picture-2", "video", "thumbnail"}
    assert shown.script.scenes[1].say == "It left a sea in a bowl."


async def test_other_texts_are_written_and_nothing_else_is_made_again(desk: Turn) -> None:
    first = await reel(desk, topic="tide pools", platforms=["x"])

    second = await redone(desk, step="posts")

    assert more_taken(first, second) == {"posts"}
    assert second.posts["x"].text != first.posts["x"].text


async def test_a_script_is_written_shorter_and_scenes_that_go_are_forgotten(desk: Turn) -> None:
    first = await reel(desk, topic="tide pools", length_s=30)

    second = await redone(desk, step="script", wish="shorter")

    assert len(second.script.said) < len(first.script.said)
    gone = {name for name in takes(first) if name not in takes(second)}
    assert {"picture", "voice"} == {name.partition("-")[0] for name in gone}
    assert takes(second)["picture-1"] == 1  # the title's card is the same
    async with desk.open_work(reads=True) as work:
        steps = {step.name: step.job for step in first.steps}
        assert {(await work.jobs.get(steps[name] or "")).state for name in gone} == {"cancelled"}


async def test_a_step_that_failed_is_made_with_the_next_change(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    async with desk.open_work() as work:
        await work.jobs.cancel((await jobs(desk, first))["voice-1"].id)
    broken = await show_reel(NameReel(reel=first.id), desk)
    assert isinstance(broken, ReelShown)
    assert broken.state == "failed"
    assert "voice-over of scene 1: cancelled" in broken.in_words()
    assert (await list_reels(ListReels(), desk)).in_words().endswith(": cancelled")  # type: ignore[attr-defined]
    assert "with Inez was stopped" in broken.in_words()
    assert "`gator reel redo voice --scene 1`" in broken.in_words()

    mended = await redone(desk, step="thumbnail")

    assert more_taken(first, mended) == {"voice-1", "video", "thumbnail"}
    assert mended.state == "making"


async def test_the_same_redo_twice_in_a_turn_is_one(desk: Turn) -> None:
    await reel(desk, text=TEXT)
    later = again(desk)

    ask = RedoReel(step="picture", scene=1)
    first, second = await redo_reel(ask, later), await redo_reel(ask, later)

    assert isinstance(first, ReelShown)
    assert isinstance(second, ReelShown)
    assert takes(first) == takes(second)


def put_model(home: Path, name: str, kind: str, family: str) -> None:
    shelf = Shelf((home / "models").resolve())
    (shelf.folder / name).mkdir(parents=True)
    shelf.put(ShelfEntry.model_validate({"name": name, "kind": kind, "family": family, "path": shelf.folder / name}))


async def test_with_an_image_model_the_scenes_are_pictures_of_the_persona(desk: Turn, home: Path) -> None:
    put_model(home, "dream", "pipeline", "sdxl")

    made = await reel(desk, text=TEXT)

    rows = await jobs(desk, made)
    assert {rows[f"picture-{n}"].kind for n in (1, 2, 3)} == {"picture.make"}
    assert "grey hair" in rows["picture-1"].payload["prompt"]
    assert (rows["thumbnail"].payload["video"], rows["thumbnail"].payload["title"]) == (made.asset, made.title)
    assert MakeVideo.model_validate(rows["video"].payload).edit.titles[0].text == made.title
    other = await redone(desk, step="picture", scene=2)
    assert more_taken(made, other) == {"picture-2", "video", "thumbnail"}


def paid_for(turn: Turn, **settings: object) -> Turn:
    told = {"elevenlabs_api_key": SecretStr("key"), "voice": "elevenlabs", "voice_price_usd": 1.0, **settings}
    return replace(turn, settings=turn.settings.model_copy(update=told))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_voices_of_a_reel_count_against_the_budget_each_once(desk: Turn) -> None:
    paying = paid_for(desk)
    made = await reel(paying, text=TEXT)

    async with desk.open_work(reads=True) as work:
        rows = [*await work.session.scalars(select(Spend).order_by(Spend.id))]
    assert [row.cost_microusd for row in rows] == [len(scene.say) * 1000 for scene in made.script.scenes]
    assert {(row.what, row.turn_id) for row in rows} == {("elevenlabs", desk.id)}
    await redo_reel(RedoReel(step="voice", scene=1), again(paying))
    async with desk.open_work(reads=True) as work:
        assert len([*await work.session.scalars(select(Spend))]) == len(rows) + 1
    with pytest.raises(Unavailable, match="budget"):
        await reel(again(paid_for(desk, daily_budget_usd=0.1)), text=TEXT, again=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_scenes_move_where_a_video_model_is_and_each_clip_can_be_made_again(desk: Turn, home: Path) -> None:
    put_model(home, "dream", "pipeline", "sdxl")
    put_model(home, "film", "video", "ltx")

    made = await reel(desk, text=TEXT, moving=True)

    rows = await jobs(desk, made)
    edit = MakeVideo.model_validate(rows["video"].payload).edit
    steps = {step.name: step.asset for step in made.steps}
    assert [(one.kind, one.hold, one.asset) for one in edit.scenes] == [
        ("clip", True, steps[f"clip-{n}"]) for n in (1, 2, 3)
    ]
    clip = MakeClip.model_validate(rows["clip-2"].payload)
    assert (clip.start, rows["clip-2"].needs) == (steps["picture-2"], [steps["picture-2"]])
    assert clip.frames / clip.fps > 1.5  # as long as what is said takes
    other = await redone(desk, step="clip", scene=2)
    assert more_taken(made, other) == {"clip-2", "video", "thumbnail"}
    other = await redone(desk, step="picture", scene=3)
    assert {"picture-3", "clip-3", "video"} <= more_taken(made, other)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_a_video_model_scenes_are_stills_and_it_is_said(desk: Turn) -> None:
    made = await reel(desk, text=TEXT, moving=True)

    assert "stills that move slowly" in made.note
    assert not [step for step in made.steps if step.kind == "clip"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_scenes_show_what_there_is_already(desk: Turn) -> None:
    async with desk.open_work() as work:
        ids = [new_id() for _ in range(3)]
        for id, kind, origin in zip(ids, ("video", "picture", "picture"), ("made", "made", "fan"), strict=True):
            await work.assets.take(id, kind=kind, origin=origin, duration_s=2.0 if kind == "video" else None)
    film_id, picture, of_a_fan = ids

    made = await reel(desk, text=TEXT, media=[film_id])
    assert [one.kind for one in MakeVideo.model_validate((await jobs(desk, made))["video"].payload).edit.scenes] == [
        "clip", "still", "still",
    ]  # fmt: skip
    assert (made.steps[1].state, made.steps[1].inputs["shows"]) == ("done", "video")
    shown = await redone(desk, step="scene", scene=3, asset=picture)
    assert more_taken(made, shown) == {"script", "picture-3", "video", "thumbnail"}
    drawn = await redone(desk, step="picture", scene=1)
    assert MakeVideo.model_validate((await jobs(desk, drawn))["video"].payload).edit.scenes[0].kind == "still"
    with pytest.raises(Refused, match="fan"):
        await redone(desk, step="scene", scene=1, asset=of_a_fan)
    with pytest.raises(Refused, match="no picture or clip"):
        await reel(again(desk), text=TEXT, media=["nothing"])
    with pytest.raises(Refused, match="3 scenes, and 4"):
        await reel(again(desk), text=TEXT, media=[picture] * 4)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_thumbnail_is_another_frame_or_that_of_a_scene(desk: Turn) -> None:
    made = await reel(desk, text=TEXT)

    async def asked(reel: ReelShown) -> tuple[object, ...]:
        told = (await jobs(desk, reel))["thumbnail"].payload
        return told["video"], told["scene"], told["place"], told["title"]

    assert await asked(made) == (made.asset, 1, 0, "")  # the first card says the title
    assert await asked(await redone(desk, step="thumbnail")) == (made.asset, None, 1, "")
    assert await asked(await redone(desk, step="thumbnail", scene=3)) == (made.asset, 3, 0, "")
    assert await asked(await redone(desk, step="thumbnail", titled=True)) == (made.asset, 3, 0, made.title)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_cannot_be_made_is_refused_before_anything_is_ordered(desk: Turn) -> None:
    with pytest.raises(Refused, match="What is the reel about"):
        await reel(desk)
    with pytest.raises(Refused, match="no recording"):
        await reel(desk, text=TEXT, music="nothing")
    with pytest.raises(NotFound):
        await reel(desk, topic="tides", persona="Nobody")
    with pytest.raises(NotFound, match="no reel yet"):
        await redone(desk, step="video")
    with pytest.raises(Unavailable, match="No persona can be asked"):
        await reel(replace(desk, ask_persona=None), topic="tides")
    await reel(desk, text=TEXT)
    with pytest.raises(Refused, match="no scene 9"):
        await redone(desk, step="picture", scene=9)
    with pytest.raises(Refused, match="Which scene"):
        await redone(desk, step="scene")
    async with desk.open_work(reads=True) as work:
        assert len(await work.productions.recent()) == 1


async def test_reels_are_for_staff_alone(desk: Turn, fan: Principal) -> None:
    names = {"make_reel", "redo_reel", "show_reel", "list_reels"}
    found = [one for one in CATALOGUE if one.name in names]

    assert {one.name for one in found} == names
    assert all(Kind.fan not in one.audience for one in found)
    with pytest.raises(Forbidden):
        await reel(replace(desk, principal=fan), text=TEXT)


@pytest.fixture
async def runner(turn: Turn, home: Path) -> AsyncIterator[Runner]:
    runner = Runner(turn.store, Blobs(home / "media"), home / "scratch", "tests", slots=2)
    yield runner
    await runner.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_reel_comes_out_as_long_as_asked_with_its_words_in_time(desk: Turn, runner: Runner, home: Path) -> None:
    made = await reel(
        desk, text="The tide went out, and it left a small sea behind.\n\nWould you look in?", length_s=5, format="1:1"
    )
    while waiting := await backlog.waiting(desk.store, 10):
        for one in waiting:
            await runner.work(*one)

    done = await show_reel(NameReel(), desk)
    assert isinstance(done, ReelShown)
    assert (done.state, done.progress, done.eta_s) == ("ready", 1.0, None)
    async with desk.open_work(reads=True) as work:
        video = await work.assets.get(made.asset or "")
        voices = [await work.assets.get(step.asset or "") for step in done.steps if step.kind == "voice"]
    measured = film.measure(Blobs(home / "media").get(video.sha256))
    assert measured.frames == 150
    assert measured.loudness_lufs > -20
    edit = MakeVideo.model_validate({"edit": video.provenance["edit"]}).edit
    cues = edit.captions.cues or ()
    starts = [0.0, *accumulate(scene.duration_s or 0.0 for scene in edit.scenes)]
    said = [
        (text, starts[place] + start)
        for place, voice in enumerate(voices)
        for text, start, _ in voice.provenance["words"]
    ]
    shown = [(text, start) for cue in cues for text, start, _ in cue.words]
    assert [text for text, _ in shown] == [text for text, _ in said]
    assert [start for _, start in shown] == pytest.approx([start for _, start in said], abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_half_a_minute_comes_of_one_sentence_to_gator(desk: Turn, runner: Runner, home: Path) -> None:
    async with open_saver(desk.settings) as saver:
        brain = Brain(desk.settings, desk.store, saver)
        said = Message(author="operator", text="make a 30 second reel about tide pools with Inez", workspace="")
        turn = brain.turn(desk.principal, desk.id, None)
        answer = await brain.answer_operator(turn, [said], True, lambda _frame: None)
    assert 'The reel "Tide pools" with Inez is being made' in answer.text
    while waiting := await backlog.waiting(desk.store, 10):
        await asyncio.gather(*(runner.work(*one) for one in waiting))

    done = await show_reel(NameReel(), desk)
    assert isinstance(done, ReelShown)
    assert done.state == "ready"
    async with desk.open_work(reads=True) as work:
        video = await work.assets.get(done.asset or "")
        thumbnail = await work.assets.get(done.thumbnail or "")
    path = Blobs(home / "media").get(video.sha256)
    measured = film.measure(path)
    assert (measured.width_px, measured.height_px, measured.frames) == (1080, 1920, 900)
    assert -18 < measured.loudness_lufs < -14
    assert (thumbnail.width_px, thumbnail.height_px) == (1080, 1920)
    with av.open(str(path), "r") as film_file:
        shown = [frame.to_ndarray(format="gray") for n, frame in enumerate(film_file.decode(video=0)) if n % 15 == 0]
    assert min(float(one.std()) for one in shown) > 8  # something stands on every frame
    # What is heard first of each scene is heard when its caption says so.
    edit = MakeVideo.model_validate({"edit": video.provenance["edit"]}).edit
    loud = np.abs(sound.decode(path, 48_000, 1)).reshape(-1)
    at = 0.0
    for scene in edit.scenes:
        cue = next(one for one in edit.captions.cues or () if one.start_s >= at)
        begins = at + int(np.argmax(loud[round(at * 48_000) :] > 0.02)) / 48_000
        assert cue.start_s == pytest.approx(begins, abs=0.15)
        at += scene.duration_s or 0.0
