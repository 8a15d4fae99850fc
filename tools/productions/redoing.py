"""What does making a step of a reel again mean: for its script, and for all that depends on it?

Told beforehand by doing it and undoing it, so that what is told and what is done cannot differ.
"""

from collections.abc import Iterable

from gator.errors import NotFound, Refused
from memory.models import Persona, Production
from memory.work import Work
from tools.capability import STAFF, Effect, Turn, capability
from tools.personas.character import Character
from tools.productions.doable import changed_script, check, check_made
from tools.productions.making import brief_of, carry_on
from tools.productions.scenes import Look
from tools.productions.script import Script
from tools.productions.shapes import Brief, Foreseen, RedoReel, Thumbnail


class _Undone(Exception):
    """Nothing of it is kept."""


@capability(audience=STAFF, effect=Effect.read)
async def foresee_redo(ask: RedoReel, turn: Turn) -> Foreseen:
    """Say what `redo_reel` would make again. Nothing is made, and nobody is asked to write.

    Raises what that would raise: Refused, or Unavailable where the studio is full or the budget used up.
    """
    async with turn.open_work(reads=True) as work:
        production = await named(work, ask.reel)
        brief, before = brief_of(production), await script_of(work, production)
        persona, character = await persona_of(work, production)
        steps = await work.productions.steps(production)
    check(ask, before, brief, turn.settings)
    texts = len(steps["posts"].words) if "posts" in steps else 0
    if ask.step == "script":
        return Foreseen(steps=[*steps], texts=texts, certain=False, edited=steps["video"].cut is not None)
    script = changed_script(ask, before, brief)
    brief = brief.model_copy(update={"thumbnail": wanted_thumbnail(ask, brief)})
    look = Look(brief, script, persona, character)
    made = await _tried(turn, production.id, look, wanted_again(ask, script, before))
    written = ask.step == "posts" or script.said != before.said
    check_made(ask, bool(made or written))
    edited = steps["video"].cut is not None and "video" in made
    return Foreseen(steps=made, texts=texts if written else 0, edited=edited)


async def _tried(turn: Turn, id: str, look: Look, again: Iterable[str]) -> list[str]:
    """The names of the steps that were made again, which they were not."""
    made: list[str] = []
    try:
        async with turn.open_work() as work:
            production = await work.productions.locked(id)
            made = await carry_on(work, turn, production, look, {*again})
            raise _Undone
    except _Undone:
        return made


async def named(work: Work, id: str) -> Production:
    if id.strip().casefold() in ("last", "latest", "newest", ""):
        return await work.productions.newest()
    return await work.productions.get(id.strip())


async def script_of(work: Work, production: Production) -> Script:
    return Script.model_validate((await work.productions.steps(production))["script"].words)


async def persona_of(work: Work, production: Production) -> tuple[Persona, Character]:
    try:
        persona = await work.personas.get(production.persona_id or "")
    except NotFound as gone:
        raise Refused("The persona of this reel is gone.", remedy="Make a reel with another one.") from gone
    return persona, Character.model_validate(persona.character)


def wanted_thumbnail(ask: RedoReel, brief: Brief) -> Thumbnail:
    """Which frame is wanted now: of that scene; with the title or without it the same one; else the next best."""
    before = brief.thumbnail
    if ask.step != "thumbnail":
        return before
    titled = before.titled if ask.titled is None else ask.titled
    if ask.scene is not None and ask.scene != before.scene:
        return Thumbnail(scene=ask.scene, titled=titled)
    another = ask.titled is None
    return before.model_copy(update={"place": before.place + another, "titled": titled})


def wanted_again(ask: RedoReel, script: Script, before: Script) -> set[str]:
    """The names of the steps that are to be made whatever is there."""
    if ask.step in ("script", "posts") or script != before:
        return set()  # what has changed is made again of itself
    if ask.step == "scene":
        return {f"picture-{ask.scene}", f"clip-{ask.scene}"}
    if ask.step in ("picture", "clip", "voice"):
        numbers = [ask.scene] if ask.scene else range(1, len(script.scenes) + 1)
        return {f"{ask.step}-{number}" for number in numbers}
    return {ask.step}
