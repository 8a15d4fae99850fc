"""By whom are media signed: Gator's own certificate, the same for one secret key, or the operator's, if it can sign."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gator import credentials
from gator.errors import Refused
from gator.settings import Settings

EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certificate(
    key: Key,
    *purposes: x509.ObjectIdentifier,
    begins: timedelta = timedelta(days=-60),
    ends: timedelta = timedelta(days=30),
    authority: bool = False,
    names_issuer: bool = True,
    of: Key | None = None,
    called: str = "Harbour Studio",
) -> bytes:
    """A signing certificate in PEM, signed with the same key; with `of`, that one's, which the key's owner issued."""
    name, issuer = _named(called if of else "Harbour Studio"), _named("Harbour Studio")
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    today, public = datetime.now(UTC), (of or key).public_key()
    made = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(public)
    made = made.serial_number(7).not_valid_before(today + begins).not_valid_after(today + ends)
    made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    made = made.add_extension(usage, critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage(purposes or [EMAIL]), critical=False)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    if names_issuer:
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])


def pem(key: Key, by: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, by or NoEncryption())


def given(home: Path, certificate_pem: bytes, key_pem: bytes) -> Settings:
    (home / "c.pem").write_bytes(certificate_pem)
    (home / "k.pem").write_bytes(key_pem)
    return Settings(home=home, c2pa_certificate=home / "c.pem", c2pa_key=home / "k.pem")


@pytest.fixture
def key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def test_one_secret_key_gives_one_certificate_and_another_gives_another(home: Path) -> None:
    first = credentials.signer(Settings(home=home, secret_key="a key for tests only"))
    again = credentials.signer(Settings(home=home / "elsewhere", secret_key="a key for tests only"))
    other = credentials.signer(Settings(home=home, secret_key="another key for tests"))
    assert first == again
    assert first.self_made
    assert first.chain != other.chain
    assert first.key not in repr(first)


def test_the_root_is_laid_into_the_home_and_signs_the_leaf(home: Path) -> None:
    settings = Settings(home=home)
    signer = credentials.signer(settings)
    credentials.publish_root(settings, signer)
    leaf, root = x509.load_pem_x509_certificates(signer.chain.encode())
    assert x509.load_pem_x509_certificate((home / "c2pa-root.pem").read_bytes()) == root
    leaf.verify_directly_issued_by(root)
    assert "PRIVATE" not in (home / "c2pa-root.pem").read_text()
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600


def test_an_operators_certificate_signs(home: Path, key: Key) -> None:
    signer = credentials.signer(given(home, certificate(key), pem(key)))
    assert (signer.name, signer.algorithm, signer.self_made) == ("O=Harbour Studio", "es256", False)


def test_one_without_the_other_is_refused(home: Path) -> None:
    with pytest.raises(Refused, match="GATOR_C2PA_KEY is not set"):
        credentials.check(Settings(home=home, c2pa_certificate=home / "c.pem"))
    with pytest.raises(Refused, match="GATOR_C2PA_CERTIFICATE is not set"):
        credentials.check(Settings(home=home, c2pa_key=home / "k.pem"))


def test_what_cannot_sign_is_refused_with_the_reason(home: Path, key: Key) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    secret = BestAvailableEncryption(b"secret")
    weak = rsa.generate_private_key(65537, 1024)
    server = ExtendedKeyUsageOID.SERVER_AUTH
    for chain, private, reason in [
        (b"", pem(key), "holds no certificate in PEM"),
        (certificate(key), b"-----BEGIN nonsense", "holds no private key in PEM"),
        (certificate(key), pem(key, secret), "without a password"),
        (certificate(key), pem(other), "is not the key of the first certificate"),
        (certificate(key, ends=timedelta(days=-1)), pem(key), "is valid from .* until .*, not now"),
        (certificate(key, begins=timedelta(days=2)), pem(key), "is valid from .* until .*, not now"),
        (certificate(key, server), pem(key), "is not for signing"),
        (certificate(key, EMAIL, ExtendedKeyUsageOID.TIME_STAMPING), pem(key), "is for time stamps, too"),
        (certificate(key, EMAIL, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE), pem(key), "is for any purpose, too"),
        (certificate(key, authority=True), pem(key), "begins with an authority's certificate"),
        (certificate(key, names_issuer=False), pem(key), "does not name the key that issued it"),
        (certificate(key) + certificate(other), pem(key), "Harbour Studio did not issue O=Harbour Studio"),
        (certificate(weak), pem(weak), "of a kind that C2PA does not know"),
    ]:
        with pytest.raises(Refused, match=reason):
            credentials.check(given(home, chain, private))


def test_a_chain_whose_upper_certificate_has_ended_is_refused(home: Path, key: Key) -> None:
    upper = ec.generate_private_key(ec.SECP256R1())
    leaf = certificate(upper, of=key, called="Ada")
    credentials.check(given(home, leaf + certificate(upper, authority=True), pem(key)))
    ended = certificate(upper, authority=True, ends=timedelta(days=-1))
    with pytest.raises(Refused, match=r"The certificate of O=Harbour Studio in .* not now"):
        credentials.check(given(home, leaf + ended, pem(key)))


def test_a_file_that_is_not_there_is_named(home: Path) -> None:
    with pytest.raises(Refused, match=r"gone\.pem cannot be read: No such file"):
        credentials.check(Settings(home=home, c2pa_certificate=home / "gone.pem", c2pa_key=home / "gone.pem"))
