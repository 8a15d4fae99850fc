"""What about a persona is to be different? Statements and orders about one, as the fields of a change.

Neighbours: fill_personas (who is meant), portraits (what a description says).
"""

import re
from dataclasses import dataclass, field
from typing import Any

from agents.builtin import languages
from agents.builtin.counting import SPELLED, whole
from agents.builtin.desk import Ask, Cannot, Desk, Unknown
from agents.builtin.fill_personas import ADULT, no_such, unknown_name, who
from agents.builtin.heads import Reading
from agents.builtin.portraits import TRAITISH, TRAITS, age_in, items, portray
from agents.builtin.said import Said
from agents.builtin.zones import zone_of


@dataclass(slots=True)
class Change:
    """What is to be different."""

    fields: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, values: list[str]) -> None:
        if values:
            self.fields[name] = [*self.fields.get(name, []), *values]

    def set(self, name: str, value: Any) -> None:
        if value not in (None, ""):
            self.fields[name] = value


def change_persona(reading: Reading, desk: Desk) -> None:
    said = reading.said
    several = re.match(r"(?:make|let|have|set|change|update)\b.*?\b(?:both|all)\b", said.read) and not said.named()
    personas = who(reading, desk) if several else [_whose(reading, desk)]
    persona = personas[0]
    change = Change()
    for read in (_name, _phrases, _greeting, _rating, _lists, _speech, _facts, _becoming, _described):
        said = read(said, change)
    if change.fields.get("age", ADULT) < ADULT:
        raise Cannot(f"Personas are adults: the age must be at least {ADULT}.")
    if not change.fields:
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
        r"\b(?:rename|rechristen)\b.*?\b(?:to|as|into)\s+(§q\d+|§p\d+|[^,;.!?]+)|\b(?:change|set|switch"
        r"|update)\b.*?\bname\b.*?\b(?:to|into)\s+(§q\d+|§p\d+|[^,;.!?]+)|\b(?:is|be|goes by"
        r"|should be)\s+(?:now\s+)?(?:called|named)\s+(§q\d+|§p\d+|[^,;.!?]+)|\bcall\s+(?:§p\d+|her|him"
        r"|them)\s+(§q\d+|§p\d+|[^,;.!?]+)|\bname\s+(?:is|should be|becomes)\s+(?:now\s+)?(§q\d+|§p\d+"
        r"|[^,;.!?]+)|\bname\s+§p\d+\s+(§q\d+|[^,;.!?]+)",
        said.read,
    )
    if not hit:
        return said
    group = next(n for n in range(1, 7) if hit[n])
    words = said.spoken(hit.start(group), hit.end(group))
    words = re.sub(r"\s+(?:instead|now|please|from now on|and .*)$", "", words)
    words = words.strip(" .'\"")
    change.set("name", words[:1].upper() + words[1:] if words.islower() else words)
    return said.without(*hit.span())


