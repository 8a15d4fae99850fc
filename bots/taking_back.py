"""What was forgotten stood in an operator's chat on a platform: what came of its deletion there?

The rows before this one had the platform delete it (`memory.erasing_chats`). What the platform does not delete (any more) is
named to the operator in one line without its text; then `bots.delivery` removes the emptied rows.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bots.words import say
from memory.models import Conversation, Outbound
from memory.work import Work

_NAMED = 5  # moments in the line


async def what_stays(work: Work, row: Outbound) -> tuple[Conversation, str] | None:
    """The chat, and the line that names what stays in it; None where nothing does."""
    left = await work.outbox.left_standing(row.piece["forgotten"])
    if not left:
        return None
    room = await work.conversations.get(row.conversation_id)
    return room, say("forgotten_stays", room.language, when=await _when(work, room, left))


async def _when(work: Work, room: Conversation, left: Sequence[Outbound]) -> str:
    zone = ZoneInfo((await work.people.user(str(room.user_id))).timezone or "UTC")
    moments = list(dict.fromkeys(_moment(one.sent_at or one.created_at, zone) for one in left))
    more = ["…"] if len(moments) > _NAMED else []
    return ", ".join(moments[:_NAMED] + more)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
