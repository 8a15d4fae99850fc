"""Do local programs speak with voices of the models folder? Programs with the options of Piper and Coqui's `tts`, which hum."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from gpu_worker.jobs import Speak
from gpu_worker.shelf import MANIFEST
from gpu_worker.studio import Draft
from gpu_worker.voices.speaking import speak
from tests.gpu_worker.bench_studio import Bench, claim

_PROGRAM = """#!{python}
import json, math, struct, sys, wave
told = [part for each in sys.argv[1:] for part in (each.split("=", 1) if each.startswith("--") else [each])]
options = dict(zip(told[::2], told[1::2]))
text = options.get("--text") or sys.stdin.read().strip()
to = options.get("--output_file") or options["--out_path"]
with open(__file__ + ".asked", "a") as log:
    log.write(json.dumps({{"text": text, **options}}) + "\\n")
if "stop" in text:
    sys.exit("RuntimeError: no such phoneme")
count = round(len(text) * 1500 * float(options.get("--length_scale", 1)))
with wave.open(to, "wb") as out:
    out.setnchannels(1); out.setsampwidth(2); out.setframerate(22050)
    out.writeframes(b"".join(struct.pack("<h", round(9000 * math.sin(n / 18))) for n in range(count)))
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("piper", "tts"):
        (programs / name).write_text(_PROGRAM.format(python=sys.executable))
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    put(tmp_path, "amy", "piper", {"amy.onnx": b"", "amy.onnx.json": {"language": {"code": "en_US"}}})
    several = {"language": {"code": "de_DE"}, "speaker_id_map": {"eva": 3}}
    put(tmp_path, "mls", "piper", {"mls.onnx": b"", "mls.onnx.json": several})
    put(tmp_path, "xtts-v2", "xtts", {"config.json": {"languages": ["en", "zh-cn"]}})
    return Bench(tmp_path)


def put(folder: Path, name: str, family: str, files: dict[str, Any]) -> None:
    voice = folder / "models" / name
    voice.mkdir(parents=True)
    for path, told in {**files, MANIFEST: {"kind": "voice", "family": family}}.items():
        (voice / path).write_text(told if isinstance(told, str) else "" if told == b"" else json.dumps(told))


async def spoken(bench: Bench, provider: str, **order: Any) -> tuple[Draft, list[dict[str, Any]]]:
    folder = bench.scratch.parent
    ask = Speak(**{"text": "Good morning to you. How are you?", "provider": provider, "format": "wav", **order})
    draft = await speak(claim(ask), bench.studio(Settings(home=folder)))
    log = folder / "bin" / f"{'tts' if provider == 'xtts' else provider}.asked"
    return draft, [json.loads(line) for line in log.read_text().splitlines()]


async def test_piper_speaks_a_sentence_at_a_time_by_the_voice_of_the_language(bench: Bench) -> None:
    draft, asked = await spoken(bench, "piper", speed=1.25)
    assert [one["text"] for one in asked] == ["Good morning to you.", "How are you?"]
    assert asked[0]["--model"].endswith("models/amy/amy.onnx")
    assert asked[0]["--length_scale"] == "0.800"
    assert (draft.provenance["engine"], draft.provenance["voice"]) == ("piper", "amy")
    assert draft.provenance["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert [one["text"] for one in draft.provenance["captions"]] == ["Good morning to you.", "How are you?"]


async def test_a_speaker_of_a_voice_of_several_is_named(bench: Bench) -> None:
    _, asked = await spoken(bench, "piper", voice="mls:eva", language="de", text="Guten Morgen.")
    assert asked[0]["--speaker"] == "3"


async def test_xtts_speaks_in_one_of_its_languages(bench: Bench) -> None:
    _, asked = await spoken(bench, "xtts", voice="xtts-v2:Ana Florence", language="zh-CN", text="你好。")
    [one] = asked
    assert (one["--language_idx"], one["--speaker_idx"]) == ("zh", "Ana Florence")
    assert one["--model_path"].endswith("models/xtts-v2")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"voice": "mls:--cuda", "language": "de"}, "no speaker '--cuda'. It has: eva"),
        ({"voice": "bob"}, "no voice 'bob' for piper. It has: amy, mls"),
        ({"language": "fi"}, "no voice that speaks 'fi'"),
        ({"voice": "amy", "language": "de"}, "amy does not speak 'de'. It speaks: en"),
    ],
)
async def test_a_voice_that_is_not_there_is_named(bench: Bench, order: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        await spoken(bench, "piper", **order)


async def test_a_program_that_stops_is_told_by_its_last_words(bench: Bench) -> None:
    with pytest.raises(Unavailable, match="no such phoneme"):
        await spoken(bench, "piper", text="Please stop.")
