"""How is something forgotten? The rows that hold it go, under the vault's key."""

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from memory.models import Conversation, Fact, Inbound, LoreState, Message, Recollection, TurnRow
from memory.vault.key import VaultKey
from memory.vault.shelves import shelves_of


class Forgetting:
    """What can be taken out of one vault."""

    def __init__(self, session: AsyncSession, key: VaultKey) -> None:
        self._session = session
        self._key = key

    async def message(self, message_id: str) -> None:
        """Forget what one message told: its facts and its vector. What a fact of it had ended stays ended."""
        for table in (Fact, Recollection):
            await self._session.execute(delete(table).where(self._key.opens(table), table.message_id == message_id))
        shelves_of(self._session).drop(self._key)

    async def everything(self) -> None:
        """Erase what is known of the fan here: facts, vectors, every message between the two, and their summaries.

        What came in and is not answered yet stays until it is, so that the fan learns that it was done.
        """
        conversations = self._key.conversations().scalar_subquery()
        await self._session.execute(delete(Fact).where(self._key.opens(Fact)))
        await self._session.execute(delete(Recollection).where(self._key.opens(Recollection)))
        await self._session.execute(delete(Message).where(Message.conversation_id.in_(conversations)))
        await self._session.execute(delete(LoreState).where(LoreState.conversation_id.in_(conversations)))
        answered = Inbound.conversation_id.in_(conversations) & (Inbound.state != "open")
        await self._session.execute(update(Inbound).where(answered).values(text="", attachments=[]))
        closed = TurnRow.conversation_id.in_(conversations) & TurnRow.state.in_(("closed", "failed"))
        await self._session.execute(update(TurnRow).where(closed).values(trace={}))
        await self._session.execute(
            update(Conversation)
            .where(Conversation.id.in_(conversations))
            .values(
                summary="", summary_upto=None, notes={}, title="", notice_at=None
            )  # and the notice comes again (L1)
        )
        shelves_of(self._session).drop(self._key)
