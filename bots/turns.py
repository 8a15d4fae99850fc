"""How is one message answered? Opened as a turn, thought about, and closed with its replies.

Two transactions of the store, whatever the turn is about: `open` reads who talks with whom and gives the AI notice where
it is due; closing writes the reply, what is remembered, the journal and the outbox, and lets the conversation go. A turn
that was open when its process died is run again under the same id, so what it did already is not
done twice.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from agents.brain import Answer, Brain
from agents.care import disclosure, intake
from agents.persona import FanTurn, Spoken
from bots import frames
from bots.cast import Cast
from bots.channel import Outbound
from bots.delivery import Delivery
from bots.hub import Hub
from bots.words import say
from gator.clock import now
from gator.errors import NotFound, Unavailable
from gator.principal import Principal
from gator.settings import Settings
from memory.facts import extract
from memory.models import Approval, Conversation
from memory.repositories.conversations import Line
from memory.repositories.turns import Waiting
from memory.store import Store
from memory.summaries import roll_up
from memory.vault import VaultKey, open_vault
from memory.work import Work
from tools.capability import Turn

log = structlog.get_logger()

LEASE = timedelta(seconds=15)
MAX_ATTEMPTS = 3  # a turn that killed its process so often is given up with an apology
# A burst is one turn of a model that is paid by the token.
MOST_AT_ONCE = 20
LONGEST_AT_ONCE = 16_000  # characters
WINDOW = 20  # messages given whole; older ones come as summary and memories
CRISIS_REST = timedelta(hours=72)  # DUTIES.md L10


@dataclass(frozen=True, slots=True)
class Opened:
    """A turn and what it is about. Nothing is waiting in one that goes on because its approvals were decided."""

    turn: str  # its id
    attempt: int
    conversation: Conversation
    principal: Principal
    waiting: list[Waiting] = field(default_factory=list)
    fan_turn: FanTurn | None = None
    notice: Outbound | None = None

    @property
    def told(self) -> bool:
        """Whether the other one knows that no language model is configured."""
        return bool(self.conversation.notes.get("told"))

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.waiting]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said: by whom, in which words, with which media."""

    author: str
    text: str
    assets: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)


