"""How do people put it, and what is that in plain words? Turns of phrase brought to the plain request they stand for.

Three tables of `prompts/builtin/idioms.toml`: stretches that are exchanged wherever they stand ("8 of the morning"), heads, whose
first words are exchanged ("whip up a card" is "make a card"), and whole requests, whose parts are put into a plain one
("who's on the roster?" is "list the personas"). What stands in it is taken over as it was written; a request that is
plain already stays as it is. Neighbours: orders (word order), drafting.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from agents.builtin import languages, titles
from agents.builtin.asides import LAST_PART, reason
from agents.builtin.desk import Desk
from agents.builtin.fill_feeds import feeds_named
from agents.builtin.heads import plainly
from agents.builtin.said import Said, hear
from agents.builtin.speech.phrases import load

SLOT = re.compile(r"\{(\w+)\}")
ENDS = " .!?,;\n\t"
TURNS = 4  # a courtesy, a turn of phrase and what it leads to


@dataclass(frozen=True, slots=True)
class Idiom:
    """A form, and the plain words in its place; a head's form is only the beginning."""

    form: re.Pattern[str]
    plain: str
    head: bool


def plain(text: str, desk: Desk) -> str:
    """A clause in plain words; itself where it holds no turn of phrase."""
    text = _mended(text, desk)
    for _ in range(TURNS):
        said = plainly(hear(text, desk.personas))
        if not (other := _once(said, desk)):
            return text
        text = other
    return text


def _mended(text: str, desk: Desk) -> str:
    """A clause with the stretches in plain words that another tongue, or haste, has put otherwise."""
    for idiom in _anywhere():
        said = hear(text, desk.personas)
        for hit in reversed(list(idiom.form.finditer(said.read))):
            start, end = said.at[hit.start()], said.at[hit.end()]
            text = f"{said.raw[:start]}{_filled(idiom.plain, hit, said)}{text[end:]}"
    return text


def _once(said: Said, desk: Desk) -> str:
    read = said.read.rstrip(ENDS)
    for idiom in _idioms():
        whole = idiom.form.fullmatch
        hit = idiom.form.match(read) if idiom.head else whole(read) or whole(_unreasoned(read, idiom))
        if hit is None or not _meant(hit, said, desk):
            continue
        tail = said.words(hit.end(), len(said.read)) if idiom.head else ""
        # The mark behind the words that are taken over is one of them: "set her greeting to Ahoy!".
        end = said.read[len(read) :].strip() if idiom.plain.endswith("}") and not idiom.head else ""
        other = f"{_filled(idiom.plain, hit, said)}{end} {tail}".strip()
        if other.lower() != said.text().rstrip(ENDS).lower():
            return other
    return ""


def _unreasoned(read: str, idiom: Idiom) -> str:
    """A request without why it is asked for, where the idiom is of something that is undone, moved or stopped."""
    why = LAST_PART.search(read)
    tool = idiom.plain.partition(" ")[0] + "_"
    return read[: why.start()].rstrip(ENDS) if why and reason(why[1], tool) else read


def _filled(template: str, hit: re.Match[str], said: Said) -> str:
    words = SLOT.sub(lambda slot: said.words(*hit.span(slot[1])) if hit.groupdict().get(slot[1]) else "", template)
    return re.sub(r" {2,}", " ", words).strip()


def _meant(hit: re.Match[str], said: Said, desk: Desk) -> bool:
    """Whether what an idiom takes for a feed, a post or a job is one."""
    named = hit.groupdict()
    if named.get("feed"):
        return bool(feeds_named(said.cut(*hit.span("feed")), desk))
    for group, kind, key in (("post", "posts", "text"), ("job", "jobs", "title"), ("media", "media", "title")):
        if named.get(group):
            words = f"the {said.words(*hit.span(group))}"
            return bool(titles.named(words, desk.rows(kind), key=key, skip=desk.personas))
    return True


@cache
def _anywhere() -> tuple[Idiom, ...]:
    return tuple(_table(load("idioms"), "anywhere", head=False))


@cache
def _idioms() -> tuple[Idiom, ...]:
    table = load("idioms")
    return (*_table(table, "heads", head=True), *_table(table, "whole", head=False))


def _table(table: dict[str, dict[str, list[str]]], name: str, *, head: bool) -> Iterable[Idiom]:
    parts = {"lang": languages.LIST} | {key: str(value) for key, value in table["parts"].items()}
    for words, forms in table[name].items():
        for form in forms:
            pattern = re.sub(r"(?<!\?P)<(\w+)>", lambda hit: f"(?:{parts[hit[1]]})", form.replace("’", "'"))
            yield Idiom(re.compile(pattern + (r"(?:(?<=\s)|(?!\w))\s*" if head else "")), words, head)
