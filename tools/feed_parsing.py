"""What does a feed's file say? Strangers' bytes become plain text, links and dates, in a process of its own.

`read` hands the bytes to that process (this module run as a program), which parses them under limits on memory, CPU
time and files, with the network shut: the worst a hostile file can do is to end it. No DTD is ever read.
"""

import html
import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
import structlog

from gator.apart import ask_apart
from gator.errors import Refused
from gator.rooms import assert_ours
from tools.unseen import cut, without_unseen

log = structlog.get_logger()

TITLE_CHARS = 300
SUMMARY_CHARS = 1000
MAX_ENTRIES = 100  # the newest that one reading takes; news feeds carry 20 to 50
MAX_LINKS = 10
_DEADLINE_S = 15.0
_CPU_S = 5
_MEMORY_BYTES = 512 * 1024 * 1024
_MAX_ANSWER_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One story: plain text, an http(s) link or none, when the feed says that it appeared."""

    guid: str
    title: str
    link: str
    summary: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A feed with its entries; or, where the file is a web page, the feeds that the page names."""

    is_feed: bool
    title: str
    entries: list[Entry]
    feeds: list[str]


async def read(body: bytes, content_type: str, url: str) -> Parsed:
    """Parse what was fetched from `url`. Raises Refused when it is neither a feed nor a page, or is built to do harm."""
    head = orjson.dumps({"content_type": content_type, "url": url})
    env = {"PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1"}
    try:
        status, answer = await ask_apart("tools.feed_parsing", head + b"\n" + body, env, within_s=_DEADLINE_S)
    except TimeoutError as slow:
        raise Refused("That feed takes too long to read.") from slow
    if status != 0 or len(answer) > _MAX_ANSWER_BYTES:
        # Killed by a limit, or thrown over by a file that the parser does not bear: no feed for us either way.
        log.warning("feed_unreadable", status=status, size_bytes=len(body))
        raise Refused("That file cannot be read as a feed: it is damaged, or built to do harm.")
    return _understood(orjson.loads(answer))


def _understood(said: dict[str, Any]) -> Parsed:
    if said.get("refused"):
        raise Refused(said["refused"])
    entries = [
        Entry(
            entry["guid"],
            entry["title"],
            entry["link"],
            entry["summary"],
            datetime.fromisoformat(entry["published_at"]) if entry["published_at"] else None,
        )
        for entry in said["entries"]
    ]
    return Parsed(said["is_feed"], said["title"], entries, said["feeds"])


# From here on: what runs in the process of its own.

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_STARTS = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_SEVEN_BIT = re.compile(r"^(iso-2022-|hz)", re.IGNORECASE)  # look like ASCII, and so like UTF-8


def decoded(body: bytes, content_type: str) -> str:
    """The text of a file whose encoding may be said wrongly. What is valid UTF-8 is that, whatever anybody says."""
    for start, encoding in _BOMS:
        if body.startswith(start):
            return body[len(start) :].decode(encoding, "replace")
    for start, encoding in _STARTS:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    in_file = _DECLARED.search(body[:400])
    in_header = _CHARSET.search(content_type)
    said = [found.decode("ascii") for found in (in_file.groups() if in_file else ())]
    said += list(in_header.groups()) if in_header else []
    seven = [name for name in said if _SEVEN_BIT.match(name)]
    for name in (*seven, "utf-8", *said):
        if name.lower().replace("_", "-") in ("utf-7", "utf7", "unicode-1-1-utf-7"):
            continue  # hides markup from those who do not know it
        try:
            return body.decode(name)
        except (UnicodeError, LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def _harm(text: str) -> str:
    """What is wrong with the file before a parser sees it; empty when nothing is."""
    if "\0" in text[:1000]:
        return "That is no feed but some other kind of file."
    # Entities are how a kilobyte becomes a gigabyte and a file of this machine a story. Feeds need none of their own.
    if re.search(r"<!ENTITY", text, re.IGNORECASE) or re.search(r"<!DOCTYPE[^>\[]{0,2000}\[", text, re.IGNORECASE):
        return "That file declares entities of its own, which feeds have no need of; it is not read."
    return ""


_BLOCKS = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|td|h[1-6]|blockquote|section|article|hr)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!?]")


def plain(text: str, most: int) -> str:
    """HTML as one line of text: no markup, nothing unseen, at most `most` characters."""
    import nh3

    text = text[: most * 40]  # markup may be many times its text
    if _MARKUP.search(text):
        text = nh3.clean(_BLOCKS.sub(r" \g<0>", text), tags=set())
    return cut(without_unseen(html.unescape(text)), most)


def web_link(link: str, base: str) -> str:
    """The link as an absolute http(s) address, or nothing."""
    link = without_unseen(link).replace(" ", "%20")
    try:
        there = urlsplit(urljoin(base, link))
    except ValueError:
        return ""
    good = there.scheme in ("http", "https") and there.hostname and "@" not in there.netloc and "\\" not in link
    return there.geturl()[:2000] if good and link else ""


