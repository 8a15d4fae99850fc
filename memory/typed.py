"""How would what is typed in haste be written out? "im tom btw, livin in leeds" reads "I'm Tom btw, living in Leeds".

The patterns of facts and the cues of the gate then know one spelling. Every letter knows where it came from, so that a
quotation stays what the fan typed. Data: memory/typed.toml. Read by `memory.facts` and `memory.fact_dates`.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["english", "german"]
Part = tuple[int, int, str]  # from, to, by
_TOKEN = re.compile(r"(?<![\w'])[^\W\d_][\w'-]*")
# Signs that end nothing and mean nothing here; those that the gate reads as a joke or a song stay.
_SIGNS = re.compile(r"\s*(?:(?![😜🤪😝🙄🎵🎶♪♫])[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B50\u200D\uFE0F])+[ \t]*")
_LONG = re.compile(r"([^\W\d_])\1{2,}")
_SENTENCE = re.compile(r"(?:^|(?<=[.!?;…\n])[.!?;…\s]*)(?=\w)")


@dataclass(frozen=True, slots=True)
class Written:
    """A text, and for each of its letters where in the original it begins and ends."""

    text: str
    original: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Written":
        return cls(text, text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def changed(self, what: "re.Pattern[str]", by: str) -> "Written":
        """With each match replaced; `by` may hold groups as {1}."""
        if not what.search(self.text):  # most match nothing
            return self
        return self.replaced([(*one.span(), by.format(one[0], *one.groups(""))) for one in what.finditer(self.text)])

    def replaced(self, parts: Iterable[Part]) -> "Written":
        """With those parts replaced, which stand in order and apart; what is new comes from where the old stood."""
        parts = [one for one in parts if self.text[one[0] : one[1]] != one[2]]
        if not parts:
            return self
        text, begins, ends, at = "", list[int](), list[int](), 0
        for start, end, by in [*parts, (len(self.text), len(self.text), "")]:
            first, last = self._origin(start, end)
            text += self.text[at:start] + by
            begins += [*self.begins[at:start], *[first] * len(by)]
            ends += [*self.ends[at:start], *[last] * len(by)]
            at = end
        return Written(text, self.original, tuple(begins), tuple(ends))

    def own_words(self, start: int, end: int) -> str:
        """What stands in the original where this text has its letters from `start` to `end`."""
        return self.original[self.begins[start] : self.ends[end - 1]] if start < end else ""

    def _origin(self, start: int, end: int) -> tuple[int, int]:
        if start < end:
            return self.begins[start], self.ends[end - 1]
        here = self.begins[start] if start < len(self.begins) else len(self.original)
        return here, here


def written_out(written: Written) -> Written:
    """As it would be written with care: short words, contractions, names, and the "I" that was left out."""
    written = written.replaced(_without_signs(written.text))
    written = written.replaced(_capitals(written.text))
    language = spoken(written.text)
    written = written.replaced(_spelled(written.text, language))
    for what, by in _changes(language):
        written = written.changed(what, by)
    return written.replaced(_subjects(written.text, language))


def spelled(text: str) -> str:
    """The words written out, the rest as it stands."""
    return Written.of(text).replaced(_spelled(text, spoken(text))).text


def spoken(text: str) -> Language:
    words = [word.strip(",.!?") for word in text.lower().split()]
    german, english = _spoken("german"), _spoken("english")
    return "german" if sum(one in german for one in words) > sum(one in english for one in words) else "english"


def _without_signs(text: str) -> Iterable[Part]:
    for one in _SIGNS.finditer(text):
        start, end = one.span()
        last = end == len(text) or text[end] in ".!?,\n"
        yield start, end, "" if last else " " if start and text[start - 1] in ".!?,\n" else ", " if start else ""


def _spelled(text: str, language: Language) -> Iterable[Part]:
    for one in _TOKEN.finditer(text):
        yield *one.span(), _word(one[0], language)


def _capitals(text: str) -> Iterable[Part]:
    """Names of several words."""
    for one in _phrases().finditer(text):
        yield *one.span(), one[0].title()


def _word(word: str, language: Language) -> str:
    lowered = word.lower()
    if _LONG.search(lowered) and len(set(lowered)) > 1:
        lowered = word = _shortened(lowered)
    if by := _table(language).get(lowered):
        return by
    if lowered.endswith("in") and lowered[:-2] in _cut():
        return lowered + "g"
    if word == lowered and word.removesuffix("'s") in _named():
        return word.upper() if word in _upper() else word.capitalize()
    return word


def _shortened(word: str) -> str:
    twice = _LONG.sub(r"\1\1", word)
    return twice if twice in _two() else _LONG.sub(r"\1", word)


def _subjects(text: str, language: Language) -> Iterable[Part]:
    """Where an "I" was left out: at the start of a sentence, as long as nobody else was spoken of."""
    for sentence in _SENTENCE.finditer(text):
        if _rule("others").search(text, 0, sentence.end()):
            return
        lead = _rule("ich_leads" if language == "german" else "leads").match(text, sentence.end())
        at = lead.end() if lead else sentence.end()
        for rule, by in _LEFT_OUT[language]:
            if _rule(rule).match(text, at):
                yield at, at, by
                break


_LEFT_OUT: dict[Language, tuple[tuple[str, str], ...]] = {
    "english": (("have", "I've "), ("am", "I'm "), ("did", "I ")),
    "german": (("ich", "ich "),),
}


@cache
def _changes(language: Language) -> tuple[tuple["re.Pattern[str]", str], ...]:
    return tuple(
        (re.compile(one["of"], re.IGNORECASE), one["by"])
        for one in _data()["change"]
        if one["in"] in (language, "both")
    )  # fmt: skip


@cache
def _rule(name: str) -> "re.Pattern[str]":
    return re.compile(_data()["subject"][name], re.IGNORECASE)


@cache
def _table(language: Language) -> dict[str, str]:
    return dict(_data()[language])


@cache
def _spoken(language: Language) -> frozenset[str]:
    return frozenset(_data()["spoken"][language].split())


@cache
def _cut() -> frozenset[str]:
    return frozenset(_data()["cut"]["in"].split())


@cache
def _two() -> frozenset[str]:
    return frozenset(_data()["long"]["two"].split())


@cache
def _named() -> frozenset[str]:
    names = _data()["names"]
    return frozenset(f"{names['people']} {names['places']} {names['companies']}".split())


@cache
def _upper() -> frozenset[str]:
    return frozenset(_data()["names"]["upper"].split())


@cache
def _phrases() -> "re.Pattern[str]":
    return re.compile(rf"\b(?:{_data()['names']['phrases']})\b")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("memory") / "typed.toml").read_text(encoding="utf-8"))
