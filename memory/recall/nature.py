"""What is a message like? A question or a statement, of oneself or of others, with names, numbers or days in it.

Kept as a row of numbers for each message; an answer is looked for where its nature fits the question.
"""

import re

from memory.recall.times import DURATION, speaks_of_time

# The columns of a row.
ASKS, ENDS_ASKING, OF_SELF, DURATIONS, NAMES, TIMES, NUMBERS, ADVISES = range(8)
WIDTH = 8

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ASIDE = re.compile(r"\[.*?\]")  # what is shown is told in brackets
_SELF = re.compile(r"\b(I|I'm|I've|I'd|I'll|[Mm]y|me|mine|us|[Ww]e|we're|[Oo]ur)\b")
_NUMBER = re.compile(
    r"\b(\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundred|thousand|half|dozen|twice)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[\w,;:'’] )(?!I\b|I['’])[A-Z][\w'’-]*")
_ADVICE = re.compile(
    r"(?:^|[.!?] )(?:try|take|buy|look|put|go|ask|tell|get|use|read|make|don't|do|call|write|start|keep|give|let|rest|ice"
    r"|apply|have|run|swim|come|bring|watch|see|check|talk)\b|you should|you could|if i were you|why (?:don't|doesn't|not)"
    r"|have you tried|recommend|advice|suggest|i'd ",
    re.IGNORECASE,
)


def nature(text: str) -> list[float]:
    """The row of a message."""
    told = _ASIDE.sub("", text)
    sentences = [one for one in _SENTENCE.split(text) if one]
    asking = [one.rstrip().endswith("?") for one in sentences]
    row = [0.0] * WIDTH
    row[ASKS] = sum(asking) / len(asking) if asking else 0.0
    row[ENDS_ASKING] = float(text.rstrip().endswith("?"))
    row[OF_SELF] = float(min(3, len(_SELF.findall(text))))
    row[DURATIONS] = float(bool(DURATION.search(text)))
    row[NAMES] = float(min(3, len(_NAME.findall(told))))
    row[TIMES] = float(speaks_of_time(text))
    row[NUMBERS] = float(bool(_NUMBER.search(text)))
    row[ADVISES] = float(bool(_ADVICE.search(text)))
    return row
