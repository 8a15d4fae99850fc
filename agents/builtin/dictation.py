"""Where do dictated words end? "Post this as Milo: Hello. Bring lights. We ride at seven." is one text of three sentences.

What stands behind the colon of a request for words is one quotation, to the end of the message, unless a sentence in it is
plainly a request of its own. Neighbours: clauses (the cutting), reader.
"""

import re

from agents.builtin.clauses import starts_request
from agents.builtin.said import Said

HEAD = re.compile(
    r"(?P<head>[^:\n]*\b(?:post(?:s|ing)?|publish(?:es|ing)?|share|announce|says?|saying|reads?|reading|narrate|speak"
    r"|record|aloud"
    r"|out loud|following|text|words|message|dictation|voice-?over|recording|voice note)\b[^:\n]*):\s+(?P<words>\S.*)",
    re.DOTALL,
)
NO_HEAD = re.compile(
    r"\b(?:persona|character|called|named|write|caption about|about|feeds?|record(?:s)? of|cards?|picture|do the following"
    r"|things?|steps?|tasks?|requests?)\b(?! (?:aloud|out))"
)
SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")
# A sentence that goes on with what is to be done with the words, not with the words.
ORDERING = re.compile(
    r"(?:please |and |then |also |now |after that,? )*(?:(?:make|use|put|let|have|draw|read|schedule|publish|post"
    r"|show|list|tell me"
    r"|cancel|move|add|create|set|keep|do)\b.*\b(?:it|this|that|an?|the|§p\d+|her|him|format|design|slow\w*"
    r"|fast\w*)\b|in (?:portrait"
    r"|square|landscape|story)|(?:as|with) (?:an? )?(?:mp3|ogg|wav)|(?:tomorrow|today|tonight|at \d|on \w+day)\b"
    r"|thanks|thank you"
    r"|that's (?:it|all))"
)


def quoted(said: Said) -> str:
    """The message with its dictated words in quotation marks; empty where it dictates none, or no more than a sentence."""
    hit = HEAD.fullmatch(said.stripped().read)
    if hit is None or "§q" in hit[0] or NO_HEAD.search(hit["head"]):
        return ""
    whole = said.stripped()
    parts = [part for part in SENTENCES.split(hit["words"]) if part.strip()]
    if len(parts) < 2 or any(ORDERING.match(part) or _ordered(part) for part in parts[1:]):
        return ""
    words = whole.words(*hit.span("words"))
    if '"' in words or "“" in words or "”" in words:
        return ""
    return f"{whole.words(*hit.span('head')).rstrip()}: “{words}”"


def _ordered(part: str) -> bool:
    """Whether a sentence is a request that names something of ours."""
    return starts_request(part) and bool(
        re.search(r"§[pu]|\b(?:post|card|video|feed|persona|voice-?over|picture)s?\b", part)
    )
