"""In which order did they put it? Turns of phrase brought into the one order that is read: "Jax posts 'Hi' daily at noon"
becomes "let Jax post 'Hi' daily at noon", "Nell reading 'Hi'" becomes "let Nell read 'Hi' aloud".

Two kinds: what is said of a whole message (before it is cut into clauses), and what is said of one clause. Each gives the
text in plain order; a text that is plain already stays as it is. Neighbours: clauses (the cutting), reader.
"""

import re

from agents.builtin.clauses import TIMED
from agents.builtin.counting import AMOUNT
from agents.builtin.lexicon import plain_verb
from agents.builtin.said import Said

# "take the newest picture and the newest voice and make a square video called 'Loop'"
TAKEN = re.compile(
    r"(?P<lead>.*?\b)?(?:take|grab|pick|use|get|with|using)\s+(?P<parts>(?:[^.;!?])+?)(?:,?\s+(?:and|to|then)\s+|,\s*)"
    r"(?:make|create|build|cut|turn (?:them|these|those|it|both) into|put (?:them|these|it) into|produce|render)\s+"
    r"(?:(?:me|us)\s+)?(?P<made>(?:an?|one)\s+(?:[\w:'-]+\s+){0,6}?(?:video|clip|reel|film|movie|vid)\b)"
    r"(?:\s+(?:out )?(?:of|from|with)\s+(?:them|these|those|it|both|that))?(?P<rest>.*)",
    re.DOTALL,
)
DOES = {
    "posts": "post", "publishes": "publish", "shares": "share", "writes": "write", "drafts": "draft", "says": "say",
    "reads": "read", "narrates": "narrate", "records": "record", "speaks": "speak",
    "posting": "post", "publishing": "publish", "sharing": "share", "writing": "write", "drafting": "draft",
    "saying": "say", "reading": "read", "narrating": "narrate", "recording": "record", "speaking": "speak",
}  # fmt: skip
TEXTS = r"(?:captions?|posts?|repl(?:y|ies)|lines?|words|texts?|paragraphs?|sentences?|blurbs?|one-?liners?|tweets?)"
ACTING = re.compile(
    rf"(§p\d+)(?:\s+(?:will|shall|is going to|is to|to|then|also|now|always|just))*\s+"
    rf"({'|'.join(DOES)}|(?<=will )(?:post|publish|share|read|say|write)|(?<=to )(?:post|publish|share|read|say|write"
    rf"|narrate|record))\b(?=\s)"
)
# What says that it is a thing to do now, not a habit told of somebody: words given, or a text, or "it".
DEED = re.compile(
    rf"\s+(?:it|that|this|them|the same|both)\b|[^.;]*§q|\s+(?:an?|the|one|two|three|some|us|me)\b[^.;]*\b{TEXTS}\b"
    rf"|\s+the\b[^.;]*\bstor(?:y|ies)\b"
)
SUBJECT_POST = re.compile(
    r"(§q\d+)\s+(?:goes|should go|shall go|must go|is to go|has to go|to go)\s+(?:out|live|up|online)\b"
)
AS_FRONT = re.compile(
    r"(?:as|for|in the name of|on behalf of)\s+(§p\d+),?\s+((?:please\s+)?(?:post|publish|share|schedule|write|draft|say"
    r"|read|record|narrate)\b.*)",
    re.DOTALL,
)
WHEN_FRONT = re.compile(
    r"\s*((?:on|at|every|each|tomorrow|tonight|today|next|this|in|daily|weekly|monthly|weekdays|from|starting"
    r"|beginning|as of)\b(?:(?!\b(?:post|publish|schedule|share|put)\b)[^§]){0,60}?),?\s+"
    r"((?:please |can you |could you )*(?:post|publish|schedule|share|put|(?:let|have)\s+(?:§p\d+|her|him)"
    r"|§p\d+\s+should|§q\d+\s+(?:goes|should go))\b.*)",
    re.DOTALL,
)
CALLED = re.compile(
    rf"(§p\d+)\s*[:,]\s*(?!(?:post|reply|write|draft|share|read|say|publish|caption)\s)((?:(?:an?|one|two|three|some"
    rf"|another)\s+)?(?:[\w-]+\s+){{0,3}}?{TEXTS}\b.*)",
    re.DOTALL,
)
GERUND = re.compile(
    r"(?!recording|drawing|rendering)([a-z]+ing)\s+(?=(?:(?:out|up|together|down) )?"
    r"(?:(?:the|an?|my|our|all|it|that|this|me|her|him|both)\b|§))"
)
GIVEN = re.compile(rf"({TIMED}[^§]*?),?\s*(?:as|for|on)\s+(§p\d+)(?:'s (?:page|gallery|wall))?\s*[:,–-]\s*(§q\d+)")
NEEDS = re.compile(
    r"((?:both|all|each|the|my|our|§p\d+|that|this|every)\b.*?)\s+(?:needs?|wants?|(?:has|have) to be|should be"
    r"|must be)\s+(?:to be\s+)?"
    r"(cancell?ing|cancell?ed|pausing|paused|removing|removed|deleting|deleted|resuming|resumed|retrying|retried)\b(.*)",
    re.DOTALL,
)
SOMETHING = re.compile(
    r"something\s+((?:[\w-]+\s+){0,3}?)(?:from|by|in the voice of)\s+(§p\d+)\s+((?:about|on|for)\b.*)", re.DOTALL
)
WOULD = re.compile(
    r"(?:how|what) (?:would|might|could|should|will|does|do)\s+(§p\d+)\s+(?:reply|respond|answer|say)\s+(?:to|if)\s+(.*)",
    re.DOTALL,
)
LABEL = re.compile(r"(?:^|(?<=[\s,;]))(?:\(([a-h]|[1-9]|i{1,3}|iv|v)\)|([a-h]|[1-9])\)|([1-9])\.(?=\s))\s*")