class _Page(HTMLParser):
    """Finds the feeds that a web page names in its <link rel="alternate">."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = said.get("href", "")
        kind = said.get("type", "").split(";")[0].strip().lower()
        feed = kind in ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
        if tag == "link" and feed and "alternate" in said.get("rel", "").lower().split() and said.get("href"):
            self.found.append(said["href"])


def _page_feeds(text: str, url: str) -> list[str]:
    page = _Page()
    page.feed(text[:500_000])  # a page's head, with room to spare
    base = urljoin(url, page.base)
    links = [web_link(href, base) for href in page.found]
    # A page of WordPress names its comments' feed as well; the stories are meant.
    links.sort(key=lambda link: "comments" in link)
    return list(dict.fromkeys(link for link in links if link))[:MAX_LINKS]


def _date(entry: Any) -> str | None:
    for field in ("published_parsed", "updated_parsed", "created_parsed"):
        stamp = entry[field] if field in entry else None  # noqa: SIM401  # `get` warns of a mapping that we do not use
        try:
            if stamp and stamp[0] >= 1970:
                year, month, day, hour, minute, second = stamp[:6]
                return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC).isoformat()
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _body_of(entry: Any) -> str:
    contents = entry.get("content") or []
    return entry.get("summary") or (contents[0].get("value", "") if contents else "")


def _entry(entry: Any, base: str) -> dict[str, Any] | None:
    summary = plain(_body_of(entry), SUMMARY_CHARS)
    title = plain(entry.get("title", ""), TITLE_CHARS) or cut(summary, 100)
    if not title:
        return None
    link = web_link(entry.get("link", ""), base)
    guid = without_unseen(entry.get("id", "")) or link or f"{title}\n{summary}"
    if len(guid) > 200 or "\n" in guid:
        guid = sha256(guid.encode("utf-8", "replace")).hexdigest()
    return {"guid": guid, "title": title, "link": link, "summary": summary, "published_at": _date(entry)}


def parse(body: bytes, content_type: str, url: str) -> dict[str, Any]:
    """What `read` gives, as JSON, or {"refused": why}."""
    text = decoded(body, content_type).lstrip("\ufeff \t\r\n")
    if harm := _harm(text):
        return {"refused": harm}
    found = _json_feed(text) if text.startswith("{") else _xml_feed(text, url)
    if found is not None:
        title, raw = found
        entries = [entry for entry in (_entry(one, url) for one in raw[:MAX_ENTRIES]) if entry]
        return {"is_feed": True, "title": plain(title, 200), "entries": entries, "feeds": []}
    if re.search(r"<(!doctype\s+html|html|head|body|link|meta|title)\b", text[:5000], re.IGNORECASE):
        return {"is_feed": False, "title": "", "entries": [], "feeds": _page_feeds(text, url)}
    return {"refused": "At that address is no feed."}


def _xml_feed(text: str, url: str) -> tuple[str, list[Any]] | None:
    import feedparser

    # The file's own word on its encoding was heard; it must not be heard again by a parser that believes it.
    text = re.sub(r"^<\?xml[^>]{0,400}\?>", "", text)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    bytes_ = text.encode("utf-8", "replace")
    found = feedparser.parse(bytes_, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    return (found.feed.get("title", ""), found.entries) if found.get("version") else None


def _json_feed(text: str) -> tuple[str, list[Any]] | None:
    """JSON Feed (https://www.jsonfeed.org/version/1.1/), its items under the names that feedparser uses."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    items = said.get("items")
    if not str(said.get("version", "")).startswith("https://jsonfeed.org/version/") or not isinstance(items, list):
        return None
    named = {"id": "id", "title": "title", "link": "url"}
    entries: list[Any] = []
    for item in (item for item in items if isinstance(item, dict)):
        entry: dict[str, Any] = {ours: str(item.get(theirs) or "") for ours, theirs in named.items()}
        body = item.get("summary") or item.get("content_text") or item.get("content_html") or ""
        entry |= {"summary": str(body), "published_parsed": _rfc3339(item.get("date_published"))}
        entries.append(entry)
    return str(said.get("title") or ""), entries


def _rfc3339(value: Any) -> tuple[int, ...] | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return tuple(at.astimezone(UTC).timetuple()[:6]) if at.tzinfo else None


def _shut(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        raise PermissionError(f"{event} in the process that reads strangers' files")


def main() -> None:
    """Read a header line and the file from stdin; write the answer to stdout."""
    assert_ours()
    import resource

    import feedparser  # noqa: F401  # before the limits, as the rest of what is imported
    import nh3  # noqa: F401

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_ANSWER_BYTES, _MAX_ANSWER_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_shut)
    asked = orjson.loads(sys.stdin.buffer.readline())
    answer = parse(sys.stdin.buffer.read(), asked["content_type"], asked["url"])
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()
