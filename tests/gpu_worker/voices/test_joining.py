"""Do takes become one recording without clicks, as loud throughout, with words where they are heard?"""

import numpy as np

from gpu_worker import sound
from gpu_worker.sound import Samples
from gpu_worker.voices.joining import join
from gpu_worker.voices.takes import Spoken, Take, sentence_times
from gpu_worker.voices.texts import Part

RATE_HZ = 22_050


def tone(seconds: float, level: float = 0.3) -> Samples:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (level * np.cos(2 * np.pi * 220 * time)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def test_sentences_join_without_clicks() -> None:
    hard = np.full(4_000, 0.5, np.float32)
    said = (Part("One"), Part("Two", pause_s=0.5), Part("Three"))
    joined = join(Spoken(said, tuple(Take(hard) for _ in said), RATE_HZ)).samples
    assert np.abs(np.diff(joined)).max() < 0.02


def test_takes_of_one_voice_are_as_loud_as_one_another() -> None:
    said = (Part("One is said."), Part("Two is said."), Part("Three is said."))
    takes = (Take(tone(1, 0.3)), Take(tone(1, 0.2)), Take(tone(1, 0.4)))
    recording = join(Spoken(said, takes, RATE_HZ, learnt=True))
    levels = [
        sound.loudness_lufs(recording.samples[round(start * RATE_HZ) : round((start + 0.9) * RATE_HZ)], RATE_HZ)
        for start in (0.15, 1.37, 2.59)
    ]
    assert max(levels) - min(levels) < 0.5
    assert abs(sound.loudness_lufs(recording.samples, RATE_HZ) - sound.AIM_LUFS) < 0.5


def test_silence_before_a_take_moves_its_words() -> None:
    part = Part("Hello there.")
    take = Take(np.concatenate([silence(0.5), tone(1)]), ((0, 0.5), (6, 1.0)))
    words = join(Spoken((part,), (take,), RATE_HZ)).words
    assert [word for word, _, _ in words] == ["Hello", "there."]
    assert abs(words[0][1] - 0.12) < 0.04
    assert abs(words[1][1] - (0.12 + 0.53)) < 0.01


def test_sentences_of_a_take_are_found_by_its_pauses() -> None:
    """The second one is said much more slowly than its letters say."""
    part = Part("One two three four. Go. And then they all went home.", (0, 20, 24))
    samples = np.concatenate([tone(1.5), silence(0.3), tone(0.9), silence(0.35), tone(2)])
    known = sentence_times(part, samples, RATE_HZ)
    assert np.allclose([second for _, second in known], [0, 1.8, 3.05], atol=0.03)
    captions = join(Spoken((part,), (Take(samples, known),), RATE_HZ)).captions
    assert [(one.text, round(one.start_s, 1)) for one in captions] == [
        ("One two three four.", 0.1), ("Go.", 1.9), ("And then they all went home.", 3.2),
    ]  # fmt: skip


def test_without_a_pause_sentences_begin_where_their_letters_say() -> None:
    part = Part("Half of it is here. And half is there now.", (0, 20))
    [_, (place, second)] = sentence_times(part, tone(4), RATE_HZ)
    assert place == 20
    assert abs(second - 2) < 0.3
