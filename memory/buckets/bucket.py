"""What can be done with a bucket? Put a file and have it proven, read parts, list, delete with all versions, sign a link.

The client is botocore's: it signs (SigV4) and tries again what may pass (503, time-outs, broken lines). An object's name is
the SHA-256 of its bytes, so whatever is told of an upload, the object itself can be asked. An upload counts when HEAD tells its
size and its SHA-256; a service that tells no SHA-256 is made to give the bytes back.

Objects of more than PART_BYTES go up in parts. Of those S3 tells the hash of the parts' hashes
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
"""

import base64
import hashlib
import math
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from gator.clock import now
from gator.errors import GatorError, NotFound, Unavailable
from gator.settings import Settings
from memory.buckets.place import Place, endpoint_of, is_virtual

PART_BYTES = 16 << 20  # 10,000 parts are the most there may be: 156 GiB
_CHUNK_BYTES = 1 << 18
_CUTS = 3  # how often a body that ended early is asked for again from there
_ABANDONED_FOR = timedelta(days=1)
_UNKNOWN = {404, 405, 501}  # a service that has no versions to list
_NAME = re.compile(r"(?:[0-9a-f]{2}/){2}([0-9a-f]{64})")
_AGAIN_S = 30.0
_ALLOW = "Let the key read, write, list and delete there (with versions, where the bucket keeps them)."
_RESTORE = "Bring it back from a backup."
_KEY = "Correct GATOR_STORAGE_KEY_ID and GATOR_STORAGE_SECRET."
# What S3 refuses for other reasons than what the key may do (AWS: error responses).
_NOT_THE_KEYS_RIGHTS = {
    "RequestTimeTooSkewed": "Set this machine's clock: it is more than a quarter of an hour off.",
    "InvalidAccessKeyId": _KEY,
    "SignatureDoesNotMatch": _KEY,
    "ExpiredToken": _KEY,
}
_MOST_OF_FREE = 0.9  # of what is free on the disk, for one file: others write there, too
_MAKING = threading.Lock()  # a session is for one thread, its clients are for many
log = structlog.get_logger()


class DamagedObject(Unavailable):
    """Other bytes lie under the name than it says."""


class Object(NamedTuple):
    sha256: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class _Told:
    """What HEAD says."""

    size_bytes: int
    modified_at: datetime
    checksum: str  # base64 of SHA-256; with "-3" behind it, of three parts' SHA-256; empty where none is told