def _phrases(said: Said, change: Change) -> Said:
    """What never to say, what to say often, what not to talk about."""
    off = re.search(
        r"(?:\b|(?=n't))(?:never|not|n't|must not|mustn't|shouldn't|stop|avoid|don't let|ban|forbid|forbidden"
        r"|no longer|without|refuse[sd]? to|prohibit)\b(?:[^§]|§p)*?\b(?:sa(?:y|ys|ying)|us(?:e|es|ing)|utter"
        r"|write|writes|call(?:ing)?|phrases?|words?|mention(?:ing)?)\b(?: (?:the|a|any|people|fans|anyone"
        r"|her fans|his fans|them|us|word|words|phrase|phrases|term|expression|of|like))*\s*(§q.*)$",
        said.read,
    ) or re.search(
        r"\b(?:ban|forbid|blacklist|prohibit)\s+(?:the\s+)?(?:word|phrase|words|phrases"
        r"|expression)?s?\s*(§q.*)$|\badd\s+(§q\d+(?:(?:,| and|, and)\s*§q\d+)*)\s+to\s+(?:§p\d+'s|her|his"
        r"|their|the)\s+(?:forbidden|banned|prohibited)\b",
        said.read,
    )
    if off:
        change.add("add_forbidden_phrases", said.cut(off.start(), off.end()).quotes())
        return said.without(*off.span())
    bare = re.search(
        r"\b(?:never|not|mustn't|shouldn't|stop|no longer)\s+(?:be )?(?:say|says|saying|use|uses"
        r"|using)\s+(?:the )?(?:word|phrase|expression)?s?\s*([\w' -]+?)(?:\s+(?:again|anymore|any more"
        r"|ever))?[.!?]*$",
        said.read,
    )
    if bare and not re.search(r"\b(?:emojis?|anything|things|links?)\b", bare[1]):
        change.add("add_forbidden_phrases", items(said, bare.start(1), bare.end(1)))
        return said.without(*bare.span())
    avoid = re.search(
        r"(?:\b(?:never|not|must not|mustn't|shouldn't|stop|avoids?|refuses? to|won't|no longer|stay away from"
        r"|steer clear of|keep away from|does not|doesn't)|n't)\b(?:\s+(?:to|ever|be|let (?:her|him|them"
        r"|§p\d+)))*\s*(?:(?:talk(?:s|ing)?|speak(?:s|ing)?|chat(?:ting)?|write|joke"
        r"|comment(?:ing)?)\s+(?:about|on|of)|discuss(?:es|ing)?|mention(?:s|ing)?|bring(?:ing)? up"
        r"|answer(?:ing)? questions (?:about|on)|get(?:ting)? into|give|giv(?:e|ing)|offer(?:ing)?|shar(?:e"
        r"|ing)|reveal(?:ing)?|about|touch(?:ing)?|flirt(?:ing)?|swear(?:ing)?|curs(?:e|ing)|promot(?:e|ing)"
        r"|post)\s*([^§]*?)(?:\s+(?:any ?more|ever|again))?[.!?]*$",
        said.read,
    )
    if avoid and re.search(
        r"\b(?:never|not|n't|must not|stop|avoid|refuse|won't|no longer|away|clear|doesn't|mustn't|shouldn't"
        r"|steer|stay)",
        avoid[0],
    ):
        verb = re.search(
            r"\b(?:flirt|flirting|swear|swearing|curse|cursing|reveal|revealing|promote|promoting|post)\b",
            avoid[0],
        )
        words = said.words(avoid.start(1), avoid.end(1))
        topic = said.words(avoid.start() + verb.start(), avoid.end()).rstrip(".!?") if verb else words
        joined = [
            f"No {one}" if False else one for one in ([topic] if verb else items(said, avoid.start(1), avoid.end(1)))
        ]
        change.add("add_boundaries", joined)
        return said.without(*avoid.span())
    limit = re.search(
        r"\b(?:add|set|give)\b.*?\b(?:an? )?(?:boundary|boundaries|limit|no-go"
        r"|off-limits topic)s?\b(?: for (?:§p\d+|her|him))?\s*:?\s*(?:that\s+|about\s+|on\s+)?(§q\d+|.+)$"
        r"|\badd\s+(.+?)\s+to\s+(?:§p\d+'s|her|his|their)\s+boundaries\b|\b(.+?)\s+(?:is"
        r"|are)\s+(?:off[- ]limits|taboo|a no-go|out of bounds)\b",
        said.read,
    )
    if limit:
        group = next(n for n in (1, 2, 3) if limit[n])
        change.add("add_boundaries", items(said, limit.start(group), limit.end(group)))
        return said.without(*limit.span())
    return _signature(said, change)


def _signature(said: Said, change: Change) -> Said:
    hit = re.search(
        r"\b(?:catch ?phrases?|signature (?:phrases?|lines?|sayings?)|motto|tag ?line|sayings?|slogan"
        r"|favou?rite (?:phrase|saying|expression)s?)\b[^§]*(§q.*)$|(§q\d+(?:(?:,| and"
        r"|, and)\s*§q\d+)*)\s+(?:as|to|is|should be)\s+(?:one of )?(?:§p\d+'s|her|his|their|an?"
        r"|the)?\s*(?:new )?(?:catch ?phrases?|signature|motto|sayings?)|\b(?:often|always|likes? to|loves? to"
        r"|frequently|regularly|usually|sometimes|keeps?|should(?: often| always)?)\s+(?:say|says|saying"
        r"|end(?:s)?(?: (?:her|his) (?:messages|posts))? with|sign(?:s)? off with|use(?:s)?"
        r"|repeat)s?\b[^§]*(§q.*)$",
        said.read,
    )
    if hit:
        change.add("add_signature_phrases", said.cut(hit.start(), hit.end()).quotes())
        return said.without(*hit.span())
    bare = re.search(
        r"\b(?:catch ?phrase|motto|signature phrase)\s+(?:is|should be|to|:|be)\s+(?:now\s+)?([^§]+?)[.!?]*$"
        r"|\b(?:catch ?phrase|motto|signature phrase)\s*:\s*([^§]+?)$",
        said.read,
    )
    if bare:
        group = 1 if bare[1] else 2
        change.add("add_signature_phrases", [said.words(bare.start(group), bare.end(group))])
        return said.without(*bare.span())
    return said


