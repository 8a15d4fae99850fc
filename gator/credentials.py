"""By whom are made media signed? By the operator's certificate (GATOR_C2PA_CERTIFICATE), else by one that Gator makes itself.

The one of its own making is derived from the secret key, as tokens and receipts are: nothing else has to be kept, every
worker that has this key signs alike, and a restored backup signs as before. Its root is known to nobody, so a verifier
says that the file is unchanged and that the signer is unknown to it. `gpu_worker.stamping` signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from gator.clock import now
from gator.crypto import derive
from gator.errors import Refused

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from gator.settings import Settings

SELF_MADE = "Gator media, self-made"
# Fixed, so that the same secret key always gives the same certificate. A signature without a trusted time counts for as
# long as its certificate does, so it is long.
_SINCE, _UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2056, 1, 1, tzinfo=UTC)
# What a signing certificate may be for (C2PA 2.2, 14.5.1): its own purpose, e-mail, documents; and what it must not be for.
PURPOSES = ("1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36")
_NOT_FOR = {"2.5.29.37.0": "any purpose", "1.3.6.1.5.5.7.3.8": "time stamps", "1.3.6.1.5.5.7.3.9": "OCSP"}
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its chain, leaf first, and its private key, all in PEM; `algorithm` as C2PA names it."""

    name: str
    chain: str
    key: str = field(repr=False)
    algorithm: str
    self_made: bool


def signer(settings: "Settings") -> Signer:
    """Who signs. Raises Refused, saying what is wrong, for a certificate or a key that cannot sign media."""
    if not settings.c2pa_certificate and not settings.c2pa_key:
        return _self_made(settings.secret)
    if not settings.c2pa_certificate or not settings.c2pa_key:
        lacking = "GATOR_C2PA_KEY" if settings.c2pa_certificate else "GATOR_C2PA_CERTIFICATE"
        raise Refused(f"{lacking} is not set.", remedy="A certificate and its key go together: set both, or neither.")
    return _given(settings.c2pa_certificate, settings.c2pa_key)


def check(settings: "Settings") -> None:
    """Raises Refused where a certificate was given that cannot sign; costs nothing where none was."""
    if settings.c2pa_certificate or settings.c2pa_key:
        signer(settings)


def publish_root(settings: "Settings", by: Signer) -> None:
    """Lay Gator's own root into the home (c2pa-root.pem), to be given to a verifier that shall trust it."""
    root, path = by.chain[by.chain.rindex("-----BEGIN") :], settings.home / "c2pa-root.pem"
    if by.self_made and not (path.exists() and path.read_text() == root):
        path.write_text(root)


def _given(certificate: Path, key: Path) -> Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        chain = x509.load_pem_x509_certificates(_read(certificate, "GATOR_C2PA_CERTIFICATE"))
    except ValueError as wrong:
        raise _unfit("GATOR_C2PA_CERTIFICATE", f"{certificate} holds no certificate in PEM") from wrong
    try:
        private = serialization.load_pem_private_key(_read(key, "GATOR_C2PA_KEY"), password=None)
    except (ValueError, TypeError) as wrong:  # TypeError: it wants a password
        raise _unfit("GATOR_C2PA_KEY", f"{key} holds no private key in PEM without a password") from wrong
    leaf = chain[0]
    if private.public_key() != leaf.public_key():
        raise _unfit("GATOR_C2PA_KEY", f"{key} is not the key of the first certificate in {certificate}")
    _check_chain(chain, certificate)
    if reason := _unfit_for_signing(leaf):
        raise _unfit("GATOR_C2PA_CERTIFICATE", f"{certificate} {reason}")
    return Signer(
        leaf.subject.rfc4514_string(), _pem(*chain), _key_pem(private), _algorithm(private, key), self_made=False
    )


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failed:
        raise _unfit(setting, f"{path} cannot be read: {failed.strerror}") from failed


