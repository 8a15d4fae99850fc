"""How are secrets kept? Encrypted and signed with keys derived from GATOR_SECRET_KEY, one for each purpose."""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path

from gator.errors import Refused


def derive(secret_key: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256 as in RFC 5869, no salt: the secret is already random)."""
    # HKDF by hand is two HMAC calls; it keeps the cryptography package out of processes that only sign.
    extracted = hmac.digest(b"\0" * 32, secret_key.encode(), "sha256")
    return hmac.digest(extracted, purpose.encode() + b"\1", "sha256")


def seal(secret_key: str, plain: str) -> str:
    """`plain`, encrypted and authenticated (Fernet); safe to store."""
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(derive(secret_key, "seal"))).encrypt(plain.encode()).decode()


def unseal(secret_key: str, sealed: str) -> str:
    """What `seal` was given. Raises Refused when the key is another one or the text was changed."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(base64.urlsafe_b64encode(derive(secret_key, "seal"))).decrypt(sealed.encode()).decode()
    except InvalidToken as wrong:
        raise Refused(
            "A stored secret cannot be read with this GATOR_SECRET_KEY.",
            remedy="Set the key it was stored with, or enter the secret again.",
        ) from wrong


def sign(secret_key: str, purpose: str, text: str) -> str:
    """A short tag (128 bits, URL-safe) that only holders of the key can make for this purpose and text."""
    tag = hmac.digest(derive(secret_key, purpose), text.encode(), "sha256")[:16]
    return base64.urlsafe_b64encode(tag).rstrip(b"=").decode()


def signed_by_us(secret_key: str, purpose: str, text: str, tag: str) -> bool:
    return hmac.compare_digest(sign(secret_key, purpose, text), tag)


def fingerprint(text: str) -> str:
    """SHA-256 in hex: for tokens that are random themselves, so that a stolen table opens nothing."""
    return hashlib.sha256(text.encode()).hexdigest()


def key_file(path: Path) -> str:
    """The secret key of a home, made on first use with mode 0600."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()
