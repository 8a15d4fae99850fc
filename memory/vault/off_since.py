"""Since when does the fan want nothing remembered? Asked by all that reads or writes a vault; decided in `choices.py`."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from memory.models import MemoryChoice
from memory.prepared import Prepared
from memory.vault.key import VaultKey, of_key
from memory.work import SEEN

_OFF_AT = Prepared(select(MemoryChoice.off_at).where(of_key(MemoryChoice)))


async def off_since(session: AsyncSession, key: VaultKey) -> datetime | None:
    """None while memory is on. A unit of work that writes nothing asks once: several readers of a turn want to know."""
    known: dict[VaultKey, datetime | None] | None = session.info.get(SEEN)
    if known is not None and key in known:
        return known[key]
    found = await _OFF_AT.first(session, key.bound)
    since = found[0] if found else None
    if known is not None:
        known[key] = since
    return since
