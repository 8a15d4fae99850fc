"""What about a persona is to be different? Statements and orders about one, as the fields of a change.

Neighbours: fill_personas (who is meant), portraits (what a description says).
"""

import re
from typing import Any

from agents.builtin import languages, lexicon
from agents.builtin.counting import SPELLED, whole
from agents.builtin.desk import Ask, Cannot, Desk, Unknown
from agents.builtin.fill_personas import ADULT, who
from agents.builtin.heads import Reading
from agents.builtin.list_entries import entries
from agents.builtin.persona_lists import lists
from agents.builtin.portraits import TRAITISH, TRAITS, age_in, items, portray
from agents.builtin.said import Said
from agents.builtin.sayings import greeting, phrases, rating, speech
from agents.builtin.sheet import Change
from agents.builtin.strangers import no_such, unknown_name
from agents.builtin.times.zones import zone_of

# "Marisol speaks Portuguese too, add it": the end only says that it is to be written down.
WRITTEN_DOWN = re.compile(
    r"[\s,;.–—-]+(?:so |and |please |then |now )*(?:add|take|put|remove|drop|note|write|include|update|change|set"
    r"|save|fix|make)"
    r" (?:it|(?:that|this)(?: (?:one|interest|hobby|trait|language|please))?)(?: (?:down|in|so|accordingly"
    r"|up))*(?: (?:to|on|off|from|in|into) (?:(?:her|his|their|the|§p\d+'s)"
    r" (?:\w+ ?){1,2}|it|there))?(?: please| too| then)*[\s.!]*$"
    r"|[\s,;.–—-]+(?:so |and |please |kindly |then |now |can you |could you |would you |to )*(?:fix|correct|update"
    r"|change|adjust|amend"
    r"|edit|set|note|mend|reflect|enter)(?: (?:it|that|this|her|his|their|the|§p\d+'s)(?: (?:age|job|home|name"
    r"|occupation|sheet|profile|page"
    r"|details?|info|data|record|bio|card|entry|city|interests?|languages?))?)?(?: (?:accordingly|please|to match"
    r"|for me|for us|too|then"
    r"|in (?:her|his|their|the) (?:sheet|profile|record|bio|file)|on (?:her|his|their|the) (?:sheet|profile|page"
    r"|file)))*[\s.!?]*$"
)


VALUED = re.compile(
    r"\b(age|name|home(?: ?town)?|city|job|occupation|profession|greeting|backstory|time ?zone|rating|catch ?phrase)[\s.!?]*$"
)


def change_persona(reading: Reading, desk: Desk) -> None:
    said = reading.said
    if (needless := WRITTEN_DOWN.search(said.read)) and re.search(r"\w", said.read[: needless.start()]):
        said = said.without(*needless.span())
    several = re.match(r"(?:make|let|have|set|change|update)\b.*?\b(?:both|all)\b", said.read) and not said.named()
    for hit in list(
        re.finditer(
            r",?\s*\b(?:from now on|as of (?:now|today)|from today(?: on)?|starting (?:now|today))\b,?", said.read
        )
    ):
        said = said.without(*hit.span())
    personas = who(reading, desk) if several else [_whose(reading, desk)]
    persona = personas[0]
    change = Change()
    for read in (entries, _name, phrases, greeting, rating, lists, speech, _facts, _becoming, _described):
        said = read(said, change)
    if change.fields.get("age", ADULT) < ADULT:
        raise Cannot(f"Personas are adults: the age must be at least {ADULT}.")
    if not change.fields:
        if (field := VALUED.search(reading.read)) and reading.verb in (
            "change",
            "update",
            "edit",
            "set",
            "adjust",
            "fix",
        ):
            raise Ask(f"What should {persona}'s {field[1]} be?", " to ")
        if re.search(r"\b(?:change|update|edit|modify|adjust|tweak)\b", reading.read):
            raise Ask(f"What should be different about {persona}?", ": ")
        raise Unknown(reading.said.text())
    if new := change.fields.get("name"):
        desk.created.append(new)
    for one in personas:
        desk.put("change_persona", persona=one, **change.fields)
    if new:
        desk.focus = new


