"""Which post is meant? By its id, its words, its place among the others, or when it is due.

Neighbours: fill_posts (what is done with it), titles (words), moments (when).
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agents.builtin import counting, titles
from agents.builtin.desk import Ask, Cannot, Desk
from agents.builtin.references import Handle, Made, matches
from agents.builtin.said import Said
from agents.builtin.times.moments import Unclear, find_range, find_when

POST_WORDS = r"(?:posts?|publications?|posting|scheduled (?:post|card|video|picture|image|one))"


def which_post(
    said: Said, desk: Desk, *, when_words: bool = True, day_behind: bool = True
) -> tuple[str | Handle, Said, dict[str, Any] | None]:
    """The post meant: its id where it is plain which, else "last" or "next" or its words; and what is left to read.

    Without `day_behind` a day behind it ("the post on Friday") is not when it is due: it may be when it is to be.
    """
    if ids := said.ids():
        return ids[0], said, next((row for row in desk.rows("posts") if row["id"] == ids[0]), None)
    posts = desk.rows("posts")
    names = said.named()
    if names:
        desk.focus = names[-1]
        posts = [
            row
            for row in posts
            if str(row.get("persona", "")).lower()
            in {n.lower() for n in names} | {n.lower().replace(" ", "-") for n in names}
        ]
    if quotes := said.quotes():
        found = [row for row in posts if matches(quotes[0], str(row.get("text", "")))]
        hit = re.search(r"§q\d+", said.read)
        rest = said.without(*hit.span()) if hit else said
        return (str(found[0]["id"]), rest, found[0]) if len(found) == 1 else (quotes[0], rest, None)
    if hit := re.search(
        rf"\b{POST_WORDS}\s+(?:about|on|of|with|that says|saying"
        rf"|regarding)\s+(?!(?:{_DAYISH}))([^,;]+?)(?=\s+(?:to|until|till|by|from|for|at|forward|back|one"
        rf"|an)\b|[,;.!?]|$)",
        said.read,
    ):
        words = said.words(hit.start(1), hit.end(1))
        found = [row for row in posts if matches(words, str(row.get("text", "")))]
        rest = said.without(*hit.span())
        return (str(found[0]["id"]), rest, found[0]) if len(found) == 1 else (words, rest, None)
    named = re.search(
        rf"\b(?:the|my|our|that|§p\d+'s)\s+(?!(?:last|latest|next|first|second|third|newest|{_DAYISH}|upcoming"
        rf"|scheduled)\b)([^,;§]+?)\s+posts?\b",
        said.read,
    )
    if named:
        words = said.words(named.start(1), named.end(1))
        found = [row for row in posts if matches(words, str(row.get("text", "")))]
        if len(found) == 1:
            return str(found[0]["id"]), said.without(*named.span()), found[0]
    if worded := _worded(said, desk, posts):
        return worded
    forms = (DUE if day_behind else DUE[:1]) if when_words else ()
    return _by_place_or_time(said, desk, posts, bool(names), forms)


def _worded(
    said: Said, desk: Desk, posts: list[dict[str, Any]]
) -> tuple[str | Handle, Said, dict[str, Any] | None] | None:
    """The post of which words are said: "the leg day one", "Jax's pancake recipe". Asks when they fit several."""
    found = titles.named(said.text(), posts, key="text", skip=desk.personas)
    if not found:
        return None
    fitting = found[0].rows
    if (len(found) > 1 and len({str(row["id"]) for one in found for row in one.rows}) > 1) or len(fitting) > 1:
        rows = {str(row["id"]): row for one in found for row in one.rows}
        raise Ask(f"Which post do you mean? {listed([*rows.values()], desk)}", " ", "post")
    return str(fitting[0]["id"]), said, fitting[0]


# "the post that's going out next"
COMING = re.compile(
    rf"\b{POST_WORDS}\s+(?:(?:that|which)(?:'s| is| will be| will| are)?\s+)?(?:(?:going|goes|go|due|up|coming|scheduled|set)"
    r"\s+)(?:to (?:go|be posted)\s+)?(?:out |live |up )?(?:the )?next\b()"
)
_DAYISH = r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|the \d|\d"


def _by_place_or_time(
    said: Said, desk: Desk, posts: list[dict[str, Any]], narrowed: bool, due: Sequence[re.Pattern[str]]
) -> tuple[str | Handle, Said, dict[str, Any] | None]:
    read = said.read
    if hit := re.search(
        rf"\b(?:the |my |our |her |his |§p\d+'s )*(last|latest|newest|most recent|final|next|upcoming|first"
        rf"|second|third|soonest)\s+(?:scheduled |planned |upcoming )?(?:{POST_WORDS}|one)\b",
        read,
    ) or COMING.search(read):
        rest = said.without(*hit.span())
        place = hit[1] or "next"
        if not narrowed and (shown := _shown_last(desk)):
            posts = [row for row in posts if str(row.get("persona", "")).lower() == shown.lower()]
            narrowed = True
            if not posts:
                raise Cannot(f"{shown} has no scheduled post.")
        if place in ("next", "upcoming", "first", "soonest"):
            return (
                (str(posts[0]["id"]), rest, posts[0])
                if narrowed and posts
                else ("next", rest, desk.rows("posts")[0] if desk.rows("posts") else None)
            )
        if place in ("second", "third"):
            index = counting.ORDINALS[place] - 1
            if index < len(posts):
                return str(posts[index]["id"]), rest, posts[index]
            raise Cannot("There are not that many scheduled posts.")
        if narrowed and posts:
            return str(posts[-1]["id"]), rest, posts[-1]
        return "last", rest, None
    if found := _due(said, desk, posts, due):
        return found
    if shown := _shown_last(desk):
        of_her = [
            row
            for row in posts
            if str(row.get("persona", "")).lower() in (shown.lower(), shown.lower().replace(" ", "-"))
        ]
        if len(of_her) == 1:
            return str(of_her[0]["id"]), said, of_her[0]
    made = desk.made("post")
    if made is not None and not (narrowed and posts and not _made_by(desk, made, posts)):
        return Made(made, "id"), said, None
    if len(posts) == 1:
        return str(posts[0]["id"]), said, posts[0]
    if not posts and not desk.rows("posts"):
        return "last", said, None
    if any(step.tool in ("schedule_post", "reschedule_post") for step in desk.before) and not narrowed:
        return _posted_before(desk, posts), said, _latest_before(desk)
    if not posts:
        raise Cannot("There is no such post scheduled.")
    raise Ask(f"Which post do you mean? {listed(posts, desk)}", " ", "post")


def _made_by(desk: Desk, made: int, posts: list[dict[str, Any]]) -> bool:
    """Whether a post of this plan may be the one of those that a persona named here has."""
    author = str(desk.steps[made].args.get("persona", "")).lower()
    return author in {str(row.get("persona", "")).lower() for row in posts}


def _shown_last(desk: Desk) -> str:
    """The persona whose posts this same request lists just before: "the next one" is among those."""
    if desk.steps and desk.steps[-1].tool == "list_posts":
        return str(desk.steps[-1].args.get("persona") or "")
    return ""


def _posted_before(desk: Desk, posts: list[dict[str, Any]]) -> str:
    """The post that the request before this one scheduled, by its words where they tell it apart."""
    step = next(step for step in reversed(desk.before) if step.tool in ("schedule_post", "reschedule_post"))
    text = step.args.get("text")
    same = [
        row
        for row in posts
        if isinstance(text, str) and text and text.startswith(str(row.get("text") or "\0").rstrip("…"))
    ]
    return str(same[0]["id"]) if len(same) == 1 else "last"


def _latest_before(desk: Desk) -> dict[str, Any] | None:
    for step in reversed(desk.before):
        if step.tool == "schedule_post":
            at = step.args.get("at")
            return {"due_at": at} if at else None
    return None


def listed(posts: list[dict[str, Any]], desk: Desk) -> str:
    from agents.builtin.times.zones import tz

    lines = []
    for row in posts[:5]:
        due = str(row.get("due_at") or "")
        at = datetime.fromisoformat(due).astimezone(tz(desk.zone)) if due else None
        words = str(row.get("text") or "a post without words")
        lines.append(f"“{words[:40]}”" + (f" ({at:%a %d %b %H:%M})" if at else ""))
    return "; ".join(lines)


def _due(
    said: Said, desk: Desk, posts: list[dict[str, Any]], forms: Sequence[re.Pattern[str]]
) -> tuple[str | Handle, Said, dict[str, Any] | None] | None:
    """Tomorrow's post, the nine o'clock post, the post on Friday."""
    for form in forms:
        if (hit := form.search(said.read)) and (found := _due_then(said, hit, desk, posts)):
            return found
    return None


DUE = (
    re.compile(rf"\b((?:the |my |our )?(?:[\w:.]+(?: o'clock)?(?:'s)?\s+){{1,3}}){POST_WORDS}\b"),
    re.compile(
        rf"\b{POST_WORDS}\s+((?:for|on|at|from|due|of|scheduled for|that is due"
        rf"|set for)\s+(?!to\b)[^,;]+?|(?:this |next )?(?:\w+day|tomorrow|tonight))(?=\s+(?:to|until|till|by|forward|back|one)"
        rf"\b|[,;!?]|$)"
    ),
)


def _due_then(
    said: Said, hit: re.Match[str], desk: Desk, posts: list[dict[str, Any]]
) -> tuple[str | Handle, Said, dict[str, Any] | None] | None:
    """The one post that is due when these words say; None when they say no time."""
    from agents.builtin.times.zones import tz

    since, until = find_range(hit[1], desk.now, desk.zone)
    try:
        when = find_when(hit[1], desk.now, desk.zone)
    except Unclear:
        when = None
    rest = said.without(*hit.span(1))
    found = []
    exact = when and when.at and not when.note and not when.question
    for row in posts:
        due = datetime.fromisoformat(str(row["due_at"])).astimezone(tz(desk.zone)) if row.get("due_at") else None
        if due is None:
            continue
        if (
            exact
            and when
            and when.at
            and (
                (due.hour, due.minute)
                != (when.at.astimezone(tz(desk.zone)).hour, when.at.astimezone(tz(desk.zone)).minute)
            )
        ):
            continue
        if since and until and not since <= due < until:
            continue
        found.append(row)
    if not exact and not since:
        return None
    if len(found) == 1:
        return str(found[0]["id"]), rest, found[0]
    if not found:
        raise Cannot("I find no post scheduled for then." + (f" Scheduled: {listed(posts, desk)}." if posts else ""))
    raise Ask(f"Which post do you mean? {listed(found, desk)}", " ", "post")
