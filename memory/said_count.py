"""How many messages has a persona said in a conversation? Counted on from where the last count ended, so that it is flat.

The count is kept with the lorebook's timers, which are what asks for it. Kept seldom: what came since is counted again
each turn, by the index of the conversation's messages.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select

from memory.models import Message
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.work import Work

KEEP_EVERY = 20  # messages

_M = table_of(Message)
_SINCE = Prepared(
    select(func.count().label("count"), func.max(_M.c.id).label("upto")).where(
        _M.c.workspace == bindparam("mine"),
        _M.c.conversation_id == bindparam("which"),
        _M.c.id > bindparam("upto"),
        _M.c.author == "persona",
    )
)


@dataclass(frozen=True, slots=True)
class SaidCount:
    """`count` messages up to now; `kept` is what to hand in with the next turn."""

    count: int
    kept: dict[str, Any]


async def count_said(work: Work, conversation: str, kept: dict[str, Any]) -> SaidCount:
    """The persona's messages of that conversation; `kept` is what an earlier count gave, {} for none."""
    values = {"mine": work.principal.workspace, "which": conversation, "upto": kept.get("upto", "")}
    found = await _SINCE.first(work.session, values)
    assert found is not None
    fresh, upto = found
    count = kept.get("count", 0) + fresh
    return SaidCount(count, {"count": count, "upto": upto} if fresh >= KEEP_EVERY else kept)
