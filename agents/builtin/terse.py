"""What does a request without a verb ask for? "card: Hello", "personas?", "a really long post about rain", "slower".

Neighbours: intents (requests with verbs), families.
"""

import re

from agents.builtin import lexicon, options
from agents.builtin.desk import Desk
from agents.builtin.families import LISTS, MAKES, PLURAL, post_or_text
from agents.builtin.heads import Reading

# What may stand before the thing in a terse request.
DESCRIBING = (
    r"an?|the|another|one more|one|some|new|my|our|all|any|of|§p\d+'s|latest|newest|recent|most recent|last"
    r"|next|first|failed|running|pending|scheduled|upcoming|current|full|complete"
    r"|quick|short|long|medium|brief|simple|nice|bold|minimal|minimalist|gradient|editorial|quote|square"
    r"|portrait|landscape|vertical|horizontal|story|social|typographic|text|vertical,|widescreen"
    r"|(?:\d+|[a-z]+)[- ]second|(?:\d+|[a-z]+)[- ]minute|\d+s|9:16|16:9|1:1|4:5|instagram|her|his|their"
    r"|published|cancelled|finished|queued|today's|this week's|tomorrow's|dns|rss|open|active|male|female"
    r"|german|spanish|french|english|italian|portuguese|slow|fast|mx|txt|a|aaaa|cname|ns|top|(?:two|three|four"
    r"|five|ten|\d+)|no more|please|just|unread|system"
)


NOUNS_TOO = (
    "post",
    "schedule",
    "report",
    "list",
    "queue",
    "status",
    "caption",
    "draft",
    "sound",
    "video",
    "reply",
    "answer",
    "comment",
    "record",
    "voice",
    "sketch",
)


def _begins_with_thing(word: str, rest: str) -> bool:
    """Whether the noun there is a thing of ours, or a word that stands before one ("social card")."""
    following = re.match(r"[\s-]*([\w-]+)", rest)
    return bool(lexicon.thing(word)) or bool(
        following
        and word
        in (
            "birthday",
            "christmas",
            "xmas",
            "holiday",
            "welcome",
            "greeting",
            "wedding",
            "anniversary",
            "easter",
            "halloween",
            "invitation",
            "thank-you",
            "quote",
            "media",
            "voice",
            "picture",
            "dns",
            "news",
            "persona",
            "health",
        )
        and lexicon.thing(following[1])
    )


def noun(read: str, reading: Reading, _desk: Desk) -> str:
    """Terse requests: "card: Hello world, square", "personas?", "voice-over of the top story"."""
    if not re.search(r"\w", read):
        return ""
    thing = reading.thing
    if re.match(r"(?:only|just) (?:the )?(?:[a-z]+ )?(?:stories|headlines|articles|news)\b", read):
        return "read_feeds"
    if re.match(r"§q\d+\s+(?:under|below|on|as|in|with)\b.*\b(?:card|picture|graphic|tile|headline)\b", read):
        return "draw_card"
    if re.match(
        r"(?:an? |the )?(?:quote|quotation|saying|words) (?:by|from|of)\b.*§q.*\b(?:card|picture|graphic)\b", read
    ):
        return "draw_card"
    if re.match(r"(?:the )?(?:a|aaaa|mx|txt|cname|ns|srv|caa)s?(?: records?)?(?: (?:of|for|in|on|at))? §u", read):
        return "list_records"
    if listed := re.fullmatch(r"(?:the |my |our |a |full )*([a-z]+) (?:list|overview)[\s.!?]*", read):
        return LISTS.get(lexicon.thing(listed[1]), "")
    if found := _described_thing(read):
        return found
    start = re.match(rf"(?:(?:{DESCRIBING})\s+){{0,6}}(?:[\w-]+ )?[\w-]+\b", read)
    noun = re.match(rf"(?:(?:{DESCRIBING})[\s,]+){{0,6}}([\w-]+)", read)
    if thing == "record" and reading.said.links() and not reading.families:
        return "list_records"
    if not start or not thing or not noun or not _begins_with_thing(noun[1], read[noun.end() :]):
        return ""
    if reading.families and reading.verb not in NOUNS_TOO:
        return ""
    has_text = bool(
        reading.said.quotes()
        or re.search(
            r":\s*\S|\b(?:saying|that says|about|with the text|of (?:the|it|both|them|that|this|all|my|our)"
            r"|from (?:the|both|my)|on the|for the)\b",
            read,
        )
    )
    article = re.match(r"(?:an?|another|one|one more|new)\b", read)
    if thing in ("card", "voice", "video", "text", "persona") and (article or has_text) and not PLURAL.match(read):
        return MAKES[thing]
    if thing == "post" and (article or has_text):
        return post_or_text(reading.said)
    if thing == "feed" and reading.said.links():
        return "add_feed"
    if thing in MAKES and not PLURAL.search(read) and not re.match(r"(?:latest|newest|recent|last|failed|all)\b", read):
        bare_video = re.fullmatch(
            r"(?:(?:vertical|square|landscape|short|quick|new) )*(?:video|clip|reel)[\s.!]*", read
        )
        return MAKES[thing] if thing != "video" or bare_video else ""
    if len(re.findall(r"\w+", read)) <= 8 and thing in LISTS:
        return LISTS[thing]
    return ""


def _described_thing(read: str) -> str:
    """ "A really long post about running": an article, some words of how it should be, the thing and what it holds."""
    hit = re.match(
        r"(?:an?|another|one|one more|some)\s+((?:[\w:'/-]+,?\s+){0,5}?)([\w-]+)\b\s*(?:(?:saying|that says|which says|reading"
        r"|about|on|of|from|with|by)\b|:|§q)",
        read,
    )
    family = lexicon.thing(hit[2]) if hit else ""
    if not hit or any(
        lexicon.thing(word) not in ("", family, "story", "card", "voice", "media") for word in hit[1].split()
    ):
        return ""
    if family == "post":
        return "write_text" if re.search(r"\b(?:about|on)\b", read) and "§q" not in read else ""
    return MAKES[family] if family in ("card", "voice", "video", "text") else ""


def bare(_read: str, reading: Reading, desk: Desk) -> str:
    """Nothing but how it should be: "slower", "a bit longer", "in square": said of what was just made."""
    said = reading.said
    for option in (
        options.picture_format,
        options.video_format,
        options.design,
        options.speed,
        options.text_length,
        options.duration,
        options.sound_format,
        options.spoken_language,
    ):
        _, said = option(said)
    changed = said.read != reading.said.read
    if desk.before and re.fullmatch(
        r"(?:(?:a (?:bit|little|lot)|much|way|even|make it|and|but)\s+)*(?:bigger|larger|smaller)[\s.!]*", said.read
    ):
        return "correct"
    left = re.sub(
        r"\b(?:make|it|this|that|a|an|the|bit|little|please|in|as|instead|rather|again|but|same|and|with|one"
        r"|should|be|now|more|much|for|of|version)\b|[^\w§]",
        "",
        said.read,
    )
    return "correct" if changed and not left and desk.before else ""
