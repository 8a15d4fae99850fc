"""The guarded fetcher: where it does not go, and what it does not swallow."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from tests.servers import feeds as servers
from tests.servers.feeds import FeedServer
from tools.addresses import is_public, locate, read_url
from tools.fetcher import fetch


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with servers.running() as running:
        running.pages["/"] = b"hello"
        yield running


@pytest.fixture
def allowed(tmp_path: Path, server: FeedServer) -> Settings:
    return Settings(home=tmp_path, fetch_allow=(server.allowed,))


@pytest.fixture
def strict(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


# What a name leads to, when the resolver is the enemy's.
NAMES = {
    "public.example": ["93.184.216.34"],
    "localhost": ["127.0.0.1"],
    "loopback.example": ["127.0.0.1"],
    "six.example": ["::1"],
    "mixed.example": ["93.184.216.34", "10.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "teredo.example": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "sixtofour.example": ["2002:7f00:1::"],
    "scoped.example": ["fe80::1%eth0"],
    "nobody.example": [],
    "127.0.0.1.nip.example": ["127.0.0.1"],
}


class Resolver:
    """Knows NAMES. Whoever asks for another name is refused, as the system would."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host.rstrip(".").lower() not in NAMES:
            raise Refused(f"There is no server called {host}.")
        return NAMES[host.rstrip(".").lower()]


_DENIED_ADDRESSES = Path(__file__).with_name("denied_addresses.txt").read_text().split()

_ODD_SPELLINGS = Path(__file__).with_name("denied_urls.txt").read_text().split()

_WITH_BLANKS = [
    "http://127.0.0.1 .public.example/", "http://public.example/\r\nHost: 127.0.0.1", "http://public.example/\tx",
    "http://public\n.example/", "http://public.example/\x00", "http://public.example/\x7f", "\x01http://127.0.0.1/",
    "http://public.example/ HTTP/1.1", "", "   ", "http://" + "a" * 64 + ".example/", "http://" + "a." * 130 + "example/",
    "http://public.example/" + "a" * 3000,
]  # fmt: skip

CORPUS = [
    *(f"http://[{address}]/" if ":" in address else f"http://{address}/" for address in _DENIED_ADDRESSES),
    *_ODD_SPELLINGS,
    *_WITH_BLANKS,
]


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(set(CORPUS)) >= 180


@pytest.mark.parametrize("url", CORPUS, ids=range(len(CORPUS)))
async def test_no_spelling_leads_to_a_private_place(url: str, strict: Settings) -> None:
    # A connection would fail this test twice: tests connect to loopback only, and no such error is a Refused.
    with pytest.raises(Refused):
        await fetch(url, strict, resolve=Resolver())


@pytest.mark.parametrize("address", _DENIED_ADDRESSES)
def test_an_address_that_is_not_global_unicast_is_denied(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


async def test_a_public_place_is_let_through() -> None:
    for url in ("http://public.example/a?b=c#d", "https://PUBLIC.example:443", "http://public.example.:80/"):
        assert (await locate(read_url(url), (), Resolver())).addresses == ("93.184.216.34",)


async def test_a_server_that_is_not_vouched_for_is_not_asked(server: FeedServer, strict: Settings) -> None:
    with pytest.raises(Refused, match="GATOR_FETCH_ALLOW"):
        await fetch(server.url("/"), strict)
    assert server.asked == []


async def test_vouching_is_for_one_port(server: FeedServer, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Port"):
        await fetch(server.url("/"), Settings(home=tmp_path, fetch_allow=(f"127.0.0.1:{server.port - 1}",)))


async def test_what_is_there_comes_with_its_validators(server: FeedServer, allowed: Settings) -> None:
    server.pages["/etag"] = servers.unchanged_after("<rss/>", '"v1"')

    first = await fetch(server.url("/etag"), allowed)
    again = await fetch(server.url("/etag"), allowed, etag=first.etag)

    assert (first.status, first.body, first.etag, first.kind) == (200, b"<rss/>", '"v1"', "application/rss+xml")
    assert (again.status, again.body) == (304, b"")


async def test_it_carries_no_credentials_and_asks_under_the_right_name(server: FeedServer, allowed: Settings) -> None:
    await fetch(server.url("/"), allowed)

    _, headers = server.asked[0]
    assert headers["host"] == server.allowed
    assert not {"cookie", "authorization", "referer", "proxy-authorization"} & headers.keys()


async def test_the_checked_address_is_the_one_that_is_asked(server: FeedServer, tmp_path: Path) -> None:
    class Rebinding:
        """Loopback at the first look, as vouched for; somewhere else at the next."""

        looks = 0

        async def __call__(self, host: str, port: int) -> list[str]:
            self.looks += 1
            return ["127.0.0.1"] if self.looks == 1 else ["10.0.0.1"]

    resolve = Rebinding()
    settings = Settings(home=tmp_path, fetch_allow=(f"feeds.example:{server.port}",))
    found = await fetch(f"http://feeds.example:{server.port}/", settings, resolve=resolve)

    assert (found.body, resolve.looks) == (b"hello", 1)
    assert server.asked[0][1]["host"] == f"feeds.example:{server.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(server: FeedServer, allowed: Settings, status: int) -> None:
    server.pages["/old"] = servers.redirect("/", status)

    assert (await fetch(server.url("/old"), allowed)).url == server.url("/")


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://127.0.0.1:1/",
        "//10.0.0.1/",
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "gopher://127.0.0.1/",
        "http://2130706433/",
        "http://[",
    ],
)
async def test_each_redirect_is_checked(server: FeedServer, allowed: Settings, to: str) -> None:
    server.pages["/away"] = servers.redirect(to)

    with pytest.raises(Refused):
        await fetch(server.url("/away"), allowed)
    assert len(server.asked) == 1


