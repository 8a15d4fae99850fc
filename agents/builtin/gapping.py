"""What does the second half of a request leave out because the first half said it? "… and jules's to Sunday 10 am".

Told apart by what stands there: another persona with no verb ("cooking to nico's"), "a long one about worms", "the same in
lola's". The verb, the noun and the words are taken over from the half before. Neighbours: clauses (the cutting), reader.
"""

import re

from agents.builtin import lexicon
from agents.builtin.clauses import starts_request
from agents.builtin.said import Said

JOINT = re.compile(r",?\s+and\s+(?:then\s+|also\s+)?|\s*[,;]\s+(?:and\s+|then\s+)?")
OWNS = re.compile(r"(§p\d+)'s(?:\s+(?P<noun>[a-z][\w-]*))?")
PREPOSITION = r"(?:to|on|at|from|for|by|as|in|until|till|back|forward|off|tomorrow|tonight|today|one|two|an?|half)"
BARE = re.compile(rf"(§p\d+)'s(?=\s+{PREPOSITION}\b|[\s.!?]*$)")
ONE = re.compile(r"\b(?:an?|another)\s+(?:[\w-]+\s+){0,2}?one\b")
NOUN = re.compile(r"\b(post|caption|text|reply|card|picture|image|video|clip|reel|voice-?over|recording)\b")
SAME = re.compile(r"\b(?:(?:do |say |read |post )?(?:the same|it|that))\b(?: (?:thing|again|too))?")
VERB = re.compile(
    r"\s*(?:(?:please|can you|could you|then|now|also)\s+)*(?P<verb>(?:let|have|get|make|ask)\s+(?=§p)|[a-z]+)\b"
)
# Words that tell content: what stands behind them may hold an "and" of its own.
CONTENT = re.compile(r":\s|\b(?:saying|says|that says|who|whose|loves?|likes?)\b")


def spelled_out(said: Said) -> str:
    """A request of two halves with nothing left out in the second; empty where none is left out."""
    for joint in JOINT.finditer(said.read):
        first, second = said.cut(0, joint.start()), said.cut(joint.end(), len(said.read))
        if CONTENT.search(first.read) or not _gapped(first, second):
            continue
        if whole := _filled(first, second):
            return f"{first.text()}; {whole}"
    return ""


def _gapped(first: Said, second: Said) -> bool:
    """Whether the second half is about somebody else and lacks its verb, its noun or its words."""
    verb = VERB.match(first.read)
    if verb is None or not _begins(first.read, verb) or starts_request(second.read):
        return False
    others = [name for name in second.named() if name not in first.named()]
    if len(others) != 1 or len(first.named()) != 1 or len(second.named()) != 1:
        return False
    return bool(BARE.search(second.read) or ONE.match(second.read) or SAME.match(second.read))


def _begins(read: str, verb: re.Match[str]) -> bool:
    return starts_request(read) or bool(lexicon.verb(verb["verb"].strip()))


def _filled(first: Said, second: Said) -> str:
    """The second half with what the first said."""
    verb = VERB.match(first.read)
    text, read = second.text(), second.read
    if bare := BARE.search(read):
        owned = OWNS.search(first.read)
        if not owned or not owned["noun"]:
            return ""
        place = second.at[bare.end()]
        text = f"{second.raw[second.at[0] : place]} {owned['noun']}{second.raw[place : second.at[len(read)]]}"
    elif one := ONE.match(read):
        noun = NOUN.search(first.read)
        if noun is None:
            return ""
        text = f"{second.words(0, one.end() - 3)} {noun[1]} {second.words(one.end(), len(read))}"
    if (same := SAME.match(read)) and (quote := re.search(r"§q\d+", first.read)):
        kept = text if not BARE.search(read) else text[second.at[same.end()] - second.at[0] :]
        tail = kept if BARE.search(read) else second.words(same.end(), len(read))
        text = f"{first.words(*quote.span())} {tail}"
    assert verb is not None
    return f"{first.words(*verb.span('verb'))} {text}".strip()
