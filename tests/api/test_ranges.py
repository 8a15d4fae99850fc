"""Are parts of files sent as RFC 9110 has it, over a real socket, and without the file in memory?"""

import http.client
import os
import resource
from asyncio import to_thread

import pytest

from bots.core import Core
from gator.links import media_url
from gator.principal import Principal
from memory.models import Asset
from tests.api.test_public import add_asset

FILM = bytes(range(256)) * 8
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
async def film(core: Core, operator: Principal) -> Asset:
    return await add_asset(core, operator, FILM, kind="video", mime="video/mp4")


@pytest.fixture
def url(core: Core, film: Asset) -> str:
    return media_url(core.settings, film.id)


async def asked(served: str, url: str, method: str = "GET", **headers: str) -> Answer:
    """By a client that knows nothing of us; `if_range` is If-Range."""

    def ask() -> Answer:
        line = http.client.HTTPConnection(served, timeout=10)
        line.request(method, url, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        said = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        line.close()
        return said

    return await to_thread(ask)


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=2000-", 2000, 2047),
        ("bytes=-48", 2000, 2047),
        ("bytes=-9999", 0, 2047),
        ("bytes=2000-99999", 2000, 2047),
        ("BYTES= 5-9", 5, 9),
        ("bytes=5-9,9999-", 5, 9),
    ],
)
async def test_a_part_is_sent_with_its_place(served: str, url: str, given: str, first: int, last: int) -> None:
    status, headers, body = await asked(served, url, range=given)
    assert (status, body) == (206, FILM[first : last + 1])
    assert headers["content-range"] == f"bytes {first}-{last}/2048"
    assert headers["content-length"] == str(len(body))
    assert headers["accept-ranges"] == "bytes"
    assert headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("given", ["bytes=2048-", "bytes=9999-10000", "bytes=-0", "bytes=3000-,4000-"])
async def test_what_the_file_does_not_have_is_not_satisfiable(served: str, url: str, given: str) -> None:
    status, headers, _ = await asked(served, url, range=given)
    assert (status, headers["content-range"]) == (416, "bytes */2048")


@pytest.mark.parametrize("given", ["", "bytes", "bytes=", "lines=1-2", "bytes=9-5", "bytes=x-y", "bytes=--5", "1-2"])
async def test_a_range_that_nobody_understands_is_passed_over(served: str, url: str, given: str) -> None:
    status, _, body = await asked(served, url, range=given)
    assert (status, body) == (200, FILM)


async def test_several_parts_come_in_one_answer(served: str, url: str) -> None:
    status, headers, body = await asked(served, url, range="bytes=0-1,100-101")
    assert status == 206
    assert headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert body.count(b"content-range") + body.count(b"Content-Range") == 2
    assert FILM[100:102] in body


async def test_a_part_of_another_file_than_the_client_has_is_the_whole_file(served: str, url: str, film: Asset) -> None:
    tag = f'"{film.sha256}"'
    assert (await asked(served, url))[1]["etag"] == tag
    for given, status in ((tag, 206), ('"another"', 200), (f"W/{tag}", 200)):
        assert (await asked(served, url, range="bytes=0-9", if_range=given))[0] == status, given


async def test_who_has_the_file_is_told_so(served: str, url: str, film: Asset) -> None:
    for given in (f'"{film.sha256}"', f'"x", W/"{film.sha256}"', "*"):
        status, headers, body = await asked(served, url, if_none_match=given)
        assert (status, body) == (304, b""), given
        assert "private" in headers["cache-control"]
    assert (await asked(served, url, if_none_match='"another"'))[0] == 200


async def test_head_tells_the_size_and_knows_no_ranges(served: str, url: str) -> None:
    for headers in ({}, {"range": "bytes=0-9"}):
        status, told, body = await asked(served, url, "HEAD", **headers)
        assert (status, told["content-length"], body) == (200, "2048", b"")


async def test_gigabytes_are_sent_in_bounded_memory(served: str, core: Core, operator: Principal) -> None:
    huge = await add_asset(core, operator, b"the row's own", kind="video", mime="video/mp4")
    path = core.blobs.get(huge.sha256)
    path.chmod(0o600)
    os.truncate(path, 6 << 30)  # it takes no room on the disk: all but its beginning is a hole
    url = media_url(core.settings, huge.id)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    status, headers, body = await asked(served, url, range=f"bytes={(6 << 30) - 5}-")
    assert (status, body) == (206, b"\0" * 5)
    assert headers["content-range"] == f"bytes {(6 << 30) - 5}-{(6 << 30) - 1}/{6 << 30}"
    assert (await asked(served, url, "HEAD"))[1]["content-length"] == str(6 << 30)
    assert await to_thread(read, served, url, 200 << 20) == 200 << 20

    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 64 << 10


def read(served: str, url: str, most: int) -> int:
    """Read so many bytes of the file, then leave."""
    line = http.client.HTTPConnection(served, timeout=20)
    line.request("GET", url)
    answer, got = line.getresponse(), 0
    while got < most:
        got += len(answer.read(1 << 20))
    answer.close()
    line.close()
    return got
