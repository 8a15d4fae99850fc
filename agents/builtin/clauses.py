"""Where does one request end and the next begin? A message cut into clauses, each of which asks for one thing.

A cut is made at the end of a sentence, at "then", and at "and" or a comma only where a new verb or a new thing to make
follows, so that "chess and sailing" or "the card and the voice-over" stay whole. Neighbours: said, heads.
"""

import re
from functools import cache

from agents.builtin import lexicon
from agents.builtin.said import Said

SENTENCE = re.compile(
    r"(?<!\b[ap]\.m)(?<!\be\.g)(?<!\bdr)(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bprof)(?<!\bst)(?<!\blt)(?<!\bsgt)(?<!\brev)(?<!\bcapt)(?<!\bcol)(?<!\bmaj)(?<!\by\.o)(?<!\bno)(?<!\d)(?<![\s.][a-z])[.!?]+(?=\s|$)|(?<=\d)[.!?]+(?=\s+[^\d\s]"
    r"|\s*$)|[;\n]+|[!?](?=\s)"
)
SAID_IN_A_SCENE = re.compile(r"\bscene\b[^.:!?§]{0,24}\b(?:says?|saying)\b\s*:?[^§]+$")
THEN = re.compile(
    r"(?:\s*,)?\s*\b(?:and\s+)?(?:then|after that|afterwards|after which|once (?:that|this|it)(?:'s"
    r"| is) (?:done|ready|finished|made)"
    r"|when (?:that|this|it)(?:'s| is) (?:done|ready|finished)|when you(?:'re| are) done|finally|lastly"
    r"|next up|next,|(?<=[,;.] )next(?= (?:an?|the|§p\d+|let|have|make|draw|read|publish|post)\b)|also"
    r"|as well as)\b,?\s*(?:and\s+)?"
)
JOINT = re.compile(r"\s*(?:,|&|\+|\s[-–—]\s)\s*(?:and\s+|but\s+|or\s+|plus\s+)?|\s+(?:and|but|plus|n)\s+")
MADE = (
    "card picture image graphic photo pic voice voiceover voice-over narration recording audio video clip reel"
    " film movie slideshow caption post reply text tweet blurb"
)
_DET = r"(?:an?|another|one|two|three|some|its|his|her|their|matching)"
NEW_THING = re.compile(
    r"(?:card|picture|image|graphic|voice|voice-?over|narration|recording|audio|video|clip)s?\s*:\s*§q"
    rf"|{_DET}\s+(?:[\w:§'-]+\s+){{0,5}}?(?:{MADE.replace(' ', '|')})s?\b|(?:quote |social |picture )?cards?\b"
    rf"|(?:both|all|them|these) (?:together )?(?:in|into|as) (?:an?|one)\b|voice-?overs?\b|captions? (?:about|for|on)\b"
    rf"|(?:[\w:-]+ )?(?:video|clip|reel) (?:of|from|with|out of)\b"
)
SWAPPED = re.compile(
    r"(?:put|add|use|write|include|set|take|remove|drop)\s+(?!it\b)[^,;]{2,60}?(?:(?:\s+(?:on|in|there|to (?:it|them"
    r"|the list)))?"
    r"\s+instead|\s+(?:on|in|off|out|there|to (?:it|them|the list)))[\s.!]*$"
)
LISTED = re.compile(
    r"(?:(?:all|any|my|our|the|every|its|his|her|their|which|§p\d+'s|today's|yesterday's|(?:this|last) (?:week|month)'s)\s+)*"
    r"(?:[\w-]+\s+)?"
    r"(?:personas?|characters?|feeds?|sources|subscriptions|stories|news|headlines|pictures|images|cards"
    r"|voice-?overs|recordings|videos|clips|media|jobs|tasks|queue|posts|schedule|calendar|zones|domains"
    r"|records"
    r"|status|spending|costs|approvals|conversations|chats|history|versions)\b\s*(?:\?|$|,|\.|and\b|please\b|pls\b|(?:of"
    r"|for|from|in)\b)"
)
OBJECT = re.compile(
    r"(?:it|that|this|them|these|those|both|all|everything|me|us|her|him|another|one|what|which|who|how"
    r"|whether|if|its|to|so|about|up|out|an?|the|my|our|his|their|some|any|every|each|two|three|four|five|§\w+"
    r"|aloud|as (?:§p\d+|her|him))\b|§|\d|$"
)
POLITE = (
    r"(?:first|second|third|firstly|secondly|thirdly|please|kindly|also|just|maybe|perhaps|later|immediately"
    r"|directly|finally|too|could you|can you|would you"
    r"|will you|i'd like(?: you)?(?: to)?|i want(?: you)?(?: to)?|let's|you can|you could|you should|go ahead and"
    r"|i need(?: you)?(?: to)?|we need(?: to)?|don't|do not|never|feel free to|make sure to|remember to"
    r"|don't forget to|try to)"
)
STARTS = re.compile(rf"(?:{POLITE},?\s+)*")
QUESTION = re.compile(
    r"(?:what|what's|whats|which|who|who's|whom|when|when's|where|where's|how|how's|is|are|do|does|did|has"
    r"|have|was|were|why)\b(?! (?:to|yet)\b)"
)
CAUSE = re.compile(r"(?:let|have|ask|get|tell|make|want|instruct)\s+(?:§p\d+|her|him|them)\b")
# Somebody doing a thing, as a step of a list: "a card, Nell reading 'Hi', a video".
DOING = re.compile(
    r"§p\d+(?:'s)?\s+(?:(?:then|also|now)\s+)?(?:reading|saying|narrating|speaking|recording|posting|publishing|writing"
    r"|posts|publishes|says|reads|writes|to (?:read|say|narrate|record|post|publish|write))\s+"
    r"(?:it|that|this|them|the same|both|§q|(?:an?|the|out|aloud|one|two)\b|[^,;]{0,40}§q)"
)
TIMED = (
    r"(?:every|each|on|at|tomorrow|tonight|today|next|this|daily|weekly|monthly|weekdays|weekends|mondays|tuesdays"
    r"|wednesdays|thursdays|fridays|saturdays|sundays|from|starting)\b"
)
SPOKEN = re.compile(r"\b(?:say|read|narrate|record|voice|speak)\b.*(?:§q\d+|\bstory)\s*$")
PERSON = re.compile(r"(?:§p\d+|she|he|they)\b")
AGAIN = r"(?:another|one more|a second|one)(?: one)?(?=\s+(?:saying|that|with|about|on|for|in|which)\b)"
TEXT_MARK = re.compile(
    r"\b(?:says?|saying|reads|reading|that states|stating|with (?:the )?(?:text|words|line|message|caption"
    r"|phrase))\b(?!\s*:?\s*(?:§q|(?:it|that|this|them|the same|aloud|out)\b))"
)


