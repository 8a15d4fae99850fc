"""Speech by ElevenLabs' voices: `text_to_speech.convert_with_timestamps`, so that each letter has its time.

Source: elevenlabs.io/docs/api-reference/text-to-speech/convert-with-timestamps and /docs/overview/models.
"""

import base64
from typing import TYPE_CHECKING, Any

from gator.errors import Forbidden, Refused, Unavailable
from gator.prose import without_pictures
from gator.settings import Settings
from gpu_worker import elevenlabs_account as account
from gpu_worker.elevenlabs_account import AccountVoice
from gpu_worker.jobs import Emotion, Speak
from gpu_worker.studio import Claim, Studio
from gpu_worker.voices.takes import Spoken, Take, decoded, sentence_times, taken
from gpu_worker.voices.texts import Part, packed, parts

if TYPE_CHECKING:
    from elevenlabs.client import AsyncElevenLabs

RATE_HZ = 44_100
_FORMAT: Any = "mp3_44100_128"  # the best that every plan has
_MODEL = "eleven_multilingual_v2"
_MOST_CHARACTERS = 2_500  # a voice drifts in longer ones
_SLOWEST, _FASTEST = 0.7, 1.2
_CONTEXT_CHARACTERS = 300
_SLACK_S = 0.3  # an MP3 ends on a frame, not on a letter
# (stability, style): less of the one and more of the other shows more feeling.
_FEELINGS: dict[Emotion, tuple[float, float]] = {
    "cheerful": (0.4, 0.35),
    "excited": (0.3, 0.5),
    "calm": (0.7, 0.0),
    "tender": (0.5, 0.2),
    "serious": (0.7, 0.1),
    "sad": (0.45, 0.3),
    "angry": (0.3, 0.5),
    "whispering": (0.45, 0.3),
}


async def speak(job: Claim[Speak], studio: Studio) -> Spoken:
    """Raises Refused for a voice or language that there is not, Forbidden for a cloned voice without a consent."""
    ask = job.payload
    model = ask.provider.partition(":")[2] or _MODEL
    async with account.connected(studio.settings) as client:
        voice = await _voice(client, ask, studio.settings)
        if voice.cloned and not ask.consent:
            raise Forbidden(
                f"The voice {voice.name} was cloned, and no consent to it is recorded here.",
                remedy="Record one, then name it with the voice: `gator voice adopt`.",
            )
        pieces = packed(parts(ask.text), await _most_characters(client, model, ask.language))
        told = {"engine": "ElevenLabs", "model": model, "voice": voice.id, "rate_hz": RATE_HZ, "seed": job.seed % 2**32}
        told |= {"settings": _settings(ask), "speed": _speed(ask)}

        async def make(number: int) -> Take:
            return await _take(client, pieces, number, told, ask, studio)

        takes = await taken(pieces, told | {"emotion": ask.emotion}, studio, make)
    shown = {name: value for name, value in told.items() if name not in ("rate_hz", "seed")}
    shown |= {"voice_name": voice.name, "emotion": ask.emotion, "consent": ask.consent}
    return Spoken(tuple(pieces), takes, RATE_HZ, {name: value for name, value in shown.items() if value}, learnt=True)


async def _voice(client: "AsyncElevenLabs", ask: Speak, settings: Settings) -> AccountVoice:
    """By its name or id. Raises Refused where there is none."""
    wanted = ask.voice or settings.voice_name
    if not wanted:
        raise Refused("ElevenLabs needs a voice.", remedy="Give the persona one (voice.name), or set GATOR_VOICE_NAME.")
    there = await account.voices(client)
    if found := _called(wanted, there):
        return found
    if wanted.isalnum() and len(wanted) >= 16:  # an id, maybe of the public library
        return await account.voice(client, wanted)
    names = ", ".join(one.name for one in there[:20]) or "none yet"
    raise Refused(f"ElevenLabs has no voice '{wanted}'.", remedy=f"The account has: {names}.")


def _called(wanted: str, there: list[AccountVoice]) -> AccountVoice | None:
    """Raises Refused where several have that name: who speaks is not left to chance."""
    name = wanted.casefold()
    for found in (
        [one for one in there if one.id == wanted],
        [one for one in there if one.name.casefold() == name],
        [one for one in there if one.name.partition(" - ")[0].casefold() == name],  # "Sarah - Mature, Reassuring"
    ):
        if len(found) > 1:
            told = ", ".join(f"{one.id} ({one.name})" for one in found)
            raise Refused(f"{len(found)} voices of ElevenLabs are called so.", remedy=f"Name one by its id: {told}.")
        if found:
            return found[0]
    return None


