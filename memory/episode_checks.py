"""Is what a model wrote of a sitting true? A line stands only on messages that it names, and whose words it shares.

A model may invent, infer and obey: so each line's numbers must exist, half of its carrying words must stand in those
messages, and every name and number in it. What is left over is refused; nothing is mended. Facts go to `memory.gate`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from memory import gate
from memory.episodes import ALL_LINES, LINES, LONGEST_LINE, EpisodeLine, Told, importance_of, own_words
from memory.found_fact import FoundFact
from memory.recall.words import terms
from memory.repositories.conversations import Line

LEAST_SHARED = 0.5
USUAL_WEIGHT = 5  # of a line, where the model does not say how much the sitting matters
MOST_FACTS = 12
# What a line about somebody is told with, and no message needs to hold.
_FRAME = """
    they their them theirs she he persona fan said told tells asked asks promised promises talked talks spoke mentioned shared
    felt feels feel feeling wants wanted plans planned planning decided decides about that because since also both together
    conversation discussed discuss says explained described agreed er sie sagte erzählte fragte versprach sprach möchte fühlt
"""


def checked(written: Mapping[str, Any], numbered: Sequence[Line], names: Sequence[str], made_by: str) -> Told | None:
    """The lines that stand; None when none does. `numbered` is what the model read: its first message is number 1."""
    lines: list[EpisodeLine] = []
    for one in _list(written.get("lines"))[: 2 * LINES]:
        line = _line(one, numbered, names)
        if line and len(lines) < LINES and sum(len(other.text) for other in lines) + len(line.text) <= ALL_LINES:
            lines.append(line)
    if not lines:
        return None
    return Told(tuple(lines), _importance(written.get("importance"), len(lines)), made_by)


def facts_of(written: Mapping[str, Any], numbered: Sequence[Line]) -> list[tuple[str, FoundFact]]:
    """(message id, candidate) of what the model takes for facts; whether they are kept is the gate's to say."""
    found = []
    for one in _list(written.get("facts"))[:MOST_FACTS]:
        sources = _cited(one.get("from"), numbered)
        texts = [one.get(name) for name in ("kind", "subject", "value", "quote")]
        if len(sources) == 1 and all(isinstance(text, str) and len(text) <= 300 for text in texts):
            kind, subject, value, quote = (str(text).strip() for text in texts)
            found.append((sources[0].id, FoundFact(kind, subject.casefold(), value, quote, _confidence(one))))
    return found


def _line(one: Mapping[str, Any], numbered: Sequence[Line], names: Sequence[str]) -> EpisodeLine | None:
    text, sources = one.get("text"), _cited(one.get("from"), numbered)
    if not isinstance(text, str) or not sources:
        return None
    text = " ".join(text.split())
    if not 0 < len(text) <= LONGEST_LINE or re.search(r"https?://|www\.", text) or gate.planted(text):
        return None
    said = " ".join(line.text if line.author == "fan" else own_words(line.text) for line in sources)
    if not _shares(text, said, names):
        return None
    by = {"fan" if line.author == "fan" else "persona" for line in sources}
    return EpisodeLine(text, tuple(line.id for line in sources), by.pop() if len(by) == 1 else "both")


def _cited(numbers: Any, numbered: Sequence[Line]) -> list[Line]:
    """The messages of those numbers; none when one of them does not exist."""
    given = numbers if isinstance(numbers, list) else [numbers]
    if not given or not all(type(one) is int and 1 <= one <= len(numbered) for one in given):
        return []
    return [numbered[number - 1] for number in dict.fromkeys(given)]


def _shares(text: str, said: str, names: Sequence[str]) -> bool:
    """Whether the line says what was said: its names and numbers all, of its other words at least the half."""
    heard = terms(said)
    known = set(terms(" ".join(names))) | set(terms(_FRAME))
    exact = [*re.findall(r"\d+", text), *re.findall(r"(?<=[\w,;:] )[A-ZÄÖÜ][\w'’-]+", text)]
    if any(not _stands(word, heard) for name in exact for word in terms(name) if word not in known):
        return False
    carrying = set(terms(text)) - known
    shared = [word for word in carrying if _stands(word, heard)]
    return bool(shared) and len(shared) >= LEAST_SHARED * len(carrying)


def _stands(word: str, heard: Sequence[str]) -> bool:
    """In any ending: "paints" in "painter"."""
    return any(word == other or (len(word) > 4 and other[:5] == word[:5]) for other in heard)


def _importance(given: Any, lines: int) -> float:
    if isinstance(given, int | float) and 0 <= given <= 1:
        return round(max(0.05, float(given)), 3)
    return importance_of([USUAL_WEIGHT] * lines)


def _confidence(one: Mapping[str, Any]) -> float:
    given = one.get("confidence", 0.8)
    return float(given) if isinstance(given, int | float) and 0 <= given <= 1 else 0.0


def _list(given: Any) -> list[Mapping[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
