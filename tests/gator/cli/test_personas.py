"""Does `gator persona` bring characters in and out, and say why it does not?"""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gator.cli.personas import app
from gator.cli.program import Running, announce
from gator.errors import NotFound, Refused, Unavailable
from gator.settings import Settings
from tests.tools.personas import cards

PNG = cards.png(cards.text_chunk("chara", cards.V2))


@pytest.fixture
def folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a home of its own and a card."""
    monkeypatch.setenv("GATOR_HOME", str(home))
    monkeypatch.chdir(home.parent)
    (home.parent / "vera.png").write_bytes(PNG)
    return home.parent


def persona(*arguments: str) -> str:
    """What the command says; raises what it raises."""
    return CliRunner().invoke(app, arguments, catch_exceptions=False).output


def test_a_card_comes_in_is_listed_and_leaves_as_it_came(folder: Path) -> None:
    said = persona("import", "vera.png")
    listed = json.loads(persona("list", "--json"))
    persona("export", "vera", "--to", "copy.png")

    assert "Vera Holm is there" in said
    assert (listed["slug"], listed["paused"]) == ("vera-holm", False)
    assert (folder / "copy.png").read_bytes() == PNG


def test_the_address_named_is_where_gator_runs_unless_people_see_another(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(Settings(home=home), Running(os.getpid(), "http://127.0.0.1:4321"))
    assert "http://127.0.0.1:4321/p/vera-holm" in persona("import", "vera.png")
    monkeypatch.setenv("GATOR_PUBLIC_URL", "https://gator.example")
    assert "https://gator.example/p/agnes" in persona("import", "vera.png", "--as", "Agnes")


def test_the_format_is_the_one_asked_for_or_that_of_the_ending(folder: Path) -> None:
    persona("import", "vera.png", "--as", "Agnes")

    assert persona("export", "agnes").startswith("name: Agnes\n")
    assert json.loads(persona("export", "agnes", "--format", "json"))["data"]["name"] == "Agnes"
    assert "agnes.charx" in persona("export", "agnes", "--format", "charx")
    assert (folder / "agnes.charx").read_bytes().startswith(b"PK")
    persona("export", "agnes", "--to", "a.yml")
    assert (folder / "a.yml").read_text().startswith("name: Agnes\n")


def test_what_cannot_be_is_said(folder: Path) -> None:
    (folder / "young.json").write_text(json.dumps(cards.changed(cards.V1, description="She is 15 years old.")))

    assert "no personas" in persona("list")
    with pytest.raises(Refused, match="adults"):
        persona("import", "young.json")
    with pytest.raises(Refused, match="cannot be read"):
        persona("import", "nothing.png")
    with pytest.raises(NotFound, match="Nobody"):
        persona("export", "Nobody")
    persona("import", "vera.png")
    with pytest.raises(Unavailable, match="cannot be written"):
        persona("export", "vera", "--to", "no/such/folder.png")


def test_a_persona_is_not_written_into_a_folder_that_is_not_there(folder: Path) -> None:
    persona("import", "vera.png")
    with pytest.raises(Unavailable, match="cannot be written: No such file"):
        persona("export", "vera", "--to", "nope/x.png")
    assert not (folder / "nope").exists()


def test_a_persona_is_removed_by_a_yes_that_nobody_gives_in_a_script(folder: Path) -> None:
    persona("import", "vera.png")
    with pytest.raises(Refused, match=r"Remove Vera Holm \(vera-holm\) for good, with no fans and no posts.*--yes"):
        persona("remove", "vera")
    assert persona("remove", "vera", "--yes") == "vera is removed.\n"
    assert "Vera" not in persona("list")
