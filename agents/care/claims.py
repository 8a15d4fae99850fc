"""Does a sentence claim to be human? Judged part by part, so that "I'm not a person, I'm an AI" is an honest answer (L9).

What denies being human is taken out of each part first; what is left must not claim. A sentence with no plain admission in it
is searched as a whole too, so that no comma hides a claim. The words are in prompts/policies/outbound.toml.
"""

import re
from collections.abc import Iterable
from functools import cache

from agents.care.policies import load
from gator.wording import words_only

# "No, soy humana" answers and claims, "no soy humana" denies: without punctuation they are the same words.
_NO_THEN = re.compile(r"(?<!\w)(?:no|não|nao|nie|nein|nee|non|нет|hayır|nope|nah)\s*[,;:!–—-]+\s+", re.IGNORECASE)
_BREAK = re.compile(
    r"(?<=\?)|[,;:()\[\]–—…!¿\n]+|\.\s|\s-+\s|\b(?:but|yet|because|when|sondern|aber|denn|sino|pero|mais|però|ma|mas|maar|want)\b",
    re.IGNORECASE,
)
_SPELLED_OUT = re.compile(r"(?<!\w)(?:\w ){3,}\w(?!\w)")


def words(text: str) -> list[str]:
    """The words of a sentence, letters that stand alone in a row joined."""
    plain = words_only(_NO_THEN.sub(" ", text))
    return _SPELLED_OUT.sub(lambda run: run.group().replace(" ", ""), plain).split()


def claims_human(sentence: str, before: str = "") -> bool:
    """Whether the sentence, said after the words `before`, claims to be human or denies being a machine."""
    plain = " ".join(words(sentence))
    if not _pattern("hints").search(f"{before} {plain}"):
        return False
    parts = [part for raw in _BREAK.split(sentence) if (part := words_only(raw)).strip("? ")]
    told = [
        part for at, part in enumerate(parts) if not _asks_human(part) and not _sends_on(parts[max(0, at - 1)], part)
    ]
    if any(map(_claims, told)) or _answers(parts, before):
        return True
    admits = any(_pattern("admits").search(part) for part in parts)
    if admits and _pattern("takes_back").search(plain):
        return True
    if admits or told != parts or any(map(_pattern("true").search, parts)):
        return False
    return _claims(plain) or bool(before and plain and _claims(f"{before} {plain}", len(before)))


def _claims(plain: str, after: int = 0) -> bool:
    """Whether the words claim, the truths in them taken out; only a claim that ends after that place counts."""
    rest = _pattern("true").sub(lambda told: "·" * len(told.group()), plain)
    return any(match.end() > after for match in _pattern("patterns").finditer(rest))


def _asks_human(part: str) -> bool:
    return part.endswith("?") and bool(_pattern("asked_human").search(part.rstrip("? ")))


def _sends_on(before: str, part: str) -> bool:
    """Whether "not an AI" says whom to ask instead: "ask a doctor, not an AI"."""
    return bool(_pattern("instead").match(part) and _pattern("seek").search(before))


def _answers(parts: list[str], before: str) -> bool:
    """Whether "yes" follows the question for a human, or "no" the one for a machine."""
    asked = before
    for part in parts:
        question = asked.rstrip("? ")
        if _pattern("asked_human").search(question) and _pattern("yes").search(part):
            return True
        denies = _pattern("no" if asked.endswith("?") else "no_alone")
        if _pattern("asked_machine").search(question) and denies.search(part):
            return True
        asked = part
    return False


@cache
def _pattern(name: str) -> "re.Pattern[str]":
    said = load("outbound")["claims"]
    listed: Iterable[str] = [said[name]] if isinstance(said[name], str) else said[name]
    return re.compile("|".join(f"(?:{_filled(one)})" for one in listed))


def _filled(pattern: str) -> str:
    said = load("outbound")["claims"]
    return re.sub(r"(?<!\?P)<(human|machine|denial|between|humans|admitted)>", lambda slot: str(said[slot[1]]), pattern)
