"""`gator job` and `gator worker`, as typed in a shell."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gator.cli import jobs
from gator.errors import Conflict, NotFound, Refused
from gator.settings import Settings
from memory.founding import found
from memory.store import Store

ROOT = Path(__file__).resolve().parents[3]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def gator_job(*words: str) -> str:
    result = CliRunner().invoke(jobs.app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def queue(settings: Settings, title: str) -> str:
    async def work() -> str:
        store = Store(settings.database)
        async with store.open_work(await found(store)) as work:
            job = await work.jobs.queue("picture.card", {"text": title}, key=title, makes="picture", title=title)
        await store.close()
        return job.id

    return asyncio.run(work())


@on_sqlite
def test_jobs_are_listed_cancelled_and_tried_again(at_home: Settings) -> None:
    herons, storks = queue(at_home, "Herons"), queue(at_home, "Storks")

    lines = [json.loads(line) for line in gator_job("list", "--json").splitlines()]
    assert [(line["id"], line["title"], line["state"]) for line in lines] == [
        (storks, "Storks", "queued"),
        (herons, "Herons", "queued"),
    ]
    assert gator_job("cancel", herons) == 'The picture card "Herons" was cancelled.\n'
    assert herons in gator_job("list", "--state", "cancelled")
    assert json.loads(gator_job("retry", "last", "--json"))["state"] == "queued"
    assert gator_job("pause", storks) == 'The picture card "Storks" is held.\n'
    assert storks in gator_job("list", "--state", "paused")
    assert json.loads(gator_job("resume", "last", "--json"))["id"] == storks
    with pytest.raises(Conflict, match="only a failed or cancelled one"):
        gator_job("retry", herons)


@on_sqlite
def test_devices_are_listed(at_home: Settings) -> None:
    assert gator_job("devices") == "No device is known: a worker tells of its own with the first job on a model.\n"
    told = {"host": "rack", "name": "cuda:0", "kind": "cuda", "label": "A big one", "memory_bytes": 24 * 10**9}

    async def tell() -> None:
        store = Store(at_home.database)
        async with store.open_work(await found(store)) as work:
            loaded = [{"model": "nova-xl", "bytes": 8 * 10**9}]
            await work.devices.tell("rack/cuda:0", free_bytes=16 * 10**9, state="ready", loaded=loaded, **told)
        await store.close()

    asyncio.run(tell())
    line = "rack/cuda:0  A big one: ready, 16.0 GB of 24.0 GB free; nova-xl; no jobs done\n"
    assert gator_job("devices") == line
    assert json.loads(gator_job("devices", "--json"))["loaded"][0]["model"] == "nova-xl"


@on_sqlite
def test_a_state_that_is_none_is_refused(at_home: Settings) -> None:
    with pytest.raises(Refused, match="state"):
        gator_job("list", "--state", "lost")


@on_sqlite
def test_the_worker_says_when_it_is_ready_and_stops_when_told(at_home: Settings) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "from gator.cli.worker import worker; worker()"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stderr
        assert json.loads(worker.stderr.readline())["event"] == "worker_ready"
        worker.send_signal(signal.SIGINT)
        _, rest = worker.communicate(timeout=5)

    assert worker.returncode == 0
    assert [json.loads(line)["event"] for line in rest.splitlines()] == ["worker_stopped"]


def test_the_commands_import_nothing_heavy() -> None:
    code = (
        "import sys; import gator.cli.jobs, gator.cli.worker;"
        "print(sorted({'celery', 'sqlalchemy', 'alembic', 'chromadb', 'langchain_core', 'PIL'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"
    assert isinstance(jobs.app, typer.Typer)


@on_sqlite
def test_where_no_job_is_the_last_a_command_that_there_is_shows_which_there_are(at_home: Settings) -> None:
    with pytest.raises(NotFound) as none:
        gator_job("retry", "last")
    assert none.value.remedy == "`gator job list` shows the jobs there are."
