"""Is a scene to be pictured? "Need a wide shot of a beach", "Nova on a bike, portrait format", "use flux to paint a harbour".

Only where an image model is there: else such words are a card's. Neighbours: intents (which asks here), fill_pictures, refusals.
"""

import re

from agents.builtin import options
from agents.builtin.desk import Desk
from agents.builtin.heads import Reading
from agents.builtin.studio import looks
from agents.builtin.studio.pictures_meant import NOUN

_A = r"(?:an?|another|one|some|two|three|four|five|six|\d+|a couple of|new|nice|good|really|quick|cool|beautiful)"
_VERB = (
    r"(?:make|create|generate|draw|paint|render|produce|sketch|shoot|take|do|get|give|send|show|(?:i |we )?(?:want|need"
    r"|could use|would love|'d"
    r" (?:like|love)))(?: (?:me|us|to (?:have|see|get)))*"
)
_NOUN = rf"(?:{NOUN}|close-?ups?|snapshots?|headshots?|scenes?|visuals?)"
_OF = r"(?:of|showing|depicting|where|in which|on which|with)"
# "A picture of …", with or without a verb; and "a picture for Nova's page: her reading".
_ORDER = re.compile(
    rf"^(?:{_VERB}\s+)?(?:{_A}\s+)*(?:(?!card|quote|video|clip|story\b|reference|face|views?\b|what\b|which\b|all\b|any\b"
    rf"|the\b|my\b|our\b)[\w-]+\s+){{0,4}}?{_NOUN}\b(?:\s+(?:for|on)\s+[^:,]{{1,40}}?)?"
    rf"\s*(?:\b{_OF}\s+(?!(?:the |her |his |my )?(?:text|words?|stor(?:y|ies)|headlines?)\b)[\w§]|[:,]\s*(?:one\b|(?:her"
    rf"|him|she|he|they|them|§p\d+)\s+\w))"
)
# "A … shot of §p" would be a clip where it moves.
_MOVES = re.compile(r"\b(?:moving|animated|motion|tracking|slow[- ]motion)\b")
_NOT = re.compile(
    r"§[qu]|\b(?:cards?|quotes?|posters?|tiles?|graphics?|that says?|saying|captions?|last|latest|newest|same|how many"
    r"|which)\b|^(?:what|is|are|all|any)\b"
)
_WITH_MODEL = re.compile(
    r"^(?:use|take|with|let)\s+(?:the )?(?:model )?[\w.:-]+(?:\s+model)?\s*,?\s*(?:to\s+)?(?:paint|draw|render)\s+(?P<what>\w.*)"
)
# A picture to follow, and what is to be seen: a castle after the edges of the last picture.
_FOLLOWING = re.compile(
    rf"^(?:follow|keep|use|take|with|in)\s+(?:exactly )?the (?:same )?(?:pose|posture|edges?|outlines?|lines?|contours?"
    rf"|depth|composition)\s+(?:of|from|in)\s+"
    rf"[^:]*?{NOUN}[^:,]{{0,40}}(?::|,)\s*\w"
)
_LOOK = re.compile(
    r"^(?:show (?:me|us)|let (?:me|us) see|i(?:'d| would)? (?:want|like) to see|picture|imagine|paint|draw|render"
    r"|photograph|depict)\s+"
    r"(?:what |how )?§p\d+(?:'s)?(?! (?:sheet|profile|history|posts?|versions?|details|card|face|voice|from)\b)\s+"
    r"(?:would look like\s+)?(?:as an?|in|on|at|with|by|under|doing|wearing|\w+ing)\b"
)
# "Nova on a bike, portrait format": where a format says that it is a picture.
_BARE = re.compile(
    r"^(?:§p\d+|an?|the|two|three)\s+(?:and §p\d+\s+)?(?:\w+\s+){0,3}?(?:on|in|at|with|by|under|near|as|wearing|holding"
    r"|\w+ing)\s+\S.*"
)


_THING = re.compile(r"^(?:§p\d+|an?|the|two|three)\s(?![^,]*\b(?:reel|video|clip|voice|post|card)s?\b)")


def scene(read: str, reading: Reading, desk: Desk) -> str:
    """`make_picture` where a scene is described, and something here makes pictures of it."""
    if (
        not desk.context.get("image_model")
        or (_NOT.search(read) and not _FOLLOWING.match(read))
        or reading.cause
        or reading.denied
    ):
        return ""
    if _ORDER.match(read) and not _MOVES.search(read[:40]):
        return "make_picture"
    if _LOOK.match(read) or _WITH_MODEL.match(read) or _FOLLOWING.match(read):
        return "make_picture"
    worn = bool(looks.loras(reading.said)[0]) and _THING.match(read)
    return "make_picture" if worn or (_BARE.match(read) and _has_format(reading)) else ""


def _has_format(reading: Reading) -> bool:
    said = reading.said
    shape, rest = options.picture_format(said)
    return (
        bool(shape)
        and rest.read.rstrip(" ,.!") != said.read
        and re.search(r"\b(?:format|portrait|landscape|square)\b", said.read) is not None
    )


def described(read: str) -> re.Match[str] | None:
    """Where the words of the scene begin, where no "of" stands before them."""
    return _LOOKED.match(read) or _PAINTED.match(read) or (_BARE_WORDS.match(read) if _BARE.match(read) else None)


_LOOKED = re.compile(
    r"^(?:show (?:me|us)|let (?:me|us) see|i(?:'d| would)? (?:want|like) to see|picture|imagine|paint|draw|render"
    r"|photograph|depict)\s+(?:what |how )?(?=§p)"
)
_PAINTED = re.compile(
    r"^(?:(?:use|take|with|let)\b[^,]*?)?[\s,]*(?:to\s+)?\b(?:paint|draw|render)\s+(?!me\b|us\b)(?=[^:]*$)(?!.*\b(?:of"
    r"|pictures?|images?|photos?|portraits?)\b)"
)
_BARE_WORDS = re.compile(r"^(?=\S)")
