"""The conversation core: takes messages in, has each conversation answered by one worker at a time, and keeps watch.

channel → `receive` → journal → one worker a conversation (`bots.turns`) → outbox → channel. Whatever the process was
doing when it died is found again by `keep_watch`, from rows alone.
"""

import asyncio
import os
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from agents import approvals
from agents.brain import Brain
from bots import memory_commands, presses, switchboard, web_channel
from bots.alarm import Alarm, Answered, answered_so_far
from bots.attachments import Attachments, untaken
from bots.channel import Channel, Inbound
from bots.cleaning import clean, clean_data
from bots.corrections import Corrections
from bots.delivery import Delivery
from bots.desk import Desk
from bots.doorway import Doorway
from bots.frames import approval_request, new_message
from bots.handing_over import hand_over
from bots.hub import Hub
from bots.job_watch import JobWatch
from bots.leases import LEASE, keeping
from bots.memory_commands import Forgotten
from bots.opening import Later, Opened, Opener, Opening
from bots.presses import Pressed
from bots.reactions import Reactions
from bots.switchboard import Switchboard
from bots.turns import Turns
from bots.words import say
from bots.writing_down import write_down
from gator.clock import now
from gator.errors import Refused
from gator.ids import new_id
from gator.principal import Principal, service
from gator.settings import Settings
from memory import erasing_disk
from memory.alone import alone
from memory.blobs import Blobs
from memory.erasing import Erased, Eraser
from memory.founding import workspaces
from memory.models import Approval, Conversation, Message
from memory.store import Store
from memory.vault import VaultKey
from memory.work import Work
from tools.publishing import publish_due

log = structlog.get_logger()

WATCH_EVERY_S = 1.0
SWEEP_EVERY = timedelta(hours=1)
# Conversations answered side by side. More at once are all late, and a process that dies then has answered none.
AT_ONCE = 64
LONGEST = 16_000  # characters of one message: four times Telegram's limit


