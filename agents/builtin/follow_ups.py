"""What does a message mean that only makes sense after the one before? Repetitions, corrections, answers, things pointed at.

It is read against the last request that led to something and the reply to it, in whatever words that was given. Nothing
is taken up unless all of its words are accounted for. Neighbours: alterations, shown, second_thoughts, planner.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agents.builtin import shown
from agents.builtin.alterations import Altered, altered, leftover
from agents.builtin.clauses import starts_request
from agents.builtin.desk import GIVES, Desk, Step
from agents.builtin.heads import plainly
from agents.builtin.references import Made, Story, needs
from agents.builtin.said import Said, hear

if TYPE_CHECKING:
    from agents.builtin.planner import Outcome, Planner

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
ASKS = re.compile(
    r"\?|\b(?:which|what|when|who|whose|where|how (?:many|old|long|often)|are you sure|tell me|let me know|give me"
    r"|i(?:'d| would)?"
    r" (?:still )?need|please (?:tell|give|name|say|specify|choose|pick|provide|confirm))\b",
    re.IGNORECASE,
)
STATED = re.compile(
    r"\b(?:done|i've|i have (?!to)|is on its way|are on their way|(?:is|was|has been|have been"
    r"|are) (?:now )?(?:scheduled|created|removed"
    r"|moved|added|posted|queued|paused|ready|cancelled|live|gone|updated)|here(?:'s| is| are)|wrote|created"
    r"|queued|all set|scheduled"
    r" (?:for|it)|added|removed|moved)\b",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"(?:shall|should|can|may) i (?:also |now |then |go ahead and )*|(?:do you want|would you like"
    r"|want) me to (?:also |now |go ahead and )*"
)
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


@dataclass(frozen=True, slots=True)
class Done:
    """The last request that led to something, and the reply to it."""

    steps: tuple[Step, ...] = ()
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a conversation stands when a message comes in."""

    planner: "Planner"
    before: "Outcome"  # what the message before came to
    replied: str  # what was said to it
    done: Done

    @property
    def undone(self) -> bool:
        """Whether the reply to the message before asks something instead of telling what was done."""
        return bool(self.replied) and asks(self.replied) and not states(self.replied)

    def desk(self) -> Desk:
        return Desk(
            self.planner.context, focus=self.before.focus, before=list(self.done.steps), said_before=self.done.reply
        )


def asks(reply: str) -> bool:
    """Whether a reply asks something back."""
    body = reply.split("\n\n(No language model")[0].strip()
    last = body.rsplit("\n\n", 1)[-1]
    return body.endswith("?") or (bool(ASKS.search(_questions(body) or last)) and ("?" in body or not states(body)))


def _questions(reply: str) -> str:
    return " ".join(part for part in re.split(r"(?<=[.!?])\s+|\n+", reply) if part.rstrip(" ”\"')").endswith("?"))


def states(reply: str) -> bool:
    """Whether a reply tells that something was done, in a sentence that is no question."""
    parts = re.split(r"(?<=[.!?])\s+|\n+", reply)
    return any(STATED.search(part) for part in parts if "?" not in part)


def take_up(text: str, thread: Thread) -> "Outcome | None":
    """What a message comes to as an answer, a repetition or a correction; None when it is a request of its own."""
    said = hear(text, thread.desk().personas)
    if not re.search(r"[\w§]", said.read) or len(said.read) > 400:
        return None
    for rule in (_confirmed, _one_of_them, _sweeping, _answered, _differently, _one_more_person):
        if found := rule(text, said, thread):
            return found
    return None


def _outcome(thread: Thread, steps: Sequence[Step] = (), words: str = "", notes: Sequence[str] = ()) -> "Outcome":
    lacking = [step.tool for step in steps if step.tool not in thread.planner.tools]
    if lacking:
        steps, words = (), f"That would need {lacking[0].replace('_', ' ')}, which I do not have in this conversation."
    people = [str(step.args["persona"]) for step in steps if step.args.get("persona")]
    focus = people[-1] if people else thread.before.focus
    return replace(
        thread.before, steps=tuple(steps), words=words, notes=tuple(notes), question=None, focus=focus,
        clauses=thread.before.clauses,
    )  # fmt: skip


