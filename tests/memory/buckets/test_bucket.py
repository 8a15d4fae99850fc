"""Is what was put into a bucket proven to be there, whatever the service tells or leaves out, and is all of it deleted?"""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gator.errors import NotFound, Refused, Unavailable
from gator.settings import Settings
from memory.buckets.blobs import BucketBlobs
from memory.buckets.bucket import PART_BYTES, Bucket
from memory.buckets.place import Place, endpoint_of, origin_of, place_of
from tests.servers.s3 import BUCKET, S3, Way, in_bucket

HELLO = hashlib.sha256(b"hello").hexdigest()
KEY = f"gator/{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"


@pytest.fixture
def bucket(blobs: BucketBlobs) -> Bucket:
    return blobs.bucket


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    path = tmp_path / "hello"
    path.write_bytes(b"hello")
    return path


def put(bucket: Bucket, path: Path) -> str:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    bucket.put(path, sha256, len(content))
    return sha256


def read(bucket: Bucket, sha256: str, start: int = 0, end: int = 5) -> bytes:
    return b"".join(bucket.read(sha256, start, end))


def test_what_is_put_lies_under_its_hash_and_is_read_in_parts(bucket: Bucket, s3: S3, hello: Path) -> None:
    put(bucket, hello)
    assert s3.objects[KEY][-1].content == b"hello"
    assert [one[:2] for one in bucket.objects()] == [(HELLO, 5)]
    assert read(bucket, HELLO) == b"hello"
    assert read(bucket, HELLO, 1, 4) == b"ell"


