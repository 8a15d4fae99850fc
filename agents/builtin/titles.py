"""Which of them is it? Rows of the workspace (media, posts, jobs) named by words of their titles: "the spring sale picture".

A row is named by its whole title, by two words of it in their order, or by one word of it where only one row has it and
a noun or article shows that a thing is named. Neighbours: fill_media, fill_posts, fill_lists (who ask).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.builtin.lexicon import stem, thing, verb, word_set

NO_CONTENT = word_set(
    "a an the and or of to in on at for from with by as it is be that this my our your her his their its i we you she he they"
    " me us not no new newest latest last first next second third top good big all both one two three some any every each out"
    " up down back now today tomorrow tonight morning evening afternoon noon night day week month year monday tuesday"
    " wednesday thursday friday saturday sunday am pm post posts card cards picture pictures image images video videos clip clips"
    " voice recording job jobs music square vertical portrait landscape story bold minimal gradient editorial quote short long"
    " make draw say says text title titled called named about background sound audio file please"
)
NOUN = (
    r"(?:pictures?|cards?|images?|photos?|pics?|graphics?|voice-?overs?|voices?|recordings?|speech(?:es)?|narrations?"
    r"|audio|videos?"
    r"|clips?|reels?|things?|stuff|teasers?|announcements?|reminders?|updates?|posts?|jobs?|tasks?|renders?|ones?"
    r"|track|tune|song|music|sound)"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of a text and the rows it may name; more than one means that it must be asked."""

    start: int
    end: int
    rows: tuple[dict[str, Any], ...]


def weighed(text: str, skip: Sequence[str] = ()) -> dict[str, int]:
    """Words that may stand in a title, without endings: 2 for one that tells a thing, 1 for one that many have."""
    left_out = frozenset(part for one in skip for part in one.lower().split())
    found: dict[str, int] = {}
    for hit in re.finditer(r"[^\W\d_]{3,}|\d{4,}", text.lower().replace("'s", "  ").replace("’s", "  ")):
        word, short = hit[0], stem(hit[0])
        weight = 2 if _content(word, left_out) else int(len(word) > 3 and word not in left_out)
        if weight:
            found[short if word.startswith(short) else word] = weight
    return found


def _tokens(text: str) -> list[tuple[str, int, int]]:
    return [(stem(hit[0]), *hit.span()) for hit in re.finditer(r"[^\W_]+", text.lower().replace("'s", "  "))]


def _content(word: str, skip: frozenset[str]) -> bool:
    return len(word) > 1 and word not in NO_CONTENT and word not in skip and not word.isdigit()


def named(text: str, rows: Sequence[dict[str, Any]], key: str = "title", skip: Sequence[str] = ()) -> list[Named]:
    """What is named in a text, in its order. Words in `skip` (personas' names) name nothing."""
    left_out = frozenset(part for one in skip for part in one.lower().split())
    spoken = _tokens(text)
    found: dict[tuple[int, int], tuple[int, list[dict[str, Any]]]] = {}
    for row in rows:
        best = _best_run(spoken, [word for word, _, _ in _tokens(str(row.get(key) or ""))], text, left_out)
        if best is None:
            continue
        weight, first, last = best
        span = (spoken[first][1], spoken[last][2])
        known = found.get(span)
        if known is None or weight > known[0]:
            found[span] = (weight, [row])
        elif weight == known[0]:
            known[1].append(row)
    return _apart([(weight, Named(*span, tuple(rows))) for span, (weight, rows) in found.items()])


def _best_run(
    spoken: list[tuple[str, int, int]], title: list[str], text: str, skip: frozenset[str]
) -> tuple[int, int, int] | None:
    """The weightiest run of words that text and title share: its weight, its first and last word in the text."""
    best: tuple[int, int, int] | None = None
    for first in range(len(spoken)):
        for begin in range(len(title)):
            length = 0
            while (
                first + length < len(spoken)
                and begin + length < len(title)
                and spoken[first + length][0] == title[begin + length]
            ):
                length += 1
            if not length:
                continue
            weight = sum(_content(word, skip) for word in title[begin : begin + length])
            whole = length == len(title) and (length > 1 or (weight == 1 and len(title[0]) > 3))
            last = first + length - 1
            opening = begin == 0 and length >= 2 and weight >= 1
            order = not first and bool(verb(text[slice(*spoken[first][1:])].lower()))
            lone = weight == 1 and not order and _pointed_at(text, spoken[first][1], spoken[last][2])
            if whole or weight >= 2 or lone or opening:
                score = 100 * whole + 10 * weight + length
                if best is None or score > best[0]:
                    best = (score, first, last)
    return best


def _pointed_at(text: str, start: int, end: int) -> bool:
    """Whether one word stands where a thing is named: "the greeting", "sale picture"."""
    after = re.match(rf"\s+(?:[\w'-]+\s+)?{NOUN}\b", text.lower()[end:])
    before = re.search(r"(?:\b(?:the|that|our|my|'s)\s+(?:[\w'-]+\s+)?|[+&]\s*)$", text.lower()[:start])
    closed = re.match(
        r"\s*(?:$|[,.;!?]|and\b|to\b|with\b|as\b|for\b|in\b|into\b|by\b|back\b|again\b)", text.lower()[end:]
    )
    return bool(after or (before and closed))


def _apart(found: list[tuple[int, Named]]) -> list[Named]:
    """Of stretches that overlap the weightier one, in the order of the text."""
    kept: list[Named] = []
    for _, one in sorted(found, key=lambda pair: -pair[0]):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


PLAIN = word_set(
    "newest latest last first second third new next square vertical landscape portrait horizontal quote bold minimal gradient"
    " editorial story same other whole two three four five both all top social picture voice recent most just made finished"
    " ready failed running queued current previous only good nice final old oldest short long text playing card typographic"
    " following audio sound music background video clip and with of that this scheduled upcoming planned published very"
)


def unknown(text: str, nouns: str, skip: Sequence[str] = ()) -> str:
    """Words before one of `nouns` that are no plain description, so that they must be a name: "the halloween card"."""
    left_out = {part for one in skip for part in one.lower().split()}
    joint = r"(?:the|an?|and|or|with|from|of|my|our|to|in|on|at|as|for|by|is|it|that|this|says?|saying)\b"
    hit = re.search(rf"\b(?:the|that|our|my)\s+((?:(?!{joint})[\w'-]+\s+){{1,4}}?)(?:{nouns})\b", text.lower())
    words = [word for word in hit[1].split() if word.removesuffix("'s") not in PLAIN | left_out] if hit else []
    return "" if any(thing(word) or re.search(r"\d", word) for word in words) else " ".join(words)
