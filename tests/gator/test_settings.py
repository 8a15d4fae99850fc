"""Does the start say what is wrong with a setting, and does docs/settings.md have all of them?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from gator.errors import Refused
from gator.settings import Settings, known_names, load

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "settings.md"


def test_without_any_setting_everything_is_embedded() -> None:
    settings = load()
    assert settings.database == f"sqlite+aiosqlite:///{Path('.gator').resolve() / 'gator.db'}"
    assert settings.url == "http://127.0.0.1:8000"
    assert settings.model == "builtin"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("GATOR_PROT", "GATOR_PORT"), ("GATOR_DATABSE_URL", "GATOR_DATABASE_URL"), ("gator_port", "GATOR_PORT")],
)
def test_an_unknown_name_stops_the_start_and_the_nearest_is_named(
    name: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(Refused, match=f"{name} is no setting of Gator's. Did you mean {meant}"):
        load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATOR_PORT", "eight thousand"),
        ("GATOR_PORT", "65536"),
        ("GATOR_TIMEZONE", "Mars/Olympus"),
        ("GATOR_TIMEZONE", "../../etc/passwd"),
        ("GATOR_DAILY_BUDGET_USD", "-1"),
        ("GATOR_LOG_LEVEL", "loud"),
        ("GATOR_TRUSTED_PROXIES", "*"),
        ("GATOR_TRUSTED_PROXIES", "10.0.0.1, proxy.example"),
        ("GATOR_CORS_ORIGINS", "*"),
        ("GATOR_CORS_ORIGINS", "https://fans.example/chat"),
        ("GATOR_CORS_ORIGINS", "https://fans.example; script-src *"),
        ("GATOR_WORKER_CONCURRENCY", "0"),
    ],
)
def test_a_malformed_value_stops_the_start_and_its_name_is_said(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refused, match=f"{name} is malformed: .+ Correct or unset {name}"):
        load()


def test_a_value_that_fits_no_pattern_is_told_what_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATOR_DEVICES", "the fast one")
    with pytest.raises(Refused, match=r"takes devices .* all, none, cpu, or numbers of GPUs such as 0,1. Correct"):
        load()


def test_origins_are_written_as_browsers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATOR_CORS_ORIGINS", "https://fans.example, http://localhost:3000,http://[::1]:8080")
    assert load().cors_origins == ("https://fans.example", "http://localhost:3000", "http://[::1]:8080")


@pytest.mark.parametrize("name", ["fallback_models", "fetch_allow"])
def test_a_list_is_written_with_commas(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GATOR_{name.upper()}", " one, two ,,three ")
    assert getattr(load(), name) == ("one", "two", "three")


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"])
def test_a_providers_key_is_read_by_its_usual_name_and_ours_goes_before(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "usual")
    usual = getattr(load(), name.lower())
    monkeypatch.setenv(f"GATOR_{name}", "ours")
    ours = getattr(load(), name.lower())
    assert (usual.get_secret_value(), ours.get_secret_value()) == ("usual", "ours")
    assert "ours" not in repr(load())


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgresql://gator@db/gator", "postgresql+psycopg://gator@db/gator"),
        ("postgres://gator@db/gator", "postgresql+psycopg://gator@db/gator"),
        ("sqlite:////srv/gator.db", "sqlite+aiosqlite:////srv/gator.db"),
        ("postgresql+psycopg://db/gator", "postgresql+psycopg://db/gator"),
    ],
)
def test_a_database_url_gets_its_async_driver(given: str, driver: str) -> None:
    assert Settings(database_url=given).database == driver


def test_media_may_lie_in_another_folder_or_in_a_bucket_and_nowhere_else(tmp_path: Path) -> None:
    assert Settings(storage_url="file:///srv/media").media_folder == Path("/srv/media")
    assert Settings(home=tmp_path, storage_url="s3://bucket").media_folder == tmp_path / "media-cache"
    with pytest.raises(Refused, match="must be a file:// folder or an s3:// bucket"):
        _ = Settings(storage_url="ftp://bucket").media_folder


def test_the_secret_of_a_home_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    first = Settings(home=home).secret
    assert len(first) >= 40
    assert Settings(home=home).secret == first
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
    assert Settings(home=home, secret_key="given by the operator").secret == "given by the operator"


def test_a_short_secret_key_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATOR_SECRET_KEY", "hunter2")
    with pytest.raises(Refused, match="GATOR_SECRET_KEY is malformed: it is shorter than 16") as refused:
        load()
    assert "hunter2" not in str(refused.value)


def test_settings_do_not_change_while_gator_runs() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_a_wrong_setting_is_one_line_on_the_screen_and_no_traceback() -> None:
    environment = {"PATH": "/usr/bin:/bin", "GATOR_PROT": "1"}
    command = [sys.executable, "-m", "gator.cli", "doctor"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "gator: GATOR_PROT is no setting of Gator's. Did you mean GATOR_PORT?\n"


def test_every_setting_is_in_the_document_with_its_description() -> None:
    rows = dict(re.findall(r"^\| `(GATOR_\w+)` \|[^|]*\| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE))
    described = [field.description for field in Settings.model_fields.values()]
    assert rows == dict(zip(known_names(), described, strict=True)) != {}
