"""Personas: make, change, show, go back, pause, remove. Doors: agents, /api/v1/personas, the CLI.

Every change is a version and a row in the audit log; a change that changes nothing is neither.
"""

from typing import Any

from gator.errors import Conflict, Refused
from memory.models import Persona, PersonaVersion
from memory.repositories.personas import Holdings
from memory.work import Work
from prompts.words import say
from tools import people
from tools.capability import STAFF, Effect, Nothing, Turn, capability
from tools.personas import sheet
from tools.personas.admission import admit
from tools.personas.adults import stated_age
from tools.personas.changes import changes
from tools.personas.character import RESERVED_SLUGS, USUAL_AGE, Character, slug_of
from tools.personas.shapes import (
    ChangePersona,
    CreatePersona,
    GiveVoice,
    NamePersona,
    PersonaHistory,
    PersonaLine,
    PersonaList,
    PersonaShown,
    RollBackPersona,
    VersionLine,
)
from tools.personas.speakers import fitting
from tools.unseen import with_unseen_shown
from tools.wording import counted_as


@capability(audience=STAFF, effect=Effect.write)
async def create_persona(ask: CreatePersona, turn: Turn) -> PersonaShown:
    """Make a new persona. All personas are adults.

    Raises Conflict when a persona of that name is there, Refused when it would be under-age.
    """
    character = _new_character(ask)
    async with turn.open_work() as work:
        made = await work.personas.by_key(turn.key(ask)) or await add(work, character, key=turn.key(ask))
        return _shown(made, ["created"], sheet.short(Character.model_validate(made.character)))


def _new_character(ask: CreatePersona) -> Character:
    said = ask.model_dump(exclude={"description"})
    said["backstory"] = "\n\n".join(part for part in (ask.description, ask.backstory) if part)
    said["tagline"] = ask.description if len(ask.description) <= 140 else ""
    if "age" not in ask.model_fields_set:
        said["age"] = stated_age(said["backstory"]) or USUAL_AGE
    return admit(said)


async def add(work: Work, character: Character, *, note: str = "made", key: str | None = None, **kept: Any) -> Persona:
    """A persona of that character, audited; `kept` is the card it came from. Raises Conflict when its name is taken."""
    if any(one.name.casefold() == character.name.casefold() for one in await work.personas.all()):
        raise Conflict(f"There is already a persona called {character.name}.", remedy="Choose another name.")
    slug = await work.personas.free_slug(slug_of(character.name), RESERVED_SLUGS)
    made = await work.personas.create(
        slug, character.name, character.model_dump(mode="json"), author=str(work.principal), key=key, note=note, **kept
    )
    await work.audit.note("persona.create", made.id, name=made.name)
    return made


@capability(audience=STAFF, effect=Effect.write)
async def change_persona(ask: ChangePersona, turn: Turn) -> PersonaShown:
    """Change a persona; whatever is left out stays. Says what changed.

    Raises Refused when the persona would be under-age or something to take away is not there.
    """
    key = turn.key(ask)
    async with turn.open_work() as work:
        if done := await work.personas.keyed_version(key):
            return await _shown_again(work, *done)
        persona = await _locked(work, ask.persona)
        await _keep_names_apart(work, persona, ask.name)
        character = _changed_character(Character.model_validate(persona.character), ask)
        return await _renew(work, persona, character, note=ask.note or "changed", key=key)


@capability(audience=STAFF, effect=Effect.write)
async def give_voice(ask: GiveVoice, turn: Turn) -> PersonaShown:
    """Say how a persona sounds and who speaks for them; whatever is left out stays.

    Raises Unavailable where that provider has no key, Refused for a voice that the offline engine does not know.
    """
    key = turn.key(ask)
    async with turn.open_work() as work:
        if done := await work.personas.keyed_version(key):
            return await _shown_again(work, *done)
        persona = await _locked(work, ask.persona)
        character = Character.model_validate(persona.character)
        data = character.model_dump(mode="json")
        data["voice"] |= fitting(turn.settings, character.voice, ask.voice)
        return await _renew(work, persona, admit(data), note="voice", key=key)


_LISTS = ("interests", "traits", "languages", "boundaries")
_SPEECH_LISTS = ("quirks", "signature_phrases", "forbidden_phrases")


