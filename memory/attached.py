"""How is what came with a message told to a model, and remembered? As marks in square brackets under the words.

A mark is all that a model without eyes and ears has of a picture or a voice note; what was said aloud stands behind its
mark as it would have been written. `plain` takes the marks away again, for whoever reads words only.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

QUOTED = 4_000  # characters of a text file that a message carries; the file has the rest
_VOICE = "[voice note]"
UNHEARD = {"deaf": "[voice note, which you cannot hear]", "unheard": "[voice note, which you cannot hear just now]"}
UNSEEN = "[picture, which you cannot see]"
_LOST = {
    "too_large": "it is too large",
    "too_long": "it is too long",
    "broken": "it is damaged",
    "archive": "it is an archive",
    "unwanted": "it is of a kind that is not taken",
    "gone": "it could not be fetched",
    "unkept": "it could not be kept",
    "too_many": "too many were sent today",
    "full": "there is no room for more files",
}
_NAMES = {"picture": "picture", "voice": "voice note", "audio": "recording", "video": "video", "document": "file"}
_STICKER = re.compile(r"^\[sticker: ([^\n]*)\]$", re.MULTILINE)
_MARK = re.compile(r"^\[(?:picture|voice note|recording|video|document|file|sticker)\b[^\n]*\]$", re.MULTILINE)
_WHY = {why: problem for problem, why in _LOST.items()}
_KINDS = {name: kind for kind, name in _NAMES.items()}
_NOT_TAKEN = re.compile(rf"\[(?P<kind>{'|'.join(_KINDS)}) that was not taken: (?P<why>{'|'.join(_WHY)})\]$")
_DEAF = {mark: problem for problem, mark in UNHEARD.items()}


@dataclass(frozen=True, slots=True)
class Taken:
    """One attachment after it was looked at: the asset that it became, what it says, or what is wrong with it.

    `said` is a transcript, a picture's description, a sticker's emoji, a document's title or text. `problem` is empty,
    `deaf` (nothing here can listen), `unheard` (not just now), `blind` (nothing here can look), or why it was not taken.
    """

    asset: str | None
    kind: str  # as it was sent where it was not taken, else what it is
    said: str = ""
    problem: str = ""
    title: str = ""

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "taken": True}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Taken":
        return cls(**{name: data[name] for name in ("asset", "kind", "said", "problem", "title")})


def tell(wrote: str, taken: Sequence[Taken]) -> str:
    """The message as models and memory read it: what was written, then a line for each thing that came with it."""
    return "\n".join(part for part in (wrote, *map(mark, taken)) if part)


def mark(one: Taken) -> str:
    """The line for one of them."""
    said = " ".join(one.said.split()).replace("[", "(").replace("]", ")")
    if one.problem in _LOST:
        return f"[{_NAMES.get(one.kind, 'file')} that was not taken: {_LOST[one.problem]}]"
    if one.kind in ("voice", "audio"):
        return UNHEARD.get(one.problem) or (f"{_VOICE} {said}" if said else "[voice note without words]")
    if one.kind == "picture":
        return UNSEEN if one.problem else f"[picture: {said}]" if said else "[picture]"
    if one.kind == "video":
        return "[video, which you cannot watch]"
    if one.kind == "sticker":
        return f"[sticker: {said}]" if said else "[sticker]"
    title = f" “{one.title}”" if one.title else ""
    return f"[document{title}, quoted: «{said[:QUOTED]}»]" if said else f"[document{title}, which you cannot open]"


def plain(text: str) -> str:
    """Only the words, written or spoken."""
    return _MARK.sub("", _STICKER.sub(r"\1", text)).replace(f"{_VOICE} ", "").strip()


def lost(text: str) -> tuple[str, str] | None:
    """The problem, and of what, where a message is nothing but what could not be heard or was not taken."""
    found = [_lost(line) for line in text.strip().split("\n")]
    return found[0] if all(found) else None


def _lost(line: str) -> tuple[str, str] | None:
    if line in _DEAF:
        return _DEAF[line], "voice"
    found = _NOT_TAKEN.match(line)
    return (_WHY[found["why"]], _KINDS[found["kind"]]) if found else None


def holds(text: str, kind: str) -> bool:
    """Whether a thing of that kind came with it: picture, video, document."""
    return any(line.startswith(f"[{kind}") and not _NOT_TAKEN.match(line) for line in text.split("\n"))


def quotes(text: str) -> bool:
    """Whether words stand in it that its sender may not have written: of a document, or seen in a picture."""
    return any(line.startswith(("[document", "[picture:")) for line in text.split("\n"))
