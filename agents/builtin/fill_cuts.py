"""Is a video to be changed, and which? Clauses of `cutting` as steps of a plan; what is missing is asked back.

Neighbours: cutting (what is to be done), reels (steps of a reel made again), fillers.
"""

import re
from typing import Any

from agents.builtin import cutting, titles
from agents.builtin.desk import GIVES, Ask, Cannot, Desk, either
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
# "Drop the last scene of the video Bees": only of one that is there, since other words may stand behind a noun, too.
_NAMED_LAST = re.compile(
    r"(?i)\s+(?:of|in|from|im|in dem|aus dem|des|vom)\s+(?:the |that |my |our |dem )?(?:video|reel|film|clip)s?\s+"
    r"(?:called |named |namens )?[\"“„]?(?P<title>[^\"”“]+?)[\"”“]?[\s.!]*$"
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
_PLAINLY_MUSIC = (_OTHER_MUSIC[0], _OTHER_MUSIC[2])  # these can be nothing else, whatever stands in `what`
_NEWEST_VOICE = re.compile(
    r"(?i)(?:(?:the|my|that|this|our|die|meine) )?(?:(?:very )?(?:last|latest|newest|letzte|neueste) )?"
    r"(?:recording|voice-?over|narration|sound|aufnahme)"
)
_POINTED = re.compile(r"(?i)(?:it|this|that|them|these|those|something|other|another|es|das)(?: .*)?")
_TOLD = 5
_MARKS = " \"'“”„‘’«»"
_SCENE = re.compile(r"(?i)\b(?:scenes?|shots?|szenen?)\b")
_ASKED = {
    "scene": ("Which scene? Tell me its number, or say the last one.", " scene "),
    "seconds": ("By how many seconds?", " by "),
}


def cut(_read: str, reading: Reading, desk: Desk) -> str:
    """`edit_video` where a clause changes a video that is there. Raises Cannot where there is none."""
    if any(GIVES.get(step.tool) == "video" and step.tool != "edit_video" for step in desk.steps):
        return ""  # it says more of what is being asked for
    text, _ = _apart(reading.said.text(), desk)
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
    text, title = _apart(reading.said.text(), desk)
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
    """Another recording as music, where one is named. Raises Cannot where none is called so."""
    plain = re.sub(
        r"(?i)^(?:(?:please|bitte|now|jetzt|and|und|can you|could you|kannst du)[\s,]+)+|[\s,.!]*(?:please|bitte)?[\s.!]*$",
        "",
        cutting.OF_VIDEO.sub("", text),
    )
    voices = [row for row in desk.rows("media") if row.get("kind") == "voice"]
    for form in _OTHER_MUSIC:
        if (hit := form.fullmatch(plain)) and (id := _recording(hit["what"], voices, desk)):
            return [{"do": "music", "asset": id}]
    told = next((hit["what"] for form in _PLAINLY_MUSIC if (hit := form.fullmatch(plain))), "")
    if told and not _POINTED.fullmatch(told) and _videos(desk):
        raise Cannot(_no_such(told, voices))
    return None


def _recording(what: str, voices: list[dict[str, Any]], desk: Desk) -> str:
    """The id of the recording that is named, of several with that title the newest; empty where none is."""
    if voices and _NEWEST_VOICE.fullmatch(what):
        return str(voices[0]["id"])
    named = titles.named(what, voices, skip=desk.personas)
    if len(named) != 1 or _beside(what, named[0]):
        return ""
    called = {str(row.get("title")) for row in named[0].rows}
    return str(named[0].rows[0]["id"]) if len(called) == 1 else ""


def _no_such(what: str, voices: list[dict[str, Any]]) -> str:
    there = ", ".join(dict.fromkeys(f"“{row.get('title')}”" for row in voices[:_TOLD]))
    newest = (
        f"The newest are: {there}." if there else "There is none yet: have a text read aloud, or send a sound file."
    )
    return f"No recording is called just “{what.strip(_MARKS)}”. {newest}"


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


def _apart(text: str, desk: Desk) -> tuple[str, str]:
    """What is to be done, and the title of the video where one is named."""
    if first := _NAMED_FIRST.match(text):
        return text[first.end() :], first["title"]
    if (last := _NAMED_LAST.search(text)) and _called(last["title"], desk):
        return text[: last.start()], last["title"]
    hit = _NAMED.search(text)
    return (f"{text[: hit.start()]}{text[hit.end() :]}", hit["title"]) if hit else (text, "")


def _called(title: str, desk: Desk) -> list[dict[str, Any]]:
    return [row for row in _videos(desk) if matches(title, str(row.get("title") or ""))]


def _videos(desk: Desk) -> list[dict[str, Any]]:
    there = [row for row in desk.rows("media") if row.get("kind") == "video"]
    return there or [{} for step in desk.before if GIVES.get(step.tool) == "video"]


def _meant(title: str, desk: Desk) -> str | None:
    """Its id; None: the newest. Raises Cannot, or Ask where several are called so."""
    if not title:
        return None
    fitting = _called(title, desk)
    if not fitting:
        raise Cannot(f"There is no video called {title}.")
    same = [row for row in fitting if str(row.get("title")).casefold() == title.casefold()] or fitting
    called = list(dict.fromkeys(str(row.get("title")) for row in same))
    if len({one.casefold() for one in called}) > 1:
        raise Ask(f"Which video do you mean: {either(called[:5])}?", " of the video ", "video")
    return str(same[0]["id"])


def _has_failed(desk: Desk) -> bool:
    """Whether "render it again" is said of a job that came to nothing."""
    jobs = desk.rows("jobs")
    return bool(jobs) and jobs[0].get("state") in ("failed", "cancelled")
