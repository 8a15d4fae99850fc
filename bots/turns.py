"""How is one message answered? What was opened (`bots.opening`) is thought about, and closed with its reply.

Closing is one transaction: it writes the reply, what is remembered, the journal and the outbox, and lets the conversation
go. A turn that was open when its process died is run again under the same id, so what it did already is not done twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from agents.caps import cap_of, rest_note
from agents.care import intake
from agents.turns import Answer, FanTurn, Spoken
from bots import frames, pace
from bots.asking import asks_for_person
from bots.attachments import answer_by_code
from bots.channel import Outbound
from bots.delivery import Delivery
from bots.desk import Desk, language_of
from bots.hub import Hub
from bots.live import Live, going_live
from bots.opening import WINDOW, Opened
from bots.switchboard import Switchboard
from bots.words import say
from gator.clock import now
from gator.errors import Resting, Unavailable
from gator.settings import Settings
from memory.attached import plain
from memory.facts import candidates
from memory.models import Approval, Message
from memory.store import Store
from memory.summaries import roll_up
from memory.vault import VaultKey, open_vault
from memory.work import Work
from tools.capability import Turn

if TYPE_CHECKING:
    from agents.brain import Brain

log = structlog.get_logger()

CRISIS_REST = timedelta(hours=72)  # DUTIES.md L10
_CALLS = {  # replies by code that call for a person, and why
    "away": "model_away",
    "rests": "fan_spent",
    "asked": "asked",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said: by whom, in which words, with which media."""

    author: str
    text: str
    assets: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)  # what the conversation notes with it


