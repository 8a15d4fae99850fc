"""When was it, by Discord's ids? And which nonce has a row of ours?"""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

# Milliseconds since 2015 stand above the lowest 22 bits: https://discord.com/developers/docs/reference#snowflakes
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_SHIFT = 22


def snowflake(at: datetime) -> int:
    """The lowest id that a thing of that moment can have."""
    return max(0, (at - EPOCH) // timedelta(milliseconds=1)) << _SHIFT


def moment(id: int) -> datetime:
    return EPOCH + timedelta(milliseconds=id >> _SHIFT)


def made_at(row_id: str) -> datetime:
    """When a row of ours was made: the first 48 bits of a UUIDv7 are milliseconds since 1970."""
    return datetime.fromtimestamp((UUID(row_id).int >> 80) / 1000, UTC)


def nonce(row_id: str) -> str:
    """The row's id in 22 characters: Discord takes nonces of at most 25."""
    return base64.urlsafe_b64encode(UUID(row_id).bytes).decode().rstrip("=")
