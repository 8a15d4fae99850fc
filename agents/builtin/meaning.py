"""What may somebody have meant whose words are not understood? The likeliest requests by meaning, to be asked about.

Nothing is done by likeness alone: what is found is offered as a question, and done only when it is said yes to. Compared
by MiniLM, loaded when it is first needed; where its weights are absent nothing is offered. Neighbours: drafting (which
asks), `prompts/builtin/asks.toml` (what is compared with).
"""

import re
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import structlog

from agents.builtin import contents, lexicon
from agents.builtin.desk import Desk
from agents.builtin.fill_feeds import which_feed
from agents.builtin.heads import plainly
from agents.builtin.said import Said
from agents.builtin.speech.phrases import load
from agents.builtin.times.moments import Unclear, find_when
from gator.ids import new_id

if TYPE_CHECKING:
    from pathlib import Path

    from memory.minilm import Floats

log = structlog.get_logger(__name__)

# Of 27 requests tried in other words, those for things we do reach 0.46 to 0.81 and those for things we do not 0.46 at most.
NEAR = 0.5
NEARER = 0.6  # for what takes something away
BESIDE = 0.08  # so much less likely may be what is named second
# What a request for a deed may speak of: where it names other things only, that deed was not meant.
SPEAKS_OF = {
    "change_persona": ("persona",), "remove_persona": ("persona",), "roll_back_persona": ("persona", "version"),
    "pause_persona": ("persona", "conversation"), "resume_persona": ("persona", "conversation"),
    "cancel_job": ("job", "card", "voice", "video"), "retry_job": ("job", "card", "voice", "video"),
    "add_feed": ("feed", "story"), "remove_feed": ("feed", "story"),
    "reschedule_post": ("post",), "cancel_post": ("post",),
}  # fmt: skip
WRITTEN = ("schedule_post", "write_text", "draw_card", "speak_text")  # what they make is made of words that were said
# What a persona has, so that words for it are no post.
OF_A_PERSONA = re.compile(
    r"\b(?:greeting|tag ?line|motto|slogan|catch ?phrase|bio|biography|backstory|background|age|home ?town|occupation"
    r"|profession|time ?zone|hobby|hobbies|interests?|traits?|languages?|boundar(?:y|ies)|rating|name)\b(?! (?:card|post))"
)
SLOT = re.compile(r"\[([^\[\]{}]*)\{(\w+)\}([^\[\]{}]*)\]|\{(\w+)\}")


def likeliest(said: Said, tools: Sequence[str], desk: Desk) -> list[str]:
    """At most two requests in plain words that this may mean, the likelier first."""
    found = _near(_masked(plainly(said)), tools)
    offers = [offer for tool, _ in found if _may_mean(tool, said) and (offer := _offer(tool, said, desk))]
    return offers[:2]


def _may_mean(tool: str, said: Said) -> bool:
    """Whether nothing in the words speaks against a deed; a look at things does no harm."""
    if tool in WRITTEN:
        return not (said.named() and OF_A_PERSONA.search(said.read))
    things = {lexicon.thing(word) for word in re.findall(r"[a-z][a-z-]*", said.read)} - {""}
    return tool not in SPEAKS_OF or not things or bool(things & set(SPEAKS_OF[tool]))


def _near(text: str, tools: Sequence[str]) -> list[tuple[str, float]]:
    from memory.embedding import local_embedder

    if local_embedder().name.startswith("hashing") or not re.search(r"[a-z]{2}", text):
        return []
    names, vectors = _catalogue()
    likeness = vectors @ local_embedder().embed_now([text])[0]
    best: dict[str, float] = {}
    for name, value in zip(names, likeness, strict=True):
        if name in tools:
            best[name] = max(best.get(name, 0.0), float(value))
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    taking = ("remove_", "cancel_", "roll_back_", "pause_")
    ranked = [pair for pair in ranked if pair[1] >= (NEARER if pair[0].startswith(taking) else NEAR)]
    return [pair for pair in ranked if pair[1] >= ranked[0][1] - BESIDE]


@cache
def _catalogue() -> "tuple[list[str], Floats]":

    said = [(tool, words) for tool, entry in load("asks").items() for words in entry["like"]]
    return [tool for tool, _ in said], _kept([words for _, words in said])


def _kept(texts: list[str]) -> "Floats":
    """The vectors of texts, from the home where they were reckoned before with the same embedder and the same texts."""
    import numpy

    from gator.settings import load as settings
    from memory.embedding import local_embedder

    key = blake2b("\n".join([local_embedder().name, *texts]).encode(), digest_size=12).hexdigest()
    home = settings().home
    kept = home / f"asks-{key}.npy"
    if kept.is_file():
        try:
            return numpy.load(kept)  # type: ignore[no-any-return]
        except (OSError, ValueError, EOFError):
            log.warning("asks.unreadable", file=kept.name)
    vectors = local_embedder().embed_now(texts)
    if home.is_dir():
        _keep(kept, vectors)
    return vectors


def _keep(path: "Path", vectors: "Floats") -> None:
    """Whole or not at all, so that nobody reads half of it; where the home cannot be written they are reckoned again."""
    import numpy

    part = path.with_name(f"{path.name}.{new_id()}.part")
    try:
        with part.open("wb") as file:
            numpy.save(file, vectors)
        part.replace(path)
    except OSError:
        log.warning("asks.unkept", file=path.name)


def _masked(said: Said) -> str:
    """The words with what differs from request to request replaced, as in the catalogue."""
    read = re.sub(r"§p\d+", "Ann", said.read)
    read = re.sub(r"§q\d+", "some words", read)
    return re.sub(r"§[ui]\d+", "the link", read).strip(" .,;:!")


def _offer(tool: str, said: Said, desk: Desk) -> str:
    """The request that would do it, with what was said filled in; empty where something that it needs was not said."""
    slots = _slots(said, desk)
    lacking: list[str] = []

    def fill(hit: re.Match[str]) -> str:
        name = hit[2] or hit[4]
        if not (value := slots.get(name, "")):
            if hit[4]:
                lacking.append(name)
            return ""
        return f"{hit[1]}{value}{hit[3]}" if hit[2] else value

    offer = SLOT.sub(fill, load("asks")[tool]["offer"]).strip()
    return "" if lacking or _leaves_out(tool, offer, said, slots["when"]) else offer


def _leaves_out(tool: str, offer: str, said: Said, when: str) -> bool:
    """Whether a deed would be done without the time or some of the words that were told for it."""
    if tool.startswith(("list_", "show_", "read_")) or tool == "change_persona":  # a change asks what it should be
        return False
    return bool(when and when not in offer) or any(quote not in offer for quote in said.quotes())


def _slots(said: Said, desk: Desk) -> dict[str, str]:
    quotes, links = said.quotes(), said.links()
    try:
        when = find_when(said.read, desk.now, desk.zone)
    except Unclear:
        when = None
    spans = when.spans if when else ()
    known = desk.focus if re.search(r"\b(?:she|her|he|him|his)\b", said.read) else None
    return {
        "persona": next(iter(said.named()), known or ""),
        "text": f"“{quotes[0]}”" if quotes else "",
        "link": links[0] if links else "",
        "feed": (which_feed(said, desk) or "") if desk.rows("feeds") else "",
        "when": " ".join(said.words(*span) for span in sorted(spans)),
        "about": contents.topic(said, loose=False),
    }
