"""Which commands are there in a chat, and what do they do? The same on every platform; adapters only hand them over.

What comes of a command and what is said about it are one transaction, so that a command that a platform delivers again
is done and answered once.
"""

from collections.abc import Awaitable, Callable

from agents.care import disclosure, outbound
from bots import desk_commands, languages, linking, memory_commands, pairing
from bots.alarm import key_of
from bots.asking import asks_for_person
from bots.channel import Outbound
from bots.command import Asked, Told
from bots.core import Core
from bots.doorway import Person, Seat
from bots.words import languages as spoken_languages
from bots.words import nearest, say
from gator.clock import now
from gator.principal import service
from memory.models import Account, Conversation
from memory.work import Work
from tools.personas import macros
from tools.personas.character import Character

__all__ = ["asks_for_person", "menu", "obey"]

FOR_FANS = (
    "start", "help", "human", "memory", "why", "fix", "forget", "remember", "export", "language", "link", "unlink", "stop",
    "resume", "id",
)  # fmt: skip
FOR_OPERATORS = ("start", "help", *desk_commands.ANSWERS, "language", "unpair", "id")
FOR_STRANGERS = ("start", "help", "pair", "id")
# /stop in any language (L16), where a platform takes such a word for a command.
_ALSO = {
    "stopp": "stop", "halt": "stop", "ende": "stop", "abmelden": "stop", "unsubscribe": "stop", "parar": "stop",
    "detener": "stop", "pare": "stop", "arret": "stop", "arreter": "stop", "basta": "stop", "ferma": "stop", "dur": "stop",
    "stoppen": "stop", "weiter": "resume", "hilfe": "help", "mensch": "human", "sprache": "language", "agent": "human",
    "support": "human", "handback": "back", "erinnerung": "memory", "warum": "why", "korrigiere": "fix", "vergiss": "forget",
    "merken": "remember",
}  # fmt: skip


Answer = Callable[[Asked], Awaitable[list[str] | list[Told]]]


async def obey(
    core: Core, account: Account, seat: Seat | None, person: Person, name: str, argument: str, key: str
) -> str | None:
    """Carry out a command and answer it.

    Gives None when it is none of ours (it is a message then), "" when the answer is in the outbox, and the words
    themselves where there is no conversation to say them in: the adapter sends those. `key` is the platform's own for
    this command; the same again is done once.
    """
    name = _ALSO.get(name.lower(), name.lower())
    if seat and account.persona_id is None and name in desk_commands.ANSWERS:
        return await _at_the_desk(core, seat, person, name, argument.strip(), key)
    found = _commands(account, seat).get(name)
    if found is None:
        return None
    async with core.store.open_work(service(account.workspace, account.channel)) as work:
        conversation = await work.conversations.get(seat.conversation.id) if seat else None
        if await work.outbox.has(key):
            return ""
        card = await core.alarm.hear(work, conversation, argument, key_of(key)) if conversation else None
        asked = await _asked(core, work, account, seat, person, argument.strip(), conversation)
        answers = [] if card else await found(asked)  # in danger, the help lines are all that is said
        said = [one if isinstance(one, Told) else Told(one) for one in answers]
        if conversation is None or conversation.thread != (seat.conversation.thread if seat else ""):
            return "\n\n".join(one.text for one in said)  # nobody sits there, or not any more
        told = [await _tell(core, work, conversation, one, key, n, len(said)) for n, one in enumerate(said)]
    await core.alarm.show(card)
    for one in told:
        await core.delivery.show(account.workspace, conversation, one)
    core.forgotten(one.erased for one in said if one.erased)
    return ""


async def _tell(
    core: Core, work: Work, conversation: Conversation, one: Told, key: str, n: int, count: int
) -> Outbound | None:
    """Say one of the answers; the last of them says what it answers, so that who waits for it knows."""
    meta = {**one.meta, "answers": [key] if n == count - 1 else []}
    place = f"{key}:t{n}" if n else key  # the pieces of the first are numbered, too
    return await core.delivery.tell(work, conversation, one.text, place, assets=one.assets, **meta)


