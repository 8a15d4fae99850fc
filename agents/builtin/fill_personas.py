"""Which persona, and what of it? Clauses that make, change and look at personas, as steps of a plan.

Neighbours: portraits (what a description says), desk (who is meant).
"""

import re
from dataclasses import replace

from agents.builtin.counting import SPELLED, whole
from agents.builtin.desk import Ask, Cannot, Desk, either
from agents.builtin.heads import Reading
from agents.builtin.lexicon import word_set
from agents.builtin.portraits import TRAITS, portray
from agents.builtin.said import GAP, Said
from agents.builtin.strangers import no_such, unknown_name

ADULT = 18
TITLED = (
    r"(?:dr|prof|professor|mr|mrs|ms|mx|st|sir|lady|lord|dame|dj|mc|capt|captain|sgt|lt|maj|col|rev|chef|sister|father)"
)
NAME = rf"(?:{TITLED}\.?\s+)*[^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){{0,4}}"
PARTICLES = word_set(
    "of de la las los del della di da das do dos du le van von der den ter ten bin ibn al el y e zu af av"
)
JOINED = re.compile(r"(?:al|el|d|l|de|ibn|ben|abu|bin)[-'’][A-Z]")  # al-Hadid, d'Angelo
NAMED = re.compile(
    r"\b(?:(?:and |whose |with |her |his |their |the |its |he's |she's |they're |who's |who is |he is "
    r"|she is )*)(?:called|named|name is|name's|name should be|name will be|name of|by the name of"
    r"|with the name|name her|name him|name them|call her|call him|call them|call it|name it|name:|name ="
    r"|goes by|under the name(?: of)?|answering to|answers to|(?:with |has )?(?:the )?name)\s*:?\s*(§q\d+|§p\d+|"
    + NAME
    + ")"
)
# Courtesies between the noun and the name: "a new character pls, Tessa, 41".
FILLED = r"(?:[\s,]+(?:please|pls|plz|thanks|thank you|thx|kindly|(?:for|to) (?:me|us)|now|then|asap|quickly|today))*"
STOP_NAME = word_set(
    "she's he's they're it's i'd i'm we'd who that and with from is she he they a an in at on for whose aged age the as"
    " to living lives based works"
    " working loves likes has which speaks of please by then now her his"
)


def new_name(said: Said) -> str:
    """What a persona to be made is to be called; empty when it is not said."""
    read = said.read
    if hit := NAMED.search(read):
        return _proper(said, hit.start(1), hit.end(1))
    quoted = re.search(r"\b(?:persona|character|influencer|create|add|make)\s*[:,–—-]?\s*§q(\d+)", read)
    if quoted:
        return said.kept.quotes[int(quoted[1])]
    return _capital(said) or _small(said)


def _small(said: Said) -> str:
    """A name written small: "create persona rajesh, 34 yrs, …"."""
    hit = re.search(
        r"\b(?:persona|character)\s*[:,–—-]?\s+([^\W\d_]{2,}(?:\s+[^\W\d_]{2,})?)\s*,?\s+(?:aged?\s+)?\d{2}\b",
        said.read,
    )
    if not hit or set(hit[1].split()) & (STOP_NAME | {"aged", "age", "named", "called", "about"}):
        return ""
    return " ".join(word[:1].upper() + word[1:] for word in said.words(hit.start(1), hit.end(1)).split())


def _proper(said: Said, start: int, end: int) -> str:
    """A name from there on: capitalised words, or else the first word."""
    token = said.read[start:end]
    if token.startswith("§q"):
        return said.kept.quotes[int(token[2:])].strip()
    if token.startswith("§p"):
        number = re.match(r"§p(\d+)", token)
        return said.kept.names[int(number[1])] if number else ""
    words = said.words(start, end).split()
    kept = []
    for place, word in enumerate(words):
        particle = bool(place) and not words[0].islower() and (word in PARTICLES or bool(JOINED.match(word)))
        if not particle and (word.lower() in STOP_NAME or (place and not word[0].isupper())):
            break
        kept.append(word)
    while kept and kept[-1] in PARTICLES:
        kept.pop()
    name = " ".join(kept).rstrip(".,;:!?")
    return name[:1].upper() + name[1:] if name.islower() else name