def _greeting(said: Said, change: Change) -> Said:
    hit = re.search(
        r"\b(?:greeting|welcome (?:message|text)|first message|opening (?:line|message)"
        r"|hello message)\b(?:\s+(?:is|to|should be|:|for §p\d+|of §p\d+|be|say|saying|into"
        r"|as))*\s*:?\s*(§q\d+|[^§]+)$|\b(?:greets?|welcomes?|should greet|should welcome"
        r"|say hello to)\s+(?:people|fans|everyone|them|her fans|his fans|users|newcomers|new fans|others"
        r"|you)?\s*(?:with|by saying|saying)\s*:?\s*(§q\d+|[^§]+)$",
        said.read,
    )
    if not hit:
        quoted = re.search(
            r"\b(?:use|set|make)\s+(§q\d+)\s+(?:as|to|for)\s+(?:be )?(?:§p\d+'s|her|his|their"
            r"|the)\s+(?:new )?greeting\b",
            said.read,
        )
        if quoted:
            change.set("greeting", said.kept.quotes[int(quoted[1][2:])])
            return said.without(*quoted.span())
        return said
    group = 1 if hit[1] else 2
    change.set("greeting", said.spoken(hit.start(group), hit.end(group)))
    return said.without(*hit.span())


def _rating(said: Said, change: Change) -> Said:
    hit = re.search(
        r"\brat(?:ing|ed)\b.*?\b(general|mature|adults?|family|sfw|nsfw|everyone)\b|\b(?:family[- ]friendly"
        r"|safe for work|sfw)\b|\b(mature|adult|nsfw)(?:[- ](?:only|rated|content|audience|rating))|\b(?:make"
        r"|set|is|be|to)\b.*?\b(mature)\b",
        said.read,
    )
    if not hit or not re.search(r"\b(?:rat(?:ing|ed)|family|sfw|nsfw|content|audience|mature)\b", said.read):
        return said
    change.set("rating", "mature" if re.search(r"\b(?:mature|adults?|nsfw)\b", hit[0]) else "general")
    return said.without(*hit.span())


LISTS = {
    "interest": r"interests?|hobb(?:y|ies)|likes|passions?",
    "trait": r"traits?|personality|character traits?|qualities",
    "language": r"languages?",
}


