"""What does a clause do, to what, and by whom? Its verb, the thing it acts on, the persona who is to do it.

Courtesies ("could you please", "I'd like you to") are taken off first. Neighbours: clauses, lexicon, intents.
"""

import re
from dataclasses import dataclass

from agents.builtin import lexicon
from agents.builtin.said import Said

COURTESY = re.compile(
    r"(?:"
    r"(?:i|we) (?:should|would|shall|will) be (?:most |very |so |much |really |deeply |truly )*(?:obliged|grateful"
    r"|thankful|glad|happy"
    r"|pleased|delighted) (?:if|were) (?:you|we|someone)(?: (?:would|could|can|might|were to|to))?(?: (?:kindly|please))?"
    r"|(?:i|we) hereby|(?:may|might|could) (?:i|we) (?:kindly |please )?(?=(?:request|require|see|inspect|obtain) )|"
    r"(?:it would|it'd|would|that would|that'd) be \w+ if (?:you|we|u) (?:could|can|would)|(?:it would"
    r"|it'd) be \w+ to(?! (?:have|get|see)\b)"
    r"|(?:grüezi|grüß gott|servus|moin|hallo|namaste|hola|bonjour|ciao|salut|g'day|howdy|sup|wotcha|aloha|hey hey)(?=[,!\s])"
    r"|(?:would|is) it (?:be )?possible (?:for you )?to|(?:can|could|may) (?:i|we) (?:has|haz)|to be(?= \w+ing\b)|(?:i "
    r"|we )?(?:wanna|gonna|gotta|wants? to|wanted to)"
    r"|(?:kindly )?do the needful(?: and)?|do (?:one|a|this) thing(?: for me)?|it would be (?:so |really |very )?(?:great|nice"
    r"|good|lovely|cool|helpful|awesome) to|(?:could|can|would|will) you (?:please )?(?:to|be able to)(?= \w)"
    r"|i(?:'d| would| wud| wld)? (?:like|wish|want|love) (?:to|2)\b|i (?:wish|hope) to|we(?:'d| would) (?:like|love) to"
    r"|(?:be )?so kind and|go on and|any chance of(?= (?:getting|having|making|seeing))|mind(?= [a-z]+ing\b)"
    r"|if (?:possible|you can|u can)"
    r"|(?:yo|oi|mate|dude|bro|folks|sir|madam|dear sir|team|guys|buddy|boss)(?=[,!\s])|gimme(?= the list)"
    r"|(?:please )?(?:be (?:informed|advised|aware)|note|know|let it be known)(?: that)(?= §p)|(?:just )?so you know(?: that)?"
    r"|fyi|for your information|heads[- ]up|for the record|i heard(?: that)?(?= §p)|it (?:seems|turns out)(?: that)?"
    r"|basically|news:|henceforth|(?:please )?(?:arrange|see to it|ensure|see)(?: that)(?= )|arrange for(?= §p)"
    r")[\s,!:.–—-]+|(?:"
    r"(?:hi|hey|hello|hiya|yo|dear|good (?:morning|afternoon|evening|day)|greetings)(?: there)?(?:,? gator)?\b"
    r"|gator\b(?=[,!:\s])|@gator\b"
    r"|please|pls|plz|kindly|now(?= \w)|ok(?:ay)?|alright|all right|great|cool|perfect|nice|super|awesome"
    r"|wonderful|lovely|good(?=[,!])|thanks|thank you|thx|cheers"
    r"|(?:no|nope|wait|sorry)(?=[,!.]| (?:make|use|i meant|rather|instead))|(?:so|well|and|also|then|next(?! (?:post"
    r"|one|day|week|month|mon|tue|wed|thu"
    r"|fri|sat|sun))"
    r"|finally|lastly|first(?:ly)?(?! (?:of|post|one|stor|version|day|card|mon|tue|wed|thu|fri|sat|sun))"
    r"|second(?:ly)?|third(?:ly)?|afterwards|after that|plus|but|just|maybe"
    r"|perhaps|actually|btw|by the way|oh|hmm|um|yes|yeah|yep|sure)\b"
    r"|(?:can|could|would|will|may|might) (?:you|we|u|i|someone|somebody)(?: (?:please|kindly|maybe|perhaps"
    r"|also|then|just|possibly|quickly|now|perhaps))*(?: be so kind as to| be able to)?\b"
    r"|would you mind|do you mind|how about(?: we)?|what about(?= (?:a|an|making|drawing|creating)\b)"
    r"|why don't (?:you|we)"
    r"|i(?:'d|’d| would)(?: really)? (?:like|love|appreciate|prefer)(?: (?:it )?if (?:you|we) (?:could|can"
    r"|would)|(?: (?:you|us|gator))? to)\b"
    r"|(?:i|we)(?: really| also| just| now)* (?:want|need|wish|have|ought|'d like|hope|plan|intend)(?: (?:you"
    r"|us))? to\b|i want you to|(?:i|we) (?:should|must|could(?! (?:use|do with)\b)|shall|will|'ll)\b"
    r"|let's(?: have)?|let us|go ahead(?: and)?|is it possible (?:for you )?to|is there (?:a"
    r"|any) way (?:you can |to )|it would be (?:great|nice|good|lovely|cool) if (?:you|we) (?:could|can|would)"
    r"|it'd be (?:great|nice) if you could"
    r"|i wonder if you could|i was wondering if you (?:could|can)|i was hoping you could|any chance you could"
    r"|help me(?: to)?|try to|you (?:should|can|could|may|must)|be so kind as to|do me a favou?r(?: and)?"
    r"|make sure(?: (?:to|that you|that))?|remember to|don't forget to|do not forget to|feel free to|time to|quickly"
    r"|be a dear and"
    r")[\s,!:.–—-]+"
)
WANTING = re.compile(
    r"(?:(?:i |we )?could do with|(?:i|we)(?:'d| would) be (?:so |very )?(?:glad|happy|grateful|thankful) (?:about|of|for"
    r"|with|to (?:have|get))|me (?:need|want)s?|have(?= (?:an?|some|another)\b)|(?:it|that)(?:'d| would"
    r"| wud) be (?:so |really |very )?(?:great|nice|good|lovely|cool"
    r"|helpful|awesome|super) (?:if (?:i|we|there|you)(?: could)? (?:had|have|was|were|were to have|made|make|did|do)"
    r"|to (?:have|get"
    r"|see))|would be (?:great|nice|good|lovely|cool) (?:if (?:i|we) had|to (?:have|get))|(?:we|i) (?:should|ought to"
    r"|must|really"
    r" should|could do with)(?: (?:really|also))? (?:have|get)?(?= (?:an?|some|another)\b)|gimme|(?:can|could|may) (?:i"
    r"|we) (?:has|haz)"
    r"|(?:i|we)(?:'m| am|'re| are) (?:looking for|after|in need of|missing|wanting|needing|requiring)|how about"
    r"|what about|any chance of(?= an?\b)"
    r"|there (?:should|must|has to|needs to) be|(?:i|we)'d fancy|(?:i|we)'?(?:ve)? (?:got to|gotta) have|(?:i|we)(?:'d"
    r"| would)? (?:like|love|want|need|require|could use"
    r"|fancy)|give me|get me|i'll have|i'll take|(?:can|could|may) (?:i|we) (?:have|get))\s+"
)
CAUSE = re.compile(
    r"(?:let|have|ask|get|tell|make|want|need|instruct|allow|i(?:'d| would)? (?:like|want|need))\s+(§p\d+|her"
    r"|him|them)\s+(?:to\s+)?(?:please\s+)?(not\s+)?(?=[a-z])"
)
SHOULD = re.compile(
    r"(§p\d+|she|he|they)\s+(?:should|shall|must|needs to|has to|ought to|can|could|will|is to|may"
    r"|might)\s+(?:now\s+|also\s+|always\s+|please\s+|then\s+)*(not\s+|never\s+)?(?=[a-z])"
)
# "Can Nova write …?", "Nova, write …"
CALLED_UPON = re.compile(
    r"(?:(?:can|could|will|would|may)\s+(?=§p\d+\s))?(§p\d+)(?:[,:]\s*|\s+)(?:please |can you |could you |should "
    r"|now )*(not\s+)?"
    r"(?=(?:write|draft|compose|reply|respond|answer|post|publish|say|read|record|narrate|draw)\s)"
)
# What follows these words is content, so a thing named there is not what is acted on.
CONTENT = re.compile(
    r"\b(?:that says?|which says?|saying|that reads?|reading(?=:)|about|regarding|concerning|on the (?:subject"
    r"|topic)|with (?:the )?(?:text|words?|line|message|quote|phrase|lyrics)|titled|entitled|called|named"
    r"|says)\b|:\s"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause taken apart."""

    said: Said
    verb: str = ""
    families: tuple[str, ...] = ()
    agent: str = ""  # a persona's token or pronoun: who is to do it, or who is spoken of
    rest: Said | None = None
    thing: str = ""
    denied: bool = False
    cause: bool = False  # somebody is made to do it

    @property
    def read(self) -> str:
        return self.said.read

    @property
    def object(self) -> Said:
        return self.rest if self.rest is not None else self.said

    def does(self, *families: str) -> bool:
        return any(family in self.families for family in families)


def plainly(said: Said) -> Said:
    """Without courtesies in front and behind."""
    said = said.stripped()
    while hit := COURTESY.match(said.read):
        rest = said.cut(hit.end(), len(said.read)).stripped()
        if not rest.read:
            break
        said = rest
    tail = re.search(
        r"[\s,]*\b(?:(?:,? ?please|pls|plz|thanks(?: a lot| so much)?|thank you(?: very much| so much)?|thx"
        r"|cheers|for me(?= please| thanks|$)|if you (?:can|could|would|like|please|don't mind)|would you"
        r"|will you|could you|can you|(?<=,)\s*(?:ok|okay|right)|(?<=, )(?:ok|okay|right)|asap)[\s,.!?]*)+$",
        said.read,
    )
    if tail and tail.start() > 0 and not re.search(r"\basap\b", tail[0]):
        said = said.cut(0, tail.start())
    return said.stripped()


def take_apart(said: Said) -> Reading:
    """Read a clause's head: denial, who is to act, the verb, the thing."""
    said = plainly(said)
    denied = re.match(
        r"(?:don't|do not|dont|never|no need to|you don't have to|i don't want (?:you )?to|please don't|not)\b\s*",
        said.read,
    )
    if denied:
        inner = take_apart(said.cut(denied.end(), len(said.read)))
        return Reading(said, inner.verb, inner.families, inner.agent, inner.rest, inner.thing, denied=True)
    if hit := CAUSE.match(said.read) or SHOULD.match(said.read) or CALLED_UPON.match(said.read):
        inner_said = said.cut(hit.end(), len(said.read))
        verb, families, rest = _verb(inner_said)
        if families or not re.match(r"(?:make|get|want)\b", hit[0]):
            thing = thing_in(rest)
            return Reading(said, verb, families, hit[1], rest, thing, denied=bool(hit[2]), cause=True)
    wants = WANTING.match(said.read)
    if wants:
        rest = said.cut(wants.end(), len(said.read))
        return Reading(said, "want", ("make", "want"), "", rest, thing_in(rest))
    verb, families, rest = _verb(said)
    return Reading(said, verb, families, "", rest, thing_in(rest))


# Verbs of more than one word -> the verb whose part they play.
PHRASES = (
    (
        "make",
        r"(?:put|throw) together|come up with|set up|cook up|whip up|spin up|knock (?:up|out)|think up"
        r"|dream up|bring to life|mock up",
    ),
    ("write", r"write (?:up|down)|jot down"),
    (
        "speak",
        r"let (?:me|us) hear|read (?:out loud|out|aloud)|speak out|voice over|do (?:an? )?voice-?over (?:of"
        r"|for)|text[- ]to[- ]speech|tts",
    ),
    (
        "show",
        r"look up|pull up|bring up(?! a)|check (?:on|up on)|have a look at|take a look at|look at|look into"
        r"|go through|let me see|run me through|walk me through|fill me in on|see",
    ),
    (
        "add",
        r"sign (?:me |us )?up (?:for|to)|start (?:following|watching|tracking|reading)|keep an eye on|hook up|plug in",
    ),
    ("remove", r"get (?:rid|shot) of|throw (?:out|away)|take out|kick out"),
    ("cancel", r"call off|pull the plug on"),
    ("post", r"put (?:up|out)|send out|push out"),
    ("move", r"put off|bring forward|push back|move (?:up|back|forward)"),
)


def _verb(said: Said) -> tuple[str, tuple[str, ...], Said]:
    for verb, form in PHRASES:
        if phrase := re.match(rf"(?:{form})\b\s*:?\s*", said.read):
            return verb, lexicon.verb(verb), said.cut(phrase.end(), len(said.read))
    first = re.match(r"([a-z]+(?:-[a-z]+)?)\b\s*", said.read)
    if not first:
        return "", (), said
    word = first[1]
    families = lexicon.verb(word)
    if not families and word.endswith("ing"):
        families = lexicon.verb(lexicon.stem(word))
        word = lexicon.plain_verb(word)
    if families:
        return word, families, said.cut(first.end(), len(said.read))
    return "", (), said


def thing_in(said: Said) -> str:
    """The family of the thing that is acted on: the last of the first run of things, before any content begins."""
    content = CONTENT.search(said.read)
    read = said.read[: content.start()] if content else said.read
    into = re.search(r"\binto\s+", read)
    if into and (made := thing_in(said.cut(into.end(), len(read)))):
        return made
    run: list[str] = []
    for word in re.finditer(r"§?[\w-]+(?:'s)?|[^\w\s]", read):
        family = lexicon.thing(word[0])
        if (
            family
            and re.match(r"of\b", read[word.end() :].lstrip())
            and word[0] in ("file", "progress", "line", "lines", "sound", "paragraph", "sentence", "sentences")
        ):
            continue
        if family:
            run.append(family)
        elif run:
            break
    return _head(run)


def _head(run: list[str]) -> str:
    if not run:
        return ""
    if run[-1] in ("status", "media", "version") and len(run) > 1:
        return run[0]
    if run[-1] == "post" and run[0] == "text":
        return "text"
    return run[-1]
