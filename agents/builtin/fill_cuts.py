"""Is a video to be changed, and which? Clauses of `cutting` as steps of a plan; what is missing is asked back.

Neighbours: cutting (what is to be done), reels (steps of a reel made again), fillers.
"""

import re
from typing import Any

from agents.builtin import cutting
from agents.builtin.desk import GIVES, Ask, Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.references import matches

_NAMED = re.compile(
    r"(?i)\s+(?:of|in|from|im|in dem|aus dem|des|vom)\s+(?:the |that |my |our |dem )?"
    r"(?!(?:last|newest|latest|this|that|the|letzten|neuesten)\b)(?P<title>\S.{0,80}?)[ -](?:video|reel|film|clip)s?\b"
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
        told = cutting.operations(text)
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
        told = cutting.operations(text)
    except cutting.Unclear as unclear:
        question, glue = _ASKED[str(unclear)]
        raise Ask(question, glue) from unclear
    assert told is not None  # `cut` has looked
    desk.put("edit_video", video=_meant(title, desk), operations=cutting.in_order(told))


def _apart(text: str) -> tuple[str, str]:
    """What is to be done, and the title of the video where one is named."""
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
