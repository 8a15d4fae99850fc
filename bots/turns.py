"""How is one message answered? Opened as a turn, thought about, and written down with its replies in one transaction.

A turn that was open when its process died is run again under the same id, so what it did already is not done twice.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from agents.brain import Answer, Brain
from agents.care import disclosure, intake
from agents.persona import FanTurn, Spoken
from bots import frames
from bots.delivery import Delivery
from bots.hub import Hub
from bots.words import say
from gator.clock import now
from gator.errors import Unavailable
from gator.principal import Principal, service
from memory.facts import extract
from memory.models import Conversation, Inbound, Message, TurnRow
from memory.store import Store
from memory.summaries import roll_up
from memory.vault import VaultKey, open_vault
from memory.work import Work
from tools.capability import Turn
from tools.personas.character import Character

log = structlog.get_logger()

MAX_ATTEMPTS = 3  # a turn that killed its process so often is given up with an apology
WINDOW = 20
CRISIS_REST = timedelta(hours=72)  # DUTIES.md L10


@dataclass(frozen=True, slots=True)
class Opened:
    """A turn and what it is about."""

    row: TurnRow
    conversation: Conversation
    inbound: list[Inbound]
    principal: Principal
    fence: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said: by whom, in which words, with which media."""

    author: str
    text: str
    assets: list[str]
    meta: dict[str, Any]