def _whose(reading: Reading, desk: Desk) -> str:
    said = reading.said
    if reading.agent.startswith("§p"):
        return desk.persona(said, reading.agent) or ""
    if said.named():
        desk.focus = said.named()[0]
        return said.named()[0]
    if stranger := unknown_name(said):
        raise Cannot(no_such(stranger, desk))
    return desk.persona(said) or ""


def _name(said: Said, change: Change) -> Said:
    hit = re.search(
        r"\b(?:rename|rechristen)\b.*?\b(?:to|as|into)\s+(§q\d+|[^,;.!?]+)|\b(?:change|set|switch"
        r"|update)\b.*?\bname\b.*?\b(?:to|into)\s+(§q\d+|[^,;.!?]+)|\b(?:is|be|goes by"
        r"|should be)\s+(?:now\s+)?(?:called|named)\s+(§q\d+|[^,;.!?]+)|\bcall\s+(?:§p\d+|her|him"
        r"|them)\s+(§q\d+|[^,;.!?]+)|\bname\s+(?:is|should be|becomes)\s+(?:now\s+)?(§q\d+"
        r"|[^,;.!?]+)|\bname\s+§p\d+\s+(§q\d+|[^,;.!?]+)"
        r"|\b(?:go|goes|be known|be called|be named)\s+(?:by|as|under)\s+(?:the name (?:of )?)?(§q\d+|[^,;.!?]+)",
        said.read,
    )
    if not hit:
        return said
    group = next(n for n in range(1, 8) if hit[n])
    words = said.spoken(hit.start(group), hit.end(group))
    words = re.sub(r"\s+(?:instead|now|please|from now on|and .*)$", "", words)
    words = words.strip(" .'\"")
    change.set("name", words[:1].upper() + words[1:] if words.islower() else words)
    return said.without(*hit.span())


def _facts(said: Said, change: Change) -> Said:
    """Age, home, work, time zone, languages, likes: "she is 29 now", "Nova moved to Berlin", "set her age to 31"."""
    read = said.read
    zone = re.search(
        r"\btime ?zone\b.*?\b(?:to|is|:|be|into)\s+(?:now\s+)?([\w/+-]+(?: [\w/]+){0,2})|\b(?:is|put|set"
        r"|move)\b.*?\b(?:in|on|to)\s+(?:the )?([\w/]+(?: [\w]+)?) time(?: ?zone)?\b",
        read,
    )
    if zone and (name := zone_of(zone[1] or zone[2]) or zone_of((zone[1] or zone[2]).split()[0])):
        change.set("time_zone", name)
        said = said.without(*zone.span())
    elif zone and zone[1]:
        raise Ask(
            f"Which time zone is {said.words(zone.start(1), zone.end(1))}? Tell me a city or a name such as"
            f" Europe/Lisbon.",
            " time zone to ",
            "zone",
        )
    turned = re.search(r"\bturn\s+(?:§p\d+|her|him|them)\s+into\s+(?:an?|the)\s+(.+?)[.!?]*$", said.read)
    if turned:
        change.set("occupation", said.words(turned.start(1), turned.end(1)))
        said = said.without(*turned.span())
    set_age = re.search(
        rf"\bage\b.*?\b(?:to|is|be|:)\s+(?:now\s+)?(\d{{1,3}}|{SPELLED})\b|\b(?:make|turn)\s+(?:§p\d+|her|him"
        rf"|them)\s+(\d{{1,3}}|{SPELLED})\b(?:\s+years? old)?",
        said.read,
    )
    if set_age:
        change.set("age", whole(set_age[1] or set_age[2]))
        said = said.without(*set_age.span())
    elif (aged := age_in(said.read)) and "age" not in change.fields:
        change.set("age", aged[2])
        said = said.without(aged[0], aged[1])
    said = _pairs(said, change)
    for name, words in FIELDS:
        if name in change.fields:
            continue
        hit = re.search(
            rf"\b(?:set|change|update|switch|make|edit|rewrite|let|put|have)\b.*?\b(?:{words})\b.*?\b(?:to|into|as|be"
            rf"|so that)\s*:?\s*(§q\d+|.+?)[.!?]*$|(?<!\w)(?:§p\d+'s|her|his|their)\s+(?:new )?(?:{words})\s*(?:is"
            rf"|should be|:|becomes|=)\s*(?:now\s+)?(§q\d+|.+?)(?=\s+and\s+(?:she|he|they|§p\d+)\b|[.!?]*$)"
            rf"|\bgive\s+(?:§p\d+|her|him|them)\s+(?:a "
            rf"|an |the |this |new )*(?:{words})\s*(?::|of|in which|where|that|saying|as)?\s*(§q\d+"
            rf"|.+?)[.!?]*$",
            said.read,
        )
        if hit:
            group = next(n for n in (1, 2, 3) if hit[n])
            words_ = said.spoken(hit.start(group), hit.end(group))
            words_ = re.sub(r"^now\s+|\s+now$|\s+and(?:\s+(?:her|his|their))?$", "", words_)
            if name == "occupation":
                words_ = re.sub(
                    r"^(?:(?:she|he|they)(?:'s|'re| is| are)\s+)?(?:that of )?(?:an?\s+)?",
                    "",
                    words_,
                    flags=re.IGNORECASE,
                )
            change.set(name, words_)
            said = said.without(*hit.span())
    return said


