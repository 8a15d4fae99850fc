"""What if a reel's video is cut while somebody makes a step of the reel again?"""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import text

from agents.models import Mind
from agents.persona import write_as
from memory.store import Store
from tests.tools.productions.test_reels import INEZ, TEXT, again, reel
from tools.capability import Turn
from tools.cuts import EditVideo, edit_video
from tools.productions.capabilities import show_reel
from tools.productions.shapes import NameReel, ReelShown


@pytest.fixture
async def desk(turn: Turn) -> Turn:
    async with turn.open_work() as work:
        await work.personas.create("inez", "Inez", INEZ, author="tests")
    return replace(turn, ask_persona=partial(write_as, mind=Mind(turn.settings), turn=turn))


async def somebody_waits(store: Store) -> None:
    async with asyncio.timeout(10), store.engine.connect() as looking:
        while not await looking.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_cut_that_waited_for_a_redo_does_not_take_its_place(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    async with desk.open_work() as work:
        made = await work.assets.get(first.asset or "")
        made.state, made.provenance = "ready", {"edit": (await work.jobs.that_made(made.id)).payload["edit"]}
        another = (await work.jobs.queue("picture.card", {}, key="another", makes="video")).asset_id

    async with desk.open_work() as work:  # SQLite has one writer at a time, PostgreSQL has this
        step = (await work.productions.steps(await work.productions.locked(first.id)))["video"]
        cutting = asyncio.create_task(edit_video(EditVideo(video=made.id), again(desk)))
        await somebody_waits(desk.store)
        step.asset_id = another
    await cutting

    now = await show_reel(NameReel(), desk)
    assert isinstance(now, ReelShown)
    assert now.asset == another


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_cut_that_is_not_made_yet_gives_way_to_the_next_with_its_thumbnail(desk: Turn) -> None:
    first = await reel(desk, text=TEXT)
    async with desk.open_work() as work:
        made = await work.assets.get(first.asset or "")
        job = await work.jobs.that_made(made.id)
        made.state, made.provenance, job.state = "ready", {"edit": job.payload["edit"]}, "done"
        before = {one.id for one in await work.jobs.recent("queued")}
    for _ in range(3):
        await edit_video(EditVideo(video=made.id), again(desk))
    async with desk.open_work(reads=True) as work:
        since = [one for one in await work.jobs.recent() if one.id not in before and one.id > job.id]
        reels = (await work.productions.steps(await work.productions.get(first.id))).values()
    assert [(one.kind, one.state) for one in since if one.state == "queued"] == [
        ("picture.thumbnail", "queued"),
        ("video.make", "queued"),
    ]
    assert {one.id for one in since if one.state == "queued"} <= {step.job_id for step in reels}