class Turns:
    def __init__(self, store: Store, brain: Brain, hub: Hub, delivery: Delivery) -> None:
        self._store = store
        self._brain = brain
        self._hub = hub
        self._delivery = delivery

    async def take_one(self, workspace: str, conversation: str, fence: int) -> bool:
        """Answer what is open in the conversation, or go on with a turn that was decided; False when there is nothing."""
        worker = service(workspace, "conversations")
        async with self._store.open_work(worker) as work:
            decided = await work.approvals.decided_turn(conversation)
            opened = None if decided else await self._open(work, conversation, fence)
        if decided:
            await self._go_on(decided, fence)
            return True
        if opened is None:
            return False
        if opened.row.attempts > MAX_ATTEMPTS:
            await self._give_up(opened)
        elif opened.conversation.fan_id:
            await self._answer_fan(opened)
        else:
            await self._answer_operator(opened)
        return True

    async def _open(self, work: Work, conversation_id: str, fence: int) -> Opened | None:
        """The open turn of the conversation, or a new one for what waits in the journal."""
        inbound = await work.journal.open_in(conversation_id)
        if not inbound:
            return None
        principal = Principal.from_data(inbound[0].principal)
        row = await work.conversations.unfinished_turn(conversation_id)
        row = row or await work.conversations.open_turn(conversation_id, principal.as_data())
        row.attempts += 1
        await work.session.flush()
        return Opened(row, await work.conversations.get(conversation_id), inbound, principal, fence)

    # Operators

    async def _answer_operator(self, opened: Opened) -> None:
        turn = await self._turn(opened.principal, opened.row.id, opened.conversation.id)
        told = bool(opened.conversation.notes.get("told"))
        async with self._store.open_work(opened.principal, reads=True) as work:
            history = await work.conversations.window(opened.conversation.id, WINDOW)
        self._hub.publish(opened.conversation.id, frames.typing("gator", True))
        answer = await self._brain.answer_operator(turn, history, told, self._emitter(opened.conversation.id))
        await self._close_operator(opened, answer)

    async def _go_on(self, row: TurnRow, fence: int) -> None:
        """Resume a turn whose approvals have been decided."""
        principal = Principal.from_data(row.principal)
        async with self._store.open_work(principal, reads=True) as work:
            approvals = await work.approvals.of_turn(row.id)
            conversation = await work.conversations.get(row.conversation_id)
        decisions = {one.id: "approved" if one.state == "used" else one.state for one in approvals}
        turn = await self._turn(principal, row.id, conversation.id)
        told = bool(conversation.notes.get("told"))
        answer = await self._brain.go_on(turn, decisions, told, self._emitter(conversation.id))
        await self._close_operator(Opened(row, conversation, [], principal, fence), answer)

    async def _turn(self, principal: Principal, turn_id: str, conversation: str) -> Turn:
        async with self._store.open_work(principal, reads=True) as work:
            user = await work.people.user(principal.subject)
        return self._brain.turn(principal, turn_id, conversation, user.timezone)

    async def _close_operator(self, opened: Opened, answer: Answer) -> None:
        """Write the answer down; a turn with open questions waits."""
        approvals = []
        async with self._store.open_work(opened.principal) as work:
            if not await work.conversations.holds(opened.conversation.id, opened.fence):
                return
            text = answer.text
            if answer.waits_for:
                approvals = [await work.approvals.get(id) for id in answer.waits_for]
                questions = "\n".join(f"- {one.summary}" for one in approvals)
                text = f"{say('waits', 'en')}\n{questions}"
            meta = {"steps": answer.steps, "approvals": answer.waits_for}
            row = await work.conversations.turn(opened.row.id)
            slot = f"reply{len(answer.waits_for)}" if answer.waits_for else "reply"
            await self._say(work, opened, Reply("gator", text, answer.assets, meta), slot)
            row.state = "waiting" if answer.waits_for else "closed"
            row.closed_at = None if answer.waits_for else now()
            if answer.builtin:
                await work.conversations.note(opened.conversation.id, told=True)
            await work.journal.close([one.id for one in opened.inbound], "answered", opened.row.id)
        await self._delivery.send_due(opened.principal.workspace)
        for approval in approvals:
            self._hub.publish(opened.conversation.id, frames.approval_request(approval))

    # Fans

    async def _answer_fan(self, opened: Opened) -> None:
        """The care path first, in code; then the persona; then one transaction with all that came of it."""
        fan_turn = await self._meet(opened)
        said = "\n".join(one.text for one in opened.inbound)
        character = fan_turn.character
        found = intake.look(said, fan_turn.fan, character)
        if found.reply is not None:
            await self._close_fan(opened, fan_turn, Reply("notice", found.reply, [], {"care": found.reason}), found)
            return
        if fan_turn.persona.paused_at:
            text = say("paused", character.language, name=character.name)
            await self._close_fan(opened, fan_turn, Reply("notice", text, [], {}), found)
            return
        turn = self._brain.turn(opened.principal, opened.row.id, opened.conversation.id, character.time_zone)
        watched = opened.conversation.id in self._hub.watchers
        emit = self._emitter(opened.conversation.id) if watched else None
        self._hub.publish(opened.conversation.id, frames.typing(fan_turn.persona.id, True))
        spoken: Spoken | None = None
        try:
            spoken = await self._brain.answer_fan(turn, fan_turn, emit)
            text = found.add_to(spoken.text)
            reply = Reply("persona", text, [], {"changed": spoken.changed})
        except (Unavailable, TimeoutError):
            log.warning("persona_silent", turn=opened.row.id)
            reply = Reply("notice", say("away", character.language, name=character.name), [], {})
        await self._close_fan(opened, fan_turn, reply, found, spoken)

    async def _meet(self, opened: Opened) -> FanTurn:
        """Who talks with whom; before a persona's first word the AI notice goes out, by code."""
        conversation = opened.conversation
        assert conversation.persona_id is not None
        assert conversation.fan_id is not None
        async with self._store.open_work(opened.principal, reads=True) as work:
            persona = await work.personas.get(conversation.persona_id)
            fan = await work.people.fan(conversation.fan_id)
            said = await work.conversations.messages([one.id for one in opened.inbound])
            last = await work.conversations.last_before(conversation.id, opened.inbound[0].id)
        character = Character.model_validate(persona.character)
        if disclosure.due(conversation.notice_at, now(), last.created_at if last else None):
            await self._give_notice(opened, character)
        return FanTurn(conversation, persona, fan, character, said, bool(conversation.notes.get("told")))

    async def _give_notice(self, opened: Opened, character: Character) -> None:
        async with self._store.open_work(opened.principal) as work:
            conversation = await work.conversations.get(opened.conversation.id)
            conversation.notice_at = now()
            words = disclosure.notice if opened.conversation.notice_at is None else disclosure.reminder
            text = words(character.name, character.language)
            await self._say(work, opened, Reply("notice", text, [], {"care": "ai_notice"}), "notice")
        await self._delivery.send_due(opened.principal.workspace)

    async def _close_fan(
        self, opened: Opened, fan_turn: FanTurn, reply: Reply, found: intake.Found, spoken: Spoken | None = None
    ) -> None:
        """Reply, memory, age and journal in one transaction; nothing of it when the lease was lost."""
        key = VaultKey(opened.principal.workspace, fan_turn.persona.id, fan_turn.fan.id)
        async with self._store.open_work(opened.principal) as work:
            if not await work.conversations.holds(opened.conversation.id, opened.fence):
                return
            await self._say(work, opened, reply, "reply")
            fan = await work.people.fan(fan_turn.fan.id)
            fan.age_state = found.age_state
            if found.reason == "crisis":
                fan.crisis_until = now() + CRISIS_REST
            if spoken:
                await self._keep(work, key, opened, spoken)
            if spoken and spoken.builtin:
                await work.conversations.note(opened.conversation.id, told=True)
            row = await work.conversations.turn(opened.row.id)
            row.state, row.closed_at = "closed", now()
            await work.journal.close([one.id for one in opened.inbound], "answered", opened.row.id)
        await self._delivery.send_due(opened.principal.workspace)

    async def _keep(self, work: Work, key: VaultKey, opened: Opened, spoken: Spoken) -> None:
        """What the persona remembers of this turn. In a crisis nothing is kept (this is not called)."""
        vault = open_vault(work, key)
        for inbound in opened.inbound:
            await vault.learn(extract(inbound.text), inbound.id)
        if spoken.remembered.vector is not None:
            await vault.keep(opened.inbound[-1].id, spoken.remembered.vector)
        if spoken.remembered.timers_changed:
            await work.conversations.keep_lore_timers(opened.conversation.id, spoken.remembered.timers)
        await roll_up(work, opened.conversation)

    # Both

    async def _say(self, work: Work, opened: Opened, reply: Reply, slot: str) -> Message:
        """The message and its place in the outbox, once for this turn and slot."""
        answers = [one.id for one in opened.inbound] if slot != "notice" else []
        message = await work.conversations.say(
            opened.conversation.id,
            reply.author,
            reply.text,
            turn_id=opened.row.id,
            assets=reply.assets,
            meta={**reply.meta, "answers": answers},
        )
        await work.outbox.put(opened.conversation, message, f"{opened.row.id}:{slot}")
        return message

    async def _give_up(self, opened: Opened) -> None:
        log.error("turn_given_up", turn=opened.row.id, attempts=opened.row.attempts)
        async with self._store.open_work(opened.principal) as work:
            await self._say(work, opened, Reply("notice", say("failed", "en"), [], {}), "reply")
            row = await work.conversations.turn(opened.row.id)
            row.state, row.closed_at = "failed", now()
            await work.journal.close([one.id for one in opened.inbound], "dropped", opened.row.id)
        await self._delivery.send_due(opened.principal.workspace)

    def _emitter(self, conversation: str) -> Any:
        return lambda frame: self._hub.publish(conversation, frame)