@cache
def _imperatives() -> frozenset[str]:
    words = {word for line in lexicon.VERBS.values() for word in line.split()}
    return frozenset(
        words
        - {
            "sleep",
            "rest",
            "sound",
            "line",
            "plan",
            "cut",
            "name",
            "look",
            "hear",
            "know",
            "need",
            "want",
            "like",
            "set",
        }
        | lexicon.word_set(lexicon.OPENERS)
        | {"set", "go", "undo", "roll", "say", "send", "use"}
    )


def starts_request(read: str) -> bool:
    """Whether a text begins as a request does: a verb of ours with something to act on, a question, somebody to do it."""
    read = read.lstrip(" ,")
    polite = STARTS.match(read)
    rest = read[polite.end() :] if polite else read
    if (
        polite
        and polite.end()
        and re.match(r"(?:could|can|would|will) you|i'd|i want|i need|we need|let's|don't|do not", read)
    ):
        return True
    if CAUSE.match(rest) or QUESTION.match(rest):
        return True
    if re.match(
        r"(?:move|shift|push|reschedule|postpone|bring|delay)\s+\S+.*\b(?:to|until|till|by|forward|back)\b", rest
    ):
        return True
    if re.match(
        r"(?:add|put|remove|take|drop|delete|strike)\s+[^,;:]{2,60}?\s(?:to|on|from|off)\s+(?:§p\d+'s|her|his|their)\s+"
        r"(?:interests?|hobbies|traits?|languages|likes|boundaries)\b",
        rest,
    ):
        return True
    word = re.match(r"([a-z][a-z-]*)\b\s*", rest)
    if not word or word[1] not in _imperatives():
        return False
    after = rest[word.end() :]
    if OBJECT.match(after):
        return True
    following = re.match(r"(?:[\w-]+\s+)?([\w-]+)", after)
    first = re.match(r"[\w-]+", after)
    return bool((first and lexicon.thing(first[0])) or (following and lexicon.thing(following[1])))


