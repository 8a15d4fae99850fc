"""Speech by OpenAI's audio, or a server that speaks the same: `audio.speech`.

Source: developers.openai.com/api/reference/resources/audio/subresources/speech/methods/create; the languages are those of
its guide to text to speech, which follow Whisper's.
"""

import asyncio
from importlib import import_module
from typing import Any

from gator.errors import Refused
from gator.prose import without_pictures
from gator.settings import Settings
from gpu_worker.bounds import UNPACKED, bounded
from gpu_worker.jobs import Speak
from gpu_worker.openai_account import access, named
from gpu_worker.studio import Claim, Studio
from gpu_worker.voices.takes import Spoken, Take, decoded, sentence_times, taken
from gpu_worker.voices.texts import packed, parts

RATE_HZ = 24_000
_MODEL, _VOICE = "gpt-4o-mini-tts", "alloy"
# The newer models read 2,000 tokens, which are as many characters in some scripts; the older ones 4,096 characters.
_MOST_CHARACTERS = 1_500
_LANGUAGES = (
    " af ar hy az be bs bg ca zh hr cs da nl en et fi fr gl de el he hi hu is id it ja kn kk ko lv lt mk ms mr mi ne no nb nn fa"
    " pl pt ro ru sr sk sl es sw sv tl fil ta th tr uk ur vi cy yue cmn "
)
_SPEEDS = {0.8: "much more slowly than usual", 0.97: "a little slower than usual"}
_FAST_SPEEDS = {1.25: "quickly", 1.03: "a little faster than usual"}


async def speak(job: Claim[Speak], studio: Studio) -> Spoken:
    """Raises Refused where the provider refuses or the key does not do, Unavailable where it may work later."""
    openai = await asyncio.to_thread(import_module, "openai")  # a second, in which others go on
    ask, settings = job.payload, studio.settings
    _check_language(ask.language)
    told = _told(ask, settings)
    key, base_url = access(settings, settings.voice_base_url, "voices")
    pieces = packed(parts(ask.text), _MOST_CHARACTERS)
    http = openai.DefaultAsyncHttpxClient(
        headers=UNPACKED, event_hooks=bounded(settings.voice_timeout_s), follow_redirects=False
    )
    async with openai.AsyncOpenAI(
        api_key=key, base_url=base_url, timeout=settings.voice_timeout_s, max_retries=0, http_client=http
    ) as client:

        async def make(number: int) -> Take:
            request = {name: value for name, value in told.items() if name not in ("engine", "rate_hz")}
            try:
                answer = await client.audio.speech.create(
                    input=without_pictures(pieces[number].text), response_format="wav", **request
                )
            except openai.OpenAIError as error:
                raise named(error, "GATOR_VOICE", "Look at the voice's name.") from error
            samples = decoded(answer.content, studio, RATE_HZ)
            return Take(samples, sentence_times(pieces[number], samples, RATE_HZ))

        takes = await taken(pieces, told, studio, make)
    shown = {name: value for name, value in told.items() if name != "rate_hz"}
    return Spoken(
        tuple(pieces), takes, RATE_HZ, shown | {"emotion": ask.emotion} if ask.emotion else shown, learnt=True
    )


def _told(ask: Speak, settings: Settings) -> dict[str, Any]:
    """What it is asked besides the text. The older models take a speed, the newer ones instructions."""
    model = ask.provider.partition(":")[2] or _MODEL
    told: dict[str, Any] = {"engine": "OpenAI speech", "rate_hz": RATE_HZ, "model": model}
    told["voice"] = ask.voice or settings.voice_name or _VOICE
    if not model.startswith("tts-1"):
        return told | ({"instructions": how} if (how := _instructions(ask)) else {})
    return told | ({"speed": ask.speed} if ask.speed != 1.0 else {})


def _instructions(ask: Speak) -> str:
    """How it is to be said, in words of ours: nobody's text becomes an instruction."""
    how = [f"Speak in a {ask.emotion} voice."] if ask.emotion and ask.emotion != "whispering" else []
    how += ["Whisper."] if ask.emotion == "whispering" else []
    slow = next((words for most, words in _SPEEDS.items() if ask.speed <= most), "")
    fast = next((words for least, words in _FAST_SPEEDS.items() if ask.speed >= least), "")
    return " ".join([*how, *([f"Speak {slow or fast}."] if slow or fast else [])])


def _check_language(language: str) -> None:
    if f" {language.partition('-')[0].lower()} " not in _LANGUAGES:
        raise Refused(
            f"OpenAI's voices do not speak '{language}'.", remedy="Choose another language, or another who speaks."
        )
