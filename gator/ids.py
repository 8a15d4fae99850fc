"""Ids that sort by the time they were made (UUIDv7, RFC 9562 section 5.7), as 36 lower-case characters."""

import uuid
from datetime import UTC, datetime

from uuid_utils import uuid7


def new_id() -> str:
    return str(uuid7())


def id_at(moment: datetime) -> str:
    """The floor of all ids made at that moment or later."""
    return str(uuid.UUID(int=int(moment.timestamp() * 1000) << 80))


def made_at(id: str) -> datetime:
    """When that id of ours was made, to the millisecond."""
    return datetime.fromtimestamp((uuid.UUID(id).int >> 80) / 1000, tz=UTC)


def is_id(text: str) -> bool:
    """Whether `text` is an id of ours in its one spelling; anything else cannot name a row."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
