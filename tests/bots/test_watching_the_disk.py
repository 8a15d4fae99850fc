"""Does the core's watch bring to its end what an erasure had to leave?"""

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gator.principal import Principal
from gator.settings import Settings
from memory import erasing_disk
from memory.alone import alone
from memory.store import Store
from tests import databases
from tests.bots.house import House


@pytest.fixture
def database_url(home: Path) -> str:
    shutil.copy(databases.migrated_sqlite(), home / "gator.db")
    return f"sqlite+aiosqlite:///{home / 'gator.db'}"


async def test_the_log_is_cut_off_when_a_backup_is_over(
    settings: Settings, store: Store, operator: Principal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing_disk, "PATIENCE_S", 0.0)
    monkeypatch.setattr(erasing_disk, "AGAIN_S", 0.0)
    house = House(settings, store, operator, [])
    log = home / "gator.db-wal"
    with closing(sqlite3.connect(home / "gator.db", isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT * FROM fan").fetchall()
        async with store.open_work(operator) as work:
            await work.people.meet_fan("wire", "1001", "Quillheron")
        assert not await erasing_disk.scrub(store)
        backup.execute("COMMIT")
        async with alone(store, "sweep"), asyncio.timeout(20):  # which would do it, too
            watching = asyncio.create_task(house.core.keep_watch())
            while log.stat().st_size:
                await asyncio.sleep(0.05)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    await house.core.stop()


async def test_a_sweep_that_is_under_way_is_not_begun_again(
    settings: Settings, store: Store, operator: Principal
) -> None:
    house = House(settings, store, operator, [])
    stray = house.core.blobs.put(b"no row names this")
    path = house.core.blobs.path(stray.sha256)
    os.utime(path, (0, 0))
    async with alone(store, "sweep"):
        await house.core._sweep()
        assert path.exists()
    await house.core._sweep()
    assert not path.exists()
    await house.core.stop()
