"""Which capability does a clause's verb ask for? Turns of phrase first, then the verb's family with the thing it acts on.

Neighbours: makings and showings (the two largest families), intents.
"""

import re

from agents.builtin import languages, titles
from agents.builtin.desk import Desk
from agents.builtin.families import LISTS
from agents.builtin.fill_feeds import feeds_named
from agents.builtin.heads import Reading
from agents.builtin.lexicon import word_set
from agents.builtin.list_entries import names_entry
from agents.builtin.makings import making, names_person
from agents.builtin.showings import showing
from agents.builtin.upheavals import IT

FORMAT = (
    r"(?:square|portrait|landscape|vertical|horizontal|story|9:16|16:9|1:1|4:5|bold|quote|editorial|gradient"
    r"|minimal(?:ist)?|shorter|longer|slower|faster|\d+[- ]?s(?:ec(?:ond)?s?)?\b)"
)


# Turns of phrase that say by themselves what is to be done, whatever the verb's family.
SOMEBODY_NEW = re.compile(
    r"\b(?:(?:someone|somebody) (?:new|else|fresh|called|named|who(?:'s| is| loves| likes| can| works| lives))"
    r"|new (?:guy|girl|boy|woman|man|lad|lass|lady|person|dude|gal|chap|face|member)"
    r"|(?:guy|girl|woman|man|lad|lass|lady|person|dude|gal|chap)\b.*\b(?:called|named|who goes by))\b"
)
PHRASES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "draw_card",
        re.compile(
            r"^(?:put|place|print|set|write|get)\b.*\bon(?:to)? (?:an?|the|another) (?:[\w-]+ ){0,3}(?:card|picture"
            r"|image|poster)\b"
        ),
    ),
    (
        "change_persona",
        re.compile(
            r"^(?:let|have|make|put|get|set|change|turn)\s+(?:§p\d+'s|her|his|their)\s+(?:\w+\s+)?(?:age|home"
            r"|occupation|job|name"
            r"|greeting|backstory|time ?zone|rating|style|tone|hobb(?:y|ies)|interests?|traits?|languages?|boundar(?:y|ies))\b"
        ),
    ),
    (
        "change_persona",
        re.compile(
            r"^(?:make|let|have)\s+(?:§p\d+'s|her|his|their)\s+(?:voice|speech|writing|texts|messages"
            r"|replies)\b.*\b(?:sound|more|less"
            r"|like)\b"
        ),
    ),
    ("change_persona", re.compile(r"^(?:swap|trade|exchange|replace)\s+(?:§p|her |his )")),
    ("make_video", re.compile(r"^put\b.*\binto (?:an?|one) (?:[\w:-]+ ){0,3}(?:video|clip|reel)\b")),
    (
        "change_persona",
        re.compile(
            r"^(?:take|strike|cross|scratch|put|get|cut|swap|exchange|trade|switch)\b"
            r"(?=.*\b(?:off|from|out of|on|onto|to|into|in)\s+(?:§p\d+'s|her|his|their|the)\b)"
            r".*\b(?:interests?|hobb(?:y|ies)|traits?|likes)\b"
        ),
    ),
    ("change_persona", re.compile(r"^(?:move|relocate)\s+(?:§p\d+|him|her)\s+(?:over )?to\b")),
    (
        "change_persona",
        re.compile(r"^(?:forbid|prohibit|ban|never let|stop)\s+§p\d+\s+(?:to|from) (?:use|using|say|saying|talk)"),
    ),
)
# "talk like a pirate": a manner, not something to say.
LIKE = re.compile(
    r"(?:talk|speak|sound|write|text|chat|act|behave)\b (?:(?:a (?:bit|little|lot)|more|less|much|rather|very|even) )*"
    r"(?:like|as if|as though)\b"
)
MADE = ("card", "voice", "video", "post", "feed")
POSTING = word_set("post publish share schedule release announce submit broadcast upload plan queue")
WRITING = word_set("write draft compose pen author formulate phrase jot caption reply respond answer comment")
CHANGING = word_set(
    "change update edit modify alter adjust rename call set switch tweak correct amend replace rewrite bump increase decrease"
    " raise lower"
)
ON_SHEET = re.compile(
    r"\b(?:interests?|hobb(?:y|ies)|traits?|languages?|boundar(?:y|ies)|limits?|likes|catch ?phrases?|signature"
    r"|forbidden|banned|sayings?|off[- ]limits|personality|motto)\b"
)


