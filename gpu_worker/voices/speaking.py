"""Speech: text read aloud. The job `voice.speak`, whoever speaks: the offline engine, a local program or a provider.

Each provider is a module with one function, `(claim, studio) -> Spoken`; what they have in common is in `texts`, `takes` and
`joining`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from importlib import import_module

from gator.errors import Refused
from gpu_worker import sound
from gpu_worker.jobs import Speak
from gpu_worker.stamping import source_types
from gpu_worker.studio import Claim, Draft, Studio, handles
from gpu_worker.voices import files
from gpu_worker.voices.joining import join
from gpu_worker.voices.takes import Spoken
from gpu_worker.voices.texts import plain

Provider = Callable[[Claim[Speak], Studio], Awaitable[Spoken]]
# Their modules have a function `speak`; imported when the first job comes that asks for them.
_PROVIDERS = {
    "espeak": "gpu_worker.voices.offline",
    "piper": "gpu_worker.voices.piper_program",
    "xtts": "gpu_worker.voices.xtts_program",
    "openai": "gpu_worker.voices.openai_speech",
    "elevenlabs": "gpu_worker.voices.elevenlabs_speech",
}


@handles("voice.speak")
async def speak(job: Claim[Speak], studio: Studio) -> Draft:
    """Read the text aloud: mono, -16 LUFS, in the format asked for. Offline and run twice, it sounds the same.

    Raises Refused for text with nothing to say, a language or voice that there is not; Unavailable where nobody speaks.
    """
    ask = job.payload
    await studio.progress(0.05)
    provider = await asyncio.to_thread(_provider, ask.provider)
    spoken = await provider(job, studio)
    await studio.progress(0.6)
    recording = await asyncio.to_thread(join, spoken)
    path = studio.scratch / f"speech.{ask.format}"
    source_type = source_types.LEARNT if spoken.learnt else source_types.ALGORITHMIC
    await asyncio.to_thread(files.write, recording.samples, spoken.rate_hz, ask.format, path, source_type)
    await studio.progress(0.9)
    heard = await asyncio.to_thread(sound.decode, path, spoken.rate_hz, 1)
    lufs = await asyncio.to_thread(sound.loudness_lufs, heard, spoken.rate_hz)
    if lufs <= sound.SILENCE_LUFS:
        raise Refused("The voice has nothing to say here: the text came out silent.", remedy="Write it as words.")
    text = plain(ask.text)
    provenance = {
        **spoken.told,
        "provider": ask.provider,
        "language": ask.language,
        "text": text,
        "ai_label": files.LABEL,
        "digital_source_type": source_type,
        "loudness_lufs": round(lufs, 1),
        "captions": [asdict(caption) for caption in recording.captions],
        "words": [list(word) for word in recording.words],
    }
    length_s = len(heard) / spoken.rate_hz
    return Draft(path, files.MIMES[ask.format], duration_s=length_s, provenance=provenance, alt_text=text)


def _provider(told: str) -> Provider:
    name = told.partition(":")[0]
    if name not in _PROVIDERS:
        raise Refused(f"Nobody here is called {name}.", remedy=f"Known are {', '.join(_PROVIDERS)}.")
    provider: Provider = import_module(_PROVIDERS[name]).speak
    return provider
