"""What the worker tells a device's process, and that two workers of one home keep one process on a device."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from gator.clock import now
from gator.principal import service
from gator.settings import Settings
from gpu_worker.devices import Found
from gpu_worker.engine.keeper import Keeper, Kit, in_plain, open_alone
from gpu_worker.lease import Terms
from gpu_worker.sharing import alone_on, holder_of
from memory.models import Device
from memory.store import Store
from tests.gpu_worker.engine.shelves import put


def test_a_devices_process_has_the_very_settings_of_its_worker(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        secret_key=SecretStr("a key for tests only"),
        cors_origins=("https://fans.example",),
        models_folder=tmp_path / "models",
        GATOR_OPENAI_API_KEY=SecretStr("sk-1"),  # type: ignore[call-arg]  # its alias
    )
    told = Settings(**json.loads(json.dumps(in_plain(settings))))

    assert told == settings
    assert told.openai_api_key == SecretStr("sk-1")


def test_a_device_is_kept_by_one(tmp_path: Path) -> None:
    lock = tmp_path / "device-cuda-0.lock"
    with open_alone(lock) as first, open_alone(lock) as second:
        assert (first, second) == (True, False)
    with open_alone(lock) as again:
        assert again


def test_a_gpu_is_one_homes_of_all_on_the_machine(tmp_path: Path) -> None:
    found, homes = Found("cuda:0", "cuda", "A", 1, "8f2c1a3b-00"), (tmp_path / "one", tmp_path / "two")
    with alone_on(found, homes[0], tmp_path) as first, alone_on(found, homes[1], tmp_path) as second:
        assert (first, second) == ("", f"process {os.getpid()} of {homes[0]}")
        assert [holder_of(found, home, tmp_path) for home in homes] == ["", second]
        with alone_on(replace(found, uuid="another"), homes[1], tmp_path) as other:
            assert not other
    with alone_on(found, homes[1], tmp_path) as again:
        assert not again
    assert not holder_of(found, homes[0], tmp_path)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ('{"process": 7, "home": "a\\u0000\\u001b[31mb\\nc"}', "process 7 of a[31mbc"),
        ('{"process": Infinity, "home": "a"}', "a process that does not say whose it is"),
        ("[" * 900, "a process that does not say whose it is"),
    ],
)
def test_what_a_stranger_wrote_into_the_lock_harms_nobody(tmp_path: Path, told: str, said: str) -> None:
    found = Found("cuda:0", "cuda", "A", 1)
    lock = tmp_path / "gator-cuda-0.lock"
    lock.write_text(told)
    with open_alone(lock), alone_on(found, tmp_path, tmp_path) as other:
        assert other == said


def test_a_pipe_in_the_place_of_the_lock_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gator-cuda-0.lock")
    assert holder_of(Found("cuda:0", "cuda", "A", 1), tmp_path, tmp_path) == ""


async def test_a_gpu_that_another_home_has_is_left_to_it_and_the_row_says_so(store: Store, tmp_path: Path) -> None:
    found = Found("cuda:0", "cuda", "A", 1, "8f2c1a3b-00")
    keeper = Keeper(Settings(home=tmp_path), store, Terms(), Kit("no.such.module", locks=tmp_path))
    with alone_on(found, tmp_path / "other", tmp_path):
        keeping = asyncio.create_task(keeper._keep(found))
        while not (rows := await _devices(store)):
            await asyncio.sleep(0.01)
        keeping.cancel()

    assert (rows[0].state, f"of {tmp_path / 'other'}." in rows[0].reason) == ("stopped", True)
    assert not keeper._children


async def _devices(store: Store) -> list[Device]:
    async with store.open_work(service("", "worker"), reads=True) as work:
        return await work.devices.all()


async def test_a_gpu_whose_driver_comes_up_late_is_found_in_the_end(store: Store, tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []

    async def find(names: Sequence[str]) -> list[Found]:
        asked.append(names)
        return []

    put(tmp_path / "models", "a", 1)
    for again_s, times in ((0.0, 2), (600.0, 1)):
        asked.clear()
        kit = Kit(find=find, able=lambda: True, again_s=again_s)
        keeper = Keeper(Settings(home=tmp_path), store, Terms(), kit)
        for _ in range(2):
            await keeper._look()
        assert asked == [("all",)] * times


async def test_a_process_that_tells_nothing_for_minutes_is_killed(store: Store, tmp_path: Path) -> None:
    keeper = Keeper(Settings(home=tmp_path), store, Terms(), Kit())
    child = await asyncio.create_subprocess_exec("sleep", "60")
    keeper._children["cuda:0"] = child
    async with store.open_work(service("", "worker")) as work:
        id = f"{socket.gethostname()[:80]}/cuda:0"
        await work.devices.tell(id, host="here", name="cuda:0", kind="cuda", state="busy")
        (await work.session.get_one(Device, id)).seen_at = now() - timedelta(minutes=4)

    await keeper._end_frozen()
    assert child.returncode is None, "a database that was away is no reason: it must be seen twice"
    await keeper._end_frozen()
    assert await child.wait() == -signal.SIGKILL
