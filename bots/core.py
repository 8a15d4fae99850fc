"""The conversation core: takes messages in, has each conversation answered by one worker at a time, and keeps watch.

channel → `receive` → journal → one worker a conversation (`bots.workers`, `bots.turns`) → outbox → channel. Whatever the
process was doing when it died is found again by `keep_watch`, from rows alone.
"""

import asyncio
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bots import forgetting, presses, switchboard, web_channel
from bots.alarm import Alarm, Answered
from bots.attachments import Attachments, untaken
from bots.channel import Channel, Inbound
from bots.cleaning import clean, clean_data
from bots.corrections import Corrections
from bots.delivery import Delivery
from bots.desk import Desk
from bots.desk_watch import look_after_fans
from bots.doorway import Doorway
from bots.forgetting import Forgotten
from bots.frames import approval_request, new_message
from bots.handing_over import hand_over
from bots.hub import Hub
from bots.job_watch import JobWatch
from bots.leases import LEASE
from bots.lost_letters import tell_of_letters
from bots.opening import Opener, Opening
from bots.presses import Pressed
from bots.reactions import Reactions
from bots.switchboard import Switchboard
from bots.turns import Turns
from bots.words import say
from bots.workers import Workers
from bots.writing_down import write_down
from gator.clock import now
from gator.errors import Refused
from gator.ids import new_id
from gator.principal import Principal, service
from gator.settings import Settings
from memory import erasing_disk
from memory.alone import alone
from memory.erasing import Erased, Eraser
from memory.founding import workspaces
from memory.media_place import blobs_of
from memory.models import Approval, Conversation, Message
from memory.store import Store
from memory.vault import VaultKey
from memory.work import Work
from tools.publishing import publish_due

if TYPE_CHECKING:
    from agents.brain import Brain

log = structlog.get_logger()

WATCH_EVERY_S = 1.0
PEOPLE_EVERY_S = 5.0
LETTERS_EVERY_S = 60.0  # what does not arrive within a minute is told in one line
SWEEP_EVERY = timedelta(hours=1)
LONGEST = 16_000  # characters of one message: four times Telegram's limit


