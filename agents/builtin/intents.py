"""Which capability does a clause ask for? Its verb's family and its thing's family decide; questions have rules of their own.

An answer is the name of a capability, or one of the talks in `talk`: "help", "how", "approve", "thanks" …; empty when
nothing fits, and then nothing is done. Neighbours: heads (what it reads), planner (what it is for).
"""

import re

from agents.builtin import titles
from agents.builtin.courtesies import talk
from agents.builtin.desk import Cannot, Desk
from agents.builtin.families import LISTS, MAKES, PLURAL, post_or_text
from agents.builtin.fill_personas import NAME, no_such
from agents.builtin.heads import Reading
from agents.builtin.questions import question
from agents.builtin.refusals import outside
from agents.builtin.said import Said
from agents.builtin.terse import bare, noun
from agents.builtin.upheavals import IT, persona_life, publishing, stranger

FORMAT = (
    r"(?:square|portrait|landscape|vertical|horizontal|story|9:16|16:9|1:1|4:5|bold|quote|editorial|gradient"
    r"|minimal(?:ist)?|shorter|longer|slower|faster|\d+[- ]?s(?:ec(?:ond)?s?)?\b)"
)


def intent_of(reading: Reading, desk: Desk) -> str:
    """The capability or talk that a clause is about."""
    read = reading.read
    for rule in (talk, outside, question, persona_life, publishing, _by_verb, _statement, noun, bare):
        if found := rule(read, reading, desk):
            return found
    if name := stranger(reading.said):
        raise Cannot(no_such(name, desk))
    return ""


def _schedules(read: str, reading: Reading) -> bool:
    """Whether it asks for something to be posted."""
    if re.match(r"(?:the |this |that )?posts?\s+§q\d+\s+(?:out|up|live)\b", reading.object.read):
        return True
    if reading.verb in (
        "post",
        "publish",
        "share",
        "schedule",
        "release",
        "announce",
        "submit",
        "broadcast",
        "upload",
        "plan",
        "queue",
    ):
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


def _by_verb(read: str, reading: Reading, desk: Desk) -> str:
    verb, thing, rest = reading.verb, reading.thing, reading.object
    if re.match(
        r"(?:put|place|print|set|write|get)\b.*\bon(?:to)? (?:an?|the|another) (?:[\w-]+ ){0,3}(?:card|picture"
        r"|image|poster)\b",
        read,
    ):
        return "draw_card"
    if re.search(r"\bto (?:go (?:out|live)|be (?:posted|published|shared))\b", read) and "want" in reading.families:
        return "schedule_post"
    if re.match(r"(?:swap|trade|exchange|replace)\s+(?:§p|her |his )", read):
        return "change_persona"
    if re.match(r"put\b.*\binto (?:an?|one) (?:[\w:-]+ ){0,3}(?:video|clip|reel)\b", read):
        return "make_video"
    if re.match(
        r"(?:take|strike|cross|scratch|put|get|cut|swap|exchange|trade|switch)\b.*\b(?:interests?|hobb(?:y|ies)|traits?|likes)\b",
        read,
    ) and (re.search(r"\b(?:off|from|out of|on|onto|to|into|in)\s+(?:§p\d+'s|her|his|their|the)\b", read)):
        return "change_persona"
    if (
        "make" in reading.families
        and thing == "story"
        and re.search(r"\bas an? (?:[\w:-]+ ){0,3}(?:card|picture)\b", read)
    ):
        return "draw_card"
    if re.match(r"(?:move|relocate)\s+§p\d+\s+to\b", read) or re.match(
        r"(?:forbid|prohibit|ban|never let|stop)\s+§p\d+\s+(?:to|from) (?:use|using|say|saying|talk)", read
    ):
        return "change_persona"
    if _schedules(read, reading):
        return "schedule_post"
    if re.match(r"(?:try|run|start|render|do)\b.*\b(?:again|once more|another time)\b", read) and not reading.does(
        "write"
    ):
        return "retry_job"
    if not reading.families:
        return ""
    someone = reading.agent or bool(re.search(r"§p\d+", read))
    if reading.does("write") and verb in (
        "write",
        "draft",
        "compose",
        "pen",
        "author",
        "formulate",
        "phrase",
        "jot",
        "caption",
        "reply",
        "respond",
        "answer",
        "comment",
    ):
        if (
            reading.cause
            and re.match(r"(?:more|less|short|long|in|like|formal|casual|with)\w*\b", rest.read)
            and not thing
        ):
            return "change_persona"
        return (
            {"card": "draw_card"}.get(thing, "write_text")
            if thing == "card"
            and re.match(r"(?:an?|the|me an?)\s+(?:\w+\s+)?(?:quote |social |picture )?card\b", rest.read)
            else "write_text"
        )
    if reading.does("speak") and verb not in ("read",) and verb != "name":
        if (
            reading.cause
            and not re.search(r"§q|:", rest.read)
            and re.match(r"(?:more|less|like|with|in an?|[a-z]+ly\b)", rest.read)
        ):
            return "change_persona"
        if reading.denied and reading.cause:
            return "change_persona"
        return "speak_text"
    if verb == "read":
        return _reading(read, reading, desk)
    if reading.cause and reading.denied:
        return "change_persona"
    if verb in (
        "change",
        "update",
        "edit",
        "modify",
        "alter",
        "adjust",
        "rename",
        "call",
        "set",
        "switch",
        "tweak",
        "correct",
        "amend",
        "replace",
        "rewrite",
        "bump",
        "increase",
        "decrease",
        "raise",
        "lower",
    ):
        if thing in ("card", "voice", "video") and not someone:
            return "correct"
        if re.match(rf"(?:{IT}|the (?:card|video|picture|voice-?over))\b", rest.read) and re.search(FORMAT, rest.read):
            return "correct"
        return "change_persona" if someone or re.search(r"\b(?:her|his|their|she|he|persona)\b", read) else ""
    if verb == "add" and re.match(
        r"(?:me |us )?(?:an?|the|another|one|new|our)?\s*(?:new )?(?:persona|character)\b(?!'s)", rest.read
    ):
        return "create_persona"
    if reading.does("add", "remove") and re.search(
        r"\b(?:interests?|hobb(?:y|ies)|traits?|languages?|boundar(?:y|ies)|likes|catch ?phrases?|signature"
        r"|forbidden|banned|sayings?|off[- ]limits|personality|motto)\b",
        read,
    ):
        return "change_persona"
    return _acting(read, reading, desk)


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
        return {"feed": "remove_feed", "job": "cancel_job"}.get(thing, "remove_feed" if rest.links() else "")
    if reading.does("add") and (thing == "feed" or rest.links()) and verb not in ("put", "include"):
        return "add_feed"
    if verb in ("follow", "subscribe", "watch", "track", "monitor"):
        return "add_feed"
    if verb == "add" and (thing == "persona" or (not rest.links() and _names_person(rest))):
        return "create_persona"
    if reading.does("make"):
        return _making(reading)
    if reading.does("show"):
        return _showing(reading, desk)
    return ""