def enumerated(said: Said) -> list[Said]:
    """The points of "(a) … (b) …" or "1) … 2) …"; else the whole."""
    hits = list(LABEL.finditer(said.read))
    labels = [next(label for label in hit.groups() if label) for hit in hits]
    runs = ("abcdefgh", "123456789")
    counted = any("".join(labels) == run[: len(labels)] for run in runs) or labels == ["i", "ii", "iii"][: len(labels)]
    if len(hits) < 2 or not counted:
        return [said]
    ends = [*(hit.start() for hit in hits[1:]), len(said.read)]
    points = [said.cut(hit.end(), end) for hit, end in zip(hits, ends, strict=True)]
    lead = said.cut(0, hits[0].start())
    asks = re.sub(
        r"\b(?:please|could|can|would|will|you|kindly|do|the|following|these|things?|for|me|i|need|want|to)\b",
        "",
        lead.read,
    )
    return [lead, *points] if re.search(r"§q|\b(?:every|at|as)\b", lead.read) and re.search(r"\w", asks) else points


def whole(said: Said) -> str:
    """A message whose parts are named before what is made of them, in plain order; empty when it is plain already."""
    for form, plain in ((KIND, _of_kind), (TERSE, _posted), (BOTH, _both), (ONE_EACH, _one_each)):
        if hit := form.fullmatch(said.stripped().read):
            return plain(said.stripped(), hit)
    taken = TAKEN.fullmatch(said.read)
    if taken is None or not (
        _media(taken["parts"]) or (not (taken["lead"] or "").strip() and not TOLD.search(taken["parts"]))
    ):
        return ""
    part = {name: said.words(*taken.span(name)) for name in ("lead", "made", "parts", "rest") if taken[name]}
    return f"{part.get('lead', '')} make {part['made']} from {part['parts']}{_joined(part.get('rest', ''))}".strip()


# "Nova must not talk about politics, add that as a boundary": the end only says what kind of thing it is.
KIND = re.compile(
    r"(?P<what>[^;!?\n]*?[\w'])\s*[,;.–—-]+\s*(?:and\s+|please\s+|so\s+)*(?:add|make|put|save|note|set|keep|count"
    r"|take|treat|store)"
    r"\s+(?:that|it|this)\s+(?:down\s+|in\s+)?(?:as\s+|to be\s+)?(?:(?:an?|the|one of|her|his|their|new"
    r"|(?P<whose>§p\d+)'s)\s+)*"
    r"(?P<kind>boundar(?:y|ies)|limits?|no-go|catch ?phrases?|signature (?:phrases?|lines?|sayings?)|sayings?|motto)"
    r"(?:\s+(?:of|for)\s+(?:(?P<of>§p\d+)|her|him|them))?(?:[\s,]+(?:please|pls|thanks|too))*[\s.!]*"
)
# "Nova, Saturday 7:30pm: “text”" and "Nova: “text”, tomorrow, 11:45 pm": who, when and the words, without a verb.
MOMENT = (
    r"(?:(?:on|at|next|this|every|each|in|the)\s+)*(?:day after|tomorrow|today|tonight|noon|midnight|daily|weekdays?|week"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?\b|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"|an? |\d)(?:(?!\b(?:read|say|write|draw|make|voice|card|reply|video|caption|record)\b)[^§;!?\n]){0,50}?"
)
TERSE = re.compile(
    rf"(?P<who>§p\d+)\s*[,:–—-]\s*(?:(?P<first>{MOMENT})\s*[,:–—-]\s*(?P<words>§q\d+)|(?P<text>§q\d+)\s*[,;–—-]?\s*"
    rf"(?P<last>{MOMENT}))[\s.!]*"
)
VOICE = r"(?:voice(?:[- ]?over)?|recording|narration|audio)"
BOTH = re.compile(
    rf"(?:(?:make|create|do|i want|i need|an?|one|the|please)\s+)*(?:(?:card|picture)\s*(?:\+|&|and|plus)\s*(?:an?\s+)?{VOICE}"
    rf"|{VOICE}\s*(?:\+|&|and|plus)\s*(?:an?\s+)?(?:card|picture))\s+(?:for|as|by|from|of)\s+(?P<who>§p\d+)\s*[,:–—-]*\s*"
    r"(?P<words>§q\d+)(?P<rest>[^§]*)"
)


