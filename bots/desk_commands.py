"""What can operators do from a chat with Gator, besides talking to it? See who waits, take over, note, hand back; have a
persona rest, look after dead letters, and see what waits for their yes.

Who may answer whom is `bots.desk`'s business; while a fan is taken over, what the operator writes in that chat goes to them
(`bots.switchboard`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bots import inbox
from bots.core import Core
from bots.desk import find_by_end
from bots.doorway import Seat
from bots.words import retold, say
from gator.errors import Conflict, GatorError, NotFound, Refused, Unavailable
from gator.ids import new_id
from memory.models import Approval
from tools.personas import capabilities as personas
from tools.personas.shapes import NamePersona
from tools.unseen import with_unseen_shown

MOST = 10  # conversations that /inbox shows: what a phone shows without scrolling
QUOTED = 80  # characters of the last message

OVER = "over"  # behind /take CODE: in place of the operator who answers there
ENDING = 4  # characters of an id's end that name a letter


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said, and the questions that go with it, each with its buttons."""

    text: str
    asks: list[Approval] = field(default_factory=list)
    about: list[str] = field(
        default_factory=list
    )  # conversations of fans that it quotes: it goes when they are forgotten


Answer = Callable[[Core, Seat, str, str], Awaitable[str | Said]]


async def obey(core: Core, seat: Seat, name: str, argument: str, language: str) -> Said:
    """Carry out the command; gives what is to be said about it, refusals too."""
    try:
        said = await ANSWERS[name](core, seat, argument, language)
    except GatorError as no:
        refused = _REFUSALS.get((name, type(no)))
        said = (
            say(refused, language, code=_short(argument.rpartition(" ")[2])) if refused else retold(str(no), language)
        )
    return said if isinstance(said, Said) else Said(said)


def about(name: str) -> str:
    """The name of the words that say what the command does: for operators /resume is about personas."""
    return "command_resume_persona" if name == "resume" else f"command_{name}"


async def _inbox(core: Core, seat: Seat, _argument: str, language: str) -> Said:
    async with core.store.open_work(seat.principal, reads=True) as work:
        entries = await inbox.entries(work, limit=MOST)
    text = "\n".join(_line(one, language) for one in entries) or say("desk_empty", language)
    return Said(text, about=[one.conversation.id for one in entries])


def _line(one: inbox.Entry, language: str) -> str:
    text = with_unseen_shown(" ".join(one.last.text.split())[:QUOTED]) if one.last else ""
    kind = "desk_taken" if one.taken_by else "desk_wanted" if one.wanted else "desk_line"
    return say(kind, language, code=one.code, name=_name(one), text=text, who=one.taken_by)


def _name(one: inbox.Entry | inbox.Letter) -> str:
    return with_unseen_shown(f"{one.fan} ({one.persona})")


async def _take(core: Core, seat: Seat, argument: str, language: str) -> str | Said:
    code, _, over = argument.partition(" ")
    async with core.store.open_work(seat.principal, reads=True) as work:
        fan = await find_by_end(work, code)
        room = await work.conversations.get(seat.conversation.id)
        [entry] = await inbox.described(work, [fan])
    if room.notes.get("relays"):
        return say("desk_holds_one", language)
    await core.desk.take(seat.principal, fan.id, relay_to=room.id, over=over.strip().lower() == OVER)
    return Said(say("desk_took", language, name=_name(entry)), about=[fan.id])


async def _back(core: Core, seat: Seat, argument: str, language: str) -> str:
    fan = await _taken(core, seat)
    if not fan:
        return say("desk_nobody", language)
    await core.desk.hand_back(seat.principal, fan, argument)
    return say("desk_back", language)


async def _note(core: Core, seat: Seat, argument: str, language: str) -> str:
    fan = await _taken(core, seat)
    if not fan:
        return say("desk_nobody", language)
    await core.desk.note(seat.principal, fan, argument)
    return say("desk_noted", language)


async def _suggest(core: Core, seat: Seat, _argument: str, language: str) -> str | Said:
    fan = await _taken(core, seat)
    return Said(await core.desk.suggest(seat.principal, fan), about=[fan]) if fan else say("desk_nobody", language)


