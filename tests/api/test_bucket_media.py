"""Do files of a bucket go out as those of a folder do, in parts, through us or by the bucket's own link?"""

import asyncio
import http.client
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.files import _pieces
from api.sending import LONGEST_LINK
from bots.core import Core
from gator.links import media_url
from gator.principal import Principal
from gator.settings import Settings
from memory import sharing
from memory.models import Asset
from tests.api.test_public import add_asset
from tests.api.test_ranges import asked
from tests.servers.s3 import S3, in_bucket, serving_s3

SIZE = 5 << 20
FILM = bytes(range(256)) * (SIZE // 256)


@pytest.fixture
def s3() -> Iterator[S3]:
    with serving_s3() as service:
        yield service


@pytest.fixture
def settings(settings: Settings, s3: S3, request: pytest.FixtureRequest) -> Settings:
    return in_bucket(settings, s3, **getattr(request, "param", {}))


@pytest.fixture
async def film(core: Core, operator: Principal) -> Asset:
    asset = await add_asset(core, operator, FILM, kind="video", mime="video/mp4")
    core.blobs.path(asset.sha256).unlink()  # as on another machine
    return asset


@pytest.fixture
def url(core: Core, film: Asset) -> str:
    return media_url(core.settings, film.id)


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        (f"bytes={SIZE - 48}-", SIZE - 48, SIZE - 1),
        ("bytes=-48", SIZE - 48, SIZE - 1),
        (f"bytes={SIZE - 1}-{SIZE + 9}", SIZE - 1, SIZE - 1),
        (f"bytes=5-9,{SIZE}-", 5, 9),
    ],
)
async def test_a_part_is_read_from_the_bucket_and_nothing_else(
    served: str, s3: S3, url: str, given: str, first: int, last: int
) -> None:
    before = s3.sent_bytes
    status, headers, body = await asked(served, url, range=given)
    assert (status, body) == (206, FILM[first : last + 1])
    assert headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert headers["content-length"] == str(len(body))
    assert headers["content-type"] == "video/mp4"
    assert s3.sent_bytes - before == len(body)


async def test_the_whole_comes_in_pieces_and_several_parts_as_the_whole(served: str, core: Core, url: str) -> None:
    for headers in (
        {},
        {"range": "bytes=0-1,100-101"},
        {"range": "lines=1-2"},
        {"range": "bytes=0-9", "if_range": "x"},
    ):
        status, told, body = await asked(served, url, **headers)
        assert (status, len(body), body == FILM) == (200, SIZE, True)
        assert told["accept-ranges"] == "bytes"
        assert told["content-disposition"] == 'inline; filename="a-heron.mp4"'
    assert not [path for path in core.blobs.folder.rglob("*") if path.is_file()]


async def test_what_the_client_knows_already_costs_the_bucket_nothing(
    served: str, s3: S3, film: Asset, url: str
) -> None:
    before = len(s3.asked)
    status, _, body = await asked(served, url, if_none_match=f'"{film.sha256}"')
    assert (status, body) == (304, b"")
    status, told, body = await asked(served, url, "HEAD")
    assert (status, told["content-length"], body) == (200, str(SIZE), b"")
    status, told, _ = await asked(served, url, range=f"bytes={SIZE}-")
    assert (status, told["content-range"]) == (416, f"bytes */{SIZE}")
    assert len(s3.asked) == before


async def test_a_body_that_the_bucket_cuts_arrives_whole(served: str, s3: S3, url: str) -> None:
    s3.fail("GET", "cut-body")
    status, _, body = await asked(served, url)
    assert (status, body == FILM) == (200, True)


async def test_a_body_that_cannot_be_gone_on_with_is_broken_off_and_not_taken_for_whole(
    served: str, s3: S3, url: str
) -> None:
    s3.fail("GET", "cut-body")
    s3.fail("GET", "denied", times=9)

    def ask() -> None:
        line = http.client.HTTPConnection(served, timeout=10)
        line.request("GET", url)
        answer = line.getresponse()
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        line.close()

    await asyncio.to_thread(ask)


async def test_a_bucket_that_is_away_or_has_lost_the_file_says_so(served: str, s3: S3, core: Core, url: str) -> None:
    s3.fail("GET", "slow-down", times=12)
    assert (await asked(served, url))[0] == 503
    s3.failures.clear()
    s3.objects.clear()
    assert (await asked(served, url))[0] == 404


