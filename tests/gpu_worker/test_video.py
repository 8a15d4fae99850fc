"""Is the video what was asked for? Each is decoded: size, length, streams, loudness, captions that come and go."""

import asyncio
import itertools
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from gator.errors import Refused
from gpu_worker import sound, video
from gpu_worker.edit_list import EditList, Scene, Speech
from gpu_worker.jobs import MakeVideo, Speak
from gpu_worker.studio import Cancelled, Draft
from gpu_worker.video import film, mix
from gpu_worker.video.cues import Spoken
from gpu_worker.video.overlays import set_caption
from gpu_worker.video.pictures import compose
from gpu_worker.video.timeline import placed, settle
from gpu_worker.voices.files import write
from gpu_worker.voices.offline import RATE_HZ
from gpu_worker.voices.speaking import speak
from tests.gpu_worker.bench_studio import Bench, claim
from tools.videos import slideshow

SMALL = (216, 384)
FPS = 30
TEXT = "Bees wake early. So do we, on most days of the week."


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def picture(bench: Bench, colour: str, size: tuple[int, int] = (300, 300)) -> str:
    path = bench.scratch / f"{colour}.png"
    Image.new("RGB", size, colour).save(path)
    return bench.put(path, "picture")


def tone(bench: Bench, seconds: float, hertz: int = 440, level: float = 0.3) -> str:
    wave = (np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ) * level).astype(np.float32)
    path = bench.scratch / f"tone{hertz}.wav"
    write(wave, RATE_HZ, "wav", path)
    return bench.put(path, "voice", duration_s=seconds)


async def small(bench: Bench, size_px: tuple[int, int] = SMALL, **fields: Any) -> Draft:
    """The slideshow in a size that is quick to make."""
    sizes = {"width": size_px[0], "height": size_px[1]}
    edit = slideshow(fields.pop("pictures"), **fields).model_copy(update=sizes)
    return await asyncio.to_thread(video._make, claim(MakeVideo(edit=edit)), bench.studio(), threading.Event())


def seen(path: Path) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in container.decode(video=0)]


async def test_pictures_speech_and_captions_become_a_video(bench: Bench) -> None:
    spoken = await speak(claim(Speak(text=TEXT)), bench.studio())
    speech = bench.keep(spoken, "voice")
    pictures = [picture(bench, "navy"), picture(bench, "darkred")]
    draft = await small(bench, pictures=pictures, speech=speech, captions=TEXT)

    assert spoken.duration_s
    assert draft.mime == "video/mp4"
    assert (draft.width_px, draft.height_px) == SMALL
    assert draft.duration_s == pytest.approx(spoken.duration_s + 0.5, abs=1 / FPS)
    with av.open(str(draft.path)) as container:
        image, heard = container.streams.video[0], container.streams.audio[0]
        assert (image.codec_context.name, heard.codec_context.name) == ("h264", "aac")
        assert image.codec_context.pix_fmt == "yuv420p"
        assert image.average_rate == FPS
        assert "AI-generated" in container.metadata["comment"]
    assert -19 < draft.provenance["loudness_lufs"] < -14
    assert draft.provenance["captions"] == spoken.provenance["captions"]
    assert draft.provenance["parents"] == [*pictures, speech]


async def test_the_index_comes_before_the_frames(bench: Bench) -> None:
    draft = await small(bench, pictures=[picture(bench, "navy")], duration_s=1)
    data = draft.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


async def test_captions_are_burnt_in_while_their_words_are_said(bench: Bench) -> None:
    plain = await small(bench, pictures=[picture(bench, "black")], duration_s=2)
    frames = seen(plain.path)
    spoken = await small(
        bench, pictures=[picture(bench, "black")], duration_s=2, captions="One two. Three four five six."
    )
    white = [np.min(frame, axis=2) > 200 for frame in seen(spoken.path)]
    first, second = white[15], white[45]
    assert max(int(frame.max()) for frame in frames) < 200
    assert first.sum() > 100
    assert second.sum() > 100
    assert (first != second).sum() > 100
    rows = np.flatnonzero(first.any(axis=1))
    assert SMALL[1] * 0.6 < rows[0]
    assert rows[-1] < SMALL[1] * 0.86
    assert white[0].sum() == white[-1].sum() == 0  # nothing is said at the very beginning and end


async def test_pictures_follow_one_another_and_fade_over(bench: Bench) -> None:
    ids = [picture(bench, "red", SMALL), picture(bench, "blue", SMALL)]
    frames = seen((await small(bench, pictures=ids, duration_s=3)).path)
    assert len(frames) == 90
    red, blue = frames[10].mean(axis=(0, 1)), frames[-5].mean(axis=(0, 1))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]
    middle = frames[53].mean(axis=(0, 1))
    assert 60 < middle[0] < 220
    assert 60 < middle[2] < 220


