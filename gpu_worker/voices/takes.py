"""What did somebody say, and when each word? Takes, kept while a job lasts, so that none is paid for twice."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np

from gator.errors import Unavailable
from gpu_worker import sound
from gpu_worker.sound import Samples
from gpu_worker.studio import Studio
from gpu_worker.voices.texts import Part

_FASTEST_CPS = 45.0  # characters a second; who is told to hurry comes to some 30
_QUIET = 0.02  # of the loudest: below it nobody speaks
_BREATH_S = 0.12  # silence that is more than that between two words
_LONGEST_S = 900.0  # that a part may take: 2,500 characters, said as slowly as it goes
_FAR_S = 1.5  # a pause this far from where it was expected is another one


@dataclass(frozen=True, slots=True)
class Take:
    """A part as it was said. `words` are places in its text, with when they are said in seconds from its beginning."""

    samples: Samples
    words: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    """All parts as they were said by one voice, and what is to be told of it."""

    parts: tuple[Part, ...]
    takes: tuple[Take, ...]
    rate_hz: int
    told: dict[str, Any] = field(default_factory=dict)  # engine, model, voice, settings
    learnt: bool = False  # by a voice that was learnt from recordings


Make = Callable[[int], Awaitable[Take]]  # of the part of that number


async def taken(parts: Sequence[Part], told: dict[str, Any], studio: Studio, make: Make) -> tuple[Take, ...]:
    """Have each part said in turn. What an earlier attempt of the job already had, told the same, is not asked for again."""
    takes = []
    for number, part in enumerate(parts):
        path = studio.kept / f"{_name(parts, number, told)}.npz"
        take = _read(path) if path.exists() else None
        if take is None:
            take = await make(number)
            _check_whole(part, take, told)
            _write(path, take)
        takes.append(take)
        await studio.progress(0.05 + 0.55 * (number + 1) / len(parts))
    return tuple(takes)


def _name(parts: Sequence[Part], number: int, told: dict[str, Any]) -> str:
    around = [part.text for part in parts[max(number - 1, 0) : number + 2]]
    return hashlib.sha256(json.dumps([number, around, told], sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> Take | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            words = tuple((int(place), float(second)) for place, second in kept["words"])
            return Take(kept["samples"], words)
    except (OSError, ValueError, KeyError):  # its process died while it was written
        return None


def _write(path: Path, take: Take) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new.npz")
    np.savez(new, samples=take.samples, words=np.array(take.words, np.float64).reshape(-1, 2))
    new.replace(path)


def decoded(data: bytes, studio: Studio, rate_hz: int) -> Samples:
    """A provider's answer as sound. Raises Unavailable where it is none, or only a part of one."""
    path = studio.scratch / "answer"
    path.write_bytes(data)
    try:
        samples = sound.decode(path, rate_hz, 1, _LONGEST_S)
    except (av.FFmpegError, IndexError) as wrong:
        raise Unavailable("The voice's provider answered with no sound.") from wrong
    except ValueError as endless:
        raise Unavailable("The voice's provider answered with more than it was asked to say.") from endless
    if not len(samples) or _is_cut_off(data):
        raise Unavailable("The voice's provider answered with a part of the sound only.")
    return samples


def _is_cut_off(data: bytes) -> bool:
    """Whether a WAV says that more belongs to it. One that was streamed does not know its length."""
    at = data.find(b"data", 12) if data[:4] == b"RIFF" else -1
    size = int.from_bytes(data[at + 4 : at + 8], "little") if at > 0 else 0
    return 0 < size < 0x7FFF_0000 and at + 8 + size > len(data)


def _check_whole(part: Part, take: Take, told: dict[str, Any]) -> None:
    """Nobody says so much in so little time: the rest of it is missing."""
    rate_hz, said = told["rate_hz"], sum(letter.isalnum() for letter in part.text)
    if len(take.samples) / rate_hz < said / (_FASTEST_CPS * max(1.0, told.get("speed") or 1.0)):
        raise Unavailable("The voice's provider answered with a part of the sound only.")


def sentence_times(part: Part, samples: Samples, rate_hz: int) -> tuple[tuple[int, float], ...]:
    """When its sentences begin where nobody tells: each after the pause that is nearest to where it should be.

    Their lengths in letters say where they should begin, and where they go on in the sound is heard.
    """
    length_s = len(samples) / rate_hz
    letters = [max(sum(map(str.isalnum, sentence)), 1) for sentence in part.sentences]
    shares = np.cumsum(letters) / sum(letters)
    pauses = _pauses(samples, rate_hz)
    times, last = [(0, 0.0)], 0.0
    for place, share in zip(part.begins[1:], shares[:-1], strict=True):
        expected = float(share) * length_s
        near = [(abs(ends - expected) - lasts, ends) for ends, lasts in pauses if last < ends < length_s]
        best = min(near, default=(0.0, expected))[1]
        last = best if abs(best - expected) < _FAR_S else max(expected, last)
        times.append((place, last))
    return tuple(times)


def _pauses(samples: Samples, rate_hz: int) -> list[tuple[float, float]]:
    """(when it ends, how long it lasts) of each silence between words."""
    step = max(rate_hz // 100, 1)
    steps = np.abs(samples[: len(samples) // step * step]).reshape(-1, step).max(axis=1)
    if not len(steps):
        return []
    quiet = np.concatenate(([False], steps < max(_QUIET * steps.max(), 1e-4), [False]))
    changes = np.flatnonzero(np.diff(quiet.astype(np.int8)))
    spans = changes.reshape(-1, 2) * step / rate_hz
    return [(float(end), float(end - begin)) for begin, end in spans if end - begin >= _BREATH_S and begin > 0]
