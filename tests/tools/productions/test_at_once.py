"""What if two change one reel at once? Neither is lost, and neither waits for the other for ever."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select, text

from agents.models import Mind
from agents.persona import write_as
from gator.errors import Conflict
from gpu_worker.jobs import MakePicture
from memory.models import Job
from memory.store import Store
from tests.tools.productions.test_reels import INEZ, TEXT, again, redone, reel
from tools.capability import Turn
from tools.jobs import NameJob, resume_job
from tools.productions.capabilities import redo_reel
from tools.productions.shapes import RedoReel, ReelShown

PICTURE = MakePicture(model="openai:gpt-image-1", prompt="a heron").model_dump(mode="json")


@pytest.fixture
async def desk(turn: Turn) -> Turn:
    async with turn.open_work() as work:
        await work.personas.create("inez", "Inez", INEZ, author="tests")
    return replace(turn, ask_persona=partial(write_as, mind=Mind(turn.settings), turn=turn))


async def test_a_redo_while_the_persona_writes_for_another_is_kept(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    asked: list[str] = []

    async def writes(persona: str, brief: str) -> str:
        asked.append(brief)
        if len(asked) == 1:
            await redone(desk, step="scene", scene=2, say="A sea stayed in a bowl.")
        assert desk.ask_persona is not None
        return await desk.ask_persona(persona, brief)

    made = await redo_reel(
        RedoReel(step="scene", scene=1, say="The water went away."), replace(again(desk), ask_persona=writes)
    )

    assert isinstance(made, ReelShown)
    assert [scene.say for scene in made.script.scenes] == [
        "The water went away.",
        "A sea stayed in a bowl.",
        first.script.scenes[2].say,
    ]
    assert len(asked) == 2  # the texts to post are of both


async def somebody_waits(store: Store, other: asyncio.Task[object]) -> None:
    async with asyncio.timeout(10), store.engine.connect() as looking:
        while not await looking.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert not other.done()
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_job_is_let_go_on_only_with_the_budget_in_hand(desk: Turn) -> None:
    async with desk.open_work() as work:
        job = await work.jobs.queue("picture.make", PICTURE, key="held", makes="picture")
        job.started_at = job.created_at
        await work.jobs.pause(job.id)
    desk = replace(desk, settings=desk.settings.model_copy(update={"image_price_usd": 0.01}))

    async with desk.open_work() as work:  # as a redo does
        await work.spending.one_at_a_time()
        resuming = asyncio.create_task(resume_job(NameJob(job=job.id), again(desk)))
        await somebody_waits(desk.store, resuming)
        await work.jobs.cancel(job.id)
    with pytest.raises(Conflict, match="cancelled"):
        await resuming


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_redo_has_the_budget_before_it_cancels_a_job(desk: Turn) -> None:
    desk = replace(desk, settings=desk.settings.model_copy(update={"media_quota_files": 1000}))
    await reel(desk, text=TEXT)

    async with desk.open_work() as work:
        await work.spending.one_at_a_time()
        redoing = asyncio.create_task(redone(desk, step="picture", scene=1))
        await somebody_waits(desk.store, redoing)
        await work.session.execute(select(Job.id).with_for_update(nowait=True))  # as whoever lets one go on
    assert {step.name for step in (await redoing).steps if step.take > 1} == {"picture-1", "video", "thumbnail"}
