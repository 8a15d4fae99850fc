"""What does the command line say when it cannot start, and how little does it load to say what it can do?"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gator.cli.program import Running, announce, load_settings, only_one, running
from gator.cli.serving import bind
from gator.errors import Conflict, Unavailable
from gator.settings import Settings
from memory import schema
from tests import databases

HEAVY = (
    "aiosqlite", "alembic", "anthropic", "av", "celery", "chromadb", "cryptography", "fastapi", "httpx", "kombu", "langchain",
    "langchain_core", "langgraph", "numpy", "openai", "PIL", "pydantic_settings", "sqlalchemy", "structlog",
    "tokenizers", "uvicorn", "yaml",
)  # fmt: skip
ROOMS_BELOW = ("prompts", "memory", "gpu_worker", "tools", "agents", "bots", "api")


def gator(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gator.cli", *words]
    environment = {"PATH": os.environ["PATH"], "GATOR_HOME": str(home), "GATOR_PORT": "0"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that was refused."""
    assert ended.returncode == 1
    assert ended.stderr.startswith("gator: ")
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def loaded_by(*words: str, said: str = "Usage: gator") -> set[str]:
    """The modules that a command has loaded when it ends."""
    script = (
        "import json, sys\nfrom gator.cli import main\nsys.argv = ['gator', *sys.argv[1:]]\n"
        "try: main()\nexcept SystemExit as ended: assert not ended.code\nprint(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    shown, _, modules = done.stdout.rstrip().rpartition("\n")
    assert shown.startswith(said)
    return set(json.loads(modules))


def test_the_list_of_commands_loads_nothing_but_typer() -> None:
    loaded = loaded_by("--help")
    assert {"typer", "gator.cli.app", "gator.cli.up"} <= loaded
    assert loaded.intersection((*HEAVY, *ROOMS_BELOW, "pydantic")) == set()


@pytest.mark.parametrize("command", ["up", "chat", "doctor", "approve", "worker", "persona", "job", "token"])
def test_a_commands_help_loads_no_room(command: str) -> None:
    assert loaded_by(command, "--help").intersection(HEAVY + ROOMS_BELOW) == set()


def test_a_command_over_the_api_that_asks_no_persona_loads_no_graph_and_no_migrations(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "gator.db").write_bytes(databases.migrated_sqlite().read_bytes())
    monkeypatch.setenv("GATOR_HOME", str(home))
    loaded = loaded_by("inbox", said="No conversations here.")
    assert "api.app" in loaded
    assert loaded.isdisjoint(("agents.brain", "alembic", "langchain_core", "langgraph", "langsmith", "numpy", "PIL"))


@pytest.fixture
def homely(home: Path) -> Settings:
    return Settings(home=home, secret_key="a key for tests only")


@pytest.fixture
def held(homely: Settings) -> Iterator[Settings]:
    with only_one(homely):
        yield homely


def test_a_second_gator_on_a_home_is_told_where_the_first_one_is(held: Settings) -> None:
    announce(held, Running(os.getpid(), "http://127.0.0.1:4321"))
    said = one_line(gator(held.home, "up"))
    assert "gator token create --sign-in" in said
    assert f"already runs on {held.home} at http://127.0.0.1:4321 (process {os.getpid()})." in said
    assert "GATOR_HOME and GATOR_PORT" in said


def test_a_home_is_free_again_when_its_gator_ended(homely: Settings) -> None:
    with only_one(homely):
        announce(homely, Running(os.getpid(), "http://127.0.0.1:4321"))
        assert running(homely) is not None
        with pytest.raises(Conflict, match="already runs"), only_one(homely):
            pass
    with only_one(homely):
        assert running(homely) is None


def test_the_doctor_looks_where_gator_runs(homely: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = f"http://127.0.0.1:{listening.getsockname()[1]}"
        announce(homely, Running(os.getpid(), here))
        told = gator(homely.home, "doctor").stdout
    assert ["web", "ready", "answers", "at", here] in [line.split() for line in told.splitlines()]


def test_the_note_of_a_process_that_was_killed_is_not_believed(homely: Settings) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    announce(homely, Running(ended.pid, "http://127.0.0.1:4321"))
    assert running(homely) is None


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"pid": "x", "url": ""}'])
def test_a_note_that_is_broken_is_not_believed(note: str, homely: Settings) -> None:
    (homely.home / "running.json").write_text(note)
    assert running(homely) is None


def test_a_home_that_cannot_be_written_is_one_line_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    said = one_line(gator(tmp_path / "taken", "up"))
    assert f"Gator's home {tmp_path / 'taken'} cannot be written" in said
    assert "set GATOR_HOME to another folder" in said


def test_a_new_home_is_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATOR_HOME", str(tmp_path / "new"))
    load_settings()
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_key_with_a_scope_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    said = one_line(gator(tmp_path / "home", "token", "create", "--name", "ci", "--scope", "jobs:raed"))
    assert said == "gator: jobs:raed is no scope of Gator's. Did you mean jobs:read?\n"


@pytest.mark.parametrize(("mode", "made", "told"), [(0o755, 0o600, 1), (0o2775, 0o660, 1), (0o2770, 0o664, 0)])
def test_in_a_home_open_to_others_what_gator_keeps_is_closed(mode: int, made: int, told: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    (home / "waiting.db").touch()
    (home / "waiting.db").chmod(0o664)
    (home / "notes.txt").touch()  # not ours
    (home / "notes.txt").chmod(0o644)
    said = [gator(home, "token", "create").stderr for _ in range(2)]
    assert [text.count("closed to others") for text in said] == [told, 0]
    modes = {name: (home / name).stat().st_mode & 0o777 for name in ("waiting.db", "gator.db", "notes.txt")}
    assert (modes["waiting.db"], modes["notes.txt"]) == (made, 0o644)
    assert not (modes["gator.db"] & 0o007 and told)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_home_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATOR_HOME", str(home))
    home.chmod(0o500)
    with pytest.raises(Unavailable, match="Permission denied"):
        load_settings()


def test_a_taken_port_is_named(homely: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Conflict, match=f"cannot listen on 127.0.0.1 port {port}: .+ set GATOR_PORT"):
            bind(homely, port)


def test_a_schema_of_a_newer_gator_is_refused_with_a_remedy(home: Path) -> None:
    database = home / "gator.db"
    database.write_bytes(databases.migrated_sqlite().read_bytes())
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    said = one_line(gator(home, "up"))

    assert "schema (9999) was made by a newer Gator. Start that newer Gator, or restore a backup" in said
    assert schema.revisions(f"sqlite+aiosqlite:///{database}")[0] == "9999"  # nothing was changed


def test_a_database_out_of_reach_is_one_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with pytest.raises(Unavailable, match=r"The database cannot be used: .+ Check that it runs"):
        schema.upgrade(f"postgresql+psycopg://gator@127.0.0.1:{port}/gator")


_HANGING = """
import asyncio, threading
from contextlib import contextmanager
from gator.cli.program import run_to_the_end
from memory.media_threads import in_media_thread

@contextmanager
def held():
    yield
    print("let go", flush=True)

async def work():
    asyncio.create_task(in_media_thread(threading.Event().wait))
    asyncio.create_task(asyncio.to_thread(threading.Event().wait))
    await asyncio.sleep(0.05)

run_to_the_end(work, held())
"""


def test_a_thread_that_hangs_keeps_no_gator_from_stopping() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGING], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "let go\n", "")
