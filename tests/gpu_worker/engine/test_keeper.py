"""What the worker tells a device's process, and that two workers of one home keep one process on a device."""

import json
from pathlib import Path

from pydantic import SecretStr

from gator.settings import Settings
from gpu_worker.engine.keeper import in_plain, open_alone


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
