"""What went wrong? Reads what fans said and what reached them, as the platforms saw it, and trusts nothing else.

Each message of a fan carries a token of its conversation and number, and the model answers a turn by repeating the
tokens that it answers: so what reached a fan says which of their messages it answers.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

TOKEN = re.compile(r"\bk(?P<conversation>\d+)x(?P<number>\d+)\b")


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that reached a fan, in the order in which it did."""

    conversation: int
    text: str


def token(conversation: int, number: int) -> str:
    return f"k{conversation}x{number}"


def problems(said: dict[int, int], heard: list[Heard], unconfirmed: set[str] | None = None) -> list[str]:
    """What is lost, said twice, out of order, or in the wrong conversation.

    `said` is how many messages each conversation sent, `unconfirmed` the tokens of answers that are listed as such.
    """
    answers: dict[int, list[str]] = defaultdict(list)
    found = []
    for one in heard:
        for match in TOKEN.finditer(one.text):
            if int(match["conversation"]) != one.conversation:
                found.append(f"{match[0]} was answered to conversation {one.conversation}")
            answers[one.conversation].append(match[0])
    for conversation, count in said.items():
        found += _of_one(conversation, count, answers[conversation], unconfirmed or set())
    return found


def _of_one(conversation: int, count: int, answered: list[str], unconfirmed: set[str]) -> list[str]:
    expected = [token(conversation, number) for number in range(count)]
    times = Counter(answered)
    lost = [f"{one} was never answered" for one in expected if not times[one] and one not in unconfirmed]
    twice = [f"{one} was answered {n} times" for one, n in times.items() if n > 1]
    invented = [f"{one} was answered and never said" for one in times if one not in expected]
    in_order = [one for one in expected if times[one]]
    first = list(dict.fromkeys(answered))
    swapped = [] if [one for one in first if one in expected] == in_order else [f"conversation {conversation}: {first}"]
    return lost + twice + invented + [f"out of order: {one}" for one in swapped]