def by_verb(read: str, reading: Reading, desk: Desk) -> str:
    """What the clause's verb asks for, with the thing it acts on."""
    if found := _by_phrase(read, reading):
        return found
    if not reading.families:
        return ""
    if reading.does("write") and reading.verb in WRITING:
        return _writing(reading)
    if reading.does("speak") and reading.verb not in ("read", "name"):
        return _speaking(reading)
    if reading.verb == "read":
        return _reading(read, reading, desk)
    if reading.cause and reading.denied:
        return "change_persona"
    if reading.verb in CHANGING:
        return _changing(read, reading)
    return _adding(read, reading) or _acting(read, reading, desk)


def _by_phrase(read: str, reading: Reading) -> str:
    if re.match(r"(?:make|have|let|get|want|need|i want)\b", read) and LIKE.match(_after_agent(reading)):
        return "change_persona"
    if reading.does("make", "add", "want") and not reading.thing and SOMEBODY_NEW.search(read):
        return "create_persona"
    if "want" in reading.families and re.search(
        r"\bto (?:go (?:out|live)|be (?:posted|published|shared|up)|appear|show up|come out)\b", read
    ):
        return "schedule_post"
    if found := next((intent for intent, form in PHRASES if form.search(read)), ""):
        return found
    if (
        reading.does("make", "show", "change", "add")
        and reading.thing == "story"
        and re.search(r"\bas an? (?:[\w:-]+ ){0,3}(?:card|picture)\b", read)
    ):
        return "draw_card"
    if _schedules(read, reading):
        return "schedule_post"
    if re.match(r"give\b.*\b(?:another|one more|a second) (?:go|try|shot|chance|attempt)\b", read):
        return "retry_job"
    if re.match(r"(?:put|pop|chuck|stick|throw|bung|drop|get|register|stuff)\b.*§u", read) and re.search(
        r"\bfeeds?\b", read
    ):
        return "add_feed"
    if re.match(r"(?:replace|swap|exchange|trade|switch)\b.*\b(?:with|for|by|to)\s+§u\d+", read) and not re.search(
        r"§p", read
    ):
        return "swap_feed"
    once_more = re.match(r"(?:try|run|start|render|do)\b.*\b(?:again|once more|another time)\b", read)
    return "retry_job" if once_more and not reading.does("write") else ""


def _after_agent(reading: Reading) -> str:
    """What somebody is made to do: "talk like a pirate"."""
    hit = re.search(r"(?:§p\d+|\bher|\bhim|\bthem)\s+(?:to\s+)?(.*)", reading.read)
    return hit[1] if hit else ""


def _writing(reading: Reading) -> str:
    rest = reading.object.read
    manner = re.match(r"(?:more|less|short|long|in|like|formal|casual|with)\w*\b", rest)
    if reading.cause and not reading.thing and manner:
        return "change_persona"
    card = re.match(r"(?:an?|the|me an?)\s+(?:\w+\s+)?(?:quote |social |picture )?card\b", rest)
    return "draw_card" if reading.thing == "card" and card else "write_text"


def _speaking(reading: Reading) -> str:
    rest = reading.object.read
    if reading.cause and not re.search(r"§q|:", rest) and re.match(rf"{languages.LIST}\b", rest):
        return "change_persona"
    manner = not re.search(r"§q|:", rest) and re.match(r"(?:more|less|like|with|in an?|[a-z]+ly\b)", rest)
    return "change_persona" if reading.cause and (manner or reading.denied) else "speak_text"


def _changing(read: str, reading: Reading) -> str:
    rest = reading.object.read
    someone = reading.agent or re.search(r"§p\d+", read)
    counted = reading.verb in ("bump", "increase", "decrease", "raise", "lower")
    if counted and not re.search(r"\bage\b", rest):
        return ""
    if reading.thing in ("card", "voice", "video") and not someone:
        return "correct"
    if re.match(rf"(?:{IT}|the (?:card|video|picture|voice-?over))\b", rest) and re.search(FORMAT, rest):
        return "correct"
    return (
        "change_persona"
        if someone
        or re.search(
            r"\b(?:her|his|their|she|he|persona)\b|^\w+ the (?:age|home|occupation"
            r"|job|greeting|backstory|time ?zone|rating|hobbies|interests|traits)\b",
            read,
        )
        else ""
    )


