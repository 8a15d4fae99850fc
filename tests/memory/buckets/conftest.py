"""A bucket, and media in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gator.settings import Settings
from memory.buckets.blobs import BucketBlobs
from memory.media_place import blobs_of
from tests.servers.s3 import S3, in_bucket, serving_s3


@pytest.fixture
def s3() -> Iterator[S3]:
    with serving_s3() as service:
        yield service


@pytest.fixture
def there(s3: S3, home: Path) -> Settings:
    """Settings that name the bucket."""
    return in_bucket(Settings(home=home, secret_key="a key for tests only"), s3)


@pytest.fixture
def blobs(there: Settings) -> BucketBlobs:
    found = blobs_of(there)
    assert isinstance(found, BucketBlobs)
    return found
