"""What may a person write down as a memory by hand? A few words of one line; they are quoted to models, and order nothing."""

import re
import unicodedata

from gator.errors import Refused
from memory.gate import of_value

LONGEST_VALUE = 100  # a value, not a text: those that rules find are shorter
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")  # in which letters look alike
_SENTENCE_ENDS = re.compile(r"([^\s.!?;:]*)(?:[.!?;:]+\s+(?=\S)|。(?=.))")
_SHORTENED = frozenset({"st", "ste", "dr", "mr", "mrs", "ms", "prof", "mt", "ft", "no", "nr", "jr", "sr"})
# Words to whom reads it. What claims power is refused by the gate, as in what is said.
_ORDERS = re.compile(
    r"\b(?:from now on|ab (?:jetzt|sofort)|obey\w*|gehorch\w*|ignore|disregard|reveal\w*|pretend|act as"
    r"|you (?:are to|must|will|shall|should|have to|may|always|never|only|answer)"
    r"|(?:always|never) (?:answer|reply|say|tell|do)|tell (?:me|them|us|everybody|everyone|what)"
    r"|du (?:musst|sollst|wirst|darfst|bist))\b",
    re.IGNORECASE,
)


def checked(value: str) -> str:
    """The value as it is kept: one spelling for what looks the same, on one line. Raises Refused when it may not be kept."""
    value = _plain(value)
    if not 0 < len(value) <= LONGEST_VALUE:
        raise Refused(f"A memory has 1 to {LONGEST_VALUE} characters.", remedy="Say it in a few words.")
    if _several_sentences(value):
        raise Refused("A memory is not several sentences.", remedy="Say it in a few words.")
    if of_value(value) or _ORDERS.search(value) or _disguised(value):
        raise Refused("A memory gives nobody rights and no orders.", remedy="Write down what is so of the fan.")
    return value


def _plain(value: str) -> str:
    """No characters that nobody sees, and none that end the quotation in which a model reads it."""
    value = unicodedata.normalize("NFKC", value)
    seen = (char for char in value if char.isspace() or unicodedata.category(char) not in _HIDDEN)
    return " ".join("".join(seen).replace("«", '"').replace("»", '"').split())


def _several_sentences(value: str) -> bool:
    words = (found[1] for found in _SENTENCE_ENDS.finditer(value))
    return any(len(word) > 1 and not word.isdigit() and word.casefold() not in _SHORTENED for word in words)


def _disguised(value: str) -> bool:
    """Whether a word is spelled with letters of two alphabets: nobody's name, but how "admin" is hidden."""
    return any(sum(_has(word, script) for script in _SCRIPTS) > 1 for word in re.findall(r"\w+", value))


def _has(word: str, script: str) -> bool:
    return any(unicodedata.name(letter, "").startswith(script) for letter in word)
