"""Is what is sealed readable with its key only, and what is signed unforgeable without it?"""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gator import crypto
from gator.errors import Refused


def test_what_was_sealed_is_read_again_and_does_not_show() -> None:
    sealed = crypto.seal("key", "a bot's token")
    assert crypto.unseal("key", sealed) == "a bot's token"
    assert "token" not in sealed
    assert crypto.seal("key", "a bot's token") != sealed  # the same secret twice cannot be told to be the same


@pytest.mark.parametrize("change", [lambda text: text[:-4] + "AAA=", lambda text: "", lambda text: text.swapcase()])
def test_a_changed_seal_is_refused_with_a_remedy(change: Callable[[str], str]) -> None:
    with pytest.raises(Refused, match=r"cannot be read with this GATOR_SECRET_KEY\. Set the key"):
        crypto.unseal("key", change(crypto.seal("key", "secret")))


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        crypto.unseal("another", crypto.seal("key", "secret"))


def test_keys_are_those_of_rfc_5869_and_differ_by_purpose() -> None:
    reference = HKDF(SHA256(), length=32, salt=None, info=b"seal").derive(b"key")
    assert crypto.derive("key", "seal") == reference
    assert crypto.derive("key", "sign") != reference


def test_a_signature_fits_its_text_its_purpose_and_its_key_only() -> None:
    tag = crypto.sign("key", "media", "asset 1")
    assert crypto.signed_by_us("key", "media", "asset 1", tag)
    assert not crypto.signed_by_us("key", "media", "asset 2", tag)
    assert not crypto.signed_by_us("key", "session", "asset 1", tag)
    assert not crypto.signed_by_us("another", "media", "asset 1", tag)
    assert not crypto.signed_by_us("key", "media", "asset 1", "")


def test_a_key_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text("from a backup\n")
    assert crypto.key_file(path) == "from a backup"


def test_a_new_key_file_is_its_owners_alone_and_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret.key"
    key = crypto.key_file(path)
    assert len(key) >= 43  # 256 bits
    assert path.stat().st_mode & 0o777 == 0o600
    assert crypto.key_file(path) == key
    assert [one.name for one in path.parent.iterdir()] == ["secret.key"]


def test_a_key_file_that_a_full_disk_left_empty_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text("\n")
    with pytest.raises(Refused, match=r"holds no key\. Put it back from a backup"):
        crypto.key_file(path)
