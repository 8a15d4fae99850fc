"""Where do media lie: in which folder, or in which bucket? What `GATOR_STORAGE_URL` says; nothing is imported or asked here."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gator.errors import Refused
from gator.settings import Settings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()/-]*")  # what needs no escaping in a key (AWS: object key naming)


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and what the names in it begin with: empty, or ending with a slash."""

    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def place_of(url: str) -> Place | Path:
    """A bucket or a folder. Raises Refused for any other address."""
    scheme, _, rest = url.partition("://")
    if scheme == "file" and rest.startswith("/"):
        return Path(rest)
    bucket, _, prefix = rest.partition("/")
    if scheme == "s3" and _BUCKET.fullmatch(bucket) and _PREFIX.fullmatch(prefix):
        parts = [part for part in prefix.split("/") if part]
        return Place(bucket, "".join(f"{part}/" for part in parts))
    raise Refused(
        f"'{url}' is no place for media.", remedy="Name a folder, file:///srv/media, or a bucket, s3://bucket/prefix."
    )


def endpoint_of(settings: Settings) -> str:
    """The service's address; Amazon's in the region, where none is set."""
    return settings.storage_endpoint.rstrip("/") or f"https://s3.{settings.storage_region}.amazonaws.com"


def is_virtual(settings: Settings, place: Place) -> bool:
    """Whether the bucket is part of the host's name. Certificates of Amazon's are for one label, so not with dots."""
    return not settings.storage_endpoint and "." not in place.bucket


def origin_of(settings: Settings) -> str:
    """Whence browsers get media besides from us, for the policies of pages; empty where from nowhere else."""
    place = place_of(settings.storage_url) if settings.storage_url and settings.storage_redirect else None
    if not isinstance(place, Place):
        return ""
    parts = urlsplit(endpoint_of(settings))
    host = f"{place.bucket}.{parts.netloc}" if is_virtual(settings, place) else parts.netloc
    return f"{parts.scheme}://{host}"
