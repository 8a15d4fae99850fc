"""What do our rows say of an account's chats on a platform: which there are, and which of its messages are known there?"""

from collections.abc import Iterable

from memory.models import Conversation, Outbound
from memory.repositories.base import Repository


class Correspondence(Repository):
    async def threads(self, account: str, limit: int = 500) -> list[str]:
        """The account's chats, those in which something was said last first."""
        query = self._mine(Conversation).where(Conversation.account == account).order_by(Conversation.last_at.desc())
        return list(await self._session.scalars(query.with_only_columns(Conversation.thread).limit(limit)))

    async def receipts(self, account: str, among: Iterable[str]) -> set[str]:
        """Those platform ids that are receipts already of something the account sent."""
        query = self._mine(Outbound).where(Outbound.account == account, Outbound.receipt.in_(list(among)))
        return set(await self._session.scalars(query.with_only_columns(Outbound.receipt)))
