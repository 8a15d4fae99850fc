"""Again: what is the same once more, and what is different this time? For pictures and clips that a model made.

Asked by `tools.imagery` and `tools.clips`. A new order names the one before it (`again_of`), and so does what is made of it.
"""

import re
from typing import Annotated

from pydantic import Field

from gator.errors import Refused
from memory.models import Job, Persona
from memory.work import Work
from tools.faces import is_named
from tools.personas.character import Character

_LOOKED_BACK = 100  # jobs, for the last one
_WORDS = 1000
_WITHOUT = re.compile(r"(?i)(?:but |only |just )?(?:without|with no|no|minus|ohne|kein(?:e[nmrs]?)?)\s+(?P<what>\S.*)")

Which = Annotated[
    str | None,
    Field(
        description='id of one that a model made, or "last": the same once more, with what is said here changed; the rest stays'
    ),
]
OtherSeed = Annotated[bool, Field(description="with `again`: as another take; else with the same seed")]
But = Annotated[
    str,
    Field(
        max_length=_WORDS,
        description='with `again`: what is different this time, in a few words, such as "at night" or "without the hat"',
    ),
]
InsteadOf = Annotated[
    str,
    Field(
        max_length=_WORDS,
        description="with `but`: the words of the last prompt that it takes the place of, as they are there",
    ),
]


async def made_before(work: Work, which: str, kind: str, of: Persona | None) -> Job:
    """The job of what is meant; the last one: hers where a persona is named. Raises Refused where no model made such a one."""
    if which.strip().casefold() == "last":
        jobs = await work.jobs.recent(limit=_LOOKED_BACK)
        jobs = [job for job in jobs if of is None or job.persona_id == of.id]
    else:
        jobs = [await work.jobs.that_made(which.strip())]
    found = next((job for job in jobs if job.kind == kind), None)
    if found is None:
        noun, maker = ("picture", "an image") if kind == "picture.make" else ("clip", "a video")
        hers = f" of {of.name}" if of else ""
        raise Refused(f"No such {noun}{hers} was made by {maker} model.", remedy="Say what is to be seen on it.")
    return found


async def whose(work: Work, before: Job) -> tuple[Persona | None, Character | None]:
    """The persona whose it was, with her character."""
    if before.persona_id is None:
        return None, None
    persona = await work.personas.get(before.persona_id)
    return persona, Character.model_validate(persona.character)


def changed(words: str, but: str, instead_of: str = "") -> tuple[str, str]:
    """The words with what is different now; and what must not be seen. Raises Refused where the old words are not among them."""
    but = but.strip().rstrip(".!?, ")
    if not but:
        return words, ""
    if without := _WITHOUT.fullmatch(but):
        return _left_out(words, without["what"]), without["what"]
    if not instead_of.strip():
        return f"{words.strip().rstrip('.,')}, {but}", ""
    old = re.compile(re.escape(instead_of.strip()), re.IGNORECASE)
    if not old.search(words):
        raise Refused(
            f"“{instead_of}” is not among its words: {words}", remedy="Say it as it is there, or the whole anew."
        )
    return old.sub(lambda _: but, words, count=1), ""


def reworded(prompt: str, old: str, words: str, character: Character | None) -> str | None:
    """The old prompt, looks and style as they were, with these words in place of the old ones.

    None where the persona comes in or goes out by them, or what was asked for is not where it was.
    """
    begins, new = (told.strip().rstrip(".") for told in (old, words))
    name = character.name if character else ""
    if not (begins and new and prompt.startswith(begins)) or (name and is_named(name, old) != is_named(name, words)):
        return None
    return new + prompt[len(begins) :]


def _left_out(words: str, what: str) -> str:
    """The words without that thing, where they have it: "Nova with a hat on the beach" without the hat."""
    thing = re.sub(r"(?i)^(?:the|an?|any|her|his|their|den|die|das|dem|einen?|eine[mrs]?)\s+", "", what)
    article = r"(?:(?:the|an?|her|his|their|my|den|die|das|dem|einen?|eine[mrs]?)\s+)?"
    led = rf"(?i),?\s*\b(?:(?:and|und)\s+)?(?:with|wearing|holding|mit)\s+{article}{re.escape(thing)}\b"
    return " ".join(re.sub(led, "", words).split()) or words
