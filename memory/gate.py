"""May this be remembered as a fact of the fan? Every candidate passes here, found by rules or by a model, or a reason says no.

Cues are in memory/gate.toml: by reason, of a whole message or of a sentence. Most reasons refuse: nothing is written down.
Those in QUARANTINED are words that try to plant power or instructions: kept with the reason, shown to operators, never used.
A fact is a quotation with a label; passing here makes none of it an instruction. Candidates come from `memory.facts`.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from memory.found_fact import KINDS, FoundFact

QUARANTINED = frozenset({"order", "role", "injected"})
# Kinds that say something of one person, so that it matters of whom.
OF_ONESELF = KINDS - {"family", "partner", "pet", "plan", "event"}
_NEGATIVE = frozenset({"dislikes", "diet", "family", "fear", "allergy", "relationship"})  # "I don't eat meat"
SHORT = 6  # words of an answer that needs no "I"
LEAST_CONFIDENCE = 0.5  # below it a model itself does not believe what it found


# Cyrillic and Greek letters that look like Latin ones.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u0501\u043c\u0438\u0442\u03bf\u03b1\u03b9\u03bd\u0410\u0415\u041e\u0420\u0421\u0425\u0406\u041c\u0412\u041d\u041a\u0422",
    "aeopcyxisjdmntoaivAEOPCXIMBHKT",
)
_SPACED = re.compile(r"(?<!\w)(?:\w ){3,}\w(?!\w)")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it stands, who wrote it, and what the persona had said right before."""

    text: str
    author: str = "fan"
    before: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is empty where the fact may be used; see QUARANTINED for those that are kept nevertheless."""

    fact: FoundFact
    reason: str = ""

    @property
    def kept(self) -> bool:
        return not self.reason or self.reason in QUARANTINED


def judge(fact: FoundFact, heard: Heard, source: str = "rules") -> Verdict:
    """Whether what was found in that message may be kept, or why not."""
    if heard.author != "fan" or _repeats(fact.quote, heard.before):
        return Verdict(fact, "echo")
    reason = fact.doubt or (_of_a_model(fact, heard) if source == "model" else "")
    return Verdict(fact, reason)


def of_message(text: str) -> str:
    """The reason why nothing in the message is a confession; "" when there is none."""
    return _first("message", text)


def of_sentence(sentence: str, *, dream: bool = False) -> str:
    """The reason why nothing in the sentence is so, whatever it tells; "" when there is none.

    `dream`: it tells a dream, of which "one day" is no doubt.
    """
    if dream:
        sentence = _cue("some_day").sub("", sentence)
    if "?" in sentence[-3:]:
        return "question"
    return _first("sentence", sentence)


def of_place(before: str, *, strict: bool = True) -> str:
    """The reason why what follows those words of a sentence is not the fan's own; "" when there is none.

    `strict`: no other clause may lead to it without a mark or a conjunction ("my dad repeats I'm a farmer").
    """
    head, colon, _ = before.rpartition(": ")
    if colon and not _cue("announces").search(head):
        return "hearsay"
    return "" if _cue("own_lead" if strict else "loose_lead").search(before) else "third-person"


def of_value(value: str) -> str:
    """The reason why nobody may have that value written down, not even by hand."""
    if _cue("role_value").search(value):
        return "role"
    return next((one.doubt for one in planted(value)), "")


def planted(text: str) -> list[FoundFact]:
    """What the message tries to have remembered that gives power or orders: a claim each, in doubt."""
    lowered = _undisguised(text).casefold()
    if not any(word in lowered for word in _words("power")):
        return []
    lines = (line.strip() for line in re.split(r"(?<=[.!?])\s+|\n", text))
    doubts = ((line, reason) for line in lines if (reason := _first("planted", _undisguised(line))))
    return [FoundFact("claim", "", line[:200], line[:300], 0.0, doubt=reason) for line, reason in islice(doubts, 3)]


def _undisguised(text: str) -> str:
    """The text as a reader sees it: no lookalikes of other alphabets, no wide letters, no unseen signs, none s p a c e d."""
    if not text.isascii():
        shown = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
        text = "".join(sign for sign in shown if unicodedata.category(sign) != "Cf")
    return _SPACED.sub(lambda run: run[0].replace(" ", ""), text)


def _of_a_model(fact: FoundFact, heard: Heard) -> str:
    """A model may paraphrase, infer and obey: it is believed only as far as the fan's own words carry it."""
    quote = _squeezed(fact.quote)
    if fact.kind not in KINDS or fact.confidence < LEAST_CONFIDENCE:
        return "unsure"
    if not quote or quote not in _squeezed(heard.text):
        return "misquoted"
    if planted(heard.text):
        return "order"
    if not _stands_in(fact.value, quote):
        return "unsupported"
    if of_value(fact.value):
        return "role"
    return _whose(fact, quote, heard) or _as_told(fact, quote) or of_message(heard.text) or _in_place(fact, heard)


