"""Voices: have text read aloud. Doors: agents, REST, MCP. `gpu_worker.voices` speaks it."""

import re
import unicodedata

from pydantic import Field

from gator.errors import Refused
from gator.settings import Settings
from gpu_worker.jobs import SPEECH_CHARACTERS, VOICE_PROVIDER, Emotion, SoundFormat, Speak
from memory.models import Persona
from memory.repositories.spending import Bill
from memory.work import Work
from tools import orders
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.orders import MediaQueued
from tools.personas.character import Character, Voice
from tools.personas.speakers import OFFLINE, check_set_up, who_of

_PAID = ("openai", "elevenlabs")
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
# Small words of languages that share the Latin letters. Some stand in several: what tells is how many more one has.
_SMALL_WORDS = {
    "en": "the and is are was with this that you of to it for have not what how your we they at be will from",
    "de": "der die das und ist nicht ich du wir ihr sie es ein eine mit auf für von zu den dem wie was wer im am auch noch man",
    "fr": "le la les et est une des que qui pas vous je nous dans pour avec il elle ce cette sur au du ne",
    "es": "el la los las y es una que de no para con por está en un más como pero muy del al",
    "it": "il lo gli le è una che di non per con sono un del della ma come più nel anche",
    "pt": "o os as uma que de não para com é você um em do da no na mais mas como",
    "nl": "de het een en is niet ik je van dat met voor op wij zijn maar ook te er",
}
_LEAD = 2  # words, by which one language must be ahead to be told


class SpeakText(Shape):
    text: str = Field(description="what is to be said, word for word")
    persona: str | None = Field(None, description="name of the persona whose voice it is")
    language: str | None = Field(
        None, description="language tag such as en, en-GB, de or pt-BR; left out: the persona's, else the text's"
    )
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is usual, 0.5 half as fast, 2.0 twice as fast")
    emotion: Emotion = Field("", description="how it is said; left out: as the persona speaks")
    provider: str | None = Field(
        None,
        pattern=VOICE_PROVIDER,
        description="who speaks: espeak (offline), elevenlabs, openai, piper or xtts; left out: the persona's, else the usual",
    )
    voice: str | None = Field(
        None, max_length=200, description="name or id of that provider's voice, if not the persona's"
    )
    format: SoundFormat = Field("mp3", description="kind of file")


@capability(audience=STAFF, effect=Effect.write)
async def speak_text(ask: SpeakText, turn: Turn) -> MediaQueued:
    """Record a voice-over: the text read aloud by a synthetic voice, the persona's own or another.

    The same request twice in a turn is one recording. Raises Unavailable when the studio is full.
    """
    text = ask.text.strip()
    if not any(letter.isalnum() for letter in text):
        raise Refused("There is nothing to say in this text.", remedy="Give it words to speak.")
    if len(text) > SPEECH_CHARACTERS:
        raise Refused(
            f"The text has {len(text):,} characters; one recording holds {SPEECH_CHARACTERS:,}.",
            remedy="Have it read in several recordings.",
        )
    async with turn.open_work() as work:
        persona, character = await orders.persona_named(work, ask.persona)
        payload = payload_for(ask, text, character, turn.settings.language, turn.settings)
        payload = await admitted(work, turn.settings, payload)
        if not await work.jobs.has(turn.key(ask)):
            await pay(work, turn, payload, persona)
        return await orders.place(work, turn, ask, payload, makes="voice", title=text, persona=persona, alt_text=text)


def payload_for(
    ask: SpeakText, text: str, character: Character | None, usual: str, settings: Settings | None = None
) -> Speak:
    """What is asked for comes first, then what the persona's character says, then what the text's script tells."""
    voice = character.voice if character else Voice()
    said = ask.model_fields_set
    hers = voice.provider or (settings.voice if settings else OFFLINE)
    provider = ask.provider or hers
    named = "" if who_of(provider) != who_of(hers) else voice.name  # at another provider nobody has it
    return Speak(
        text=text,
        language=ask.language or _language_for(text, character, usual),
        provider=provider,
        voice=ask.voice or (voice.variant if provider == OFFLINE else named),
        pitch=voice.pitch,
        speed=ask.speed if "speed" in said else voice.speed,
        emotion=ask.emotion if "emotion" in said else voice.emotion,
        stability=voice.stability,
        similarity=voice.similarity,
        style=voice.style,
        format=character.media.sound_format if character and "format" not in said else ask.format,
    )


async def admitted(work: Work, settings: Settings, payload: Speak) -> Speak:
    """As the studio may do it, with the consent that a cloned voice speaks by.

    Raises Unavailable where its provider is not set up, Forbidden where the voice's owner took their consent back.
    """
    who = who_of(payload.provider)
    check_set_up(settings, who)
    wanted = payload.voice or (settings.voice_name if who != OFFLINE else "")
    cloned = await work.consents.voice(who, wanted) if wanted else None
    if cloned is None:
        return payload
    consent = await work.consents.holding(cloned.consent_id, "voice")
    return payload.model_copy(update={"voice": cloned.voice, "consent": consent.id})


async def pay(work: Work, turn: Turn, payload: Speak, persona: Persona | None) -> None:
    """A provider's voice counts against the day's budget when it is ordered: call it once for each job."""
    cost = round(turn.settings.voice_price_usd * len(payload.text) / 1000 * 1e6)
    if who_of(payload.provider) not in _PAID or not cost:
        return
    limit = round(turn.settings.daily_budget_usd * 1e6)
    spend = await work.spending.reserve(
        payload.provider, cost, daily_limit_microusd=limit, turn_id=turn.id, persona_id=persona.id if persona else None
    )
    await work.spending.settle([Bill(spend, cost)])


def _language_for(text: str, character: Character | None, usual: str) -> str:
    """What the text is written in, as far as that is told; else the persona's own. Which English is hers to say.

    A language that her voice was given goes for all that is written in letters it can read.
    """
    given = character.voice.language if character else None
    own = given or (character.languages[0] if character and character.languages else None)
    told = language_of(text)
    if own and (told in (None, own.partition("-")[0]) or (given and told in _SMALL_WORDS)):
        return own
    return told or usual


def language_of(text: str) -> str | None:
    """The language that the text's script tells, or its small words where many share the script; None where neither does."""
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha():
            script = unicodedata.name(letter, "").partition(" ")[0]
            counts[script] = counts.get(script, 0) + 1
    if counts.get("HIRAGANA") or counts.get("KATAKANA"):
        counts["HIRAGANA"] = counts.get("HIRAGANA", 0) + counts.pop("CJK", 0) + counts.pop("KATAKANA", 0)
    most = max(counts, key=counts.__getitem__, default="")
    return _by_small_words(text) if most == "LATIN" else _LANGUAGES.get(most)


def _by_small_words(text: str) -> str | None:
    words = set(re.findall(r"[^\W\d_]+", text.casefold()))
    ahead = sorted(((len(words & set(small.split())), name) for name, small in _SMALL_WORDS.items()), reverse=True)
    (most, name), (second, _) = ahead[:2]
    return name if most >= second + _LEAD else None
