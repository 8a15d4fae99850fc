"""Which conversation goes on in a platform's chat, and where, when the platform moves the chat?"""

from sqlalchemy import update

from memory.models import Conversation, Outbound
from memory.repositories.base import Repository


class Chats(Repository):
    async def conversation(self, channel: str, account: str, thread: str) -> Conversation | None:
        """The conversation in that chat of the account; None before anybody was met there."""
        return await self._session.scalar(
            self._mine(Conversation).where(
                Conversation.channel == channel, Conversation.account == account, Conversation.thread == thread
            )
        )

    async def move(self, channel: str, account: str, thread: str, to: str) -> None:
        """The chat has another name from now on; what waits to be sent there goes there."""
        there = await self.conversation(channel, account, thread)
        if there is None or await self.conversation(channel, account, to):
            return  # nobody was met in the old chat, or the new one is known already
        there.thread = to
        await self._session.flush()
        await self._session.execute(
            update(Outbound)
            .where(Outbound.workspace == self._workspace, Outbound.conversation_id == there.id)
            .where(Outbound.state.in_(("pending", "sending")))
            .values(thread=to)
            .execution_options(synchronize_session=False)
        )
