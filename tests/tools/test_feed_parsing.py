"""Files of feeds: what they say wrongly, and what they are built to do."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from gator.errors import Refused
from tests.servers.feeds import Item, rss
from tools.feed_parsing import MAX_ENTRIES, Parsed, parse, plain, read, web_link

URL = "https://news.example/blog/feed.xml"


def understood(body: bytes | str, content_type: str = "") -> dict[str, Any]:
    """What the process would say, said in this one."""
    return parse(body.encode() if isinstance(body, str) else body, content_type, URL)


def first(body: bytes | str, content_type: str = "") -> dict[str, Any]:
    found: dict[str, Any] = understood(body, content_type)["entries"][0]
    return found


ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/base/">
<title type="html">Caf&amp;eacute;</title><entry><title>One</title><id>urn:1</id><link href="post"/>
<updated>2026-11-02T10:00:00+01:00</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hi</p>
<script>alert(1)</script></div></content></entry></feed>"""

RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Old</title></channel><item rdf:about="i">
<title>T</title><link>https://news.example/t</link><dc:date>2026-11-02T09:00:00Z</dc:date></item></rdf:RDF>"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [7, {"id": "1", "url": "/j",
"title": "Jay", "content_html": "<p>blue</p>", "date_published": "2026-11-02T10:00:00+01:00"}]}"""

OLD_RSS = (
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>N</title>'
    "<item><title>T</title></item></channel></rss>"
)


async def test_a_process_of_its_own_reads_the_file() -> None:
    found = await read(rss("Lake", Item("Herons", "/h", "<p>Two</p>", "1")).encode(), "application/rss+xml", URL)

    assert isinstance(found, Parsed)
    assert (found.title, found.entries[0].link, found.entries[0].summary) == ("Lake", "https://news.example/h", "Two")


@pytest.mark.parametrize(
    "body", [ATOM, RDF, JSON_FEED, OLD_RSS, rss("R", Item("T"))], ids=["ATOM", "RDF", "JSON", "OLD", "RSS"]
)
def test_each_kind_of_feed_is_read(body: str) -> None:
    assert understood(body)["is_feed"]
    assert first(body)["title"]


def test_atom_is_read_with_its_base_and_without_its_scripts() -> None:
    entry = first(ATOM)

    assert understood(ATOM)["title"] == "Café"
    assert entry["link"] == "https://other.example/base/post"
    assert entry["summary"] == "Hi"
    assert entry["published_at"] == datetime(2026, 11, 2, 9, tzinfo=UTC).isoformat()


def test_a_json_feed_is_read() -> None:
    entry = first(JSON_FEED)

    assert (entry["title"], entry["link"], entry["summary"]) == ("Jay", "https://news.example/j", "blue")
    assert entry["published_at"] == datetime(2026, 11, 2, 9, tzinfo=UTC).isoformat()


CZECH = "Žluťoučký kůň"


@pytest.mark.parametrize(
    ("encoded", "declared", "content_type"),
    [
        ("utf-8", "utf-8", "application/rss+xml"),
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-2"),  # both lie
        ("iso-8859-2", "iso-8859-2", "text/xml; charset=utf-8"),  # the server lies
        ("cp1250", "", "text/xml; charset=windows-1250"),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("utf-8-sig", "", ""),
        ("utf-32", "", ""),
        ("utf-8", "no-such-encoding", "text/xml; charset=nonsense"),
    ],
)
def test_an_encoding_that_is_said_wrongly_is_seen_through(encoded: str, declared: str, content_type: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""

    assert first(rss("T", Item(CZECH), head=head).encode(encoded), content_type)["title"] == CZECH


def test_seven_bit_encodings_and_broken_bytes_are_read() -> None:
    japanese = rss("T", Item("日本語"), head='<?xml version="1.0" encoding="iso-2022-jp"?>')
    assert first(japanese.encode("iso-2022-jp"))["title"] == "日本語"
    assert first(rss("T", Item("a\x96b"), head="").encode("latin-1"))["title"] == "a–b"


BOMB = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' + rss("T", Item("&b;"), head="")


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        BOMB.encode("utf-16"),
        BOMB.encode("utf-32-be"),
        "\n \n" + BOMB,
        f"<?xml version='1.0'?><!-- x -->{BOMB}",
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><rss version="2.0"/>',
        '<!doctype r[<!entity x "y">]><rss version="2.0"/>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd" [ %p; ]><rss version="2.0"/>',
    ],
)
def test_entities_are_refused_before_a_parser_sees_them(body: str | bytes) -> None:
    assert "entities" in understood(body)["refused"]


async def test_a_bomb_is_refused_by_the_process_too() -> None:
    with pytest.raises(Refused, match="entities"):
        await read(BOMB.encode(), "text/xml", URL)


@pytest.mark.parametrize(
    "body",
    ["", "just words", "\x89PNG\r\n\x1a\n\x00\x00", "%PDF-1.7", "{}", "[1]", '{"version": 3}', "<svg/>", "<rss", "\x00" * 50,
     "{" * 100_000, "<a>" * 5_000],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body: str) -> None:
    assert understood(body)["refused"]


@pytest.mark.parametrize(
    "body",
    [
        rss("T", Item("x" * 3_000_000)),
        rss("T", *(Item(f"n{number}", guid=str(number)) for number in range(1_000))),
        "<rss version='2.0'><channel>" + "<item>" * 5_000,
        "<rss version='2.0'><channel><title>" + "&lt;b&gt;" * 100_000 + "</title><item><title>t</title></item>",
        "<rss " + " ".join(f"a{number}='1'" for number in range(5_000)) + " version='2.0'><channel/></rss>",
        "<html>" + "<link rel=alternate type=application/rss+xml href='/" + "x" * 100_000,
    ],
    ids=["a long title", "many items", "deep", "much markup", "many attributes", "an open tag"],
)
async def test_a_monstrous_file_ends_in_bounds(body: str) -> None:
    try:
        found = await read(body.encode(), "text/xml", URL)
    except Refused:
        return
    assert len(found.entries) <= MAX_ENTRIES
    assert all(len(entry.title) <= 300 for entry in found.entries)


async def test_many_files_are_read_side_by_side() -> None:
    found = await asyncio.gather(*(read(rss(f"T{n}", Item("x")).encode(), "", URL) for n in range(4)))

    assert [one.title for one in found] == ["T0", "T1", "T2", "T3"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one two"),
        ("a<br/>b", "a b"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("5 < 6", "5 < 6"),
        ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
        ("<img src=x onerror=alert(1)>text", "text"),
        ("&lt;b&gt;shown&lt;/b&gt;", "<b>shown</b>"),
        ("zero\u200bwidth \u202eevil\u202c \u0007bell", "zerowidth evil bell"),
        ("family \U0001f468\u200d\U0001f469\u200d\U0001f467", "family \U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("<!-- hidden -->seen", "seen"),
        ("", ""),
    ],
)
def test_html_becomes_a_line_of_text(html: str, text: str) -> None:
    assert plain(html, 1000) == text


def test_long_texts_are_cut_between_words() -> None:
    title = plain("word " * 100, 300)

    assert len(title) <= 300
    assert title.endswith("word…")


@pytest.mark.parametrize(
    ("link", "there"),
    [
        ("/a", "https://news.example/a"),
        ("b", "https://news.example/blog/b"),
        ("//cdn.example/c", "https://cdn.example/c"),
        ("https://x.example/?q=a b", "https://x.example/?q=a%20b"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("java\nscript:alert(1)", "https://news.example/blog/java%20script:alert(1)"),
        ("data:text/html,x", ""),
        ("https://user:pw@x.example/", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_links_are_whole_and_of_the_web(link: str, there: str) -> None:
    assert web_link(link, URL) == there


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 02 Nov 2026 10:00:00 +0100", "2026-11-02T09:00:00+00:00"),
        ("2026-11-02T10:00:00Z", "2026-11-02T10:00:00+00:00"),
        ("Thu, 01 Jan 1960 00:00:00 GMT", None),
        ("yesterday, around noon", None),
        ("Mon, 99 Foo 20266 99:99:99", None),
    ],
)
def test_dates_are_aware_or_none(date: str, expected: str | None) -> None:
    item = f"<item><title>t</title><pubDate>{date}</pubDate></item>"

    assert first(f"<rss version='2.0'><channel><title>x</title>{item}</channel></rss>")["published_at"] == expected


def test_a_story_without_an_id_is_known_by_its_link_or_its_words() -> None:
    by_link = first(rss("T", Item("a", "https://news.example/1")))
    by_words = first(rss("T", Item("a", "", "body")))
    long_id = first(rss("T", Item("a", guid="x" * 5000)))

    assert by_link["guid"] == "https://news.example/1"
    assert len(by_words["guid"]) == len(long_id["guid"]) == 64
    assert by_words["guid"] == first(rss("Another", Item("a", "", "body")))["guid"]


def test_a_story_without_a_title_is_called_by_its_beginning() -> None:
    assert first(rss("T", Item("", "/x", "A short note.")))["title"] == "A short note."
    assert understood(rss("T", Item("", "/x", "")))["entries"] == []
