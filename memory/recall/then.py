"""What was said in a time, where a question names only that? "What did I tell you last Tuesday?" has no word to look for.

Of that time's messages those come first that tell most: long ones about oneself with names and numbers, and late ones.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from memory.recall import fusion, nature
from memory.recall.asked import Asked
from memory.recall.asked import named_time as named
from memory.recall.shelf import Shelf
from memory.recall.speakers import FAN, PERSONA
from memory.recall.times import Days
from memory.recall.words import STOP, Words

MOST = 24  # messages of a time; the budget of tokens mostly holds fewer
SAID_BY = 1.5  # what it counts to be said by the one who is asked for
LATE = 0.4  # and to be the last of that time
# What a question for a time is made of, beside words that say nothing anyway.
_ASKING_WORDS = """
talk talked talking speak spoke speaking chat chatted chatting discuss discussed discussing mention mentioned happen
happened happening write wrote written message messages conversation conversations thing things anything everything
something all new up going went day days evening night back please recall am morning afternoon time then told tells
saying telling
hab habe hast hat haben hatte hattest hatten dir mir uns mich dich erzählt erzählte erzähltest gesagt sagte sagtest
geredet redeten gesprochen sprachen gemacht geschrieben schrieb erwähnt passiert los worüber wovon worum über denn
eigentlich noch da dem an von im gab getan tat damals weisst erinnerst erinnere alles etwas für mal unterhalten ging
"""
_ASKING = frozenset([*_ASKING_WORDS.split(), "weißt".casefold()])
_TELLING = re.compile(
    r"\b(?:tell|told|tells|telling|say|said|saying|talk\w*|spoke|speak\w*|chat\w*|discuss\w*|mention\w*|wr[io]te|written|messages?"
    r"|conversations?|erzähl\w*|gesagt|sagte\w*|(?:ge)?rede\w*|gesprochen|sprachen|geschrieben|schrieb\w*|erwähn\w*|unterhalten)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\b(?:did|do|have|had|was|were|habe?|hast|haben|hatten?|hattest|sagten?|sagtest|erzählten?|erzähltest|schriebst?) "
    r"(?P<who>i|you|we|ich|du|wir)\b|\b(?P<who2>i|you|ich|du)\b",
    re.IGNORECASE,
)
_WHO: dict[str, Literal["fan", "persona"]] = {"i": "fan", "ich": "fan", "you": "persona", "du": "persona"}


@dataclass(frozen=True, slots=True)
class Then:
    """A question for a time. `only_said`: for what was said then, not for what happened then."""

    only_said: bool
    by: Literal["", "fan", "persona"]


def asks_for_a_time(question: str, at: datetime) -> Then | None:
    """How the question asks for a time and for nothing else; None where it asks for more, or for another thing."""
    found = named(question, at)
    if found is None:
        return None
    start, end = found[1]
    left = [word for word in Words(f"{question[:start]} {question[end:]}").listed if word not in STOP | _ASKING]
    if left:
        return None
    subject = _SUBJECT.search(question)
    who = (subject["who"] or subject["who2"]).casefold() if subject else ""
    return Then(bool(_TELLING.search(question)), _WHO.get(who, ""))


def of_that_time(shelf: Shelf, asked: Asked, then: Then, at: datetime) -> NDArray[np.float32] | None:
    """A score for each message of that time, below 0 for all others; None where no time could be told."""
    days = asked.days or fusion.anchored(shelf, asked.anchor)
    if days is None:
        return None
    first, last = _bounds(days, at)
    said = shelf.moments
    there = (said >= first) & (said < last)
    if not then.only_said:
        happened = shelf.happened
        there |= (happened[:, 0] >= days.first) & (happened[:, 1] <= days.last)
    rows = shelf.natures
    tells = np.log1p(shelf.lexicon.lengths) + 0.5 * rows[:, nature.OF_SELF] + 0.3 * rows[:, nature.NAMES]
    tells = tells + 0.3 * rows[:, nature.NUMBERS] - 2 * rows[:, nature.ASKS] + 2
    late = np.clip((said - first) / (last - first), 0, 1)
    whose = {"fan": FAN, "persona": PERSONA}.get(then.by)
    scores = np.maximum(tells, 0) + LATE * late + (SAID_BY * shelf.said_by(whose) if whose else 0)
    return np.where(there, scores, -1).astype(np.float32)


def _bounds(days: Days, at: datetime) -> tuple[float, float]:
    """From the first moment of those days to the end of the last one, by the asker's clock."""
    first, last = (date.fromordinal(max(1, day)) for day in (days.first, days.last))
    begins = datetime.combine(first, time(), at.tzinfo).timestamp()
    return begins, datetime.combine(last + timedelta(days=1), time(), at.tzinfo).timestamp()
