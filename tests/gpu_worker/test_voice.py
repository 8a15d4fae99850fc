"""Is text really said: loud enough, in the format asked for, in its language, with captions that match?"""

import asyncio
import itertools
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from gator.errors import Refused, Unavailable
from gpu_worker import sound, voice
from gpu_worker.jobs import SPEECH_CHARACTERS, SoundFormat, Speak
from gpu_worker.studio import Draft
from tests.gpu_worker.bench_studio import Bench, claim

TEXT = "Good morning. The bees are awake, and the kettle is on!\n\nWhat shall we do today?"


async def spoken(folder: Path, text: str = TEXT, **fields: Any) -> Draft:
    folder.mkdir(exist_ok=True)
    return await voice.speak(claim(Speak(text=text, **fields)), Bench(folder).studio())


@pytest.mark.parametrize(("format", "codec"), [("wav", "pcm_s16le"), ("ogg", "opus"), ("mp3", "mp3")])
async def test_text_is_heard_in_each_format(tmp_path: Path, format: SoundFormat, codec: str) -> None:
    draft = await spoken(tmp_path / "a", format=format)
    with av.open(str(draft.path)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name.removeprefix("lib").removesuffix("float") == codec
        assert stream.channels == 1
        tags = {**container.metadata, **stream.metadata}
        assert any("AI-generated" in value for value in tags.values())
    heard = sound.decode(draft.path, voice.RATE_HZ, 1)
    assert draft.duration_s == pytest.approx(len(heard) / voice.RATE_HZ)
    assert 3 < len(heard) / voice.RATE_HZ < 9
    assert -18 < sound.loudness_lufs(heard, voice.RATE_HZ) < -14
    assert np.abs(heard).max() < 1


async def test_captions_say_the_text_at_the_times_it_is_heard(tmp_path: Path) -> None:
    draft = await spoken(tmp_path / "a", format="wav")
    captions = draft.provenance["captions"]
    assert " ".join(each["text"] for each in captions) == " ".join(TEXT.split())
    assert draft.duration_s
    clock = 0.0
    heard = sound.decode(draft.path, voice.RATE_HZ, 1)
    for each in captions:
        assert clock <= each["start_s"] < each["end_s"] <= draft.duration_s
        clock = each["end_s"]
        part = heard[int(each["start_s"] * voice.RATE_HZ) : int(each["end_s"] * voice.RATE_HZ)]
        assert np.sqrt((part**2).mean()) > 0.02
    between = heard[
        int((captions[0]["end_s"] + 0.06) * voice.RATE_HZ) : int((captions[1]["start_s"] - 0.02) * voice.RATE_HZ)
    ]
    assert np.abs(between).max() < 0.01  # the pause after the first sentence


def test_loudness_is_the_same_when_the_sound_comes_in_pieces() -> None:
    time = np.arange(21 * 48_000) / 48_000
    swell = (np.sin(2 * np.pi * 440 * time) * np.interp(time, [0, 9, 12, 21], [0.01, 0.4, 0.001, 0.2])).astype(
        np.float32
    )
    meter = sound.Meter(48_000, 1)
    for start in range(0, len(swell), 7_001):
        meter.add(swell[start : start + 7_001])
    assert meter.lufs() == pytest.approx(sound.loudness_lufs(swell, 48_000), abs=0.1)
    assert sound.Meter(48_000, 2).lufs() == sound.SILENCE_LUFS


def test_sentences_join_without_clicks() -> None:
    hard = np.full(4_000, 0.5, np.float32)
    joined, _, _ = voice.join(["One", "Two", "", "Three"], voice.Spoken((hard,) * 3, ((),) * 3, "none"))
    assert np.abs(np.diff(joined)).max() < 0.02


async def test_the_same_request_sounds_the_same(tmp_path: Path) -> None:
    one, other = await spoken(tmp_path / "a", "Hello."), await spoken(tmp_path / "b", "Hello.")
    assert one.path.read_bytes() == other.path.read_bytes()


async def test_speed_pitch_language_and_voice_are_heard(tmp_path: Path) -> None:
    plain = await spoken(tmp_path / "a", "One two three four five.")
    slow = await spoken(tmp_path / "b", "One two three four five.", speed=0.5)
    assert slow.duration_s
    assert plain.duration_s
    assert slow.duration_s > plain.duration_s * 1.5
    ways: list[dict[str, Any]] = [{"pitch": 90}, {"language": "de"}, {"voice": "f2"}, {"voice": "Annie"}]
    for place, fields in enumerate(ways):
        other = await spoken(tmp_path / f"c{place}", "One two three four five.", **fields)
        assert other.path.read_bytes() != plain.path.read_bytes()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": "🎉 … !"}, "nothing to say"),
        ({"text": ""}, "nothing to say"),
        ({"text": "x" * (SPEECH_CHARACTERS + 1)}, "10,001 characters"),
        ({"text": "hi", "language": "tlh"}, "does not speak 'tlh'"),
        ({"text": "hi", "language": ""}, "does not speak"),
        ({"text": "hi", "voice": "Gandalf"}, "no voice variant 'Gandalf'"),
    ],
)
async def test_what_cannot_be_said_is_refused_with_the_reason(
    tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        await spoken(tmp_path / "a", **fields)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans-CN", "你好世界。今天天气很好。"),
        ("pt-BR", "Bom dia."),
        ("en_US", "Hello."),
        ("nn", "God dag."),
        ("ar", "مرحبا"),
    ],
)
async def test_languages_are_found_by_their_tags(tmp_path: Path, language: str, text: str) -> None:
    draft = await spoken(tmp_path / "a", text, language=language)
    assert draft.provenance["loudness_lufs"] > -20


