"""What is a message like? A question or a statement, of oneself or of others, with names, numbers or days in it.

Kept as a row of numbers for each message; an answer is looked for where its nature fits the question.
"""

import re

from memory.recall.times import LASTING, speaks_of_time
from memory.recall.words import Words

# The columns of a row.
ASKS, ENDS_ASKING, OF_SELF, DURATIONS, NAMES, TIMES, NUMBERS, ADVISES = range(8)
WIDTH = 8

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ASIDE = re.compile(r"\[.*?\]")  # what is shown is told in brackets
_SELF = frozenset(["I", "My", "my", "me", "mine", "us", "We", "we", "Our", "our"])
_NUMBERS = frozenset([
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "thirty",
    "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "half", "dozen", "twice",
])  # fmt: skip
# A capital after a word and a space, but for "I". The capital comes first: what may begin a match is looked for fast.
_NAME = re.compile(r"[A-Z](?<=[\w,;:'’] [A-Z])(?!(?<=I)\b)[\w'’-]*")
_ADVISING = (
    "try|take|buy|look|put|go|ask|tell|get|use|read|make|don't|do|call|write|start|keep|give|let|rest|ice|apply|have|run"
    "|swim|come|bring|watch|see|check|talk"
)
_OPENS = re.compile(rf"(?:{_ADVISING})\b")
_OPENS_LATER = re.compile(rf"[.!?] (?:{_ADVISING})\b")
_ADVICE = (
    "you should", "you could", "if i were you", "why don't", "why doesn't", "why not", "have you tried", "recommend",
    "advice", "suggest", "i'd ",
)  # fmt: skip


def nature(said: Words) -> list[float]:
    """The row of a message."""
    row = [0.0] * WIDTH
    if "?" in said.text:
        row[ASKS], row[ENDS_ASKING] = _asking(said.text)
    row[OF_SELF] = float(min(3, sum(map(_SELF.__contains__, said.as_written))))
    row[DURATIONS] = float(not LASTING.isdisjoint(said.bag))
    told = _ASIDE.sub("", said.text) if "[" in said.text else said.text
    row[NAMES] = float(min(3, len(_NAME.findall(told))))
    row[TIMES] = float(speaks_of_time(said))
    row[NUMBERS] = float(_counts(said))
    row[ADVISES] = float(_advises(said.folded))
    return row


def _asking(text: str) -> tuple[float, float]:
    """Which share of its sentences asks, and whether the last one does."""
    asking = [one.rstrip().endswith("?") for one in _SENTENCE.split(text) if one]
    return sum(asking) / len(asking), float(text.rstrip().endswith("?"))


def _counts(said: Words) -> bool:
    if not _NUMBERS.isdisjoint(said.bag) or said.holds("teen"):
        return True
    return any(map(str.isdecimal, said.numerals))


def _advises(folded: str) -> bool:
    for words in _ADVICE:
        if words in folded:
            return True
    return bool(_OPENS.match(folded) or _OPENS_LATER.search(folded))