def _of_kind(said: Said, hit: re.Match[str]) -> str:
    """A boundary is told by its own words; a phrase is put on the list it is said to be for."""
    what = said.words(*hit.span("what"))
    quoted = re.search(r"§q\d+", said.read[: hit.end("what")])
    if not quoted or hit["kind"].startswith(("bound", "limit", "no-go")):
        return what
    who = hit["whose"] or hit["of"] or next(iter(re.findall(r"§p\d+", hit["what"])), "")
    whose = f"{_name(said, who)}'s" if who else "her"
    return f"add {said.words(*quoted.span())} as {whose} catchphrase"


def _posted(said: Said, hit: re.Match[str]) -> str:
    when = said.words(*hit.span("first" if hit["first"] else "last"))
    words = said.words(*hit.span("words" if hit["words"] else "text"))
    return f"schedule {words} as {_name(said, hit['who'])} {when}"


def _both(said: Said, hit: re.Match[str]) -> str:
    who, words = _name(said, hit["who"]), said.words(*hit.span("words"))
    return f"make a card for {who} saying {words}{said.words(*hit.span('rest')).rstrip(' .')}; let {who} read {words} aloud"


# Several in one breath, as in "two captions for Nova: one about rain and one about sun".
ONE_EACH = re.compile(
    r"(?P<lead>[^:;§]*?)\b(?:two|three|2|3|a couple of|some)\s+(?P<how>(?:short|long|medium|square|bold|minimal"
    r"|portrait|landscape)?\s*)"
    r"(?P<noun>caption|post|text|card|picture|quote card)s\b(?P<who>[^:;,]*?)\s*[:,;–—-]\s*(?P<first>(?:one"
    r"|the first)(?: one)?\s+"
    r"(?:about|on|saying|that says|with).+?)(?:,?\s+and\s+|,\s*)(?P<second>(?:one|another|the second|the other)(?: one)?\s+"
    r"(?:about|on|saying|that says|with).+)"
)


def _one_each(said: Said, hit: re.Match[str]) -> str:
    """Each of them as a request of its own."""
    part = {name: said.words(*hit.span(name)) for name in hit.groupdict()}
    content = [
        re.sub(r"(?i)^(?:one|another|the (?:first|second|other))(?: one)?\s+", "", part[name])
        for name in ("first", "second")
    ]
    made = f"{part['lead']} a {part['how']} {part['noun']}"
    return "; ".join(f"{made} {words.rstrip(' .')} {part['who']}" for words in content)


TOLD = re.compile(r"\b(?:feed|stor(?:y|ies)|text|caption)\b")


def _media(parts: str) -> bool:
    return bool(re.search(r"\b(?:picture|card|image|photo|voice|recording|clip|pic|voice-?over|greeting)\b|§q", parts))


def _joined(rest: str) -> str:
    return rest if rest[:1] in ",.;!?" else f" {rest}" if rest else ""


