"""Is a reel asked for, a step of one again, or how far it is? A reel is a video about something; a video of media is not.

Neighbours: fill_reels (what exactly), intents (which asks here first), makings.
"""

import re

from agents.builtin.counting import COUNT, ORDINAL
from agents.builtin.desk import Desk
from agents.builtin.heads import Reading
from agents.builtin.said import Said

_FILM = r"(?:reels?|shorts?|tiktoks?|videos?|clips?|films?|vids?)"
_ABOUT = re.compile(
    rf"\b(?P<what>{_FILM})\b(?:(?!\b(?:of|from|with|out of) (?:the|this|that|these|those|both|my|our|them|it)\b)[^§:]|§[pq]\d+)*?"
    r"\b(?:about|on the (?:topic|subject|theme) of|telling|that tells|explaining|that explains|on how|on why)\b"
)
# "A reel on tide pools": only of what is called a reel, since "on" says less.
_REEL_ON = re.compile(
    r"\b(?:reel|tiktok)\b(?: (?:with|by|for|as) §p\d+)? on (?!(?:it|this|that|monday|tuesday|the gallery)\b)"
)
_OF_MEDIA = re.compile(
    r"\b(?:cards?|pictures?|images?|photos?|both|voice-?overs?|recordings?|narrations?|audio|them|these|those|it)\b"
)
_SAYING = re.compile(
    r"\b(?P<what>reel|tiktok)\b(?:[^§]|§p\d+)*?(?:\bsaying\b|\bthat says\b|\bwith the (?:words|text|script)\b|:)\s*:?\s*§q"
)
SCENE = re.compile(rf"\bscene\s*(?:number |no\.? ?|#)?(?P<after>{COUNT})\b|\b(?P<before>{ORDINAL})\s+scene\b")
_AGAIN = re.compile(
    r"\b(?:again|anew|once more|over(?!\s+(?:the |its |my )?(?:\w+ )?(?:scene|shot)\b)|do over"
    r"|redo|remake|re-?do|re-?make|re-?draw|re-?record|another|different(?:ly)?|new|fresh|retry)\b"
)
THUMBNAIL = re.compile(r"\b(?:thumbnail|cover (?:picture|image)|preview picture)\b")
_OTHER_FRAME = re.compile(
    r"\b(?:use|take|make|set|put|choose|have|want)\b.*\b(?:scene|shot)\b|\b(?:from|of|with|show(?:s|ing)?)\b.*\bscene\b"
    r"|\b(?:with(?:out)?|no)\b.*\b(?:title|words|text|letters)\b"
)
# "With moving scenes": they are clips.
MOVING = re.compile(
    r",?\s*\b(?:and |but )?(?:with|using|of|in)\s+(?:really |short )?"
    r"(?:(?:moving|animated|living|generated)\s+(?:scenes|pictures|images|shots|clips)"
    r"|(?:video )?clips(?: (?:for|as|in) (?:the |all |every )?scenes?)?)(?! (?:of|from|about)\b)"
    r"|,?\s*\b(?:and )?(?:whose|where|so that|in which|its?|the|all)\s+(?:the )?scenes\s+(?:should |shall |really )?"
    r"(?:move|are moving|are clips)\b"
)
# What is posted with it.
POSTS = re.compile(
    r"\b(?:caption|post|posting|social)s?'? texts?\b|\btexts? for the (?:platforms|posts)\b|\b(?:captions|posts"
    r"|hashtags) (?:of|for) (?:the|my|our|that)"
    r" (?:[\w'-]+ ){0,4}reel\b|\breel's (?:captions|posts|texts)\b"
)
# The one that there is, or another one in its place; a script about something is none of a reel that is there.
_SCRIPT = re.compile(
    r"\b(?:re-?write|redo|re-?do|change|make|write|shorten|lengthen|cut|try|do|get|want)\s+(?:(?:me|us|up)\s+)?"
    r"(?:(?:the|this|that|my|our|its|another|(?:an? )?(?:new|other|different|shorter|longer|fresh))\s+)+"
    r"(?:(?!posts?\b|texts?\b|captions?\b)[\w'-]+\s+){0,3}?script\b(?!\s*(?:about|on|as|writ))"
    r"|^(?:(?:the|its|our|my)\s+)?script\b.*\b(?:again|anew|shorter|longer)\b|\bmake (?:the|this|that|my"
    r"|our) reel (?:\w+ )?(?:shorter|longer)\b"
)
_SHOWS = re.compile(
    r"\b(?:how far|how's|how is|status|progress|show|see|what's|what is|when (?:is|will))\b.*\b(?:reel(?!s)|script)\b"
    r"|\b(?:is|are) (?:the|my|our|that) reel (?:\w+ )?(?:ready|done|finished|made)\b|\bwhere'?s? (?:is )?(?:the|my) reel\b"
)
_LISTS = re.compile(
    r"\b(?:list|show|which|what|see|all)\b.*\breels\b(?!.*\b(?:about|made of)\b)|(?:(?:my|our|all|the) )?reels"
)


def reel(read: str, reading: Reading, desk: Desk) -> str:
    """The capability that a clause about a reel is for; empty where it is about none."""
    if there_is_one(desk):
        if found := _of_one(read):
            return found
        if _LISTS.match(read):
            return "list_reels"
    elif re.match(r"how far (?:is|are)\b.*\breel\b", read):
        return "show_reel"  # which says that there is none
    if reading.does("post", "write", "speak", "remove", "cancel") or reading.thing not in ("video", ""):
        return ""
    hit = _ABOUT.search(read) or _REEL_ON.search(read) or _SAYING.search(read)
    if hit is None or not (reading.does("make", "want", "add") or reading.cause or _terse(read)):
        return ""
    return "" if _OF_MEDIA.search(read[: hit.end()]) else "make_reel"


def moving(said: Said) -> tuple[bool | None, Said]:
    """Whether its scenes are to be clips, and the rest."""
    hit = MOVING.search(said.read)
    return (True, said.without(*hit.span())) if hit else (None, said)


def there_is_one(desk: Desk) -> bool:
    """Whether there is a reel that a step could be made again of."""
    return bool(desk.rows("reels")) or any(step.tool == "make_reel" for step in (*desk.before, *desk.steps))


def _of_one(read: str) -> str:
    """What is wanted of the reel that there is."""
    said = re.search(r"\b(?:say|says|saying|read|reads|show|shows|showing)\b", read)
    if SCENE.search(read) and (_AGAIN.search(read) or said) and not THUMBNAIL.search(read):
        return "redo_reel"
    if _SCRIPT.search(read):
        return "redo_reel"
    if THUMBNAIL.search(read) and (_AGAIN.search(read) or _OTHER_FRAME.search(read)):
        return "redo_reel"
    if POSTS.search(read) and (_AGAIN.search(read) or re.match(r"(?:re-?write|re-?do|redo)\b", read)):
        return "redo_reel"
    return "show_reel" if _SHOWS.search(read) else ""


def _terse(read: str) -> bool:
    """A reel asked for without a verb: "30 second reel about whales"."""
    return re.match(rf"(?:an? |another |one )?(?:[\w:-]+[ -]){{0,4}}{_FILM}\b", read) is not None
