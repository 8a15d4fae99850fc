"""And several more of it, or only the first few? "Two more, saying 'A' and 'B'", "show me the first two".

Neighbours: taking_up, repetitions (one more, and one thing changed).
"""

import re

from agents.builtin.counting import SPELLED, whole
from agents.builtin.desk import Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.threads import Thread, outcome_of
from agents.builtin.heads import plainly
from agents.builtin.said import Said

MORE = re.compile(
    rf"(?:(?:and|make|draw|record|do|give me|i want|i need|we need|please)\s+)*(?P<count>{SPELLED}|\d)\s+(?:more|others)"
    r"(?: (?:of (?:them|those|these)|like (?:that|it|this)|cards?|pictures?|recordings?|voice-?overs?|please))*\s*[,:–—-]*\s*"
    r"(?:that say|which say|saying|reading|with(?: the (?:texts|words|lines))?)?\s*:?\s*(?P<words>.+)"
)
BETWEEN = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s*;\s*)")
FEWER = re.compile(
    rf"(?:(?:only|just|show|list|give|tell|read|see|again|me|us|let me see)\s+)*(?:only )?the (?:first|top|newest|latest)\s+"
    rf"(?P<count>{SPELLED}|\d{{1,2}})(?: (?:of (?:them|those|these)|ones?|only|again|please|stories|headlines|pictures|files"
    r"|jobs|conversations))*[\s.!?]*"
)
WORDED = ("draw_card", "speak_text")
LIMITED = ("read_feeds", "list_media", "list_jobs", "list_conversations")


def some_more(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """The last card or voice-over again, once for each of the words that are given."""
    step = thread.done.steps[-1] if thread.done.steps else None
    said = plainly(said)
    hit = MORE.fullmatch(said.read.rstrip(" .!"))
    if step is None or step.tool not in WORDED or hit is None:
        return None
    words = _each(said.cut(*hit.span("words")))
    if len(words) != whole(hit["count"]) or "story" in step.args:
        return None
    return outcome_of(thread, [Step(step.tool, {**step.args, "text": one}) for one in words])


def _each(said: Said) -> list[str]:
    """The words between joints; where some are quoted, all must be."""
    cuts = [0, *(place for hit in BETWEEN.finditer(said.read) for place in hit.span()), len(said.read)]
    parts = [(cuts[n], cuts[n + 1]) for n in range(0, len(cuts), 2)]
    if said.quotes() and not all(re.fullmatch(r"§q\d+", said.read[start:end]) for start, end in parts):
        return []
    return [said.spoken(start, end) for start, end in parts]


def the_first_few(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """The list that was just shown, cut short."""
    steps = thread.before.steps
    hit = FEWER.fullmatch(plainly(said).read)
    if hit is None or len(steps) != 1 or steps[0].tool not in LIMITED:
        return None
    return outcome_of(thread, [Step(steps[0].tool, {**steps[0].args, "limit": whole(hit["count"])})])