class Turns:
    def __init__(self, settings: Settings, store: Store, brain: Brain, hub: Hub, delivery: Delivery) -> None:
        self._settings = settings
        self._store = store
        self._brain = brain
        self._hub = hub
        self._delivery = delivery
        self._cast = Cast()

    # Opening

    async def open(self, work: Work, conversation: Conversation) -> Opened | None:
        """Open the next turn of a conversation that was taken; None, and it is let go, when nothing is to be done."""
        opened = await self._next(work, conversation)
        if opened is None:
            await work.turns.let_go(conversation.id, conversation.fence)
        return opened

    async def _next(self, work: Work, conversation: Conversation) -> Opened | None:
        """A turn whose approvals were decided, else one for what waits in the journal."""
        if conversation.user_id and (row := await work.approvals.decided_turn(conversation.id)):
            row.attempts += 1
            return Opened(row.id, row.attempts, conversation, Principal.from_data(row.principal))
        waiting = _bounded(await work.turns.waiting(conversation.id))
        if not waiting:
            return None
        first = waiting[0]
        attempt = await work.turns.begin(first, conversation.id)
        opened = Opened(first.id, attempt, conversation, Principal.from_data(first.principal), waiting)
        return await self._met(work, opened) if conversation.fan_id and attempt <= MAX_ATTEMPTS else opened

    async def _met(self, work: Work, opened: Opened) -> Opened | None:
        """The turn with those who talk; None when that cannot be now. The attempt counts, so it cannot fail for ever."""
        try:
            return await self._meet(work, opened)
        except NotFound:  # the persona was removed meanwhile
            await work.turns.close(opened.turn, "failed", now())
            await work.journal.close(opened.ids, "dropped", opened.turn)
        except Exception:
            log.exception("turn_not_opened", turn=opened.turn, attempt=opened.attempt)
        return None

    async def _meet(self, work: Work, opened: Opened) -> Opened:
        """Who talks with whom; before a persona's first word the AI notice is given, by code."""
        conversation = opened.conversation
        assert conversation.persona_id is not None
        assert conversation.fan_id is not None
        persona, fan = await work.turns.people(conversation.persona_id, conversation.fan_id)
        window = await work.conversations.lines(conversation.id, WINDOW)
        said = "\n".join(one.text for one in opened.waiting)
        character = self._cast.character_of(persona)
        fan_turn = FanTurn(conversation, persona, fan, character, said, window, opened.told)
        last = _last_before(window, opened.waiting[0].id)
        due = disclosure.due(conversation.notice_at, now(), last.at if last else None)
        notice = await self._give_notice(work, opened, fan_turn) if due else None
        return Opened(
            opened.turn, opened.attempt, conversation, opened.principal, opened.waiting, fan_turn, notice
        )  # fmt: skip

    async def _give_notice(self, work: Work, opened: Opened, fan_turn: FanTurn) -> Outbound:
        words = disclosure.notice if opened.conversation.notice_at is None else disclosure.reminder
        text = words(fan_turn.character.name, fan_turn.character.language)
        await work.turns.noticed(opened.conversation.id)
        return await self._say(work, opened, Reply("notice", text, meta={"care": "ai_notice"}), "notice")

    # Answering

    async def answer(self, opened: Opened) -> None:
        """Say what there is to say, and close the turn."""
        if opened.notice:
            await self._show(opened, opened.notice)
        if opened.attempt > MAX_ATTEMPTS:
            await self._give_up(opened)
        elif opened.fan_turn:
            await self._answer_fan(opened, opened.fan_turn)
        elif opened.waiting:
            await self._answer_operator(opened)
        else:
            await self._go_on(opened)

    # Operators

    async def _answer_operator(self, opened: Opened) -> None:
        turn = await self._turn(opened)
        async with self._store.open_work(opened.principal, reads=True) as work:
            history = await work.conversations.window(opened.conversation.id, WINDOW)
        self._hub.publish(opened.conversation.id, frames.typing("gator", True))
        answer = await self._brain.answer_operator(turn, history, opened.told, self._emitter(opened.conversation.id))
        await self._close_operator(opened, answer)

    async def _go_on(self, opened: Opened) -> None:
        """Resume a turn whose approvals have been decided."""
        async with self._store.open_work(opened.principal, reads=True) as work:
            approvals = await work.approvals.of_turn(opened.turn)
        decisions = {one.id: "approved" if one.state == "used" else one.state for one in approvals}
        turn = await self._turn(opened)
        answer = await self._brain.go_on(turn, decisions, opened.told, self._emitter(opened.conversation.id))
        await self._close_operator(opened, answer)

    async def _turn(self, opened: Opened) -> Turn:
        async with self._store.open_work(opened.principal, reads=True) as work:
            user = await work.people.user(opened.principal.subject)
        return self._brain.turn(opened.principal, opened.turn, opened.conversation.id, user.timezone)

    async def _close_operator(self, opened: Opened, answer: Answer) -> None:
        """Write the answer down; a turn with open questions waits."""
        async with self._store.open_work(opened.principal) as work:
            if not await work.turns.let_go(opened.conversation.id, opened.conversation.fence):
                return
            approvals = [await work.approvals.get(id) for id in answer.waits_for]
            text = _questions(approvals, self._settings.language) if approvals else answer.text
            meta = {"steps": answer.steps, "approvals": answer.waits_for}
            slot = f"reply{len(approvals)}" if approvals else "reply"
            reply = await self._say(work, opened, Reply("gator", text, answer.assets, meta), slot)
            if answer.builtin:
                await work.conversations.note(opened.conversation.id, told=True)
            await (work.turns.wait(opened.turn) if approvals else work.turns.close(opened.turn, "closed", now()))
            await work.journal.close(opened.ids, "answered", opened.turn)
        await self._show(opened, reply)
        for approval in approvals:
            self._hub.publish(opened.conversation.id, frames.approval_request(approval))

    # Fans

    async def _answer_fan(self, opened: Opened, fan_turn: FanTurn) -> None:
        """The care path first, in code; then the persona; then one transaction with all that came of it."""
        character = fan_turn.character
        found = intake.look(fan_turn.said, fan_turn.fan, character, self._settings.region)
        spoken: Spoken | None = None
        if found.reply is not None:
            reply = Reply("notice", found.reply, meta={"care": found.reason})
        elif fan_turn.persona.paused_at:
            reply = Reply("notice", say("paused", character.language, name=character.name))
        else:
            spoken = await self._speak(opened, fan_turn)
            if spoken:
                vector = spoken.remembered.vector
                found = intake.look_again(found, vector, fan_turn.fan, character, self._settings.region)
            away = say("away", character.language, name=character.name)
            reply = (
                Reply("persona", found.add_to(spoken.text), meta={"changed": spoken.changed})
                if spoken
                else Reply("notice", away)
            )
        await self._close_fan(opened, fan_turn, reply, found, spoken)

    async def _speak(self, opened: Opened, fan_turn: FanTurn) -> Spoken | None:
        """What the persona says; None when no model answers."""
        room = opened.conversation.id
        turn = self._brain.turn(opened.principal, opened.turn, room, fan_turn.character.time_zone)
        emit = self._emitter(room) if room in self._hub.watchers else None
        self._hub.publish(room, frames.typing(fan_turn.persona.id, True))
        try:
            return await self._brain.answer_fan(turn, fan_turn, emit)
        except (Unavailable, TimeoutError):
            log.warning("persona_silent", turn=opened.turn)
            return None

    async def _close_fan(
        self, opened: Opened, fan_turn: FanTurn, reply: Reply, found: intake.Found, spoken: Spoken | None
    ) -> None:
        """Reply, memory, age and journal in one transaction; nothing of it when the lease was lost."""
        async with self._store.open_work(opened.principal) as work:
            if not await work.turns.let_go(opened.conversation.id, opened.conversation.fence):
                return
            said = await self._say(work, opened, reply, "reply")
            if found.age_state != fan_turn.fan.age_state or found.rests:
                await self._note_care(work, fan_turn.fan.id, found)
            if spoken:
                await self._keep(work, opened, fan_turn, spoken)
            await work.turns.close(opened.turn, "closed", now())
            await work.journal.close(opened.ids, "answered", opened.turn)
        await self._show(opened, said)

    async def _note_care(self, work: Work, fan_id: str, found: intake.Found) -> None:
        fan = await work.people.fan(fan_id)
        fan.age_state = found.age_state
        if found.rests:
            fan.crisis_until = now() + CRISIS_REST

    async def _keep(self, work: Work, opened: Opened, fan_turn: FanTurn, spoken: Spoken) -> None:
        """What the persona remembers of this turn. In a crisis nothing is kept (this is not called)."""
        remembered = spoken.remembered
        vault = open_vault(work, VaultKey(opened.principal.workspace, fan_turn.persona.id, fan_turn.fan.id))
        for one in opened.waiting:
            await vault.learn(extract(one.text), one.id)
        if remembered.vector is not None:
            await vault.keep(opened.waiting[-1].id, remembered.vector)
        if remembered.timers_changed:
            await work.conversations.keep_lore_timers(opened.conversation.id, remembered.timers)
        if spoken.builtin and not opened.told:
            await work.conversations.note(opened.conversation.id, told=True)
        await roll_up(work, opened.conversation)

    # Both

    async def _say(self, work: Work, opened: Opened, reply: Reply, slot: str) -> Outbound:
        """The message and its place in the outbox, once for this turn and slot."""
        message = await work.conversations.say(
            opened.conversation.id,
            reply.author,
            reply.text,
            turn_id=opened.turn,
            assets=reply.assets,
            meta={**reply.meta, "answers": [] if slot == "notice" else opened.ids},
        )
        return await self._delivery.write(work, opened.conversation, message, f"{opened.turn}:{slot}")

    async def _show(self, opened: Opened, said: Outbound) -> None:
        await self._delivery.show(opened.principal.workspace, opened.conversation.channel, said)

    async def _give_up(self, opened: Opened) -> None:
        log.error("turn_given_up", turn=opened.turn, attempts=opened.attempt)
        async with self._store.open_work(opened.principal) as work:
            if not await work.turns.let_go(opened.conversation.id, opened.conversation.fence):
                return
            said = await self._say(work, opened, Reply("notice", say("failed", self._settings.language)), "reply")
            await work.turns.close(opened.turn, "failed", now())
            await work.journal.close(opened.ids, "dropped", opened.turn)
        await self._brain.forget(opened.turn)
        await self._show(opened, said)

    def _emitter(self, conversation: str) -> Any:
        return lambda frame: self._hub.publish(conversation, frame)


def _bounded(waiting: list[Waiting]) -> list[Waiting]:
    """As much of what waits as one turn may answer; the rest is the next one's. At least one message."""
    length = 0
    for n, one in enumerate(waiting[:MOST_AT_ONCE]):
        length += len(one.text)
        if length > LONGEST_AT_ONCE:
            return waiting[: max(n, 1)]
    return waiting[:MOST_AT_ONCE]


def _last_before(window: list[Line], message_id: str) -> Line | None:
    """The window's last message before that one."""
    return next((line for line in reversed(window) if line.id < message_id), None)


def _questions(approvals: list[Approval], language: str) -> str:
    questions = "\n".join(f"- {one.summary}" for one in approvals)
    return f"{say('waits', language)}\n{questions}"
