"""How does CommonMark look on Telegram? As plain text and entities: styles by their place in UTF-16 units.

Telegram's own markup languages fail as a whole on one odd character; entities cannot. What Telegram has no style for
(lists, headings, rules) becomes text. https://core.telegram.org/bots/api#messageentity
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!~>|<&])")
# Chat text is not a document: an indented line is no code, a line of dashes no heading, [a]: b no hidden definition.
_NOT_IN_CHAT = ["code", "lheading", "hr", "reference", "html_block", "html_inline"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A style of a part of the text; places and lengths are in UTF-16 units."""

    type: str  # bold, italic, strikethrough, code, pre, text_link, blockquote
    offset: int
    length: int
    url: str = ""
    language: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def length(self) -> int:
        return units(self.text)


def units(text: str) -> int:
    """Its length as Telegram counts: a character beyond the basic plane is two."""
    return len(text) + sum(1 for one in text if one > "\uffff")


def first_units(text: str, most: int) -> str:
    """As much of its beginning as fits, never half a character."""
    count = 0
    for place, one in enumerate(text):
        count += 2 if one > "\uffff" else 1
        if count > most:
            return text[:place]
    return text


def escaped(text: str) -> str:
    """CommonMark that says this and nothing else."""
    return _PUNCTUATION.sub(r"\\\1", text)


@cache
def parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough").disable(_NOT_IN_CHAT)


def render(source: str) -> Rendered:
    """Text and entities of CommonMark."""
    page = _Page()
    page.blocks(parser().parse(source))
    return page.done()


@dataclass(slots=True)
class _Page:
    """What is written so far. `open` holds the styles that have begun: (type, where, url)."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    entities: list[Entity] = field(default_factory=list)
    open: list[tuple[str, int, str]] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)  # the next number of each list we are in; None for bullets
    breaks: int = 0  # line breaks due before the next word
    ended: int = -1  # the line of the source after the last words

    def write(self, text: str) -> None:
        if text:
            if self.breaks and self.parts:
                self._put("\n" * self.breaks)
            self.breaks = 0
            self._put(text)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += units(text)

    def begin(self, style: str, url: str = "") -> None:
        self.write_breaks()
        self.open.append((style, self.length, url))

    def write_breaks(self) -> None:
        """Line breaks stand before a style, not in it."""
        if self.breaks and self.parts:
            self._put("\n" * self.breaks)
        self.breaks = 0

    def end(self, style: str) -> None:
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at][0] == style:
                _, began, url = self.open.pop(at)
                self._mark(style, began, url)
                return

    def _mark(self, style: str, began: int, url: str = "", language: str = "") -> None:
        if self.length > began:
            self.entities.append(Entity(style, began, self.length - began, url, language))

    def blocks(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            kind = token.type
            if kind == "inline":
                self.words(token.children or [])
                self.ended = token.map[1] if token.map else -1
            elif kind == "fence":
                self.code_block(token)
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self.begin_list(token)
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.lists.pop()
                self.breaks = 2 if not self.lists else 1
            elif kind == "list_item_open":
                self.item()
            elif kind == "heading_open":
                self.begin("bold")
            elif kind == "heading_close":
                self.end("bold")
                self.breaks = 2
            elif kind == "blockquote_open":
                self.begin("blockquote")
            elif kind == "blockquote_close":
                self.end("blockquote")
                self.breaks = 2
            elif kind == "paragraph_close":
                self.breaks = max(self.breaks, 1 if token.hidden or self.lists else 2)

    def begin_list(self, token: Token) -> None:
        if self.lists:
            self.breaks = max(self.breaks, 1)
        elif token.map and token.map[0] == self.ended:  # it was written right under the line before it
            self.breaks = min(self.breaks, 1)
        number = token.attrs.get("start", 1) if token.type == "ordered_list_open" else None
        self.lists.append(int(number) if number is not None else None)

    def item(self) -> None:
        self.breaks = self.breaks or (1 if self.parts else 0)
        number = self.lists[-1]
        if number is not None:
            self.lists[-1] = number + 1
        indent = "  " * (len(self.lists) - 1)
        self.write(f"{indent}• " if number is None else f"{indent}{number}. ")

    def code_block(self, token: Token) -> None:
        code, language = token.content.rstrip("\n"), token.info.strip().split(" ")[0]
        self.write_breaks()
        began = self.length
        if code.strip():
            self.write(code)
            self._mark("pre", began, language=language)
        else:  # a fence around nothing is no code: what stands beside it is what was meant
            self.write(token.info.strip())
        self.breaks = 2

    def words(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.type == "text":
                self.write(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                self.write("\n")
            elif token.type == "code_inline":
                self.write_breaks()
                began = self.length
                self.write(token.content)
                self._mark("code", began)
            elif token.type == "image":
                self.write(token.content)
            elif token.type in ("link_open", "link_close"):
                self._link(token)
            else:
                self._style(token)

    def _link(self, token: Token) -> None:
        if token.nesting == 1:
            self.begin("text_link", str(token.attrs.get("href", "")))
        else:
            self.end("text_link")

    def _style(self, token: Token) -> None:
        style = _STYLES.get(token.type.rpartition("_")[0])
        if style and token.nesting == 1:
            self.begin(style)
        elif style:
            self.end(style)

    def done(self) -> Rendered:
        """Without white space at its ends, which Telegram would cut off, and with entities that it takes."""
        text = "".join(self.parts)
        lead = len(text) - len(text.lstrip())
        stripped = text.strip()
        moved = [_within(one, units(text[:lead]), units(stripped)) for one in self.entities]
        kept = [one for one in moved if one and (one.type != "text_link" or _is_web(one.url))]
        return Rendered(stripped, tuple(sorted(_apart(kept), key=lambda one: (one.offset, -one.length, one.type))))


def _within(one: Entity, lead: int, length: int) -> Entity | None:
    """The entity after `lead` units were cut off in front, in a text of that length; None when nothing of it is left."""
    start, end = max(one.offset - lead, 0), min(one.end - lead, length)
    return Entity(one.type, start, end - start, one.url, one.language) if end > start else None


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _apart(entities: list[Entity]) -> list[Entity]:
    """Code holds no other style, and one quotation no other: Telegram would refuse or reshape them."""
    codes = [one for one in entities if one.type in ("code", "pre")]
    quotes = [one for one in entities if one.type == "blockquote"]
    return [
        one for one in entities if not _in_any(one, codes) and not (one.type == "blockquote" and _in_any(one, quotes))
    ]


def _in_any(one: Entity, others: list[Entity]) -> bool:
    return any(o is not one and o.offset <= one.offset and one.end <= o.end and not _same(o, one) for o in others)


def _same(a: Entity, b: Entity) -> bool:
    return (a.type, a.offset, a.length) == (b.type, b.offset, b.length)