def _changed_character(character: Character, ask: ChangePersona) -> Character:
    data = character.model_dump(mode="json")
    for field in ("name", "age", "occupation", "home", "time_zone", "backstory", "greeting", "rating"):
        data[field] = data[field] if getattr(ask, field) is None else getattr(ask, field)
    speech = data["speech"]
    speech["style"] = speech["style"] if ask.speech_style is None else ask.speech_style
    for part, fields in ((data, _LISTS), (speech, _SPEECH_LISTS)):
        for field in fields:
            part[field] = _less(part[field], getattr(ask, f"remove_{field}"), field, character.name)
            part[field] += getattr(ask, f"add_{field}")
    return admit(data)


def _less(items: list[str], unwanted: list[str], field: str, name: str) -> list[str]:
    there = {_plainly(item) for item in items}
    for item in unwanted:
        if _plainly(item) not in there:
            raise Refused(
                f"{name} has no “{item}” among the {field.replace('_', ' ')}.",
                remedy=f"There are: {', '.join(items) or 'none'}.",
            )
    gone = {_plainly(item) for item in unwanted}
    return [item for item in items if _plainly(item) not in gone]


def _plainly(item: str) -> str:
    """An entry as people repeat it: in any case, with or without its full stop."""
    return item.strip().casefold().rstrip(".")


async def _keep_names_apart(work: Work, persona: Persona, name: str | None) -> None:
    others = [one for one in await work.personas.all() if one.id != persona.id]
    if name and any(one.name.casefold() == name.strip().casefold() for one in others):
        raise Conflict(f"There is already a persona called {name}.", remedy="Choose another name.")


async def _renew(work: Work, persona: Persona, character: Character, *, note: str, key: str) -> PersonaShown:
    """The character as the persona's next version, if it differs at all."""
    before, after = _whole(persona.character), character.model_dump(mode="json")
    changed = changes(before, after)
    if not changed:
        return _shown(persona, [], f"Nothing to change: {persona.name} is like that already.")
    await work.personas.change(persona, after, author=str(work.principal), note=note, key=key)
    await work.audit.note("persona.change", persona.id, version=persona.version, fields=_fields(before, after))
    return _shown(persona, changed, sheet.full(character))


def _whole(stored: dict[str, Any]) -> dict[str, Any]:
    """A stored character with the fields of today, in their order (PostgreSQL keeps none)."""
    return Character.model_validate(stored).model_dump(mode="json")