def _adding(read: str, reading: Reading) -> str:
    person = r"(?:me |us )?(?:an?|the|another|one|new|our)?\s*(?:new )?(?:persona|character)\b(?!'s)"
    if reading.verb == "add" and re.match(person, reading.object.read):
        return "create_persona"
    on_sheet = ON_SHEET.search(read) or (reading.thing not in MADE and names_entry(read))
    return "change_persona" if reading.does("add", "remove") and on_sheet else ""


def _schedules(read: str, reading: Reading) -> bool:
    """Whether it asks for something to be posted."""
    if re.match(r"(?:the |this |that )?posts?\s+§q\d+\s+(?:out|up|live)\b", reading.object.read):
        return True
    if reading.verb in POSTING:
        return True
    return bool(
        re.match(
            rf"(?:put|send|get|set|push|line)\s+(?:{IT}|the .+?|§q\d+|§p\d+'s .+?)\s*(?:up|out|online|live"
            rf"|onto|on (?:the |§p\d+'s |her |his |their )?(?:\w+ )?(?:gallery|page|profile|calendar|schedule"
            rf"|wall|feed)|in (?:the |§p\d+'s |her )?(?:gallery|queue|calendar|schedule)|to go (?:out|live)"
            rf"|up for)\b",
            read,
        )
        or re.match(
            r"(?:go live|set up a post|add .+ to (?:the |§p\d+'s |her )?(?:schedule|calendar|gallery|posting plan))\b",
            read,
        )
    )


def _reading(read: str, reading: Reading, desk: Desk) -> str:
    added = desk.steps[-1] if desk.steps else desk.before[-1] if desk.before else None
    if (
        added is not None
        and added.tool == "add_feed"
        and re.match(r"read (?:it|that|this|from it|what)\b(?!.*\b(?:aloud|out)\b)", read)
    ):
        return "read_feeds"
    if (
        re.search(r"\b(?:aloud|out(?: loud)?|voice)\b|§q", read)
        or re.match(rf"read (?:{IT}|me (?:it|that|this))\b(?! feed)", read)
        or reading.cause
    ):
        return "speak_text"
    if reading.thing == "story" and re.search(r"\b(?:as|by) §p\d+\b|\b§p\d+'s voice\b|§p\d+'s voice", read):
        return "speak_text"
    if reading.thing in ("feed", "story"):
        return "read_feeds"
    return (
        LISTS.get(reading.thing, "")
        if reading.thing not in ("card", "voice", "video", "text")
        else "speak_text"
        if reading.thing in ("card", "text")
        else ""
    )


def _acting(read: str, reading: Reading, desk: Desk) -> str:
    """What the remaining verbs do to a thing."""
    verb, thing, rest = reading.verb, reading.thing, reading.object
    if verb in ("stop", "unfollow", "unsubscribe") and re.match(
        r"(?:stop (?:following|watching|reading|tracking|importing)|unfollow|unsubscribe)\b", read
    ):
        return "remove_feed"
    if verb in ("cancel", "abort", "stop", "abandon", "terminate", "kill", "halt", "withdraw", "annul", "revoke") and (
        thing in ("job", "card", "voice", "video")
        or rest.ids()
        or titles.named(
            reading.said.text(), [row for row in desk.rows("jobs") if row.get("state") in ("queued", "running")]
        )
    ):
        return "cancel_job"
    if verb in ("retry", "rerun", "redo", "repeat", "restart") or re.match(
        r"(?:try|run|start|render) (?:it|that|this|the .+|again).*\bagain\b|try again|run .*\bonce more\b", read
    ):
        if verb in ("redo", "repeat") and thing in ("card", "voice", "video") and re.search(FORMAT, read):
            return "correct"
        return "retry_job" if thing in ("", "job", "card", "voice", "video") else ""
    if reading.does("remove"):
        named = thing in ("", "story") and feeds_named(rest, desk)
        return {"feed": "remove_feed", "job": "cancel_job"}.get(thing, "remove_feed" if rest.links() or named else "")
    if reading.does("add") and (thing == "feed" or rest.links()) and verb not in ("put", "include"):
        return "add_feed"
    if verb in ("follow", "subscribe", "watch", "track", "monitor"):
        return "add_feed"
    if verb == "add" and (thing == "persona" or (not rest.links() and names_person(rest))):
        return "create_persona"
    if reading.does("make"):
        return making(reading)
    if reading.does("show"):
        return showing(reading, desk)
    return ""
