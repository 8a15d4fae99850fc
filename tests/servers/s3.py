"""A service that speaks S3 as far as Gator asks it: objects with versions, parts, ranges, listings, presigned addresses.

It proves each request's signature (SigV4) by itself, with nothing of the client's. Sources:
https://docs.aws.amazon.com/AmazonS3/latest/API/ and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
Failures are a script: `fail(...)` has the next requests of a kind go wrong.
"""

import base64
import hashlib
import hmac
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from gator.settings import Settings

KEY_ID, SECRET, REGION, BUCKET = "AKIDTESTS", "a secret of the tests", "eu-test-1", "media-of-tests"
PAGE = 2  # keys in a page of a listing

Way = Literal[
    "slow-down", "denied", "missing-bucket", "skewed", "lost-answer", "cut-body", "hang", "wrong-bytes", "no-range", "huge",
    "longer", "empty"
]  # fmt: skip
_STATUS = {
    "slow-down": (503, "SlowDown"),
    "denied": (403, "AccessDenied"),
    "missing-bucket": (404, "NoSuchBucket"),
    "skewed": (403, "RequestTimeTooSkewed"),
}
_LIES = {"huge": 1 << 60, "longer": 1 << 20}  # bytes that HEAD tells


@dataclass
class Version:
    id: str
    content: bytes
    modified: datetime
    checksum: str = ""
    is_marker: bool = False

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'


@dataclass
class Failure:
    method: str
    way: Way
    times: int
    part: str = ""  # what the address has to have in it


@dataclass
class S3:
    """What the service holds and was asked."""

    url: str = ""
    versioned: bool = False
    tells_checksums: bool = True
    lists_versions: bool = True
    objects: dict[str, list[Version]] = field(default_factory=dict)  # key: versions, oldest first
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)  # "id key": parts
    asked: list[str] = field(default_factory=list)  # "GET /bucket/key?query"
    sent_bytes: int = 0
    failures: list[Failure] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, method: str, way: Way, times: int = 1, part: str = "") -> None:
        self.failures.append(Failure(method, way, times, part))

    def failing(self, method: str, address: str) -> Way | None:
        with self.lock:
            for one in self.failures:
                if one.method == method and one.times and one.part in address:
                    one.times -= 1
                    return one.way
        return None

    def now(self, key: str) -> Version | None:
        versions = self.objects.get(key, [])
        return versions[-1] if versions and not versions[-1].is_marker else None

    def age(self, key: str, by: timedelta) -> None:
        for one in self.objects[key]:
            one.modified -= by

    def put(self, key: str, content: bytes, checksum: str) -> Version:
        with self.lock:
            kept = self.objects.setdefault(key, [])
            made = Version(f"v{len(kept) + 1}" if self.versioned else "null", content, _second(), checksum)
            self.objects[key] = [*kept, made] if self.versioned else [made]
            return made

    def remove(self, key: str, version: str) -> None:
        with self.lock:
            kept = self.objects.get(key, [])
            if version:
                left = [one for one in kept if one.id != version]
            elif self.versioned and kept:
                left = [*kept, Version(f"m{len(kept) + 1}", b"", _second(), is_marker=True)]
            else:
                left = []
            self.objects[key] = left
            if not left:
                del self.objects[key]


@contextmanager
def serving_s3(**how: Any) -> Iterator[S3]:
    """The service on loopback, in threads of its own: its clients block."""
    world = S3(**how)

    class Handler(_Handler):
        s3 = world

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    world.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def in_bucket(settings: Settings, s3: S3, **more: Any) -> Settings:
    """The same settings with media in the bucket."""
    told: dict[str, Any] = {
        "storage_url": f"s3://{BUCKET}/gator",
        "storage_endpoint": s3.url,
        "storage_region": REGION,
        "storage_key_id": KEY_ID,
        "storage_secret": SECRET,
        "storage_timeout_s": 2,
    }
    base = {name: getattr(settings, name) for name in ("home", "database_url", "secret_key")}
    return Settings(**base | told | more)


