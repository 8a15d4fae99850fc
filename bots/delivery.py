"""How does a reply get out? From the outbox to its channel, with a receipt; errors decide what happens next, not luck.

A channel whose clients read our rows has the message with the commit, so its receipt, the row's id, is written in the
same transaction, and a client knows a message shown twice by that id. For all others the row is there first, the message
is sent after the commit, and the receipt is a transaction of its own.
"""

from datetime import timedelta

import structlog

from bots import frames
from bots.channel import Channel, Outbound
from gator.clock import now
from gator.errors import Refused, Unavailable, Unconfirmed
from gator.principal import service
from memory import models
from memory.store import Store
from memory.work import Work

log = structlog.get_logger()

TRIES = 8  # with doubling pauses from 2 s on: some eight minutes


class Delivery:
    def __init__(self, store: Store, channels: list[Channel]) -> None:
        self._store = store
        self._channels = {channel.name: channel for channel in channels}

    async def write(self, work: Work, conversation: models.Conversation, message: models.Message, key: str) -> Outbound:
        """The message's place in the outbox, in the transaction that writes the message; `show` it after the commit."""
        channel = self._channels.get(conversation.channel)
        receipt = message.id if channel and channel.reads_rows else ""
        return _outbound(await work.outbox.put(conversation, message, key, receipt), message, conversation)

    async def show(self, workspace: str, channel: str, *items: Outbound) -> None:
        """Have what was written reach people now; what fails or waits is looked after by `send_due`."""
        there = self._channels.get(channel)
        if there and there.reads_rows:
            for item in items:
                await there.send(item)
        else:
            await self.send_due(workspace)

    async def send_due(self, workspace: str) -> int:
        """Send what is due in a workspace; gives how many were sent."""
        count = 0
        for name, channel in self._channels.items():
            async with self._store.open_work(service(workspace, "delivery"), reads=True) as work:
                items = [await _item(work, row) for row in await work.outbox.due(name)]
            for item in items:
                count += await self._send(workspace, channel, item)
        return count

    async def _send(self, workspace: str, channel: Channel, item: Outbound) -> bool:
        try:
            receipt = await channel.send(item)
        except Unavailable as wait:
            await self._put_off(workspace, item, wait)
        except Unconfirmed as lost:
            await self._give_up(workspace, item, "unconfirmed", str(lost))
        except Refused as no:
            await self._give_up(workspace, item, "failed", str(no))
        else:
            async with self._store.open_work(service(workspace, "delivery")) as work:
                await work.outbox.sent(item.id, receipt.platform_id)
            return True
        return False

    async def _put_off(self, workspace: str, item: Outbound, wait: Unavailable) -> None:
        async with self._store.open_work(service(workspace, "delivery")) as work:
            row = await work.outbox.get(item.id)
            if row.attempts + 1 >= TRIES:
                await work.outbox.give_up(item.id, "failed", str(wait))
            else:
                pause = timedelta(seconds=wait.retry_after_s or 2**row.attempts * 2)
                await work.outbox.put_off(item.id, now() + pause, str(wait))

    async def _give_up(self, workspace: str, item: Outbound, state: str, why: str) -> None:
        log.warning("send_failed", outbound=item.id, state=state)
        async with self._store.open_work(service(workspace, "delivery")) as work:
            await work.outbox.give_up(item.id, state, why)


async def _item(work: Work, row: models.Outbound) -> Outbound:
    message = await work.conversations.message(row.message_id)
    return _outbound(row.id, message, await work.conversations.get(row.conversation_id))


def _outbound(id: str, message: models.Message, conversation: models.Conversation) -> Outbound:
    return Outbound(
        id=id,
        account=conversation.account,
        thread=conversation.thread,
        conversation=conversation.id,
        message=message.id,
        author=message.author,
        text=message.text,
        assets=message.assets,
        frame=frames.new_message(message, sender_of(message, conversation)),
    )


def sender_of(message: models.Message, conversation: models.Conversation) -> str:
    """The id of whoever said it."""
    who = {"fan": conversation.fan_id, "operator": conversation.user_id, "persona": conversation.persona_id}
    return who.get(message.author) or "gator"
