"""Which words does an operator's trade have, and which family does each belong to?

Verbs and things come in families (to make, to show, to put off; cards, voices, feeds); a request is a verb of one with a
thing of another. Words are compared by their stems, so that "scheduling" and "schedules" are one; a word that is nearly
one of ours and no other word we know is taken for a slip of the pen. Neighbours: said, heads;
the words themselves are in `prompts/builtin/trade.toml`.
"""

from functools import cache, lru_cache

from agents.builtin.speech.phrases import load
from agents.builtin.time_words import meant_time


def word_set(text: str) -> frozenset[str]:
    """The words of a text, once each."""
    return frozenset(text.split())


def traits() -> frozenset[str]:
    """Ways that a person is, as one word each."""
    return word_set(load("trade")["words"]["traits"])


VERBS: dict[str, str] = load("trade")["verbs"]

THINGS: dict[str, str] = load("trade")["things"]

OPTIONS: str = load("trade")["words"]["options"]  # at home in requests, so that a slip in them is mended
OPENERS: str = load("trade")["words"]["openers"]  # verbs that begin turns of phrase
# Words of every day that lie one slip away from ours and are meant as they stand.
MEANT = word_set(load("trade")["words"]["meant"])


@cache
def shorthand() -> dict[str, str]:
    """How people write in a hurry -> what they mean."""
    return {short: meant for meant, shorts in load("trade")["shorthand"].items() for short in shorts.split()}


def _words(table: dict[str, str]) -> dict[str, set[str]]:
    return {family: set(words.split()) for family, words in table.items()}


@cache
def _vocabulary() -> frozenset[str]:
    words = {word for table in (VERBS, THINGS) for line in table.values() for word in line.split()}
    return frozenset(words | set(OPTIONS.split()))


@cache
def _stemmer() -> "object":
    from snowballstemmer import stemmer

    return stemmer("english")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of an English word: "scheduling" and "schedules" are both "schedul"."""
    return str(_stemmer().stemWord(word))  # type: ignore[attr-defined]


def is_trade(word: str) -> bool:
    """Whether it is a verb, a thing or an option of the trade, in any of its forms."""
    return word in _vocabulary() or stem(word) in _stems()


@cache
def _stems() -> frozenset[str]:
    return frozenset(stem(word) for word in _vocabulary())


def known(word: str) -> bool:
    """Whether it is a word of the trade or a plain word that only looks like one."""
    return word in _vocabulary() or word in MEANT or stem(word) in _stems()


@lru_cache(maxsize=20_000)
def mended(word: str, *, capital: bool = False) -> str:
    """The word, or the one of ours that it is a slip of. A capital in the middle of a sentence is somebody's name."""
    if word in shorthand() and not capital:
        return shorthand()[word]
    if not capital and word not in _vocabulary() and word not in MEANT and (whole := _cut_short().get(word)):
        return whole
    if not known(word) and (when := meant_time(word, capital=capital)):
        return when
    if capital or not 4 <= len(word) <= 14 or "'" in word or known(word):
        return word
    from rapidfuzz.distance import OSA

    limit = 2 if len(word) >= 9 else 1
    near = [(OSA.distance(word, other, score_cutoff=limit), other) for other in _targets(word[0], word[1])]
    near = sorted(pair for pair in near if pair[0] <= limit and _plausible(word, pair[1], pair[0]))
    return near[0][1] if near else word


@cache
def _cut_short() -> dict[str, str]:
    """A verb without its last letter is its own stem: "creat", "schedul"."""
    verbs = {word for line in VERBS.values() for word in line.split()}
    return {word[:-1]: word for word in verbs if len(word) >= 6 and word.endswith("e") and stem(word) == word[:-1]}


@cache
def _targets(*letters: str) -> tuple[str, ...]:
    """Our words that begin with one of these letters: the first letter is seldom wrong, but it may be swapped."""
    return tuple(sorted(word for word in _vocabulary() if len(word) >= 4 and word[0] in letters))


def _plausible(word: str, target: str, distance: int) -> bool:
    """Short words are too close to each other: there only a swap, or from five letters on a letter too many or too few."""
    if word[0] != target[0] and sorted(word[:2]) != sorted(target[:2]):
        return False
    if sorted(word) == sorted(target):
        return True
    if distance > 1:
        return len(target) >= 8
    longest = max(len(word), len(target))
    if len(word) != len(target):
        return longest >= 6
    return longest >= 7


@cache
def verb_families() -> dict[str, tuple[str, ...]]:
    """Stem of a verb -> the families it is in, in the order of VERBS."""
    table: dict[str, list[str]] = {}
    for family, words in _words(VERBS).items():
        for word in words:
            table.setdefault(word, []).append(family)
            table.setdefault(stem(word), []).append(family)
    return {word: tuple(dict.fromkeys(families)) for word, families in table.items()}


@cache
def thing_families() -> dict[str, str]:
    """Word for a thing -> its family."""
    return {word: family for family, words in _words(THINGS).items() for word in words}


def verb(word: str) -> tuple[str, ...]:
    """The families of a verb in its plain form; empty for any other word."""
    return verb_families().get(word, ())


@lru_cache(maxsize=2_000)
def plain_verb(word: str) -> str:
    """The plain form of one of our verbs: "publishing" is "publish"; another word as it is."""
    known_verbs = sorted({one for line in VERBS.values() for one in line.split()}, key=len)
    return next((one for one in known_verbs if stem(one) == stem(word)), word)


def thing(word: str) -> str:
    """The family of a thing; empty for any other word."""
    word = word.removesuffix("'s").removesuffix("'")
    return thing_families().get(word, "")
