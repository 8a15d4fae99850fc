"""Telling the worker: never in the way of whoever queued a job."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import structlog

from gator.errors import Refused, Unavailable
from gator.ids import new_id
from gator.settings import Settings
from gpu_worker.app import make_app
from gpu_worker.wake import wake

ROOT = Path(__file__).resolve().parents[2]


def settings(home: Path, broker_url: str = "") -> Settings:
    return Settings(home=home, broker_url=broker_url, secret_key="a key for tests only")


def test_a_broker_that_is_away_is_logged_and_left_alone(home: Path) -> None:
    call = wake(settings(home, f"redis+socket://{home}/nowhere.sock"))
    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            call([new_id()])
        while not logged:
            time.sleep(0.01)
        time.sleep(0.05)

    assert [(line["event"], line["jobs"]) for line in logged] == [("broker_away", 1)]


def test_a_home_that_cannot_be_written_harms_nobody(home: Path) -> None:
    (home / "broker").touch()
    call = wake(settings(home))
    with structlog.testing.capture_logs() as logged:
        call([new_id()])
        while not logged:
            time.sleep(0.01)

    assert [line["event"] for line in logged] == ["broker_away"]


def test_no_celery_is_imported_before_there_is_a_job(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gator.settings import Settings; from gpu_worker.wake import wake;"
        f"wake(Settings(home=Path({str(home)!r})));"
        "print(sorted({'celery', 'kombu', 'sqlalchemy'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_a_process_that_ends_at_once_has_sent_its_message(home: Path) -> None:
    code = (
        "from pathlib import Path; from gator.settings import Settings; from gpu_worker.wake import wake;"
        f"wake(Settings(home=Path({str(home)!r})))(['01900000-0000-7000-8000-000000000001'])"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    (message,) = (home / "broker").rglob("*.msg")
    assert "gator.work" in message.read_text()


@pytest.mark.parametrize("url", ["filesystem://", "sqs://key", "localhost:6379"])
def test_a_broker_we_do_not_know_is_refused(home: Path, url: str) -> None:
    with pytest.raises(Refused, match="redis://"):
        make_app(settings(home, url))


@pytest.mark.parametrize("url", ["redis://h:1/0", "rediss://h:1/0", "amqp://h", "amqps://h", ""])
def test_messages_are_json_whatever_the_broker(home: Path, url: str) -> None:
    try:
        app = make_app(settings(home, url))
    except Unavailable:
        pytest.skip("the redis extra is not installed")

    assert app.conf.accept_content == ["json"]
