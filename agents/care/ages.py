"""How old is the fan, as far as we may believe? A one-way state machine that fails closed (L11).

A fan's word can only lower what they may see: saying "I'm 34" opens nothing, saying "I'm 15" closes for good. Only an
age provider's proof makes `verified`; no model and no message does.
"""

import re
from functools import cache
from typing import Literal

from agents.care.policies import load, phrase
from gator.sieve import Sieve
from gator.wording import variants, words_only

Signal = Literal["suspected_minor", "minor", "claimed_adult"]

SIGNALS: tuple[Signal, ...] = ("minor", "suspected_minor", "claimed_adult")  # lowest first
UNKNOWN, CLAIMED, SUSPECTED, MINOR, VERIFIED = "unknown", "claimed_adult", "suspected_minor", "minor", "verified"
STATES = (UNKNOWN, CLAIMED, SUSPECTED, MINOR, VERIFIED)


def signal(text: str, before: str = "") -> Signal | None:
    """What the fan says of their own age, the lowest of it; None when nothing.

    `before` is what the persona said last: where that asked for the age, a bare "15" is one.
    """
    asked = words_only(before[-2000:])
    heard = {
        one for sentence in _sentences(text[:4000]) if (one := _in_sentence(sentence) or _answered(sentence, asked))
    }
    return next((lowest for lowest in SIGNALS if lowest in heard), None)


def next_state(state: str, signal: Signal | None) -> str:
    """The state after the signal: down is one way, up is closed to words. An unknown state counts as suspected."""
    if state not in STATES:
        return SUSPECTED
    if signal is None or state == MINOR:
        return state
    if signal == "minor":
        # A verified adult who says "I'm 12" is asked for proof again rather than marked a child for good.
        return SUSPECTED if state == VERIFIED else MINOR
    if signal == "suspected_minor":
        return state if state == VERIFIED else SUSPECTED
    return CLAIMED if state == UNKNOWN else state


def may_see(state: str, rating: str) -> bool:
    """Whether content of that rating may be shown: mature only to the verified, whatever was claimed; the unknown is a minor."""
    return rating == "general" or (rating == "mature" and state == VERIFIED)


def asks_for_mature(text: str) -> bool:
    """Whether the text asks for sexual content."""
    return any(_says("mature", variant) for variant in variants(text[:4000]))


def minor_reply(language: str) -> str:
    """What code answers to a request for sexual content from anybody who may not see it; no model is asked."""
    return phrase("ages", "reply", language)


def _sentences(text: str) -> list[str]:
    """The sentences as the patterns read them; signs that show what a number counts become words first."""
    text = re.sub(r"(\d)\s?%", r"\1 percent", text)
    text = re.sub(r"(\d)['’](\d)", r"\1 feet \2", text)
    text = re.sub(r"(\d)(yo|yrs?|years?|km|kg|min|cm)\b", r"\1 \2", text, flags=re.IGNORECASE)
    parts = re.split(r"(?<=[.!?…;])\s+|\n+|,\s*(?:but|and|so|aber|und)\s+", text)
    return [words_only(part) for part in parts if part.strip()]


def _in_sentence(sentence: str) -> Signal | None:
    """What one sentence says; nothing when it speaks of another time, another person or no fact."""
    if _says("not_yet", sentence):
        return "minor"
    if _says("unless", sentence):
        return None
    if _says("minor", sentence):
        return "minor"
    own = _own_ages(sentence)
    if own and min(own) < load("ages")["adult"]:
        return "minor"
    if _says("suspected", sentence):
        return "suspected_minor"
    return "claimed_adult" if own or _says("adult_words", sentence) else None


def _answered(sentence: str, asked: str) -> Signal | None:
    """What a sentence says that only the question before it makes an age."""
    if not asked or not any(pattern.search(asked) for pattern in _questions("questions")):
        return None
    if match := _bare().match(sentence):
        age = _age(match)
        if age is not None and load("ages")["youngest"] <= age < 100:
            return "minor" if age < load("ages")["adult"] else "claimed_adult"
    no = re.match(load("ages")["asked"]["no"], sentence)
    return "minor" if no and any(pattern.search(asked) for pattern in _questions("adulthood")) else None


def _own_ages(sentence: str) -> list[int]:
    if sentence.endswith("?"):
        return []
    ages = [_age(match) for number in _own().likely(sentence) for match in _own().patterns[number].finditer(sentence)]
    return [age for age in ages if age is not None and load("ages")["youngest"] <= age < 100]


def _says(what: str, sentence: str) -> bool:
    return any(pattern.search(sentence) for pattern in _patterns(what))


def _age(match: "re.Match[str]") -> int | None:
    """The age that was said; one that is still to come counts as a year less."""
    found = match.group("n")
    age = int(found) if found.isdigit() else _numbers().get(found)
    soon = re.search(r"turning|about to be|almost|nearly|ill be|i (?:just )?turn |ich werde", match.group())
    return age - 1 if age is not None and soon else age


@cache
def _numbers() -> dict[str, int]:
    """Number words of all languages; in a language's order a word's place is its number."""
    return {word: number for words in load("ages")["numbers"].values() for number, word in enumerate(words)}


@cache
def _own() -> Sieve:
    return Sieve(re.compile(pattern.replace("<n>", _number())) for pattern in load("ages")["own"]["patterns"])


@cache
def _bare() -> "re.Pattern[str]":
    return re.compile(load("ages")["asked"]["number"].replace("<n>", _number()))


@cache
def _number() -> str:
    """What a number of years looks like, and does not go on like."""
    words = "|".join(sorted((re.escape(word) for word in _numbers()), key=len, reverse=True))
    return rf"(?P<n>\d{{1,3}}|{words})(?!\d){load('ages')['own']['not_after']}"


@cache
def _questions(name: str) -> tuple["re.Pattern[str]", ...]:
    return tuple(re.compile(pattern) for pattern in load("ages")["asked"][name])


@cache
def _patterns(name: str) -> tuple["re.Pattern[str]", ...]:
    return tuple(re.compile(pattern) for pattern in load("ages")[name]["patterns"])