FIELDS = (
    ("occupation", "occupation|job|profession|work|career"),
    ("home", "home(?: ?town| city)?|place of residence|residence|city|location|address"),
    ("backstory", "backstory|back story|background|life story|bio|biography"),
)
FIELD = (
    r"(?:age|time ?zone|greeting|name|rating|interests?|hobbies|traits?|languages?|style|tone|"
    + "|".join(words for _, words in FIELDS)
    + ")"
)


def _pairs(said: Said, change: Change) -> Said:
    """Several fields in one breath: "her home to Cardiff and her occupation to librarian"."""
    for name, words in FIELDS[:2]:
        hit = re.search(
            rf"\b(?:{words})\s+(?:to|as|into|is|:|=)\s+(?:now\s+)?(§q\d+|[^;.!?§]+?)(?=\s*(?:[,;]\s*)?(?:\band\s+)?(?:also\s+)?"
            rf"(?:(?:change|set|update|make|put)\s+)?(?:(?:her|his|their|the|§p\d+'s|an?)\s+)*\b{FIELD}\b)",
            said.read,
        )
        if hit:
            value = said.spoken(hit.start(1), hit.end(1))
            change.set(
                name,
                re.sub(r"^(?:an?|that of an?)\s+", "", value, flags=re.IGNORECASE) if name == "occupation" else value,
            )
            said = said.without(*hit.span())
    return said


COMPARED = re.compile(
    r"\b(?:more|a (?:bit|little) more|much more|way more|slightly more|a lot more|even more)\s+([a-z]+(?:-[a-z]+)*)"
)
LESS = re.compile(
    r"\b(?:less|not so|not as|no longer(?: so)?|not|stop being(?: so)?|isn't(?: so| as)?|is not)\s+(?:as "
    r"|so )?([a-z]+(?:-[a-z]+)*)\b"
)


def positive(word: str) -> str:
    """The plain form of a comparative: funnier -> funny, warmer -> warm, bolder -> bold."""
    irregular = {
        "better": "good",
        "worse": "bad",
        "kinder": "kind",
        "nicer": "nice",
        "ruder": "rude",
        "wiser": "wise",
        "braver": "brave",
        "gentler": "gentle",
        "humbler": "humble",
        "politer": "polite",
        "sincerer": "sincere",
    }
    if word in irregular:
        return irregular[word]
    for form in ([word[:-3] + "y"] if word.endswith("ier") else []) + (
        [word[:-2], word[:-1], word[:-3]] if word.endswith("er") else []
    ):
        if form in TRAITS:
            return form
    return ""


