"""How is a persona to talk? What never to say, what to say often, the greeting, the manner, as fields of a change.

Neighbours: changes (all else about a persona), sheet.
"""

import re

from agents.builtin import languages
from agents.builtin.portraits import items
from agents.builtin.said import Said
from agents.builtin.sheet import Change

# Boundaries told by their label, as in "Mira's boundaries: no politics".
LABELLED = re.compile(
    r"\b(?:new |another )?(?:boundar(?:y|ies)|limits?|no-gos?|off-limits|taboos?)(?: for (?:§p\d+|her|him))?\s*(?::|="
    r"|(?=(?:are|is|include)\b))\s*"
    r"([^§]+)$"
)


def phrases(said: Said, change: Change) -> Said:
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
    if labelled := LABELLED.search(said.read):
        words = re.sub(r"^(?:are|is|include|now|to|should be)\s+", "", said.words(*labelled.span(1)))
        change.add("add_boundaries", [words.rstrip(" .!")])
        return said.without(*labelled.span())
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
        change.add("add_boundaries", [topic] if verb else items(said, avoid.start(1), avoid.end(1)))
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
        r"|favou?rite (?:phrase|saying|expression)s?)\b(?:[^§]|§p)*(§q.*)$|(§q\d+(?:(?:,| and"
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


def greeting(said: Said, change: Change) -> Said:
    hit = re.search(
        r"\b(?:greeting|welcome (?:message|text)|first message|opening (?:line|message)"
        r"|hello message)\b(?:\s+(?:is|to|should be|:|for §p\d+|of §p\d+|be|say|saying|into"
        r"|as))*\s*:?\s*(§q\d+|[^§]+)$|\b(?:greets?|welcomes?|opens?(?= with)|starts?(?: off)?(?= with)|should greet"
        r"|should welcome"
        r"|say hello to)\s+(?:people|fans|everyone|them|her fans|his fans|users|newcomers|new fans|others"
        r"|you)?\s*(?:with|by saying|saying)\s*:?\s*(§q\d+|[^§]+?)"
        r"(?:[\s,.;]*(?:make|set|use) (?:it|that|this) (?:as )?(?:her|his|their|the) greeting[\s.!]*)?$",
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


def rating(said: Said, change: Change) -> Said:
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


# How somebody speaks, as against what they say.
MANNER = (
    r"(?=(?:more|less|fewer|like|with|in|as if|as though|very|really|an? (?:bit|little|lot)|only|mostly|rather"
    r"|quite|too|so|short|long|formal|casual|poetic"
    r"|dry|plain|simple|warm|[a-z]+ly\b|[a-z]+er\b)\b)"
)


def speech(said: Said, change: Change) -> Said:
    """How she should speak, write or sound."""
    hit = re.search(
        r"\b(?:speech style|speaking style|writing style|way of (?:speaking|talking|writing)"
        r"|tone(?: of voice)?|style|voice)\b(?:\s+of §p\d+)?\s*(?:is|to|should be|sounds?|:|be|into"
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