class Slow:
    """A reader of the bucket that is in the middle of a piece until it is let go."""

    def __init__(self) -> None:
        self.asked, self.go_on, self.closed = threading.Event(), threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield b"begin"
            self.asked.set()
            assert self.go_on.wait(10)
            yield b"end"
        finally:
            self.closed.set()


async def test_who_waits_for_a_bucket_that_hangs_keeps_nobody_else_waiting(
    anybody: httpx.AsyncClient, core: Core, s3: S3, url: str, operator: Principal
) -> None:
    picture = await add_asset(core, operator)
    core.blobs.path(picture.sha256).unlink()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    s3.fail("GET", "hang", times=9)
    s3.fail("HEAD", "hang", times=9)
    s3.asked.clear()
    addresses = (url, media_url(core.settings, picture.id), media_url(core.settings, picture.id))
    looking = [asyncio.create_task(anybody.get(one)) for one in addresses]
    while len(s3.asked) < len(looking):
        await asyncio.sleep(0.01)
    assert await asyncio.wait_for(asyncio.to_thread(int, "7"), 1) == 7
    for one in looking:
        one.cancel()
    await asyncio.gather(*looking, return_exceptions=True)


async def test_who_leaves_in_the_middle_of_a_piece_ends_the_reading_of_it() -> None:
    slow = Slow()
    pieces = _pieces(iter(slow))
    assert await anext(pieces) == b"begin"
    reader = asyncio.create_task(anext(pieces))
    await asyncio.to_thread(slow.asked.wait, 10)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert not slow.closed.is_set()
    slow.go_on.set()
    assert await asyncio.to_thread(slow.closed.wait, 10)


async def test_a_picture_is_fetched_once_and_shown_small(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, s3: S3
) -> None:
    asset = await add_asset(core, operator)
    core.blobs.path(asset.sha256).unlink()
    url = media_url(core.settings, asset.id)
    assert (await anybody.get(url)).content[:4] == b"\x89PNG"
    before = len(s3.asked)
    assert (await anybody.get(url)).status_code == 200
    assert (await anybody.get(url.replace("?", "/small?"))).status_code == 200
    assert len(s3.asked) == before


async def test_what_is_removed_leaves_the_bucket(core: Core, film: Asset, s3: S3, operator: Principal) -> None:
    async with core.store.open_work(operator) as work:
        await work.session.delete(await work.assets.get(film.id))
    await core.eraser.delete_files([film.sha256])
    assert not s3.objects


@pytest.mark.parametrize("settings", [{"storage_redirect": True}], indirect=True)
class TestStraight:
    """With GATOR_STORAGE_REDIRECT."""

    async def test_a_reader_is_sent_to_the_bucket_for_a_while(
        self, anybody: httpx.AsyncClient, core: Core, film: Asset, url: str, s3: S3
    ) -> None:
        answer = await anybody.get(url)
        link = answer.headers["location"]
        assert (answer.status_code, link.startswith(f"{s3.url}/")) == (307, True)
        assert "private" in answer.headers["cache-control"]
        told = await asyncio.to_thread(httpx.get, link, headers={"Range": "bytes=1-3"})
        assert (told.status_code, told.content, told.headers["content-type"]) == (206, FILM[1:4], "video/mp4")
        assert lives(link) == LONGEST_LINK.total_seconds()

    async def test_who_asks_for_less_than_the_bytes_is_answered_here(
        self, served: str, film: Asset, url: str, s3: S3
    ) -> None:
        before = len(s3.asked)
        status, told, _ = await asked(served, url, "HEAD")  # the bucket's link is signed for GET
        assert (status, told["content-length"], told["content-type"]) == (200, str(SIZE), "video/mp4")
        assert (await asked(served, url, if_none_match=f'"{film.sha256}"'))[0] == 304
        assert len(s3.asked) == before

    async def test_a_shared_link_opens_the_bucket_for_minutes_only(
        self, anybody: httpx.AsyncClient, core: Core, film: Asset, operator: Principal
    ) -> None:
        async with core.store.open_work(operator) as work:
            link = await sharing.share(work, core.settings, film.id, sharing.LONGEST)
        assert lives((await anybody.get(link.url)).headers["location"]) == 300

    async def test_pages_may_show_what_comes_from_there(self, anybody: httpx.AsyncClient, s3: S3) -> None:
        policy = (await anybody.get("/")).headers["content-security-policy"]
        assert f"img-src 'self' {s3.url};" in policy
        assert f"media-src 'self' {s3.url};" in policy


def lives(link: str) -> int:
    found = re.search(r"X-Amz-Expires=(\d+)", link)
    assert found
    return int(found[1])