class _Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    s3: S3

    def log_message(self, format: str, *args: object) -> None:
        """Not on the terminal."""

    def __getattr__(self, name: str) -> Any:
        """`do_PUT` and the like, which the library asks for."""
        if name in ("do_GET", "do_HEAD", "do_PUT", "do_POST", "do_DELETE"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        self.s3.asked.append(f"{self.command} {self.path}")
        way = self.s3.failing(self.command, self.path)
        try:
            _check_signature(self.command, parts.path, query, self.headers, body)
            if way in _STATUS:
                raise _Refused(*_STATUS[way])
            if way == "hang":
                time.sleep(3)
            if bucket != BUCKET:
                raise _Refused(404, "NoSuchBucket")
            self._do(key, query, body, way)
        except _Refused as no:
            self._send(no.status, f"<Error><Code>{no.code}</Code><Message>{no.code}</Message></Error>".encode())

    def _do(self, key: str, query: dict[str, str], body: bytes, way: Way | None) -> None:
        if not key:
            self._list(query)
        elif self.command in ("GET", "HEAD"):
            self._get(key, query, way)
        elif self.command == "DELETE" and "uploadId" in query:
            self.s3.uploads.pop(f"{query['uploadId']} {key}", None)
            self._send(204)
        elif self.command == "DELETE":
            self.s3.remove(key, query.get("versionId", ""))
            self._send(204)
        elif self.command == "POST":
            self._upload(key, query, body)
        elif "uploadId" in query:
            _check_sum(self.headers, body)
            self.s3.uploads[f"{query['uploadId']} {key}"][int(query["partNumber"])] = body
            self._send(200, headers={"ETag": f'"part{query["partNumber"]}"'})
        else:
            _check_sum(self.headers, body)
            kept = body[:-1] + b"?" if way == "wrong-bytes" else body
            made = self.s3.put(key, kept, _sum(kept))
            if way == "lost-answer":
                time.sleep(3)
            self._send(200, headers={"ETag": made.etag})

    # Objects

    def _get(self, key: str, query: dict[str, str], way: Way | None) -> None:
        found = self.s3.now(key)
        if found is None:
            raise _Refused(404, "NoSuchKey")
        headers = {"ETag": found.etag, "Last-Modified": found.modified.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        for name, value in query.items():
            if name.startswith("response-"):
                headers[name.removeprefix("response-")] = value
        if self.s3.tells_checksums and self.headers.get("x-amz-checksum-mode") == "ENABLED":
            headers["x-amz-checksum-sha256"] = found.checksum
        content, status = found.content, 200
        asked = "" if way == "no-range" else self.headers.get("range", "")
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d+)", asked):
            first, last = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
            if first >= len(content):
                raise _Refused(416, "InvalidRange")
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            content, status = b"" if way == "empty" else content[first : last + 1], 206
        if way in _LIES:
            headers["Content-Length"] = str(_LIES[way])
        self._send(status, content, headers, cut=way == "cut-body")

    def _upload(self, key: str, query: dict[str, str], body: bytes) -> None:
        if "uploads" in query:
            id = f"upload{len(self.s3.uploads) + 1}"
            self.s3.uploads[f"{id} {key}"] = {}
            told = f"<UploadId>{id}</UploadId>"
            self._xml("InitiateMultipartUploadResult", told)
            return
        parts = self.s3.uploads.pop(f"{query['uploadId']} {key}")
        hashes = re.findall(r"<ChecksumSHA256>(.*?)</ChecksumSHA256>", body.decode())
        if hashes != [_sum(parts[n]) for n in sorted(parts)]:
            raise _Refused(400, "InvalidPart")
        whole = hashlib.sha256(b"".join(hashlib.sha256(parts[n]).digest() for n in sorted(parts))).digest()
        content = b"".join(parts[n] for n in sorted(parts))
        made = self.s3.put(key, content, f"{base64.b64encode(whole).decode()}-{len(parts)}")
        self._xml("CompleteMultipartUploadResult", f"<ETag>{escape(made.etag)}</ETag>")

    # Listings

    def _list(self, query: dict[str, str]) -> None:
        prefix = query.get("prefix", "")
        if "uploads" in query:
            ups = [one.partition(" ") for one in self.s3.uploads]
            rows = "".join(
                f"<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>{_iso(_second() - timedelta(days=2))}"
                "</Initiated></Upload>"
                for id, _, key in ups
                if key.startswith(prefix)
            )
            self._xml("ListMultipartUploadsResult", rows)
        elif "versions" in query:
            if not self.s3.lists_versions:
                raise _Refused(501, "NotImplemented")
            self._list_versions(prefix, query)
        else:
            self._list_objects(prefix, query)

    def _list_versions(self, prefix: str, query: dict[str, str]) -> None:
        found = [(key, one) for key, kept in sorted(self.s3.objects.items()) for one in kept if key.startswith(prefix)]
        after = query.get("key-marker", ""), query.get("version-id-marker", "")
        names = [(key, one.id) for key, one in found]
        begin = names.index(after) + 1 if after in names else 0
        rows = "".join(_version(key, one) for key, one in found[begin : begin + PAGE])
        more = len(found) > begin + PAGE
        rows += f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        if more:
            key, id = names[begin + PAGE - 1]
            rows += f"<NextKeyMarker>{key}</NextKeyMarker><NextVersionIdMarker>{id}</NextVersionIdMarker>"
        self._xml("ListVersionsResult", rows)

    def _list_objects(self, prefix: str, query: dict[str, str]) -> None:
        after = query.get("continuation-token", "")
        keys = [key for key in sorted(self.s3.objects) if key.startswith(prefix) and key > after and self.s3.now(key)]
        rows = ""
        for key in keys[:PAGE]:
            found = self.s3.now(key)
            assert found
            rows += f"<Contents><Key>{escape(key)}</Key><Size>{len(found.content)}</Size>"
            rows += f"<LastModified>{_iso(found.modified)}</LastModified></Contents>"
        more = len(keys) > PAGE
        rows += f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        rows += f"<NextContinuationToken>{escape(keys[PAGE - 1])}</NextContinuationToken>" if more else ""
        self._xml("ListBucketResult", rows)

    # Sending

    def _xml(self, name: str, content: str) -> None:
        whole = f'<?xml version="1.0"?><{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{content}</{name}>'
        self._send(200, whole.encode(), {"Content-Type": "application/xml"})

    def _send(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        sent = body[: len(body) // 2] if cut else body
        self.s3.sent_bytes += len(sent)
        self.wfile.write(sent)
        if cut:
            self.close_connection = True


def _version(key: str, one: Version) -> str:
    kind = "DeleteMarker" if one.is_marker else "Version"
    told = f"<Key>{key}</Key><VersionId>{one.id}</VersionId><LastModified>{_iso(one.modified)}</LastModified>"
    return f"<{kind}>{told}</{kind}>"


def _check_sum(headers: Any, body: bytes) -> None:
    told = headers.get("x-amz-checksum-sha256")
    if told and told != _sum(body):
        raise _Refused(400, "BadDigest")


def _sum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


# Signatures


def _check_signature(method: str, path: str, query: dict[str, str], headers: Any, body: bytes) -> None:
    """In the headers or in the address. Raises _Refused."""
    if "X-Amz-Signature" in query:
        _check_presigned(method, path, query, headers)
        return
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)", headers["authorization"] or ""
    )
    if not found:
        raise _Refused(403, "AccessDenied")
    hashed = headers["x-amz-content-sha256"]
    if hashed not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
        raise _Refused(400, "XAmzContentSHA256Mismatch")
    at = headers["x-amz-date"]
    if abs(datetime.now(UTC) - _read(at)) > timedelta(minutes=15):
        raise _Refused(403, "RequestTimeTooSkewed")
    _compare(found[3], method, path, query, headers, found[2].split(";"), hashed, at, found[1])


def _check_presigned(method: str, path: str, query: dict[str, str], headers: Any) -> None:
    at, lives = query["X-Amz-Date"], int(query["X-Amz-Expires"])
    if datetime.now(UTC) > _read(at) + timedelta(seconds=lives):
        raise _Refused(403, "AccessDenied")
    rest = {name: value for name, value in query.items() if name != "X-Amz-Signature"}
    names = query["X-Amz-SignedHeaders"].split(";")
    who = query["X-Amz-Credential"]
    _compare(query["X-Amz-Signature"], method, path, rest, headers, names, "UNSIGNED-PAYLOAD", at, who)


def _compare(
    given: str,
    method: str,
    path: str,
    query: dict[str, str],
    headers: Any,
    names: list[str],
    hashed: str,
    at: str,
    credential: str,
) -> None:
    key_id, _, scope = credential.partition("/")
    if key_id != KEY_ID:
        raise _Refused(403, "InvalidAccessKeyId")
    if scope != f"{at[:8]}/{REGION}/s3/aws4_request":
        raise _Refused(400, "AuthorizationHeaderMalformed")
    asked = "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query.items()))
    told = "".join(f"{name}:{' '.join((headers[name] or '').split())}\n" for name in names)
    whole = "\n".join([method, path, asked, told, ";".join(names), hashed])
    signed = "\n".join(["AWS4-HMAC-SHA256", at, scope, hashlib.sha256(whole.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in (*scope.split("/"), signed):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(key.hex(), given):
        raise _Refused(403, "SignatureDoesNotMatch")


def _read(at: str) -> datetime:
    return datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
