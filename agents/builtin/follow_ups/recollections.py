"""And if it is asked what was just done? "Who wrote that?", "when was that again?", answered from the last request's steps.

Neighbours: taking_up, threads (what was last done).
"""

import re
from datetime import datetime

from agents.builtin.desk import Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.threads import Thread, outcome_of
from agents.builtin.heads import plainly
from agents.builtin.said import Said
from agents.builtin.times.zones import tz

THAT = r"(?:that|it|this|the (?:post|text|caption|card|one|recording|voice-?over))"
DOING = r"(?:post|publish|writ|wrot|say|said|read|speak|spok|draw|drew|ma[dk]|do|did|go|record|sign)\w*(?: (?:out|up|live))?"
WHO = re.compile(
    rf"(?:who|which (?:persona|one|of them))(?:'s| is| was| has| did| does| will| would| again)*(?: (?:the|it|that"
    rf"|gonna|going to))*"
    rf" {DOING}(?: {THAT})?(?: (?:again|for|as|now|then|out|up))*"
    rf"|who(?:'s| is| was) {THAT}(?: (?:for|by|from|again))*|(?:by|as|for|from) (?:who|whom)(?: (?:is|was) {THAT})?"
    rf"|whose (?:\w+ )?(?:is|was) {THAT}(?: again)?|whose (?:post|text|caption|card|voice|gallery|page)(?: (?:is|was) {THAT})?"
)
WHEN = re.compile(
    rf"(?:when|(?:at |for )?what (?:time|date|day)|(?:on )?(?:which|what) day)(?: exactly)?(?:'s| is| was| does| did"
    rf"| will| would)*"
    rf"(?: {THAT})?(?: (?:go|goes|going|be|due|posted?|published|scheduled|out|live|again|for|up|set|happen(?:ing)?|planned))*"
)
WHAT = re.compile(
    rf"what (?:did|does|do|will) (?:she|he|they|it|{THAT}) say(?: (?:again|exactly|there))*"
    rf"|what (?:is|was|'s) (?:the text|the words?|in {THAT}|it|that)(?: again)?(?: again)|what(?:'s| is"
    rf"| was) the (?:text|wording)(?: again)?"
)


def recalled(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """A question about who, when or what, right after something was done."""
    steps = thread.done.steps
    read = re.sub(r"^(?:and|so|sorry|wait|hm+|oh)[\s,]+", "", plainly(said).read.strip(" ?.!"))
    if not steps or "§" in read:
        return None
    for form, answer in ((WHO, _who), (WHEN, _when), (WHAT, _what)):
        if form.fullmatch(read) and (words := answer(steps[-1], thread)):
            return outcome_of(thread, words=words)
    return None


MADE = ("schedule_post", "reschedule_post", "write_text", "draw_card", "speak_text", "make_video")


def _who(step: Step, thread: Thread) -> str:
    persona = step.args.get("persona")
    if step.tool == "reschedule_post":
        rows = [row for row in thread.desk().rows("posts") if str(row.get("id")) == step.args["post"]]
        persona = rows[0].get("persona") if rows else None
    return f"That was {persona}." if step.tool in MADE and persona else ""


def _when(step: Step, thread: Thread) -> str:
    if step.tool not in ("schedule_post", "reschedule_post"):
        return ""
    if not (at := step.args.get("at")):
        return "At once, when it was asked for."
    due = datetime.fromisoformat(str(at)).astimezone(tz(thread.desk().zone))
    return f"On {due:%A}, {due.day} {due:%B %Y at %H:%M} ({thread.desk().zone})."


def _what(step: Step, thread: Thread) -> str:
    text = step.args.get("text")
    if isinstance(text, str) and text:
        return f"“{text}”"
    return thread.desk().earlier_text() if step.tool == "write_text" else ""