def _whose(fact: FoundFact, quote: str, heard: Heard) -> str:
    """Words about the persona or about others are no facts of the fan; a few words after a question are their own."""
    if not _cue("first_person").search(quote):
        answers = heard.before.rstrip().endswith("?") and len(quote.split()) <= SHORT
        if not answers or _cue("second_person").search(quote):
            return "echo" if _stands_in(fact.value, _squeezed(heard.before)) else "third-person"
    *_, nearest = [None, *_cue("somebody").finditer(quote[: _place_of(fact.value, quote)])]
    return "third-person" if nearest and nearest["other"] and not fact.subject and fact.kind in OF_ONESELF else ""


def _as_told(fact: FoundFact, quote: str) -> str:
    """What is negated or past in the words must be so in the fact."""
    said = _cue("negated").search(quote[: _place_of(fact.value, quote)])
    return "negated" if said and not fact.ends and fact.kind not in _NEGATIVE else ""


def _in_place(fact: FoundFact, heard: Heard) -> str:
    """The reasons of the whole sentence: a question stays one when its mark is left out of the quotation."""
    quote = _squeezed(fact.quote).rstrip(".!?")
    whole = (one.strip() for one in re.findall(r"[^.!?\n]+[.!?]*", heard.text))
    sentence = next((one for one in whole if quote in _squeezed(one)), fact.quote)
    before = _squeezed(sentence).partition(quote)[0]
    said = _cue("first_person").search(quote)
    return of_sentence(sentence) or (of_place(before + quote[: said.start()]) if said else "")


def _place_of(value: str, quote: str) -> int:
    """Where in the quotation the value begins; its end where only other forms of its words stand there."""
    at = quote.find(value.casefold())
    return at if at >= 0 else len(quote)


def _repeats(quote: str, before: str) -> bool:
    """Whether the sentence only says again what the persona has said of itself, word for word."""
    own = _squeezed(quote).strip(" .!?,")
    return len(own.split()) >= 3 and own in _squeezed(before)


def _stands_in(value: str, quote: str) -> bool:
    """Whether each word of the value is there, in any ending: "painter" in "I paint"."""
    said = re.findall(r"\w+", quote)
    words = re.findall(r"\w+", value.casefold())
    return all(any(word == one or (len(word) > 3 and one[:4] == word[:4]) for one in said) for word in words) and bool(
        words
    )


def _squeezed(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def _first(scope: str, text: str) -> str:
    """The reason of the cue that stands first in the text."""
    found = _cues(scope).search(text)
    return str(found.lastgroup).replace("_", "-") if found else ""


@cache
def _cues(scope: str) -> "re.Pattern[str]":
    """All cues of a scope as one expression; the group that matched names the reason."""
    reasons: dict[str, list[str]] = _data()[scope]
    parts = [f"(?P<{reason.replace('-', '_')}>{'|'.join(map(_bare, cues))})" for reason, cues in reasons.items()]
    return re.compile("|".join(parts), re.IGNORECASE | re.MULTILINE)


@cache
def _cue(name: str) -> "re.Pattern[str]":
    return re.compile(_bare(_data()["single"][name]), re.IGNORECASE)


@cache
def _words(name: str) -> tuple[str, ...]:
    return tuple(str(_data()["words"][name]).split(","))


def _bare(cue: str) -> str:
    """The cue without its line ends: long ones are written on several lines."""
    return cue.replace("\n", "")


@cache
def _data() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = tomllib.loads((files("memory") / "gate.toml").read_text("utf-8"))
    return data