def split(said: Said) -> list[Said]:
    """The clauses of a message in their order, without the words that join them."""
    clauses: list[Said] = []
    for sentence in _at(said, SENTENCE, keep_if=_sentence_ends):
        for part in _at(sentence, THEN, keep_if=_then_starts):
            clauses.extend(_joined(part))
    return [clause for clause in (one.stripped() for one in clauses) if re.search(r"\w", clause.read)]


def _sentence_ends(read: str, _start: int, end: int) -> bool:
    """ "headline: Why moss? text: It asks for nothing": a mark before the next label ends no request."""
    label = r"\s*(?:text|body|headline|heading|title|attribution|caption|words?|by)\s*:"
    if re.match(label, read[end:]) and ":" in read[:end]:
        return False
    return not _still_words(read[:end], read[end:])


# "voice note: who is a good boy? you are!": what stands behind a colon goes on where no request begins.
TOLD = re.compile(
    r"\b(?:card|picture|poster|voice|voice-?over|note|audio|recording|read|say|post|publish|narrate|graphic)\b[^:§]*:\s+[^§]+$"
)


def _still_words(before: str, after: str) -> bool:
    following = after.strip()
    return (
        bool(TOLD.search(before))
        and 0 < len(following.split()) <= 12
        and not re.search(r"§|:|\d", following)
        and not OPTIONAL.search(following)
        and not _request_or_thing(following)
    )


OPTIONAL = re.compile(
    r"\b(?:please|thanks?|unless|except|only|make|format|design|size|landscape|portrait|square|story|bold|minimal\w*|gradient"
    r"|editorial|tomorrow|tonight|today|slow\w*|fast\w*|mp3|ogg|wav|on|as|for|in|at|by|every|use|it|not|then|if)\b"
)


def _then_starts(read: str, start: int, end: int) -> bool:
    """ "then" cuts; "also" and "finally" only where a request follows."""
    word = read[start:end]
    if re.search(r"\b(?:also|finally|lastly|as well as|next)\b", word):
        return _request_or_thing(read[end:]) and (
            start == 0 or "also" not in word or bool(re.search(r"[,]|and", word)) or _request_or_thing(read[end:])
        )
    film = re.search(r"\b(?:video|clip|reel|film|movie|vid|slideshow)\b", read[:start])
    if film and re.match(r"[\s,]*then\b", word) and not _request_or_thing(read[end:]):
        return False  # "a video: first the coat, then the loafers"
    # "since then", "by then" speak of a time.
    return not (re.match(r"\s*then\b", word) and re.search(r"\b(?:since|until|by|till|now and|back)\s*$", read[:start]))


def _request_or_thing(read: str) -> bool:
    read = read.lstrip()
    return starts_request(read) or bool(NEW_THING.match(read) or PERSON.match(read) or LISTED.match(read))


def _at(said: Said, pattern: re.Pattern[str], keep_if: "object" = None) -> list[Said]:
    parts, place = [], 0
    for hit in pattern.finditer(said.read):
        if callable(keep_if) and not keep_if(said.read, *hit.span()):
            continue
        # A question or exclamation mark belongs to what it ends; a full stop to words that are said.
        ends = (
            "?" in hit[0] or "!" in hit[0] or ("." in hit[0] and SAID_IN_A_SCENE.search(said.read[place : hit.start()]))
        )
        end = hit.end() if ends else hit.start()
        parts.append(said.cut(place, end))
        place = hit.end()
    parts.append(said.cut(place, len(said.read)))
    return [part for part in parts if part.read.strip()]


def _joined(said: Said) -> list[Said]:
    """Cut at "and" and commas, left to right."""
    parts, place = [], 0
    for hit in JOINT.finditer(said.read):
        if hit.start() < place:
            continue
        before, after = said.read[place : hit.start()], said.read[hit.end() :]
        if re.search(r"\w|§", before) and _cuts(before, hit[0], after):
            parts.append(said.cut(place, hit.start()))
            place = hit.end()
    parts.append(said.cut(place, len(said.read)))
    return parts


# "On Friday, …", "Nova, …": what stands in front of a request and belongs to it.
FRONT = re.compile(
    r"\s*(?:§p\d+|(?:and\s+)?(?:on|at|every|each|tomorrow|tonight|today|next|this|in|from|daily|weekly|monthly"
    r"|starting|beginning)\b"
    r"(?:(?!\b(?:post|publish|schedule|make|draw|write|read|share)\b)[^§]){0,45})\s*"
)