def clause(said: Said) -> str:
    """One clause in plain order; empty when it is so already."""
    read = said.read.rstrip(" .")
    if (hit := GERUND.match(read)) and (verb := plain_verb(hit[1])) != hit[1]:
        return f"{verb} {said.words(hit.end(1), len(said.read))}"
    if hit := re.fullmatch(
        r"(?:both|all|them|these) (?:together )?(?:in|into|as) ((?:an?|one)\s+.*?\b(?:video|clip|reel"
        r"|film)\b)(.*)",
        read,
    ):
        return f"make {said.words(*hit.span(1))} of both {said.words(*hit.span(2))}"
    if hit := re.fullmatch(r"(?:have|get|see)\s+(§p\d+)\s+(paused|resumed|removed|deleted)", read.rstrip("?")):
        return f"{hit[2].removesuffix('d')} {_name(said, hit[1])}"
    if hit := WOULD.fullmatch(read.rstrip("?")):
        return f"write a reply as {_name(said, hit[1])} to {said.words(*hit.span(2))}"
    if hit := AS_FRONT.fullmatch(read):
        return f"{said.words(*hit.span(2))} as {_name(said, hit[1])}"
    if hit := WHEN_FRONT.fullmatch(read):
        return f"{said.words(*hit.span(2))} {said.words(*hit.span(1))}"
    if hit := re.fullmatch(rf"(?P<when>(?:{TIMED}[^§]{{0,60}}?,?\s+)?)(?P<does>{ACTING.pattern}.*)", read, re.DOTALL):
        return _acted(said, hit)
    if (hit := SUBJECT_POST.search(read)) and not re.search(
        r"\b(?:post|publish|schedule|draw|make)\b", read[: hit.start()]
    ):
        return f"post {said.words(hit.start(), hit.end(1))} {said.words(hit.end(), len(read))} {said.words(0, hit.start())}"
    if hit := GIVEN.fullmatch(read):
        return f"post {said.words(*hit.span(3))} as {_name(said, hit[2])} {said.words(*hit.span(1))}"
    if hit := CALLED.fullmatch(read):
        return f"write {said.words(*hit.span(2))} as {_name(said, hit[1])}"
    if hit := re.fullmatch(r"(§p\d+)'s voice\s*[:,–-]\s*(§q\d+.*)", read):
        return f"say {said.words(*hit.span(2))} as {_name(said, hit[1])}"
    if hit := NEEDS.fullmatch(read):
        return f"{plain_verb(hit[2])} {said.words(*hit.span(1))} {said.words(*hit.span(3))}"
    if hit := SOMETHING.fullmatch(read):
        return f"write a {said.words(*hit.span(1))} post {said.words(*hit.span(3))} as {_name(said, hit[2])}"
    return ""


def _acted(said: Said, hit: re.Match[str]) -> str:
    """ "On weekdays at 6 Jax posts 'Up!'": when, who, does what."""
    acting = ACTING.match(said.read, hit.start("does"))
    lead = said.read[: hit.start("does")]
    if acting is None or not DEED.match(said.read, acting.end()):
        return ""
    if re.search(r"\b(?:let|have|ask|make|get|tell|card|picture|persona|what|which|when|did|does)\b", lead):
        return ""
    verb = DOES.get(acting[2], acting[2])
    rest = said.words(acting.end(), len(said.read.rstrip(" .!")))
    aloud = " aloud" if verb == "read" and not re.search(r"\b(?:aloud|out)\b", rest) else ""
    return f"let {_name(said, acting[1])} {verb} {rest}{aloud} {said.words(0, len(lead))}".strip()


def _name(said: Said, token: str) -> str:
    return said.kept.names[int(token[2:])]


PERSONAS = re.compile(
    rf"(?:(?:please|can you|could you|create|make|add|set up|build|i need|i want|we need|introduce|generate|me|us|new|the"
    rf"|following|these|{AMOUNT}|both|few|some|i'd like|i would like|we'd like|i wish|give|let's have|we want"
    rf"|i wanna have|want|need)"
    rf"\s+)*(?:personas|characters)\b(?:\s+please)?\s*[,:–-]\s*(?=\S)"
)
NEXT_PERSON = re.compile(
    r"\s*(?:[,;]\s*(?:and\s+|plus\s+|then\s+)?|\s+(?:and|plus|&)\s+)(?=(?:(?:dr|prof|mr|mrs|ms)\.\s+)?[^\W\d_§][\w'’-]*"
    r"(?:\s+[^\W\d_][\w'’-]*){0,3}\s*[,(]\s*(?:aged?\s+)?\d{2}\b)"
)


def several_personas(said: Said) -> list[str]:
    """ "Two personas: Tom, 30, carpenter, and Greta, 44, florist" as one request each; else nothing."""
    lead = PERSONAS.match(said.read)
    if not lead:
        return []
    body = said.cut(lead.end(), len(said.read))
    cuts = [hit for hit in NEXT_PERSON.finditer(body.read) if body.words(hit.end(), hit.end() + 1).isupper()]
    starts, ends = [0, *(hit.end() for hit in cuts)], [*(hit.start() for hit in cuts), len(body.read)]
    people = [body.words(start, end).strip(" ,;.") for start, end in zip(starts, ends, strict=True)]
    return [f"create a persona: {one}" for one in people] if len(people) > 1 else []
