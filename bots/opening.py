"""What is to be answered now, by whom, for whom? Opens the next turn of a conversation, in one transaction.

What belongs together is answered together: messages that came within a settle time are one turn. A conversation that a
person has taken over opens none, and a persona that rests opens its turn when it is awake, unless somebody is in danger.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from agents.caps import RESTS, cap_of, rests_until
from agents.care import disclosure, intake
from agents.turns import FanTurn
from bots import languages, pace
from bots.alarm import Alarm
from bots.asking import asks_for_person
from bots.attachments import untaken
from bots.cast import Cast
from bots.channel import Outbound
from bots.delivery import Delivery
from bots.desk import Desk
from gator.clock import now
from gator.errors import NotFound
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Conversation
from memory.repositories.conversations import Line
from memory.repositories.journal import FAR
from memory.repositories.spending import Bill
from memory.repositories.turns import Waiting
from memory.work import Work
from tools.personas.character import Character

log = structlog.get_logger()

MAX_FAILURES = 3  # a turn that ended so often in an error is given up with an apology
# A process that dies may not have died of this turn; so one is tried again for a while, less and less often.
QUICK_ATTEMPTS, MAX_ATTEMPTS = 3, 12
LONGEST_OPEN = timedelta(minutes=30)
LONGEST_PAUSE_S = 60.0
MAX_INTERRUPTIONS = 2  # whoever goes on and on gets an answer all the same
# A burst is one turn of a model that is paid by the token.
MOST_AT_ONCE = 20
LONGEST_AT_ONCE = 16_000  # characters
WINDOW = 20  # messages given whole; older ones come as summary and memories


@dataclass(slots=True)
class Progress:
    """How far an answer is, for whoever wants to break it off."""

    shown: bool = False  # somebody has seen a part of it
    closing: bool = False  # it is being written down
    broken: bool = False
    bills: list[Bill] = field(default_factory=list)  # what models cost so far, until it is written down


@dataclass(frozen=True, slots=True)
class Opened:
    """A turn and what it is about. Nothing is waiting in one that goes on because its approvals were decided."""

    turn: str  # its id
    attempt: int
    conversation: Conversation
    principal: Principal
    waiting: list[Waiting] = field(default_factory=list)
    fan_turn: FanTurn | None = None
    notice: Outbound | None = None  # the AI notice, for a channel whose clients read our rows
    interrupted: int = 0
    hopeless: bool = False  # tried often enough
    progress: Progress = field(default_factory=Progress)

    @property
    def told(self) -> bool:
        """Whether the other one knows that no language model is configured."""
        return bool(self.conversation.notes.get("told"))

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.waiting]

    @property
    def gives_way(self) -> bool:
        """Whether what comes in now is better answered together with what this turn is about.

        Only to a fan: an operator's turn does things.
        """
        fresh = self.fan_turn is not None and self.interrupted < MAX_INTERRUPTIONS
        return fresh and not self.progress.shown and not self.progress.closing


@dataclass(frozen=True, slots=True)
class Later:
    """Something waits, and its time has not come."""

    at: datetime


Opening: TypeAlias = Opened | Later | None


class Opener:
    def __init__(self, settings: Settings, delivery: Delivery, desk: Desk, alarm: Alarm) -> None:
        self._settings = settings
        self._delivery = delivery
        self._desk = desk
        self._alarm = alarm
        self._cast = Cast()

    async def open(self, work: Work, conversation: Conversation) -> Opening:
        """Open the next turn of a conversation that was taken; it is let go when nothing is to be done now."""
        opening = await self._next(work, conversation)
        if not isinstance(opening, Opened):
            await work.turns.let_go(conversation.id, conversation.fence)
        return opening

    async def _next(self, work: Work, conversation: Conversation) -> Opening:
        """A turn whose approvals were decided, else one for what waits in the journal."""
        if conversation.user_id and (row := await work.approvals.decided_turn(conversation.id)):
            row.attempts += 1
            hopeless = _hopeless(row.attempts, row.failures, row.created_at)
            who = Principal.from_data(row.principal)
            return Opened(row.id, row.attempts, conversation, who, hopeless=hopeless)
        waiting = await work.turns.waiting(conversation.id)
        if not waiting or any(untaken(one.attachments) for one in waiting):
            return None  # what came with it is taken in before, by whoever can fetch it
        if conversation.taken_by:
            await self._alarm.hear_waiting(work, conversation, waiting)  # whoever answers, help lines come by code
            await self._desk.relay_in(work, conversation, [one.id for one in waiting])
            await work.journal.close([one.id for one in waiting], "held")
            return None
        ready = waiting[-1].ready_at  # not the latest of all: who sleeps is woken by a word of danger
        if now() < ready < now() + FAR:
            return Later(ready)
        waiting = _bounded(waiting)
        first = waiting[0]
        tries = await work.turns.begin(first, conversation.id)
        if tries.attempts > QUICK_ATTEMPTS:
            pause = timedelta(seconds=min(2.0 ** (tries.attempts - QUICK_ATTEMPTS), LONGEST_PAUSE_S))
            await work.journal.hold_back([one.id for one in waiting], now() + pause)
        who = Principal.from_data(first.principal)
        if conversation.fan_id:  # who wrote it may be linked with another fan, or parted from one, since
            who = replace(who, subject=conversation.fan_id)
        hopeless = _hopeless(tries.attempts, tries.failures, first.at)
        opened = Opened(
            first.id, tries.attempts, conversation, who, waiting, interrupted=tries.interrupted, hopeless=hopeless
        )
        return await self._met(work, opened) if conversation.fan_id and not hopeless else opened

    async def _met(self, work: Work, opened: Opened) -> Opening:
        """The turn with those who talk; None when that cannot be now. The attempt counts, so it cannot fail for ever."""
        try:
            return await self._meet(work, opened)
        except NotFound:  # the persona was removed meanwhile
            await work.turns.close(opened.turn, "failed", now())
            await work.journal.close(opened.ids, "dropped", opened.turn)
        except Exception:
            log.exception("turn_not_opened", turn=opened.turn, attempt=opened.attempt)
            await work.turns.failed(opened.turn)
        return None

    async def _meet(self, work: Work, opened: Opened) -> Opening:
        """Who talks with whom; before a persona's first word the AI notice is given, by code."""
        conversation = opened.conversation
        assert conversation.persona_id is not None
        assert conversation.fan_id is not None
        persona, fan = await work.turns.people(conversation.persona_id, conversation.fan_id)
        window = _answered_last(await work.conversations.lines(conversation.id, WINDOW), opened.ids)
        said = "\n".join(one.text for one in opened.waiting)
        character = self._cast.character_of(persona)
        language = languages.settle(conversation, said, fan.locale, character.languages)
        if language != conversation.language:
            await work.conversations.speaks(conversation.id, language)
        lost = await self._lost(work, conversation, window)
        fan_turn = FanTurn(conversation, persona, fan, character, said, window, opened.told, language, lost)
        if until := self._sleeps_until(opened, fan_turn):
            await work.turns.put_back(opened.turn)
            await work.journal.hold_back(opened.ids, until)
            return Later(until)
        last = _last_before(window, opened.waiting[0].id)
        due = disclosure.due(conversation.notice_at, now(), last.at if last else None)
        notice = await self._give_notice(work, opened, fan_turn) if due else None
        return replace(opened, fan_turn=fan_turn, notice=notice)

    async def _lost(self, work: Work, conversation: Conversation, window: Sequence[Line]) -> dict[str, bool]:
        """What of the window never reached the fan; clients of our own read rows, so they have all of it."""
        channel = self._delivery.channel(conversation.channel)
        if channel is None or channel.reads_rows or not window:
            return {}
        return await work.outbox.unreached(conversation.id, min(line.id for line in window))

    def _sleeps_until(self, opened: Opened, fan_turn: FanTurn) -> datetime | None:
        """Until when the persona reads, sleeps, or rests from a fan who had their day's share.

        Never where somebody may be in danger or asks for a person.
        """
        character, at = fan_turn.character, now()
        came = [one.at for one in opened.waiting]
        until = pace.hold_until(character.pace, character.time_zone, came, fan_turn.said, at)
        if opened.conversation.notes.get(RESTS):
            until = max(until, self._rests_until(opened.conversation, character) or until)
        if until <= at or intake.look(fan_turn.said, fan_turn.fan, character, self._settings.region).reply:
            return None
        asks = opened.conversation.wanted_at is None and asks_for_person(fan_turn.said, fan_turn.spoken)
        return None if asks else until

    def _rests_until(self, conversation: Conversation, character: Character) -> datetime | None:
        return rests_until(conversation, cap_of(character, character.time_zone, self._settings))

    async def _give_notice(self, work: Work, opened: Opened, fan_turn: FanTurn) -> Outbound | None:
        conversation = opened.conversation
        words = disclosure.notice if conversation.notice_at is None else disclosure.reminder
        text = words(fan_turn.character.name, disclosure.language_for(fan_turn.spoken, fan_turn.character.language))
        await work.turns.noticed(conversation.id)
        meta = {"care": "ai_notice", "answers": []}
        message = await work.conversations.say(conversation.id, "notice", text, turn_id=opened.turn, meta=meta)
        return await self._delivery.write(work, conversation, message, f"{opened.turn}:notice", speaker="code")


def _hopeless(attempts: int, failures: int, since: datetime) -> bool:
    """Whether it ended in errors often enough, or with its process for so long that it may well be the reason."""
    return failures >= MAX_FAILURES or (attempts > MAX_ATTEMPTS and now() - since > LONGEST_OPEN)


def _answered_last(window: list[Line], waiting: list[str]) -> list[Line]:
    """The window with what is to be answered at its end: notices may have been given since it came."""
    return [*(line for line in window if line.id not in waiting), *(line for line in window if line.id in waiting)]


def _bounded(waiting: list[Waiting]) -> list[Waiting]:
    """As much of what waits as one turn may answer; the rest is the next one's. At least one message."""
    length = 0
    for n, one in enumerate(waiting[:MOST_AT_ONCE]):
        length += len(one.text)
        if length > LONGEST_AT_ONCE:
            return waiting[: max(n, 1)]
    return waiting[:MOST_AT_ONCE]


def _last_before(window: Sequence[Line], message_id: str) -> Line | None:
    """The window's last message before that one."""
    return next((line for line in reversed(window) if line.id < message_id), None)