class Turns:
    def __init__(
        self,
        settings: Settings,
        store: Store,
        brain: "Brain",
        hub: Hub,
        delivery: Delivery,
        desk: Desk,
        switchboard: Switchboard,
    ) -> None:
        self._settings = settings
        self._store = store
        self._brain = brain
        self._hub = hub
        self._delivery = delivery
        self._desk = desk
        self._switchboard = switchboard

    async def answer(self, opened: Opened) -> None:
        """Say what there is to say, and close the turn."""
        if opened.notice:
            await self._show(opened, opened.notice)
        if opened.hopeless:
            await self._give_up(opened)
        elif opened.fan_turn:
            await self._answer_fan(opened, opened.fan_turn)
        elif opened.waiting:
            if not await self._switchboard.pass_on(opened):
                await self._answer_operator(opened)
        else:
            await self._go_on(opened)

    # Operators

    async def _answer_operator(self, opened: Opened) -> None:
        turn = await self._turn(opened)
        async with self._store.open_work(opened.principal, reads=True) as work:
            history = await work.conversations.window(opened.conversation.id, WINDOW)
        async with going_live(self._delivery, self._hub, opened, "gator") as live:
            told = answer_by_code("\n".join(one.text for one in opened.waiting), self._language(opened))
            answer = Answer(told) if told else await self._brain.answer_operator(turn, history, opened.told, live.emit)
            await self._close_operator(opened, answer, live)

    async def _go_on(self, opened: Opened) -> None:
        """Resume a turn whose approvals have been decided."""
        async with self._store.open_work(opened.principal, reads=True) as work:
            approvals = await work.approvals.of_turn(opened.turn)
        turn = await self._turn(opened)
        async with going_live(self._delivery, self._hub, opened, "gator") as live:
            answer = await self._brain.go_on(turn, _decisions(approvals), opened.told, live.emit)
            await self._close_operator(opened, answer, live)

    async def _turn(self, opened: Opened) -> Turn:
        async with self._store.open_work(opened.principal, reads=True) as work:
            user = await work.people.user(opened.principal.subject)
        return self._brain.turn(
            opened.principal, opened.turn, opened.conversation.id, user.timezone, self._language(opened)
        )

    def _language(self, opened: Opened) -> str:
        """Of what code says to that operator."""
        return opened.conversation.language or self._settings.language

    async def _close_operator(self, opened: Opened, answer: Answer, live: Live) -> None:
        """Write the answer down; a turn with open questions waits."""
        await live.end()
        async with self._store.open_work(opened.principal) as work:
            if not await work.turns.let_go(opened.conversation.id, opened.conversation.fence):
                return
            approvals = [await work.approvals.get(id) for id in answer.waits_for]
            text = _questions(approvals, self._language(opened)) if approvals else answer.text
            meta = {"steps": answer.steps, "approvals": answer.waits_for}
            slot = f"ask:{answer.waits_for[-1]}" if approvals else "reply"  # a turn may ask more than once
            reply = Reply("gator", text, answer.assets, meta)
            _, said = await self._say(work, opened, reply, slot, approvals=approvals, draft=live.draft)
            if answer.builtin:
                await work.conversations.note(opened.conversation.id, told=True)
            await (work.turns.wait(opened.turn) if approvals else work.turns.close(opened.turn, "closed", now()))
            await work.journal.close(opened.ids, "answered", opened.turn)
        await self._show(opened, said)
        for approval in approvals:
            self._hub.publish(opened.conversation.id, frames.approval_request(approval))

    # Fans

    async def _answer_fan(self, opened: Opened, fan_turn: FanTurn) -> None:
        """The care path first, in code; then the persona; then one transaction with all that came of it."""
        character = fan_turn.character
        region = self._settings.region
        found = intake.look(fan_turn.said, fan_turn.fan, character, region, fan_turn.window, fan_turn.spoken)
        if found.reply is not None:
            reply = Reply("notice", found.reply, meta={"care": found.reason})
        elif _calls_for_a_person(opened, fan_turn):
            reply = Reply("notice", say("human_wanted", fan_turn.spoken, name=character.name), meta={"care": "asked"})
        elif fan_turn.persona.paused_at:
            reply = Reply("notice", say("paused", fan_turn.spoken, name=character.name))
        elif told := answer_by_code(fan_turn.said, fan_turn.spoken):
            reply = Reply("notice", told, meta={"care": "attachment"})
        else:
            await self._answer_as_persona(opened, fan_turn, found)
            return
        await self._close_fan(opened, fan_turn, reply, found)

    async def _answer_as_persona(self, opened: Opened, fan_turn: FanTurn, found: intake.Found) -> None:
        character = fan_turn.character
        typed = bool(character.pace.types_cps)  # what is typed like a person is not seen before it is sent
        async with going_live(self._delivery, self._hub, opened, fan_turn.persona.id, streams=not typed) as live:
            spoken = await self._speak(opened, fan_turn, live)
            if isinstance(spoken, Reply):
                await self._close_fan(opened, fan_turn, spoken, found, live=live)
                return
            fan, region = fan_turn.fan, self._settings.region
            again = intake.look_again(found, spoken.remembered.vector, fan, character, region, fan_turn.spoken)
            reply = Reply("persona", again.add_to(spoken.text), meta={"changed": spoken.changed})
            await self._close_fan(opened, fan_turn, reply, again, spoken, live=live)

    async def _speak(self, opened: Opened, fan_turn: FanTurn, live: Live) -> Spoken | Reply:
        """What the persona says; a notice where no model answers, or the fan had their day's share."""
        character = fan_turn.character
        cap = cap_of(character, character.time_zone, self._settings)
        turn = self._brain.turn(opened.principal, opened.turn, opened.conversation.id, character.time_zone)
        turn = replace(turn, bills=opened.progress.bills, cap=cap)
        try:
            return await self._brain.answer_fan(turn, fan_turn, live.emit if live.watched else None)
        except Resting:
            log.info("persona_rests", turn=opened.turn)
            rests = say("rests", fan_turn.spoken, name=character.name)
            return Reply("notice", rests, meta={"care": "rests"}, notes=rest_note(cap))
        except (Unavailable, TimeoutError):
            log.warning("persona_silent", turn=opened.turn)
            return Reply("notice", say("away", fan_turn.spoken, name=character.name), meta={"care": "away"})

    async def _close_fan(
        self,
        opened: Opened,
        fan_turn: FanTurn,
        reply: Reply,
        found: intake.Found,
        spoken: Spoken | None = None,
        live: Live | None = None,
    ) -> None:
        """Reply, memory, age and journal in one transaction; nothing of it when the lease was lost."""
        if opened.progress.broken:
            await asyncio.sleep(0)  # it was broken off just now: not to be noticed in the middle of the writing
        gives_way, heard = opened.gives_way, {one.id: one.text for one in opened.waiting}
        opened.progress.closing = True
        if live:
            await live.end()
        async with self._store.open_work(opened.principal) as work:
            if not await work.turns.let_go(opened.conversation.id, opened.conversation.fence):
                kept = False
            elif gives_way and await work.turns.overtaken(opened.conversation.id, heard):
                await work.turns.give_way(opened.turn)  # more was said meanwhile: all of it is answered together
                kept = False
            else:
                kept = True
                if spoken and await work.turns.rests(fan_turn.persona.id):  # paused while it thought
                    paused = say("paused", fan_turn.spoken, name=fan_turn.character.name)
                    reply = Reply("notice", found.add_to(paused))  # help lines stand under that, too
                parts = _typed(fan_turn, reply)
                draft = live.draft if live else ""
                message, said = await self._say(work, opened, reply, "reply", parts=parts, draft=draft)
                await self._note_care(work, opened, fan_turn, found, reply)
                answered = await work.journal.close(opened.ids, "answered", opened.turn)
                if spoken:
                    await self._keep(work, opened, fan_turn, spoken, answered, message)
                used = {"used": spoken.remembered.used} if spoken and reply.author == "persona" else None
                await work.turns.close(opened.turn, "closed", now(), used)
            await work.spending.settle(opened.progress.bills)
        opened.progress.bills.clear()
        if kept:
            await self._show(opened, said)
        elif live:
            await live.take_away()

    async def _note_care(
        self, work: Work, opened: Opened, fan_turn: FanTurn, found: intake.Found, reply: Reply
    ) -> None:
        """Age and danger stay with the fan; danger, a model that is away and a day's share that is spent call for a person."""
        if found.age_state != fan_turn.fan.age_state or found.rests:
            fan = await work.people.fan(fan_turn.fan.id)
            fan.age_state = found.age_state
            if found.rests:
                fan.crisis_until = now() + CRISIS_REST
        reason = "crisis" if found.rests else _CALLS.get(reply.meta.get("care", ""), "")
        if reason:
            await self._desk.want(work, opened.conversation, reason, by="gator")
        if reply.notes:
            await work.conversations.note(opened.conversation.id, **reply.notes)

    async def _keep(
        self,
        work: Work,
        opened: Opened,
        fan_turn: FanTurn,
        spoken: Spoken,
        answered: dict[str, str],
        message: Message,
    ) -> None:
        """What the persona remembers of this turn, of messages as they read now. In a crisis this is not called.

        Of what was taken back while the answer was given nothing is kept. The vector is of all that was answered: it is kept
        where that is one message as it was; others get theirs when nobody talks.
        """
        remembered = spoken.remembered
        key = VaultKey(opened.principal.workspace, fan_turn.persona.id, fan_turn.fan.id)
        vault = open_vault(work, key, remembered.model)
        if not remembered.off and not await vault.choice.is_off():  # switched off while the answer was made
            heard = [(one.id, one.text) for one in opened.waiting]
            for id, text in answered.items():
                found = candidates(plain(text))
                await vault.facts.learn(found, id)
                vector = remembered.vector if [(id, text)] == heard else None
                await vault.said.keep(id, vector, next((one.doubt for one in found if one.doubt), ""))
            if message.author == "persona":
                await vault.said.keep(message.id, None)  # its vector is made when nobody talks
            await roll_up(work, opened.conversation, vault.facts.told_in)
        if remembered.timers_changed:
            await work.conversations.keep_lore_timers(opened.conversation.id, remembered.timers)
        if spoken.builtin and not opened.told:
            await work.conversations.note(opened.conversation.id, told=True)

    # Both

    async def _say(
        self,
        work: Work,
        opened: Opened,
        reply: Reply,
        slot: str,
        approvals: Sequence[Approval] = (),
        parts: Sequence[tuple[str, datetime]] = (),
        draft: str = "",
    ) -> tuple[Message, Outbound | None]:
        """The message and its place in the outbox, once for this turn and slot."""
        message = await work.conversations.say(
            opened.conversation.id,
            reply.author,
            reply.text,
            turn_id=opened.turn,
            assets=reply.assets,
            meta={**reply.meta, "answers": opened.ids},
        )
        said = await self._delivery.write(
            work,
            opened.conversation,
            message,
            f"{opened.turn}:{slot}",
            speaker="code" if reply.author == "notice" else "bot",
            approvals=approvals,
            parts=parts,
            draft=draft,
            shown=True,
        )
        return message, said

    async def _show(self, opened: Opened, said: Outbound | None) -> None:
        await self._delivery.show(opened.principal.workspace, opened.conversation, said)

    async def _give_up(self, opened: Opened) -> None:
        log.error("turn_given_up", turn=opened.turn, attempts=opened.attempt)
        async with self._store.open_work(opened.principal) as work:
            if not await work.turns.let_go(opened.conversation.id, opened.conversation.fence):
                return
            language = await language_of(work, opened.conversation) or self._settings.language
            _, said = await self._say(work, opened, Reply("notice", say("failed", language)), "reply")
            await work.turns.close(opened.turn, "failed", now())
            await work.journal.close(opened.ids, "dropped", opened.turn)
        await self._brain.forget(opened.turn)
        await self._show(opened, said)


