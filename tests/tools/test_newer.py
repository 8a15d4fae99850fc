"""Is whoever is asked about a video told that there is a newer version of it?"""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from agents.models import Mind
from agents.persona import write_as
from bots.pieces import pieces_of
from gator.clock import now
from tests.tools.productions.test_reels import INEZ, TEXT, again, redone, reel
from tools.capability import Nothing, Turn
from tools.cuts import EditVideo, edit_video
from tools.newer import outdated
from tools.overview import ApprovalList, list_approvals

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def desk(turn: Turn) -> Turn:
    async with turn.open_work() as work:
        await work.personas.create("inez", "Inez", INEZ, author="tests")
    return replace(turn, ask_persona=partial(write_as, mind=Mind(turn.settings), turn=turn))


async def come_out(turn: Turn, id: str | None) -> str:
    """As if the worker had made it."""
    async with turn.open_work() as work:
        job, asset = await work.jobs.that_made(id or ""), await work.assets.get(id or "")
        job.state, asset.state, asset.provenance = "done", "ready", {"edit": job.payload["edit"]}
    return asset.id


async def those(turn: Turn, *ids: str) -> list[str]:
    async with turn.open_work(reads=True) as work:
        found = await outdated(work, ids)
    return [id for id in ids if id in found]


async def test_an_older_take_or_what_was_cut_since_is_known(desk: Turn) -> None:
    first = await come_out(desk, (await reel(desk, text=TEXT)).asset)
    assert not await those(desk, first)

    second = await come_out(desk, (await redone(desk, step="picture", scene=1)).asset)
    third = await come_out(desk, (await redone(desk, step="picture", scene=2)).asset)
    assert await those(desk, first, second, third) == [first, second]
    cut = (await edit_video(EditVideo(video=third), again(desk))).asset  # type: ignore[attr-defined]
    assert await those(desk, third, cut) == [third]
    last = await come_out(desk, (await redone(desk, step="picture", scene=1)).asset)
    assert await those(desk, cut, last) == [cut]


async def test_the_question_about_an_older_one_says_so(desk: Turn) -> None:
    first = await come_out(desk, (await reel(desk, text=TEXT)).asset)
    async with desk.open_work() as work:
        talk = await work.conversations.meet("cli", "", "t", user_id=desk.principal.subject)
        asked = await work.approvals.ask(
            "schedule_post", "publish", {"assets": [first]}, "hash", summary="Publish it?", key="k", turn_id=desk.id,
            conversation_id=talk.id, lives=timedelta(hours=1),
        )  # fmt: skip
        message = await work.conversations.say(talk.id, "gator", "This waits:")
    told = await list_approvals(Nothing(), desk)
    assert isinstance(told, ApprovalList)
    assert "newer" not in told.in_words()

    await redone(desk, step="picture", scene=1)

    told = await list_approvals(Nothing(), desk)
    assert isinstance(told, ApprovalList)
    assert told.in_words().endswith(") There is a newer version of this video.")
    async with desk.open_work(reads=True) as work:
        (_, (piece, _)) = await pieces_of(work, None, message, [asked], [("This waits:", now())])
    assert piece.text == "Publish it?\nThere is a newer version of this video."
