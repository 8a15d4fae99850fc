"""What does a clause come to when its words are taken in any order? A capability is supposed, and every word must bear it out.

Where turns of phrase are not known, a capability whose nouns or marks stand in the clause is tried: its filler reads the
clause, and the plan holds only when every single word belongs to it and no other capability can be borne out as well.
Neighbours: drafting (which asks when its grammar gives up), accounting (the proof), fillers.
"""

import re
from collections.abc import Callable

from agents.builtin import lexicon, titles
from agents.builtin.accounting import unaccounted
from agents.builtin.desk import Ask, Cannot, Desk, Step, Unknown
from agents.builtin.families import PLURAL
from agents.builtin.fillers import FILLERS
from agents.builtin.heads import Reading, plainly, take_apart
from agents.builtin.said import Said
from agents.builtin.times.moments import Unclear, find_when

# Verbs and things, by family, that may stand in a clause for each capability.
FAMILIES: dict[str, str] = {
    "schedule_post": "post say post:thing",
    "reschedule_post": "move change post:thing",
    "draw_card": "make card:thing",
    "speak_text": "speak make voice:thing",
    "make_video": "make video:thing card:thing voice:thing",
    "write_text": "write make text:thing post:thing",
    "read_feeds": "show feed:thing story:thing",
    "list_posts": "show post:thing",
    "list_media": "show card:thing voice:thing video:thing media:thing",
    "list_jobs": "show job:thing",
    "list_conversations": "show conversation:thing",
    "list_personas": "show persona:thing",
    "list_feeds": "show feed:thing",
    "show_spending": "show cost:thing",
    "show_status": "show status:thing",
    "list_approvals": "show approval:thing",
    "list_zones": "show zone:thing",
    "show_persona_history": "show version:thing",
}


# What takes its words from a quotation or a colon on: tried even where the grammar only lacks something.
WORDED = ("schedule_post", "draw_card", "speak_text")
# What swallows the words behind "about": never tried over more than one clause.
TOPICAL = ("write_text",)


def order_free(said: Said, desk: Desk, *, lost: bool, whole: bool = False) -> list[Step]:
    """The steps of the only capability that all words of the clause bear out; none where there is no such.

    `lost` says that nothing of it was understood, `whole` that it is a message that was not cut.
    """
    tools = [tool for tool in (FAMILIES if lost else WORDED) if not (whole and tool in TOPICAL)]
    trials = [_supposed(tool, said, desk) for tool in tools if _evident(tool, said, desk)]
    found = [steps for steps in trials if steps]
    return found[0] if len(found) == 1 else []


def missing(said: Said, desk: Desk) -> Ask | None:
    """What a post that is told by its words, its persona and its time lacks yet."""
    if not _evident("schedule_post", said, desk):
        return None
    try:
        FILLERS["schedule_post"](_reading(said), _apart(desk))
    except Ask as question:
        return question if question.kind == "time" else None
    except (Unknown, Cannot):
        return None
    return None


def _apart(desk: Desk) -> Desk:
    """A desk of its own, with what lies on the other."""
    return Desk(
        desk.context, desk.focus, list(desk.before), list(desk.steps), list(desk.notes), desk.said_before,
        desk.asked, list(desk.created), desk.last_quote,
    )  # fmt: skip


def _supposed(tool: str, said: Said, desk: Desk) -> list[Step]:
    """What the capability's filler makes of the clause, where all words belong to it."""
    trial = _apart(desk)
    done = len(desk.steps)
    try:
        FILLERS[tool](_reading(said), trial)
    except (Ask, Unknown, Cannot):
        return []
    steps = trial.steps[done:]
    return [] if not steps or unaccounted(said, steps, trial, words=_words(tool)) else steps


def _reading(said: Said) -> Reading:
    reading = take_apart(said)
    return Reading(plainly(said), agent=reading.agent, rest=plainly(said), thing=reading.thing)


def _words(tool: str) -> frozenset[str]:
    """The verbs and things that may stand in the clause."""
    families = FAMILIES[tool].split()
    verbs = {word for family in families for word in lexicon.VERBS.get(family, "").split()}
    things = {word for family in families if family.endswith(":thing") for word in lexicon.THINGS[family[:-6]].split()}
    return frozenset(verbs | things)


def _evident(tool: str, said: Said, desk: Desk) -> bool:
    """Whether a mark of the capability stands in the clause."""
    if tool.startswith("list_") and not (PLURAL.search(said.read) or SHOWING.search(said.read)):
        return False
    return EVIDENCE[tool](said, desk) if tool in EVIDENCE else _has_thing(tool, said)


def _has_thing(tool: str, said: Said) -> bool:
    if tool in MAKING and PLURAL.fullmatch(said.read.strip(" ?!.")):
        return False  # "videos?" asks for those that are there
    own = FAMILIES[tool].split()[1].removesuffix(":thing") if tool not in MAKING else MAKING[tool]
    return any(lexicon.thing(word) == own for word in re.findall(r"(?<![§\w])[a-z][\w-]*", said.read))


MAKING = {"draw_card": "card", "make_video": "video", "speak_text": "voice", "write_text": "text"}
SHOWING = re.compile(r"\b(?:show|list|what|which|who|how|any|all|see|view|display|tell|give|get|check)\b")
SPEAKING = re.compile(r"\b(?:aloud|out loud|spoken|narrat\w+|reads?|say|says)\b")


def _posted(said: Said, desk: Desk) -> bool:
    """Words or a thing to post, and a time or a word for posting."""
    worded = bool(said.quotes()) or bool(re.search(r":\s*\S", said.read))
    try:
        timed = find_when(said.read, desk.now, desk.zone) is not None
    except Unclear:
        timed = True
    named = bool(said.named()) or desk.focus is not None or len(desk.personas) == 1
    posting = re.search(r"\b(?:post|posts|publish|publishes|share|shares|page|gallery)\b", said.read)
    return named and ((worded and timed) or bool(posting))


MOVING = re.compile(
    r"\b(?:instead|rather|go out|goes out|go live|make (?:it|that)|should|to|later|earlier|from .* to)\b"
)
NEXT_POST = re.compile(r"\b(?:next|last|latest|first|following) (?:scheduled |planned )?(?:post|one)\b")


def _moved(said: Said, desk: Desk) -> bool:
    """A post that is there, and another time for it."""
    if said.quotes() or not MOVING.search(said.read):
        return False
    named = NEXT_POST.search(said.read) or titles.named(said.text(), desk.rows("posts"), key="text", skip=desk.personas)
    try:
        return bool(named) and find_when(said.read, desk.now, desk.zone) is not None
    except Unclear:
        return False


def _spoken(said: Said, _desk: Desk) -> bool:
    return bool(said.quotes()) and (bool(SPEAKING.search(said.read)) or _has_thing("speak_text", said))


def _drawn(said: Said, _desk: Desk) -> bool:
    return _has_thing("draw_card", said)


def _news(said: Said, desk: Desk) -> bool:
    from agents.builtin.fill_feeds import which_feed

    return _has_thing("read_feeds", said) or (bool(desk.rows("feeds")) and which_feed(said, desk) is not None)


def _history(said: Said, _desk: Desk) -> bool:
    return bool(said.named()) and bool(re.search(r"\b(?:versions?|history|changes|changed|edits|edited)\b", said.read))


EVIDENCE: dict[str, Callable[[Said, Desk], bool]] = {
    "schedule_post": _posted,
    "reschedule_post": _moved,
    "speak_text": _spoken,
    "draw_card": _drawn,
    "read_feeds": _news,
    "show_persona_history": _history,
}
