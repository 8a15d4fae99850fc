"""What is told before it comes to the request? "The kale post is a bit silly in January, get rid of it."

People tell why, and what it is about, and then ask. What is told may be passed over where the request stands by itself, and
where it points back ("it", "that job") what was told must name exactly one thing. Neighbours: reader (which asks here when
a message was not understood), titles, shown (how a thing is called in a request).
"""

import re
from dataclasses import dataclass

from agents.builtin import lexicon, shown, titles
from agents.builtin.asides import only_noted
from agents.builtin.clauses import starts_request
from agents.builtin.desk import Desk
from agents.builtin.heads import plainly
from agents.builtin.said import Said
from agents.builtin.times.moments import Unclear, find_when

CUT = re.compile(
    r"[,;.!?…]+\s+(?:(?:so|and|but|then|just|hence|therefore|ok(?:ay)?|well|please|anyway|honestly)[\s,]+)*|\s[–—-]+\s"
)
# What makes the telling more than a telling: a condition, something asked for, words, an address.
BINDING = re.compile(
    r"§[qui]|\?|\b(?:if|unless|until|except|instead of|only when|whenever|provided|please|must|should|shall|never"
    r"|let her|let him)\b"
    r"|\b(?:square|portrait|landscape|bold|minimal|gradient|editorial|mp3|ogg|wav|second|seconds)\b"
)
POINTS = re.compile(
    r"(?<!make )\b(?:(?:that|this|the) (?P<noun>post|job|task|render|feed|persona|one)\b"
    r"|(?:it|that|this|him|her|them)\b(?!'| (?:week|month|year|morning|afternoon|evening|weekend|time|is|was|we|i)\b))"
)
KINDS = {"post": ("posts",), "job": ("jobs",), "task": ("jobs",), "render": ("jobs",), "feed": ("feeds",)}
LABEL = {"posts": "text", "jobs": "title", "feeds": "name", "media": "title"}


@dataclass(frozen=True, slots=True)
class Told:
    """A request without what was told before it; `row` is what "it" in it stands for."""

    request: str
    row: shown.Row | None = None


def told_before(said: Said, desk: Desk) -> Told | None:
    """The request at the end of a message that begins with something told; None where it does not."""
    for hit in reversed(list(CUT.finditer(said.read))):
        head, tail = said.cut(0, hit.start()), said.cut(hit.end(), len(said.read))
        if not _requests(tail) or only_noted(tail.read) or not re.search(r"\w", head.read):
            continue
        if (
            BINDING.search(head.read)
            or _asks(head)
            or (TIMELY.search(tail.read) and _timed(head, desk) and not _timed(tail, desk))
        ):
            return None
        pointing = POINTS.search(tail.read)
        if pointing is None or tail.read.startswith("§p"):
            return Told(tail.text())
        return _pointing_back(head, tail, pointing, desk)
    return None


# What is told of a persona is a request as well: "…, hanna ought to have swimming as one of her interests".
TELLING = re.compile(
    r"(?:§p\d+(?:'s)?)(?: (?:really|actually|just|now|also))* (?:is|has|should|ought|needs|must|loves|likes|hates|lives|works"
    r"|speaks|moved|turned|became|age|job)\b|(?:let's|let us) (?:have|do|put|make)\b.*\b(?:instead|rather)\b"
)


TIMELY = re.compile(
    r"\b(?:post|publish|schedule|share|announce|move|reschedule|postpone|push|spend\w*|spent|cost\w*)\b"
)


def _requests(tail: Said) -> bool:
    """Whether the end of a message is a request."""
    if starts_request(tail.read) or TELLING.match(tail.read):
        return True
    first = re.match(r"[a-z]+", plainly(tail).read)
    return bool(first and lexicon.verb(first[0]) and POINTS.search(tail.read))


def _asks(head: Said) -> bool:
    """Whether something is asked for in what is told."""
    return any(starts_request(part.strip()) for part in CUT.split(head.read) if part.strip())


def _timed(said: Said, desk: Desk) -> bool:
    try:
        return find_when(said.read, desk.now, desk.zone) is not None
    except Unclear:
        return True


def _pointing_back(head: Said, tail: Said, pointing: re.Match[str], desk: Desk) -> Told | None:
    """The request with the name of the only thing that was told of in place of "it"."""
    names = head.named()
    if pointing[0] in ("her", "him") or pointing["noun"] == "persona":
        return Told(_put(tail, pointing, names[0])) if len(names) == 1 else None
    kinds = KINDS.get(pointing["noun"] or "", ("posts", "jobs", "feeds"))
    rows = [
        shown.Row(kind, row)
        for kind in kinds
        for one in titles.named(head.text(), desk.rows(kind), key=LABEL[kind], skip=desk.personas)
        for row in one.rows
    ]
    if not rows and len(names) == 1 and pointing["noun"] == "post":
        rows = [shown.Row("posts", row) for row in desk.rows("posts") if row.get("persona") == names[0]]
    unique = {str(row.row.get("id") or row.row.get("name")): row for row in rows}
    if len(unique) != 1 or len({row.kind for row in rows}) != 1:
        return None
    row = next(iter(unique.values()))
    return Told(_put(tail, pointing, shown.named_anew(row, 0)), row)


def _put(tail: Said, pointing: re.Match[str], name: str) -> str:
    start, end = tail.at[pointing.start()], tail.at[pointing.end()]
    return f"{tail.raw[tail.at[0] : start]}{name}{tail.raw[end : tail.at[len(tail.read)]]}"
