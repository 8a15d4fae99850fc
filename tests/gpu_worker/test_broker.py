"""The embedded broker: messages as files, none lost, none taken twice."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu.connection import Connection

from gpu_worker import broker

ROOT = Path(__file__).resolve().parents[2]
# Two of these put messages while the test takes them.
WRITER = """
import sys
from kombu import Connection
from gpu_worker import broker
broker.register()
folder, name, count = sys.argv[1:]
with Connection("folder://embedded", transport_options={"folder": folder}) as connection:
    queue = connection.SimpleQueue("gator")
    for number in range(int(count)):
        queue.put(f"{name}{number}" + "." * 2000)
    queue.close()
"""


def connect(folder: Path) -> Connection:
    broker.register()
    options = {"folder": str(folder)}
    return Connection("folder://embedded", transport_options=options)  # type: ignore[no-untyped-call]


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Any]:
    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue("gator")
        yield queue
        queue.close()


def take(queue: Any) -> str:
    message = queue.get(block=True, timeout=0.2)
    message.ack()
    return str(message.payload)


def take_all(folder: Path, taken: list[str], writers: list[subprocess.Popen[bytes]]) -> None:
    """Take until the writers are done and nothing is left."""
    with connect(folder) as connection:
        queue = connection.SimpleQueue("gator")
        while True:
            done = all(writer.poll() is not None for writer in writers)
            try:
                taken.append(take(queue).rstrip("."))
            except Empty:
                if done:
                    break
        queue.close()


def test_messages_come_in_the_order_they_were_put(queue: Any) -> None:
    for number in range(20):
        queue.put(f"message {number}")

    assert len(queue) == 20
    assert [take(queue) for _ in range(20)] == [f"message {number}" for number in range(20)]
    assert len(queue) == 0


def test_of_a_thousand_messages_of_two_processes_none_is_lost_or_taken_twice(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name, "500"], cwd=ROOT) for name in ("a", "b")
    ]
    taken: list[list[str]] = [[], []]
    takers = [threading.Thread(target=take_all, args=(tmp_path, mine, writers)) for mine in taken]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(taken[0] + taken[1]) == sorted(f"{name}{number}" for name in "ab" for number in range(500))
    assert not [*tmp_path.rglob("*.msg"), *tmp_path.rglob("*.tmp")]


def test_a_damaged_message_is_left_out(queue: Any, tmp_path: Path) -> None:
    (tmp_path / "gator").mkdir()
    (tmp_path / "gator" / "0.msg").write_bytes(b'{"body": "cut o')
    queue.put("whole")

    assert take(queue) == "whole"


def test_a_folder_that_is_deleted_comes_back_with_the_next_message(queue: Any, tmp_path: Path) -> None:
    queue.put("lost")
    (file,) = tmp_path.rglob("*.msg")
    file.unlink()
    file.parent.rmdir()
    with pytest.raises(Empty):
        take(queue)

    queue.put("after")
    assert take(queue) == "after"


def test_a_queue_can_be_emptied(queue: Any) -> None:
    for _ in range(3):
        queue.put("x")

    assert queue.clear() == 3
    assert len(queue) == 0


def test_waiting_for_a_message_ends_when_it_comes(queue: Any, tmp_path: Path) -> None:
    with connect(tmp_path) as other:
        late = threading.Timer(0.3, lambda: other.SimpleQueue("gator").put("late"))
        late.start()
        began = time.monotonic()
        while time.monotonic() - began < 10:
            try:
                assert take(queue) == "late"
                break
            except Empty:
                continue
        late.join()


def test_what_was_fetched_and_not_begun_does_not_come_back(tmp_path: Path) -> None:
    """Its job is a row, and the worker looks at the rows: a restored message would only be heard twice."""
    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue("gator")
        queue.put("once")
        queue.get(block=True, timeout=1)
        queue.close()

    assert not [*tmp_path.rglob("*.msg")]
