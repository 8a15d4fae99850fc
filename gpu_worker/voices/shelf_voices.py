"""Which voices of the models folder does a local program speak with? Found by name, else by the language that they speak."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gator.errors import Refused, Unavailable
from gator.prose import without_pictures
from gator.settings import Settings
from gpu_worker import sound
from gpu_worker.jobs import Speak
from gpu_worker.shelf import ShelfEntry, shelf
from gpu_worker.studio import Claim, Studio
from gpu_worker.voices.programs import run
from gpu_worker.voices.takes import Spoken, Take, taken
from gpu_worker.voices.texts import packed, parts

_MOST_CHARACTERS = 400  # such models lose the thread in longer sentences
_LOAD_S, _CHARACTERS_A_SECOND = 120, 5  # how long one may take: to load, and to speak on a slow processor


@dataclass(frozen=True, slots=True)
class Program:
    """A program that speaks. `languages` are those that a voice's files tell of."""

    name: str
    family: str
    rate_hz: int
    remedy: str
    languages: Callable[[Path], list[str]]
    command: Callable[[str, "Chosen", Speak, str, Path], tuple[list[str], bytes]]  # (binary, voice, order, text, to)


@dataclass(frozen=True, slots=True)
class Chosen:
    entry: ShelfEntry
    speaker: str  # one of a voice of several, where it was named


async def speak_by(program: Program, job: Claim[Speak], studio: Studio) -> Spoken:
    """Have the program say it sentence by sentence. Raises Unavailable without it, Refused without a voice that fits."""
    binary = shutil.which(program.name)
    if binary is None:
        raise Unavailable(f"The program {program.name} is not installed.", remedy=program.remedy)
    ask = job.payload
    chosen = _chosen(program, ask, studio.settings)
    # A sentence at a time, each with the pause that follows it: then its times are exact.
    said = [piece for one in parts(ask.text) for piece in packed([one], _MOST_CHARACTERS)]
    told = {"engine": program.name, "voice": chosen.entry.name, "speaker": chosen.speaker, "rate_hz": program.rate_hz}
    told |= {"speed": ask.speed, "revision": chosen.entry.revision, "licence": chosen.entry.licence}

    async def make(number: int) -> Take:
        path = studio.scratch / "sentence.wav"
        command, given = program.command(binary, chosen, ask, without_pictures(said[number].text), path)
        patience_s = _LOAD_S + len(said[number].text) / _CHARACTERS_A_SECOND
        await run(command, given, timeout_s=patience_s, remedy=program.remedy)
        if not path.exists():
            raise Unavailable("The speech engine made no sound.", remedy=program.remedy)
        return Take(sound.decode(path, program.rate_hz, 1))

    takes = await taken(said, told, studio, make)
    shown = {name: value for name, value in told.items() if value and name != "rate_hz"}
    return Spoken(tuple(said), takes, program.rate_hz, shown, learnt=True)


def _chosen(program: Program, ask: Speak, settings: Settings) -> Chosen:
    there = shelf(settings).entries("voice", program.family)
    wanted, _, speaker = (ask.voice or settings.voice_name).partition(":")
    if wanted:
        found = next((one for one in there if one.name.casefold() == wanted.casefold()), None)
    else:
        found = next((one for one in there if _speaks(program, one, ask.language)), None)
    if found is None:
        names = ", ".join(one.name for one in there)
        what = f"no voice '{wanted}'" if wanted else f"no voice that speaks '{ask.language}'"
        raise Refused(
            f"The models folder has {what} for {program.name}.",
            remedy=f"It has: {names}." if names else program.remedy,
        )
    if not _speaks(program, found, ask.language):
        raise Refused(
            f"The voice {found.name} does not speak '{ask.language}'.",
            remedy=f"It speaks: {', '.join(program.languages(found.path))}.",
        )
    return Chosen(found, speaker)


def _speaks(program: Program, entry: ShelfEntry, language: str) -> bool:
    return language.partition("-")[0].lower() in program.languages(entry.path)


def read_json(path: Path) -> dict[str, Any]:
    """What a voice tells of itself; nothing where it cannot be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
