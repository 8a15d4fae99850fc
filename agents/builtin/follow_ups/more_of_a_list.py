"""And more for the list that was just changed? "And swimming too", "plus French", "remove chess again", after a change of one.

Neighbours: taking_up, asides (the same within one message).
"""

import re

from agents.builtin import lexicon
from agents.builtin.clauses import starts_request
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.threads import Thread, outcome_of
from agents.builtin.reader import Done
from agents.builtin.said import Said

LISTS = {
    "interests": "interests", "traits": "traits", "languages": "languages", "boundaries": "boundaries",
    "signature_phrases": "catchphrases", "forbidden_phrases": "forbidden phrases",
}  # fmt: skip
WHAT = r"(?P<what>[^?;:]{2,60}?)"
LATER = r"(?:\s+(?:too|as well|also|please|pls|again|then|while you(?:'re| are) at it|to the list|in there))*[\s.!]*"
ADDS = re.compile(
    rf"\s*(?:(?:oh|ah|ok(?:ay)?|yes)[\s,]+)?(?:(?:(?:and|plus|also|then)[\s,]+)+(?:also |add |put (?:in )?"
    rf"|make it )?{WHAT}{LATER}"
    rf"|(?:add )?{WHAT.replace('what', 'more')}\s+(?:too|as well|also){LATER})"
)
TAKES = re.compile(
    rf"\s*(?:(?:and|but|also|then|now|please|actually)[\s,]+)*(?:remove|drop|delete|lose|take (?:out|off|away)|scrap"
    rf"|no more|minus)"
    rf"\s+{WHAT}(?:\s+(?:from (?:the|that) list|off|out|though|instead|in return))?{LATER}"
)
SWAPS = re.compile(
    rf"\s*(?:(?:no|nope|wait|sorry|actually|rather|i mean(?:t)?|make (?:it|that))[\s,]+)+{WHAT}(?:\s+(?:instead"
    rf"|rather))?{LATER}"
    rf"|\s*{WHAT.replace('what', 'more')}\s+instead{LATER}"
)


HOW = re.compile(r"(?i)^(?:a (?:bit|little)|quite|rather|very|really|somewhat)\s+")


def more_of_it(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """More that goes on the list, or something that comes off it, where the last request changed one list only."""
    step = thread.done.steps[-1] if thread.before.steps else None
    if step is None or step.tool != "change_persona" or thread.undone:
        return None
    lists = {name.partition("_")[2]: name for name in step.args if name.startswith(("add_", "remove_"))}
    if len(lists) != 1 or len(step.args) != 2 or (kind := next(iter(lists))) not in LISTS:
        return None
    who = step.args["persona"]
    if hit := TAKES.fullmatch(said.read):
        return _changed([f"remove {_told(hit, said)} from {who}'s {LISTS[kind]}"], hit, thread)
    if hit := ADDS.fullmatch(said.read):
        return _changed([f"add {_told(hit, said)} to {who}'s {LISTS[kind]}"], hit, thread)
    if (hit := SWAPS.fullmatch(said.read)) and (added := step.args.get(f"add_{kind}")):
        old = f"remove {' and '.join(added)} from {who}'s {LISTS[kind]}"
        return _changed([f"add {_told(hit, said)} to {who}'s {LISTS[kind]}", old], hit, thread)
    return None


def _told(hit: re.Match[str], said: Said) -> str:
    return HOW.sub("", said.words(*hit.span("what" if hit["what"] else "more")))


def _changed(requests: list[str], hit: re.Match[str], thread: Thread) -> Outcome | None:
    """The change, where what is named can stand on such a list."""
    what = HOW.sub("", hit["what"] if hit["what"] else hit.groupdict().get("more") or "")
    if starts_request(what) or re.match(
        r"(?:the|my|our|an?|all|both|her|his|another|one|it|that|this|to|for|as)\b", what
    ):
        return None
    if re.search(r"§[pui]|\d", what) or all(lexicon.thing(word) for word in re.findall(r"[a-z-]+", what)):
        return None
    outcome = thread.reader.fresh("; ".join(requests), thread.before, "", Done())
    fields = {name for step in outcome.steps for name in step.args}
    fitting = all(step.tool == "change_persona" for step in outcome.steps) and len(fields) == len(requests) + 1
    return outcome_of(thread, outcome.steps) if outcome.steps and fitting else None
