"""Do the rooms' plain names stay ours, whatever else is installed?"""

import ast
import os
import subprocess
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

from gator.rooms import ROOMS, ROOT

GUARD = "from gator.rooms import assert_ours; assert_ours(); print('ours')"


def run_guard(folder: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-c", GUARD], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "gator"])
def test_a_foreign_package_of_a_rooms_name_ends_the_process_with_its_path(room: str, tmp_path: Path) -> None:
    foreign = tmp_path / "elsewhere" / room
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("raise SystemExit('it was imported')")

    ended = run_guard(tmp_path, str(foreign.parent))

    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"gator: the package '{room}' is not Gator's but {foreign / '__init__.py'}. Uninstall"
    )


def test_from_any_folder_the_rooms_are_ours(tmp_path: Path) -> None:
    assert run_guard(tmp_path).stdout == "ours\n"


def test_no_distribution_but_ours_claims_a_rooms_name() -> None:
    claimed = packages_distributions()
    assert len(list(distributions())) > 100  # the walk saw what is installed
    assert len(claimed) > 100
    foreign = {room: set(claimed.get(room, [])) - {"gator"} for room in (*ROOMS, "tests")}
    assert foreign == {room: set() for room in (*ROOMS, "tests")}


def test_every_room_is_a_package_and_every_package_of_tests_too() -> None:
    assert len(ROOMS) == 8
    assert [room for room in ROOMS if not (ROOT / room / "__init__.py").is_file()] == []
    folders = {file.parent for file in (ROOT / "tests").rglob("*.py")}
    assert len(folders) > 8
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_the_room_that_others_also_have_is_a_docstring() -> None:
    """`agents` is imported by libraries that look for openai-agents; they must find nothing to use."""
    tree = ast.parse((ROOT / "agents" / "__init__.py").read_text())
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1
