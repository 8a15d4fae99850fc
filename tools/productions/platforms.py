"""What is posted with a video where? A caption within each platform's limit, with few hashtags."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.capability import Shape

Platform = Literal[
    "instagram", "tiktok", "youtube", "facebook", "threads", "x", "bluesky", "mastodon", "linkedin", "pinterest",
    "telegram", "discord",
]  # fmt: skip
_MOST_TAGS = 3
_TAG_LETTERS = 30


class Words(Shape):
    """What goes with the video: a title where the platform has one, and a text."""

    title: str = ""
    text: str


def _units(text: str) -> int:
    """UTF-16 units: as many as characters, and two for an emoji, so never too few."""
    return len(text.encode("utf-16-le")) // 2


def _octets(text: str) -> int:
    return len(text.encode())


def _weighted(text: str) -> int:
    """X counts letters of most scripts once and all others, emoji too, twice."""
    return sum(1 if ord(letter) <= 0x10FF or 0x2000 <= ord(letter) <= 0x201F else 2 for letter in text)


@dataclass(frozen=True, slots=True)
class Limits:
    """`text` is counted by `count`; `title` is 0 where there is none."""

    text: int
    title: int = 0
    count: Callable[[str], int] = _units


# As the platforms' documentation for developers has it in 2026.
LIMITS: dict[Platform, Limits] = {
    "instagram": Limits(2200),
    "tiktok": Limits(2200),
    "youtube": Limits(5000, title=100, count=_octets),
    "facebook": Limits(5000),
    "threads": Limits(500),
    "x": Limits(280, count=_weighted),
    "bluesky": Limits(300),
    "mastodon": Limits(500),
    "linkedin": Limits(3000),
    "pinterest": Limits(500, title=100),
    "telegram": Limits(1024),
    "discord": Limits(2000),
}


NAMES: dict[Platform, str] = {
    "instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "facebook": "Facebook", "threads": "Threads",
    "x": "X", "bluesky": "Bluesky", "mastodon": "Mastodon", "linkedin": "LinkedIn", "pinterest": "Pinterest",
    "telegram": "Telegram", "discord": "Discord",
}  # fmt: skip


def written(platform: Platform, title: str, parts: Sequence[str], tags: Sequence[str]) -> Words:
    """The first part, cut where it must be, as many of the others as the platform has room for, and the hashtags."""
    limits = LIMITS[platform]
    ending = " ".join(tags[:_MOST_TAGS])
    room = limits.text - limits.count(f"\n\n{ending}" if ending else "")
    kept = [_cut(parts[0] if parts else title, room, limits.count)]
    for part in parts[1:]:
        if limits.count("\n\n".join([*kept, part])) <= room:
            kept.append(part)
    return Words(
        title=_cut(title, limits.title, limits.count) if limits.title else "",
        text="\n\n".join(part for part in (*kept, ending) if part),
    )


def _cut(text: str, most: int, count: Callable[[str], int]) -> str:
    """The text, or its beginning up to a word."""
    if count(text) <= most:
        return text
    words = text.split()
    while words and count(" ".join(words) + "…") > most:
        words.pop()
    if words:
        return " ".join(words) + "…"
    while text and count(text + "…") > most:
        text = text[:-1]
    return text + "…"


def hashtags(*phrases: str) -> list[str]:
    """Of each phrase of at most three words one tag: "tide pools" is #TidePools."""
    tags = []
    for phrase in phrases:
        words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", phrase))
        tag = "".join(word[:1].upper() + word[1:] for word in words)
        if 1 <= len(words) <= 3 and len(tag) <= _TAG_LETTERS and not tag.isdigit():
            tags.append(f"#{tag}")
    return list(dict.fromkeys(tags))
