"""Which picture is meant: it, the last one, hers, or one by its title? In English and in German.

Neighbours: changes and motions (what is to be done to it), looks (what is made after it), titles.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.builtin import titles
from agents.builtin.desk import GIVES, Desk

NOUN = (
    r"(?:pictures?|images?|photos?|photographs?|pics?|portraits?|selfies?|paintings?|illustrations?|drawings?|shots?"
    r"|bild(?:e?s)?|fotos?|portr(?:ä|ae)t|gem(?:ä|ae)lde|zeichnung)"
)
_NEWEST = (
    r"(?:(?:very |aller)?(?:last|latest|newest|recent|previous|letzte[nsm]?|neueste[nsm]?|j(?:ü|ue)ngste[nsm]?"
    r"|vorige[nsm]?)\s+)"
)
_THE = r"(?:(?:the|that|this|my|our|her|his|their|das|dieses|dem|diesem|ihr(?:em)?|sein(?:em)?|mein(?:em)?|unser(?:em)?)\s+)"
# "The last picture of Nova", "Nova's picture", "this photo".
PICTURE = (
    rf"(?:(?:{_THE}|(?P<whose>§p\d+)'s\s+){_NEWEST}?{NOUN}(?:\s+(?:of|von)\s+(?P<who>§p\d+|her|him|ihr|ihm))?"
    rf"|{_NEWEST}{NOUN}(?:\s+(?:of|von)\s+(?P<of>§p\d+))?)"
)
IT = r"(?:it|that|this|that one|this one|the last one|es|das|dies(?:es)?|davon)"
_QUOTES = "[\"“”„«»‘’']"


@dataclass(frozen=True, slots=True)
class Meant:
    """A picture: its id, or "last", the newest (of that persona)."""

    id: str = "last"
    persona: str | None = None


def by_title(text: str, desk: Desk) -> tuple[str, str]:
    """The text with "that picture" in the place of a picture's title, and that one's id; empty where none is named.

    Only where it is pointed at as a picture: what one shows is its title afterwards, when the same message is read again.
    """
    rows = [row for row in desk.rows("media") if row.get("kind") == "picture"]
    for one in titles.named(text, rows):
        title = str(one.rows[0].get("title") or "")
        if (
            len(one.rows) == 1
            and _same(text[one.start : one.end], title)
            and (span := _pointed(text, one.start, one.end))
        ):
            return f"{text[: span[0]]}that picture{text[span[1] :]}", str(one.rows[0]["id"])
    return text, ""


def _pointed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the title stands with the noun or verb that points at it: "the picture “…”", "the … photo", "animate “…”"."""
    led = re.search(rf"(?i){_THE}?\b{NOUN}\s*(?:called|named|namens|mit dem titel|,)?\s*{_QUOTES}?$", text[:start])
    closed = re.match(rf"(?i){_QUOTES}?(?:\s+{NOUN}\b)?", text[end:])
    of_it = re.search(rf"(?i){_THE}{_QUOTES}?$", text[:start])
    done_to = re.search(rf"(?i)(?:^|\s)(?:animate|upscale|enlarge|animiere?|vergrößere?)\s+{_QUOTES}?$", text[:start])
    assert closed
    if led and not re.search(r"(?i)\b(?:an?|another|ein|eine)\s+(?:\w+\s+)?$", text[: led.start()]):
        return led.start(), end + closed.end()
    if of_it and re.search(NOUN, closed[0], re.IGNORECASE):
        return of_it.start(), end + closed.end()
    if done_to:
        return start - len(re.search(rf"{_QUOTES}?$", text[:start])[0]), end + closed.end()  # type: ignore[index]
    return None


def _same(words: str, title: str) -> bool:
    return re.findall(r"\w+", words.lower()) == re.findall(r"\w+", title.lower())


def told(hit: re.Match[str], names: Sequence[str], id: str = "") -> Meant:
    """What the groups of PICTURE say."""
    found = hit.groupdict()
    token = next((found[name] for name in ("whose", "who", "of") if (found.get(name) or "").startswith("§p")), "")
    return Meant(id or "last", names[int(token[2:])] if token and not id else None)


def last_was_picture(desk: Desk) -> bool:
    """Whether "it" is a picture by a model: the last thing that was made here, or asked for."""
    made = [step for step in desk.before if step.tool in GIVES]
    if desk.before:
        return bool(made) and made[-1].tool == "make_picture"
    newest: dict[str, Any] = next(iter(desk.rows("media")), {})
    return newest.get("kind") == "picture"


def newest(desk: Desk) -> str:
    """The id of the newest picture; empty where there is none."""
    return next((str(row["id"]) for row in desk.rows("media") if row.get("kind") == "picture"), "")
