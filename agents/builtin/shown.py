"""Which of what was just shown is meant? "The second one", "number 3", "the octopus one", "both", in the lines of a reply.

The reply may list things in any wording: its lines are matched with the rows that are known. What is meant is then named
so that the request can be read again with only that row on the desk. Neighbours: follow_ups, references.
"""

import re
from dataclasses import dataclass
from typing import Any

from agents.builtin.counting import ORDINALS, SPELLED, whole
from agents.builtin.references import matches
from agents.builtin.said import Said

LABELS: dict[str, tuple[str, ...]] = {
    "feeds": ("name", "url"), "posts": ("text",), "personas": ("name",), "stories": ("title",), "jobs": ("id", "title"),
    "media": ("id", "title"),
}  # fmt: skip
NOUN = {
    "feeds": r"feeds?|sources?", "posts": r"posts?", "personas": r"personas?|characters?", "jobs": r"jobs?|tasks?",
    "stories": r"stor(?:y|ies)|headlines?|articles?|items?|news",
    "media": r"pictures?|cards?|images?|videos?|clips?|recordings?|voice-?overs?|media|files?",
}  # fmt: skip
# What may be done to a thing that is only pointed at, so that no request is read into another.
TOOLS: dict[str, frozenset[str]] = {
    "feeds": frozenset(("remove_feed", "read_feeds")),
    "posts": frozenset(("cancel_post", "reschedule_post")),
    "personas": frozenset(
        ("show_persona", "remove_persona", "pause_persona", "resume_persona", "change_persona", "show_persona_history",
         "roll_back_persona", "write_text", "list_posts", "list_conversations")
    ),
    "stories": frozenset(("draw_card", "speak_text", "write_text")),
    "jobs": frozenset(("cancel_job", "cancel_jobs", "retry_job", "pause_job", "resume_job")),
    "media": frozenset(("schedule_post", "make_video")),
}  # fmt: skip
ITEM = re.compile(r"^\s*(?:\(?\d{1,2}[.):]\)?|[-*•–◦▪]|\(?[a-j]\))\s*(.+)$", re.MULTILINE)
ORDINAL = "|".join([*ORDINALS, "last", "final", r"\d{1,2}(?:st|nd|rd|th)"])
POINTING = re.compile(
    rf"\b(?:the |my |that |your )?(?P<place>{ORDINAL})\b(?P<noun> (?:one|of (?:them|those|these|the list)|in the list"
    rf"|on (?:the|your) list|[a-z-]+))?"
    rf"|(?:\bthe )?\b(?:number|no\.?|nr\.?|item|entry|option) ?#?(?P<number>\d{{1,2}}|{SPELLED})\b"
    rf"|#(?P<hash>\d{{1,2}})\b"
    rf"|\b(?P<all>both|all|everything)(?: (?:of )?(?:them|those|these|two|three|the [a-z]+))?\b"
    rf"|\b(?:the|that) (?P<words>[^,;.!?§]+?) ones?\b"
)


@dataclass(frozen=True, slots=True)
class Row:
    """Something that was shown."""

    kind: str
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pointed:
    """What is pointed at, and where the words stand that do it."""

    rows: tuple[Row, ...]
    start: int
    end: int


def shown(reply: str, context: dict[str, Any]) -> list[Row | None]:
    """The things a reply lists, in its order; None for a line that is none of them. Empty when it lists nothing known."""
    lines = [hit[1] for hit in ITEM.finditer(reply)]
    if lines:
        best: list[Row | None] = []
        for kind in LABELS:
            rows = _by_line(lines, kind, context)
            if _weight(rows) > _weight(best):
                best = rows
        return best
    return _inline(reply, context)


def mentioned(reply: str, kind: str, context: dict[str, Any]) -> list[Row]:
    """The things of one kind that a reply names, in its order."""
    plain = " ".join(reply.lower().split())
    spots = [
        (min(places), row)
        for row in context.get(kind) or []
        if (places := [plain.find(label) for label in _labels(kind, row) if label in plain])
    ]
    return [Row(kind, row) for _, row in sorted(spots, key=lambda pair: pair[0])]


def _weight(rows: list[Row | None]) -> tuple[int, int]:
    """How many lines are told, and by how many letters: "Card" stands in "Whales card", too."""
    known = [row for row in rows if row is not None]
    return len(known), sum(max(map(len, _labels(row.kind, row.row)), default=0) for row in known)


def _labels(kind: str, row: dict[str, Any]) -> list[str]:
    labels = [" ".join(str(row.get(name) or "").lower().split()) for name in LABELS[kind]]
    return [label[:30].rstrip() for label in labels if len(label) > 2 or kind == "personas"]


