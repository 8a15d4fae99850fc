"""How do people answer in a persona's place? Take a conversation over, write, note, have a reply suggested, hand it back.

To take over raises the conversation's fence and drops what the bot has not begun to send, in one transaction: from then on
only one speaks, and the fan is told who: a person writes now, an AI writes again. Watchers learn of it from the rows
(`bots.row_watch`).
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog

from agents.turns import FanTurn
from bots.channel import Outbound
from bots.cleaning import clean
from bots.copies import passed
from bots.delivery import Delivery
from bots.doorway import may_operate
from bots.fitting import fit_for
from bots.passing_on import for_the_desk, title_of
from bots.words import say
from gator.errors import Conflict, Forbidden, NotFound, Refused
from gator.ids import new_id
from gator.principal import Kind, Principal, service
from memory.models import Conversation, Handoff, Message
from memory.store import Store
from memory.summaries import add_line
from memory.work import Work
from tools.personas.character import Character
from tools.ratings import NOT_RATED

if TYPE_CHECKING:
    from agents.brain import Brain

log = structlog.get_logger()

WINDOW = 20
QUOTED = 300  # characters of each message in a summary that nobody wrote
REASONS = {
    "asked": "asks for a person",
    "crisis": "may be in danger",
    "model_away": "waits: no model answers",
    "fan_spent": "has used up what one fan may cost in a day",
    "operator": "was put on the list by an operator",
}


class Desk:
    def __init__(self, store: Store, delivery: Delivery, brain: "Brain") -> None:
        self._store = store
        self._delivery = delivery
        self._brain = brain
        self.break_off: Callable[[str], None] = lambda _conversation: None  # ends the bot's answer in this process
        self.wake: Callable[[str, str], None] = lambda _workspace, _conversation: None

    # A person is asked for

    async def want(self, work: Work, conversation: Conversation, reason: str, by: str, text: str = "") -> bool:
        """Ask for a person and tell the operators; False when that was done already.

        Danger is told of even where a person was asked for, or answers: whoever that is may not be looking.
        """
        if not await work.handoffs.want(conversation.id, by, reason, text):
            if reason != "crisis" or not await _is_new(work, conversation):
                return False
            await work.handoffs.note(conversation.id, "wanted", by, reason, text)
        for room in await rooms_of_operators(work):
            name = await title_of(work, conversation, room.language)
            words = f"{say(_wanted(reason), room.language, name=name)} /take {conversation.id[-8:]}"
            await self._delivery.tell(work, room, words, f"want:{new_id()}", author="gator", handoff=conversation.id)
        return True

    async def ask(self, workspace: str, conversation_id: str, reason: str, by: str, text: str = "") -> bool:
        """As `want`, in a transaction of its own."""
        async with self._store.open_work(service(workspace, "desk")) as work:
            return await self.want(work, await work.conversations.get(conversation_id), reason, by, text)

    # Taking over

    async def take(
        self, principal: Principal, conversation_id: str, relay_to: str = "", *, over: bool = False
    ) -> Conversation:
        """Answer in the bot's place from now on, or with `over` in that of whoever does, who is told.

        With `relay_to`, what the fan writes is told in that conversation. Raises Conflict when somebody answers already,
        Refused for a room in which others read along.
        """
        _operators_only(principal)
        async with self._store.open_work(principal) as work:
            if relay_to and (await work.conversations.get(relay_to)).kind != "direct":
                raise Refused("Others would read what the fan writes.", remedy="Take it over in a private chat.")
            conversation = await _held(work, conversation_id, relay_to)
            holder = conversation.taken_by if over else None
            await work.handoffs.take(conversation.id, principal.subject, str(principal), holder)
            dropped = await work.outbox.drop_unsent(conversation.id, "bot")
            told: Outbound | None = None
            if holder:
                await self._taken_from(work, principal, conversation, holder)
            await work.conversations.note(conversation.id, relay_to=relay_to, left=None)
            if relay_to:
                await work.conversations.note(relay_to, relays=conversation.id)
            if holder is None:
                words = say("human_here", await language_of(work, conversation))
                told = await self._delivery.tell(work, conversation, words, f"take:{new_id()}", care="handoff")
            elif relay_to:
                await self._relay_what_waits(work, conversation.id)
            await work.audit.note("conversation.taken", conversation.id, dropped=dropped, holder=holder)
        self.break_off(conversation.id)
        await self._delivery.show(principal.workspace, conversation, told)
        self.wake(principal.workspace, conversation.id)  # whoever answers now is told what waits there (`bots.opening`)
        return conversation

    async def _taken_from(self, work: Work, principal: Principal, conversation: Conversation, holder: str) -> None:
        """For the fan nothing changes: a person writes. Whoever did so until now is told who does."""
        if holder != principal.subject:
            who = (await work.people.user(principal.subject)).name
            await self._tell_holder(work, conversation, holder, "desk_taken_from_you", who=who)
        await self._unrelay(work, conversation)

    async def _relay_what_waits(self, work: Work, conversation_id: str) -> None:
        """Whoever answers from now on reads what nobody has answered yet."""
        conversation = await work.conversations.get(conversation_id)
        last = await work.conversations.last_by(conversation.id, "operator")
        if waiting := await work.journal.held_since(conversation.id, last.id if last else None, WINDOW):
            await self.relay_in(work, conversation, [one.id for one in waiting])

    async def _tell_holder(self, work: Work, conversation: Conversation, holder: str, what: str, **slots: str) -> None:
        """Tell them in the chat in which they answered, or where else they reach Gator."""
        theirs = [one for one in await work.conversations.of(user_id=holder) if one.kind == "direct"]
        theirs = [one for one in theirs if "#" not in one.thread]
        here = [one for one in theirs if one.id == conversation.notes.get("relay_to")]
        for room in here or [one for one in theirs if one.channel != "web"] or theirs[:1]:
            words = say(what, room.language, name=await title_of(work, conversation, room.language), **slots)
            await self._delivery.tell(work, room, words, f"holder:{new_id()}", author="gator", handoff=conversation.id)

    async def say(
        self, principal: Principal, conversation_id: str, text: str, key: str = "", assets: Sequence[str] = ()
    ) -> Message:
        """Write to the fan, or send them files.

        Raises Conflict for whoever has not taken the conversation over, Refused without a text and files, NotFound for
        a file that is not there or another fan's.
        """
        _operators_only(principal)
        async with self._store.open_work(principal) as work:
            conversation = await _of_fan(work, conversation_id)
            message, written = await self.write(work, principal, conversation, text, key or new_id(), assets)
        await self._delivery.show(principal.workspace, conversation, written)
        return message

    async def write(
        self,
        work: Work,
        principal: Principal,
        conversation: Conversation,
        text: str,
        key: str,
        assets: Sequence[str] = (),
    ) -> tuple[Message, Outbound | None]:
        """As `say`, in that transaction, once for the key; `show` the message after the commit."""
        text = clean(text)
        if not text.strip() and not assets:
            raise Refused("The message is empty.", remedy="Write something.")
        await _check_files(work, conversation, assets, mature=self._delivery.mature)
        await work.handoffs.hold(conversation.id, principal.subject)
        key = f"desk:{conversation.id}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        if there := await work.outbox.of_key(key):
            return await work.conversations.message(there.message_id), None
        meta = {"by": principal.subject}
        message = await work.conversations.say(conversation.id, "operator", text, assets=list(assets), meta=meta)
        return message, await self._delivery.write(work, conversation, message, key, speaker="person")

    async def note(self, principal: Principal, conversation_id: str, text: str) -> Handoff:
        """Keep a note for the other operators; the fan and the bot never see it."""
        text = clean(text)
        _operators_only(principal)
        if not text.strip():
            raise Refused("The note is empty.", remedy="Write something.")
        async with self._store.open_work(principal) as work:
            conversation = await _of_fan(work, conversation_id)
            return await work.handoffs.note(conversation.id, "note", str(principal), "operator", text.strip())

    async def suggest(self, principal: Principal, conversation_id: str) -> str:
        """What the persona would say now; nothing is sent. Raises Unavailable when no model answers."""
        _operators_only(principal)
        async with self._store.open_work(principal, reads=True) as work:
            conversation = await _of_fan(work, conversation_id)
            assert conversation.persona_id is not None
            assert conversation.fan_id is not None
            persona, fan = await work.turns.people(conversation.persona_id, conversation.fan_id)
            window = await work.conversations.lines(conversation.id, WINDOW)
        said = next((line.text for line in reversed(window) if line.author == "fan"), "")
        if not said:
            raise Refused("The fan has not written anything yet.")
        character = Character.model_validate(persona.character)
        fan_turn = FanTurn(conversation, persona, fan, character, said, window, told=True)
        as_fan = Principal(principal.workspace, Kind.fan, fan.id, persona=persona.id)
        turn = self._brain.turn(as_fan, new_id(), conversation.id, character.time_zone)
        return (await self._brain.answer_fan(turn, fan_turn, None)).text

    async def hand_back(
        self, principal: Principal, conversation_id: str, summary: str = "", *, over: bool = False
    ) -> Conversation:
        """Have the bot answer again; it reads the summary, or what was written meanwhile.

        With `over` also in place of another operator, who is told. Raises Conflict.
        """
        _operators_only(principal)
        async with self._store.open_work(principal) as work:
            conversation = await _held(work, conversation_id)
            holder = conversation.taken_by if over and conversation.taken_by else principal.subject
            reason = "operator" if holder == principal.subject else "over"
            told = await self._return(work, conversation, holder, str(principal), reason, summary.strip())
            if holder != principal.subject:
                who = (await work.people.user(principal.subject)).name
                await self._tell_holder(work, conversation, holder, "desk_returned_for_you", who=who)
            await self._unrelay(work, conversation)
            await work.audit.note("conversation.returned", conversation.id, holder=holder, reason=reason)
        await self._delivery.show(principal.workspace, conversation, told)
        self.wake(principal.workspace, conversation.id)
        return conversation

    async def release(self, workspace: str, conversation_id: str, holder: str | None, reason: str) -> None:
        """Have the bot answer again, because whoever answered is `gone` or `absent`; all operators are told."""
        async with self._store.open_work(service(workspace, "desk")) as work:
            try:
                conversation = await _held(work, conversation_id)
                told = await self._return(work, conversation, holder, "gator", reason, "")
            except Conflict:  # handed back just now, or taken over by another
                return
            who = (await work.people.user(holder)).name if holder else "–"
            await self.tell_operators(work, conversation, f"desk_{reason}", f"release:{new_id()}", who=who)
            await self._unrelay(work, conversation)
            await work.audit.note("conversation.returned", conversation.id, holder=holder, reason=reason)
        log.warning("conversation_released", conversation=conversation_id, reason=reason)
        await self._delivery.show(workspace, conversation, told)
        self.wake(workspace, conversation.id)

    async def _return(
        self, work: Work, conversation: Conversation, holder: str | None, by: str, reason: str, summary: str
    ) -> Outbound | None:
        """What the bot reads of it, and what the fan is told; nothing where the persona was removed meanwhile."""
        since = conversation.taken_at
        summary = summary or await _what_was_said(work, conversation)
        await work.handoffs.give_back(conversation.id, holder, by, summary, reason)
        last = await work.conversations.last_by(conversation.id, "operator")
        if summary:
            when = f"{since:%Y-%m-%d} " if since else ""
            words = f"{when}A person of the team answered for a while: {summary}"
            await add_line(work, conversation.id, last.id if last else conversation.id, words)
        await work.turns.afresh(await work.journal.reopen_since(conversation.id, last.id if last else None))
        persona = await work.personas.get(str(conversation.persona_id), removed=True)
        if persona.deleted_at:
            return None
        words = say("human_gone", await language_of(work, conversation), name=persona.name)
        return await self._delivery.tell(work, conversation, words, f"return:{new_id()}", care="handoff")

    async def tell_operators(self, work: Work, conversation: Conversation, what: str, key: str, **slots: str) -> None:
        """Tell all operators something of that conversation, once for the key."""
        for room in await rooms_of_operators(work, somewhere=True):
            name = await title_of(work, conversation, room.language)
            words = f"{say(what, room.language, name=name, **slots)} /take {conversation.id[-8:]}"
            await self._delivery.tell(work, room, words, f"{key}:{room.id}", author="gator", handoff=conversation.id)

    async def _unrelay(self, work: Work, conversation: Conversation) -> None:
        room = conversation.notes.get("relay_to")
        await work.conversations.note(conversation.id, relay_to="", left=None)
        if room:
            await work.conversations.note(room, relays="")

    async def relay_in(self, work: Work, conversation: Conversation, ids: Sequence[str]) -> None:
        """Tell whoever took the conversation over what the fan sent in these messages, where they asked for it."""
        room = conversation.notes.get("relay_to")
        key = f"relay:{room}:{ids[0]}"
        if not room or await work.outbox.has(key):
            return
        chat = await work.conversations.get(room)
        told = await for_the_desk(work, conversation, ids, chat.language)
        meta = {"handoff": conversation.id, "of": list(ids)}  # so that it goes when these are forgotten
        message = await work.conversations.say(room, "gator", told.text, assets=told.assets, meta=meta)
        for id in ids:
            await passed(work, id, message.id)
        await self._delivery.write(work, chat, message, key, speaker="code")


def _operators_only(principal: Principal) -> None:
    if principal.kind not in (Kind.operator, Kind.admin):
        raise Forbidden("Only operators answer in a persona's place.")


async def _check_files(work: Work, conversation: Conversation, ids: Sequence[str], *, mature: bool) -> None:
    """Raises NotFound for a file that is not there, or that another fan sent: it goes to nobody else.

    And Refused for one that is not fit for this fan, as far as is known (L11).
    """
    there = await work.assets.by_ids(ids)
    for id in ids:
        if id not in there or there[id].state != "ready" or there[id].fan_id not in (None, conversation.fan_id):
            raise NotFound(f"There is no attachment {id}.", remedy="Send it again.")
    fit = await fit_for(work, conversation, ids, mature=mature)
    for id in ids:
        if id not in fit:
            raise Refused(
                f"The {there[id].kind} is rated {there[id].rating}: this fan may not see it.", remedy=NOT_RATED
            )


async def _of_fan(work: Work, conversation_id: str) -> Conversation:
    conversation = await work.conversations.get(conversation_id)
    if not conversation.fan_id:
        raise Conflict("That conversation is an operator's own.")
    return conversation


async def _held(work: Work, conversation_id: str, relay_to: str = "") -> Conversation:
    """The fan's conversation, and those of operators to which it is, or will be, relayed: nobody else changes them now."""
    known = await _of_fan(work, conversation_id)
    rooms = {relay_to, known.notes.get("relay_to") or ""}
    held = await work.conversations.hold(conversation_id, *filter(None, rooms))
    if (held.notes.get("relay_to") or "") not in rooms:
        raise Conflict("Who answers there changed just now.", remedy="Look again.")
    return held