class Core:
    """One process's share of all conversations."""

    def __init__(self, settings: Settings, store: Store, brain: "Brain", hub: Hub, channels: list[Channel]) -> None:
        self.settings = settings
        self.store = store
        self.brain = brain
        self.hub = hub
        self.blobs = blobs_of(settings)
        self.eraser = Eraser(store, settings, self.blobs, brain.forget)
        self.owner = f"{os.getpid()}-{new_id()[-12:]}"  # of the leases that this process holds
        self.doorway = Doorway(store, settings.language)
        self.delivery = Delivery(store, channels, self.blobs, self.owner, mature=settings.mature_media == "shown")
        self.desk = Desk(store, self.delivery, brain)
        self.alarm = Alarm(settings.region, self.delivery, self.desk)
        self.corrections = Corrections(store, hub, self.blobs, self.delivery, self.alarm)
        self.reactions = Reactions(store, hub)
        self.attachments = Attachments(settings, store, self.blobs, brain, self.delivery.channel)
        self._opener = Opener(settings, self.delivery, self.desk, self.alarm)
        board = Switchboard(store, self.delivery, self.desk, self.revise)
        turns = Turns(settings, store, brain, hub, self.delivery, self.desk, board)
        self.workers = Workers(store, hub, self.owner, self._opener, self.attachments, turns)
        self._jobs = JobWatch(store, hub)
        self._looked_after: dict[str, float] = {}
        self._told_of_letters: dict[str, float] = {}
        self._opening: set[str] = set()  # conversations whose turn is being opened with the message that came in
        self.desk.break_off = self.corrections.break_off = self.workers.break_off_everywhere
        hub.on("forgotten", lambda facts: self.eraser.drop_from_memory(VaultKey(**facts)))
        self.desk.wake = self.workers.wake

    # Coming in

    async def receive(self, inbound: Inbound) -> str | None:
        """Take a message in; gives its id, None when it is there already, "" when it was an order that leaves no message.

        Raises Refused for an empty or endless one.
        """
        inbound = replace(
            inbound,
            text=clean(inbound.text),
            attachments=clean_data(inbound.attachments),
            reply_to=clean(inbound.reply_to),
            locale=clean(inbound.locale),
        )
        if not inbound.text.strip() and not inbound.attachments:
            raise Refused("The message is empty.", remedy="Write something.")
        if len(inbound.text) > LONGEST:
            raise Refused(f"The message is longer than {LONGEST:,} characters.", remedy="Send it in parts.")
        message, opening, card = await self._take_in(inbound)
        if isinstance(message, Forgotten):
            await self._show_forgotten(message)
            return ""
        if message:
            self.hub.publish(inbound.conversation, new_message(message, inbound.principal.subject))
            self.workers.break_off_everywhere(inbound.conversation)
        await self.alarm.show(card)
        if message or opening:
            self.workers.go_on_with(inbound.principal.workspace, inbound.conversation, opening, inbound.settle_s)
        return message.id if message else None

    async def _take_in(self, inbound: Inbound) -> tuple[Message | Forgotten | None, Opening, Answered | None]:
        """Write the message down; where nobody is at work on its conversation yet, open the turn in the same transaction.

        Words that wait for files are looked at there too: whoever is in danger is answered at once, by a card.
        """
        idle = not self.workers.at(inbound.conversation) and inbound.conversation not in self._opening
        idle = idle and not inbound.settle_s and not inbound.attachments  # else it is not to be answered yet
        idle = idle and not self.workers.full
        if idle:
            self._opening.add(inbound.conversation)
        try:
            async with self.store.open_work(inbound.principal) as work:
                taken = await work.turns.take(inbound.conversation, self.owner, LEASE) if idle else None
                conversation = taken or await work.conversations.get(inbound.conversation)
                if forgotten := await forgetting.hear_yes(work, inbound, conversation, self.delivery, self.settings):
                    return forgotten, None, None
                message = await write_down(work, inbound, conversation)
                opening = await self._opener.open(work, taken) if taken else None
                held_up = message and opening is None and conversation.fan_id
                card = await self._hear_what_waits_for_files(work, conversation) if held_up else None
            return message, opening, card
        finally:
            if idle:
                self._opening.discard(inbound.conversation)

    async def _hear_what_waits_for_files(self, work: Work, conversation: Conversation) -> Answered | None:
        waiting = await work.turns.waiting(conversation.id)
        slow = any(untaken(one.attachments) for one in waiting)
        return await self.alarm.hear_waiting(work, conversation, waiting) if slow else None

    async def _show_forgotten(self, forgotten: Forgotten) -> None:
        for one in forgotten.told:
            await self.delivery.show(forgotten.conversation.workspace, forgotten.conversation, one)
        self.forgotten([forgotten.erased])

    def forgotten(self, erased: Iterable[Erased]) -> None:
        """Something was forgotten, and that is in the rows: have it gone from screens, memory and the disk."""
        for one in erased:
            for room in {*one.gone.rooms, *(room for room, _ in one.gone.messages)}:
                self.workers.break_off_everywhere(room)
            for room in one.gone.rooms:
                self.hub.publish(room, {"type": "conversation_forgotten"})
            for room, message in one.gone.messages:
                self.hub.publish(room, {"type": "message_deleted", "message": {"id": message, "deleted": True}})
            for said in one.gone.reworded:
                shown = new_message(said, "gator")["message"]
                self.hub.publish(said.conversation_id, {"type": "message_edited", "message": shown})
            self.hub.call("forgotten", workspace=one.key.workspace, persona=one.key.persona, fan=one.key.fan)
            self.eraser.finish_soon(one)

    async def edited(self, channel: str, account: str, platform_id: str, text: str, *, workspace: str) -> None:
        """The platform says that a message reads otherwise now."""
        text = clean(text)
        if len(text) <= LONGEST and await self.corrections.of_platform(
            channel, account, platform_id, text, workspace=workspace
        ):
            log.info("message_edited", channel=channel)

    async def removed(self, channel: str, account: str, platform_id: str, *, workspace: str) -> None:
        """The platform says that its author deleted a message."""
        if await self.corrections.of_platform(channel, account, platform_id, None, workspace=workspace):
            log.info("message_deleted", channel=channel)

    async def converse(
        self, principal: Principal, persona: str | None = None, thread: str | None = None
    ) -> Conversation:
        """The web conversation of an operator with Gator, or of a fan with their persona; made on first sight."""
        if persona and persona != principal.persona:
            raise Refused(
                "That persona is not whom you talk with.", remedy="To talk with a persona, come as their fan."
            )
        async with self.store.open_work(principal) as work:
            return await web_channel.meet(work, clean(thread) if thread else None)

    async def tell(self, conversation: Conversation, text: str, key: str, about: Sequence[str] = ()) -> None:
        """Have code say something in a conversation, once for the key; `about` are conversations that it quotes."""
        who = service(conversation.workspace, "conversations")
        meta: dict[str, Any] = {"about": list(about)} if about else {}
        async with self.store.open_work(who) as work:
            told = await self.delivery.tell(work, conversation, text, key, **meta)
        await self.delivery.show(conversation.workspace, conversation, told)

    # Approvals

    async def decide(self, principal: Principal, approval_id: str, approved: bool) -> Approval:
        """A person's yes or no; the waiting turn goes on by itself. Raises Conflict when it was decided or has expired."""
        return await self._decide(principal, approval_id, "approved" if approved else "rejected")

    async def write_anew(self, principal: Principal, approval_id: str) -> Approval:
        """Neither yes nor no: whoever wrote it is to find other words and ask again. Raises Conflict as `decide`."""
        return await self._decide(principal, approval_id, "regenerate")

    async def _decide(self, principal: Principal, approval_id: str, state: str) -> Approval:
        async with self.store.open_work(principal) as work:
            approval = await work.approvals.decide(approval_id, state, str(principal))
            await work.audit.note("approval." + approval.state, approval.id, summary=approval.summary)
        self.workers.wake(principal.workspace, approval.conversation_id)
        return approval

    async def revise(self, principal: Principal, approval_id: str, text: str) -> Approval:
        """Ask again with that text in place of the one asked about; the new question waits for a yes of its own."""
        from agents import approvals

        async with self.store.open_work(principal, reads=True) as work:
            approval = await work.approvals.get(approval_id)
            conversation = await work.conversations.get(approval.conversation_id)
        language = conversation.language or self.settings.language
        turn = self.brain.turn(principal, approval.turn_id, conversation.id, language=language)
        revised = await approvals.revise(approval, clean(text), turn)
        async with self.store.open_work(principal) as work:
            meta = {"approvals": [revised.id]}
            words = f"{say('waits', language)}\n- {revised.summary}"
            message = await work.conversations.say(conversation.id, "gator", words, turn_id=approval.turn_id, meta=meta)
            key = f"{revised.id}:asked"
            told = await self.delivery.write(work, conversation, message, key, approvals=[revised])
        await self.delivery.show(principal.workspace, conversation, told)
        self.hub.publish(conversation.id, approval_request(revised))
        return revised

    async def press(self, principal: Principal, press: str, text: str | None = None, room: str = "") -> Pressed:
        """Do what a button under an approval stands for; `text` is what an edit says. Raises Conflict, Forbidden.

        Without it, what the operator writes next in `room`, the conversation of the press, is the new text.
        """
        async with self.store.open_work(principal) as work:
            spoken = (await work.conversations.get(room)).language if room else ""
            language = spoken or self.settings.language
            approval, verb = await presses.use(work, principal, press, language)
            if verb == "edit" and text is None:
                asked = switchboard.asks(approval.id, principal)
                await work.conversations.note(room or approval.conversation_id, revising=asked)
                return Pressed(say("press_edit", language), asks_text=True)
        if verb == "edit":
            await self.revise(principal, approval.id, text or "")
            return Pressed(say("press_revised", language))
        state = {"approve": "approved", "reject": "rejected"}.get(verb, verb)
        await self._decide(principal, approval.id, state)
        return Pressed(say(f"press_{state}", language))

    # Watching

    async def keep_watch(self) -> None:
        """Every second: what a dead process left open, what is due to be sent or published, what nobody approved in time."""
        jobs = asyncio.create_task(self._jobs.keep_watch())
        swept_at = now() - SWEEP_EVERY  # what a process that died left is swept now
        try:
            while True:
                try:
                    for workspace in await workspaces(self.store):
                        await self._look_after(workspace)
                    if now() - swept_at >= SWEEP_EVERY:
                        swept_at = now()
                        await self._sweep()
                    await erasing_disk.scrub_what_was_left(self.store)
                except Exception:
                    log.exception("watch_failed")  # a database that is away comes back
                await asyncio.sleep(WATCH_EVERY_S)
        finally:
            jobs.cancel()

    async def _sweep(self) -> None:
        await self.eraser.tend_home()
        async with alone(self.store, "sweep") as mine:
            if mine:
                await self.eraser.sweep(await workspaces(self.store))

    async def _look_after(self, workspace: str) -> None:
        watcher = service(workspace, "watch")
        settled = await publish_due(self.store, watcher)
        if self.brain.archive and settled:
            await self.brain.archive.keep(self.store, watcher, [one.persona for one in settled])
        await hand_over(self.store, self.delivery, workspace)
        await self.delivery.send_due(workspace)
        await self.delivery.give_up_old(workspace)
        async with self.store.open_work(watcher, reads=True) as work:
            waiting = await work.journal.open_conversations()
            waiting += await work.approvals.decided_conversations()
            late = await work.approvals.late()
        if late:
            async with self.store.open_work(watcher) as work:
                waiting += [approval.conversation_id for approval in await work.approvals.expire()]
        for conversation in dict.fromkeys(waiting):
            if not self.workers.at(conversation):
                self.workers.wake(workspace, conversation)
        await self._look_after_people(workspace)

    async def _look_after_people(self, workspace: str) -> None:
        """Fans who wait for a person, and operators who do not know yet what did not arrive."""
        if time.monotonic() < self._looked_after.get(workspace, 0.0) + PEOPLE_EVERY_S:
            return
        self._looked_after[workspace] = time.monotonic()
        await look_after_fans(self.store, self.desk, workspace)
        due = time.monotonic() >= self._told_of_letters.get(workspace, float("-inf")) + LETTERS_EVERY_S
        if due and await tell_of_letters(self.store, self.delivery, workspace):
            self._told_of_letters[workspace] = time.monotonic()

    async def start_over(self) -> None:
        """Break the leases that processes of this database held: only for a database that one process uses (SQLite)."""
        for workspace in await workspaces(self.store):
            async with self.store.open_work(service(workspace, "conversations")) as work:
                await work.conversations.break_leases()
                await work.outbox.break_leases()

    async def stop(self) -> None:
        """Let go: what is under way stays open in the rows and is taken up again on the next start."""
        await self.workers.stop()
        await self.delivery.stop()
        await self.eraser.settle()
