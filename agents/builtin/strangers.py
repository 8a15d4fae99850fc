"""Is somebody named who is none of the personas? A capitalised word where a persona's name would stand.

Neighbours: fill_personas, fill_posts, fill_texts, intents (who refuse to take somebody else instead).
"""

import re

from agents.builtin.desk import Cannot, Desk
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
