"""How is a server kept from stopping for its garbage? What a slow pass over everything has found alive is not looked at again.

Libraries alone are some million objects that live as long as the process; going through them stops everybody for 0.3 s each
time (bench.chat_load). Whatever is freed by counting references, which is nearly all, is freed as before.
"""

import gc
import time
from typing import Any

SLOW_S = 0.05
# Young passes, which a turn otherwise makes some twenty of: nearly all that it makes is freed before by its counts.
THRESHOLDS = (10_000, 10, 10)
MOST = 12  # times in a process: what becomes garbage in circles after that is never left lying


class Sparing:
    """Sets aside what survived a pass that took long; a dozen times, so that what is set aside has an end."""

    def __init__(self, slow_s: float = SLOW_S, most: int = MOST) -> None:
        self._slow_s, self._left = slow_s, most
        self._began = 0.0
        self._thresholds = gc.get_threshold()

    def start(self) -> None:
        gc.freeze()  # what is imported so far
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*THRESHOLDS)
        gc.callbacks.append(self._heed)

    def stop(self) -> None:
        gc.callbacks.remove(self._heed)
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()

    def _heed(self, phase: str, about: dict[str, Any]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        elif about["generation"] == 2 and self._left and time.perf_counter() - self._began > self._slow_s:
            gc.freeze()
            self._left -= 1
