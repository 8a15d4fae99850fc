"""Ids that sort by the time they were made (UUIDv7, RFC 9562 section 5.7), as 36 lower-case characters."""

import uuid

from uuid_utils import uuid7


def new_id() -> str:
    return str(uuid7())


def is_id(text: str) -> bool:
    """Whether `text` is an id of ours in its one spelling; anything else cannot name a row."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
