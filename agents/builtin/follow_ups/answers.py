"""Is it an answer? Yes, no, a name, a time, an address, to whatever was asked back, filled into the request that raised it.

Neighbours: threads, pointing (answers that tell one of several), repetitions.
"""

import re

from agents.builtin.clauses import starts_request
from agents.builtin.desk import Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.alterations import leftover
from agents.builtin.follow_ups.repetitions import change_last
from agents.builtin.follow_ups.threads import Thread, asks, outcome_of, questions_in
from agents.builtin.heads import plainly
from agents.builtin.references import needs
from agents.builtin.said import Said, hear

LEFT = "All right, I leave it."
YES = re.compile(
    r"(?:oh |ok(?:ay)?,? |well,? )?(?:yes|yep|yeah|yup|ya|sure(?: thing)?|ok(?:ay)?|certainly|please do|do (?:it"
    r"|so|that)|go ahead|go for it"
    r"|confirm(?:ed)?|correct|right|exactly|absolutely|definitely|of course|i'm sure|i am sure|i do|y|positive"
    r"|proceed"
    r"|indeed|affirmative|that's right)\b"
)
NO = re.compile(
    r"(?:oh |ah |hmm,? |well,? |wait,? |sorry,? )*(?:no|nope|nah|never ?mind|don't|do not|stop|cancel|leave (?:it"
    r"|her|him|them|that)"
    r"|rather not|better not|not now|not yet|forget (?:it|that)|keep (?:it|her|him|them)|actually,? (?:no|don't)"
    r"|on second thought,? no"
    r"|i changed my mind|negative|abort)\b"
)
FILLING = re.compile(
    r"\b(?:yes|yep|yeah|sure|ok|okay|please|do|it|that|so|go|ahead|thanks|thank|you|i|am|i'm|really|very|of|course"
    r"|right|exactly"
    r"|absolutely|definitely|and|for|now|then|just|all|the|no|nope|not|never|mind|leave|don't|stop|cancel|alone"
    r"|keep|her|him"
    r"|them|forget|changed|my|rather|better|yet|let's|her|correct|confirm|confirmed|delete|remove|well|but|indeed"
    r"|a|second"
    r"|thought|on|actually|wait|oh|sorry|sir|want|this|as|is|be|one|proceed|positive|certainly|yup|post|publish"
    r"|drop|pause)\b"
)
CONFIRMING = re.compile(
    r"\b(?:are you sure|really (?:want|delete|remove|cancel|post|publish)|do you (?:really "
    r"|still )?want (?:me )?to|confirm|proceed"
    r"|go ahead|anyway|(?:shall|should) i (?:really |now |then |still )?\w+|would you like me to|want me to"
    r"|is (?:that|this)"
    r" (?:right|ok(?:ay)?|correct|fine)|ok(?:ay)? to|sure about|certain)\b"
)
OFFER = re.compile(
    r"(?:shall|should|can|may) i (?:also |now |then |go ahead and )*|(?:do you want|would you like"
    r"|want) me to (?:also |now |go ahead and )*"
)


def confirmed(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """Yes or no to a question that asks whether to do what was asked, or offers to do more."""
    read = said.read.strip()
    questions = questions_in(thread.replied).lower()
    if not questions or (thread.before.question is not None and str(thread.before.question) in thread.replied):
        return None
    plain = not re.search(r"\w|§", FILLING.sub("", YES.sub("", NO.sub("", read))))
    if NO.match(read) and plain:
        return outcome_of(thread, words=LEFT) if asks(thread.replied) else None
    if not (YES.match(read) and plain and CONFIRMING.search(questions)):
        return None
    offered = _offered(questions, thread)
    tools = {step.tool for step in thread.before.steps}
    if offered and not ({step.tool for step in offered.steps} <= tools and thread.undone):
        return offered
    return outcome_of(thread, thread.before.steps) if thread.undone and tools else None


def _offered(questions: str, thread: Thread) -> Outcome | None:
    """What a question offers to do."""
    hit = OFFER.search(questions)
    if not hit:
        return None
    start = thread.replied.lower().find(questions[hit.start() : hit.end() + 6])
    offer = thread.replied[start + len(hit[0]) :].split("?")[0] if start >= 0 else questions[hit.end() :].split("?")[0]
    outcome = thread.reader.fresh(offer, thread.before, thread.replied, thread.done)
    return outcome if outcome.steps else None


def answered(text: str, said: Said, thread: Thread) -> Outcome | None:
    """An answer to whatever was asked, filled into the request that raised it."""
    if not asks(thread.replied) or starts_request(plainly(said).read):
        return None
    if thread.before.steps and thread.undone:
        return _changed_in_place(list(thread.before.steps), plainly(said), thread)
    if not thread.before.clauses or thread.before.steps:
        return None
    return _joined(text, said, thread)


def says_more(text: str, thread: Thread) -> bool:
    """Whether an answer names the persona that was asked for and something besides, so that both must be filled in."""
    if thread.before.question is None or thread.before.question.kind != "persona":
        return False
    said = hear(text, thread.desk().personas)
    if len(said.named()) != 1 or starts_request(plainly(said).read):
        return False
    return bool(re.search(r"\d|,", said.read.replace(" ", "")) and leftover(said.without(*_span(said))))


def _joined(text: str, said: Said, thread: Thread) -> Outcome | None:
    """The earlier request with the answer behind it, as one."""
    clauses = list(thread.before.clauses)
    at = min(thread.before.at, len(clauses) - 1)
    answer = text.strip()
    names = said.named()
    if both := re.fullmatch(r"(?:for |as )?(?:both|all)(?: of them)?[\s.!]*", said.read.strip()):
        return _for_everyone(clauses, at, thread) if both and thread.before.question else None
    if len(names) == 1 and re.match(r"(?:as |for |by |with )?§p\d+", said.read.strip()):
        rest = said.without(*_span(said)).stripped()
        answer = f"as {names[0]} {re.sub(r'(?i)^(?:as|for|by|with|please)[ ,]+', '', rest.text())}".strip(" ,")
    elif re.match(r"(?i)(?:\d|mon|tue|wed|thu|fri|sat|sun)", answer) and not re.match(r"(?i)at\b|on\b", answer):
        answer = f"{'at' if answer[0].isdigit() else 'on'} {answer}"
    clauses[at] = f"{clauses[at].rstrip(' .!?')} {answer}"
    outcome = thread.reader.joined(clauses, thread.before, thread.replied)
    if outcome.steps:
        return outcome
    unchanged = str(outcome.question or "") == str(thread.before.question or "")
    return outcome if outcome.question and not unchanged else None


def _span(said: Said) -> tuple[int, int]:
    hit = re.search(r"§p\d+(?:'s?)?", said.read)
    assert hit is not None
    return hit.span()


def _for_everyone(clauses: list[str], at: int, thread: Thread) -> Outcome | None:
    """Both personas where one was asked for."""
    steps: list[Step] = []
    for name in thread.desk().personas:
        one = [*clauses[:at], f"{clauses[at].rstrip(' .!?')} as {name}", *clauses[at + 1 :]]
        outcome = thread.reader.joined(one, thread.before, thread.replied)
        if not outcome.steps or any(needs(step.args) for step in outcome.steps):
            return None
        steps += outcome.steps
    return outcome_of(thread, steps) if len(thread.desk().personas) == 2 else None


def _changed_in_place(steps: list[Step], said: Said, thread: Thread) -> Outcome | None:
    """Steps that were not taken yet, with one thing in them different."""
    changed = change_last(steps, said, thread.desk())
    return outcome_of(thread, changed) if changed else None