def _making(reading: Reading) -> str:
    verb, thing, rest = reading.verb, reading.thing, reading.object
    if verb in ("combine", "merge", "join", "mix", "splice", "stitch"):
        return "make_video"
    if re.match(
        r"(?:me |us )?(?:the |an? )?(?:\w+ )?(?:rundown|overview|summary|lowdown|low-down|facts|details|info)\b.*§p",
        rest.read,
    ):
        return "show_persona"
    if verb in ("make", "turn", "convert") and (
        made := re.match(
            r"(?:it|this|that)\s+(?:into\s+)?an?\s+(?:[\w:-]+\s+){0,3}(card|picture|video|clip)\b", rest.read
        )
    ):
        return "draw_card" if made[1] in ("card", "picture") else "make_video"
    someone = re.match(r"(?:§p\d+|her|him|them)\b", rest.read)
    if verb == "make" and re.match(r"(?:both|all)\b.*\bpersonas\b", rest.read):
        return "change_persona"
    if (
        verb in ("make", "turn", "convert")
        and re.match(rf"(?:{IT}|the (?:card|video|picture|voice-?over|image|post|text|caption|clip))\b", rest.read)
        and not re.search(r"\binto\b", rest.read)
    ):
        return "correct"
    if (
        verb in ("make", "give", "turn", "bring")
        and someone
        and thing in ("", "version")
        and not re.search(r"\bpersona\b", rest.read)
    ):
        return "change_persona"
    if (
        verb == "give"
        and someone
        and re.search(
            r"\b(?:backstory|interests?|traits?|greeting|hobb|catch ?phrase|languages?|personality|time ?zone"
            r"|job|name|boundar)\b",
            rest.read,
        )
    ):
        return "change_persona"
    if verb == "make" and re.match(
        r"§p\d+'s (?:age|home|job|occupation|greeting|backstory|interests|speech|style|tone|rating|name|time ?zone)\b",
        rest.read,
    ):
        return "change_persona"
    wants_look = verb in ("give", "get", "want", "need", "find", "bring", "prepare", "produce", "generate")
    if (
        wants_look
        and thing == "post"
        and PLURAL.search(rest.read)
        and re.match(
            r"(?:me |us )?(?:the |my |all "
            r"|§p\d+'s )",
            rest.read,
        )
    ):
        return "list_posts"
    if wants_look and (
        thing in ("story", "job", "status", "cost", "approval", "conversation", "zone", "record", "version")
        or (thing == "feed" and not rest.links())
    ):
        return LISTS[thing]
    if (
        wants_look
        and thing in LISTS
        and re.search(r"\b(?:list|overview|all|summary) (?:of )?(?:all |my |our |the )*", rest.read)
        and PLURAL.search(rest.read)
    ):
        return LISTS[thing]
    if verb in ("draw", "design", "render", "paint", "sketch") and thing in ("text", "post"):
        return "draw_card"
    if thing == "post":
        return post_or_text(rest)
    if thing in MAKES:
        if thing == "persona" and PLURAL.search(rest.read) and verb in ("give", "get", "want", "need"):
            return "list_personas"
        return MAKES[thing]
    if verb in ("create", "make", "invent", "introduce", "build", "generate") and (
        (re.search(r"\b(?:called|named)\b", rest.read) and not thing) or _names_person(rest)
    ):
        return "create_persona"
    if verb == "draw" and re.match(r"(?:me |us )?(?:an?|the|some)\b", rest.read):
        return "draw_card"
    if verb in ("draw", "render", "design") and (rest.quotes() or re.match(rf"{IT}\b", rest.read)):
        return "draw_card"
    return ""