def _capital(said: Said) -> str:
    """A capitalised word or two where a name would stand: "create Nova, a …", "new persona: Mira, 34"."""
    for hit in re.finditer(
        rf"(?:^|(?<=[\s:,–—-]))(?=(§p\d+|{NAME}))",
        said.read,
    ):
        before = said.read[: hit.start(1)]
        if not re.search(
            r"(?:\b(?:create|make|add|introduce|invent|persona|character|influencer|face|new|called|be|meet|need|she's"
            r"|he's|they're|please"
            r"|want|build|generate|set up|personality)" + FILLED + r"\s*[:,–—-]?\s*|^\s*)$",
            before,
        ):
            continue
        if hit[1].startswith("§p"):
            return said.kept.names[int(hit[1][2:])]
        raw = said.words(hit.start(1), hit.end(1))
        words: list[str] = []
        for word in raw.split():
            if words and (word in PARTICLES or JOINED.match(word)):
                words.append(word)
                continue
            if (
                not word[0].isupper()
                or word.lower() in STOP_NAME
                or word.lower()
                in (
                    "create",
                    "make",
                    "add",
                    "new",
                    "persona",
                    "character",
                    "i",
                    "we",
                    "you",
                    "please",
                    "build",
                    "introduce",
                    "could",
                    "can",
                    "invent",
                    "meet",
                    "let",
                    "generate",
                    "set",
                    "give",
                    "design",
                    "hi",
                    "hello",
                )
            ):
                break
            words.append(word)
        while words and words[-1] in PARTICLES:
            words.pop()
        if words and not re.fullmatch(TITLED + r"\.?", " ".join(words).lower()):
            return " ".join(words).strip(".,;:!?'’")
    return ""


def create_persona(reading: Reading, desk: Desk) -> None:
    said = reading.said
    name = new_name(said)
    if not name:
        raise Ask("What should the new persona be called?", ", named ", "name")
    described = _without_name(said)
    lead = LEAD.match(described.read)
    picture = portray(described.without(*lead.span()) if lead and lead.end() < len(described.read) else described)
    if picture.age is None:
        picture.age = _age_behind(described)
    if picture.age is not None and picture.age < ADULT:
        raise Cannot(
            f"Personas are adults: {name} would have to be at least {ADULT}. Tell me an adult age, and I"
            f" create the persona."
        )
    if (
        re.search(
            r"\b(?:teen(?:age[dr]?)?|child|kid|toddler|schoolgirl|schoolboy|underage|minor|little girl"
            r"|little boy)\b(?!\s*(?:book|ren))",
            described.read,
        )
        and picture.age is None
    ):
        raise Cannot(f"Personas are adults of {ADULT} or more. Tell me an adult age, and I create the persona.")
    if picture.age is None and (figure := AGELIKE.search(described.read)):
        raise Ask(f"How old is {name}: is {figure[1]} the age?", ", aged ", "age")
    desk.created.append(name)
    desk.focus = name
    desk.put(
        "create_persona", name=name, age=picture.age, description=_description(described) or None,
        occupation=picture.occupation or None,
        home=picture.home or None, time_zone=picture.time_zone or None, languages=picture.languages, interests=picture.interests,
        traits=picture.traits, backstory=picture.backstory or None,
    )  # fmt: skip


def _age_behind(described: Said) -> int | None:
    """The age in figures right behind the name: "juniper ash 33 beekeeper"."""
    hit = re.search(rf"{GAP}[\s,]*([1-9]\d)(?=[\s,]+[a-z]|[\s.,]*$)(?!\s*(?:%|years? of|km|kg))", described.read)
    return int(hit[1]) if hit else None


# A number that may well be an age, though nothing says so.
AGELIKE = re.compile(
    r"(?<![\w.,:/-])([1-9]\d)(?![\d%:/]|\.\d|\s*(?:%|years? of|km|kg|cm|percent|hours?|minutes?|cats|dogs|kids|countries))"
)
LEAD = re.compile(
    r"^[\s,:–—-]*(?:(?:[\w'-]+[\s,]+){0,8}?(?:personas?|characters?|influencers?|personality|face)\b"
    r"(?:\s+(?:for (?:me|us)|please|pls|plz|thanks|thx|to (?:the|our|my) (?:team|list|cast|roster|personas))\b)?"
    r"|(?:create|make|add|build|set up|generate|introduce|invent|design|produce|craft|prepare|want|need"
    r"|spin up|meet)\b)"
)


