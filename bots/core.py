"""The conversation core: takes messages in, has each conversation answered by one worker at a time, and keeps watch.

channel → `receive` → journal → one worker a conversation (`bots.turns`) → outbox → channel. Whatever the process was
doing when it died is found again by `keep_watch`, from rows alone.
"""

import asyncio
import os

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agents.brain import Brain
from bots import web_channel
from bots.channel import Channel, Inbound
from bots.delivery import Delivery
from bots.frames import new_message
from bots.hub import Hub
from bots.job_watch import JobWatch
from bots.turns import LEASE, Opened, Turns
from gator.errors import Refused
from gator.ids import new_id
from gator.principal import Principal, service
from gator.settings import Settings
from memory.blobs import Blobs
from memory.founding import workspaces
from memory.models import Approval, Conversation, Message
from memory.store import Store
from memory.work import Work
from tools.publishing import publish_due

log = structlog.get_logger()

KEEP_AFTER_S = LEASE.total_seconds() / 3
WATCH_EVERY_S = 1.0
LONGEST = 16_000  # characters of one message: four times Telegram's limit


class Core:
    """One process's share of all conversations."""

    def __init__(self, settings: Settings, store: Store, brain: Brain, hub: Hub, channels: list[Channel]) -> None:
        self.settings = settings
        self.store = store
        self.brain = brain
        self.hub = hub
        self.blobs = Blobs(settings.media_folder)
        self._owner = f"{os.getpid()}-{new_id()[-12:]}"
        self._delivery = Delivery(store, channels)
        self._turns = Turns(settings, store, brain, hub, self._delivery)
        self._jobs = JobWatch(store, hub)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._opening: set[str] = set()  # conversations whose turn is being opened with the message that came in
        self._again: set[str] = set()
        self._stopping = False

    async def receive(self, inbound: Inbound) -> str | None:
        """Take a message in; gives its id, or None when it is there already. Raises Refused for an empty or endless one."""
        if not inbound.text.strip() and not inbound.attachments:
            raise Refused("The message is empty.", remedy="Write something.")
        if len(inbound.text) > LONGEST:
            raise Refused(f"The message is longer than {LONGEST:,} characters.", remedy="Send it in parts.")
        message, opened = await self._take_in(inbound)
        if message:
            self.hub.publish(inbound.conversation, new_message(message, inbound.principal.subject))
        if message or opened:
            self.wake(inbound.principal.workspace, inbound.conversation, opened)
        return message.id if message else None

    async def _take_in(self, inbound: Inbound) -> tuple[Message | None, Opened | None]:
        """Write the message down; where nobody is at work on its conversation yet, open the turn in the same transaction."""
        idle = inbound.conversation not in self._workers and inbound.conversation not in self._opening
        if idle:
            self._opening.add(inbound.conversation)
        try:
            async with self.store.open_work(inbound.principal) as work:
                taken = await work.turns.take(inbound.conversation, self._owner, LEASE) if idle else None
                message = await _write_down(work, inbound, taken or await work.conversations.get(inbound.conversation))
                opened = await self._turns.open(work, taken) if taken else None
            return message, opened
        finally:
            if idle:
                self._opening.discard(inbound.conversation)

    async def converse(
        self, principal: Principal, persona: str | None = None, thread: str | None = None
    ) -> Conversation:
        """The web conversation of an operator with Gator, or of a fan with their persona; made on first sight."""
        if persona and persona != principal.persona:
            raise Refused(
                "That persona is not whom you talk with.", remedy="To talk with a persona, come as their fan."
            )
        async with self.store.open_work(principal) as work:
            return await web_channel.meet(work, thread)

    async def decide(self, principal: Principal, approval_id: str, approved: bool) -> Approval:
        """A person's yes or no; the waiting turn goes on by itself. Raises Conflict when it was decided or has expired."""
        async with self.store.open_work(principal) as work:
            approval = await work.approvals.decide(approval_id, approved, str(principal))
            await work.audit.note("approval." + approval.state, approval.id, summary=approval.summary)
        self.wake(principal.workspace, approval.conversation_id)
        return approval

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

    async def _work(self, workspace: str, conversation: str, opened: Opened | None) -> None:
        try:
            opened = opened or await self._open(workspace, conversation)
            if opened:
                await self._answer(workspace, opened)
        except Exception:
            # The rows stay open, so the watch brings the conversation back; other conversations go on.
            log.exception("conversation_failed", conversation=conversation)
        finally:
            del self._workers[conversation]
            if conversation in self._again:
                self._again.discard(conversation)
                self.wake(workspace, conversation)

    async def _open(self, workspace: str, conversation: str) -> Opened | None:
        """The conversation's turn; None when nothing is open or another process has it (then the watch looks again)."""
        async with self.store.open_work(service(workspace, "conversations")) as work:
            taken = await work.turns.take(conversation, self._owner, LEASE)
            return await self._turns.open(work, taken) if taken else None

    async def _answer(self, workspace: str, opened: Opened) -> None:
        """Answer under the lease, which is renewed as long as it takes."""
        worker = service(workspace, "conversations")
        keeping: list[asyncio.Task[None]] = []
        answering = asyncio.current_task()
        # A timer, not a task from the start: nearly every turn is over sooner, and starting a task costs as much as a write.
        keeper = asyncio.get_running_loop().call_later(
            KEEP_AFTER_S,
            lambda: keeping.append(asyncio.create_task(self._keep(worker, opened.conversation, answering))),
        )
        try:
            await self._turns.answer(opened)
        except BaseException:
            async with self.store.open_work(worker) as work:
                await work.turns.let_go(opened.conversation.id, opened.conversation.fence)
            raise
        finally:
            keeper.cancel()
            for task in keeping:
                task.cancel()

    async def _keep(self, worker: Principal, held: Conversation, answering: "asyncio.Task[None] | None") -> None:
        """Renew the lease; stop the answer when it was lost, because another process gives one now."""
        while True:
            try:
                async with self.store.open_work(worker) as work:
                    kept = await work.turns.renew(held.id, held.fence, LEASE)
                if not kept and answering:
                    answering.cancel()
                    return
            except SQLAlchemyError:
                log.exception("lease_not_renewed", conversation=held.id)  # the database may be back before it ends
            await asyncio.sleep(KEEP_AFTER_S)

    async def keep_watch(self) -> None:
        """Every second: what a dead process left open, what is due to be sent or published, what nobody approved in time."""
        jobs = asyncio.create_task(self._jobs.keep_watch())
        try:
            while True:
                try:
                    for workspace in await workspaces(self.store):
                        await self._look_after(workspace)
                except Exception:
                    log.exception("watch_failed")  # a database that is away comes back
                await asyncio.sleep(WATCH_EVERY_S)
        finally:
            jobs.cancel()

    async def _look_after(self, workspace: str) -> None:
        watcher = service(workspace, "watch")
        settled = await publish_due(self.store, watcher)
        if self.brain.archive and settled:
            await self.brain.archive.keep(self.store, watcher, [one.persona for one in settled])
        await self._delivery.send_due(workspace)
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

    async def stop(self) -> None:
        """Let go: turns that are under way stay open in the rows and are run again on the next start."""
        self._stopping = True
        tasks = list(self._workers.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write_down(work: Work, inbound: Inbound, conversation: Conversation) -> Message | None:
    """The journal's row and the message, of one id; None when the platform's message is there already."""
    id = await work.journal.take_in(
        inbound.channel,
        inbound.account,
        inbound.platform_id,
        conversation_id=conversation.id,
        principal=inbound.principal.as_data(),
        text=inbound.text,
        attachments=inbound.attachments,
    )
    if id is None:
        return None
    author = "fan" if conversation.fan_id else "operator"
    return await work.conversations.say(conversation.id, author, inbound.text, id=id)
