"""Speech by Piper, where its program `piper` and a voice of the models folder are there.

Source: github.com/OHF-Voice/piper1-gpl, docs/CLI.md. Piper is under the GPL (version 3), so it is run, never loaded. A voice is a
folder with an ONNX model and its JSON, and a manifest of kind `voice`, family `piper`.
"""

from pathlib import Path

from gator.errors import Refused, Unavailable
from gpu_worker.jobs import Speak
from gpu_worker.studio import Claim, Studio
from gpu_worker.voices.shelf_voices import Chosen, Program, read_json, speak_by
from gpu_worker.voices.takes import Spoken

_REMEDY = "Install Piper (`pipx install piper-tts`), and put a voice into the models folder (docs/studio.md)."


async def speak(job: Claim[Speak], studio: Studio) -> Spoken:
    """See `speak_by`."""
    return await speak_by(_PIPER, job, studio)


def _languages(folder: Path) -> list[str]:
    """As its JSON says: `{"language": {"code": "en_US"}}`."""
    told = [read_json(path).get("language", {}) for path in sorted(folder.glob("*.onnx.json"))]
    return [str(one.get("code", "")).partition("_")[0].lower() for one in told if isinstance(one, dict)]


def _command(binary: str, voice: Chosen, ask: Speak, text: str, to: Path) -> tuple[list[str], bytes]:
    model = next(iter(sorted(voice.entry.path.glob("*.onnx"))), None)
    if model is None:
        raise Unavailable(f"The voice {voice.entry.name} has no model.", remedy="Pull it again.")
    command = [binary, "--model", str(model), "--output_file", str(to), "--length_scale", f"{1 / ask.speed:.3f}"]
    if voice.speaker:
        ids: dict[str, int] = read_json(model.with_suffix(".onnx.json")).get("speaker_id_map", {})
        if voice.speaker not in ids and not voice.speaker.isdecimal():
            raise Refused(
                f"The voice {voice.entry.name} has no speaker '{voice.speaker}'.", remedy=f"It has: {', '.join(ids)}."
            )
        command += ["--speaker", str(ids.get(voice.speaker, voice.speaker))]
    return command, f"{text}\n".encode()


_PIPER = Program("piper", "piper", 22_050, _REMEDY, _languages, _command)