def _by_line(lines: list[str], kind: str, context: dict[str, Any]) -> list[Row | None]:
    """A row for each line that names one; each row once."""
    left = list(context.get(kind) or [])
    found: list[Row | None] = []
    for line in lines:
        plain = " ".join(line.lower().split())
        fitting = [(len(label), n) for n, row in enumerate(left) for label in _labels(kind, row) if label in plain]
        place = max(fitting, key=lambda pair: (pair[0], -pair[1]))[1] if fitting else None
        found.append(Row(kind, left.pop(place)) if place is not None else None)
    return found


def _inline(reply: str, context: dict[str, Any]) -> list[Row | None]:
    """Things named one after the other in a sentence: “Nova, Mira or Leo?”."""
    plain = " ".join(reply.lower().split())
    best: list[Row | None] = []
    for kind in ("feeds", "posts", "personas", "stories"):
        places = [
            (min(spots), row)
            for row in context.get(kind) or []
            if (spots := [plain.find(label) for label in _labels(kind, row) if label in plain])
        ]
        if len(places) > max(1, len(best)):
            best = [Row(kind, row) for _, row in sorted(places, key=lambda pair: pair[0])]
    return best


def pointed(said: Said, rows: list[Row | None]) -> Pointed | None:
    """What of the things shown a message points at."""
    known = [row for row in rows if row is not None]
    if not known:
        return None
    kind = known[0].kind
    for hit in POINTING.finditer(said.read):
        found = _hit(hit, rows, known, kind)
        if found:
            end = hit.end("place") if hit["place"] and not _its_noun(hit, kind) else hit.end()
            return Pointed(tuple(found), hit.start(), end)
    whole_message = re.fullmatch(r"\s*#?(\d{1,2}|[a-z]+)[\s.!)]*", said.read)
    if whole_message and (place := whole(whole_message[1])) and 0 < place <= len(rows) and (one := rows[place - 1]):
        return Pointed((one,), 0, len(said.read))
    return None


def _its_noun(hit: re.Match[str], kind: str) -> bool:
    noun = (hit["noun"] or "").strip()
    return bool(re.fullmatch(rf"one|of .*|in the list|on \w+ list|{NOUN[kind]}", noun))


def _hit(hit: re.Match[str], rows: list[Row | None], known: list[Row], kind: str) -> list[Row]:
    if hit["all"]:
        named = re.search(r"the ([a-z]+)$", hit[0])
        if named and not re.fullmatch(NOUN[kind], named[1]):
            return []
        return known if len(known) == len(rows) and (hit["all"] != "both" or len(known) == 2) else []
    if hit["words"]:
        found = [row for row in known if any(matches(hit["words"], label) for label in _all_words(row))]
        return found if len(found) == 1 else []
    if hit["place"]:
        noun = (hit["noun"] or "").strip()
        if (
            noun
            and not _its_noun(hit, kind)
            and not re.match(r"(?:to|at|on|by|and|in|please|for|too|then|until|aloud|into)\b", noun)
        ):
            return []
        place = hit["place"]
        number = -1 if place in ("last", "final") else ORDINALS.get(place) or int(re.match(r"\d+", place)[0])  # type: ignore[index]
    else:
        number = whole(hit["number"] or hit["hash"]) or 0
    index = number - 1 if number > 0 else len(rows) + number
    one = rows[index] if 0 <= index < len(rows) and number else None
    return [one] if one else []


def _all_words(row: Row) -> list[str]:
    return [" ".join(str(row.row.get(name) or "") for name in ("name", "url", "text", "title", "persona", "kind"))]


def called(words: str, rows: list[Row]) -> Row | None:
    """The only row that some words call."""
    words = re.sub(
        r"(?i)^(?:the|my|that|one|about|called|named|post|feed)\s+|[.!?]+$|\s+(?:one|please|post|feed)$",
        "",
        words.strip(),
    )
    found = [row for row in rows if words and any(matches(words, label) for label in _all_words(row))]
    return found[0] if len(found) == 1 else None


def named_anew(row: Row, place: int) -> str:
    """What to call a row in a request that is read with only that row on the desk."""
    if row.kind == "personas":
        return str(row.row["name"])
    if row.kind == "feeds":
        return f'the feed "{row.row["name"]}"'
    if row.kind == "stories":
        return f"the {[*ORDINALS][place]} story" if place < 10 else f'the story about "{row.row["title"]}"'
    if row.kind == "media":
        return {"voice": "the voice-over", "video": "the video"}.get(str(row.row.get("kind")), "the picture")
    return {"posts": "that post", "jobs": "that job"}[row.kind]
