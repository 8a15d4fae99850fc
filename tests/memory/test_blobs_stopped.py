"""Is a file that was kept again there, wherever whoever deletes old files is killed?"""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from gator.clock import now
from memory.blobs import Blobs

# The process dies before whatever it would do to a file after the first such thing.
_DIES = """
import os, sys
from datetime import timedelta
from pathlib import Path
from gator.clock import now
from memory.blobs import Blobs

done = []

def hook(event, _):
    if event in ("os.rename", "os.remove", "os.link"):
        done.append(event)
        if len(done) == 2:
            os._exit(9)

blobs = Blobs(Path(sys.argv[1]))
sys.addaudithook(hook)
blobs.delete_old(sys.argv[2], now() - timedelta(hours=1))
"""


def aged(blobs: Blobs, content: bytes) -> str:
    sha256 = blobs.put(content).sha256
    old = time.time() - 7200
    os.utime(blobs.path(sha256), (old, old))
    return sha256


def killed_in_between(blobs: Blobs, sha256: str) -> None:
    done = subprocess.run([sys.executable, "-c", _DIES, str(blobs.folder), sha256], check=False, timeout=30)
    assert done.returncode == 9
    assert not blobs.path(sha256).exists()


def test_a_file_that_was_kept_again_is_there_when_whoever_swept_was_killed(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha256 = aged(blobs, b"kept again")
    assert blobs.put(b"kept again").sha256 == sha256

    killed_in_between(blobs, sha256)
    assert blobs.get(sha256).read_bytes() == b"kept again"
    killed_in_between(blobs, sha256)
    assert blobs.has(sha256)
    killed_in_between(blobs, sha256)
    assert blobs.delete(sha256)
    assert not blobs.has(sha256)


def test_what_whoever_swept_left_aside_is_tidied_back_and_swept_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha256 = aged(blobs, b"old")

    killed_in_between(blobs, sha256)
    assert blobs.left() == []
    assert blobs.tidy() == 0
    assert blobs.path(sha256).exists()
    assert blobs.delete_old(sha256, now() - timedelta(hours=1))


def test_an_old_file_is_deleted_with_its_small_picture(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha256 = aged(blobs, b"old")
    assert blobs.put_small(sha256, b"a small picture")

    assert blobs.delete_old(sha256, now() - timedelta(hours=1))
    assert not blobs.has(sha256)
    assert not blobs.small(sha256).exists()
    assert not blobs.delete_old(sha256, now() - timedelta(hours=1))
