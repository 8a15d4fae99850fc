"""Waiting for what blocks."""

import asyncio
import threading

import pytest

from tools.threads import in_thread


async def test_what_the_function_gives_or_raises_comes_back() -> None:
    assert await in_thread(lambda: 7, 5) == 7
    with pytest.raises(KeyError):
        await in_thread(lambda: {}["absent"], 5)


async def test_a_function_that_hangs_is_left_behind() -> None:
    let_go = threading.Event()
    with pytest.raises(TimeoutError):
        await in_thread(let_go.wait, 0.02)

    let_go.set()
    await asyncio.sleep(0.05)  # what it says in the end is heard by nobody
    assert not [one for one in threading.enumerate() if one.name == "left-behind"]
