"""Does `gator backup` write, check and bring back, and refuse what would cost something?"""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gator.cli import backups, personas
from gator.cli.program import only_one
from gator.errors import Conflict, Refused
from gator.settings import Settings
from tests.tools.personas import cards


@pytest.fixture
def home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a persona."""
    monkeypatch.setenv("GATOR_HOME", str(home))
    (home.parent / "vera.png").write_bytes(cards.png(cards.text_chunk("chara", cards.V2)))
    CliRunner().invoke(personas.app, ["import", str(home.parent / "vera.png")], catch_exceptions=False)
    assert Settings(home=home).secret
    return home


def backup(*arguments: str) -> str:
    """What the command says; raises what it raises."""
    return CliRunner().invoke(backups.app, arguments, catch_exceptions=False).output


def test_a_backup_is_written_checked_and_brought_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(home.parent / "one.tar")
    assert "rows" in backup("create", "--to", file)
    assert "is whole" in backup("verify", file)
    with pytest.raises(Refused, match="already"):
        backup("restore", file)
    key = (home / "secret.key").read_text()
    monkeypatch.setenv("GATOR_HOME", str(home.parent / "another"))
    assert backup("restore", file).startswith("Restored: ")
    assert (home.parent / "another" / "secret.key").read_text() == key
    assert "Vera Holm" in CliRunner().invoke(personas.app, ["list"], catch_exceptions=False).output
    assert backup("restore", file, "--force").startswith("Restored: ")


def test_a_key_of_the_environment_is_not_in_it_and_that_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATOR_SECRET_KEY", "a key of the environment")
    assert "Keep that, too" in backup("create", "--to", str(home.parent / "one.tar"))
    monkeypatch.setenv("GATOR_SECRET_KEY", "another key than before")
    assert "another key" in backup("restore", str(home.parent / "one.tar"), "--force")


def test_nothing_is_restored_over_a_gator_that_runs(home: Path) -> None:
    file = str(home.parent / "one.tar")
    backup("create", "--to", file)
    with only_one(Settings(home=home)), pytest.raises(Conflict, match="already runs"):
        backup("restore", file, "--force")


def test_a_folder_gets_a_file_with_the_time_in_its_name(home: Path) -> None:
    (home.parent / "backups").mkdir()
    backup("create", "--to", str(home.parent / "backups"))
    (file,) = (home.parent / "backups").iterdir()
    assert file.name.startswith("gator-")
    assert "is whole" in backup("verify", str(file))


def test_a_folder_that_is_not_there_is_refused_and_a_slash_asks_for_one(home: Path) -> None:
    with pytest.raises(Refused, match="There is no folder"):
        backup("create", "--to", str(home.parent / "nope" / "x.tar"))
    assert not (home.parent / "nope").exists()
    backup("create", "--to", f"{home.parent}/safe/")
    assert len(list((home.parent / "safe").glob("gator-*.tar"))) == 1
    with pytest.raises(Refused, match="File exists"):
        backup("create", "--to", f"{home / 'gator.db'}/")
