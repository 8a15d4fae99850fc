"""Whose words become whose? What a fan said of themselves, said back to them: "I am my own" → "you are your own"."""

import re

_ENGLISH = {
    "i'm": "you're", "im": "you're", "i've": "you've", "ive": "you've", "i'd": "you'd", "i'll": "you'll", "i": "you", "me": "you",
    "my": "your", "mine": "yours", "myself": "yourself", "we": "you", "we're": "you're", "we've": "you've", "we'll": "you'll",
    "we'd": "you'd", "us": "you", "our": "your", "ours": "yours", "ourselves": "yourselves", "your": "my", "yours": "mine",
    "yourself": "myself", "you're": "I'm", "you've": "I've", "you'll": "I'll", "you'd": "I'd",
}  # fmt: skip
_AFTER_I = {"am": "are", "was": "were", "wasn't": "weren't"}
_VERBS_OF_YOU = {"are": "am", "were": "was", "aren't": "am not", "weren't": "wasn't"}
_HELPERS = (
    "are|were|have|had|can|could|will|would|should|do|did|may|might|must|aren't|weren't|don't|didn't|can't|know|said|told|"
    "look|seem|sound"
)
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]+|\s+|_+")

_GERMAN = {
    "mich": "dich", "mir": "dir", "mein": "dein", "meine": "deine", "meinen": "deinen", "meinem": "deinem", "meiner": "deiner",
    "meines": "deines",
}  # fmt: skip
_GERMAN_VERBS = {
    "bin": "bist", "habe": "hast", "hab": "hast", "werde": "wirst", "kann": "kannst", "mag": "magst", "will": "willst",
    "muss": "musst", "weiß": "weißt", "darf": "darfst", "soll": "sollst", "war": "warst", "hatte": "hattest", "esse": "isst",
    "sehe": "siehst", "lese": "liest", "fahre": "fährst", "schlafe": "schläfst", "laufe": "läufst", "nehme": "nimmst",
    "gebe": "gibst", "spreche": "sprichst", "treffe": "triffst", "helfe": "hilfst", "trage": "trägst", "möchte": "möchtest",
    "würde": "würdest", "könnte": "könntest", "wäre": "wärst", "vergesse": "vergisst", "heiße": "heißt", "hasse": "hasst",
    "ging": "gingst", "kam": "kamst", "sah": "sahst", "tanze": "tanzt", "fing": "fingst", "wurde": "wurdest",
}  # fmt: skip


def second_person(text: str, language: str = "en") -> str | None:
    """What the fan said about themselves, said to them; None where that cannot be done rightly, so that it is quoted."""
    text = text.strip().rstrip(" .!…").replace("’", "'")
    return _german(text) if language == "de" else _english(text)


def _english(text: str) -> str | None:
    tokens = _TOKEN.findall(text)
    said: list[str] = []
    subject = ""  # the word whose verb comes next
    for place, token in enumerate(tokens):
        word = token.lower()
        if word == "you":
            verb = re.match(rf"\s+(?:{_HELPERS})\b", "".join(tokens[place + 1 :]), re.IGNORECASE)
            said.append("I" if verb else "me")
            subject = "you" if verb else ""
        elif word in _AFTER_I and _governs(tokens, place):
            said.append(_AFTER_I[word])
        elif word in _VERBS_OF_YOU and subject == "you":
            said.append(_VERBS_OF_YOU[word])
            subject = ""
        else:
            said.append(_ENGLISH.get(word, token))
    return _small("".join(said), tokens)


def _governs(tokens: list[str], place: int) -> bool:
    """Whether "I" is the subject of the verb at that place: it stands before it, words like "really" between them."""
    before = [token.lower() for token in tokens[:place] if not token.isspace()][-3:]
    for word in reversed(before):
        if word in {"i", "we"}:
            return True
        if not (word.endswith("ly") or word in {"just", "still", "also", "never", "always", "and", "now", "not"}):
            return False
    return False


def _small(said: str, tokens: list[str]) -> str:
    """The first word small when it was a pronoun of the fan's."""
    return said[:1].lower() + said[1:] if tokens and tokens[0].lower() in {*_ENGLISH, "the", "a", "an"} else said


def _german(text: str) -> str | None:
    tokens = _TOKEN.findall(text)
    low = [token.lower() for token in tokens]
    if {"wir", "uns", "unser", "unsere", "du", "dich", "dir", "dein", "deine", "sich"} & set(low) or low.count(
        "ich"
    ) > 1:
        return None
    said = [_GERMAN.get(word, token) for word, token in zip(low, tokens, strict=True)]
    for place, word in enumerate(low):
        if word != "ich":
            continue
        said[place] = "du"
        verb = _verb_beside(low, place)
        if verb is None:
            return None
        said[verb] = _conjugated(low[verb])
    return (
        "".join(said)[:1].lower() + "".join(said)[1:]
        if low and low[0] in {"ich", "mein", "meine", "mir"}
        else "".join(said)
    )


def _verb_beside(low: list[str], place: int) -> int | None:
    """The verb of "ich": right after it, or right before it."""
    for near in (place + 2, place - 2):
        if 0 <= near < len(low) and (low[near] in _GERMAN_VERBS or re.fullmatch(r"[a-zäöüß]{2,}e", low[near])):
            return near
    return None


def _conjugated(verb: str) -> str:
    if verb in _GERMAN_VERBS:
        return _GERMAN_VERBS[verb]
    root = verb.removesuffix("e")
    if verb.endswith("te"):
        return verb + "st" if len(verb) > 5 else root + "est"
    if root.endswith(("t", "d", "chn", "ffn", "tm")):
        return root + "est"
    return root + ("t" if root.endswith(("s", "ß", "z", "x")) else "st")


def with_article(noun: str) -> str:
    """ "nurse" → "a nurse"; what has no singular of its own (retired, self-employed) stays."""
    low = noun.lower()
    if low in {"retired", "unemployed", "self-employed"} or low.startswith(("a ", "an ", "the ", "my ")):
        return noun
    return f"an {noun}" if re.match(r"(?:[aeio]|u(?!ni|se|k)|hour|honest)", low) else f"a {noun}"


def listed(items: list[str], language: str = "en") -> str:
    """ "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {'und' if language == 'de' else 'and'} {items[-1]}"
