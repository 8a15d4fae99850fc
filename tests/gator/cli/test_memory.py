"""`gator memory`, as typed in a shell: by itself, and beside the Gator that owns the index."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gator.cli import memory
from gator.cli.app import app
from gator.errors import NotFound
from gator.settings import Settings
from memory.founding import found
from memory.knowledge import Holding, Knowledge
from memory.store import Store
from tests.e2e.program import Program
from tests.memory.test_archive import posted, read

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def furnish(database: str) -> str:
    """Nova with five posts, and ten stories; her workspace."""
    store = Store(database)
    who = await found(store)
    await posted(store, who, 5)
    await read(store, who, None, 10)
    await store.close()
    return who.workspace


def rebuilt(*words: str) -> str:
    result = CliRunner().invoke(app, ["memory", "rebuild", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@on_sqlite
def test_the_index_is_rebuilt_whole_or_of_one_persona(at_home: Settings) -> None:
    asyncio.run(furnish(at_home.database))
    (at_home.home / "chroma").mkdir()
    (at_home.home / "chroma" / "chroma.sqlite3").write_text("no database")
    assert rebuilt().endswith("Indexed: 5 posts, 0 lorebook entries, 10 stories.\n")
    assert rebuilt("--persona", "Nova").endswith("Indexed: 5 posts, 0 lorebook entries, 0 stories.\n")
    with pytest.raises(NotFound):
        rebuilt("--persona", "nobody")


@on_sqlite
def test_without_embedder_it_says_so(at_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATOR_EMBEDDER", "openai:nothing")
    from gator.errors import Unavailable

    with pytest.raises(Unavailable, match="key"):
        rebuilt()
    assert memory.POLL_S < 1


async def test_a_running_gator_rebuilds_on_request_and_by_itself_when_the_folder_is_lost(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = dict(os.environ) | {"GATOR_HOME": str(home), "GATOR_PORT": "0"}
    program = Program(home, environment, inside=True)
    await program.start()
    try:
        workspace = await furnish(f"sqlite+aiosqlite:///{home / 'gator.db'}")
        assert "Indexed: 15 texts." in await program.gator("memory", "rebuild")
        shutil.rmtree(home / "chroma")
        assert "Indexed: 15 texts." in await program.gator("memory", "rebuild")
        await program.kill()
    finally:
        if program.process and program.process.returncode is None:
            await program.stop()
    left = Knowledge(Settings(home=home))
    assert len(await left.ids(Holding(workspace, "", "stories"))) == 10
    await left.close()