class Core:
    """One process's share of all conversations."""

    def __init__(self, settings: Settings, store: Store, brain: Brain, hub: Hub, channels: list[Channel]) -> None:
        self.settings = settings
        self.store = store
        self.brain = brain
        self.hub = hub
        self.blobs = Blobs(settings.media_folder)
        self.eraser = Eraser(store, settings, self.blobs, brain.forget)
        self.owner = f"{os.getpid()}-{new_id()[-12:]}"  # of the leases that this process holds
        self.doorway = Doorway(store)
        self.delivery = Delivery(store, channels, self.blobs, self.owner)
        self.desk = Desk(store, self.delivery, brain)
        self.alarm = Alarm(settings.region, self.delivery, self.desk)
        self.corrections = Corrections(store, hub, self.blobs, self.alarm)
        self.reactions = Reactions(store, hub)
        self.attachments = Attachments(settings, store, self.blobs, brain, self.delivery.channel)
        self._opener = Opener(settings, self.delivery, self.desk, self.alarm)
        board = Switchboard(store, self.delivery, self.desk, self.revise)
        self._turns = Turns(settings, store, brain, hub, self.delivery, self.desk, board)
        self._jobs = JobWatch(store, hub)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._answering: dict[str, tuple[Opened, asyncio.Task[None]]] = {}
        self._opening: set[str] = set()  # conversations whose turn is being opened with the message that came in
        self._again: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stopping = False
        self.desk.break_off = self.corrections.break_off = self._break_off_everywhere
        hub.on("break_off", lambda facts: self._told_to_break_off(facts["room"]))
        hub.on("forgotten", lambda facts: self.eraser.drop_from_memory(VaultKey(**facts)))
        self.desk.wake = self.wake

    @property
    def at_work(self) -> bool:
        """Whether a conversation is being answered here just now."""
        return bool(self._workers)

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
            self._break_off_everywhere(inbound.conversation)
        await self.alarm.show(card)
        if message or opening:
            self._go_on_with(inbound.principal.workspace, inbound.conversation, opening, inbound.settle_s)
        return message.id if message else None

    async def _take_in(self, inbound: Inbound) -> tuple[Message | Forgotten | None, Opening, Answered | None]:
        """Write the message down; where nobody is at work on its conversation yet, open the turn in the same transaction.

        Words that wait for files are looked at there too: whoever is in danger is answered at once, by a card.
        """
        idle = inbound.conversation not in self._workers and inbound.conversation not in self._opening
        idle = idle and not inbound.settle_s and not inbound.attachments  # else it is not to be answered yet
        idle = idle and len(self._answering) < AT_ONCE
        if idle:
            self._opening.add(inbound.conversation)
        try:
            async with self.store.open_work(inbound.principal) as work:
                taken = await work.turns.take(inbound.conversation, self.owner, LEASE) if idle else None
                conversation = taken or await work.conversations.get(inbound.conversation)
                if forgotten := await memory_commands.hear_yes(self, work, inbound, conversation):
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
                self._break_off_everywhere(room)
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
        self.wake(principal.workspace, approval.conversation_id)
        return approval

    async def revise(self, principal: Principal, approval_id: str, text: str) -> Approval:
        """Ask again with that text in place of the one asked about; the new question waits for a yes of its own."""
        async with self.store.open_work(principal, reads=True) as work:
            approval = await work.approvals.get(approval_id)
            conversation = await work.conversations.get(approval.conversation_id)
        turn = self.brain.turn(principal, approval.turn_id, conversation.id)
        revised = await approvals.revise(approval, clean(text), turn)
        async with self.store.open_work(principal) as work:
            meta = {"approvals": [revised.id]}
            words = f"{say('waits', self.settings.language)}\n- {revised.summary}"
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

    # Working

    def wake(self, workspace: str, conversation: str, opened: Opened | None = None) -> None:
        """Have the conversation looked at: by its worker if it has one here, else by a new one.

        `opened` is its turn, when that is open already.
        """
        if self._stopping:
            return  # the rows are there for the next start
        if conversation in self._workers:
            self._again.add(conversation)
            return
        work = self._work(workspace, conversation, opened)
        self._workers[conversation] = asyncio.create_task(work, name=f"conversation {conversation}")

    def _break_off_everywhere(self, conversation: str) -> None:
        """As `break_off`, in whichever process answers there."""
        self.break_off(conversation)
        self.hub.call("break_off", room=conversation)

    def _told_to_break_off(self, conversation: str) -> None:
        if conversation in self._workers:
            self.break_off(conversation)
            self._again.add(conversation)  # what came in elsewhere is answered here, as soon as this turn is over

    def break_off(self, conversation: str) -> None:
        """End the answer that is being given there, where that may be: it is given anew, with all that was said since."""
        opened, task = self._answering.get(conversation, (None, None))
        if opened and task and opened.gives_way and not opened.progress.broken:
            opened.progress.broken = True
            task.cancel()

    def _go_on_with(self, workspace: str, conversation: str, opening: Opening, settle_s: float) -> None:
        if isinstance(opening, Later):
            self._wake_at(workspace, conversation, opening.at)
        elif settle_s and opening is None:
            self._wake_at(workspace, conversation, now() + timedelta(seconds=settle_s))
        else:
            self.wake(workspace, conversation, opening)

    def _wake_at(self, workspace: str, conversation: str, at: datetime) -> None:
        """Wake it then; the watch would, within a second after."""
        if timer := self._timers.pop(conversation, None):
            timer.cancel()
        pause_s = max((at - now()).total_seconds(), 0) + 0.005  # just after, for the rows say when exactly

        def ring() -> None:
            self._timers.pop(conversation, None)
            self.wake(workspace, conversation)

        if pause_s < WATCH_EVERY_S * 10 and not self._stopping:  # what is far away is the watch's
            self._timers[conversation] = asyncio.get_running_loop().call_later(pause_s, ring)

    async def _work(self, workspace: str, conversation: str, opened: Opened | None) -> None:
        try:
            # Whoever waits for a place has no lease, and that is no attempt at an answer.
            async with nullcontext() if opened else self._places:
                opening = opened or await self._open(workspace, conversation)
                if isinstance(opening, Opened):
                    await self._answer(workspace, opening)
            if isinstance(opening, Later):
                self._wake_at(workspace, conversation, opening.at)
        except Exception:
            # The rows stay open, so the watch brings the conversation back; other conversations go on.
            log.exception("conversation_failed", conversation=conversation)
        finally:
            del self._workers[conversation]
            if conversation in self._again:
                self._again.discard(conversation)
                self.wake(workspace, conversation)

    async def _open(self, workspace: str, conversation: str) -> Opening:
        """The conversation's turn; None when nothing is open or another process has it (then the watch looks again)."""
        who = service(workspace, "conversations")
        async with self.store.open_work(who) as work:
            taken = await work.turns.take(conversation, self.owner, LEASE)
            if taken is None:
                return None
            if not await self.attachments.wait(work, taken):
                return await self._opener.open(work, taken)
        return await self._open_with_files(who, taken)

    async def _open_with_files(self, who: Principal, held: Conversation) -> Opening:
        """Take in what came with the messages, under the lease: each file is fetched, heard and paid for by one process."""
        try:
            with keeping(self.store, who, held):
                for frame in await self.attachments.take_in(who, held):
                    self.hub.publish(held.id, frame)
        except BaseException:
            async with self.store.open_work(who) as work:
                await work.turns.let_go(held.id, held.fence)
            raise
        async with self.store.open_work(who) as work:
            taken = await work.turns.take(held.id, self.owner, LEASE)
            if taken is None:
                return None
            if taken.fan_id and not taken.taken_by:  # a person who has taken over is told of all of it
                answered = await answered_so_far(work, await work.turns.waiting(held.id))
                await work.journal.close(answered, "answered")
            return await self._opener.open(work, taken)

    async def _answer(self, workspace: str, opened: Opened) -> None:
        """Answer under the lease, which is renewed as long as it takes."""
        worker = service(workspace, "conversations")
        answering = asyncio.current_task()
        if answering:
            self._answering[opened.conversation.id] = (opened, answering)
        try:
            with keeping(self.store, worker, opened.conversation):
                await self._turns.answer(opened)
        except BaseException as end:
            async with self.store.open_work(worker) as work:
                held = await work.turns.let_go(opened.conversation.id, opened.conversation.fence)
                if held and opened.progress.broken:
                    await work.turns.give_way(opened.turn)
                elif isinstance(end, Exception):
                    await work.turns.failed(opened.turn)
                await work.spending.settle(opened.progress.bills)
            if not (opened.progress.broken and isinstance(end, asyncio.CancelledError)) or self._stopping:
                raise
            if answering:
                answering.uncancel()
            self._again.add(opened.conversation.id)  # what it was about waits, together with what came since
        finally:
            self._answering.pop(opened.conversation.id, None)

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
            if conversation not in self._workers:
                self.wake(workspace, conversation)

    async def start_over(self) -> None:
        """Break the leases that processes of this database held: only for a database that one process uses (SQLite)."""
        for workspace in await workspaces(self.store):
            async with self.store.open_work(service(workspace, "conversations")) as work:
                await work.conversations.break_leases()
                await work.outbox.break_leases()

    async def stop(self) -> None:
        """Let go: turns that are under way stay open in the rows and are run again on the next start."""
        self._stopping = True
        tasks = list(self._workers.values())
        for task in tasks:
            task.cancel()
        for timer in self._timers.values():
            timer.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.delivery.stop()
        await self.eraser.settle()