def _unfit(setting: str, reason: str) -> Refused:
    return Refused(f"{reason}.", remedy=f"Correct {setting}, or unset it and its companion to sign as Gator itself.")


def _check_chain(chain: "Sequence[x509.Certificate]", path: Path) -> None:
    """Each is in its time, and was issued by the next one."""
    from cryptography.exceptions import InvalidSignature

    for one in chain:
        since, until = one.not_valid_before_utc, one.not_valid_after_utc
        if not since <= now() <= until:
            which = str(path) if one is chain[0] else f"The certificate of {one.subject.rfc4514_string()} in {path}"
            reason = f"{which} is valid from {since:%Y-%m-%d} until {until:%Y-%m-%d}, not now"
            raise _unfit("GATOR_C2PA_CERTIFICATE", reason)
    for lower, upper in pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except (ValueError, TypeError, InvalidSignature) as wrong:
            names = f"{upper.subject.rfc4514_string()} did not issue {lower.subject.rfc4514_string()}"
            raise _unfit(
                "GATOR_C2PA_CERTIFICATE", f"In {path} {names}: yours comes first, then those above it"
            ) from wrong


def _unfit_for_signing(leaf: "x509.Certificate") -> str:
    """What verifiers ask of a signing certificate and this one has not, so that nobody learns of it from a published file."""
    from cryptography import x509

    told = {type(one.value): one.value for one in leaf.extensions}
    usage, purposes = told.get(x509.KeyUsage), told.get(x509.ExtendedKeyUsage)
    if not isinstance(usage, x509.KeyUsage) or not isinstance(purposes, x509.ExtendedKeyUsage):
        return "does not say what its key is for"
    meant = {one.dotted_string for one in purposes}
    if not usage.digital_signature or not meant & {*PURPOSES}:
        return "is not for signing (digitalSignature, emailProtection)"
    if more := [words for purpose, words in _NOT_FOR.items() if purpose in meant]:
        return f"is for {' and '.join(more)}, too, which verifiers refuse"
    constraints = told.get(x509.BasicConstraints)
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        return "begins with an authority's certificate; a signing one is needed"
    if x509.AuthorityKeyIdentifier not in told:
        return "does not name the key that issued it (authorityKeyIdentifier)"
    hashed = leaf.signature_hash_algorithm  # none: of Ed25519, which has its own
    return f"is signed with {hashed.name}, which is too weak" if hashed and hashed.name in ("md5", "sha1") else ""


def _algorithm(private: "PrivateKeyTypes", path: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return _CURVES[private.curve.name]
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        return "ps256"
    raise _unfit("GATOR_C2PA_KEY", f"{path} is of a kind that C2PA does not know (P-256, P-384, P-521, Ed25519, RSA)")


def _self_made(secret: str) -> Signer:
    """A root and the certificate under it. The root's key signs that one certificate and is not used again."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    root = Ed25519PrivateKey.from_private_bytes(derive(secret, "c2pa root"))
    leaf = Ed25519PrivateKey.from_private_bytes(derive(secret, "c2pa"))
    chain = _pem(_certificate(leaf, root, SELF_MADE), _certificate(root, root, f"{SELF_MADE}, root"))
    return Signer(SELF_MADE, chain, _key_pem(leaf), "ed25519", self_made=True)


def _certificate(of: "Ed25519PrivateKey", by: "Ed25519PrivateKey", name: str) -> "x509.Certificate":
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    is_root = of is by
    identifier = x509.SubjectKeyIdentifier.from_public_key(of.public_key())
    made = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(name if is_root else f"{name}, root"))
        .public_key(of.public_key())
        .serial_number(int.from_bytes(identifier.digest[:15], "big") | 1)
        .not_valid_before(_SINCE)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(_usage(is_root=is_root), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(by, algorithm=None)


def _named(name: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Gator"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def _usage(*, is_root: bool) -> "x509.KeyUsage":
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(*certificates: "x509.Certificate") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def _key_pem(private: "PrivateKeyTypes") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
