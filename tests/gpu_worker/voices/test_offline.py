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
from gpu_worker import sound
from gpu_worker.jobs import SPEECH_CHARACTERS, SoundFormat, Speak
from gpu_worker.studio import Draft
from gpu_worker.voices import offline
from gpu_worker.voices.joining import join
from gpu_worker.voices.offline import RATE_HZ
from gpu_worker.voices.programs import run
from gpu_worker.voices.speaking import speak
from gpu_worker.voices.takes import Spoken
from gpu_worker.voices.texts import Part
from tests.gpu_worker.bench_studio import Bench, claim

TEXT = "Good morning. The bees are awake, and the kettle is on!\n\nWhat shall we do today?"


async def spoken(folder: Path, text: str = TEXT, **fields: Any) -> Draft:
    folder.mkdir(exist_ok=True)
    return await speak(claim(Speak(text=text, **fields)), Bench(folder).studio())


@pytest.mark.parametrize(("format", "codec"), [("wav", "pcm_s16le"), ("ogg", "opus"), ("mp3", "mp3")])
async def test_text_is_heard_in_each_format(tmp_path: Path, format: SoundFormat, codec: str) -> None:
    draft = await spoken(tmp_path / "a", format=format)
    with av.open(str(draft.path)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name.removeprefix("lib").removesuffix("float") == codec
        assert stream.channels == 1
        tags = {**container.metadata, **stream.metadata}
        assert any("AI-generated" in value for value in tags.values())
    heard = sound.decode(draft.path, RATE_HZ, 1)
    assert draft.duration_s == pytest.approx(len(heard) / RATE_HZ)
    assert 3 < len(heard) / RATE_HZ < 9
    assert -18 < sound.loudness_lufs(heard, RATE_HZ) < -14
    assert np.abs(heard).max() < 1


async def test_captions_say_the_text_at_the_times_it_is_heard(tmp_path: Path) -> None:
    draft = await spoken(tmp_path / "a", format="wav")
    captions = draft.provenance["captions"]
    assert " ".join(each["text"] for each in captions) == " ".join(TEXT.split())
    assert draft.duration_s
    clock = 0.0
    heard = sound.decode(draft.path, RATE_HZ, 1)
    for each in captions:
        assert clock <= each["start_s"] < each["end_s"] <= draft.duration_s
        clock = each["end_s"]
        part = heard[int(each["start_s"] * RATE_HZ) : int(each["end_s"] * RATE_HZ)]
        assert np.sqrt((part**2).mean()) > 0.02
    between = heard[int((captions[0]["end_s"] + 0.06) * RATE_HZ) : int((captions[1]["start_s"] - 0.02) * RATE_HZ)]
    assert np.abs(between).max() < 0.01  # the pause after the first sentence


async def test_the_same_request_sounds_the_same(tmp_path: Path) -> None:
    one, other = await spoken(tmp_path / "a", "Hello."), await spoken(tmp_path / "b", "Hello.")
    assert one.path.read_bytes() == other.path.read_bytes()


async def test_speed_pitch_language_and_voice_are_heard(tmp_path: Path) -> None:
    plain = await spoken(tmp_path / "a", "One two three four five.")
    slow = await spoken(tmp_path / "b", "One two three four five.", speed=0.5)
    assert slow.duration_s
    assert plain.duration_s
    assert slow.duration_s > plain.duration_s * 1.5
    ways: list[dict[str, Any]] = [
        {"pitch": 90}, {"language": "de"}, {"voice": "f2"}, {"voice": "Annie"}, {"emotion": "sad"}, {"emotion": "whispering"},
    ]  # fmt: skip
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


async def test_words_have_the_times_at_which_they_are_heard(tmp_path: Path) -> None:
    text = "Ready? Then, after quite a pause, Nova begins to count slowly: one, two, three."
    draft = await speak(claim(Speak(text=text, format="wav")), Bench(tmp_path).studio())
    words, captions = draft.provenance["words"], draft.provenance["captions"]
    assert [word for word, _, _ in words] == text.split()
    assert all(start < end for _, start, end in words)
    assert all(one[2] <= other[1] + 0.5 and one[1] < other[1] for one, other in itertools.pairwise(words))
    for caption in captions:
        own = [word for word in words if caption["start_s"] <= word[1] < caption["end_s"]]
        assert " ".join(word for word, _, _ in own) == caption["text"]
    # A pause before "after" can be heard: what is said begins where it says, within 150 ms.
    heard = np.abs(sound.decode(draft.path, RATE_HZ, 1))
    first = words[1][1]
    before = heard[round((first - 0.15) * RATE_HZ) : round((first - 0.02) * RATE_HZ)]
    after = heard[round(first * RATE_HZ) : round((first + 0.15) * RATE_HZ)]
    assert after.max() > 10 * before.max()


async def test_an_engine_that_hangs_is_stopped() -> None:
    hangs = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(Unavailable, match="too long"):
        await run(hangs, b"", timeout_s=0.3, remedy="")


async def test_an_engine_that_falls_over_is_named() -> None:
    with pytest.raises(Unavailable, match="stopped: no such luck"):
        await run([sys.executable, "-c", "import sys; sys.exit('no such luck')"], b"", timeout_s=20, remedy="")


async def test_a_cancelled_recording_leaves_no_process() -> None:
    task = asyncio.create_task(run([sys.executable, "-c", "import time; time.sleep(60)"], b"", timeout_s=60, remedy=""))
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
        "subprocess.run([sys.executable, '-m', 'gpu_worker.voices.espeak'], input=json.dumps(ask), text=True, check=True,\n"
        "               stdout=subprocess.DEVNULL)\n"
        "with wave.open(to, 'wb') as out:\n"
        "    out.setnchannels(1); out.setsampwidth(2); out.setframerate(22050)\n"
        "    out.writeframes(open(to + '.raw', 'rb').read())\n"
    )
    program.chmod(0o755)
    said = [Part("Good morning."), Part("It is late.")]
    ask = Speak(text="-", language="en-US", voice="f2", emotion="cheerful")
    takes = await offline.by_program(str(program), said, ask, tmp_path)
    recording = join(Spoken(tuple(said), tuple(takes), RATE_HZ))
    assert [each.text for each in recording.captions] == [part.text for part in said]
    assert sound.loudness_lufs(recording.samples, RATE_HZ) > -18
    with pytest.raises(Refused, match="'de'"):
        await offline.by_program(str(program), said, Speak(text="-", language="de"), tmp_path)
