"""Voices: have text read aloud. Doors: agents, REST, MCP. `gpu_worker.voices` speaks it."""

import unicodedata

from pydantic import Field

from gator.errors import Refused
from gpu_worker.jobs import SPEECH_CHARACTERS, SoundFormat, Speak
from tools import orders
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.orders import MediaQueued
from tools.personas.character import Character

# Scripts that tell the language well enough to read in it, by the first word of their letters' Unicode names.
_LANGUAGES = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}


class SpeakText(Shape):
    text: str = Field(description="what is to be said, word for word")
    persona: str | None = Field(None, description="name of the persona whose voice it is")
    language: str | None = Field(
        None, description="language tag such as en, en-GB, de or pt-BR; left out: the persona's, else the text's"
    )
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is usual, 0.5 half as fast, 2.0 twice as fast")
    format: SoundFormat = Field("mp3", description="kind of file")


@capability(audience=STAFF, effect=Effect.write)
async def speak_text(ask: SpeakText, turn: Turn) -> MediaQueued:
    """Record a voice-over: the text read aloud by a synthetic voice, offline, ready in seconds.

    The same request twice in a turn is one recording. Raises Unavailable when the studio is full.
    """
    text = ask.text.strip()
    if not any(letter.isalnum() for letter in text):
        raise Refused("There is nothing to say in this text.", remedy="Give it words to speak.")
    if len(text) > SPEECH_CHARACTERS:
        raise Refused(f"The text has {len(text):,} characters; one recording holds {SPEECH_CHARACTERS:,}.")
    async with turn.open_work() as work:
        persona, character = await orders.persona_named(work, ask.persona)
        payload = payload_for(ask, text, character, turn.settings.language)
        return await orders.place(work, turn, ask, payload, makes="voice", title=text, persona=persona, alt_text=text)


def payload_for(ask: SpeakText, text: str, character: Character | None, usual: str) -> Speak:
    """What is asked for comes first, then what the persona's character says, then what the text's script tells."""
    own = character.voice.language or (character.languages[0] if character.languages else None) if character else None
    told = language_of(text)
    language = ask.language or (own if own and told in (None, own.split("-")[0]) else None) or told or own or usual
    if character is None:
        return Speak(text=text, language=language, speed=ask.speed, format=ask.format)
    voice = character.voice
    return Speak(
        text=text,
        language=language,
        voice=voice.variant,
        pitch=voice.pitch,
        speed=ask.speed if "speed" in ask.model_fields_set else voice.speed,
        format=ask.format if "format" in ask.model_fields_set else character.media.sound_format,
    )


def language_of(text: str) -> str | None:
    """The language that the text's script tells; None for Latin letters, which many share."""
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha():
            script = unicodedata.name(letter, "").partition(" ")[0]
            counts[script] = counts.get(script, 0) + 1
    if counts.get("HIRAGANA") or counts.get("KATAKANA"):
        counts["HIRAGANA"] = counts.get("HIRAGANA", 0) + counts.pop("CJK", 0) + counts.pop("KATAKANA", 0)
    return _LANGUAGES.get(max(counts, key=counts.__getitem__)) if counts else None
