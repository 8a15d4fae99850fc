"""What does Gator itself say? Short texts by language, from words.toml; `bots.words` hands them to the channels."""

import re
import tomllib
from functools import cache
from importlib.resources import files

USUAL = "en"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every text by language and name."""
    return tomllib.loads((files("prompts") / "words.toml").read_text("utf-8"))


def languages() -> tuple[str, ...]:
    """The languages that have words, the usual one first."""
    return tuple(catalogue())


def nearest(tag: str) -> str:
    """The language with words for a tag such as de-AT or de_CH; "" when there is none."""
    language = re.split(r"[-_]", tag.strip().lower())[0]
    return language if language in catalogue() else ""


def say(what: str, language: str, **slots: str) -> str:
    """The text in that language, or in English where it has none."""
    texts = catalogue().get(nearest(language), {})
    return (texts.get(what) or catalogue()[USUAL][what]).format(**slots)


def retold(why: str, language: str) -> str:
    """What an error says, in that language as far as there are words for it; the rest stays as it is."""
    for known, words in _reasons(nearest(language)):
        why = known.sub(lambda found, words=words: words.format(**found.groupdict()), why)  # type: ignore[misc]
    return why


@cache
def _reasons(language: str) -> tuple[tuple["re.Pattern[str]", str], ...]:
    told: dict[str, dict[str, str]] = tomllib.loads((files("prompts") / "reasons.toml").read_text("utf-8"))
    return tuple((_pattern(known), words) for known, words in told.get(language, {}).items())


def _pattern(known: str) -> "re.Pattern[str]":
    """Of a sentence, whole: from the beginning or after another one, slots within it."""
    slots = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(known))
    return re.compile(rf"(?:^|(?<=[\s:])){slots}(?=\s|$)", re.S)
