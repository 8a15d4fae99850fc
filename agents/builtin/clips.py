"""Is a clip to be generated: a moving picture of something that happens? A video of media that are there is not.

Neighbours: fill_clips (what exactly), intents (which asks here early), reels.
"""

import re

from agents.builtin import titles
from agents.builtin.desk import Desk
from agents.builtin.heads import Reading

_BEGINS = (
    r"^(?:(?:make|create|generate|film|shoot|render|produce|do|give|get|send)(?: me| us)?"
    r"|(?:i |we )?(?:want|need)|i'd like)\b"
)
_MEDIA = (
    r"(?:cards?|pictures?|images?|photos?|pics?|both|voice-?overs?|recordings?|narrations?|audio|them|these|those|it|this|that"
    r"|stor(?:y|ies)|headlines?|posts?|all|everything|text|captions?|words?|quotes?)"
)
# The picture that it starts from: "from her last picture", "starting with this photo".
FROM = re.compile(
    r",?\s*\b(?:(?:and |made |beginning |going |start(?:s|ing)? )*(?:from|out of|with|using|based on|off))\s+"
    r"(?:(?:her|his|their|the|my|our|that|this|a|one of her|§p\d+'s)\s+)?"
    r"(?:(?:very |most )?(?P<which>last|latest|newest|recent|new)\s+)?(?:picture|photo|photograph|image|pic|portrait|selfie)"
    r"(?: of (?:hers|his|theirs|her|him|them))?(?: as (?:the |its )?(?:first frame|start))?\b"
)
_SHOWN = r"\b(?:of|showing|where|in which|with)\s+"
_TERSE = r"^\s*(?:(?:an?|another|one|some|two|three|\d)\s+)?(?:[\w.:§'-]+[\s-]+){0,4}?"
_NAME = r"(?:clips?|moving (?:pictures?|shots?|images?)|animations?|animated (?:pictures?|shots?))"
_CLIP = re.compile(rf"(?:{_BEGINS}[^§:]*?\b|{_TERSE}){_NAME}\b(?:[^§:]|(?<=\w):(?=\w))*?{_SHOWN}(?P<what>\S.*)")
# Each of two: a candle burning and rain on a window.
_SEVERAL = re.compile(
    rf"(?:{_BEGINS}[^§:]*?\b|^)(?:two|2|a couple of"
    rf"|both)\s+(?:[\w-]+ ){{0,2}}?clips\s*[:,–-]\s*(?P<first>.+?)(?:,?\s+and\s+|\s*[,;]\s*)(?P<second>.+)"
)
# Of what is called a video only where somebody does something in it.
_FILM = re.compile(
    rf"{_BEGINS}[^§:]*?\b(?:videos?|films?|vids?)\s+(?:clips? )?{_SHOWN}(?P<what>§p\d+ (?:who )?(?:is )?[a-z]+ing\b.*)"
)
ANIMATE = re.compile(
    r"^(?:animate|bring|make|let)\b(?:(?<=animate)|(?=.*\b(?:to life|come alive|move by itself)\b)).*?"
    r"\b(?:picture|photo|photograph|image|pic|portrait|selfie|her|him)\b"
)


def clip(read: str, reading: Reading, desk: Desk) -> str:
    """`make_clip` where one is asked for; the tool says so where nobody here makes any."""
    if reading.does("post", "write", "speak", "remove", "cancel") or "§q" in read:
        return ""
    return "make_clip" if ANIMATE.match(read) or _SEVERAL.match(read) or _is_shown(read, desk) else ""


def several(read: str) -> re.Match[str] | None:
    """Where it says what happens in each of two clips."""
    return _SEVERAL.match(read)


def shown(read: str) -> re.Match[str] | None:
    """Where it says what happens in the clip."""
    return _CLIP.match(read) or _FILM.match(read)


def _is_shown(read: str, desk: Desk) -> bool:
    """Something that happens, and no media that are there."""
    hit = shown(read)
    if hit is None or "§q" in read:
        return False
    what = FROM.sub("", hit["what"])
    if re.search(rf"\b{_MEDIA}\b", what) or re.search(r"\babout\b", read[: hit.start("what")]):
        return False
    return not _names_only(what, desk)


def _names_only(what: str, desk: Desk) -> bool:
    """Whether it is nothing but the title of something there: the words of a scene may well be in one too."""
    named = titles.named(what, desk.rows("media"), skip=desk.personas)
    for one in reversed(named):
        what = what[: one.start] + what[one.end :]
    left = re.findall(r"[^\W\d_]{2,}", re.sub(r"§p\d+(?:'s)?", "", what))
    return bool(named) and not set(left) - titles.NO_CONTENT
