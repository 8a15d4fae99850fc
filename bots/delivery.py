"""How does a reply get out? From the outbox to its channel, piece by piece, with a receipt for each.

A channel whose clients read our rows has the message with the commit, so its receipt, the row's id, is written in the
same transaction, and a client knows a message shown twice by that id. For all others the pieces are rows first; each is
claimed, sent after the commit, and its receipt and the claim of the next one are a transaction. The first piece of a reply
is claimed with the reply, where nothing is before it. A piece whose sender died is looked for on the platform before
anything is sent again.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from bots import taking_back
from bots.channel import Channel, Outbound, Piece, Receipt
from bots.pieces import outbound, pieces_of, row_to_send, to_send
from bots.rewriting import Instead, is_moot, rewrite, say_instead
from gator.clock import now
from gator.errors import GatorError, NotFound, Refused, Unavailable, Unconfirmed
from gator.principal import service
from memory import models
from memory.blobs import Blobs
from memory.media_threads import in_media_thread
from memory.store import Store
from memory.work import Work

log = structlog.get_logger()

KEEPS_TRYING = timedelta(hours=6)  # a platform that is away for an hour gets everything in order when it is back
LONGEST_PAUSE_S = 60.0
LONGEST_WAIT_ASKED_S = 600.0  # however long a platform asks us to wait
LEASE = timedelta(seconds=120)
LOOK_AGAIN = timedelta(seconds=5)
SEND_S = 100.0  # within the lease, so that nobody looks after a piece that is still being sent
KNOWN_HERE_S = 60.0  # how long a database that is away is waited for with what came of a piece
AT_ONCE = 24  # what a process that dies may leave in doubt; Telegram's limits keep six or so on the wire
GRACE_S = 2.0
LONGEST_WAIT_S = 15.0
UNSHOWN = timedelta(seconds=5)


Found: TypeAlias = tuple[Channel, Outbound]


class Delivery:
    def __init__(
        self, store: Store, channels: list[Channel], blobs: Blobs, owner: str, *, mature: bool = False
    ) -> None:
        self.store = store
        self.mature = mature  # whether fans of proven age are sent mature media
        self._channels = {channel.name: channel for channel in channels}
        self._blobs = blobs
        self._owner = owner
        self._senders: dict[str, asyncio.Task[None]] = {}  # conversation: whoever sends what is due in it
        self._first: dict[str, Found] = {}  # conversation: the piece that was claimed with its reply
        self._claimed: dict[str, tuple[str, datetime]] = {}  # such pieces that were not shown yet: workspace and when
        self._turns: dict[str, float] = {}  # conversation: when its turn within its channel's limits comes
        self._places = asyncio.Semaphore(AT_ONCE)
        self._again: set[str] = set()
        self._stopping = False

    def add(self, channel: Channel) -> None:
        """Send on that channel from now on."""
        self._channels[channel.name] = channel

    def channel(self, name: str) -> Channel | None:
        return self._channels.get(name)

    # Writing

    async def write(
        self,
        work: Work,
        conversation: models.Conversation,
        message: models.Message,
        key: str,
        *,
        speaker: str = "bot",
        approvals: Sequence[models.Approval] = (),
        parts: Sequence[tuple[str, datetime]] = (),
        draft: str = "",
        shown: bool = False,
    ) -> Outbound | None:
        """The message's pieces in the outbox, in the transaction that writes the message; `show` it after the commit.

        `parts` are the parts of its text in which a person would send it, each with the time from which on. `shown`: it is
        shown right after the commit, so that its first piece may be ours to send from the start.
        """
        channel = self._channels.get(conversation.channel)
        if channel and channel.reads_rows:
            id = await work.outbox.put(conversation, message, key, message.id, speaker=speaker)
            return outbound(id, message, conversation)
        pieces = await pieces_of(work, channel, message, approvals, parts)
        first = shown and await self._is_next(work, channel, conversation, pieces)
        held: Outbound | None = None
        for n, (piece, at) in enumerate(pieces):
            data = piece.as_data() | ({"draft": draft} if draft and n == 0 else {})
            one = f"{key}:{n}" if n else key
            id = await work.outbox.put(conversation, message, one, speaker=speaker, piece=data, due_at=at)
            if n == 0 and first and await work.outbox.claim(id, self._owner, LEASE) is not None:
                self._claimed[id] = conversation.workspace, now()
                held = await to_send(work, self._blobs, id, message, conversation, data, speaker, mature=self.mature)
        return held

    async def _is_next(
        self,
        work: Work,
        channel: Channel | None,
        conversation: models.Conversation,
        pieces: list[tuple[Piece, datetime]],
    ) -> bool:
        """Whether the first of these can be sent by us right after the commit."""
        ours = channel is not None and channel.holds(conversation.account) and not self._stopping
        free = conversation.id not in self._senders and len(self._senders) + len(self._claimed) < AT_ONCE
        due = bool(pieces) and pieces[0][1] <= now() and not pieces[0][0].approval
        if not (channel and ours and free and due) or await work.outbox.first_unsent(conversation.id) is not None:
            return False
        return not channel.wait_s(conversation.account, conversation.thread, _count(pieces[0][0].as_data()), 0.0)

    async def show(self, workspace: str, conversation: models.Conversation, written: Outbound | None) -> None:
        """Have what was written reach people now; what fails or waits is looked after by `send_due`."""
        there = self._channels.get(conversation.channel)
        if there and there.reads_rows:
            if written:
                await there.send(written)
            return
        if written and there and not self._stopping and self._claimed.pop(written.id, None):
            self._first[conversation.id] = there, written
        self.poke(workspace, conversation.id)

    async def tell(
        self,
        work: Work,
        conversation: models.Conversation,
        text: str,
        key: str,
        *,
        author: str = "notice",
        assets: Sequence[str] = (),
        **meta: Any,
    ) -> Outbound | None:
        """Have code say something in a conversation, once for the key; `show` it after the commit."""
        if await work.outbox.has(key):
            return None
        message = await work.conversations.say(conversation.id, author, text, assets=list(assets), meta=meta)
        return await self.write(work, conversation, message, key, speaker="code")

    async def rewrite(
        self, work: Work, conversation: models.Conversation, message: models.Message, instead: Instead | None = None
    ) -> None:
        """The message reads otherwise now, or has nothing in it: so will what was sent of it. `poke` after the commit."""
        await rewrite(work, self._channels.get(conversation.channel), conversation, message, instead)

    # Sending

    def poke(self, workspace: str, conversation: str) -> None:
        """Have what is due in that conversation sent; by one sender of this process, in order."""
        if self._stopping:
            return
        if conversation in self._senders:
            self._again.add(conversation)
            return
        work = self._send_all(workspace, conversation)
        self._senders[conversation] = asyncio.create_task(work, name=f"sender {conversation}")

    async def send_due(self, workspace: str) -> None:
        """See to everything that is due in a workspace, and to what a dead process was sending."""
        sender = service(workspace, "delivery")
        await self._release(now() - UNSHOWN)
        for name, channel in self._channels.items():
            if channel.reads_rows:
                continue
            async with self.store.open_work(sender, reads=True) as work:
                due = await work.outbox.due(name)
                abandoned = await work.outbox.abandoned(name, LEASE)
            for row in abandoned:
                if channel.holds(row.account) and row.conversation_id not in self._senders:
                    await self._look_after(workspace, channel, row)
            for conversation in dict.fromkeys(row.conversation_id for row in due if channel.holds(row.account)):
                self.poke(workspace, conversation)

    async def give_up_old(self, workspace: str) -> None:
        """What could not be sent for hours is for somebody to look at, though its account be gone."""
        sender = service(workspace, "delivery")
        async with self.store.open_work(sender, reads=True) as work:
            old = await work.outbox.has_older(KEEPS_TRYING)
        if old:
            async with self.store.open_work(sender) as work:
                log.warning("sends_expired", count=await work.outbox.expire(KEEPS_TRYING))

    async def settle(self) -> None:
        """Until nothing is being sent."""
        while self._senders:
            await asyncio.gather(*self._senders.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Let what is being sent arrive; what takes too long stays claimed and is looked for after the next start."""
        self._stopping = True
        await self._release(now())
        tasks = list(self._senders.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _release(self, until: datetime) -> None:
        """Let go of pieces that were claimed with a reply whose writer ended before it could show them."""
        for id, (workspace, at) in list(self._claimed.items()):
            if at <= until:
                del self._claimed[id]
                async with self.store.open_work(service(workspace, "delivery")) as work:
                    await work.outbox.release(id, self._owner)

    async def _send_all(self, workspace: str, conversation: str) -> None:
        try:
            async with self._places:
                found = self._first.pop(conversation, None) or await self._claim(workspace, conversation)
                while found:
                    found = await self._send(workspace, *found)
        except Exception:
            # The rows are there; the watch comes back to them.
            log.exception("sender_failed", conversation=conversation)
        finally:
            del self._senders[conversation]
            if conversation in self._again or conversation in self._first:
                self._again.discard(conversation)
                self.poke(workspace, conversation)

    async def _claim(self, workspace: str, conversation: str) -> Found | None:
        """The next piece of the conversation, ours to send."""
        async with self.store.open_work(service(workspace, "delivery")) as work:
            return await self._claim_next(work, conversation)

    async def _claim_next(self, work: Work, conversation: str) -> Found | None:
        first = None if self._stopping else await work.outbox.first_unsent(conversation)
        if first is None or first.state != "pending":
            return None
        if pause_s := first.waits_s():
            self._come_back(work.principal.workspace, conversation, pause_s)
            return None
        row = await work.outbox.get(first.id)
        channel = self._channels.get(row.channel)
        if channel is None or not channel.holds(row.account):
            return None
        if row.speaker == "bot" and await _rests(work, row.conversation_id):
            await work.outbox.give_up(row.id, "dropped", "The persona was paused, or a person took over.")
            return None  # what follows is looked at by the watch
        if await is_moot(work, row):
            await work.outbox.give_up(row.id, "dropped", "What it changes never arrived.")
            return await self._claim_next(work, conversation)
        if row.piece.get("forgotten"):
            if stays := await taking_back.what_stays(work, row):
                await self.tell(work, *stays, f"stays:{row.id}", author="gator")
            await work.conversations.remove(row.piece["forgotten"])  # also this one
            return await self._claim_next(work, conversation)
        if await self._waits_its_turn(work, channel, row):
            return None
        piece = await work.outbox.claim(row.id, self._owner, LEASE)
        if piece is None:
            return None
        return channel, await row_to_send(work, self._blobs, row, piece, mature=self.mature)

    async def _waits_its_turn(self, work: Work, channel: Channel, row: models.Outbound) -> bool:
        """Whether its channel's limits make it wait: for a moment here, with its place kept, or for longer in its row."""
        at = asyncio.get_running_loop().time()
        turn = self._turns.get(row.conversation_id)
        if turn is None:
            turn = at + channel.wait_s(row.account, row.thread, _count(row.piece), LONGEST_WAIT_S)
        if turn <= at:
            self._turns.pop(row.conversation_id, None)
            return False
        if turn - at <= LONGEST_WAIT_S:
            self._turns[row.conversation_id] = turn
            self._come_back(work.principal.workspace, row.conversation_id, turn - at)
        else:
            await work.outbox.put_off(row.id, now() + timedelta(seconds=turn - at), "The platform's limits.")
        return True

    def _come_back(self, workspace: str, conversation: str, pause_s: float) -> None:
        """What is to be sent within moments is waited for here; what is later, the watch finds."""
        if pause_s <= LONGEST_WAIT_S:
            asyncio.get_running_loop().call_later(pause_s + 0.005, self.poke, workspace, conversation)

    async def _send(self, workspace: str, channel: Channel, item: Outbound) -> Found | None:
        """Send it and write down what came of it; gives the next piece of its conversation, claimed."""
        wrong: GatorError | TimeoutError | None = None
        try:
            if self._stopping:
                raise Unavailable("Gator is being stopped.", retry_after_s=0.001)
            for one in item.media:
                await in_media_thread(self._blobs.at_hand, one.path)
            async with asyncio.timeout(SEND_S):
                receipt = await channel.send(item)
        except (GatorError, TimeoutError) as error:
            wrong = error
        except Exception as bug:  # of an adapter: the piece may have arrived, and what follows must not wait for ever
            log.exception("send_broke", outbound=item.id)
            failed = f"The channel failed: {type(bug).__name__}."
            wrong = Refused(failed) if item.change else Unconfirmed(failed)
        return await self._keep(workspace, item, wrong or receipt)

    async def _keep(self, workspace: str, item: Outbound, outcome: Receipt | Exception) -> Found | None:
        """Write it down. Only we know it: a database that is away, or ended this for another's sake, is asked again."""
        pause_s, until = 0.05, asyncio.get_running_loop().time() + KNOWN_HERE_S
        while True:
            try:
                async with self.store.open_work(service(workspace, "delivery")) as work:
                    if isinstance(outcome, Exception):
                        await self._failed(work, item, outcome)
                    else:
                        await work.outbox.sent(item.id, outcome.platform_id, outcome.parts)
                    return await self._claim_next(work, item.conversation)
            except (OperationalError, InterfaceError, NoConnection) as away:
                if self._stopping or asyncio.get_running_loop().time() > until:
                    raise
                log.warning("receipt_waits", outbound=item.id, why=type(away).__name__)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, 5.0)

    async def _look_after(self, workspace: str, channel: Channel, row: models.Outbound) -> None:
        """What became of a piece whose sender died? Only what provably never arrived is sent again."""
        sender = service(workspace, "delivery")
        async with self.store.open_work(sender) as work:
            if not await work.outbox.take_over(row, self._owner, LEASE):
                return
            item = await row_to_send(work, self._blobs, row, row.piece, mature=self.mature)
        try:
            async with asyncio.timeout(SEND_S):
                receipt = None if item.change else await channel.find(item)  # a change is made again
        except Unavailable:
            async with self.store.open_work(sender) as work:
                await work.outbox.look_again(item.id, now() + LOOK_AGAIN)
            return
        except Exception as lost:
            if not isinstance(lost, GatorError | TimeoutError):
                log.exception("find_broke", outbound=item.id)
            async with self.store.open_work(sender) as work:
                await self._failed(work, item, Unconfirmed(str(lost)))
            return
        async with self.store.open_work(sender) as work:
            if receipt:
                await work.outbox.sent(item.id, receipt.platform_id, receipt.parts)
            else:
                await work.outbox.put_off(item.id, now(), "")

    async def _failed(self, work: Work, item: Outbound, wrong: Exception) -> None:
        """The class of the error decides: later again, never again, or somebody has to look."""
        try:
            row = await work.outbox.get(item.id)
        except NotFound:  # forgotten while it was being sent
            return
        again = isinstance(wrong, Unavailable) or (item.change and not isinstance(wrong, Refused))
        if again and now() - row.created_at < KEEPS_TRYING:
            pause = getattr(wrong, "retry_after_s", None) or min(2.0**row.attempts, LONGEST_PAUSE_S)
            await work.outbox.put_off(item.id, now() + timedelta(seconds=min(pause, LONGEST_WAIT_ASKED_S)), str(wrong))
            return
        known = isinstance(wrong, (Refused, Unavailable))
        state = "dropped" if item.change else "failed" if known else "unconfirmed"
        log.warning("send_failed", outbound=item.id, state=state)
        await work.outbox.give_up(item.id, state, str(wrong) or "The platform did not answer in time.")
        if item.change and (found := await say_instead(work, item)):
            room, instead = found
            await self.tell(work, room, instead.text, instead.key, author="gator", **instead.meta)


def _count(piece: dict[str, Any]) -> int:
    """How many messages of the platform's the piece becomes: each file of an album is one."""
    return max(1, len(piece.get("assets", ())))


async def _rests(work: Work, conversation_id: str) -> bool:
    """Whether the bot has nothing to say there now."""
    conversation = await work.conversations.get(conversation_id)
    if conversation.taken_by and conversation.fan_id:
        return True
    return bool(conversation.persona_id) and await work.turns.rests(str(conversation.persona_id))