def test_full_stops_of_abbreviations_end_no_sentence() -> None:
    text = "Dr. Who met J. Smith at 3.30 p.m. in the yard. Then they left... and slept! \n\nThe end"
    assert voice.split(text) == [
        "Dr. Who met J. Smith at 3.30 p.m. in the yard.",
        "Then they left... and slept!",
        "",
        "The end",
    ]
    assert voice.split("今日は晴れ。散歩に行こう！") == ["今日は晴れ。", "散歩に行こう！"]


async def test_words_have_the_times_at_which_they_are_heard(tmp_path: Path) -> None:
    text = "Ready? Then, after quite a pause, Nova begins to count slowly: one, two, three."
    draft = await voice.speak(claim(Speak(text=text, format="wav")), Bench(tmp_path).studio())
    words, captions = draft.provenance["words"], draft.provenance["captions"]
    assert [word for word, _, _ in words] == text.split()
    assert all(start < end for _, start, end in words)
    assert all(one[2] <= other[1] + 0.5 and one[1] < other[1] for one, other in itertools.pairwise(words))
    for caption in captions:
        own = [word for word in words if caption["start_s"] <= word[1] < caption["end_s"]]
        assert " ".join(word for word, _, _ in own) == caption["text"]
    # A pause before "after" can be heard: what is said begins where it says, within 150 ms.
    heard = np.abs(sound.decode(draft.path, voice.RATE_HZ, 1))
    first = words[1][1]
    before = heard[round((first - 0.15) * voice.RATE_HZ) : round((first - 0.02) * voice.RATE_HZ)]
    after = heard[round(first * voice.RATE_HZ) : round((first + 0.15) * voice.RATE_HZ)]
    assert after.max() > 10 * before.max()


def test_captions_are_short_and_lose_no_letter() -> None:
    sentence = "It is a truth universally acknowledged, that a single man in possession of a good fortune wants a wife."
    begins = voice.phrases(sentence)
    pieces = [sentence[a:b] for a, b in zip(begins, [*begins[1:], len(sentence)], strict=True)]
    assert "".join(pieces) == sentence
    assert all(len(piece) <= 42 for piece in pieces)
    assert all(len(piece) > 3 for piece in pieces)
    assert len(voice.phrases("国" * 90)) == 5


async def test_an_engine_that_hangs_is_stopped() -> None:
    hangs = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(Unavailable, match="too long"):
        await voice._run(hangs, b"", timeout_s=0.3)


async def test_an_engine_that_falls_over_is_named() -> None:
    with pytest.raises(Unavailable, match="stopped: no such luck"):
        await voice._run([sys.executable, "-c", "import sys; sys.exit('no such luck')"], b"", timeout_s=20)


async def test_a_cancelled_recording_leaves_no_process() -> None:
    task = asyncio.create_task(voice._run([sys.executable, "-c", "import time; time.sleep(60)"], b"", timeout_s=60))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_systems_program_speaks_where_the_library_is_missing(tmp_path: Path) -> None:
    """By a program with eSpeak NG's options, which speaks through the library."""
    program = tmp_path / "espeak-ng"
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, subprocess, sys, wave\n"
        "if sys.argv[1:] == ['--voices']:\n"
        "    print('Pty Language Age/Gender VoiceName File\\n 5  en-us  --/M  English  gmw/en-US')\n"
        "    sys.exit()\n"
        "told = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
        "assert '--stdin' in sys.argv, sys.argv\n"
        "to = sys.argv[sys.argv.index('-w') + 1]\n"
        "ask = {'do': 'speak', 'voice': told['-v'], 'rate': told['-s'], 'pitch': told['-p'],\n"
        "       'pieces': [sys.stdin.read()], 'to': to + '.raw'}\n"
        "subprocess.run([sys.executable, '-m', 'gpu_worker.espeak'], input=json.dumps(ask), text=True, check=True,\n"
        "               stdout=subprocess.DEVNULL)\n"
        "with wave.open(to, 'wb') as out:\n"
        "    out.setnchannels(1); out.setsampwidth(2); out.setframerate(22050)\n"
        "    out.writeframes(open(to + '.raw', 'rb').read())\n"
    )
    program.chmod(0o755)
    said = ["Good morning.", "It is late."]
    result = await voice._by_binary(str(program), said, Speak(text="-", language="en-US", voice="f2"), tmp_path)
    samples, captions, _ = voice.join(said, result)
    assert [each.text for each in captions] == said
    assert sound.loudness_lufs(samples, voice.RATE_HZ) > -18
    with pytest.raises(Refused, match="'de'"):
        await voice._by_binary(str(program), said, Speak(text="-", language="de"), tmp_path)


def test_loudness_is_that_of_the_standards_test_tones() -> None:
    """EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS measures -23 LUFS; ten dB more, ten LU more."""
    rate = 48_000
    wave = np.sin(2 * np.pi * 1_000 * np.arange(rate * 4) / rate).astype(np.float32)
    for level in (-23, -33):
        tone = wave[:, None].repeat(2, axis=1) * np.float32(10 ** (level / 20))
        assert sound.loudness_lufs(tone, rate) == pytest.approx(level, abs=0.1)
    assert sound.loudness_lufs(np.zeros(rate, np.float32), rate) == sound.SILENCE_LUFS
    assert sound.loudness_lufs(wave[:100], rate) < -20  # shorter than a block


def test_peaks_are_turned_down_not_cut_off() -> None:
    rate = 22_050
    loud = np.sin(2 * np.pi * 220 * np.arange(rate) / rate).astype(np.float32)
    loud[rate // 2 :] *= 3
    soft = sound.limited(loud, rate)
    assert np.abs(soft).max() <= 0.85
    late = soft[-rate // 4 :]
    assert (np.abs(late) > 0.84).mean() < 0.12  # a clipped sine would stay at the ceiling for most of the time
