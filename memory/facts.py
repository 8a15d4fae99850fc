"""What did a fan tell about themselves? Typed facts found by rules: high precision, no model, the same every time.

A sentence that asks, supposes, quotes, jokes, plays a role or speaks of somebody else gives nothing; a wrong memory costs
more than a missed one. A fact is a quotation with a label: none of it is ever an instruction or a role. The patterns
are in memory/facts.toml; `memory.vault` writes down what is found here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memory.fact_patterns import Pattern, likely

# Of these a person has one at a time: a new value ends the old one.
SINGLE = frozenset({"name", "age", "home", "origin", "job", "employer", "study", "birthday", "relationship", "partner",
                    "favourite", "diet"})  # fmt: skip
_OPPOSITES = {"likes": "dislikes", "dislikes": "likes"}
LONGEST = 2_000  # characters of a message that are read; longer ones are pasted texts, not confessions


@dataclass(frozen=True, slots=True)
class FoundFact:
    """`subject` is whose: "" the fan, else "sister", "dog", or of what ("colour"). `ends`: it no longer holds."""

    kind: str
    subject: str
    value: str
    quote: str
    confidence: float
    ends: bool = False


def opposite(kind: str) -> str | None:
    """The kind that cannot be true of the same value at once."""
    return _OPPOSITES.get(kind)


def extract(text: str) -> list[FoundFact]:
    """The facts in a fan's message, in order, none twice."""
    text = _plain(text[:LONGEST])
    if _JOKE.search(text) or _FICTION.search(text) or _ORDER.search(text):
        return []
    found: dict[tuple[str, str, str, bool], FoundFact] = {}
    for sentence in _sentences(text):
        for fact in _in_sentence(sentence):
            found.setdefault((fact.kind, fact.subject, fact.value.casefold(), fact.ends), fact)
    return list(found.values())


_JOKE = re.compile(
    r"\b(?:just kidding|jk|kidding|just joking|i'm joking|only joking|sarcasm|april fools|not really lol|nur spaß|"
    r"war nur ein scherz|scherz beiseite|nur ein witz|hehe\w*)\b|(?:^|\s)/s\b|(?:^|\s)[:;]-?p\b|[😜🤪😝]|"
    # Nobody lives there, and nobody is paid for that.
    r"\b(?:narnia|mordor|hogwarts|gotham|neverland|wonderland|middle[- ]earth|westeros|atlantis|wakanda|asgard|the shire|"
    r"(?:in|on|from) (?:the moon|mars|venus|jupiter|heaven|outer space|la la land)|cloud nine|"
    r"professional (?:couch|nap\w*|procrastinat\w*|overthink\w*|sleep\w*|daydream\w*|lurker|eater|idiot|potato)|"
    r"of (?:love|nothing|doom|bad (?:decisions|ideas|puns)|all trades))\b",
    re.IGNORECASE,
)
_FICTION = re.compile(
    r"\b(?:my (?:\w+ )?character|role-?play\w*|let's play|picture this|once upon a time|in another life|in my dreams|"
    r"as the song goes|lyrics|pretend(?:ing)?|let's say|imagine|suppose|hypothetically|"
    r"in (?:my|our|your|the|this|that|a) (?:\w+ )?(?:novel|story|book|game|movie|film|dream|play|song|"
    r"scenario|campaign|fanfic|scene)|"
    r"i dream(?:ed|t)|in einem traum|stell dir vor|angenommen|ooc|assuming|supposing)\b",
    re.IGNORECASE,
)
# Words to a machine, not to a persona: nothing of such a message is a confession.
_ORDER = re.compile(
    r"\b(?:(?:ignore|disregard|override|bypass|forget) (?:all|any|every\w*|your|previous|prior|"
    r"the (?:rules?|above|instructions?|system))|"
    r"(?:update|edit|write to|add to|overwrite|modify) (?:your |the |my )?(?:memor\w+|facts?|profile|record)|"
    r"(?:save|store|record|note|log|register) (?:this |that |it |me )?as\b|write (?:this |it )?down that|"
    r"new instructions?|developer mode|"
    r"(?:developer|creator|owner|maker|operator|admin\w*) (?:of|behind) (?:this|the|your|you)\b)|"
    r"(?:^|\n)\W*(?:system|user|assistant|developer|admin|root|fact)\W?\s*[:>]",
    re.IGNORECASE,
)
# What others say, write, think or sing; "I told you I live in Porto" is the fan's own.
_OTHERS = re.compile(
    r"(?<!\bi )\b(?:said|says|saying|tell|tells|telling|told|thinks?|thinking|thought|claims?|claimed|believes?|believed|"
    r"assumes?|"
    r"assumed|assuming|asks|asked|reads?|goes|went|texts|texted|wrote|writes|yells|yelled|shouts|shouted|whispers|whispered|insists|"
    r"insisted|swears|swore|jokes|joked|announced|posted|tweeted|lied|guesses|guessed|figured|sings?|sang|reckons?|states|stated|"
    r"replied|answered|decided|(?:was|is|were|be|'s|are) (?:all )?like)"
    r"(?: (?!i\b|my\b)\w+){0,2}[,:]? (?:that )?(?:i|i'm|im|i've|my)\b",
    re.IGNORECASE,
)
# A sentence that holds one of these says nothing that is so.
_UNREAL = re.compile(
    r"\b(?:if i|if only|as if|as though|(?:i|we) wish|(?:nearly|almost|could have|should have|never) (?:adopted|moved|bought|got|"
    r"married|had|became|named|called)|used to dream|at heart|but i'm not|"
    r"i were|were i|would be|would have|i'd be|what if|unless|i might|i may|maybe|"
    r"perhaps|when i was|back when|when i grow|wenn ich|als ob|ich wäre|ich würde|als ich|vielleicht|"
    r"(?:said|says|saying|told|tells|thinks?|thought|claims?|believes?|asked|asks|calls|called) (?:that |me |me that )?"
    r"(?:i|i'm|im|i've)\b|"
    r"(?:not true|untrue|a lie|a myth|a rumou?r|false|wrong|nonsense|no way|i doubt|i deny|"
    r"who says|since when)(?: that)? (?:i|i'm|my)|"
    r"(?:nobody|no one|none of|hardly anybody)|(?:whether|guess|wonder|assume|suppose|prove|pretend)(?: that)? (?:i|i'm|my)|"
    r"sagt,? (?:dass )?ich|meint,? (?:dass )?ich|feels? like i'm|feel like (?:a|an|i'm)|i (?:don't|do not) think|"
    r"(?:ignore|disregard|forget) (?:all|your|previous|the above))\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\W*(?:and |so |but |ok |okay |hey )?(?:who|what|when|where|why|how|which|am i|is my|are my|do i|did i|does|do you|"
    r"can you|could you|should i|would you|will i|wer|was|wann|wo|warum|wie|bin ich|habe ich|weißt du|kannst du)\b",
    re.IGNORECASE,
)