def _lists(said: Said, change: Change) -> Said:
    """Add chess to her interests; remove surfing from her hobbies; drop French from her languages."""
    for kind, words in LISTS.items():
        name = f"{'interests' if kind == 'interest' else 'traits' if kind == 'trait' else 'languages'}"
        owner = r"(?:(?:§p\d+'s|her|his|their|the|its)\s+)?(?:list of\s+)?"
        add = re.search(
            rf"\b(?:add|include|put|append|give|also add)\s+(.+?)\s+(?:to|in|into|as|on"
            rf"|among)\s+{owner}(?:an?\s+|new\s+)*(?:{words})\b|\badd\s+(?:the\s+|an?\s+|another\s+"
            rf"|new\s+)*(?:{words})\s*:?\s*(.+)$|\b(?:give|add)\s+(?:§p\d+|her|him|them)\s+(?:the\s+|an?\s+"
            rf"|another\s+|new\s+|some\s+|(?:\d+|two|three|four|five|a few)\s+)*(?:{words})\s*:?\s*(?:of"
            rf"|in)?\s*(.+)$|\b(?:new|another"
            rf"|additional)\s+(?:{words})\s*(?::|for (?:§p\d+|her|him)\s*:?|is|are)\s*(.+)$",
            said.read,
        )
        if add:
            group = next(n for n in (1, 2, 3, 4) if add[n])
            values = items(said, add.start(group), add.end(group))
            change.add(
                f"add_{name}",
                _as_tags(said.read[add.start(group) : add.end(group)], values) if kind == "language" else values,
            )
            said = _taken_off(said.without(*add.span()), change, name)
        out = re.search(
            rf"\b(?:remove|delete|drop|take|strike|erase|cut|cross|scratch|get)\s+(.+?)\s+(?:from|off"
            rf"|out of)\s+{owner}(?:{words})\b|\b(?:remove|delete|drop|erase)\s+(?:§p\d+'s|her|his|their"
            rf"|the)\s+(?:{words})\s+(?:in\s+|for\s+|of\s+)?(.+)$|\b(?:remove|delete"
            rf"|drop)\s+(?:the\s+)?(?:{words})\s+(.+?)(?=\s+from\b|$)",
            said.read,
        )
        if out:
            group = next(n for n in (1, 2, 3) if out[n])
            values = items(said, out.start(group), out.end(group))
            values = [
                re.sub(rf"\s+from\s+(?:{'|'.join(map(re.escape, said.kept.names)) or '-'}|her|him|them)$", "", one)
                for one in values
            ]
            change.add(
                f"remove_{name}",
                _as_tags(said.read[out.start(group) : out.end(group)], values) if kind == "language" else values,
            )
            said = _put_instead(said.without(*out.span()), change, name)
        grown = re.search(
            rf"\b(?:{words})\s+(?:to|and|so that they|should|now)?\s*(?:also\s+)?includes?\s+(?:also\s+)?(.+)$",
            said.read,
        )
        if grown:
            values = items(said, grown.start(1), grown.end(1))
            change.add(
                f"add_{name}",
                _as_tags(said.read[grown.start(1) : grown.end(1)], values) if kind == "language" else values,
            )
            said = said.without(*grown.span())
        traded = re.search(
            rf"\b(?:swap(?: out)?|replace|exchange|trade)\s+{owner}(?:{words})\s+(?:in\s+|of\s+)?(.+?)\s+(?:with|by"
            rf"|for)\s+(.+)$",
            said.read,
        )
        if traded:
            change.add(f"remove_{name}", items(said, traded.start(1), traded.end(1)))
            change.add(f"add_{name}", items(said, traded.start(2), traded.end(2)))
            said = said.without(*traded.span())
        swap = re.search(
            rf"\b(?:replace|swap(?: out)?|exchange|trade|switch)\s+(.+?)\s+(?:with|by|for)\s+(.+?)\s+(?:in|among|from)\s+{owner}(?:{words})\b",
            said.read,
        )
        if swap:
            change.add(f"remove_{name}", items(said, swap.start(1), swap.end(1)))
            change.add(f"add_{name}", items(said, swap.start(2), swap.end(2)))
            said = said.without(*swap.span())
    return said


def _taken_off(said: Said, change: Change, name: str) -> Said:
    """ "… and take karaoke off": what leaves the list that something else was put on."""
    hit = re.search(
        r"\b(?:take|remove|drop|delete|strike|cut)\s+(?!her\b|his\b|§p)(.+?)(?:\s+(?:off|out|from (?:it|them|there)))?[\s.!]*$",
        said.read,
    )
    if not hit or re.search(r"\b(?:from|off|out of)\s+(?:§p|her\b|his\b|their\b)", hit[1]):
        return said
    values = items(said, hit.start(1), hit.end(1))
    change.add(
        f"remove_{name}", _as_tags(said.read[hit.start(1) : hit.end(1)], values) if name == "languages" else values
    )
    return said.without(*hit.span())


def _put_instead(said: Said, change: Change, name: str) -> Said:
    """ "… and put climbing on instead": what takes the place of what was taken off the same list."""
    hit = re.search(
        r"\b(?:put|add|use|write|include|set|insert)\s+(?!her\b|his\b|§p)(?:in\s+)?(.+?)(?:\s+(?:on|in|there|to (?:it|them|the list)))?"
        r"(?:\s+instead)?[\s.!]*$|\breplace (?:it|them|that) (?:with|by)\s+(.+?)[\s.!]*$",
        said.read,
    )
    if not hit:
        return said
    group = 1 if hit[1] else 2
    values = items(said, hit.start(group), hit.end(group))
    change.add(
        f"add_{name}", _as_tags(said.read[hit.start(group) : hit.end(group)], values) if name == "languages" else values
    )
    return said.without(*hit.span())


def _as_tags(read: str, values: list[str]) -> list[str]:
    return languages.tags(read) or values