async def test_a_picture_moves_gently(bench: Bench) -> None:
    path = bench.scratch / "board.png"
    board = (np.indices(SMALL[::-1]).sum(axis=0) // 24 % 2 * 255).astype(np.uint8)
    Image.fromarray(board).convert("RGB").save(path)
    frames = seen((await small(bench, pictures=[bench.put(path, "picture")], duration_s=2)).path)
    steps = [np.abs(a.astype(int) - b.astype(int)).mean() for a, b in itertools.pairwise(frames)]
    assert np.abs(frames[0].astype(int) - frames[-1].astype(int)).mean() > 5
    assert max(steps) < 12


@pytest.mark.parametrize("size", [(600, 200), (200, 600), (216, 384)])
def test_a_picture_is_neither_stretched_nor_cut(size: tuple[int, int]) -> None:
    drawn = Image.new("RGB", size, "white")
    drawn.paste("lime", (0, 0, size[0] // 10, size[1]))
    drawn.paste("lime", (size[0] - size[0] // 10, 0, *size))
    composed = np.asarray(compose(drawn, SMALL, "blur", (0, 0, 0))).astype(int)
    green = (composed[..., 1] > 200) & (composed[..., 0] < 60)
    columns, rows = np.flatnonzero(green.any(axis=0)), np.flatnonzero(green.any(axis=1))
    shown = (columns[-1] - columns[0] + 1) / (rows[-1] - rows[0] + 1)
    assert shown == pytest.approx(size[0] / size[1], rel=0.03)


@pytest.mark.parametrize(("wanted", "frames"), [(1.0, 30), (1.5, 45), (2.999, 90), (0.9666, 29)])
async def test_the_length_is_exact_to_a_frame(bench: Bench, wanted: float, frames: int) -> None:
    draft = await small(bench, pictures=[picture(bench, "navy")], duration_s=wanted)
    assert draft.provenance["frames"] == frames
    assert draft.duration_s == pytest.approx(wanted, abs=1 / FPS)


async def test_without_sound_there_is_a_silent_track(bench: Bench) -> None:
    draft = await small(bench, pictures=[picture(bench, "navy")], duration_s=1)
    heard = sound.decode(draft.path, mix.RATE_HZ, 2)
    assert len(heard) / mix.RATE_HZ == pytest.approx(1, abs=0.05)
    assert np.abs(heard).max() < 1e-4
    assert draft.provenance["loudness_lufs"] == sound.SILENCE_LUFS


async def test_music_makes_room_for_the_voice_and_fades_away(bench: Bench) -> None:
    speech, music = tone(bench, 3.0, 3_000), tone(bench, 1.0, 300)
    draft = await small(bench, pictures=[picture(bench, "navy")], speech=speech, music=music, duration_s=8)
    heard = sound.decode(draft.path, mix.RATE_HZ, 1)

    def level(start_s: float, end_s: float) -> float:
        part = heard[int(start_s * mix.RATE_HZ) : int(end_s * mix.RATE_HZ)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        hertz = np.fft.rfftfreq(len(part), 1 / mix.RATE_HZ)
        return float(spectrum[(hertz > 250) & (hertz < 350)].max() / len(part))

    assert level(1, 2.5) < level(4.5, 6) * 0.4
    assert level(7.6, 7.99) < level(4.5, 6) * 0.5


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"duration_s": 1.0}, r"speech lasts 3\.0 s and does not fit into 1 s"),
        ({"pictures": 30, "duration_s": 5.0}, "30 pictures are too many"),
    ],
)
async def test_what_cannot_be_a_video_is_refused_with_the_reason(
    bench: Bench, fields: dict[str, Any], reason: str
) -> None:
    one = picture(bench, "navy")
    many = [one] * fields["pictures"] if isinstance(fields.get("pictures"), int) else fields.get("pictures", [one])
    with pytest.raises(Refused, match=reason):
        await small(bench, **{**fields, "pictures": many, "speech": tone(bench, 3.0)})
    assert not list(bench.scratch.glob("*.mp4"))


async def test_a_file_that_is_no_picture_or_sound_is_refused(bench: Bench) -> None:
    path = bench.scratch / "text.txt"
    path.write_text("neither")
    wrong = bench.put(path, "picture")
    with pytest.raises(Refused, match="cannot be read"):
        await small(bench, pictures=[wrong], duration_s=1)
    with pytest.raises(Refused, match="cannot be played"):
        await small(bench, pictures=[picture(bench, "navy")], speech=wrong)


async def test_a_cancelled_video_stops_at_once_and_leaves_no_file(bench: Bench) -> None:
    bench.stop_at = 0.1
    with pytest.raises(Cancelled):
        await small(bench, pictures=[picture(bench, "navy")], duration_s=60)
    assert bench.shares[-1] < 0.2
    assert not list(bench.scratch.glob("*.mp4"))


async def test_a_task_that_is_cancelled_ends_its_thread(bench: Bench) -> None:
    ask = claim(MakeVideo(edit=slideshow([picture(bench, "navy")], duration_s=120, format="1:1")))
    task = asyncio.ensure_future(video.make(ask, bench.studio()))
    while not bench.shares:
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(200):
        if not list(bench.scratch.glob("*.mp4")):
            break
        await asyncio.sleep(0.05)
    assert not list(bench.scratch.glob("*.mp4"))


async def test_the_job_makes_the_size_that_was_asked(bench: Bench) -> None:
    ask = MakeVideo(edit=slideshow([picture(bench, "navy")], duration_s=0.5, format="1:1"))
    draft = await video.make(claim(ask), bench.studio())
    assert (draft.width_px, draft.height_px) == (1080, 1080)
    measured = film.measure(draft.path)
    assert (measured.frames, measured.video_codec, measured.audio_codec) == (15, "h264", "aac")
    assert bench.shares == sorted(bench.shares)


def cues(text: str | None, told: dict[str, Any], speech_s: float, duration_s: float) -> list[tuple[str, float, float]]:
    edit = slideshow(["a"], speech="b", captions=text, duration_s=duration_s)
    settled = settle(edit, [Spoken(0.0, speech_s, told)], {})
    return [(cue.text, cue.start_s, cue.end_s) for cue in settled.captions.cues or ()]


def test_captions_of_other_words_are_spread_over_the_speech() -> None:
    spoken = {"text": "Something else.", "captions": [{"text": "Something else.", "start_s": 0.0, "end_s": 1.0}]}
    captions = cues("First things first. Then a good deal later, the second.", spoken, 6.0, 8.0)
    assert captions[0][0] == "First things first."
    assert captions[0][1] > 0
    assert captions[-1][2] <= 6.0
    assert all(a[2] <= b[1] + 0.002 for a, b in itertools.pairwise(captions))
    for text in (" something  ELSE. ", None):
        assert cues(text, spoken, 6.0, 8.0) == [("Something else.", 0.0, 1.0)]
    assert cues("", spoken, 6.0, 8.0) == []
    told = cues("It costs 3.50 at example.com. Come!", spoken, 6.0, 8.0)
    assert [text for text, _, _ in told] == ["It costs 3.50 at example.com.", "Come!"]


def test_a_long_caption_is_set_smaller_rather_than_over_the_edge() -> None:
    for text in ("Short.", "A caption that is rather longer than most captions are", "ข้อความภาษาไทยที่ค่อนข้างยาว"):
        block, outline = set_caption(text, (1080, 1920))
        assert block.width_px <= 1080 * 0.83
        assert len(block.lines) <= 3
        assert outline >= 1


def test_a_video_is_as_long_as_its_speech_or_its_pictures() -> None:
    def length(speech_s: float | None) -> float:
        edit = slideshow(["a", "b"], speech="c" if speech_s else None)
        settled = settle(edit, [Spoken(0.0, speech_s, {})] if speech_s else [], {})
        return sum(scene.duration_s or 0 for scene in settled.scenes)

    assert length(5.0) == pytest.approx(5.5)
    assert length(None) == 8
    with pytest.raises(Refused, match="holds 600 s"):
        length(700.0)


def test_scenes_are_as_long_as_what_is_said_to_them() -> None:
    def scenes(total_s: float | None, *own_s: float | None) -> EditList:
        edit = EditList(
            scenes=tuple(Scene(asset=f"p{n}", duration_s=length) for n, length in enumerate(own_s)),
            speech=(Speech(asset="v0", scene=0), Speech(asset="v2", scene=2, at_s=0.5)),
            duration_s=total_s,
        )
        return placed(edit, {"v0": 3.0, "v2": 2.0}, {})

    free = scenes(None, None, None, None)
    assert [scene.duration_s for scene in free.scenes] == [3.0, 4.0, 3.0]  # half a second to breathe at the end
    assert [(each.at_s, each.scene) for each in free.speech] == [(0.0, None), (7.5, None)]
    longer = scenes(16, None, None, None)
    assert [scene.duration_s for scene in longer.scenes] == [5.0, 6.0, 5.0]
    assert longer.speech[1].at_s == 11.5
    assert scenes(5, None, 2.0, None).speech[1].at_s == 5.5  # too little time is what it needs, not a refusal
    with pytest.raises(Refused, match="Scene 1 lasts 1 s"):
        scenes(None, 1.0, None, None)
    with pytest.raises(ValidationError, match="there are 1"):
        EditList(scenes=(Scene(asset="p"),), speech=(Speech(asset="v", scene=1),))