# What may stand before a fact in its part of the sentence: nothing, small words, or something else of the fan's own.
_OWN_LEAD = re.compile(
    r"(?:^|\b(?:and|but|so|because|since|cause|und|aber|weil)\b|\b(?:i|i'm|i've|im|my|we|we're|our|ich|mein\w*|wir)\b[^:]*)"
    r"\W*(?:(?:well|oh|ah|hi|hey|hello|yes|yeah|yep|ok|okay|no|btw|by the way|also|actually|honestly|fyi|and|but|so|then|now|"
    r"today|"
    r"yesterday|still|just|really|because|since|lol|haha\w*|hmm+|um+|ja|nein|hallo|also|übrigens|und|aber|weil|there|yay|sorry|"
    r"guess what|you know|anyway|well|sure|right|true|cool|nice|wow|omg|tbh|ngl|these days|currently|finally|recently|everyone|"
    r"friends|people|please|you can)\W*)*$",
    re.IGNORECASE,
)

_DOT = "\ua78f"  # stands for a full stop that ends no sentence ("St. Mary's"): a letter, so that names may hold it


def _plain(text: str) -> str:
    """Straight apostrophes, contractions spelled with one; what stands in quotation marks is somebody's words and goes."""
    text = text.replace("’", "'").replace("‘", "'")
    text = re.sub(r"\b(St|Ste|Dr|Mr|Mrs|Ms|Prof|Mt|Ft)\. (?=[^\W\d_])", rf"\1{_DOT} ", text)
    text = re.sub(r"[\"“”„«»]\s*(\w+)\s*[\"“”„«»]", r"\1", text)  # one word in quotation marks is a name
    text = re.sub(r"[\"“„«][^\"“”„«»]{0,400}[\"“”»]", "…", text)
    text = re.sub(r"\*+[^*\n]{12,400}\*+", "…", text)  # an action that is played; a stressed word is shorter
    text = re.sub(r"```.*?```|`[^`]*`|^>.*$", "…", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\b([Ii])m\b(?= (?:\w))", r"\1'm", text)
    text = re.sub(r"\b([Ii])ve\b", r"\1've", text)
    return re.sub(r"\b([Dd])ont\b", r"\1on't", text)


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.findall(r"[^.!?\n;…]+(?:\.(?=\w)[^.!?\n;…]+)*[.!?…]*", text):
        stripped = sentence.strip()
        if stripped and "?" not in stripped[-3:] and not _says_nothing(stripped):
            yield stripped


def _says_nothing(sentence: str) -> bool:
    return any(gate.search(sentence) for gate in (_ASKS, _UNREAL, _OTHERS))


def _in_sentence(sentence: str) -> Iterator[FoundFact]:
    for pattern in likely(sentence):
        for match in pattern.regex.finditer(sentence):
            if not _OWN_LEAD.search(sentence[: match.start()]):
                continue
            for value in pattern.values(match):
                yield _fact(pattern, match, value, sentence)


def _fact(pattern: Pattern, match: "re.Match[str]", value: str, sentence: str) -> FoundFact:
    quote = sentence[:300].replace(_DOT, ".")
    whose = pattern.whose(match)
    return FoundFact(pattern.kind, whose, value.replace(_DOT, "."), quote, pattern.confidence, pattern.ends)
