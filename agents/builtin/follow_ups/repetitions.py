"""The last request again with one thing changed, or what came of it corrected: which of the two, and with what?

Neighbours: alterations (how a step takes a change), threads, corrections (which are asked for with a verb of their own).
"""

import re
from collections.abc import Sequence
from typing import Any

from agents.builtin.clauses import starts_request
from agents.builtin.desk import GIVES, Desk, Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.alterations import Altered, altered, leftover
from agents.builtin.follow_ups.threads import Thread, outcome_of
from agents.builtin.heads import plainly
from agents.builtin.reader import Done
from agents.builtin.references import Made, Story, needs
from agents.builtin.said import Said, hear

REPEATS = re.compile(
    r"\b(?:too|also|as well|same|again|another|one more|once more|second one|ditto|likewise|repeat|both|and (?:for"
    r"|one|the)|what about"
    r"|how about)\b|^\s*(?:and|plus)\b"
)
CORRECTS = re.compile(
    r"\b(?:instead|make (?:it|that|this|them)|move (?:it|that|this)|change (?:it|that|this|the)|shift (?:it|that)"
    r"|rather|actually|i mean(?:t)?"
    r"|better|sorry|push it|set it)\b|^\s*(?:no|nope|wait)\b"
)
ADDING = re.compile(
    r"(?:and |also |now |then |another |one |more |one more |a |second |new |plus |too |please )+(?:one |persona )?"
)
VIEWS = (
    "show_persona", "show_persona_history", "list_records", "show_spending", "list_posts", "list_jobs", "list_media",
    "read_feeds",
    "list_conversations",
)  # fmt: skip
LIFE = ("pause_persona", "resume_persona", "remove_persona", "roll_back_persona", "change_persona", *VIEWS)
MEDIA = ("draw_card", "speak_text", "make_video", "write_text")


def change_last(steps: list[Step], said: Said, desk: Desk) -> list[Step] | None:
    """A plan with its last step that the words fit altered; a persona is changed wherever the old one stood."""
    for place in range(len(steps) - 1, -1, -1):
        other = altered(steps[place], said, desk)
        if other is None:
            continue
        plan = list(steps)
        plan[place] = other.step
        if other.changes == {"persona"}:
            old = steps[place].args.get("persona")
            plan = [
                Step(one.tool, {**one.args, "persona": other.step.args["persona"]})
                if one.args.get("persona") == old
                else one
                for one in plan
            ]
        return plan
    return None


