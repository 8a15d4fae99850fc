"""Which words are the content? What a card says, what is read aloud, what a text is about, which story is meant.

Quoted words are content as they stand; unquoted ones run from their marker ("saying", "about") to the end of what is
left when options and times were taken out. Neighbours: options, fillers.
"""

import re

from agents.builtin.counting import ORDINAL, ordinal
from agents.builtin.references import Story
from agents.builtin.said import GAP, Said

SAYS = re.compile(
    r"(?:\b(?:that|which|it (?:should|must|can|shall)|and) (?:says?|reads?|states?|announces?|goes)"
    r"|\b(?:should|must|to|let it) (?:say|read)\b"
    r"|\b(?:saying|reading|stating|announcing|bearing|displaying)\b"
    r"|\b(?:with|using|for|of|from|bearing) (?:the |this |these |following |my |a )*(?:text|words?|lines?"
    r"|message|quotation|quote|phrase|sentence|saying|slogan|caption|lyrics|copy|content|wording)\b(?: (?:of|that says"
    r"|saying|on it))?"
    r"|\b(?:text|words|message|caption|quote|content|body|subline)(?: on it)?(?: is| should be| to be)?(?=\s*[:=§])"
    r"|[,;]\s*(?:and )?(?:the |with )?(?:text|body|body text|words)(?: is| should be| says| reads)?(?=\s+\w)"
    r"|\b(?:says|reads)\b)\s*[:=]?\s*[-–—]?\s*"
)
# "a card with SOLD OUT on it"
ON_IT = re.compile(
    r"\b(?:with|having|bearing|that has|and)\s+((?:(?!\bwith\b)[^,;§])+?)\s+(?:written )?on (?:it|top|the front)\b"
)
UNSAID = re.compile(
    r"it|that|this|(?:(?:some|a few|a couple of|any|the|my|a|an|these|those|nice|short|big|bold|good"
    r"|random)\s+)*(?:words?|text|writing|letter(?:ing|s)?"
    r"|quotes?|messages?|lines?|sentences?|captions?|logos?|names?|pictures?|photos?|images?|backgrounds?|borders?"
    r"|something|stuff)"
)
COLON = re.compile(r":\s+|\s[-–—]{1,2}\s+|:(?=§)|:\s*\n")
ABOUT = re.compile(
    r"\b(?:all about|about|regarding|concerning|on the (?:subject|topic|theme) of|on the topic|with regard to"
    r"|related to|dealing with|(?:covering|explaining|describing|announcing|promoting|celebrating|introducing"
    r"|on how|on why|why|how)(?= )|on|re:?|for|of)\s+"
)
HEADLINE = re.compile(
    r",?\s*\b(?:and\s+)?(?:(?:with|under|below|beneath)\s+)?(?:the\s+|a\s+|as\s+)?(?:headline[ds]?|heading|titled?|header"
    r"|entitled|called)(?:\s+(?:is|of|saying|should be|that says|reads?|it))?\s*[:=]?\s*(§q\d+)"
)
HEADLINE_AFTER = re.compile(
    r"(§q\d+)\s+(?:as|for|is|at the top as|on top as|in)\s+(?:the\s+|a\s+|its\s+)?(?:headline|heading|title|header)\b"
    r"|(§q\d+)\s+(?:on top|at the top|up top)\b"
)
TITLE = re.compile(
    r",?\s*\b(?:and\s+)?(?:(?:with\s+)?(?:the\s+|a\s+)?(?:title|name)d?(?:\s+(?:is|of|it))?|titled|entitled"
    r"|called|named|call it|title it|name it)\s*[:=]?\s*(§q\d+)"
)
TITLE_BARE = re.compile(
    r",?\s*\b(?:and\s+)?(?:titled|entitled|called|named|(?:call|title|name)\s+it)\s+([^,§]+?)(?=\s*(?:,|$|\bof\b|\bfrom\b|\bwith\b|\bfor\b|\bin\b))"
)
STORY_WORD = r"(?:stor(?:y|ies)|headlines?|articles?|news items?|items?|entry|news(?: story| item)?|report)"
STORY = re.compile(
    rf"\b(?:(?:about|on|of|for|from|with|using|covering|to|at)\s+)?(?:the|this|that|its|our|your|their"
    rf"|today's)?\s*(?:very\s+)?(?P<place>top|first|latest|newest|most recent|lead(?:ing)?|main|biggest|last"
    rf"|{ORDINAL}|#\s?\d+)?\s*(?P<feed>(?:§p\d+'s|[\w-]+)\s+)??{STORY_WORD}\b(?:\s+(?:number|no\.?"
    rf"|#)\s?(?P<number>\d+|one|two|three|four|five))?(?:\s+(?:about|on|regarding"
    rf"|concerning)\s+(?P<words>[^,;]+))?(?:\s+(?:in|of|from) (?:the |our |my )?(?:list|feeds?|news))?"
)