def test_a_large_file_goes_up_in_parts_and_is_proven_by_their_hashes(bucket: Bucket, s3: S3, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"abcd" * (PART_BYTES // 4) + b"the rest")
    sha256 = put(bucket, path)
    assert s3.now(bucket.key(sha256)).checksum.endswith("-2")  # type: ignore[union-attr]
    assert not s3.uploads
    assert s3.sent_bytes < 10_000  # nothing was read back
    assert read(bucket, sha256, PART_BYTES - 2, PART_BYTES + 3) == b"cdthe"


def test_an_upload_in_parts_that_fails_is_ended(bucket: Bucket, s3: S3, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(PART_BYTES + 1))
    s3.fail("PUT", "denied", part="partNumber=2")
    with pytest.raises(Unavailable, match="refuses us"):
        put(bucket, path)
    assert not s3.uploads
    assert not s3.objects


def test_uploads_of_processes_that_died_are_ended(bucket: Bucket, s3: S3) -> None:
    s3.uploads[f"upload1 {KEY}"] = {1: b"half"}
    s3.uploads["upload2 gator/others/film.mp4"] = {1: b"half"}
    assert bucket.end_uploads() == 1
    assert [*s3.uploads] == ["upload2 gator/others/film.mp4"], "what is not ours is not touched"


def test_a_service_that_tells_no_hash_has_to_give_the_bytes_back(bucket: Bucket, s3: S3, hello: Path) -> None:
    s3.tells_checksums = False
    put(bucket, hello)
    assert s3.sent_bytes == 5


@pytest.mark.parametrize("tells", [True, False])
def test_bytes_that_came_out_wrong_are_no_upload(bucket: Bucket, s3: S3, hello: Path, tells: bool) -> None:
    s3.tells_checksums = tells
    s3.fail("PUT", "wrong-bytes")
    with pytest.raises(Unavailable, match="does not hold what it was given"):
        put(bucket, hello)


def test_an_upload_whose_answer_was_lost_counts(s3: S3, there: Settings, hello: Path) -> None:
    bucket = Bucket(in_bucket(there, s3, storage_timeout_s=0.3), Place(BUCKET, "gator/"))
    s3.fail("PUT", "lost-answer", times=3)
    put(bucket, hello)
    assert read(bucket, HELLO) == b"hello"


def test_a_busy_service_is_asked_again(bucket: Bucket, s3: S3, hello: Path) -> None:
    s3.fail("PUT", "slow-down", times=2)
    put(bucket, hello)
    assert s3.now(KEY)


def test_a_service_that_stays_busy_is_unavailable_for_a_while(bucket: Bucket, s3: S3, hello: Path) -> None:
    s3.fail("PUT", "slow-down", times=9)
    with pytest.raises(Unavailable, match="busy") as busy:
        put(bucket, hello)
    assert busy.value.retry_after_s


def test_a_body_that_is_cut_is_gone_on_with(bucket: Bucket, s3: S3, hello: Path) -> None:
    put(bucket, hello)
    s3.fail("GET", "cut-body", times=2)
    assert read(bucket, HELLO) == b"hello"


def test_a_service_that_sends_more_than_was_asked_for_is_not_read_on(bucket: Bucket, s3: S3, hello: Path) -> None:
    put(bucket, hello)
    s3.fail("GET", "no-range", times=2)
    assert b"".join(bucket.read(HELLO, 0, 2)) == b"he"
    with pytest.raises(Unavailable, match="no parts"):
        list(bucket.read(HELLO, 1, 3))


@pytest.mark.parametrize("way", ["cut-body", "empty"])
def test_a_body_that_is_always_cut_is_given_up(bucket: Bucket, s3: S3, hello: Path, way: Way) -> None:
    put(bucket, hello)
    s3.fail("GET", way, times=99)
    with pytest.raises(Unavailable):
        read(bucket, HELLO)


@pytest.mark.parametrize(
    ("way", "says", "remedy"),
    [
        ("denied", "refuses us .AccessDenied", "Let the key"),
        ("missing-bucket", "no such bucket", "GATOR_STORAGE_URL"),
        ("skewed", "refuses us .RequestTimeTooSkewed", "this machine's clock"),
    ],
)
def test_what_is_refused_says_why(bucket: Bucket, s3: S3, way: str, says: str, remedy: str) -> None:
    s3.fail("GET", way, times=9)  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match=says) as refused:
        list(bucket.objects())
    assert remedy in refused.value.remedy


def test_a_wrong_secret_is_refused_by_the_signature(s3: S3, there: Settings, hello: Path) -> None:
    wrong = Bucket(in_bucket(there, s3, storage_secret="another one"), Place(BUCKET, "gator/"))
    with pytest.raises(Unavailable, match="refuses us") as refused:
        put(wrong, hello)
    assert "GATOR_STORAGE_SECRET" in refused.value.remedy


def test_what_is_not_there_is_not_found(bucket: Bucket, tmp_path: Path) -> None:
    assert bucket.size_of(HELLO) is None
    assert not bucket.delete(HELLO)
    with pytest.raises(NotFound):
        bucket.fetch(HELLO, tmp_path / "new")
    with pytest.raises(NotFound):
        read(bucket, HELLO)


def test_a_damaged_object_is_not_taken_for_what_it_was(bucket: Bucket, s3: S3, hello: Path, tmp_path: Path) -> None:
    put(bucket, hello)
    s3.objects[KEY][-1].content = b"hullo"
    with pytest.raises(Unavailable, match="damaged"):
        bucket.fetch(HELLO, tmp_path / "new")


@pytest.mark.parametrize(("way", "says"), [("huge", "are free in"), ("longer", "shorter than it should be")])
def test_a_size_that_is_a_lie_fills_no_disk(
    bucket: Bucket, s3: S3, hello: Path, tmp_path: Path, way: str, says: str
) -> None:
    put(bucket, hello)
    s3.fail("HEAD", way)  # type: ignore[arg-type]
    before = s3.sent_bytes
    with pytest.raises(Unavailable, match=says) as refused:
        bucket.fetch(HELLO, tmp_path / "new")
    assert refused.value.remedy
    assert s3.sent_bytes - before <= 5


def test_a_listing_goes_over_pages_and_passes_over_what_is_not_ours(bucket: Bucket, s3: S3, tmp_path: Path) -> None:
    path = tmp_path / "one"
    hashes = set()
    for n in range(5):
        path.write_bytes(bytes([n]))
        hashes.add(put(bucket, path))
    s3.put("gator/readme.txt", b"ours it is not", "")
    s3.put(f"elsewhere/aa/bb/{HELLO}", b"hello", "")
    assert {one.sha256 for one in bucket.objects()} == hashes


@pytest.mark.parametrize("versioned", [True, False])
def test_deleting_leaves_no_version(bucket: Bucket, s3: S3, hello: Path, versioned: bool) -> None:
    s3.versioned = versioned
    for _ in range(3):  # more than a page of a listing
        put(bucket, hello)
        s3.remove(KEY, "")  # as by somebody's hand: with versions only a mark is put
    put(bucket, hello)
    assert bucket.delete(HELLO)
    assert not s3.objects


def test_a_service_without_versions_is_asked_to_delete_what_it_has(bucket: Bucket, s3: S3, hello: Path) -> None:
    s3.lists_versions = False
    put(bucket, hello)
    assert bucket.delete(HELLO)
    assert not s3.objects


def test_what_is_young_again_is_not_swept(bucket: Bucket, s3: S3, hello: Path) -> None:
    put(bucket, hello)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert not bucket.delete(HELLO, hour_ago)
    s3.age(KEY, timedelta(hours=2))
    assert bucket.delete(HELLO, hour_ago)


def test_a_link_opens_the_object_with_our_headers_and_ends(bucket: Bucket, hello: Path) -> None:
    put(bucket, hello)
    link = bucket.link(HELLO, timedelta(minutes=5), {"Content-Type": "image/png"})
    answer = httpx.get(link)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"hello", "image/png")
    assert httpx.get(link.replace("image%2Fpng", "text%2Fhtml")).status_code == 403
    assert httpx.get(bucket.link(HELLO, timedelta(seconds=-1), {})).status_code == 403


