"""What does a message mean that only makes sense after the one before? Repetitions, corrections, answers, things pointed at.

It is read against the last request that led to something and the reply to it, in whatever words that was given. Nothing
is taken up unless all of its words are accounted for. Neighbours: answers, pointing, repetitions, threads, reader.
"""

import re

from agents.builtin import german_voices
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.answers import answered, confirmed
from agents.builtin.follow_ups.more_of_a_list import more_of_it
from agents.builtin.follow_ups.other_scenes import another_scene
from agents.builtin.follow_ups.others import the_other
from agents.builtin.follow_ups.pointing import one_of_them, sweeping
from agents.builtin.follow_ups.recollections import recalled
from agents.builtin.follow_ups.repetitions import differently, one_more
from agents.builtin.follow_ups.singled import the_only_one
from agents.builtin.follow_ups.some_more import some_more, the_first_few
from agents.builtin.follow_ups.takes import another_take
from agents.builtin.follow_ups.threads import Thread
from agents.builtin.said import hear
from agents.builtin.small_talk import kindly
from agents.builtin.studio.changes import changed_picture
from agents.builtin.studio.motions import set_in_motion
from agents.builtin.talking import TALK

RULES = (
    another_take, set_in_motion, changed_picture, another_scene,
    confirmed, recalled, the_other, the_only_one, the_first_few, one_of_them, sweeping, answered, more_of_it,
    some_more, differently, one_more,
)  # fmt: skip


def plan_again(text: str, thread: Thread) -> Outcome:
    """A message as a follow-up to what was said before, else as a request of its own."""
    if thread.done.steps and thread.done.steps[-1].tool == "speak_text":
        text = german_voices.follow_up(text) or text
    if taken_up := take_up(text, thread):
        return taken_up
    if kind := kindly(hear(text, thread.reader.names())):
        return Outcome(words=TALK[kind], focus=thread.before.focus)
    return thread.reader.fresh(text, thread.before, thread.replied, thread.done)


def take_up(text: str, thread: Thread) -> Outcome | None:
    """What a message comes to as an answer, a repetition or a correction; None when it is a request of its own."""
    said = hear(text, thread.desk().personas)
    if not re.search(r"[\w§]", said.read) or len(said.read) > 400:
        return None
    for rule in RULES:
        if found := rule(text, said, thread):
            return found
    return None