MADE_THING = rf"(?:{MADE.replace(' ', '|')})s?\b"
# What an opening or a favour asked says before the request begins.
OPENING = re.compile(
    r"\s*(?:hi|hey|hello|please|ok|okay|gator|thanks|no|nope|wait|sorry|actually|hmm|yes|great|cool"
    r"|perfect|so|well|and|now|first)[\s,!]*$"
)
FAVOUR = re.compile(r"^\s*(?:kindly |please )*(?:do the needful|do (?:one|a|this) thing|do me a favou?r)[\s,]*$")
NAMING = re.compile(r"(?:call|name|label|title) (?:it|this|that|her|him|them)\b")
NAMED_THING = re.compile(r"§u|\b(?:feed|persona|character|video|clip|reel|slideshow|movie|film|voice-?over)\b")
SHEET_LIST = re.compile(r"\b(?:interests?|hobbies|traits?|languages|likes|boundaries)\b")
DESCRIBED = re.compile(
    r"\b(?:who|whose|she|he|they|likes?|loves?|enjoys?|into|fond of|interested in|hobbies|interests|to be"
    r"|able to|never|not)\b"
)
# "She must not swear and curse", "likes to draw and paint": the verb behind "and" is hers.
HELD = re.compile(
    r"\b(?:never|shouldn't|must not|mustn't|should not|not allowed to|can't|cannot|(?:likes?|loves?"
    r"|wants?|able|enjoys?|used|tends?|prefers?|who \w+) to)\s+[\w\s]{1,20}$"
)
PLAINLY_ASKED = re.compile(
    rf"(?:{POLITE}\s+)*(?:\w+\s+(?:it|that|this|them|both|§\w+)\b|(?:let|have|ask|get)\s+(?:§p"
    rf"|her|him|them)"
    rf"|\w+\s+(?:an?|the|me|us)\s+(?:[\w:-]+\s+){{0,5}}?{MADE_THING}"
    rf"|(?:what|which|how|who)\b|list\b|show\b)"
)
SHOWN = re.compile(r"\b(?:show|list|see|view|display|tell|give|get|check)\b|§u\d+\s*$")
OF_ONE = re.compile(
    r"\b(?:about|on|for|of|between)\b(?! §[up]\d+\s*$| (?:the )?(?:last|this|next|past|today|yesterday|coming)\b)"
    r"|\b(?:a|aaaa|mx|txt|cname|ns|srv|caa)\s*$"
)
TO_DO = re.compile(
    r"(?:§p\d+|she|he|they)\s+(?:should|must|needs? to|has to|can)\s+(?:write|post|draw|publish|say|read|make|record)\b"
)


def _cuts(before: str, joint: str, after: str) -> bool:
    """Whether a request begins behind a joint: each rule says yes, no, or leaves it to the next."""
    for rule in (_whole_front, _somebody_does, _somebody_else, _same_request, _listed, _no_new_clause, _requested):
        if (verdict := rule(before, joint, after)) is not None:
            return verdict
    if TEXT_MARK.search(before):
        return False
    return _another(before, after) or _made_too(before, after) or _shown_too(before, after) or bool(TO_DO.match(after))


def _whole_front(before: str, _joint: str, _after: str) -> bool | None:
    return False if FRONT.fullmatch(before) or FAVOUR.search(before) else None


def _somebody_does(before: str, _joint: str, after: str) -> bool | None:
    if CAUSE.match(after) or DOING.match(after):
        return True
    posted = re.search(r"\b(?:post|publish|schedule|share)\b.*§q", before)
    return True if posted and re.match(rf"{TIMED}[^§]{{0,50}}§q", after) else None


TOLD_OF = re.compile(
    r"(§p\d+)(?:'s| is| has| now| lives| moved| loves| likes| hates| works| speaks| turned| became| got| needs| wants"
    r"| enjoys| no)\b"
)


def _somebody_else(before: str, _joint: str, after: str) -> bool | None:
    """ "Change Nova's age to 29, and Mira lives in Bath now": something told of another persona is a request of its own."""
    told = TOLD_OF.match(after)
    others = re.match(r"(?:(?:change|set|make|update|move)\s+)?(§p\d+)\b", before.strip())
    listed = re.search(r"§q|:|\b(?:about|between|for|of|how|that|who|why)\b", before)
    return True if told and others and others[1] != told[1] and not listed else None


