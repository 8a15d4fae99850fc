"""Speech by providers, through their own packages and over real sockets: what they are asked, what comes of it, and what when
they will not or cannot."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gator.errors import Forbidden, GatorError, Refused, Unavailable
from gator.settings import Settings
from gpu_worker import sound
from gpu_worker.jobs import Speak
from gpu_worker.studio import Draft
from gpu_worker.voices.speaking import speak
from tests.gpu_worker.bench_studio import Bench, claim
from tests.servers.models import Fail
from tests.servers.running import serving
from tests.servers.speech import ElevenLabs, Hang, No, OpenAISpeech, Page, Say, Step

TEXT = "Good morning to you. The bees are awake!\n\nWhat shall we do today?"
LONG = " ".join(f"Sentence number {number} tells of the heron at dawn." for number in range(24))
Ask = Callable[..., Awaitable[Draft]]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@asynccontextmanager
async def openai(bench: Bench, *script: Step, **more: Any) -> AsyncIterator[tuple[OpenAISpeech, Ask]]:
    server = OpenAISpeech([*script])
    async with serving(server.app) as url:
        told = {"home": bench.scratch, "voice_base_url": f"{url}/v1", "openai_api_key": "sk-test", **more}
        yield server, _asking(bench, Settings(**told), "openai")


@asynccontextmanager
async def elevenlabs(bench: Bench, *script: Step, **more: Any) -> AsyncIterator[tuple[ElevenLabs, Ask]]:
    server = ElevenLabs([*script], cloned={"clonedclonedcloned99": []})
    async with serving(server.app) as url:
        told = {"home": bench.scratch, "elevenlabs_base_url": url, "elevenlabs_api_key": "key-of-tests", **more}
        yield server, _asking(bench, Settings(**told), "elevenlabs")


def _asking(bench: Bench, settings: Settings, provider: str) -> Ask:
    async def ask(**order: Any) -> Draft:
        usual = {"text": TEXT, "provider": provider, "format": "wav"}
        usual |= {"voice": "Sarah"} if provider == "elevenlabs" else {}
        return await speak(claim(Speak(**{**usual, **order})), bench.studio(settings))

    return ask


def rate_of(draft: Draft) -> int:
    return 44_100 if draft.provenance["engine"] == "ElevenLabs" else 24_000


def heard(draft: Draft) -> Any:
    return sound.decode(draft.path, rate_of(draft), 1)


def says_each_word_where_it_is_heard(draft: Draft, text: str) -> None:
    """Before each sentence there is silence, and its first word begins where it says."""
    words, rate = draft.provenance["words"], rate_of(draft)
    assert [word for word, _, _ in words] == text.split()
    samples = np.abs(heard(draft))
    firsts = [0, *(at + 1 for at, (word, _, _) in enumerate(words[:-1]) if word[-1] in ".!?")]
    for at in firsts:
        start = words[at][1]
        assert samples[round((start + 0.01) * rate) : round((start + 0.06) * rate)].max() > 0.05
        assert samples[round(max(start - 0.1, 0) * rate) : round((start - 0.05) * rate)].max(initial=0) < 0.02


async def test_openai_speaks_with_instructions_of_ours(bench: Bench) -> None:
    async with openai(bench) as (server, ask):
        draft = await ask(voice="coral", emotion="cheerful", speed=0.9)

    [asked] = server.asked
    assert asked == {
        "model": "gpt-4o-mini-tts",
        "voice": "coral",
        "input": TEXT,
        "response_format": "wav",
        "instructions": "Speak in a cheerful voice. Speak a little slower than usual.",
    }
    assert abs(draft.provenance["loudness_lufs"] - sound.AIM_LUFS) < 1
    assert draft.duration_s == pytest.approx(len(heard(draft)) / 24_000)
    told = {name: draft.provenance[name] for name in ("engine", "provider", "model", "voice", "emotion")}
    assert told == {
        "engine": "OpenAI speech", "provider": "openai", "model": "gpt-4o-mini-tts", "voice": "coral", "emotion": "cheerful",
    }  # fmt: skip
    assert draft.provenance["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    says_each_word_where_it_is_heard(draft, TEXT)


async def test_openais_older_models_take_a_speed_and_no_instructions(bench: Bench) -> None:
    async with openai(bench) as (server, ask):
        await ask(provider="openai:tts-1-hd", speed=1.3, emotion="sad")
    [asked] = server.asked
    assert (asked["model"], asked["speed"], asked["voice"]) == ("tts-1-hd", 1.3, "alloy")
    assert "instructions" not in asked


async def test_long_text_goes_in_parts_that_join_without_clicks_and_as_loud(bench: Bench) -> None:
    text = " ".join([LONG] * 3)
    async with openai(bench, Say(0.4), Say(0.2), Say(0.5)) as (server, ask):
        draft = await ask(text=text)

    assert " ".join(asked["input"] for asked in server.asked) == text
    assert len(server.asked) == 3
    samples = heard(draft)
    # A hum of 220 Hz at this loudness moves by less than 0.06 from sample to sample; its letters jump where they meet.
    words = draft.provenance["words"]
    firsts = [words[len(" ".join(a["input"] for a in server.asked[:n]).split())][1] for n in (1, 2)]
    for start in firsts:
        at = round(start * 24_000)
        assert np.abs(np.diff(samples[at - 4_000 : at + 200])).max() < 0.06
    bounds = [0.0, *firsts, draft.duration_s or 0.0]
    levels = [sound.loudness_lufs(samples[round(a * 24_000) : round(b * 24_000)], 24_000) for a, b in pairwise(bounds)]
    assert max(levels) - min(levels) < 1.5


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (Fail(429, "7"), Unavailable, "wait"),
        (Fail(500), Unavailable, "trouble"),
        (No("insufficient_quota", 429), Refused, "used up"),
        (Fail(401), Refused, "key"),
        (Fail(404), Refused, "no such model"),
        (No("invalid_voice"), Refused, "voice's name"),
        (Page(), Unavailable, "no sound"),
        (Say(keeps=0.5), Unavailable, "a part of the sound"),
    ],
)
async def test_what_openai_says_no_with_is_told_in_our_words(
    bench: Bench, step: Step, error: type[GatorError], said: str
) -> None:
    async with openai(bench, step) as (server, ask):
        with pytest.raises(error, match=said) as raised:
            await ask()
    assert len(server.asked) == 1  # when it is tried again is the runner's to say
    assert "morning" not in str(raised.value)
    if isinstance(step, Fail) and step.retry_after:
        assert raised.value.retry_after_s == 7  # type: ignore[attr-defined]


async def test_a_part_that_was_made_is_not_paid_for_again(bench: Bench) -> None:
    """The second part is made and paid for, and its answer never comes; the first one is kept for the next attempt."""
    async with openai(bench, Say(), Hang(), voice_timeout_s=0.5) as (server, ask):
        with pytest.raises(Unavailable, match="does not answer"):
            await ask(text=LONG + " " + LONG)
        draft = await ask(text=LONG + " " + LONG)
    texts = [asked["input"] for asked in server.asked]
    assert len(texts) == 3
    assert texts[1] == texts[2] != texts[0]
    assert [word for word, _, _ in draft.provenance["words"]] == (LONG + " " + LONG).split()


async def test_elevenlabs_speaks_with_a_voice_found_by_its_name(bench: Bench) -> None:
    async with elevenlabs(bench) as (server, ask):
        draft = await ask(stability=0.6, speed=1.5)

    [asked] = server.asked
    assert (asked["voice"], asked["text"], asked["output_format"]) == ("sarahsarahsarahsarah", TEXT, "mp3_44100_128")
    assert asked["voice_settings"] == {"stability": 0.6, "speed": 1.2}
    assert "language_code" not in asked
    assert asked["seed"] == 7
    told = {name: draft.provenance[name] for name in ("engine", "model", "voice", "settings")}
    assert told == {
        "engine": "ElevenLabs", "model": "eleven_multilingual_v2", "voice": "sarahsarahsarahsarah",
        "settings": {"stability": 0.6},
    }  # fmt: skip
    assert abs(draft.provenance["loudness_lufs"] - sound.AIM_LUFS) < 1
    says_each_word_where_it_is_heard(draft, TEXT)


async def test_elevenlabs_hears_what_comes_before_and_after(bench: Bench) -> None:
    async with elevenlabs(bench) as (server, ask):
        await ask(text=LONG, provider="elevenlabs:eleven_flash_v2_5", emotion="excited", language="de-AT")
    first, second, third = server.asked[:3]
    assert all(len(asked["text"]) <= 400 for asked in server.asked)
    assert "previous_text" not in first
    assert first["next_text"] == second["text"][:300]
    assert second["previous_text"] == first["text"][-300:]
    assert third["language_code"] == "de"
    assert third["voice_settings"] == {"stability": 0.3, "style": 0.5, "speed": 1.0}


async def test_elevenlabs_newest_model_is_told_a_feeling_and_no_other_cue(bench: Bench) -> None:
    async with elevenlabs(bench) as (server, ask):
        draft = await ask(text="Well [laughs] said.", provider="elevenlabs:eleven_v3", emotion="tender")
    [asked] = server.asked
    assert asked["text"] == "[tender] Well (laughs) said."
    assert [word for word, _, _ in draft.provenance["words"]] == ["Well", "[laughs]", "said."]


@pytest.mark.parametrize(
    ("step", "order", "error", "said"),
    [
        (Fail(429, "9"), {}, Unavailable, "wait"),
        (Fail(503), {}, Unavailable, "trouble"),
        (No("quota_exceeded", 401), {}, Refused, "used up"),
        (No("voice_not_found"), {}, Refused, "no such voice"),
        (Page(), {}, Unavailable, "trouble"),
        (Say(keeps=0.6), {}, Unavailable, "a part of the sound"),
        (Say(), {"voice": "Gandalf"}, Refused, "Sarah - Mature"),
        (Say(), {"voice": "unknownunknownunknown"}, Refused, "no such voice"),
        (Say(), {"voice": ""}, Refused, "GATOR_VOICE_NAME"),
        (Say(), {"language": "tlh"}, Refused, "de, en, pt"),
        (Say(), {"provider": "elevenlabs:eleven_v9"}, Refused, "eleven_v3"),
        (Say(), {"voice": "Ada"}, Forbidden, "no consent"),
    ],
)
async def test_what_elevenlabs_will_not_say_is_told(
    bench: Bench, step: Step, order: dict[str, Any], error: type[GatorError], said: str
) -> None:
    async with elevenlabs(bench, step) as (server, ask):
        with pytest.raises(error, match=said) as raised:
            await ask(**order)
    assert "morning" not in str(raised.value)
    if isinstance(step, Fail) and step.retry_after:
        assert raised.value.retry_after_s == 9  # type: ignore[attr-defined]
    if order:
        assert server.asked == []  # nothing was paid for


async def test_of_two_voices_of_one_name_the_id_tells_which_speaks(bench: Bench) -> None:
    async with elevenlabs(bench) as (server, ask):
        server.cloned["clonedclonedcloned98"] = []
        with pytest.raises(Refused, match=r"2 voices .* called so.*clonedclonedcloned99.*clonedclonedcloned98"):
            await ask(voice="ada", consent="the-consent")
        await ask(voice="clonedclonedcloned98", consent="the-consent")
    assert [asked["voice"] for asked in server.asked] == ["clonedclonedcloned98"]


async def test_a_cloned_voice_speaks_by_its_consent(bench: Bench) -> None:
    async with elevenlabs(bench) as (server, ask):
        draft = await ask(voice="ada", consent="the-consent")
    assert server.asked[0]["voice"] == "clonedclonedcloned99"
    assert draft.provenance["consent"] == "the-consent"


async def test_who_is_not_set_up_says_how(bench: Bench) -> None:
    told = {
        "openai": "OPENAI_API_KEY",
        "elevenlabs": "ELEVENLABS_API_KEY",
        "piper": "pipx install",
        "xtts": "pipx install",
    }
    for provider, remedy in told.items():
        with pytest.raises(Unavailable, match=remedy):
            await speak(claim(Speak(text=TEXT, provider=provider)), bench.studio(Settings(home=bench.scratch)))
    async with elevenlabs(bench, elevenlabs_api_key="wrong") as (_, ask):
        with pytest.raises(Refused, match="does not take the key"):
            await ask()