async def test_a_circle_of_redirects_ends(server: FeedServer, allowed: Settings) -> None:
    server.pages["/loop"] = servers.redirect("/loop")

    with pytest.raises(Refused, match="redirects more than 5 times"):
        await fetch(server.url("/loop"), allowed)
    assert len(server.asked) == 6


async def test_a_server_that_hangs_is_unavailable(server: FeedServer, allowed: Settings) -> None:
    server.pages["/hang"] = servers.hang

    with pytest.raises(Unavailable, match="took longer"):
        await fetch(server.url("/hang"), allowed, deadline_s=0.2)


async def test_a_server_that_trickles_is_cut_off_by_the_whole_deadline(server: FeedServer, allowed: Settings) -> None:
    server.pages["/trickle"] = servers.trickle

    with pytest.raises(Unavailable, match="took longer"):
        await fetch(server.url("/trickle"), allowed, deadline_s=0.3)


async def test_a_body_without_end_is_refused(server: FeedServer, allowed: Settings) -> None:
    server.pages["/flood"] = servers.flood

    with pytest.raises(Refused, match="larger than"):
        await fetch(server.url("/flood"), allowed)


async def test_a_body_that_says_it_is_too_large_is_not_read(server: FeedServer, allowed: Settings) -> None:
    async def boast(answer: servers.Answer) -> None:
        await answer.send(200, b"<rss/>", {"content-length": str(10**10), "content-type": "text/xml"})

    server.pages["/boast"] = boast
    with pytest.raises(Refused, match="larger than"):
        await fetch(server.url("/boast"), allowed)


async def test_a_gzip_bomb_is_refused(server: FeedServer, allowed: Settings) -> None:
    server.pages["/bomb"] = servers.gzip_bomb

    with pytest.raises(Refused, match=r"larger than|times its size"):
        await fetch(server.url("/bomb"), allowed)


@pytest.mark.parametrize("how", ["gzip", "deflate", "bare"])
async def test_a_packed_body_is_unpacked(server: FeedServer, allowed: Settings, how: str) -> None:
    server.pages["/packed"] = servers.packed("<rss>" * 5000, how)

    assert (await fetch(server.url("/packed"), allowed)).body == b"<rss>" * 5000


@pytest.mark.parametrize("page", [servers.broken_gzip, servers.break_off])
async def test_a_broken_answer_is_unavailable(server: FeedServer, allowed: Settings, page: object) -> None:
    server.pages["/broken"] = page  # type: ignore[assignment]

    with pytest.raises(Unavailable):
        await fetch(server.url("/broken"), allowed)


async def test_a_packing_that_nobody_asked_for_is_refused(server: FeedServer, allowed: Settings) -> None:
    async def brotli(answer: servers.Answer) -> None:
        await answer.send(200, b"x", {"content-encoding": "br", "content-type": "text/xml"})

    server.pages["/br"] = brotli
    with pytest.raises(Refused, match="br"):
        await fetch(server.url("/br"), allowed)


@pytest.mark.parametrize("kind", ["image/png", "video/mp4", "font/woff2", "multipart/mixed"])
async def test_what_is_no_text_is_not_read(server: FeedServer, allowed: Settings, kind: str) -> None:
    server.types["/thing"] = kind
    server.pages["/thing"] = b"x"

    with pytest.raises(Refused, match=kind):
        await fetch(server.url("/thing"), allowed)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Refused), (403, Refused), (404, Refused), (410, Refused), (418, Refused), (204, Refused), (408, Unavailable),
     (429, Unavailable), (500, Unavailable), (502, Unavailable), (503, Unavailable), (300, Refused), (999, Unavailable)],
)  # fmt: skip
async def test_a_status_says_whether_to_come_back(
    server: FeedServer, allowed: Settings, status: int, error: type[Exception]
) -> None:
    server.pages["/status"] = servers.fails(status)

    with pytest.raises(error):
        await fetch(server.url("/status"), allowed)


@pytest.mark.parametrize(("said", "seconds"), [("120", 120), ("99999999999", 86400), ("soon", None), ("-5", None)])
async def test_a_busy_server_says_when_to_come_back(
    server: FeedServer, allowed: Settings, said: str, seconds: float | None
) -> None:
    server.pages["/busy"] = servers.fails(429, {"retry-after": said})

    with pytest.raises(Unavailable) as busy:
        await fetch(server.url("/busy"), allowed)
    assert busy.value.retry_after_s == seconds


async def test_a_port_where_nobody_listens_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await fetch("http://127.0.0.1:1/", Settings(home=tmp_path, fetch_allow=("127.0.0.1:1",)))


async def test_a_server_that_speaks_no_http_is_unavailable(tmp_path: Path) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(Unavailable):
            await fetch(f"http://127.0.0.1:{port}/", Settings(home=tmp_path, fetch_allow=(f"127.0.0.1:{port}",)))
    finally:
        server.close()