async def _is_new(work: Work, conversation: Conversation) -> bool:
    """Whether the last that was told of this conversation is not that somebody may be in danger."""
    last = next(iter(await work.handoffs.of(conversation.id, limit=1)), None)
    return last is None or (last.kind, last.reason) != ("wanted", "crisis")


def _wanted(reason: str) -> str:
    """The name of the words that tell operators why a person is wanted."""
    return f"wanted_{reason if reason in REASONS else 'asked'}"


async def language_of(work: Work, conversation: Conversation) -> str:
    """What the other one understands: what they write in, else what their platform is set to, else what the persona speaks."""
    if conversation.language or not conversation.fan_id:
        return conversation.language
    if known := (await work.people.fan(conversation.fan_id)).locale:
        return known
    persona = await work.personas.get(str(conversation.persona_id), removed=True)
    languages = persona.character.get("languages") or ["en"]
    return str(languages[0])


async def rooms_of_operators(work: Work, *, somewhere: bool = False) -> list[Conversation]:
    """Where operators are told of fans: their conversations with Gator on platforms that reach them, where nobody else reads.

    With `somewhere`, on the web when there is no such conversation: what is told must be told to somebody.
    """
    able = {one.id for one in await work.people.users() if may_operate(one)}
    rooms = [one for one in await work.conversations.of_operators() if one.kind == "direct" and one.user_id in able]
    reached = [room for room in rooms if room.channel != "web"]
    return reached or [room for room in rooms if somewhere and room.thread.endswith(":main")]


async def _what_was_said(work: Work, conversation: Conversation) -> str:
    """The person's own words since they took over, shortened."""
    window = await work.conversations.window(conversation.id, 50)
    since = conversation.taken_at
    said = [one.text[:QUOTED] for one in window if one.author == "operator" and since and one.created_at >= since]
    return " / ".join(filter(None, said))


async def find_by_end(work: Work, ending: str) -> Conversation:
    """The fan's conversation whose id ends so, among those of the inbox. Raises NotFound."""
    found = [one for one in await work.handoffs.inbox(limit=200) if one.id.endswith(ending)] if len(ending) >= 4 else []
    if len(found) != 1:
        raise NotFound(f"There is no one conversation {ending!r}.", remedy="/inbox lists them.")
    return found[0]
