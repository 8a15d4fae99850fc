"""Who tells the workers that there are jobs? A thread that sends their ids once they are committed; light to import.

It never holds up whoever queued a job and never fails them: a worker finds a job that it was not told of by itself.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog

from gator.errors import GatorError
from gator.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

_DEAF_S = 5.0  # how long a broker that did not answer is left alone
log = structlog.get_logger()


def wake(settings: Settings) -> Callable[[list[str]], None]:
    """What a Store's `wake` is: takes ids of jobs that were queued. Celery is imported with the first of them."""
    return _Caller(settings).call


class _Caller:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread: ThreadPoolExecutor | None = None
        self._app: Celery | None = None
        self._deaf_until = 0.0

    def call(self, jobs: list[str]) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="wake")
        self._thread.submit(self._send, list(jobs))

    def _send(self, jobs: list[str]) -> None:
        if time.monotonic() < self._deaf_until:
            return
        from kombu.exceptions import KombuError

        try:
            self._publish(jobs)
        except (KombuError, OSError, GatorError) as away:
            self._deaf_until = time.monotonic() + _DEAF_S
            log.warning("broker_away", reason=str(away), jobs=len(jobs))
        except Exception:  # the top of this thread: a future nobody asks would swallow it
            log.exception("wake_failed")

    def _publish(self, jobs: list[str]) -> None:
        from gpu_worker.app import WORK, make_app

        self._app = self._app or make_app(self._settings)
        with self._app.producer_or_acquire() as producer:
            for job in jobs:
                self._app.send_task(WORK, (job,), producer=producer)