def _becoming(said: Said, change: Change) -> Said:
    """Make Nova funnier, less shy, more sarcastic; she is warm and patient."""
    for hit in list(LESS.finditer(said.read)):
        if hit[1] in TRAITS or TRAITISH.fullmatch(hit[1]):
            change.add("remove_traits", [hit[1]])
            said = said.without(*hit.span())
    for hit in list(COMPARED.finditer(said.read)):
        if hit[1] in ("often", "about", "like", "to", "than", "of", "in"):
            continue
        change.add("add_traits", [hit[1]])
        said = said.without(*hit.span())
    for hit in list(re.finditer(r"(?<![\w§-])([a-z]+er)(?![\w-])", said.read)):
        if plain := positive(hit[1]):
            change.add("add_traits", [plain])
            said = said.without(*hit.span())
    return said


NO_TRADE = re.compile(
    r"\b(?:having|being|going|getting|doing|to|please|now|then|years?|old|not|never|really|correct|fix|update|change)\b|\d"
)


def _described(said: Said, change: Change) -> Said:
    """Whatever else a description says."""
    gone = re.search(
        r"\b(?:no longer|doesn't|does not|stopped|don't|isn't|aren't|not)\s+(?:really\s+|much\s+)?(?:likes?|loves?|enjoys?"
        r"|liking|loving|cares? for|does?|do|practi[sc]es?|plays?|into|interested in|keen on|fond of"
        r"|a fan of)\s+(.+?)(?=\s+(?:but|and (?:now |she "
        r"|he )*(?:likes|loves|enjoys|is))\b|\s+any|\s+now|[.!?]|$)(?:\s+(?:any ?more|any longer|now))?"
        r"|\b(?:has |is |got )?(?:lost interest in|given up|gave up|tired of|quit|stopped)\s+(?!(?:her|his|their"
        r"|the) (?:job|work|post))(.+?)"
        r"(?=,?\s+(?:and|but)\s+(?:is\b|now\b|she\b|he\b|they\b)|[.!?]*$)",
        said.read,
    )
    if gone:
        group = 1 if gone[1] else 2
        change.add("remove_interests", items(said, gone.start(group), gone.end(group)))
        said = said.without(*gone.span())
    lost = re.search(rf"\b(?:no longer|doesn't|does not)\s+speaks?\s+({languages.LIST})", said.read)
    if lost:
        change.add("remove_languages", languages.tags(lost[1]))
        said = said.without(*lost.span())
    head = re.match(
        r"\s*(?:make|change|update|edit|modify|let|have|set|turn|give|note that|remember that|adjust|tweak)\b",
        said.read,
    )
    body = said.without(*head.span()) if head else said
    for token in list(re.finditer(r"§p\d+(?:'s)?|(?<=move )(?:him|her)\b|(?<=relocate )(?:him|her)\b", body.read)):
        body = body.without(*token.span())
    became = re.search(
        r"(?<!used to )\b(?:is|'s|are|became|become|becomes|be|as|into)\s+(?:now\s+|also\s+)*(?:an?"
        r"|the)\s+((?:[\w'-]+\s*){1,5}?)(?=\s*(?:[,.;!?]|$|\bnow\b|\bin\b|\bat\b|\bfrom\b|\bwho\b|\band\b))",
        body.read,
    )
    picture = portray(body)
    if became and not picture.occupation and "occupation" not in change.fields and head is None:
        words = body.words(became.start(1), became.end(1)).strip()
        if words.lower() not in TRAITS and not re.search(r"\b(?:bit|little|lot|fan|more|less)\b", words):
            picture.occupation = words
    if lexicon.verb(picture.occupation.partition(" ")[0].lower()):
        picture.occupation = ""  # an order is no trade
    if NO_TRADE.search(picture.occupation.lower()):
        picture.occupation = ""  # left over from something else that is told
    _take(picture, change)
    return said


def _take(picture: Any, change: Change) -> None:
    for name in ("occupation", "home", "time_zone", "backstory"):
        if name not in change.fields:
            change.set(name, getattr(picture, name))
    for name in ("languages", "interests"):
        if f"add_{name}" not in change.fields:
            change.add(f"add_{name}", getattr(picture, name))
    known = [*change.fields.get("add_traits", []), *change.fields.get("remove_traits", [])]
    if "speech_style" not in change.fields:
        change.add("add_traits", [one for one in picture.traits if one not in known])
    if picture.dislikes and "remove_interests" not in change.fields:
        change.add("remove_interests", picture.dislikes)