# "the coral reef story": what the story is about stands before it.
BY_SUBJECT = re.compile(
    r"\b(?:about|on|of|for|from|read|narrate|speak|with)?\s*(?:the|that)\s+((?:[\w'-]+\s+){1,4}?)(?:story"
    r"|article|headline|news item|news story)\b"
)
NO_SUBJECT = (
    rf"(?:(?:very|top|first|latest|newest|most|recent|lead|leading|main|biggest|last|{ORDINAL}|news|feed|next"
    rf"|other|same|new|previous|whole|full|entire|big|best|one|\w+'s|two|three|of|in|as|for)\s*)+"
)


def headline(said: Said) -> tuple[str, Said]:
    for pattern in (HEADLINE_AFTER, HEADLINE):
        if hit := pattern.search(said.read):
            return said.kept.quotes[int((hit[1] or hit[2])[2:])], said.without(*hit.span())
    bare = re.search(
        r"(?:(?:,|;|\bwith|\band|\bunder|^card|\bcard)\s*(?:the |a )?(?:headline|heading|title|header)\s*(?:of|is|:|saying)?"
        r"|\b(?:headline|heading|title|header)\s*(?:is|:|saying)|\b(?:headlined|titled|entitled))\s+([^,;§]+?)"
        r"(?=\s*(?:[,;]|$|\b(?:text|body|words)\s*:|\b(?:and|with) (?:the )?(?:text|body|words)\b|\band (?:the )?attribution\b"
        r"|\b(?:that|which) (?:says|reads)\b|\b(?:and )?(?:saying|reading)\b))",
        said.read,
    )
    if bare:
        return said.words(bare.start(1), bare.end(1)), said.without(*bare.span())
    return "", said


def title(said: Said) -> tuple[str, Said]:
    if hit := TITLE.search(said.read):
        return said.kept.quotes[int(hit[1][2:])], said.without(*hit.span())
    if hit := TITLE_BARE.search(said.read):
        return said.words(hit.start(1), hit.end(1)), said.without(*hit.span())
    return "", said


def attribution(said: Said) -> tuple[str, Said]:
    """Whose words they are: by Rumi, — Rumi, attributed to Rumi."""
    named = re.search(
        r",?\s*\b(?:and\s+)?(?:with\s+)?(?:the\s+|an?\s+)?(?:attribut(?:ed|ion|e it)|credit(?:ed| it|s)?|signed"
        r"|author|source|quoted from)(?:\s+(?:to|is|of|as|by))*\s*:?\s*(§q\d+|§p\d+|[^,;§]+?)(?=\s*(?:,|;|\.|$|\b(?:in|with|as"
        r"|and)\b))",
        said.read,
    )
    if named:
        return said.spoken(named.start(1), named.end(1)).strip(".,;"), said.without(*named.span())
    named = re.search(
        r",?\s*\b(?:and|with)\s+(§q\d+|§p\d+|[^,;§]+?)\s+as\s+(?:the\s+|its\s+)?(?:attribution|author|credit|source)\b",
        said.read,
    )
    if named:
        return said.spoken(named.start(1), named.end(1)).strip(".,;"), said.without(*named.span())
    after = re.search(
        r"(§q\d+)(\s*,?\s*(?:by|[-–—]+|from)\s*)(§q\d+|§p\d+|(?!tomorrow|today|noon|now|the\b|an?\b|its?\b"
        r"|his\b|her\b|our\b|my\b)[^\W\d_][\w.'-]*(?:\s+(?:[A-Za-z][\w.'-]*))*?)(?=\s*(?:[,;.!]|$|\b(?:in|as"
        r"|with|for|at|on|and|to|using)\b))",
        said.read,
    )
    if after:
        words = said.spoken(after.start(3), after.end(3))
        if after[3].startswith("§") or words[:1].isupper() or said.raw.islower():
            return words.strip(".,;"), said.without(after.start(2), after.end(3))
    last = re.search(r",\s*by\s+((?:[^\W\d_][\w.'-]*\s*){1,4})[\s.!]*$", said.read)
    if last and said.quotes() and said.words(*last.span(1))[:1].isupper():
        return said.words(*last.span(1)).strip(" .,;"), said.without(*last.span())
    before = re.search(
        r"\b(?:quote|quotation|saying|words|line)\s+(?:card\s+|picture\s+|tile\s+)?(?:by|from|of)\s+(§p\d+"
        r"|[^\W\d_][\w.'-]*(?:\s+[^\W\d_§][\w.'-]*){0,3}?)\s*[:,]?\s*(?=§q)",
        said.read,
    )
    before = before or _credited(said)
    if before:
        return said.words(before.start(1), before.end(1)).strip(" :,"), said.without(before.start(1) - 0, before.end(1))
    return "", said


def _credited(said: Said) -> re.Match[str] | None:
    """ "a card of Simone Weil: …": a name in capitals between the thing and the quotation."""
    hit = re.search(
        r"\b(?:card|picture|tile|poster|image|quote|please)\s*(?:by|from|of)\s+((?!the\b|my\b|our\b|an?\b)[^\W\d_][\w.'-]*"
        r"(?:\s+[^\W\d_][\w.'-]*){0,3}?)\s*[:,]\s*(?=§q)",
        said.read,
    )
    return hit if hit and said.words(*hit.span(1))[:1].isupper() else None