def _typed(fan_turn: FanTurn, reply: Reply) -> list[tuple[str, datetime]]:
    """The parts in which the persona types its reply, and when each is done; whatever code says comes at once."""
    own = fan_turn.character.pace
    if reply.author != "persona" or not (own.types_cps or own.splits):
        return []
    parts = pace.parts(own, reply.text)
    return list(zip(parts, pace.spread(own, parts, now()), strict=True))


def _calls_for_a_person(opened: Opened, fan_turn: FanTurn) -> bool:
    """Whether the fan asks for a person, whom nobody has asked for yet."""
    asked_for = opened.conversation.wanted_at or opened.conversation.taken_by
    return not asked_for and asks_for_person(fan_turn.said, fan_turn.spoken)


def _decisions(approvals: list[Approval]) -> dict[str, str]:
    """What was decided of each question; of one that was asked anew with other words, what was decided of that."""
    by_id = {one.id: one for one in approvals}
    decisions = {}
    for one in approvals:
        last = one
        while last.revised_to and last.revised_to in by_id:
            last = by_id[last.revised_to]
        decisions[one.id] = "approved" if last.state == "used" else last.state
    return decisions


def _questions(approvals: list[Approval], language: str) -> str:
    questions = "\n".join(f"- {one.summary}" for one in approvals)
    return f"{say('waits', language)}\n{questions}"
