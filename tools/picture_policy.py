"""May this be pictured at all? Asked before a picture or a clip is queued, whoever wants it; nothing here asks a model.

Pictures show no minors, nobody who looks young in a sexual way, no real person who has not agreed, and no nudity or sex where
GATOR_MATURE_MEDIA does not allow it. The words are data (prompts/policies/pictures.toml); disguises are taken off as care does
it (gator/wording.py). What only the finished picture shows is found by `gpu_worker.likeness`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from gator.errors import Forbidden, Refused
from gator.settings import Settings
from gator.wording import variants, visible, words_only
from memory.models import Consent
from memory.work import Work
from tools.personas.adults import under_age

_AN_ADULT = "Describe an adult, or no person."
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"]
_NO_TENS = "".join(f"(?<!{tens} )" for tens in _TENS)
_GROWN = re.compile(rf"\b(?:{'|'.join(_TENS)})[- ](?:one|two|three|four|five|six|seven|eight|nine)\b", re.IGNORECASE)
# "A photo of Zorblax": who that is nobody here knows. A place is asked for in the same words, and is looked at, too.
_OF_SOMEBODY = re.compile(
    r"\b(?i:pictures?|pics?|photo(?:graph)?s?|images?|drawings?|paintings?|sketch(?:es)?|shots?|clips?|videos?)"
    r" (?i:of|with|for) [A-ZÄÖÜ]\w"
)
_LONGEST_THING = 5  # words, of one thing that is not to be seen
_SPACED = re.compile(r"(?<!\w)(?:\w ){3,}\w(?!\w)")


def may_be_mature(settings: Settings) -> bool:
    """Whether nudity and sex of adults may be made at all."""
    return settings.mature_media != "no"


async def check(work: Work, prompt: str, negative: str = "", *, mature: bool = False) -> list[str]:
    """The ids of the consents that the picture needs, none where nobody real is named. Raises Refused with the reason.

    `mature`: nudity and sex of adults are let through.
    """
    prompt = ". ".join(part for part in (prompt, _asked_for_in(negative)) if part)
    if found := minor_in(prompt, negative):
        raise Refused(f"Pictures show adults only; this speaks of “{found}”.", remedy=_AN_ADULT)
    if found := youth_in(prompt):
        raise Refused(
            f"Pictures show nobody who looks young in a sexual way; this speaks of “{found}”.",
            remedy="Describe a grown woman or man, or leave the one or the other out.",
        )
    if not mature and (found := explicit_in(prompt)):
        raise Refused(
            f"Nudity and sex are not pictured here; this speaks of “{found}”.",
            remedy="Say it in other words. Whoever runs Gator may allow it, of adults: GATOR_MATURE_MEDIA=made.",
        )
    return [one.id for one in await _consents(work, prompt)]


def _asked_for_in(negative: str) -> str:
    """The negative prompt where it is no list of things: providers without one are told it as a sentence, and may obey it."""
    is_list = all(len(part.split()) <= _LONGEST_THING for part in re.split(r"[,\n]", negative))
    is_list = is_list and not re.search(r"[.!?;:]\s*[^\W\d]", negative)
    return "" if is_list and not any(_first("orders", text) for text in variants(negative)) else negative


def minor_in(prompt: str, negative: str = "") -> str | None:
    """The words that make somebody on the picture a minor; what is not to be seen counts, too, where that is an adult."""
    for text in _readings(prompt):
        if found := _first("minor", text) or _age_in(text) or _hit(_elsewhere(), text):
            return found
    if found := _hit(_elsewhere(), _without_harmless(unicodedata.normalize("NFC", visible(prompt)).casefold())):
        return found  # with the signs that folding takes off: in some scripts they are letters
    if found := under_age(_GROWN.sub("30", prompt)):
        return found
    return next((found for text in variants(negative) if (found := _first("negative", text))), None)


def youth_in(prompt: str) -> str | None:
    """The words of a young look on a sexual picture."""
    texts = _readings(prompt)
    sexual = any(_first("sexual", text) for text in texts)
    return next((found for text in texts if (found := _first("youthful", text))), None) if sexual else None


def explicit_in(prompt: str) -> str | None:
    """The words that ask for nudity or sex."""
    for text in _readings(prompt):
        for pattern in _patterns("explicit", "harmless"):
            text = pattern.sub(" ; ", text)
        if found := _first("explicit", text):
            return found
    return None


def shows_people(prompt: str) -> bool:
    """Whether somebody may be seen on it, or somebody's body; in a language that the rules do not read, it may be anybody."""
    texts = variants(prompt)
    if any(_first(what, text) for text in texts for what in ("people", "sexual", "unread")):
        return True
    return not _is_latin(prompt) or next(_named(prompt), None) is not None or bool(_OF_SOMEBODY.search(prompt))


