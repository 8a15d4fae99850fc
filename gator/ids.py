"""Ids that sort by the time they were made (UUIDv7, RFC 9562 section 5.7), as 36 lower-case characters."""

import uuid
from datetime import UTC, datetime
from hashlib import sha256

from uuid_utils import uuid7


def new_id() -> str:
    return str(uuid7())


def id_at(moment: datetime) -> str:
    """The floor of all ids made at that moment or later."""
    return str(uuid.UUID(int=int(moment.timestamp() * 1000) << 80))


def made_at(id: str) -> datetime:
    """When that id of ours was made, to the millisecond."""
    return datetime.fromtimestamp((uuid.UUID(id).int >> 80) / 1000, tz=UTC)


def id_from(id: str, part: str) -> str:
    """The id of that part of what `id` names: the same two give the same one, and it sorts beside `id`."""
    body = bytearray(uuid.UUID(id).bytes[:6] + sha256(f"{id}\n{part}".encode()).digest()[:10])
    body[6] = body[6] & 0x0F | 0x70  # the version's and the variant's bits
    body[8] = body[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(body)))


def is_id(text: str) -> bool:
    """Whether `text` is an id of ours in its one spelling; anything else cannot name a row."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
