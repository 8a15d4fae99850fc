"""Is everybody here an adult? Finds words that make a character a minor, and the age that a text states.

Words about others ("mother of a 5-year-old") and about the past ("when I was 12 I …") do not make a character a child.
In doubt it finds something: an operator can reword a sentence, a child as a persona cannot be taken back.
"""

import re
import unicodedata

from tools.personas import minor_words as words

_SENTENCE_END = re.compile(r"[.!?;\n](?!\w)")
_AROUND = 160  # characters to either side that a sentence is looked for in
_GROWN = r"(?P<age>1[89]|[2-9]\d|1[01]\d|120)"
_STATED = tuple(
    re.compile(pattern, re.VERBOSE | re.MULTILINE)
    for pattern in (
        rf"\b aged? \b \W{{1,8}} (?:is\ )? {_GROWN} \b",
        rf"(?<!\bher\ )(?<!\bhis\ )(?<!\bmy\ )(?<!\btheir\ ) \b {_GROWN} [\s-]* (?:years?|yrs?) [\s-]* old \b",
        rf"{words.IS} \  (?:now\ )? {_GROWN} \s* (?= [.!?;\n,)] | $ | and\b )",
    )
)


def under_age(text: str) -> str | None:
    """The words that make somebody in the text a minor, as a short quote; None when there are none."""
    plain = _plain(text)
    for found in (hit for pattern in words.NEVER_FITS for hit in pattern.finditer(plain)):
        if not words.NOT_BEFORE.search(_sentence_around(plain, found)[0]):
            return _quote(plain, found)
    for patterns, is_age in ((words.AGES, True), (words.WORDS, False), (words.ELSEWHERE, False)):
        for pattern in patterns:
            for found in pattern.finditer(plain):
                if not _harmless(plain, found, is_age=is_age):
                    return _quote(plain, found)
    return None


def stated_age(text: str) -> int | None:
    """The age of 18 or more that a text says somebody is ("Age: 32", "a 32-year-old baker"); None when it says none."""
    plain = _plain(text)
    found = next(filter(None, (pattern.search(plain) for pattern in _STATED)), None)
    return int(found["age"]) if found else None


def _plain(text: str) -> str:
    """One spelling for what looks the same: NFKC, no zero-width characters, lower case, single blanks."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(letter for letter in text if letter.isascii() or unicodedata.category(letter) != "Cf")
    return re.sub(r"[^\S\n]+", " ", text).casefold()


def _harmless(text: str, found: re.Match[str], *, is_age: bool) -> bool:
    """Whether the words are about the past or about somebody else, or (unless they are an age) denied or a simile."""
    before, after = _sentence_around(text, found)
    if words.BODY_AFTER.search(after):
        return False
    if not is_age and (words.NOT_BEFORE.search(before) or words.SIMILE_BEFORE.search(before)):
        return True
    if is_age and words.THING_BEFORE.search(before):
        return True
    if not is_age and words.PAST_AFTER.search(after):
        return True
    return _past(text, before, found.group(), after) or _others(before, after)


def _past(text: str, before: str, said: str, after: str) -> bool:
    if words.PLAYS_BEFORE.search(before):
        return False
    if words.PAST_BEFORE.search(before):
        return True
    if said.startswith("age") and words.PAST_VERB_BEFORE.search(before):
        return True
    # "She was 12 years old" alone may be how a story tells of today.
    was = words.WAS_BEFORE.search(before)
    return bool(was) and bool(words.TIME.search(after) or words.TIME.search(before) or stated_age(text))


def _others(before: str, after: str) -> bool:
    if words.OTHERS_BEFORE.search(before):
        return True
    return not words.IDENTITY_BEFORE.search(before) and bool(words.OTHERS_AFTER.search(after))


def _sentence_around(text: str, found: re.Match[str]) -> tuple[str, str]:
    before = text[max(0, found.start() - _AROUND) : found.start()]
    after = text[found.end() : found.end() + _AROUND]
    return _SENTENCE_END.split(before)[-1], _SENTENCE_END.split(after)[0]


def _quote(text: str, found: re.Match[str]) -> str:
    start, end = max(0, found.start() - 20), min(len(text), found.end() + 10)
    return " ".join(text[start:end].split())
