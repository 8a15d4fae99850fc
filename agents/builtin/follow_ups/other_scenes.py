"""Is the same to be done to another scene? "And the first one too", "und jetzt noch die erste".

Neighbours: cutting (what is done to scenes), taking_up.
"""

import re

from agents.builtin.cut_words import BARE, SCENE, scene
from agents.builtin.desk import Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.threads import Thread
from agents.builtin.said import Said

_ANOTHER = re.compile(
    rf"(?i)(?:(?:and|now|also|then|plus|please|und|jetzt|noch|dann|auch|nun|bitte|genauso|the same (?:for|with|to)"
    rf"|dasselbe (?:mit|bei|für)|what about)[\s,]+)*"
    rf"(?P<a>{SCENE}|{BARE})(?: (?:one|scene))?(?:[\s,]+(?:too|also|as well|please|auch|ebenfalls|noch|bitte))*[\s.!?]*"
)


def another_scene(text: str, said: Said, thread: Thread) -> Outcome | None:  # noqa: ARG001
    """The last change of a scene, done to another one."""
    last = thread.done.steps[-1] if thread.done.steps else None
    hit = _ANOTHER.fullmatch(" ".join(text.split()))
    if last is None or last.tool != "edit_video" or hit is None or not re.search(r"[^\W\d]", text):
        return None
    operations = [one for one in last.args.get("operations", []) if "scene" in one]
    if len(operations) != 1:
        return None
    args = {**last.args, "operations": [{**operations[0], "scene": scene(hit["a"])}]}
    return Outcome((Step(last.tool, args),), focus=thread.before.focus, clauses=(text,))