def test_the_check_leaves_nothing_and_says_what_is_wrong(bucket: Bucket, s3: S3) -> None:
    bucket.check()
    assert not s3.objects
    s3.fail("DELETE", "denied", times=9)
    with pytest.raises(Unavailable, match="refuses us"):
        bucket.check()


def test_a_service_that_is_away_is_unavailable(there: Settings) -> None:
    away = Bucket(Settings(home=there.home, storage_endpoint="http://127.0.0.1:9", storage_key_id="a", storage_secret="b"),
                  Place(BUCKET, ""))  # fmt: skip
    with pytest.raises(Unavailable, match="does not answer"):
        away.size_of(HELLO)


NO_PLACES = ["ftp://x", "s3://", "s3://UPPER/x", "s3://bucket/a?b", "file://relative", "s3://bucket/x#y", "media"]


@pytest.mark.parametrize("url", NO_PLACES)
def test_what_is_no_place_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="no place for media"):
        place_of(url)


def test_places_are_told_apart() -> None:
    assert place_of("file:///srv/media") == Path("/srv/media")
    assert place_of("s3://bucket") == Place("bucket", "")
    assert place_of("s3://bucket/a//b/") == Place("bucket", "a/b/")
    assert Place("bucket", "a/b/").url == "s3://bucket/a/b"


@pytest.mark.parametrize(
    ("url", "more", "origin"),
    [
        ("s3://pictures/x", {}, "https://pictures.s3.eu-west-1.amazonaws.com"),
        ("s3://pictures.of.us", {}, "https://s3.eu-west-1.amazonaws.com"),
        ("s3://pictures", {"storage_endpoint": "http://minio:9000/"}, "http://minio:9000"),
    ],
)
def test_pages_know_whence_a_link_comes(tmp_path: Path, url: str, more: dict[str, Any], origin: str) -> None:
    settings = Settings(home=tmp_path, storage_url=url, storage_region="eu-west-1", storage_redirect=True, **more,
                        storage_key_id="a", storage_secret="b")  # fmt: skip
    assert origin_of(settings) == origin
    place = place_of(url)
    assert isinstance(place, Place)
    assert Bucket(settings, place).link(HELLO, timedelta(minutes=1), {}).startswith(f"{origin}/")
    assert endpoint_of(settings)