async def _at_the_desk(core: Core, seat: Seat, person: Person, name: str, argument: str, key: str) -> str:
    """As `obey`, in private only. The desk has transactions of its own, so what is said follows in another one."""
    async with core.store.open_work(seat.principal, reads=True) as work:
        if await work.outbox.has(key):
            return ""
        conversation = await work.conversations.get(seat.conversation.id)
    known = (conversation.language, person.locale, core.settings.language)
    language = next(filter(None, map(nearest, known)), "en")
    if conversation.kind != "direct":
        return say("desk_private", language)
    said = await desk_commands.obey(core, seat, name, argument, language)
    if not said.asks:
        await core.tell(conversation, said.text, key, about=said.about)
        return ""
    async with core.store.open_work(seat.principal) as work:
        meta = {"approvals": [one.id for one in said.asks]}
        message = await work.conversations.say(conversation.id, "gator", said.text, meta=meta)
        told = await core.delivery.write(work, conversation, message, key, speaker="code", approvals=said.asks)
    await core.delivery.show(conversation.workspace, conversation, told)
    return ""


def menu(account: Account, language: str) -> list[tuple[str, str]]:
    """The commands of an account's own menu, each with what it does."""
    if account.persona_id:
        return [(name, say(f"command_{name}", language)) for name in FOR_FANS]
    return [(name, say(desk_commands.about(name), language)) for name in ("pair", *FOR_OPERATORS)]


def _commands(account: Account, seat: Seat | None) -> dict[str, Answer]:
    if account.persona_id:
        return {name: _ANSWERS[name] for name in FOR_FANS} | {"pair": _pair_elsewhere} if seat else {}
    if seat:
        return {name: _ANSWERS[name] for name in FOR_OPERATORS if name in _ANSWERS} | {"pair": _pair_already}
    return {name: _ANSWERS[name] for name in FOR_STRANGERS} | {"start": _start_as_stranger, "help": _stranger}


async def _asked(
    core: Core,
    work: Work,
    account: Account,
    seat: Seat | None,
    person: Person,
    argument: str,
    conversation: Conversation | None,
) -> Asked:
    persona = await work.personas.get(account.persona_id) if account.persona_id else None
    known = (
        conversation.language if conversation else "",
        person.locale,
        Character.model_validate(persona.character).language if persona else "",
        core.settings.language,
    )
    language = next(filter(None, map(nearest, known)), "en")
    return Asked(core, work, account, person, argument, language, conversation, seat, persona)


# Greetings


async def _start(asked: Asked) -> list[str]:
    assert asked.conversation is not None
    if asked.persona is None:
        return asked.say("hello_operator")
    character = Character.model_validate(asked.persona.character)
    notice = []
    if asked.conversation.notice_at is None:  # before a persona's first word (L1)
        language = disclosure.language_for(asked.conversation.language, asked.person.locale, character.language)
        notice = [disclosure.notice(character.name, language)]
        await asked.work.turns.noticed(asked.conversation.id)
    if asked.persona.paused_at:
        return [*notice, *asked.say("paused", name=asked.name)]
    return [*notice, _greeting(asked, character)]


def _greeting(asked: Asked, character: Character) -> str:
    """The persona's own greeting, under the same rules as all it says."""
    if not character.greeting.strip():
        return say("hello_fan", asked.language, name=character.nickname or character.name)
    who = asked.person.name or say("you", character.language)  # the card's own language, which its author wrote in
    text = macros.fill(character.greeting, character.nickname or character.name, who)
    return outbound.check(text, character=character, links={}, language=character.language).text


async def _start_as_stranger(asked: Asked) -> list[str]:
    """A deep link brings the code along: /start pair_ABCD2345."""
    prefix, _, code = asked.argument.partition("_")
    if prefix.lower() == "pair" and code:
        return await _pair_with(asked, code)
    return await _stranger(asked)


async def _stranger(asked: Asked) -> list[str]:
    return asked.say("stranger")


async def _help(asked: Asked) -> list[str]:
    about = say("help_fan" if asked.persona else "help_operator", asked.language, name=asked.name)
    names = {name: f"command_{name}" for name in FOR_FANS}
    if asked.persona is None:
        names = {name: desk_commands.about(name) for name in FOR_OPERATORS}
    lines = [f"/{name} – {say(words, asked.language)}" for name, words in names.items()]
    return ["\n".join([about, *lines])]