async def _taken(core: Core, seat: Seat) -> str:
    """Whom this chat answers at the moment; "" for nobody."""
    async with core.store.open_work(seat.principal, reads=True) as work:
        return str((await work.conversations.get(seat.conversation.id)).notes.get("relays") or "")


# Personas


async def _pause(core: Core, seat: Seat, argument: str, language: str) -> str:
    return await _rest(core, seat, argument, language, paused=True)


async def _resume(core: Core, seat: Seat, argument: str, language: str) -> str:
    return await _rest(core, seat, argument, language, paused=False)


async def _rest(core: Core, seat: Seat, name: str, language: str, *, paused: bool) -> str:
    turn = core.brain.turn(seat.principal, new_id(), seat.conversation.id)
    what = personas.pause_persona if paused else personas.resume_persona
    async with core.store.open_work(seat.principal, reads=True) as work:
        try:
            persona = await work.personas.named(name)
        except NotFound:
            known = ", ".join(one.name for one in await work.personas.all()) or "–"
            return say("desk_no_persona", language, code=_short(name), name=known)
    await what(NamePersona(persona=persona.slug), turn)
    return say("desk_paused" if paused else "desk_resumed", language, name=persona.name)


# Dead letters, and what waits for a yes


async def _letters(core: Core, seat: Seat, argument: str, language: str) -> str | Said:
    """/letters shows them; /letters retry CODE and /letters drop CODE settle one."""
    what, _, code = argument.partition(" ")
    if what in ("retry", "drop"):
        return await _settle(core, seat, what, code.strip(), language)
    async with core.store.open_work(seat.principal, reads=True) as work:
        there = await inbox.letters(work, MOST)
    if not there:
        return say("desk_no_letters", language)
    text = "\n".join([*(_letter(one, language) for one in there), say("desk_letters_how", language)])
    return Said(text, about=[one.row.conversation_id for one in there])


def _letter(one: inbox.Letter, language: str) -> str:
    slots = {"name": _name(one), "text": _short(one.text), "why": _short(retold(one.why, language))}
    return say("desk_letter", language, code=one.row.id[-8:], **slots)


async def _settle(core: Core, seat: Seat, what: str, code: str, language: str) -> str:
    async with core.store.open_work(seat.principal, reads=True) as work:
        found = (
            [one.id for one in await work.outbox.letters(200) if one.id.endswith(code)] if len(code) >= ENDING else []
        )
    if len(found) != 1:
        raise NotFound(f"There is no one letter {code!r}.", remedy="/letters lists them.")
    if what == "drop":
        await inbox.give_up(core.store, seat.principal, found[0])
        return say("desk_dropped", language)
    await inbox.send_again(core.store, seat.principal, found[0])
    return say("desk_sent_again", language)


def _short(text: str) -> str:
    return with_unseen_shown(" ".join(text.split())[:QUOTED])


async def _approvals(core: Core, seat: Seat, _argument: str, language: str) -> Said:
    async with core.store.open_work(seat.principal, reads=True) as work:
        waiting = (await work.approvals.pending())[:MOST]
    return Said(say("waits" if waiting else "desk_no_approvals", language), waiting)


# What is said of a refusal that is to be expected, in the operator's language; any other speaks for itself.
_REFUSALS: dict[tuple[str, type[GatorError]], str] = {
    ("take", NotFound): "desk_unknown",
    ("take", Conflict): "desk_answered",
    ("back", Conflict): "desk_nobody",
    ("note", Refused): "desk_no_note",
    ("suggest", Refused): "desk_nothing_said",
    ("suggest", Unavailable): "desk_no_draft",
    ("letters", NotFound): "desk_no_letter",
    ("letters", Conflict): "desk_settled",
}


ANSWERS: dict[str, Answer] = {
    "inbox": _inbox,
    "take": _take,
    "back": _back,
    "note": _note,
    "suggest": _suggest,
    "pause": _pause,
    "resume": _resume,
    "letters": _letters,
    "approvals": _approvals,
}
