"""What is kept of a message the moment it comes in? Its row in the journal and the message itself, of one id."""

from datetime import timedelta

from bots.channel import Inbound
from gator.clock import now
from memory.models import Conversation, Message
from memory.work import Work

LONGEST_BURST = timedelta(seconds=10)  # whoever never stops is answered in between


async def write_down(work: Work, inbound: Inbound, conversation: Conversation) -> Message | None:
    """Both rows; None when the platform's message is there already."""
    id = await work.journal.take_in(
        inbound.channel,
        inbound.account,
        inbound.platform_id,
        conversation_id=conversation.id,
        principal=inbound.principal.as_data(),
        text=inbound.text,
        attachments=inbound.attachments,
        settle=await _settle(work, inbound),
    )
    if id is None:
        return None
    author = "fan" if conversation.fan_id else "operator"
    meta = {"reply_to": inbound.reply_to} if inbound.reply_to else {}
    if inbound.locale and not conversation.language:
        await work.conversations.speaks(conversation.id, inbound.locale[:16])
        conversation.language = inbound.locale[:16]  # a row taken for a turn is another object
    return await work.conversations.say(conversation.id, author, inbound.text, id=id, meta=meta)


async def _settle(work: Work, inbound: Inbound) -> timedelta:
    """How long more of the burst is waited for; not at all, once its first part has waited long enough."""
    if not inbound.settle_s:
        return timedelta()
    first = next(iter(await work.turns.waiting(inbound.conversation)), None)
    return timedelta() if first and now() - first.at > LONGEST_BURST else timedelta(seconds=inbound.settle_s)