def written(said: Said) -> str:
    """The words to be shown or spoken: quoted, or after a marker, or after a colon. Empty when none are given."""
    quotes = said.quotes()
    if quotes:
        return quotes[0]
    for hit in SAYS.finditer(said.read):
        if words := tidy(said, hit.end()):
            return words
    if (on_it := ON_IT.search(said.read)) and not UNSAID.fullmatch(on_it[1]):
        return said.words(*on_it.span(1))
    colon = COLON.search(said.read)
    return tidy(said, colon.end()) if colon else ""


def tidy(said: Said, start: int) -> str:
    """What is written from there on, without blanked-out stretches at its end and loose joints."""
    stretch = said.cut(start, len(said.read))
    body = stretch.read.lstrip()
    lead = len(stretch.read) - len(body)
    gap = re.search(f"{GAP}+", body)
    if gap and re.search(r"[\w§]", body[: gap.start()]):
        # An option was taken out of its middle or end: the words are those before it, without loose joints.
        joints = r"(?:[\s,;]*\b(?:and|in|with|as|for|at|on|by|to|please|it|make|format|design)\b)*[\s,;:]*$"
        loose = re.search(joints, body[: gap.start()])
        stretch = stretch.cut(0, lead + (loose.start() if loose else gap.start()))
    end = len(stretch.read.rstrip())
    words = stretch.words(0, end).strip(" \t\n,;:–—-")
    return words if re.search(r"\w", words) else ""


def story(said: Said) -> tuple[Story | None, Said]:
    """The story meant: the top story, the second one, the story about whales."""
    if called := BY_SUBJECT.search(said.read):
        words = called[1].strip()
        if not re.fullmatch(NO_SUBJECT, words):
            return Story(words=said.words(called.start(1), called.end(1))), said.without(*called.span())
    hit = STORY.search(said.read)
    if not hit:
        pronoun = re.search(
            r"\b(?:about|on|of|for) (?:the )?(top|first|second|third|fourth|fifth|latest|newest|last) (?:one"
            r"|of (?:them|those|these))\b|\b(?:about|on|of|for|from) the (top|first|second|third|fourth|fifth|last)[\s.!?]*$"
            r"|\b(?:number|no\.?|#) ?(\d+|one|two|three)\b",
            said.read,
        )
        if not pronoun:
            return None, said
        return Story(_place(next(word for word in pronoun.groups() if word))), said.without(*pronoun.span())
    if re.search(
        r"\b(?:back|life|her|his|their|own|short|bedtime|love|a|an|instagram|insta|ig|success)\s*-?$",
        said.read[: hit.start()].rstrip(),
    ) or re.match(r"(?:as|in|for)\s+(?:an?\s+)?stor", hit[0]):
        return None, said
    if (
        not re.search(r"\b(?:the|this|that|its|our|today's|top|first|latest|newest)\b|\d", hit[0])
        and not hit["place"]
        and not hit["words"]
    ):
        return None, said
    words = said.words(hit.start("words"), hit.end("words")) if hit["words"] else ""
    quoted = re.match(r"\s*(§q(\d+))", said.read[hit.end() :])
    if not words and quoted and not hit["place"]:
        return Story(words=said.kept.quotes[int(quoted[2])]), said.without(hit.start(), hit.end() + quoted.end())
    return Story(_place(hit["place"] or hit["number"]), _unmarked(words)), said.without(*hit.span())


def _unmarked(words: str) -> str:
    return words.strip(" \"'“”‘’.,")


def _place(word: str | None) -> int:
    if not word or word in ("top", "latest", "newest", "most recent", "lead", "leading", "main", "biggest"):
        return 1
    if word == "last":
        return -1
    from agents.builtin.counting import whole

    return ordinal(word.strip("# ")) or whole(word.strip("# ")) or 1


def topic(said: Said, *, loose: bool = True) -> str:
    """What a text is to be about."""
    for hit in ABOUT.finditer(said.read):
        weak = re.match(r"(?:for|of)\b", hit[0])
        if weak and re.search(r"\b(?:about|regarding|concerning)\s", said.read[hit.end() :]):
            continue
        if not loose and not re.match(r"(?:all )?about|regarding|concerning|on the", hit[0]):
            continue
        start = hit.end()
        if addressed := re.match(r"§p\d+\s*[:–—]\s*", said.read[start:]):
            start += addressed.end()  # "a caption for Nova: Hello"
        rest = said.cut(start, len(said.read))
        only = re.match(r"\s*(§q\d+)\s*(?:[,.!?;]|$)", rest.read)
        if only:
            return said.kept.quotes[int(only[1][2:])]
        if words := tidy(said, start).rstrip(".!?"):
            return words
    return ""
