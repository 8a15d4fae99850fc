"""What does a fan hold in hand after something was forgotten? A signed receipt: when, which scope, how much, and no word of it.

Signed with Ed25519 (RFC 8032), the key derived from GATOR_SECRET_KEY: whoever has the public key can check it.
"""

import base64
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from gator.crypto import derive
from gator.errors import Refused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MARK = "gator-receipt-1"
_PURPOSE = "erasure receipt"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was forgotten, in opaque ids and numbers. `scope` is everything, message, fact or episode."""

    id: str  # of the row in the table of erasures
    at: datetime
    persona: str
    fan: str
    scope: str
    counts: dict[str, int]


def issue(secret_key: str, receipt: Receipt) -> str:
    """The receipt as one line of text, signed."""
    content = orjson.dumps(asdict(receipt))
    return ".".join((_MARK, _packed(content), _packed(_key(secret_key).sign(content))))


def verify(secret_key: str, text: str) -> Receipt:
    """What the receipt says. Raises Refused when it is none, was changed, or is another Gator's."""
    from cryptography.exceptions import InvalidSignature

    try:
        mark, content, signature = "".join(text.split()).split(".")
        if mark != _MARK:
            raise ValueError(mark)
        _key(secret_key).public_key().verify(_unpacked(signature), _unpacked(content))
        told: dict[str, Any] = orjson.loads(_unpacked(content))
        return Receipt(**{**told, "at": datetime.fromisoformat(told["at"])})
    except (InvalidSignature, ValueError, TypeError, KeyError) as wrong:
        raise Refused(
            "That is no receipt of this Gator's, or it was changed.",
            remedy="Copy the whole line, from gator-receipt on.",
        ) from wrong


def public_key(secret_key: str) -> str:
    """The key that others check receipts with, in base64."""
    return base64.b64encode(_key(secret_key).public_key().public_bytes_raw()).decode()


def _key(secret_key: str) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(derive(secret_key, _PURPOSE))


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    """Raises ValueError for any other spelling than `_packed`'s: one receipt is one line of text."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _packed(data) != text:
        raise ValueError(text)
    return data
