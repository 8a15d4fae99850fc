"""`gator appearance`, as typed in a shell: proposed from a file, approved, unlocked."""

import hashlib
import re
from pathlib import Path

import pytest

from gator.principal import Principal
from gator.settings import Settings
from memory.store import Store
from tests.api.test_public import png
from tests.gator.cli.shell import gator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_face_is_proposed_approved_and_unlocked(
    settings: Settings, store: Store, fan: Principal, tmp_path: Path
) -> None:
    file = tmp_path / "nova.png"
    file.write_bytes(png())

    assert "Add --shows" in (await gator(settings, "appearance", "propose", "Nova", str(file)))[1]
    assert (await gator(settings, "appearance", "propose", "Nova", str(file), "--shows", "made"))[1] == (
        "Version 1 is candidate; seen from: front.\n"
    )
    assert "not mixed with uploads" in (await gator(settings, "appearance", "view", "Nova", "profile", str(file)))[1]
    status, said = await gator(settings, "appearance", "approve", "Nova")
    assert (status, "Add --yes" in said) == (1, True), said
    told = re.match(r"front: (?P<file>\S+)  \(SHA-256 (?P<sha256>\w{16})…\)\n", said)
    assert told
    assert Path(told["file"]).read_bytes().startswith(b"\x89PNG")
    assert hashlib.sha256(Path(told["file"]).read_bytes()).hexdigest().startswith(told["sha256"])
    assert "no such face" in (await gator(settings, "appearance", "approve", "Nova", "--version", "7", "--yes"))[1]
    assert "is locked by owner" in (await gator(settings, "appearance", "approve", "Nova", "--yes"))[1]
    assert "No image model is configured" in (await gator(settings, "appearance", "views", "Nova"))[1]
    assert "must be 'front'" in (await gator(settings, "appearance", "views", "Nova", "--view", "behind"))[1]
    assert (
        "threshold: must be less than or equal to 1."
        in ((await gator(settings, "appearance", "threshold", "Nova", "7"))[1])
    )
    assert "There is no file gone.png" in (await gator(settings, "appearance", "propose", "Nova", "gone.png"))[1]
    assert "locked" in (await gator(settings, "appearance", "threshold", "Nova", "0.8"))[1]
    assert "Add --yes" in (await gator(settings, "appearance", "unlock", "Nova"))[1]
    assert "is approved" in (await gator(settings, "appearance", "unlock", "Nova", "--yes"))[1]
    assert (await gator(settings, "appearance", "threshold", "Nova", "0.8"))[0] == 0
    assert "is approved" in (await gator(settings, "appearance", "show", "Nova"))[1]