async def _most_characters(client: "AsyncElevenLabs", model: str, language: str) -> int:
    """How much the model reads at once. Raises Refused where there is no such model, or it does not speak the language."""
    there = {one.id: one for one in await account.models(client)}
    found = there.get(model)
    if found is None:
        raise Refused(f"ElevenLabs has no model '{model}'.", remedy=f"It has: {', '.join(there) or 'none'}.")
    if found.languages and language.partition("-")[0].lower() not in found.languages:
        raise Refused(
            f"ElevenLabs' {model} does not speak '{language}'.",
            remedy=f"It speaks: {', '.join(sorted(found.languages))}.",
        )
    return min(_MOST_CHARACTERS, found.most_characters or _MOST_CHARACTERS)


async def _take(
    client: "AsyncElevenLabs", pieces: list[Part], number: int, told: dict[str, Any], ask: Speak, studio: Studio
) -> Take:
    from elevenlabs import VoiceSettings

    part, model = pieces[number], str(told["model"])
    more: dict[str, Any] = {}
    lead, text = "", without_pictures(part.text)
    if model.startswith("eleven_v3"):  # it follows words in brackets, and does not look at what is around
        lead, text = f"[{ask.emotion}] " if ask.emotion else "", _without_cues(text)
    else:
        more["previous_text"] = pieces[number - 1].text[-_CONTEXT_CHARACTERS:] if number else None
        more["next_text"] = pieces[number + 1].text[:_CONTEXT_CHARACTERS] if number + 1 < len(pieces) else None
    if "multilingual" not in model:  # those find the language themselves, and take no word for it
        more["language_code"] = ask.language.partition("-")[0].lower()
    answer = await client.text_to_speech.convert_with_timestamps(
        str(told["voice"]),
        text=lead + text,
        model_id=model,
        output_format=_FORMAT,
        seed=told["seed"],
        voice_settings=VoiceSettings(**told["settings"], speed=told["speed"]),
        request_options={"max_retries": 0},
        **{name: value for name, value in more.items() if value},
    )
    samples = decoded(_sound_of(answer), studio, RATE_HZ)
    return Take(samples, _times(part, answer.alignment, lead, samples))


def _without_cues(text: str) -> str:
    """Brackets in a text are no stage directions. Of the same length, so that places of words stay."""
    return text.replace("[", "(").replace("]", ")")


def _sound_of(answer: Any) -> bytes:
    try:
        return base64.b64decode(answer.audio_base_64, validate=True)
    except (AttributeError, TypeError, ValueError) as wrong:
        raise Unavailable("The voice's provider answered with no sound.") from wrong


def _times(part: Part, alignment: Any, lead: str, samples: Any) -> tuple[tuple[int, float], ...]:
    """When its words begin, as it tells; by the pauses where it tells nothing that fits the text.

    Raises Unavailable where it tells of more than can be heard: the rest of the sound is missing.
    """
    told = "".join(alignment.characters) if alignment else ""
    if len(told) != len(lead) + len(part.text):
        return sentence_times(part, samples, RATE_HZ)
    starts, ends = alignment.character_start_times_seconds, alignment.character_end_times_seconds
    if len(starts) != len(told) or len(ends) != len(told):
        return sentence_times(part, samples, RATE_HZ)
    if max(ends) > len(samples) / RATE_HZ + _SLACK_S:
        raise Unavailable("The voice's provider answered with a part of the sound only.")
    places = [
        at for at, letter in enumerate(part.text) if not letter.isspace() and (at == 0 or part.text[at - 1].isspace())
    ]
    return tuple((at, float(starts[at + len(lead)])) for at in places)


def _speed(ask: Speak) -> float:
    return round(min(max(ask.speed, _SLOWEST), _FASTEST), 3)


def _settings(ask: Speak) -> dict[str, float]:
    """What the voice is told; what nobody said is the voice's own."""
    stability, style = _FEELINGS.get(ask.emotion, (None, None))
    told = {
        "stability": ask.stability if ask.stability is not None else stability,
        "similarity_boost": ask.similarity,
        "style": ask.style if ask.style is not None else style,
    }
    return {name: value for name, value in told.items() if value is not None}