def _names_person(rest: Said) -> bool:
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


def _showing(reading: Reading, desk: Desk) -> str:
    verb, thing, rest = reading.verb, reading.thing, reading.object
    someone = re.search(r"§p\d+|\b(?:her|him|she|he)\b", rest.read)
    if re.search(r"\b(?:scheduled|upcoming|planned|published|posted)\b", rest.read) and thing in ("", "post"):
        return "list_posts"
    if re.search(r"\b(?:nameservers?|name servers?|mail servers?|mx|txt|cname|aaaa)\b.*§u", rest.read):
        return "list_records"
    if (
        thing == "persona"
        and not re.search(r"§p\d+", rest.read)
        and (PLURAL.search(rest.read) or re.search(r"\b(?:all|every|my|our)\b", rest.read))
    ):
        return "list_personas"
    if (someone and thing in ("", "persona")) or (
        someone
        and re.search(
            r"\b(?:profile|character sheet|sheet|details|bio|biography|settings|character card|persona card"
            r"|full card|everything about|info|information)\b",
            rest.read,
        )
    ):
        if re.search(r"\b(?:changed|changes|history|versions?|edits)\b", rest.read):
            return "show_persona_history"
        return "show_persona"
    if re.search(r"\b(?:changes|edits|changed)\b", rest.read) and someone:
        return "show_persona_history"
    if thing == "persona":
        return "list_personas"
    if thing == "text":
        return "list_conversations" if re.search(r"\bmessages?\b", rest.read) else ""
    if thing == "status" and re.search(r"\bjobs?\b", rest.read):
        return "list_jobs"
    if thing in LISTS:
        return LISTS[thing]
    if re.search(r"\b(?:schedule|what's scheduled|planned|upcoming)\b", rest.read):
        return "list_posts"
    if re.search(r"\b(?:feeds|sources|what's new|new|the latest)\b", rest.read):
        return "read_feeds"
    if (
        re.search(r"\b(?:from|in|on|of) (?:it|there|this feed|that feed)\b", rest.read)
        and desk.steps
        and desk.steps[-1].tool == "add_feed"
    ):
        return "read_feeds"
    if re.match(r"(?:everything|how (?:it|things|everything)|all)\b", rest.read) and verb == "check":
        return "show_status"
    if someone is None and verb in ("show", "describe", "tell") and (name := stranger(reading.said)):
        raise Cannot(f"There is no persona called {name}. There are: {', '.join(desk.personas) or 'none'}.")
    return ""


def _statement(read: str, reading: Reading, _desk: Desk) -> str:
    """Something said of a persona is a change to her; what she should do is a request."""
    subject = re.match(
        r"(?:(?:note|remember|know) that\s+|from now on,?\s+|as of (?:now|today),?\s+)?(§p\d+(?:'s)?|she|he"
        r"|they|her|his|their|she's|he's)\b",
        read,
    )
    if subject:
        return "change_persona"
    if re.match(r"(?:from now on|as of now|never let|don't let)\b", read) and re.search(r"§p\d+", read):
        return "change_persona"
    if reading.cause:
        return "change_persona"
    return ""
