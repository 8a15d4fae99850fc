"""Do the documents speak of what is there? Files, tests, commands and frames that they name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import typer

from api import frames
from api.connection import FOR_FANS
from gator.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
FOLDERS = (
    "gator",
    "prompts",
    "memory",
    "gpu_worker",
    "tools",
    "agents",
    "bots",
    "api",
    "tests",
    "bench",
    "deploy",
    "docs",
)


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_there_are_documents() -> None:
    assert len(DOCUMENTS) >= 14


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_and_link_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text()
    named = [ROOT / name for name in re.findall(r"`((?:\w+/)+[\w.-]*)`", text) if name.startswith(FOLDERS)]
    linked = [document.parent / link for link in re.findall(r"\]\(([^)#:]+)\)", text)]
    assert [path for path in named + linked if not path.exists()] == []


def test_every_method_on_the_way_of_a_message_is_there() -> None:
    named = set(re.findall(r"`([A-Z]\w+)\.(\w+)`", text_of("architecture.md")))
    assert len(named) >= 6
    there = {
        (made.name, method.name)
        for room in ("agents", "bots", "memory/repositories")
        for file in (ROOT / room).glob("*.py")
        for made in ast.parse(file.read_text()).body
        if isinstance(made, ast.ClassDef)
        for method in made.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert named - there == set()


def test_every_guarantee_names_tests_that_exist() -> None:
    names = set(re.findall(r"`(test_\w+)`", text_of("care.md")))
    defined = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }
    assert len(names) >= 20
    assert names - defined == set()


def commands(of: typer.Typer, before: str = "gator") -> Iterator[str]:
    for command in of.registered_commands:
        yield f"{before} {command.name}"
    for group in of.registered_groups:
        assert group.typer_instance
        alone = group.typer_instance.registered_callback
        if alone and alone.invoke_without_command:
            yield f"{before} {group.name}"
        yield from commands(group.typer_instance, f"{before} {group.name}")


def test_every_command_is_documented_and_every_documented_command_is_one() -> None:
    there = set(commands(app))
    told = {
        " ".join(words)
        for words in re.findall(r"^\| `(gator) ([a-z ]+?)(?= ?[-`\[A-Z])", text_of("cli.md"), re.MULTILINE)
    }
    assert len(there) >= 12
    assert told == there


def frames_to_clients() -> set[str]:
    """Types of frames that the rooms make: `{"type": "…", …}` that is published, and `frame("…")`."""
    found = set()
    for file in [*(ROOT / "api").rglob("*.py"), *(ROOT / "bots").rglob("*.py"), *(ROOT / "agents").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="frame"), args=[ast.Constant(value=str(kind)), *_]):
                    found.add(kind)
                case ast.Dict(keys=[ast.Constant(value="type"), *_], values=[ast.Constant(value=str(kind)), *_]):
                    found.add(kind)
    # Types of other things: a tool's schema for a model, what a model sees, a form's schema, the server's own messages.
    return found - {"function", "image", "text", "object", "string", "websocket.close"}


def test_every_frame_of_the_websocket_is_documented() -> None:
    sent = {get_args(shape.model_fields["type"].annotation)[0] for shape in get_args(get_args(frames.Sent)[0])}
    assert len(sent) == 13
    made = frames_to_clients() | FOR_FANS
    assert {"new_message", "message_delta", "message_reset", "step", "job_update", "approval_request", "pong"} <= made
    told = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.+?) \|", text_of("websocket.md"), re.MULTILINE))))
    assert (sent | made) - told == set()
    assert told - sent - made == set()