def _fields(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [field for field in after if before.get(field) != after[field]]


@capability(audience=STAFF, effect=Effect.read)
async def show_persona(ask: NamePersona, turn: Turn) -> PersonaShown:
    """Show everything about one persona: its whole character sheet."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.named(ask.persona)
    return _shown(persona, [], sheet.full(Character.model_validate(persona.character)))


@capability(audience=STAFF, effect=Effect.read)
async def list_personas(ask: Nothing, turn: Turn) -> PersonaList:  # noqa: ARG001  # every capability has both
    """List all personas with a line on each."""
    async with turn.open_work(reads=True) as work:
        there = await work.personas.all()
    return PersonaList(personas=[line_of(persona) for persona in there])


def line_of(persona: Persona) -> PersonaLine:
    """The persona as lists show it."""
    return PersonaLine(
        id=persona.id,
        slug=persona.slug,
        name=persona.name,
        tagline=sheet.tagline(Character.model_validate(persona.character)),
        paused=persona.paused_at is not None,
    )


@capability(audience=STAFF, effect=Effect.read)
async def show_persona_history(ask: NamePersona, turn: Turn) -> PersonaHistory:
    """Show the versions of a persona: when, by whom, and what changed each time."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.named(ask.persona)
        versions = await work.personas.versions(persona)
        names = await people.who(work, [one.author for one in versions])
    befores = [None, *versions[:-1]]
    return PersonaHistory(
        name=persona.name,
        versions=[_version(one, before, names) for one, before in zip(versions, befores, strict=True)],
    )


def _version(version: PersonaVersion, before: PersonaVersion | None, names: dict[str, str]) -> VersionLine:
    return VersionLine(
        version=version.version,
        at=version.created_at,
        author=version.author,
        by=names[version.author],
        note=version.note,
        changes=changes(_whole(before.character), _whole(version.character)) if before else ["created"],
    )


@capability(audience=STAFF, effect=Effect.write)
async def roll_back_persona(ask: RollBackPersona, turn: Turn) -> PersonaShown:
    """Make a persona again what it was in an earlier version; that is a new version, so nothing is lost.

    Raises NotFound for a version that never was, Refused when there is none before the first.
    """
    key = turn.key(ask)
    async with turn.open_work() as work:
        if done := await work.personas.keyed_version(key):
            return await _shown_again(work, *done)
        persona = await _locked(work, ask.persona)
        if ask.version is None and persona.version == 1:
            raise Refused(f"{persona.name} has only one version.", remedy="There is nothing to go back to.")
        back_to = ask.version or persona.version - 1
        character = admit((await work.personas.version(persona, back_to)).character)
        await _keep_names_apart(work, persona, character.name)
        return await _renew(work, persona, character, note=f"back to version {back_to}", key=key)


async def preview_removal(ask: NamePersona, turn: Turn) -> tuple[NamePersona, str]:
    """Who goes and what goes with them. From here on the persona is named by its slug: no other comes under it."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.named(ask.persona)
        held = await work.personas.holdings(persona)
    told = say(
        "ask_remove_persona",
        turn.language,
        name=with_unseen_shown(persona.name),
        slug=persona.slug,
        goes="; ".join(_goes(held, turn.language)) or say("goes_nothing", turn.language),
    )
    return NamePersona(persona=persona.slug), told


def _goes(held: Holdings, language: str) -> list[str]:
    """What hangs on a persona, in words; nothing of what there is none of."""
    goes = []
    if held.conversations:
        fans = counted_as("fans", held.fans, language)
        goes.append(say("goes_talks", language, fans=fans, talks=counted_as("talks", held.conversations, language)))
    if held.published:
        goes.append(counted_as("published", held.published, language))
    if held.planned:
        goes.append(say("goes_unpublished", language, posts=counted_as("planned", held.planned, language)))
    return goes


@capability(audience=STAFF, effect=Effect.destroy, preview=preview_removal)
async def remove_persona(ask: NamePersona, turn: Turn) -> PersonaShown:
    """Remove a persona for good: it talks with nobody and posts nothing any more. To stop it for a time, pause it."""
    key = f"remove:{turn.key(ask)}"
    async with turn.open_work() as work:
        if done := await work.personas.keyed_version(key):
            return _shown(done[0], ["removed"], f"{done[0].name} is removed.")
        persona = await _locked(work, ask.persona)
        await work.personas.remove(persona, author=str(turn.principal), key=key)
        await work.appearances.retire_all(persona.id)  # so that its pictures can be removed, too
        await work.jobs.cancel_all_of(persona.id)
        await work.audit.note("persona.remove", persona.id, name=persona.name)
    return _shown(persona, ["removed"], f"{persona.name} is removed.")


@capability(audience=STAFF, effect=Effect.write)
async def pause_persona(ask: NamePersona, turn: Turn) -> PersonaShown:
    """Let a persona rest: it answers nobody and posts nothing until it is resumed."""
    return await _rest(ask.persona, turn, paused=True)


@capability(audience=STAFF, effect=Effect.write)
async def resume_persona(ask: NamePersona, turn: Turn) -> PersonaShown:
    """Wake a paused persona up again."""
    return await _rest(ask.persona, turn, paused=False)


async def _rest(name: str, turn: Turn, *, paused: bool) -> PersonaShown:
    word = "paused" if paused else "resumed"
    async with turn.open_work() as work:
        persona = await _locked(work, name)
        if (persona.paused_at is not None) != paused:
            await work.personas.pause(persona, paused=paused)
            silenced = (
                await work.outbox.silence(persona.id) if paused else 0
            )  # a reply may be minutes away, at its pace
            await work.audit.note("persona.pause" if paused else "persona.resume", persona.id, silenced=silenced)
    return _shown(persona, [word], f"{persona.name} is {word}.")


async def _locked(work: Work, name: str) -> Persona:
    persona = await work.personas.named(name)
    await work.personas.lock(persona)
    return persona


async def _shown_again(work: Work, persona: Persona, version: PersonaVersion) -> PersonaShown:
    """What the same request gave before."""
    before = await work.personas.version(persona, version.version - 1)
    character = Character.model_validate(version.character)
    changed = changes(_whole(before.character), character.model_dump(mode="json"))
    return _shown(persona, changed, sheet.full(character), version.version)


def _shown(persona: Persona, changed: list[str], summary: str, version: int | None = None) -> PersonaShown:
    return PersonaShown(
        id=persona.id,
        slug=persona.slug,
        name=persona.name,
        version=version or persona.version,
        summary=summary,
        changed=changed,
    )
