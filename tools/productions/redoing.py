"""What does making a step of a reel again mean: for its script, and for all that depends on it?

Told beforehand by doing it and undoing it, so that what is told and what is done cannot differ.
"""

from collections.abc import Iterable

from gator.errors import NotFound, Refused
from memory.models import Persona, Production
from memory.work import Work
from tools.capability import STAFF, Effect, Turn, capability
from tools.personas.character import Character
from tools.productions.making import brief_of, carry_on
from tools.productions.scenes import Look
from tools.productions.script import Script, changed
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
    check_scene(ask, before)
    texts = len(steps["posts"].words) if "posts" in steps else 0
    if ask.step == "script":
        return Foreseen(steps=[*steps], texts=texts, certain=False, edited=steps["video"].cut is not None)
    script = changed_script(ask, before, brief)
    brief = brief.model_copy(update={"thumbnail": wanted_thumbnail(ask, brief)})
    look = Look(brief, script, persona, character)
    made = await _tried(turn, production.id, look, wanted_again(ask, script, before))
    written = ask.step == "posts" or script.said != before.said
    edited = steps["video"].cut is not None and "video" in made
    return Foreseen(steps=made, texts=texts if written else 0, edited=edited)


async def _tried(turn: Turn, id: str, look: Look, again: Iterable[str]) -> list[str]:
    """The names of the steps that were made again, which they were not."""
    made: list[str] = []
    try:
        async with turn.open_work() as work:
            production = await work.productions.locked(id)
            before = {name: step.take for name, step in (await work.productions.steps(production)).items()}
            await carry_on(work, turn, production, look, {*again})
            after = await work.productions.steps(production)
            made = [name for name, step in after.items() if step.take != before.get(name)]
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


def check_scene(ask: RedoReel, script: Script) -> None:
    if (ask.step in ("scene", "picture", "clip") or ask.asset) and ask.scene is None:
        raise Refused("Which scene?", remedy=f"Give its number: the reel has {len(script.scenes)}.")
    if ask.scene is not None and ask.scene > len(script.scenes):
        raise Refused(f"There is no scene {ask.scene}: the reel has {len(script.scenes)}.")


def changed_script(ask: RedoReel, script: Script, brief: Brief) -> Script:
    """The script with what is told of one scene; a picture or clip that is made anew takes the place of what it was given."""
    if ask.say.strip() or ask.show.strip():
        drawn = brief.drawn and not brief.moving
        script = changed(script, ask.scene or 1, ask.say, ask.show, drawn=drawn)
    anew = ask.step in ("picture", "clip") or bool(ask.show.strip())
    if ask.scene is None or not (ask.asset or anew):
        return script
    scenes = [*script.scenes]
    scenes[ask.scene - 1] = scenes[ask.scene - 1].model_copy(update={"asset": ask.asset})
    return script.model_copy(update={"scenes": scenes})


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