class Bucket:
    """One prefix of one bucket. Safe for several threads; every method may raise Unavailable."""

    def __init__(self, settings: Settings, place: Place) -> None:
        if find_spec("botocore") is None:
            remedy = "Run `make run` again, or install it: pip install 'gator[s3]'."
            raise Unavailable("Gator's extra `s3` is not installed, which media in a bucket need.", remedy=remedy)
        self.place = place
        self._settings = settings
        self._made: Any = None

    @property
    def _client(self) -> Any:
        """Made when it is first needed: that takes half a second."""
        if self._made is None:
            self._made = _client(self._settings, self.place)
        return self._made

    def key(self, sha256: str) -> str:
        return f"{self.place.prefix}{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _at(self, sha256: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": self.key(sha256)}

    # Asking

    def size_of(self, sha256: str) -> int | None:
        """How long the object is; None when there is none."""
        told = self._head(sha256)
        return told.size_bytes if told else None

    def _head(self, sha256: str) -> _Told | None:
        try:
            with _named_errors():
                said = self._client.head_object(**self._at(sha256), ChecksumMode="ENABLED")
        except NotFound:
            return None
        return _Told(said["ContentLength"], said["LastModified"], said.get("ChecksumSHA256", ""))

    def holds(self, sha256: str, size_bytes: int, parts: Callable[[], str] | None = None) -> bool:
        """Whether those bytes are there, proven by what the service tells, or else by reading them.

        `parts` gives the hash of the parts' hashes, as the service would tell it of an upload in parts of ours.
        """
        told = self._head(sha256)
        if told is None or told.size_bytes != size_bytes:
            return False
        whole, _, count = told.checksum.partition("-")
        if whole and not count:
            return whole == _base64(bytes.fromhex(sha256))
        if count and parts and told.checksum == parts():
            return True
        digest = hashlib.sha256()
        for chunk in self.read(sha256, 0, size_bytes):
            digest.update(chunk)
        return digest.hexdigest() == sha256

    def objects(self) -> Iterator[Object]:
        """All there are, a page at a time; what has no name of ours is passed over."""
        where = {"Bucket": self.place.bucket, "Prefix": self.place.prefix}
        with _named_errors():
            for page in self._client.get_paginator("list_objects_v2").paginate(**where):
                for one in page.get("Contents", ()):
                    if found := _NAME.fullmatch(one["Key"].removeprefix(self.place.prefix)):
                        yield Object(found[1], one["Size"], one["LastModified"])

    def link(self, sha256: str, lives: timedelta, headers: dict[str, str]) -> str:
        """An address that opens the object until then, answered with these of its headers."""
        asked = {f"Response{name.replace('-', '')}": value for name, value in headers.items()}
        with _named_errors():
            seconds = int(lives.total_seconds())
            return str(
                self._client.generate_presigned_url("get_object", Params=self._at(sha256) | asked, ExpiresIn=seconds)
            )

    # Bringing and taking

    def put(self, path: Path, sha256: str, size_bytes: int) -> None:
        """Have the file's bytes there, proven. What was told of the upload itself is not the proof, so its loss is no harm."""
        failed: GatorError | None = None
        try:
            with _named_errors():
                self._upload(path, sha256, size_bytes)
        except GatorError as no:
            failed = no
        there = False
        try:
            there = self.holds(sha256, size_bytes, lambda: of_parts(path))
        except GatorError as no:
            failed = failed or no
        if not there:
            raise failed or Unavailable(
                "The bucket does not hold what it was given.", remedy="Look at the service; `gator doctor` tries it."
            )

    def _upload(self, path: Path, sha256: str, size_bytes: int) -> None:
        if size_bytes > PART_BYTES:
            self._upload_parts(path, sha256)
            return
        hashed = {"ChecksumSHA256": _base64(bytes.fromhex(sha256))}
        self._client.put_object(**self._at(sha256), Body=path.read_bytes(), **hashed)

    def _upload_parts(self, path: Path, sha256: str) -> None:
        at = self._at(sha256)
        upload = at | {
            "UploadId": self._client.create_multipart_upload(**at, ChecksumAlgorithm="SHA256")["UploadId"],
        }
        try:
            done = [self._upload_part(upload, n, part) for n, part in enumerate(_parts(path), 1)]
            self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": done})
        except BaseException:
            with suppress(GatorError), _named_errors():
                self._client.abort_multipart_upload(**upload)
            raise

    def _upload_part(self, upload: dict[str, str], number: int, part: bytes) -> dict[str, Any]:
        hashed = _base64(hashlib.sha256(part).digest())
        said = self._client.upload_part(**upload, PartNumber=number, Body=part, ChecksumSHA256=hashed)
        return {"PartNumber": number, "ETag": said["ETag"], "ChecksumSHA256": hashed}

    def read(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`; a body that ends early is gone on with. Raises NotFound."""
        cuts = 0
        while start < end:
            body = self._open(sha256, start, end)
            try:
                for chunk in _chunks(body):
                    wanted = chunk[: end - start]
                    start += len(wanted)
                    yield wanted
                    if start >= end:  # whatever more it may send
                        return
                raise Unavailable("The bucket's service sent less than it was asked for.", retry_after_s=_AGAIN_S)
            except Unavailable:
                cuts += 1
                if cuts > _CUTS:
                    raise

    def _open(self, sha256: str, start: int, end: int) -> Any:
        with _named_errors():
            said = self._client.get_object(**self._at(sha256), Range=f"bytes={start}-{end - 1}")
        _, _, whole = said.get("ContentRange", "").partition("/")
        if whole.isdecimal() and int(whole) < end:
            said["Body"].close()
            log.error("object_of_another_size", sha256=sha256, bytes=int(whole))
            raise DamagedObject("The file in the bucket is shorter than it should be.", remedy=_RESTORE)
        if start and said["ResponseMetadata"]["HTTPStatusCode"] != 206:  # these are bytes from the beginning
            said["Body"].close()
            raise Unavailable("The bucket's service gives no parts of a file.", remedy="Look at the service.")
        return said["Body"]

    def fetch(self, sha256: str, to: Path) -> int:
        """Bring the object into a new file; how long it is. Raises NotFound, and DamagedObject for other bytes."""
        size = self.size_of(sha256)
        if size is None:
            raise NotFound("The file is no longer kept.")
        _check_room(to.parent, size)
        digest = hashlib.sha256()
        with to.open("xb") as out:
            for chunk in self.read(sha256, 0, size):
                digest.update(chunk)
                out.write(chunk)
        if digest.hexdigest() != sha256:
            log.error("object_damaged", sha256=sha256)
            raise DamagedObject("The file is damaged in the bucket.", remedy=_RESTORE)
        return size

    # Deleting

    def delete(self, sha256: str, older_than: datetime | None = None) -> bool:
        """Remove the object with all its versions, unless the newest is as young as that; False when there was nothing to do.

        What is removed are the versions that were looked at: one that somebody puts meanwhile stays, in a bucket with versions.
        """
        versions = self._versions(sha256)
        if not versions or (older_than and max(at for _, at in versions) >= older_than):
            return False
        for version, _ in versions:
            with suppress(NotFound), _named_errors():  # somebody else may have been quicker
                self._client.delete_object(**self._at(sha256), **({"VersionId": version} if version else {}))
        return True

    def _versions(self, sha256: str) -> list[tuple[str, datetime]]:
        """Each with its id and time, marks of deletion too; with an empty id, where the service lists no versions."""
        where = {"Bucket": self.place.bucket, "Prefix": self.key(sha256)}
        try:
            with _named_errors(known=_UNKNOWN):
                pages = [*self._client.get_paginator("list_object_versions").paginate(**where)]
        except NotFound:
            told = self._head(sha256)
            return [("", told.modified_at)] if told else []
        found = [one for page in pages for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))]
        return [(one["VersionId"], one["LastModified"]) for one in found if one["Key"] == self.key(sha256)]

    def end_uploads(self) -> int:
        """End what processes that died have begun to upload in parts; how many."""
        ended, where = 0, {"Bucket": self.place.bucket, "Prefix": self.place.prefix}
        with suppress(NotFound), _named_errors(known=_UNKNOWN):
            for one in self._client.list_multipart_uploads(**where).get("Uploads", ()):
                ours = _NAME.fullmatch(one["Key"].removeprefix(self.place.prefix))  # others may use the bucket, too
                if ours and one["Initiated"] < now() - _ABANDONED_FOR:
                    self._client.abort_multipart_upload(
                        Bucket=self.place.bucket, Key=one["Key"], UploadId=one["UploadId"]
                    )
                    ended += 1
        return ended

    def check(self) -> None:
        """Put, read, list and delete a little something. Raises Unavailable with what does not work."""
        at = {"Bucket": self.place.bucket, "Key": f"{self.place.prefix}gator-doctor"}
        with _named_errors():
            self._client.put_object(**at, Body=b"gator")
            with closing(self._client.get_object(**at)["Body"]) as body:
                said = body.read()
            self._client.list_objects_v2(Bucket=self.place.bucket, Prefix=self.place.prefix, MaxKeys=1)
            self._client.delete_object(**at)
        if said != b"gator":
            raise Unavailable("The bucket gave other bytes than it was given.", remedy="Look at the service.")


@cache
def _session() -> Any:
    """One for all clients: it keeps what it has read of the service's description."""
    from botocore.session import Session

    return Session()


def _client(settings: Settings, place: Place) -> Any:
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual" if is_virtual(settings, place) else "path"},
        retries={"mode": "standard", "total_max_attempts": 3},
        connect_timeout=5,
        read_timeout=settings.storage_timeout_s,
        # Only the hashes that we give and check ourselves: older services know no others.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with _named_errors(), _MAKING:
        return _session().create_client(
            "s3",
            region_name=settings.storage_region,
            endpoint_url=endpoint_of(settings),
            aws_access_key_id=settings.storage_key_id or None,
            aws_secret_access_key=settings.storage_secret.get_secret_value() if settings.storage_secret else None,
            config=config,
        )


@contextmanager
def _named_errors(known: set[int] | frozenset[int] = frozenset({404})) -> Iterator[None]:
    """botocore's errors as ours: NotFound for answers with a `known` status, else Unavailable with the service's reason."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError

    try:
        yield
    except ClientError as no:
        code = str(no.response.get("Error", {}).get("Code", ""))
        status = no.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status in known and code != "NoSuchBucket":
            raise NotFound("The file is no longer kept.") from no
        raise _refusal(code, status) from no
    except NoCredentialsError as none:
        raise Unavailable(
            "There is no key for the bucket.", remedy="Set GATOR_STORAGE_KEY_ID and GATOR_STORAGE_SECRET."
        ) from none
    except (BotoCoreError, HTTPClientError, OSError) as away:
        if isinstance(away, OSError) and away.filename:
            raise  # a file of this machine's
        raise Unavailable(
            f"The bucket's service does not answer ({type(away).__name__}).", retry_after_s=_AGAIN_S
        ) from away


def _refusal(code: str, status: int) -> Unavailable:
    if code == "NoSuchBucket":
        return Unavailable("There is no such bucket.", remedy="Make it, or correct GATOR_STORAGE_URL.")
    if status in (401, 403):
        remedy = _NOT_THE_KEYS_RIGHTS.get(code, _ALLOW)
        return Unavailable(f"The bucket's service refuses us ({code or status}).", remedy=remedy)
    if status in (429, 500, 502, 503, 504):
        return Unavailable(f"The bucket's service is busy ({code or status}).", retry_after_s=_AGAIN_S)
    return Unavailable(
        f"The bucket's service says {code or status}.",
        remedy="Look at GATOR_STORAGE_ENDPOINT and GATOR_STORAGE_REGION.",
    )


def _check_room(folder: Path, size_bytes: int) -> None:
    """Before the first byte: what the service tells may be any number."""
    free = shutil.disk_usage(folder).free
    if size_bytes > free * _MOST_OF_FREE:
        raise Unavailable(
            f"The file takes {size_bytes / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free in {folder}.",
            remedy="Free some space on that disk.",
        )


def _chunks(body: Any) -> Iterator[bytes]:
    with _named_errors(), closing(body):
        yield from body.iter_chunks(_CHUNK_BYTES)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PART_BYTES):
            yield part


def of_parts(path: Path) -> str:
    """What S3 tells as the SHA-256 of an upload in parts."""
    count = math.ceil(path.stat().st_size / PART_BYTES)
    whole = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in _parts(path)))
    return f"{_base64(whole.digest())}-{count}"