async def _id(asked: Asked) -> list[str]:
    return asked.say("your_id", code=asked.conversation.id if asked.conversation else asked.person.external_id)


# Operators


async def _pair(asked: Asked) -> list[str]:
    return await _pair_with(asked, asked.argument) if asked.argument else asked.say("pair_how")


async def _pair_with(asked: Asked, code: str) -> list[str]:
    secret, who = asked.core.settings.secret, asked.person
    paired = await pairing.pair(asked.work, secret, asked.account, who.external_id, who.name, code)
    if paired.user is None:
        return asked.say("pair_slow" if paired.slow else "pair_wrong")
    return asked.say("paired", name=paired.user.name)


async def _pair_already(asked: Asked) -> list[str]:
    assert asked.seat is not None
    user = await asked.work.people.user(asked.seat.principal.subject)
    return asked.say("pair_already", name=user.name)


async def _pair_elsewhere(asked: Asked) -> list[str]:
    return asked.say("pair_elsewhere", name=asked.name)


async def _unpair(asked: Asked) -> list[str]:
    assert asked.conversation is not None
    if asked.conversation.notes.get("relays"):  # the fan would wait for somebody who has no chat any more
        return asked.say("desk_holds_one")
    await pairing.unpair(asked.work, asked.account.channel, asked.person.external_id)
    await asked.work.session.refresh(asked.conversation)  # it was set aside
    return asked.say("unpaired")


# Fans


async def _human(asked: Asked) -> list[str]:
    assert asked.conversation is not None
    assert asked.seat is not None
    by = str(asked.seat.principal)
    fresh = await asked.core.desk.want(asked.work, asked.conversation, "asked", by, asked.argument[:500])
    return asked.say("human_wanted" if fresh else "human_already", name=asked.name)


async def _stop(asked: Asked) -> list[str]:
    await asked.work.people.stop(asked.fan_id, now())
    return asked.say("stopped")


async def _resume(asked: Asked) -> list[str]:
    await asked.work.people.stop(asked.fan_id, None)
    return asked.say("resumed")


async def _link(asked: Asked) -> list[str]:
    assert asked.conversation is not None
    if asked.conversation.kind != "direct":
        return asked.say("link_private")
    secret = asked.core.settings.secret
    if not asked.argument:
        return asked.say("link_code", code=await linking.make(asked.work, secret, asked.fan_id))
    code, agreed = linking.read(asked.argument)
    place = asked.account.id
    outcome = await linking.link(asked.work, secret, asked.fan_id, code, place=place, agreed=agreed)
    words = {"explain": "link_explain", "linked": "linked", "already": "link_already"}
    return asked.say(words.get(outcome, f"link_{outcome}"), **({"code": code} if outcome == "explain" else {}))


async def _unlink(asked: Asked) -> list[str]:
    parted = await linking.unlink(asked.work, asked.fan_id)
    return asked.say("unlinked" if parted else "unlink_nobody")


# Both


async def _language(asked: Asked) -> list[str]:
    assert asked.conversation is not None
    if not asked.argument:
        return asked.say("language_now")
    wanted = languages.named(asked.argument)
    if not nearest(wanted):
        return asked.say("language_unknown", code=", ".join(spoken_languages()))
    asked.conversation.language = wanted
    await asked.work.conversations.note(asked.conversation.id, **{languages.CHOSEN: True})
    return [say("language_set", wanted)]


def _of_memory(answer: Callable[[Asked], Awaitable[list[Told]]]) -> Answer:
    """As the answer, in private only: in a group, all would read what one of them told."""

    async def private(asked: Asked) -> list[str] | list[Told]:
        if asked.conversation is None or asked.conversation.kind != "direct":
            return asked.say("memory_private")
        return await answer(asked)

    return private


_ANSWERS: dict[str, Answer] = {
    **{name: _of_memory(answer) for name, answer in memory_commands.ANSWERS.items()},
    "start": _start,
    "help": _help,
    "id": _id,
    "pair": _pair,
    "unpair": _unpair,
    "human": _human,
    "stop": _stop,
    "resume": _resume,
    "link": _link,
    "unlink": _unlink,
    "language": _language,
}
