"""How are secrets kept? Encrypted and signed with keys derived from GATOR_SECRET_KEY, one for each purpose."""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
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
    """The secret key of a home, made on first use with mode 0600. Raises Refused when the file holds none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, secrets.token_urlsafe(32))
    key = path.read_text().strip()
    if not key:  # everybody knows the empty key: what it signs, anybody can sign
        raise Refused(
            f"{path} holds no key.",
            remedy="Put it back from a backup, or remove it to have a new one made: then everybody signs in again.",
        )
    return key


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all, whatever ends this process; and never over what another process wrote meanwhile."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
