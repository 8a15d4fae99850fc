"""`gator voice`, as typed in a shell: the voices of the models folder, and none cloned without a consent."""

import json
from pathlib import Path

import pytest

from gator.ids import new_id
from gator.settings import Settings
from gpu_worker.shelf import MANIFEST
from tests.gator.cli.shell import gator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_voices_are_listed_and_none_is_cloned_without_a_consent(settings: Settings, tmp_path: Path) -> None:
    assert "Only the offline voice" in (await gator(settings, "voice", "list"))[1]
    folder = settings.home / "models" / "amy"
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(json.dumps({"kind": "voice", "family": "piper"}))
    assert await gator(settings, "voice", "list") == (0, "piper  amy  amy\n")

    assert "Nobody called “siri”" in (await gator(settings, "voice", "give", "nova", "siri"))[1]
    said = (await gator(settings, "voice", "give", "nova", "--emotion", "cheerfull"))[1]
    assert "“cheerfull”" in said
    assert "cheerful, excited" in said
    assert "no persona called nova" in (await gator(settings, "voice", "give", "nova", "piper", "--name", "amy"))[1]
    recording = tmp_path / "ada.wav"
    recording.write_bytes(b"RIFF")
    status, said = await gator(settings, "voice", "clone", "Ada", str(recording), "--consent", new_id())
    assert (status, "There is no consent" in said) == (1, True)
    assert "ELEVENLABS_API_KEY" in (await gator(settings, "voice", "adopt", "x", "--consent", new_id()))[1]
