"""What does a message mean that only makes sense after the one before? Repetitions, corrections, answers, things pointed at.

It is read against the last request that led to something and the reply to it, in whatever words that was given. Nothing
is taken up unless all of its words are accounted for. Neighbours: answers, pointing, repetitions, second_thoughts, planner.
"""

import re

from agents.builtin.answers import answered, confirmed
from agents.builtin.drafting import Outcome
from agents.builtin.more_of_a_list import more_of_it
from agents.builtin.others import the_other
from agents.builtin.pointing import one_of_them, sweeping
from agents.builtin.recollections import recalled
from agents.builtin.repetitions import differently, one_more
from agents.builtin.said import hear
from agents.builtin.singled import the_only_one
from agents.builtin.some_more import some_more, the_first_few
from agents.builtin.threads import Thread

RULES = (
    confirmed, recalled, the_other, the_only_one, the_first_few, one_of_them, sweeping, answered, more_of_it, some_more,
    differently, one_more,
)  # fmt: skip


def take_up(text: str, thread: Thread) -> Outcome | None:
    """What a message comes to as an answer, a repetition or a correction; None when it is a request of its own."""
    said = hear(text, thread.desk().personas)
    if not re.search(r"[\w§]", said.read) or len(said.read) > 400:
        return None
    for rule in RULES:
        if found := rule(text, said, thread):
            return found
    return None
