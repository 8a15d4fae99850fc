"""What is "it" right after a list? The only thing that the list held: "did any job fail?" – "try it again".

Neighbours: shown (what a reply lists), pointing (which of several), taking_up.
"""

import re

from agents.builtin import shown
from agents.builtin.desk import either
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.threads import Thread, outcome_of
from agents.builtin.said import Said

LISTS = {"list_jobs": "jobs", "list_posts": "posts", "list_feeds": "feeds"}
IT = re.compile(r"(?<!make )(?<!do )\b(?:(?:that|this|the) (?:one|job|post|feed|task|render)|it|that|this)\b(?!')")
ACTS = re.compile(
    r"\b(?:re-?try|re-?run|re-?start|try|run|start|redo|repeat|stop|cancel|abort|kill|end|halt|scrap|move|push|shift|postpone"
    r"|delay|reschedule|bring|pull|remove|delete|drop|unfollow|unsubscribe|get rid|take|call|read|put|have another go|give)\b"
)


ENDING = re.compile(r"(?i)\b(?:kill|end|halt|scrap|drop|delete|remove|get rid of)\b")


def the_only_one(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """A request about the only thing that was just listed; which one where it was several."""
    last = thread.before.steps[-1].tool if thread.before.steps else ""
    hit = IT.search(said.read)
    if last not in LISTS or hit is None or not ACTS.search(said.read) or "§" in said.read:
        return None
    kind = LISTS[last]
    rows = shown.mentioned(thread.replied, kind, thread.reader.context)
    if not rows or shown.POINTING.search(said.read):
        return None
    if len(rows) > 1:
        names = either([str(row.row.get("title") or row.row.get("text") or row.row.get("name")) for row in rows[:5]])
        return outcome_of(thread, words=f"Which {kind.removesuffix('s')} do you mean: {names}?")
    start, end = said.at[hit.start()], said.at[hit.end()]
    lead = ENDING.sub("cancel", said.raw[:start]) if kind != "feeds" else said.raw[:start]
    request = f"{lead}{shown.named_anew(rows[0], 0)}{said.raw[end:]}"
    steps = thread.reader.about(rows[0], request, thread.before)
    return outcome_of(thread, steps) if steps else None
