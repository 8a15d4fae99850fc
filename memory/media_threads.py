"""Where does one wait for media? In threads of their own: a bucket that hangs must not keep all else from being done.

What `asyncio.to_thread` runs shares a handful of threads (six on two cores) with the built-in model, with look-ups of names
and with all else that takes a moment; six who looked at pictures kept everybody from being answered for 90 seconds.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_THREADS = ThreadPoolExecutor(16, thread_name_prefix="media")  # each is begun when it is first needed


async def in_media_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `asyncio.to_thread`, for what may wait for a bucket."""
    asked = partial(copy_context().run, call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, asked)
