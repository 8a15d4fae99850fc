"""What is to be made? Requests with "make", "give me", "create" and their like, by the thing that is wanted.

Neighbours: deeds (all other verbs), families (what makes and what lists a thing).
"""

import re

from agents.builtin.families import LISTS, MAKES, PLURAL, post_or_text
from agents.builtin.fill_personas import NAME
from agents.builtin.heads import Reading
from agents.builtin.lexicon import word_set
from agents.builtin.said import Said
from agents.builtin.upheavals import IT

JOINING = word_set("combine merge join mix splice stitch")
FETCHING = word_set("give get want need find bring prepare produce generate")
SHEET = (
    r"\b(?:backstory|interests?|traits?|greeting|hobb|catch ?phrase|languages?|personality|time ?zone"
    r"|job|name|boundar)\b"
)
ITS_MEDIUM = rf"(?:{IT}|the (?:card|video|picture|voice-?over|image|post|text|caption|clip))\b"


def making(reading: Reading) -> str:
    """The capability that makes, changes or fetches what is asked for."""
    if reading.verb in JOINING:
        return "make_video"
    return _of_persona(reading) or _again(reading) or _fetched(reading) or _made(reading)


def _of_persona(reading: Reading) -> str:
    """Something about a persona: her facts to be shown, or something in them to be different."""
    verb, rest = reading.verb, reading.object.read
    facts = r"(?:rundown|overview|summary|lowdown|low-down|facts|details|info)"
    if re.match(rf"(?:me |us )?(?:the |an? )?(?:\w+ )?{facts}\b.*§p", rest):
        return "show_persona"
    someone = re.match(r"(?:§p\d+|her|him|them)\b", rest)
    if verb == "make" and re.match(r"(?:both|all)\b.*\bpersonas\b", rest):
        return "change_persona"
    different = verb in ("make", "give", "turn", "bring") and reading.thing in ("", "version")
    if someone and different and not re.search(r"\bpersona\b", rest) and not _reworked(reading):
        return "change_persona"
    if verb == "give" and someone and re.search(SHEET, rest):
        return "change_persona"
    field = r"(?:age|home|job|occupation|greeting|backstory|interests|speech|style|tone|rating|name|time ?zone)"
    return "change_persona" if verb == "make" and re.match(rf"§p\d+'s {field}\b", rest) else ""


def _reworked(reading: Reading) -> bool:
    """Whether what was just made is to be different: "make it square", "turn that into …"."""
    rest = reading.object.read
    return (
        reading.verb in ("make", "turn", "convert")
        and bool(re.match(ITS_MEDIUM, rest))
        and not re.search(r"\binto\b", rest)
    )


def _again(reading: Reading) -> str:
    """What is there made into something else, or made differently."""
    if reading.verb not in ("make", "turn", "convert"):
        return ""
    other = r"(?:it|this|that)\s+(?:into\s+)?an?\s+(?:[\w:-]+\s+){0,3}(card|picture|video|clip)\b"
    if hit := re.match(other, reading.object.read):
        return "draw_card" if hit[1] in ("card", "picture") else "make_video"
    return "correct" if _reworked(reading) else ""


def _fetched(reading: Reading) -> str:
    """Lists asked for as "give me …", "I need …"."""
    thing, rest = reading.thing, reading.object
    if reading.verb not in FETCHING:
        return ""
    if thing == "post" and PLURAL.search(rest.read) and re.match(r"(?:me |us )?(?:the |my |all |§p\d+'s )", rest.read):
        return "list_posts"
    if thing in ("story", "job", "status", "cost", "approval", "conversation", "zone", "record", "version") or (
        thing == "feed" and not rest.links()
    ):
        return LISTS[thing]
    whole = re.search(r"\b(?:list|overview|all|summary) (?:of )?(?:all |my |our |the )*", rest.read)
    return LISTS[thing] if thing in LISTS and whole and PLURAL.search(rest.read) else ""


def _made(reading: Reading) -> str:
    """The capability that makes the thing named; a card where something is to be drawn."""
    verb, thing, rest = reading.verb, reading.thing, reading.object
    if verb in ("draw", "design", "render", "paint", "sketch") and thing in ("text", "post"):
        return "draw_card"
    if thing == "post":
        return post_or_text(rest)
    if thing in MAKES:
        listed = thing == "persona" and PLURAL.search(rest.read) and verb in ("give", "get", "want", "need")
        return "list_personas" if listed else MAKES[thing]
    if verb in ("create", "make", "invent", "introduce", "build", "generate") and (
        (re.search(r"\b(?:called|named)\b", rest.read) and not thing) or names_person(rest)
    ):
        return "create_persona"
    drawn = verb == "draw" and re.match(r"(?:me |us )?(?:an?|the|some)\b", rest.read)
    worded = verb in ("draw", "render", "design") and (rest.quotes() or re.match(rf"{IT}\b", rest.read))
    return "draw_card" if drawn or worded else ""


def names_person(rest: Said) -> bool:
    """ "Create Mira, a 34-year-old baker": a name, then an age or a description of a person."""
    head = re.match(rf"({NAME}|§p\d+)\s*[,:(–—-]", rest.read)
    if not head:
        head = re.match(r"([^\W\d_][\w'-]*)(?=\s+\d{2}\s?(?:yo\b|y/o|y\.o|years?\b|[,]))", rest.read)
    from agents.builtin.portraits import age_in, portray

    if not head:
        return False
    if not head[1].startswith("§p") and not rest.words(head.start(1), head.end(1))[:1].isupper():
        return False
    return (
        age_in(rest.read) is not None
        or bool(portray(rest).occupation)
        or bool(re.search(r"\b(?:who|persona|character|lives|loves)\b", rest.read))
    )