def _confirmed(_text: str, said: Said, thread: Thread) -> "Outcome | None":
    """Yes or no to a question that asks whether to do what was asked, or offers to do more."""
    read = said.read.strip()
    questions = _questions(thread.replied).lower()
    if not questions or (thread.before.question is not None and str(thread.before.question) in thread.replied):
        return None
    plain = not re.search(r"\w|§", FILLING.sub("", YES.sub("", NO.sub("", read))))
    if NO.match(read) and plain:
        return _outcome(thread, words=LEFT) if asks(thread.replied) else None
    if not (YES.match(read) and plain and CONFIRMING.search(questions)):
        return None
    offered = _offered(questions, thread)
    tools = {step.tool for step in thread.before.steps}
    if offered and not ({step.tool for step in offered.steps} <= tools and thread.undone):
        return offered
    return _outcome(thread, thread.before.steps) if thread.undone and tools else None


def _offered(questions: str, thread: Thread) -> "Outcome | None":
    """What a question offers to do."""
    hit = OFFER.search(questions)
    if not hit:
        return None
    start = thread.replied.lower().find(questions[hit.start() : hit.end() + 6])
    offer = thread.replied[start + len(hit[0]) :].split("?")[0] if start >= 0 else questions[hit.end() :].split("?")[0]
    outcome = thread.planner.fresh(offer, thread.before, thread.replied, thread.done)
    return outcome if outcome.steps else None


# Said without a name, it could mean anything: what was listed must be known line by line, else it is asked.
SWEEPING = re.compile(
    r"(?:remove|delete|erase|drop|get rid of|trash|kill|purge|unfollow|discard|scrap)\s+(?:them|these|those|both|everything|all)"
    r"(?: (?:all|of (?:them|these|those)|three|two|four|five))*[\s.!]*"
)


def _sweeping(_text: str, said: Said, thread: Thread) -> "Outcome | None":
    """Removing "all of them" where it is not plain of what: nothing is done."""
    if not SWEEPING.fullmatch(plainly(said).read):
        return None
    return _outcome(thread, words="I am not sure what that would remove, so I did nothing. Please name what should go.")


def _one_of_them(_text: str, said: Said, thread: Thread) -> "Outcome | None":
    """A request about things that were shown, or the answer which of them is meant."""
    rows = shown.shown(thread.replied, thread.planner.context)
    pointed = shown.pointed(said, rows) if rows else None
    if not pointed:
        return _called_by_words(said, rows, thread)
    kind = pointed.rows[0].kind
    rest = said.without(pointed.start, pointed.end)
    bare = not leftover(plainly(rest)) and not starts_request(rest.read.strip())
    if bare and not asks(thread.replied):
        return None
    if kind == "media" and len(pointed.rows) > 1:
        return None
    steps: list[Step] = []
    for row in pointed.rows:
        request = _pending(row, thread) if bare else _renamed(said, pointed, row, rows.index(row))
        found = _about(row, request, thread) if request else []
        if not found or (len(pointed.rows) > 1 and any(needs(step.args) for step in found)):
            return None
        steps += found
    return _outcome(thread, steps)


KINDS_ASKED = {"feed": "feeds", "post": "posts"}


def _called_by_words(said: Said, rows: list[shown.Row | None], thread: Thread) -> "Outcome | None":
    """The answer which one is meant, by words of its name alone."""
    if not asks(thread.replied) or len(said.read.split()) > 5 or starts_request(plainly(said).read):
        return None
    kind = KINDS_ASKED.get(thread.before.question.kind if thread.before.question else "", "")
    known = [row for row in rows if row is not None] or [
        shown.Row(kind, row) for row in thread.planner.context.get(kind) or []
    ]
    found = shown.called(plainly(said).text(), known)
    steps = _about(found, _pending(found, thread), thread) if found and found.kind in ("feeds", "posts") else []
    return _outcome(thread, steps) if steps else None


