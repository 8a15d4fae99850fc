"""How is a text made comparable? Disguises off (case, accents, look-alikes, leetspeak, spacing), so that rules see words."""

import re
import unicodedata
from functools import lru_cache

# Letters of other scripts that look like Latin ones (Unicode TR 39, the common part).
_LOOKALIKES = str.maketrans("аеорсухіјѕһӏԁԛԝαοερυικντ", "aeopcyxijshldqwaoepuiknt")
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d"})
_LEET = str.maketrans("013457@$!|", "oieastasil")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)
_APOSTROPHES = re.compile(r"['’‘`´ʼ＇]")
# French and Italian drop a vowel before the next word (un'IA, j'ai): two words, where English "don't" is one.
_ELISION = re.compile(
    r"\b(qu|un|dell|all|nell|dall|sull|quest|nessun|[ldjnmtsc])['’‘`´ʼ＇](?=[aeiouyhàâäéèêëìîïòôöùûü])", re.IGNORECASE
)
_MARKUP = re.compile(r"[*_~|\\]+")
_SPACED = re.compile(r"(?<!\w)(?:\w[\s.\-_*,/]{1,3}){3,}\w(?!\w)")


def visible(text: str) -> str:
    """Without characters that nobody sees (zero width, bidirectional overrides, tags, soft hyphens)."""
    return _INVISIBLE.sub("", text)


@lru_cache(maxsize=64)  # every rule of care folds the same message
def folded(text: str) -> str:
    """Lower case, no accents, apostrophes or mark-up, one kind of space; Latin look-alikes within Latin words made Latin."""
    text = _ELISION.sub(r"\1 ", visible(text))
    text = text.lower() if text.isascii() else _letters_only(text)  # most messages are: half the cost
    text = _MARKUP.sub("", _APOSTROPHES.sub("", text))
    text = text if text.isascii() else re.sub(r"\w+", lambda word: _latin(word.group()), text)
    return re.sub(r"\s+", " ", text).strip()


def _letters_only(text: str) -> str:
    """Lower case, compatible forms one, accents gone."""
    text = unicodedata.normalize("NFKD", text).casefold()
    text = text.replace("и\u0306", "й")  # a letter of its own
    return "".join(char for char in text if not unicodedata.combining(char)).translate(_LETTERS)


def _latin(word: str) -> str:
    """A word that mixes scripts is a disguise; one that is all Cyrillic or Greek is a word."""
    return word.translate(_LOOKALIKES) if re.search(r"[a-z]", word) and not word.isascii() else word


@lru_cache(maxsize=64)
def words_only(text: str) -> str:
    """`folded`, hyphens and punctuation gone too: what is left is words and single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w?]+", " ", folded(text))).strip()


@lru_cache(maxsize=64)
def variants(text: str) -> tuple[str, ...]:
    """The ways a disguised text may be meant: as folded, digits read as letters, spaced-out letters joined, repeats cut."""
    plain = words_only(text)
    unleet = words_only(re.sub(r"\S+", lambda word: _unleet(word.group()), folded(text)))
    joined = words_only(_SPACED.sub(lambda run: re.sub(r"[\W_]", "", run.group()), folded(text)))
    shortened = re.sub(r"([^\W\d])\1{2,}", r"\1", plain)
    return tuple(dict.fromkeys((plain, unleet, joined, shortened)))


def _unleet(word: str) -> str:
    """Letters for digits and signs, only where the word has letters too: 3 o'clock stays."""
    return word.translate(_LEET) if re.search(r"[a-z]", word) else word


def near_words(text: str, known: frozenset[str]) -> str:
    """The text, each word that is one slip away from a known one (a letter off, two swapped) put right."""
    from rapidfuzz.distance import OSA

    def mended(word: str) -> str:
        if len(word) < 5 or word in known:
            return word
        return next(
            (one for one in known if abs(len(one) - len(word)) < 2 and OSA.distance(one, word, score_cutoff=1) == 1),
            word,
        )

    return " ".join(mended(word) for word in text.split(" "))
