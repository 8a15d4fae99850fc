"""Are media in a bucket what media in a folder are to the rest of Gator, and is what is kept here bounded?"""

import hashlib
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gator.errors import NotFound, Unavailable
from gator.settings import Settings
from memory.blobs import Blobs, Lent
from memory.buckets.blobs import BucketBlobs
from memory.buckets.cache import Cache
from memory.media_place import blobs_of
from tests.servers.s3 import S3

HELLO = hashlib.sha256(b"hello").hexdigest()
KEY = f"gator/{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"
HOUR_AGO = timedelta(hours=1)


def files(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def forget_here(blobs: BucketBlobs) -> None:
    """As on another machine, that has no copies."""
    shutil.rmtree(blobs.folder)


def unused_for(path: Path, seconds: float) -> None:
    at = time.time() - seconds
    os.utime(path, (at, at))


def test_without_a_bucket_media_are_in_the_folder(home: Path) -> None:
    assert type(blobs_of(Settings(home=home))) is Blobs
    assert blobs_of(Settings(home=home, storage_url=f"file://{home}/media")).folder == home / "media"


def test_a_file_is_in_the_bucket_before_it_has_its_name_here(blobs: BucketBlobs, s3: S3) -> None:
    with blobs.bring(b"hello") as arrival:
        assert s3.now(KEY)
        assert not blobs.path(HELLO).exists()
        arrival.keep()
    assert blobs.get(HELLO).read_bytes() == b"hello"
    assert files(blobs) == [blobs.path(HELLO)]


def test_what_the_bucket_does_not_take_is_not_kept(blobs: BucketBlobs, s3: S3) -> None:
    s3.fail("PUT", "denied", times=9)
    with pytest.raises(Unavailable):
        blobs.put(b"hello")
    assert files(blobs) == []


def test_another_machine_fetches_a_file_once(blobs: BucketBlobs, s3: S3) -> None:
    blobs.put(b"hello")
    forget_here(blobs)
    assert blobs.get(HELLO).read_bytes() == b"hello"
    asked = len(s3.asked)
    assert blobs.get(HELLO).stat().st_mode & 0o777 == 0o444
    assert len(s3.asked) == asked


def test_a_file_that_is_cut_while_it_is_fetched_is_whole_or_not_there(blobs: BucketBlobs, s3: S3) -> None:
    blobs.put(b"hello")
    forget_here(blobs)
    s3.fail("GET", "cut-body", times=99)
    with pytest.raises(Unavailable):
        blobs.get(HELLO)
    assert files(blobs) == []


def test_a_job_keeps_what_it_was_lent_when_the_copy_goes(blobs: BucketBlobs, tmp_path: Path) -> None:
    blobs.put(b"hello")
    lent = Lent(blobs, tmp_path)
    lent.bring([HELLO, "0" * 64])
    forget_here(blobs)
    assert lent.get(HELLO).read_bytes() == b"hello"
    with pytest.raises(NotFound):
        lent.get("0" * 64)


def test_what_is_to_be_sent_is_brought_here(blobs: BucketBlobs) -> None:
    blobs.put(b"hello")
    forget_here(blobs)
    path = blobs.path(HELLO)
    blobs.at_hand(path)
    assert path.read_bytes() == b"hello"
    blobs.at_hand(blobs.path("0" * 64))  # who sends it sees that it is gone


@pytest.mark.parametrize("versioned", [True, False])
def test_what_is_deleted_is_gone_there_and_here(blobs: BucketBlobs, s3: S3, versioned: bool) -> None:
    s3.versioned = versioned
    for _ in range(2):
        blobs.put(b"hello")
        assert blobs.put_small(HELLO, b"small")
    assert blobs.delete(HELLO)
    assert not blobs.delete(HELLO)
    assert files(blobs) == []
    assert not s3.objects


def test_no_small_picture_is_left_of_what_is_gone(blobs: BucketBlobs) -> None:
    assert not blobs.put_small(HELLO, b"small")
    assert files(blobs) == []


def test_names_tell_of_old_objects_and_of_copies_of_what_is_gone(blobs: BucketBlobs, s3: S3) -> None:
    blobs.put(b"hello")
    assert list(blobs.names(datetime.now(UTC) - HOUR_AGO)) == []
    s3.age(KEY, 2 * HOUR_AGO)
    assert list(blobs.names(datetime.now(UTC) - HOUR_AGO)) == [HELLO]
    blobs.bucket.delete(HELLO)  # by another machine
    unused_for(blobs.path(HELLO), 7200)
    assert list(blobs.names(datetime.now(UTC) - HOUR_AGO)) == [HELLO]
    assert blobs.delete_old(HELLO, datetime.now(UTC) - HOUR_AGO)
    assert files(blobs) == []


def test_what_was_brought_again_is_not_swept(blobs: BucketBlobs, s3: S3) -> None:
    blobs.put(b"hello")
    s3.age(KEY, 2 * HOUR_AGO)
    blobs.put(b"hello")
    assert not blobs.delete_old(HELLO, datetime.now(UTC) - HOUR_AGO)
    assert blobs.get(HELLO).exists()


def test_tidying_ends_old_uploads_and_goes_on_without_the_bucket(blobs: BucketBlobs, s3: S3) -> None:
    s3.uploads[f"upload1 {KEY}"] = {1: b"half"}
    assert blobs.tidy() == 1
    s3.fail("GET", "denied", times=9)
    assert blobs.tidy() == 0


def copies(folder: Path, *ages_s: float) -> list[Path]:
    made = []
    for n, age_s in enumerate(ages_s):
        path = folder / "00" / "00" / f"{n:064x}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(100))
        unused_for(path, age_s)
        made.append(path)
    return made


@pytest.mark.parametrize(
    ("most", "ages_s", "left"),
    [
        (1000, [1000, 2000, 3000], [0, 1, 2]),
        (200, [1000, 2000, 3000], [0, 1]),
        (200, [3000, 2000, 1000], [1, 2]),
        (0, [10, 1000], [0]),  # somebody may be reading it
        (1000, [90_000, 1000], [1]),  # a day, whatever room there is
    ],
)
def test_the_oldest_copies_go(tmp_path: Path, most: int, ages_s: list[float], left: list[int]) -> None:
    made = copies(tmp_path, *ages_s)
    assert Cache(tmp_path, most).trim() == len(made) - len(left)
    assert [n for n, path in enumerate(made) if path.exists()] == left


def test_copies_are_looked_at_when_enough_has_come(tmp_path: Path) -> None:
    made, cache = copies(tmp_path, 1000, 2000), Cache(tmp_path, 100)
    cache.grew(1)  # the first time
    assert [path.exists() for path in made] == [True, False]
    made += copies(tmp_path, 1000, 2000)[1:]
    cache.grew(1)
    assert made[1].exists()
    cache.grew(5)
    assert not made[1].exists()


def test_small_pictures_stay_longer_than_a_day(tmp_path: Path) -> None:
    small = tmp_path / "small" / "00" / f"{0:064x}.webp"
    small.parent.mkdir(parents=True)
    small.write_bytes(b"small")
    unused_for(small, 90_000)
    assert Cache(tmp_path, 1000).trim() == 0
    assert Cache(tmp_path, 1).trim() == 1