def differently(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """The last request again with one thing changed, or what came of it corrected."""
    said = said.stripped()
    steps = thread.done.steps
    if not steps or len(said.read) > 160 or (thread.undone and thread.before.question is not None):
        return None
    repeats, corrects = bool(REPEATS.search(said.read)), bool(CORRECTS.search(said.read))
    if not leftover(said) and not said.named():
        return _again(said, thread)
    if _own_request(said):
        return None
    if len(said.named()) > 1:
        return _for_each(said, thread)
    linked = [step for step in steps if needs(step.args)]
    for place in range(len(steps) - 1, -1, -1):
        other = altered(steps[place], said, thread.desk()) if _speaks_of(said, steps[place].tool) else None
        if other is None:
            continue
        if other.step.tool in ("schedule_post", "reschedule_post"):
            return _post(other, steps, place, thread, repeats=repeats, corrects=corrects)
        if linked and other.changes == {"persona"} and repeats:
            return outcome_of(thread, change_last(list(steps), said, thread.desk()) or ())
        return _once_more(other, place, thread, repeats=repeats, corrects=corrects)
    return None


def _own_request(said: Said) -> bool:
    """Whether it has a verb of its own with something to act on, and is no "make it …" or "do the same …"."""
    read = plainly(said).read
    if re.match(r"\s*(?:and )?(?:what|how) about\b", said.read):
        return False
    if re.match(
        r"(?:let|have|make|get|ask) (?:§p\d+|her|him|them)(?: to)? (?:post|publish|say|read|write|share"
        r"|do) (?:the same|that|it|this)\b"
        r"|(?:let|have|make) (?:§p\d+|her|him|them) (?:try|do it|have (?:another|a) go|go|write it|say it)\b",
        read,
    ):
        return False
    return starts_request(read) and not re.match(
        r"(?:make|change|move|shift|set|do|try|give|let's|use|read|say|speak|draw|write|post|publish|schedule"
        r"|repeat|redo|push|put"
        r"|want|need|add|have|turn|is|what about|how about) ?(?:me |us |to )?(?:it|that|this|them|the same|same"
        r"|another|one more"
        r"|one|again|the (?:text|words|wording|headline|design|format|time|date|speed|length|duration"
        r"|language)(?: of (?:it|that))? to)\b",
        read,
    )


# Words that speak of what one capability makes: with them, no other is meant.
SPEAKS_OF = (
    (re.compile(r"\b(?:post|publish|schedule)\b(?!s)"), ("schedule_post", "reschedule_post", "list_posts")),
    (re.compile(r"\b(?:draw|cards?|pictures?|images?)\b"), ("draw_card", "list_media")),
    (
        re.compile(r"\b(?:speak|say|aloud|voice-?overs?|recordings?|(?<!'s )voices?)\b"),
        ("speak_text", "list_media", "draw_card"),
    ),
    (re.compile(r"\b(?:videos?|clips?|reels?)\b"), ("make_video", "list_media", "list_jobs")),
    (re.compile(r"\b(?:write|caption)\b"), ("write_text",)),
    (re.compile(r"\bmove\b"), ("schedule_post", "reschedule_post")),
)


def _speaks_of(said: Said, tool: str) -> bool:
    """Whether the words can speak of what this capability does."""
    return all(tool in tools for form, tools in SPEAKS_OF if form.search(said.read))


def _again(said: Said, thread: Thread) -> Outcome | None:
    """Nothing but "again": what can be repeated without harm is."""
    read = said.read
    if not re.search(
        r"\b(?:again|once more|one more(?: time)?|another(?: one)?|repeat|same (?:again|thing|procedure)"
        r"|redo)\b",
        read,
    ):
        return None
    steps = thread.done.steps
    if re.search(r"\b(?:try|run|start)\b", read) and any(step.tool in MEDIA[:3] for step in steps):
        return None  # a job that failed: intents
    if all(
        step.tool in (*MEDIA, *VIEWS, "list_personas", "list_feeds", "show_status", "list_zones", "list_approvals")
        for step in steps
    ):
        return outcome_of(thread, steps)
    return None


def _for_each(said: Said, thread: Thread) -> Outcome | None:
    """The same for several personas that are named."""
    steps = thread.done.steps
    if any(needs(step.args) for step in steps) or not REPEATS.search(said.read):
        return None
    found: list[Step] = []
    for name in said.named():
        first = re.sub(r"§p\d+(?:'s?)?", " ", said.read)
        one = hear(f"{name} {first}", thread.desk().personas)
        if leftover(hear(first, [])):
            return None
        changed = change_last(list(steps), one, thread.desk())
        if changed is None:
            return None
        found += [step for step in changed if step not in steps]
    return outcome_of(thread, found) if found else None


def _once_more(other: Altered, place: int, thread: Thread, *, repeats: bool, corrects: bool) -> Outcome | None:
    """One step again, altered: as it stands where nothing in it was made in the same request."""
    step = other.step
    if step.tool in LIFE and step.tool not in VIEWS and other.changes == {"persona"} and corrects and not repeats:
        return None  # paused the wrong one? Taking that back is a request of its own.
    args = {name: _lasting(value, name, place, thread) for name, value in step.args.items()}
    if any(needs(value) for value in args.values()):
        return None
    return outcome_of(thread, [Step(step.tool, {name: value for name, value in args.items() if value is not None})])


def _lasting(value: Any, name: str, place: int, thread: Thread) -> Any:
    """An argument that stood for what an earlier step of that request gave, as what that is now."""
    desk = thread.desk()
    if isinstance(value, list):
        return [_lasting(one, name, place, thread) for one in value]
    if not isinstance(value, Made):
        return value
    steps = thread.done.steps
    if value.name == "text":
        return desk.earlier_text()
    kind = GIVES.get(steps[value.step].tool, "")
    later = sum(GIVES.get(step.tool) == kind for step in steps[value.step + 1 :])
    return desk.medium(kind, later + 1) or value


def _post(
    other: Altered, steps: Sequence[Step], place: int, thread: Thread, *, repeats: bool, corrects: bool
) -> Outcome | None:
    """Another post like it, or the post itself moved: the word that says which decides, and without one it is asked."""
    desk = thread.desk()
    args = {name: _lasting(value, name, place, thread) for name, value in other.step.args.items()}
    if any(needs(value) for value in args.values()) or any(isinstance(value, Story) for value in args.values()):
        return None
    timely = other.changes <= {"at", "repeat", "zone"}
    if repeats and not (corrects and not re.search("same|too|also", thread.replied)):
        if other.step.tool != "schedule_post":
            return None
        return outcome_of(thread, [Step("schedule_post", args)])
    if timely and "repeat" not in other.changes:
        at = args.get("at") or desk.now.isoformat()
        target = args["post"] if other.step.tool == "reschedule_post" else posted(steps[place], args, desk)
        return outcome_of(thread, [Step("reschedule_post", {"post": target, "at": at})])
    if corrects and other.step.tool == "schedule_post":
        old = posted(steps[place], args, desk)
        return outcome_of(thread, [Step("cancel_post", {"post": old}), Step("schedule_post", args)])
    return None


def posted(step: Step, args: dict[str, Any], desk: Desk) -> str:
    """The post that a step scheduled: the newest of those that are scheduled with its words."""
    text = (
        str(step.args.get("text") or "") if not isinstance(step.args.get("text"), Made) else str(args.get("text") or "")
    )
    persona = str(step.args.get("persona") or "").lower()
    rows = [
        row
        for row in desk.rows("posts")
        if not persona or str(row.get("persona", "")).lower() in (persona, persona.replace(" ", "-"))
    ]
    fitting = [row for row in rows if text and _same(text, str(row.get("text") or ""))]
    if not fitting and not text:
        fitting = [row for row in rows if not row.get("text")] or rows
    due = [
        row
        for row in fitting
        if row.get("due_at") and step.args.get("at") and _moment(row["due_at"]) == _moment(step.args["at"])
    ]
    found = due or fitting
    return str(found[-1]["id"]) if found else "last"


def _same(text: str, other: str) -> bool:
    one, two = " ".join(text.lower().split()), " ".join(other.lower().rstrip("….").split())
    return bool(two) and (one.startswith(two) or two.startswith(one))


def _moment(text: Any) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(str(text))


def one_more(text: str, said: Said, thread: Thread) -> Outcome | None:
    """ "And another one called Leo, 30, a cook" after a persona was made; "this one too: https://…" after a feed."""
    steps = thread.done.steps
    tool = steps[-1].tool if steps else ""
    read = plainly(said).read
    if tool == "create_persona" and not starts_request(read):
        hit = re.match(rf"(?:{ADDING.pattern})(?=(?:called|named|who|:)|,)", said.read.strip())
        if hit:
            outcome = thread.reader.fresh(f"create a persona {text.strip()[hit.end() :]}", thread.before, "", Done())
            return outcome if outcome.steps or outcome.question else None
    if tool == "add_feed" and said.links() and not starts_request(read):
        rest = re.sub(r"§u\d+", " ", said.read)
        if not leftover(hear(rest, [])):
            return outcome_of(thread, [Step("add_feed", {"url": _link(link)}) for link in said.links()])
    if tool == "remove_feed" and not starts_request(read) and REPEATS.search(said.read):
        return _more_feeds(said, thread)
    return None


def _link(link: str) -> str:
    return link if "://" in link else f"https://{link}"


def _more_feeds(said: Said, thread: Thread) -> Outcome | None:
    from agents.builtin.fill_feeds import which_feed

    feed = which_feed(said, thread.desk())
    if feed is None:
        return None
    rest = said.read.replace(feed.lower(), " ")
    return None if leftover(hear(rest, [])) else outcome_of(thread, [Step("remove_feed", {"feed": feed})])
