"""Is somebody named who is none of the personas? A capitalised word where a persona's name would stand.

Neighbours: fill_personas, fill_posts, fill_texts, intents (who refuse to take somebody else instead).
"""

import re

from agents.builtin.desk import Ask, Cannot, Desk
from agents.builtin.lexicon import known
from agents.builtin.said import Said
from agents.builtin.times.days import MONTH
from agents.builtin.times.zones import find_zone


def no_such(name: str, desk: Desk) -> str:
    there = f"There are: {', '.join(desk.personas)}." if desk.personas else "There is none yet."
    return f"There is no persona called {name}. {there}"


def unknown_name(said: Said) -> str:
    """A capitalised word where a persona's name would stand."""
    hit = re.search(
        r"\b(?:persona|character|for|let|as|ask|have|tell|about|pause|resume|delete|remove|unpause|suspend"
        r"|reactivate|show|describe|who is|who's|rename|update|change|roll back|revert|restore"
        r"|undo)\s+(?:me\s+)?(?:the\s+)?(?:(?:persona|character)\s+(?:named\s+|called\s+)?)?([^\W\d_][\w'’-]+)(?:'s)?\b",
        said.read,
    )
    if not hit:
        return ""
    word = said.words(hit.start(1), hit.end(1)).removesuffix("'s").removesuffix("’s")
    lower = word.lower()
    if (
        not word[0].isupper()
        or known(lower)
        or lower in ("the", "my", "our", "a", "an", "all", "i", "monday", "tuesday", "english")
    ):
        return ""
    return word


_NAME = r"(?P<name>[^\W\d_][\w-]+(?:\s+[^\W\d_][\w-]+)?)(?='s\b|\s+in it\b|\s*(?:[,;.!?]|$))"
_IN_IT = ("make_reel", "make_picture", "make_clip", "make_video")  # "with" names who is in it
_BY = ("draw_card", "speak_text", "write_text")
# Nouns have capitals in German: of those only what looks like somebody's name.
_GERMAN_NAME = re.compile(
    r"(?!(?:pizza|kamera|sauna|thema|lava|prosa|panorama|aroma|koala|banana|afrika|amerika)$)\w+a"
)


def mind_slip(intent: str, said: Said) -> None:
    """Raises Ask where the name of who is to be in it was read out of a slip: what takes long is not made on a guess."""
    guessed = [number for number in sorted(said.kept.guessed) if f"§p{number}" in said.read]
    if guessed and intent in (*_IN_IT, "draw_card"):
        raise Ask(f"Do you mean {said.kept.names[guessed[0]]}?", " yes ", "persona")


def stranger_in(intent: str, said: Said) -> str:
    """Who is named where the persona of what is made would be, and is none; it may be a part of what is to be seen."""
    words = {"with", "by", "as", "mit", "von"} if intent in _IN_IT else {"by", "as"} if intent in _BY else set()
    for hit in re.finditer(rf"(?=\b(?P<how>with|by|as|mit|von)\s+{_NAME})", said.read) if words else ():
        name = said.words(*hit.span("name"))
        if said.words(*hit.span("how"))[:1].isupper():
            continue  # Every Word Has A Capital Here
        named = hit["how"] not in ("mit", "von") or _GERMAN_NAME.fullmatch(hit["name"].split()[0])
        if hit["how"] in words and named and all(_strange(word) for word in name.split()):
            return name
    return ""


def _strange(word: str) -> bool:
    """A capitalised word that is no word of the trade, no place's time and no month."""
    lower = word.lower()
    if not word[:1].isupper() or word.isupper() or known(lower) or re.match(MONTH, lower):
        return False
    return find_zone(f"{lower} time") is None and not lower.endswith("day")


def refuse_stranger(said: Said, desk: Desk) -> None:
    """A name after "as" or "for" that no persona has."""
    hit = re.search(
        r"\b(?:as|by|in|on|for)\s+(?!(?:monday|tuesday|wednesday|thursday|friday|saturday"
        r"|sunday)\b)([^\W\d_][\w-]+)(?:'s)?\b(?! (?:time|day|eve|\d))",
        said.read,
    )
    while hit:
        word = said.words(hit.start(1), hit.end(1))
        strange = (
            word[:1].isupper()
            and not word.isupper()
            and not known(hit[1])
            and find_zone(f"{hit[1]} time") is None
            and not re.match(MONTH, hit[1])
        )
        if strange and (hit[0].startswith(("as", "by")) or "'s" in hit[0]):
            raise Cannot(f"There is no persona called {word}. There are: {', '.join(desk.personas) or 'none'}.")
        hit = re.compile(hit.re.pattern).search(said.read, hit.end())
