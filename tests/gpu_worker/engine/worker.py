"""A worker process of the tests with devices: `python -m tests.gpu_worker.engine.worker SETTINGS NAMES [PARENT]`."""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta

import tests.gpu_worker.engine.making
import tests.gpu_worker.trades  # noqa: F401
from gator import log
from gator.settings import Settings
from gpu_worker.devices import Found
from gpu_worker.engine.keeper import Kit
from gpu_worker.engine.process import Habits
from gpu_worker.lease import Terms
from gpu_worker.worker import run

NAMES = sys.argv[2].split(",")


async def find(_names: Sequence[str]) -> list[Found]:
    return [Found(name, name.partition(":")[0], f"Counting {name}", 100) for name in NAMES]


if __name__ == "__main__":
    log.configure("info")
    settings = Settings(**json.loads(sys.argv[1]))
    run(
        settings,
        parent=int(sys.argv[3]) if len(sys.argv) > 3 else None,
        terms=Terms(lives=timedelta(seconds=8), beat_s=0.4, progress_s=0.05),
        kit=Kit(
            "tests.gpu_worker.engine.device",
            find,
            able=lambda: True,
            cpu=Habits(idle_s=0.5, stalls_s=1.0),
            gpu=Habits(stalls_s=1.0),
            locks=settings.home,
        ),
    )