def _renamed(said: Said, pointed: shown.Pointed, row: shown.Row, place: int) -> str:
    start, end = said.at[pointed.start], said.at[pointed.end]
    return f"{said.raw[:start]}{' ' if start else ''}{shown.named_anew(row, place)}{said.raw[end:]}"


def _pending(row: shown.Row, thread: Thread) -> str:
    """The request that the question was about, with what is meant named in it."""
    if not thread.before.clauses:
        return ""
    clause = thread.before.clauses[min(thread.before.at, len(thread.before.clauses) - 1)]
    name = shown.named_anew(row, 0)
    if row.kind == "personas":
        return f"{clause.rstrip(' .!?')} as {name}" if thread.before.question else ""
    pronoun = re.compile(
        rf"(?i)\b(?:it|that one|that|this|one of (?:them|my \w+|the \w+)|(?:a|an|the|my|one of my|that"
        rf"|this) (?:[\w-]+ )?(?:{shown.NOUN[row.kind]}))\b"
    )
    return pronoun.sub(lambda _: name, clause, count=1) if pronoun.search(clause) else f"{clause.rstrip(' .!?')} {name}"


def _about(row: shown.Row, request: str, thread: Thread) -> list[Step]:
    """The steps of a request with only this row on the desk; none when it asks for something that is not done to such a thing."""
    rows: list[dict[str, Any]] = [row.row]
    context = {
        **thread.planner.context,
        **({row.kind: rows} if row.kind in ("posts", "jobs", "media", "feeds") else {}),
    }
    outcome = replace(thread.planner, context=context).fresh(
        request, replace(thread.before, steps=(), focus=None), "", Done()
    )
    if not outcome.steps or not {step.tool for step in outcome.steps} <= shown.TOOLS[row.kind]:
        return []
    pinned = {"posts": "post", "jobs": "job"}.get(row.kind)
    if not pinned:
        return list(outcome.steps)
    return [Step(step.tool, {**step.args, pinned: str(row.row["id"])}) for step in outcome.steps]


def _answered(text: str, said: Said, thread: Thread) -> "Outcome | None":
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


def _joined(text: str, said: Said, thread: Thread) -> "Outcome | None":
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
    outcome = thread.planner.read(clauses, thread.before, thread.replied)
    if outcome.steps:
        return outcome
    unchanged = str(outcome.question or "") == str(thread.before.question or "")
    return outcome if outcome.question and not unchanged else None


def _span(said: Said) -> tuple[int, int]:
    hit = re.search(r"§p\d+(?:'s?)?", said.read)
    assert hit is not None
    return hit.span()


def _for_everyone(clauses: list[str], at: int, thread: Thread) -> "Outcome | None":
    """Both personas where one was asked for."""
    steps: list[Step] = []
    for name in thread.desk().personas:
        one = [*clauses[:at], f"{clauses[at].rstrip(' .!?')} as {name}", *clauses[at + 1 :]]
        outcome = thread.planner.read(one, thread.before, thread.replied)
        if not outcome.steps or any(needs(step.args) for step in outcome.steps):
            return None
        steps += outcome.steps
    return _outcome(thread, steps) if len(thread.desk().personas) == 2 else None


def _changed_in_place(steps: list[Step], said: Said, thread: Thread) -> "Outcome | None":
    """Steps that were not taken yet, with one thing in them different."""
    changed = change_last(steps, said, thread.desk())
    return _outcome(thread, changed) if changed else None


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


def _differently(_text: str, said: Said, thread: Thread) -> "Outcome | None":
    """The last request again with one thing changed, or what came of it corrected."""
    said = _without_address(said)
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
            return _outcome(thread, change_last(list(steps), said, thread.desk()) or ())
        return _once_more(other, place, thread, repeats=repeats, corrects=corrects)
    return None


