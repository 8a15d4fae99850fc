"""Media's bytes: kept once, whole or not at all."""

import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gator import clock
from gator.errors import NotFound, Unavailable
from memory.blobs import Blobs

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # SHA-256 of "hello"


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "media")


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process may grow beyond 64 KiB: writing on fails as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def test_bytes_and_a_file_of_the_same_bytes_are_kept_once(blobs: Blobs, tmp_path: Path) -> None:
    path = tmp_path / "hello"
    path.write_bytes(b"hello")

    assert blobs.put(b"hello") == blobs.put(path) == (HELLO, 5)
    assert files(blobs) == [blobs.get(HELLO)]
    assert blobs.get(HELLO).read_bytes() == b"hello"
    assert path.exists()


def test_what_is_deleted_or_never_came_is_not_found(blobs: Blobs) -> None:
    blobs.put(b"hello")

    assert blobs.delete(HELLO)
    assert not blobs.delete(HELLO)
    with pytest.raises(NotFound):
        blobs.get(HELLO)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", HELLO.upper(), HELLO + "\n", HELLO[:-1]])
def test_what_is_no_hash_names_no_file(blobs: Blobs, name: str) -> None:
    with pytest.raises(NotFound):
        blobs.path(name)


def test_bytes_that_were_brought_and_not_kept_are_gone(blobs: Blobs) -> None:
    with blobs.bring(b"hello") as arrival:
        assert arrival.blob.sha256 == HELLO
        assert not blobs.path(HELLO).exists()

    assert files(blobs) == []


def test_what_a_killed_process_was_copying_is_tidied_away_after_an_hour(blobs: Blobs) -> None:
    blobs.put(b"hello")
    with blobs.bring(b"half"):
        assert blobs.tidy() == 0
        with clock.set_to(lambda: datetime.now(UTC) + timedelta(hours=2)):
            assert blobs.tidy() == 1

    assert files(blobs) == [blobs.get(HELLO)]


def test_a_full_disk_is_said_and_leaves_nothing_behind(blobs: Blobs, small_disk: None) -> None:
    blobs.put(b"hello")
    with pytest.raises(Unavailable, match="no room left"):
        blobs.put(b"x" * (1 << 20))

    assert files(blobs) == [blobs.get(HELLO)]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "media").touch()
    with pytest.raises(Unavailable, match="cannot write"):
        Blobs(tmp_path / "media").put(b"hello")
