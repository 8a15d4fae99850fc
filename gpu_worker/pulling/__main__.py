"""`python -m gpu_worker.pulling`: pull one model. One JSON line on stdin, JSON lines on stdout; it ends when stdin does.

{"settings": {...}, "ask": {"what": "sdxl", ...}} -> {"done": 1, "of": 7, ...}, then {"pulled": NAME}
                                                      or {"failed": "Refused", "message": ..., "remedy": ...}
"""

import json
import os
import sys
import threading
import time
from typing import Any

from gator import log
from gator.errors import GatorError
from gator.settings import Settings
from gpu_worker.jobs import PullModel
from gpu_worker.pulling.fetching import Step, pull
from gpu_worker.pulling.offers import Order, look
from gpu_worker.shelf import shelf

_EVERY_S = 0.25
_told_at, _told_done = 0.0, 0


def main() -> None:
    told = json.loads(sys.stdin.readline())
    settings = Settings(**told["settings"])
    log.configure(settings.log_level)  # to stderr: stdout is for answers
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        say({"pulled": _pull(settings, PullModel.model_validate(told["ask"]))})
    except GatorError as wrong:
        retry = getattr(wrong, "retry_after_s", None)
        named = {"failed": type(wrong).__name__, "message": wrong.message, "remedy": wrong.remedy}
        say({**named, "retry_after_s": retry})


def _pull(settings: Settings, ask: PullModel) -> str:
    order = Order(ask.what, ask.revision, ask.files, ask.name, ask.kind, ask.family, from_folder=False)
    offer = look(order, settings)
    done = pull(offer, shelf(settings), accepted=ask.accept_licence, by=ask.accepted_by, told=_progress)
    return done.entry.name


def _progress(step: Step) -> None:
    global _told_at, _told_done
    if time.monotonic() - _told_at > _EVERY_S or step.done - _told_done >= step.of / 100:
        _told_at, _told_done = time.monotonic(), step.done
        say({"done": step.done, "of": step.of})


def say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _end_with_stdin() -> None:
    """The worker is gone or wants it no more. What is half here is whole up to its last byte, so nothing is tidied."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