def _without_address(said: Said) -> Said:
    """Without kind words in front; "and", "no" and "actually" stay, for they tell what is meant."""
    return said.stripped()


def _own_request(said: Said) -> bool:
    """Whether it has a verb of its own with something to act on, and is no "make it …" or "do the same …"."""
    read = plainly(said).read
    if re.match(r"\s*(?:and )?(?:what|how) about\b", said.read):
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


def _again(said: Said, thread: Thread) -> "Outcome | None":
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
        return _outcome(thread, steps)
    return None


def _for_each(said: Said, thread: Thread) -> "Outcome | None":
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
    return _outcome(thread, found) if found else None


def _once_more(other: Altered, place: int, thread: Thread, *, repeats: bool, corrects: bool) -> "Outcome | None":
    """One step again, altered: as it stands where nothing in it was made in the same request."""
    step = other.step
    if step.tool in LIFE and step.tool not in VIEWS and other.changes == {"persona"} and corrects and not repeats:
        return None  # paused the wrong one? Taking that back is a request of its own.
    args = {name: _lasting(value, name, place, thread) for name, value in step.args.items()}
    if any(needs(value) for value in args.values()):
        return None
    return _outcome(thread, [Step(step.tool, {name: value for name, value in args.items() if value is not None})])


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
) -> "Outcome | None":
    """Another post like it, or the post itself moved: the word that says which decides, and without one it is asked."""
    desk = thread.desk()
    args = {name: _lasting(value, name, place, thread) for name, value in other.step.args.items()}
    if any(needs(value) for value in args.values()) or any(isinstance(value, Story) for value in args.values()):
        return None
    timely = other.changes <= {"at", "repeat", "zone"}
    if repeats and not (corrects and not re.search("same|too|also", thread.replied)):
        if other.step.tool != "schedule_post":
            return None
        return _outcome(thread, [Step("schedule_post", args)])
    if timely and "repeat" not in other.changes:
        at = args.get("at") or desk.now.isoformat()
        target = args["post"] if other.step.tool == "reschedule_post" else posted(steps[place], args, desk)
        return _outcome(thread, [Step("reschedule_post", {"post": target, "at": at})])
    if corrects and other.step.tool == "schedule_post":
        old = posted(steps[place], args, desk)
        return _outcome(thread, [Step("cancel_post", {"post": old}), Step("schedule_post", args)])
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


def _one_more_person(text: str, said: Said, thread: Thread) -> "Outcome | None":
    """ "And another one called Leo, 30, a cook" after a persona was made; "this one too: https://…" after a feed."""
    steps = thread.done.steps
    tool = steps[-1].tool if steps else ""
    read = plainly(said).read
    if tool == "create_persona" and not starts_request(read):
        hit = re.match(rf"(?:{ADDING.pattern})(?=(?:called|named|who|:)|,)", said.read.strip())
        if hit:
            outcome = thread.planner.fresh(f"create a persona {text.strip()[hit.end() :]}", thread.before, "", Done())
            return outcome if outcome.steps or outcome.question else None
    if tool == "add_feed" and said.links() and not starts_request(read):
        rest = re.sub(r"§u\d+", " ", said.read)
        if not leftover(hear(rest, [])):
            return _outcome(thread, [Step("add_feed", {"url": _link(link)}) for link in said.links()])
    if tool == "remove_feed" and not starts_request(read) and REPEATS.search(said.read):
        return _more_feeds(said, thread)
    return None


def _link(link: str) -> str:
    return link if "://" in link else f"https://{link}"


def _more_feeds(said: Said, thread: Thread) -> "Outcome | None":
    from agents.builtin.fill_feeds import which_feed

    feed = which_feed(said, thread.desk())
    if feed is None:
        return None
    rest = said.read.replace(feed.lower(), " ")
    return None if leftover(hear(rest, [])) else _outcome(thread, [Step("remove_feed", {"feed": feed})])
