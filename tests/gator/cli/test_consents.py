"""`gator consent`, as typed in a shell: recorded with its evidence, shown, taken back."""

import hashlib
import json
from pathlib import Path

import pytest

from gator.settings import Settings
from tests.gator.cli.shell import gator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_consent_is_recorded_shown_and_taken_back(settings: Settings, tmp_path: Path) -> None:
    assert await gator(settings, "consent", "list") == (0, "There is no consent on record.\n")
    page = tmp_path / "signed.pdf"
    page.write_bytes(b"I agree.")
    told = ("--kind", "voice", "--scope", "Nova speaks as I do.", "--given", "2026-11-01")

    status, said = await gator(settings, "consent", "add", "Ada Berg", *told, "--evidence", str(page), "--json")
    assert status == 0, said
    made = json.loads(said)
    assert made["evidence_sha256"] == hashlib.sha256(b"I agree.").hexdigest()
    assert (await gator(settings, "consent", "list", "ada berg"))[1] == (
        f"{made['id']}  Ada Berg: voice, given on {made['given_at'][:10]}, holds\n"
    )
    assert "Add --yes" in (await gator(settings, "consent", "revoke", made["id"][-6:]))[1]
    assert "revoked on" in (await gator(settings, "consent", "revoke", made["id"][-6:], "--yes"))[1]
    assert "no date" in (await gator(settings, "consent", "add", "Bo", *told[:-1], "soon"))[1]
    assert "needs evidence" in (await gator(settings, "consent", "add", "Bo", *told))[1]