def _same_request(before: str, _joint: str, after: str) -> bool | None:
    """ "Take chess off her interests and put climbing on instead", "add the feed …, call it News": one request."""
    if NAMING.match(after) and NAMED_THING.search(before):
        return False
    of_it = re.match(r"(?:please )?(?:make|move|change|put|push|bring|shift) (?:it|that)\b", after)
    if of_it and re.fullmatch(
        r"\s*(?:(?:and|so|about)\s+)*(?:(?:the|my|her|his|our|that|§p\d+'s)\s+[^§,]{0,30}|\w+day's |tomorrow's )\b(?:post|one)"
        r"(?:\s+(?:for |on |due |scheduled |planned |set |this |next )*(?:\w+day|tomorrow|today|tonight|the \d+\w*))?\s*",
        before,
    ):
        return False
    told = re.match(r"\s*(?:§p\d+|she|he|they)\b", before) and not starts_request(before)
    if told and re.match(r"(?:add|take|put|remove|drop|note|write|include|update|save|set) (?:it|that|this)\b", after):
        return False
    return False if SHEET_LIST.search(before) and SWAPPED.match(after) else None


def _listed(before: str, _joint: str, after: str) -> bool | None:
    """ "Status, spending for the last 7 days and approvals": things to be shown, one after the other."""
    first = before.strip() + ","
    alone = LISTED.fullmatch(first) or (LISTED.match(first) and not OF_ONE.search(before))
    return True if alone and LISTED.match(after) else None


def _no_new_clause(before: str, joint: str, after: str) -> bool | None:
    if OPENING.match(before):
        return False
    if re.match(r"(?:is|are|do|does|did|has|have|was|were)\b", after) and "?" not in after:
        return False
    relative = re.match(r"who\b|who's\b|whose\b|which\b", after)
    told = re.search(r"\b(?:whose|who|persona|character)\b", before) and re.match(
        r"who(?:se)? (?:\w+s|was|\w+ is)\b", after
    )
    if told and "?" not in after:
        return False
    return False if relative and "and" not in joint and "?" not in after else None


# "…, drop city cyclist": with verbs that take nothing but a name, it needs no article.
BLUNT = re.compile(
    r"(?:drop|unfollow|unsubscribe from|ditch|dump|remove|delete|pause|unpause|resume|retry|re-?run)\s+(?!and\b"
    r"|or\b)[a-z][^§:;?]*"
)


def _requested(before: str, joint: str, after: str) -> bool | None:
    """A clause that begins as a request does is one, unless what stands before holds its verb."""
    if not starts_request(after):
        return True if BLUNT.match(after) and starts_request(before) and not TEXT_MARK.search(before) else None
    if HELD.search(before) and not re.search(r"§|,", joint + after[:30]):
        own = re.match(r"(?:let|have|ask|schedule|post|publish|make an?|draw an?|create an?)\b", after)
        return bool(own) and "," not in joint
    if TEXT_MARK.search(before) or DESCRIBED.search(before):
        return bool(PLAINLY_ASKED.match(after))
    return True


def _another(before: str, after: str) -> bool:
    if "§q" in before and re.match(r"(?:as |for )?§p\d+\b(?!')[^§]{0,40}§q", after):
        return True
    again = rf"{AGAIN}|(?:for §p\d+ )?§q\d+\s+(?:at|on|for|tomorrow|every|tonight|by|as)\b"
    return bool(re.match(again, after)) and "§q" in before


def _made_too(before: str, after: str) -> bool:
    """ "A card and a voice-over", but not "a video of the card and the voice-over"."""
    bare = not re.match(rf"{_DET}\b", after) and re.search(rf"\bthe\s+(?:\w+\s+)?{MADE_THING}", before)
    if bare or not NEW_THING.match(after):
        return False
    beside = DOING.match(before.strip()) or SPOKEN.search(before) or re.search(rf"\b{MADE_THING}", before)
    inside = r"\b(?:of|from|with|using|out of|into|both)\s+(?:[\w-]+\s+){0,3}[\w-]*$"
    return bool(beside) and not re.search(inside, before)


def _shown_too(before: str, after: str) -> bool:
    return bool(LISTED.match(after) and SHOWN.search(before) and not OF_ONE.search(before))