def _without_name(said: Said) -> Said:
    if hit := NAMED.search(said.read):
        name = _proper(said, hit.start(1), hit.end(1))
        end = hit.end(1)
        if said.read[hit.start(1)] != "§":
            written = said.at[hit.start(1)] + len(
                name
            )  # a slip that was mended reads longer or shorter than it is written
            end = next(place for place in range(hit.start(1), len(said.at)) if said.at[place] >= written)
        return said.without(hit.start(), min(end, len(said.read)))
    quoted = re.search(r"\b(?:persona|character|influencer|create|add|make)\s*[:,–—-]?\s*(§q\d+)", said.read)
    if quoted:
        return said.without(*quoted.span(1))
    name = _capital(said) or _small(said)
    if not name:
        return said
    token = (
        re.search(r"§p\d+", said.read)
        if name in said.named()
        else re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", said.read)
    )
    return said.without(*token.span()) if token else said


def _description(said: Said) -> str:
    """The description in the operator's own words, without "create a persona"."""
    lead = LEAD.match(said.read)
    start = lead.end() if lead and re.search(r"\w", lead[0]) else 0
    words = re.sub(r"\s+", " ", said.words(start, len(said.read)))
    words = re.sub(r"\s+([,.;])|([,;])(?=[,;.])", r"\1", words)
    words = words.strip(" ,;:–—-.?!")
    words = re.sub(
        r"^(?:is|and|who is|who's|who|which is|that is|she is|he is|she's|he's|they are|please|with)[\s,]+",
        "",
        words,
        flags=re.IGNORECASE,
    )
    return words if len(words.split()) > 1 else words if words.lower() in TRAITS else ""


# "everyone but Nova": the personas that are left alone.
SPARED = re.compile(
    r"\b(?:all|every|everyone|everybody|each)\b[^§]*?\b(?:but|except(?:ing)?(?: for)?|excluding|apart from|other than"
    r"|besides|save(?: for)?)\s+"
    r"((?:(?:for|not|persona|,|and|&|both)\s*)*§p\d+(?:\s*(?:,|and|&)\s*§p\d+)*)[\s.!]*$"
)


def who(reading: Reading, desk: Desk, *, sure: bool = False) -> list[str]:
    """The personas a clause is about; `sure` when a slip in the name must be asked about first."""
    said = reading.said
    if spared := SPARED.search(said.read):
        names = said.cut(*spared.span(1)).named()
        return [name for name in desk.personas if name not in names]
    if re.search(r"\b(?:all|every|everyone|everybody|each)\b", said.read) and not said.named():
        return desk.personas
    if re.search(r"\bboth\b", said.read) and not said.named() and len(desk.personas) == 2:
        return desk.personas
    named = said.named()
    if named:
        guessed = [number for number in said.kept.guessed if f"§p{number}" in said.read]
        if sure and guessed:
            raise Ask(f"Do you mean {said.kept.names[guessed[0]]}?", " yes ", "persona")
        desk.focus = named[-1]
        return named
    if stranger := unknown_name(said):
        raise Cannot(no_such(stranger, desk))
    persona = desk.persona(said)
    return [persona] if persona else []


# "Nova and Mira's posts": whose posts they are is nobody who is to go.
HERS_TOO = re.compile(r"(?<=\w)\s*(?:,|\band\b|\bplus\b|\bwith\b)\s*(?:all )?(?:of )?§p\d+'s\s+(?:\w+ )?\w+")


def name_persona(tool: str, reading: Reading, desk: Desk) -> None:
    if tool == "remove_persona" and (hers := HERS_TOO.search(reading.read)):
        reading = replace(reading, said=reading.said.without(*hers.span()))
    for name in who(reading, desk, sure=tool == "remove_persona"):
        desk.put(tool, persona=name)


def roll_back(reading: Reading, desk: Desk) -> None:
    fresh = not desk.before or desk.before[-1].tool not in ("change_persona", "roll_back_persona")
    if re.fullmatch(r"roll[ -]?back[\s.!?]*", reading.read) and fresh and len(desk.personas) > 1:
        raise Ask(f"Which persona: {either(desk.personas)}?", " as ", "persona")
    persona = who(reading, desk)[0]
    if re.search(rf"\b(?:\d+|{SPELLED}|a few|several) versions\b", reading.read):
        raise Ask(
            f"Back to which version of {persona}? Ask for the history to see their numbers.", " to version ", "version"
        )
    hit = re.search(rf"\b(?:version|revision|v)\.?\s*(?:number |no\.? |#)?(\d+|{SPELLED})\b|\bv(\d+)\b", reading.read)
    first = re.search(r"\b(?:original|first|initial|very first) (?:version|state|one)\b", reading.read)
    version = whole(hit[1] or hit[2]) if hit else 1 if first else None
    desk.put("roll_back_persona", persona=persona, version=version)
