"""The command `gator`: puts the program together. The only place that knows all rooms, and only inside functions."""

import atexit
import gc
import os
import sys


def main() -> None:
    # Before numpy is loaded: two BLAS threads that spin on a busy two-core machine cost tenfold (docs/performance.md).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is loaded stays: to look through it for garbage again and again is a tenth of a command's time.
    gc.set_threshold(50_000, 10, 10)
    atexit.register(gc.freeze)  # and once more when the process ends is a quarter
    from gator.rooms import assert_ours

    assert_ours()
    from gator.cli.app import app
    from gator.errors import GatorError

    try:
        app(prog_name="gator")
    except GatorError as wrong:
        sys.exit(f"gator: {wrong}")
    except KeyboardInterrupt:
        sys.exit(130)
