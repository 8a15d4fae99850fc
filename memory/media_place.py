"""In which place do media lie? A folder here or a bucket, as GATOR_STORAGE_URL says; either is asked as `Blobs`."""

from pathlib import Path

from gator.settings import Settings
from memory.blobs import Blobs
from memory.buckets.blobs import BucketBlobs
from memory.buckets.bucket import Bucket
from memory.buckets.place import place_of

_MB = 1_000_000


def blobs_of(settings: Settings) -> Blobs:
    """Media where the settings say. Raises Refused and Unavailable for what cannot be; nothing is asked over the network."""
    return blobs_at(settings, settings.storage_url) if settings.storage_url else Blobs(settings.media_folder)


def blobs_at(settings: Settings, url: str) -> Blobs:
    """Media at that address, whatever GATOR_STORAGE_URL says."""
    place = place_of(url)
    if isinstance(place, Path):
        return Blobs(place)
    folder = settings.home.resolve() / "media-cache"
    return BucketBlobs(folder, Bucket(settings, place), settings.storage_cache_mb * _MB)
