"""Is a video to be changed, and which? Clauses of `cutting` as steps of a plan; what is missing is asked back.

Neighbours: cutting (what is to be done), reels (steps of a reel made again), fillers.
"""

import re
from typing import Any

from agents.builtin import cutting, titles
from agents.builtin.desk import GIVES, Ask, Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.references import matches

_NAMED = re.compile(
    r"(?i)\s+(?:of|in|from|im|in dem|aus dem|des|vom)\s+(?:the |that |my |our |dem )?"
    r"(?!(?:last|newest|latest|this|that|the|letzten|neuesten)\b)(?P<title>\S.{0,80}?)[ -](?:video|reel|film|clip)s?\b"
)
# "In the whales video drop scene two"
_NAMED_FIRST = re.compile(
    r"(?i)^(?:(?:please|now|and|ok|okay|bitte|jetzt|und)[\s,]+)*(?:in|for|of|im|in dem|beim?)\s+(?:the |that |my |our |dem )?"
    r"(?!(?:last|newest|latest|this|that|the|letzten|neuesten)\b)(?P<title>\S.{0,60}?)[ -](?:video|reel|film|clip)s?\b[\s,:]*"
)
_MUSIC = r"(?:the |a |its |die |als )?(?:background |hintergrund)?(?:music|musik|soundtrack|track)"
# Other music: named by its title, which stands where `what` is.
_OTHER_MUSIC = tuple(
    re.compile(f"(?i){form}")
    for form in (
        rf"(?:use|take|have|set|put|play|want|nimm|nehme?|verwende) (?P<what>.+?) (?:as|for|als|für) {_MUSIC}",
        r"(?:put|play|lay|leg(?:e)?|spiel(?:e)?|setz(?:e)?|add) (?P<what>.+?) (?:under|underneath|below|beneath|behind|to"
        r"|unter|hinter|drunter|darunter)"
        r"(?: (?:it|the video|that|das video|es))?",
        rf"(?:change|replace|swap|exchange|switch|ändere?|tausche?|ersetze?) {_MUSIC} (?:to|with|by|for|durch|gegen|in"
        rf"|auf|zu) (?P<what>.+)",
        rf"(?:add|put in|include|with|mit|füge?) (?P<what>.+?) (?:as |als ){_MUSIC}(?: hinzu)?",
        rf"{_MUSIC}[:,]? (?P<what>.+)",
    )
)
_SCENE = re.compile(r"(?i)\b(?:scenes?|shots?|szenen?)\b")
_ASKED = {
    "scene": ("Which scene? Tell me its number, or say the last one.", " scene "),
    "seconds": ("By how many seconds?", " by "),
}


def cut(_read: str, reading: Reading, desk: Desk) -> str:
    """`edit_video` where a clause changes a video that is there. Raises Cannot where there is none."""
    if any(GIVES.get(step.tool) == "video" and step.tool != "edit_video" for step in desk.steps):
        return ""  # it says more of what is being asked for
    text, _ = _apart(reading.said.text())
    try:
        told = _told(text, desk)
    except cutting.Unclear:
        told = [{}]
    if told is None or (not told and _has_failed(desk)):
        return ""
    if not _videos(desk):
        if _SCENE.search(text):
            raise Cannot(
                "There is no video to change yet. Make one first: say, for example, “make a video of the last picture”."
            )
        return ""
    return "edit_video"


def edit_video(reading: Reading, desk: Desk) -> None:
    text, title = _apart(reading.said.text())
    try:
        told = _told(text, desk)
    except cutting.Unclear as unclear:
        question, glue = _ASKED[str(unclear)]
        raise Ask(question, glue) from unclear
    assert told is not None  # `cut` has looked
    desk.put("edit_video", video=_meant(title, desk), operations=cutting.in_order(told))


def _told(text: str, desk: Desk) -> list[dict[str, Any]] | None:
    """What is to be done; None where it is no change of a video. Raises Unclear."""
    return _other_music(text, desk) or cutting.operations(text)


def _other_music(text: str, desk: Desk) -> list[dict[str, Any]] | None:
    """Another recording as music, where one is named that is there."""
    plain = re.sub(
        r"(?i)^(?:(?:please|bitte|now|jetzt|and|und|can you|could you|kannst du)[\s,]+)+|[\s,.!]*(?:please|bitte)?[\s.!]*$",
        "",
        text,
    )
    voices = [row for row in desk.rows("media") if row.get("kind") == "voice"]
    for form in _OTHER_MUSIC:
        hit = form.fullmatch(plain)
        named = titles.named(hit["what"], voices, skip=desk.personas) if hit else []
        if hit and len(named) == 1 and len(named[0].rows) == 1 and not _beside(hit["what"], named[0]):
            return [{"do": "music", "asset": str(named[0].rows[0]["id"])}]
    return None


def _beside(what: str, named: titles.Named) -> bool:
    """Whether more is said there than the title and what kind of thing it is."""
    left = f"{what[: named.start]} {what[named.end :]}".lower()
    return (
        re.sub(
            r"\b(?:the|a|my|our|die|das|der|recording|voice(?:-?over)?|track|song|music|sound|aufnahme|musik)\b|[\s\"'“”„.,]",
            "",
            left,
        )
        != ""
    )


def _apart(text: str) -> tuple[str, str]:
    """What is to be done, and the title of the video where one is named."""
    if first := _NAMED_FIRST.match(text):
        return text[first.end() :], first["title"]
    hit = _NAMED.search(text)
    return (f"{text[: hit.start()]}{text[hit.end() :]}", hit["title"]) if hit else (text, "")


def _videos(desk: Desk) -> list[dict[str, Any]]:
    there = [row for row in desk.rows("media") if row.get("kind") == "video"]
    return there or [{} for step in desk.before if GIVES.get(step.tool) == "video"]


def _meant(title: str, desk: Desk) -> str | None:
    """Its id; None: the newest. Raises Cannot, or Ask where several are called so."""
    if not title:
        return None
    fitting = [row for row in _videos(desk) if matches(title, str(row.get("title") or ""))]
    if not fitting:
        raise Cannot(f"There is no video called {title}.")
    return str(fitting[0]["id"])


def _has_failed(desk: Desk) -> bool:
    """Whether "render it again" is said of a job that came to nothing."""
    jobs = desk.rows("jobs")
    return bool(jobs) and jobs[0].get("state") in ("failed", "cancelled")
