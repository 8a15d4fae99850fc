"""A worker process of the tests, which knows their trades: `python -m tests.gpu_worker.process SETTINGS [PARENT]`."""

import json
import sys
from datetime import timedelta

import tests.gpu_worker.trades  # noqa: F401
from gator import log
from gator.settings import Settings
from gpu_worker.lease import Terms
from gpu_worker.worker import run

log.configure("info")
run(
    Settings(**json.loads(sys.argv[1])),
    parent=int(sys.argv[2]) if len(sys.argv) > 2 else None,
    terms=Terms(lives=timedelta(seconds=1.5), beat_s=0.4, progress_s=0.05),
)
