"""Speech by XTTS and its like, where Coqui's program `tts` and a model of the models folder are there.

Source: github.com/idiap/coqui-ai-TTS, TTS/bin/synthesize.py. A model is a folder with its `config.json`, and a manifest of kind
`voice`, family `xtts`; it speaks with its own speakers. The program takes the text as an argument, which other users of this
machine can see while it runs. Servers of such models mostly speak OpenAI's audio, and are reached as `openai:MODEL`.
"""

from pathlib import Path

from gpu_worker.jobs import Speak
from gpu_worker.studio import Claim, Studio
from gpu_worker.voices.shelf_voices import Chosen, Program, read_json, speak_by
from gpu_worker.voices.takes import Spoken

_REMEDY = "Install it (`pipx install coqui-tts`), and put a model into the models folder (docs/studio.md)."


async def speak(job: Claim[Speak], studio: Studio) -> Spoken:
    """See `speak_by`."""
    return await speak_by(_XTTS, job, studio)


def _languages(folder: Path) -> list[str]:
    told = read_json(folder / "config.json").get("languages", [])
    return [str(one).partition("-")[0].lower() for one in told] if isinstance(told, list) else []


def _command(binary: str, voice: Chosen, ask: Speak, text: str, to: Path) -> tuple[list[str], bytes]:
    folder = voice.entry.path
    command = [binary, "--model_path", str(folder), "--config_path", str(folder / "config.json")]
    command += ["--language_idx", ask.language.partition("-")[0].lower(), "--out_path", str(to), f"--text={text}"]
    return [*command, *([f"--speaker_idx={voice.speaker}"] if voice.speaker else [])], b""


_XTTS = Program("tts", "xtts", 24_000, _REMEDY, _languages, _command)
