"""Who looks at a picture that was made? A device's process, which has torch, does so itself; the worker has a process beside it.

Thresholds that were measured for an encoder are kept in the home, so that they are measured once.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog

from gator.errors import Unavailable
from gator.settings import Settings
from gpu_worker.likeness.judging import Exam, Findings
from gpu_worker.shelf import Shelf, shelf

_APART_S = 300.0  # torch alone takes seconds to import, and a first measurement some more
_KEPT = "likeness.json"
Examine = Callable[[Exam], Awaitable[Findings]]
log = structlog.get_logger()


def examiner(settings: Settings, *, here: bool) -> Examine:
    """What looks at pictures; `here`: in this process, which has torch anyway."""

    async def examine(exam: Exam) -> Findings:
        if not _is_asked(shelf(settings), exam):
            return Findings()
        if find_spec("torch") is None:  # models are there, and nobody to show it to
            return Findings(broken=True)
        return await (asyncio.to_thread(seen, settings, exam) if here else _apart(settings, exam))

    return examine


def seen(settings: Settings, exam: Exam) -> Findings:
    """What the shelf's models see, in this process."""
    from gpu_worker.likeness.seeing import examine

    known = _known(settings)
    found = examine(shelf(settings), exam, thresholds := dict(known))
    if thresholds != known:
        _keep(settings, thresholds)
    return found


def _is_asked(there: Shelf, exam: Exam) -> bool:
    return bool(exam.views and there.entries("clip-vision")) or bool(there.entries("classifier"))


async def _apart(settings: Settings, exam: Exam) -> Findings:
    """Raises Unavailable when the process does not come to an end."""
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gpu_worker.likeness",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=os.environ | offline,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_APART_S):
            answer, _ = await process.communicate(_told(settings, exam))
    except TimeoutError as late:
        raise Unavailable("The picture could not be looked at in time.") from late
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise Unavailable("The picture could not be looked at.", remedy="The worker's log says why.")
    return Findings(**json.loads(answer))


def _told(settings: Settings, exam: Exam) -> bytes:
    paths = {"home": str(settings.home), "models": str(settings.shelf_folder)}
    return json.dumps({**paths, **asdict(exam)}, default=str).encode()


def answer(told: dict[str, Any]) -> dict[str, Any]:
    """What the process beside says of what it was told."""
    settings = Settings(home=Path(told["home"]), models_folder=Path(told["models"]))
    views = tuple(map(Path, told["views"]))
    return asdict(seen(settings, Exam(Path(told["picture"]), views, told["threshold"])))


def _known(settings: Settings) -> dict[str, float]:
    try:
        return {str(name): float(value) for name, value in json.loads((settings.home / _KEPT).read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _keep(settings: Settings, thresholds: dict[str, float]) -> None:
    new = settings.home / f".{_KEPT}.{os.getpid()}"
    try:
        new.write_text(json.dumps(thresholds))
        new.replace(settings.home / _KEPT)
    except OSError as wrong:  # it is measured again next time
        log.warning("threshold_not_kept", reason=type(wrong).__name__)
