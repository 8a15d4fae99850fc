"""Can a secret reach a log by way of a traceback? Not in any process that has one of our rooms in it."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from gator.rooms import ROOMS, ROOT

FAILS = """
def fail() -> None:
    secret = "".join(["hun", "ter2"])
    raise ValueError("it broke")

try:
    fail()
except ValueError:
    structlog.get_logger().exception("went_wrong")
"""


def said(starts: str) -> str:
    """What a process that starts so says, on both streams, when something fails beside a secret."""
    done = subprocess.run([sys.executable, "-c", starts + FAILS], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "starts",
    [
        "import gator.ids, structlog",
        "import structlog; import gator.errors",
        "import tools.incoming, structlog",
        "import structlog; from gator import log; log.configure('info')",
        "from gator import log; import structlog; log.configure('info')",
        "import gator.tracebacks, structlog",
        "import agents.models, structlog",
    ],
)
def test_no_process_of_ours_shows_the_values_of_variables(starts: str) -> None:
    told = said(starts)
    assert "went_wrong" in told
    assert "it broke" in told
    assert "hunter2" not in told


def test_every_module_that_logs_brings_the_kernel_with_it() -> None:
    logging = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "structlog" in _imports(path)]
    assert len(logging) >= 40
    assert [path for path in logging if not _brings_kernel(path, set())] == []


def _brings_kernel(path: Path, seen: set[Path]) -> bool:
    """Whether importing that module imports `gator`, by itself, its packages or what it imports of ours at its top."""
    if path in seen:
        return False
    seen.add(path)
    ours = [name for name in _imports(path) if name.partition(".")[0] in ROOMS]
    packages = [one / "__init__.py" for one in path.parents if one != ROOT and ROOT in one.parents]
    files = [file for name in ours for file in (ROOT / f"{name.replace('.', '/')}.py",) if file.exists()]
    return any(name.startswith("gator") for name in ours) or any(
        _brings_kernel(file, seen) for file in [*packages, *files] if file.exists()
    )


@cache
def _imports(path: Path) -> set[str]:
    """What a module imports at its top."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def test_what_this_guards_against_is_there() -> None:
    assert "hunter2" in said("import structlog")
