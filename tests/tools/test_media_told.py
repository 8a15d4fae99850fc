"""Does the list of media say what was not made, and why, and that there are more?"""

from gator.ids import new_id
from memory.models import Asset
from tools.capability import Turn
from tools.jobs import NameJob, cancel_job
from tools.media import ListMedia, MediaList, list_media
from tools.orders import MediaQueued
from tools.pictures import DrawCardAsk, draw_card


async def _listed(turn: Turn, **ask: object) -> MediaList:
    found = await list_media(ListMedia.model_validate(ask), turn)
    assert isinstance(found, MediaList)
    return found


async def _ordered(turn: Turn, text: str) -> MediaQueued:
    queued = await draw_card(DrawCardAsk(text=text), turn)
    assert isinstance(queued, MediaQueued)
    return queued


async def test_what_was_cancelled_is_told_as_that_and_what_failed_with_its_reason(turn: Turn) -> None:
    cancelled, failed = await _ordered(turn, "Herons"), await _ordered(turn, "Foxes")
    await cancel_job(NameJob(job=cancelled.job), turn)
    async with turn.open_work() as work:
        job = await work.jobs.get(failed.job)
        job.state, job.error = "failed", "The device ran out of memory."
        (await work.assets.get(failed.asset)).state = "failed"
        work.session.add(Asset(id=new_id(), workspace=job.workspace, kind="picture", title="Old", state="failed"))

    lines = (await _listed(turn)).in_words().splitlines()

    assert lines == [
        '- picture "Old": could not be made',
        '- picture "Foxes": could not be made (The device ran out of memory)',
        '- picture "Herons": cancelled',
    ]


async def test_a_list_that_stopped_says_that_there_are_more(turn: Turn) -> None:
    for n in range(3):
        async with turn.open_work() as work:
            await work.assets.take(new_id(), kind="picture", title=f"Card {n}", sha256="0" * 64, size_bytes=1)

    assert (await _listed(turn, limit=2)).in_words().splitlines()[-1] == "These are the newest 2; there are more."
    assert not (await _listed(turn, limit=3)).more