def _is_latin(text: str) -> bool:
    letters = (letter for letter in unicodedata.normalize("NFKD", visible(text)) if letter.isalpha())
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)


def people_named(prompt: str, ours: Collection[str] = ()) -> list[str]:
    """The real people whom the prompt names, as it names them; `ours` are invented ones, unless everybody knows the name."""
    invented = {words_only(name) for name in ours}
    known = [name for name in _table()["names"]["known"] if _is_named(name, prompt)]
    others = [name for name in _named(prompt) if not _is_invented(words_only(name), invented)]
    return list(dict.fromkeys([*known, *others]))


async def _consents(work: Work, prompt: str) -> list[Consent]:
    """The consents of the people who are named. Raises Forbidden where one has none."""
    agreed = [one for one in await work.consents.all(kind="likeness") if one.revoked_at is None]
    meant = [one for one in agreed if _is_named(words_only(one.subject), prompt)]
    subjects = [words_only(one.subject) for one in meant]
    ours = [one.name for one in await work.personas.all()]
    for name in people_named(prompt, ours):
        if not any(words_only(name) in subject or subject in words_only(name) for subject in subjects):
            raise _not_agreed(name)
    if not meant and (found := next((hit for text in variants(prompt) if (hit := _first("real", text))), None)):
        raise _not_agreed(found)
    return meant


def _not_agreed(name: str) -> Forbidden:
    return Forbidden(
        f"“{name}” is a real person, as far as Gator can tell, and nobody is pictured who has not agreed.",
        remedy="Record their consent (`gator consent add --kind likeness`) and name them, or describe somebody invented.",
    )


def _is_named(name: str, prompt: str) -> bool:
    spelt = re.escape(name).replace(r"\ ", " ?")
    return any(re.search(rf"\b{spelt}s?\b", text) for text in variants(prompt))


def _is_invented(name: str, invented: Collection[str]) -> bool:
    return any(name in whole or whole in name for whole in invented)


def _named(prompt: str) -> Iterator[str]:
    """Names of two words that begin with a given name; not in whose style it is, and no places."""
    names = _table()["names"]
    given, others = _given()
    style = re.compile(names["style"])
    for found in _FULL_NAME.finditer(visible(prompt)):
        first, last = words_only(found["first"]), words_only(found["last"])
        if first in given and last not in others and not style.search(words_only(prompt[: found.start()]) + " "):
            yield found.group()


_FULL_NAME = re.compile(
    r"\b(?P<first>[A-ZÄÖÜ][\w]+)(?:-[A-ZÄÖÜ]\w+)?(?: [A-Z]\.)?"
    r"(?: (?:von|van|de|del|di|da|der|den|la|le|al|bin|zu))* (?P<last>[A-ZÄÖÜ][\w’'-]+)"
)


def _readings(prompt: str) -> list[str]:
    """The ways the prompt may be meant, without what is harmless. "a t e e n" is one run of letters, its article too."""
    article = _SPACED.sub(lambda run: f"{run.group()[0]} {run.group()[1:].replace(' ', '')}", words_only(prompt))
    return [_without_harmless(text) for text in dict.fromkeys((*variants(prompt), article))]


def _without_harmless(text: str) -> str:
    for pattern in _patterns("harmless"):
        text = pattern.sub(" ; ", text)
    return text


def _first(what: str, text: str) -> str | None:
    return _hit(_patterns(what), text)


def _hit(patterns: Iterable[re.Pattern[str]], text: str) -> str | None:
    found = next(filter(None, (pattern.search(text) for pattern in patterns)), None)
    return " ".join(found.group().split()) if found else None


def _age_in(text: str) -> str | None:
    return _hit(_ages(), text)


@cache
def _table() -> dict[str, Any]:
    return _pack("pictures")


def _pack(name: str) -> dict[str, Any]:
    return tomllib.loads((files("prompts") / "policies" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _patterns(what: str, which: str = "patterns") -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in _table()[what][which])


@cache
def _elsewhere() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in _table()["minor"]["elsewhere"])


@cache
def _given() -> tuple[frozenset[str], frozenset[str]]:
    names = _table()["names"]
    return frozenset(names["given"].split()), frozenset(names["not_surnames"].split())


@cache
def _ages() -> tuple[re.Pattern[str], ...]:
    numbers, adult = _pack("ages")["numbers"], _table()["adult"]
    words = sorted({word for spoken in ("en", "de") for word in numbers[spoken][:adult]}, key=len, reverse=True)
    n = rf"{_NO_TENS}(?:1[0-{adult - 11}]|0?\d|{'|'.join(words)})"
    things = "|".join(_table()["minor"]["things"])
    return tuple(re.compile(one.replace("<n>", n).replace("<thing>", things)) for one in _table()["minor"]["ages"])
