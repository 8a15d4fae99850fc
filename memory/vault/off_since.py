"""Since when does the fan want nothing remembered? Asked by all that reads or writes a vault; decided in `choices.py`."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from memory.models import MemoryChoice
from memory.prepared import Prepared
from memory.vault.key import VaultKey, of_key

_OFF_AT = Prepared(select(MemoryChoice.off_at).where(of_key(MemoryChoice)))


async def off_since(session: AsyncSession, key: VaultKey) -> datetime | None:
    """None while memory is on."""
    found = await _OFF_AT.first(session, key.bound)
    return found[0] if found else None
