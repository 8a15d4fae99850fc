"""What workers that died left in scratch: gone after a day with the jobs that ended, kept for those that wait."""

import os
from datetime import timedelta
from pathlib import Path

from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from memory import leftovers
from memory.store import Store


async def test_scratch_of_jobs_that_ended_goes_and_what_a_held_one_keeps_stays(
    store: Store, operator: Principal, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        held, over = [await work.jobs.queue("picture.card", {}, key=key, makes="picture") for key in ("held", "over")]
        await work.jobs.pause(held.id)
        await work.jobs.cancel(over.id)
    names = {f"kept.{held.id}": True, f"{held.id}.1": True, f"kept.{over.id}": False, f"{over.id}.2": False}
    names[f"{new_id()}.1"] = False  # of a job that is gone
    scratch = tmp_path / "scratch"
    long_ago = (now() - timedelta(days=2)).timestamp()
    for name in names:
        piece = scratch / name / "piece0.mp4"
        piece.parent.mkdir(parents=True)
        piece.touch()
        for path in (piece, piece.parent):
            os.utime(path, (long_ago, long_ago))
    (scratch / f"kept.{new_id()}").mkdir()  # young

    assert await leftovers.tidy_scratch(store, scratch) == 3
    assert {one.name for one in scratch.iterdir()} >= {name for name, stays in names.items() if stays}
    assert len([*scratch.iterdir()]) == 3
