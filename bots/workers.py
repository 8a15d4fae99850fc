"""Who answers which conversation in this process? At most one worker each, and so many side by side.

A worker opens the conversation's turn, answers it under the lease and is gone; what came in meanwhile wakes the next.
What it leaves open when it fails is in the rows, where the watch finds it.
"""

import asyncio
from contextlib import nullcontext
from datetime import datetime, timedelta

import structlog

from bots.alarm import answered_so_far
from bots.attachments import Attachments
from bots.hub import Hub
from bots.leases import LEASE, keeping
from bots.opening import Later, Opened, Opener, Opening
from bots.turns import Turns
from gator.clock import now
from gator.principal import Principal, service
from memory.models import Conversation
from memory.store import Store

log = structlog.get_logger()

# Conversations answered side by side. More at once are all late, and a process that dies then has answered none.
AT_ONCE = 64
LOOKS_WITHIN_S = 10.0  # what is due later than that is left to the watch


class Workers:
    def __init__(
        self, store: Store, hub: Hub, owner: str, opener: Opener, attachments: Attachments, turns: Turns
    ) -> None:
        self.store = store
        self.hub = hub
        self.owner = owner
        self.attachments = attachments
        self._opener = opener
        self._turns = turns
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._answering: dict[str, tuple[Opened, asyncio.Task[None]]] = {}
        self._again: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stopping = False
        hub.on("break_off", lambda facts: self._told_to_break_off(facts["room"]))

    @property
    def busy(self) -> bool:
        """Whether a conversation is being answered here just now."""
        return bool(self._tasks)

    @property
    def full(self) -> bool:
        return len(self._answering) >= AT_ONCE

    def at(self, conversation: str) -> bool:
        """Whether somebody is at work on that conversation here."""
        return conversation in self._tasks

    def wake(self, workspace: str, conversation: str, opened: Opened | None = None) -> None:
        """Have the conversation looked at: by its worker if it has one here, else by a new one.

        `opened` is its turn, when that is open already.
        """
        if self._stopping:
            return  # the rows are there for the next start
        if conversation in self._tasks:
            self._again.add(conversation)
            return
        work = self._work(workspace, conversation, opened)
        self._tasks[conversation] = asyncio.create_task(work, name=f"conversation {conversation}")

    def break_off_everywhere(self, conversation: str) -> None:
        """As `break_off`, in whichever process answers there."""
        self.break_off(conversation)
        self.hub.call("break_off", room=conversation)

    def _told_to_break_off(self, conversation: str) -> None:
        if conversation in self._tasks:
            self.break_off(conversation)
            self._again.add(conversation)  # what came in elsewhere is answered here, as soon as this turn is over

    def break_off(self, conversation: str) -> None:
        """End the answer that is being given there, where that may be: it is given anew, with all that was said since."""
        opened, task = self._answering.get(conversation, (None, None))
        if opened and task and opened.gives_way and not opened.progress.broken:
            opened.progress.broken = True
            task.cancel()

    def go_on_with(self, workspace: str, conversation: str, opening: Opening, settle_s: float) -> None:
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

        if pause_s < LOOKS_WITHIN_S and not self._stopping:
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
            del self._tasks[conversation]
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

    async def stop(self) -> None:
        """Let go: turns that are under way stay open in the rows and are run again on the next start."""
        self._stopping = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        for timer in self._timers.values():
            timer.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