# How somebody speaks, as against what they say.
MANNER = (
    r"(?=(?:more|less|fewer|like|with|in|as if|as though|very|really|an? (?:bit|little|lot)|only|mostly|rather"
    r"|quite|too|so|short|long|formal|casual|poetic"
    r"|dry|plain|simple|warm|[a-z]+ly\b|[a-z]+er\b)\b)"
)


def _speech(said: Said, change: Change) -> Said:
    """How she should speak, write or sound."""
    hit = re.search(
        r"\b(?:speech style|speaking style|writing style|way of (?:speaking|talking|writing)"
        r"|tone(?: of voice)?|style|voice)\b(?:\s+of §p\d+)?\s*(?:is|to|should be|:|be|into"
        r"|as)+\s*(?:more\s+)?(.+?)[.!?]*$|\b(?:make|have|let)\s+(?:§p\d+|her|him|them)\s+(?:speak|talk|write"
        r"|sound|chat|text)\s+"
        + MANNER
        + r"(.+?)[.!?]*$|\b(?:speaks?|talks?|writes?|sounds?|express(?:es)? (?:herself|himself))\s+"
        + MANNER
        + r"(.+?)[.!?]*$|\buse(?:s)?\s+((?:more|fewer|less|no|a lot of|lots of)\s+(?:emojis?|slang"
        r"|exclamation marks|puns|short sentences|metaphors|jokes).*?)[.!?]*$|\b(?:stop|don't|never|no longer"
        r"|not)\s+(?:let (?:her|him|§p\d+)\s+)?(?:us(?:e|es|ing))\s+(emojis?|slang|exclamation marks"
        r"|capital letters|hashtags)\b",
        said.read,
    )
    if not hit:
        return said
    group = next(n for n in range(1, 6) if hit[n])
    words = said.words(hit.start(group), hit.end(group)).rstrip(".!?")
    if re.match(rf"(?:fluent |some |also )*(?:{languages.LANGUAGE})\b", words.lower()):
        return said
    if group == 5:
        words = f"no {words}"
    if group == 1 and re.search(r"\bmore\s+$", said.read[: hit.start(1)]):
        words = f"more {words}"
    change.set("speech_style", words)
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
            rf"\b(?:set|change|update|switch|make|edit|rewrite)\b.*?\b(?:{words})\b.*?\b(?:to|into|as|be"
            rf"|so that)\s*:?\s*(§q\d+|.+?)[.!?]*$|(?<!\w)(?:§p\d+'s|her|his|their)\s+(?:new )?(?:{words})\s*(?:is"
            rf"|should be|:|becomes|=)\s*(?:now\s+)?(§q\d+|.+?)(?=\s+and\s+(?:she|he|they|§p\d+)\b|[.!?]*$)|\bgive\s+(?:§p\d+|her|him|them)\s+(?:a "
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
    ("backstory", "backstory|back story|background|life story"),
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


def _described(said: Said, change: Change) -> Said:
    """Whatever else a description says."""
    gone = re.search(
        r"\b(?:no longer|doesn't|does not|stopped|don't|not)\s+(?:really\s+|much\s+)?(?:likes?|loves?|enjoys?"
        r"|liking|loving|care for|into|interested in|a fan of)\s+(.+?)(?=\s+(?:but|and (?:now |she "
        r"|he )*(?:likes|loves|enjoys|is))\b|\s+any|\s+now|[.!?]|$)(?:\s+(?:any ?more|any longer|now))?"
        r"|\b(?:has |is |got )?(?:lost interest in|given up|gave up|tired of|quit|stopped)\s+(.+?)[.!?]*$",
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
    for token in list(re.finditer(r"§p\d+(?:'s)?", body.read)):
        body = body.without(*token.span())
    became = re.search(
        r"\b(?:is|'s|are|became|become|becomes|be|as|into)\s+(?:now\s+|also\s+)*(?:an?"
        r"|the)\s+((?:[\w'-]+\s*){1,5}?)(?=\s*(?:[,.;!?]|$|\bnow\b|\bin\b|\bat\b|\bfrom\b|\bwho\b|\band\b))",
        body.read,
    )
    picture = portray(body)
    if became and not picture.occupation and "occupation" not in change.fields and head is None:
        words = body.words(became.start(1), became.end(1)).strip()
        if words.lower() not in TRAITS and not re.search(r"\b(?:bit|little|lot|fan|more|less)\b", words):
            picture.occupation = words
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
