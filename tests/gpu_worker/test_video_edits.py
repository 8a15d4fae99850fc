"""Is everything in the video that its edit list tells, at its time? Frames are decoded and compared, sound is measured in dB."""

import asyncio
import itertools
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from gator.errors import Refused
from gpu_worker import sound, video
from gpu_worker.cards.emoji import draw_emoji
from gpu_worker.edit_list import Captions, Cue, EditList, Logo, Music, Scene, Speech, Title, Transition
from gpu_worker.jobs import MakeVideo
from gpu_worker.studio import Draft
from gpu_worker.video import Pace, mix
from gpu_worker.video.cues import Spoken
from gpu_worker.video.timeline import settle
from tests.gpu_worker.bench_studio import Bench, claim

WIDE, HIGH = 144, 256
Pixels = np.ndarray[Any, np.dtype[np.int_]]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def drawn(bench: Bench, picture: Image.Image) -> str:
    path = bench.scratch / f"{len(bench.assets)}.png"
    picture.save(path)
    return bench.put(path, "picture")


def plain(bench: Bench, colour: str) -> str:
    return drawn(bench, Image.new("RGB", (WIDE, HIGH), colour))


def tone(bench: Bench, seconds: float, hertz: int, **told: Any) -> str:
    rate = 24_000
    wave = (np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate) * 0.2).astype(np.float32)
    path = bench.scratch / f"{len(bench.assets)}.wav"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_f32le", rate=rate, layout="mono")
        packed = av.AudioResampler(format="flt", layout="mono", rate=rate)
        for frame in (each for part in sound.frames(wave, rate) for each in packed.resample(part)):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return bench.put(path, "voice", provenance=told)


def clip(
    bench: Bench, seconds: float = 3.0, fps: int = 25, hertz: int | None = None, late_s: float = 0.0, kind: str = "mp4"
) -> str:
    """A film that gets brighter: its grey says the time. It has one key frame, and its sound begins that much later."""
    path = bench.scratch / f"{len(bench.assets)}.{kind}"
    with av.open(str(path), "w") as out:
        film = out.add_stream("libx264", rate=fps, options={"crf": "12"})
        film.width, film.height, film.pix_fmt = 160, 120, "yuv420p"
        voice = out.add_stream("aac", rate=48_000, layout="mono") if hertz else None
        for number in range(round(seconds * fps)):
            grey = round(40 + 180 * number / (seconds * fps))
            out.mux(film.encode(av.VideoFrame.from_ndarray(np.full((120, 160, 3), grey, np.uint8), format="rgb24")))
        out.mux(film.encode(None))
        if voice and hertz:
            wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * 48_000)) / 48_000).astype(np.float32) * 0.2
            for frame in sound.frames(wave, 48_000):
                frame.pts = (frame.pts or 0) + round(late_s * 48_000)
                out.mux(voice.encode(frame))
            out.mux(voice.encode(None))
    return bench.put(path, "video")


async def made(bench: Bench, **fields: Any) -> Draft:
    edit = EditList(**{"width": WIDE, "height": HIGH, "captions": Captions(show="none"), **fields})
    return await asyncio.to_thread(video._make, claim(MakeVideo(edit=edit)), bench.studio(), threading.Event())


def seen(draft: Draft) -> list[Pixels]:
    with av.open(str(draft.path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]


def heard_db(draft: Draft, hertz: int, start_s: float, end_s: float) -> float:
    """How loud one tone is in a part of the video."""
    samples = sound.decode(draft.path, mix.RATE_HZ, 1)[int(start_s * mix.RATE_HZ) : int(end_s * mix.RATE_HZ)]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / len(samples)
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / mix.RATE_HZ) - hertz) < 20
    return float(20 * np.log10(spectrum[near].max() + 1e-9))


def spot(frame: Pixels) -> tuple[float, float]:
    """Where the white spot is."""
    rows, columns = np.nonzero(frame.min(axis=2) > 150)
    return float(columns.mean()), float(rows.mean())


@pytest.mark.parametrize(
    ("motion", "across", "down"),
    [
        ("none", 0, 0),
        ("zoom_in", -1, -1),
        ("zoom_out", 1, 1),
        ("pan_left", 1, 0),
        ("pan_right", -1, 0),
        ("pan_up", 0, 1),
        ("pan_down", 0, -1),
    ],
)
async def test_a_still_moves_as_it_is_told(bench: Bench, motion: str, across: int, down: int) -> None:
    picture = Image.new("RGB", (WIDE * 2, HIGH * 2), "navy")
    ImageDraw.Draw(picture).ellipse((60, 100, 100, 140), fill="white")  # above and left of the middle
    frames = seen(await made(bench, scenes=(Scene(asset=drawn(bench, picture), motion=motion, duration_s=1),)))
    (x0, y0), (x1, y1) = spot(frames[0]), spot(frames[-1])
    for moved, wanted in ((x1 - x0, across), (y1 - y0, down)):
        assert abs(moved) < 0.7 if not wanted else moved * wanted > 1.5
    steps = [abs(spot(a)[0] - spot(b)[0]) + abs(spot(a)[1] - spot(b)[1]) for a, b in itertools.pairwise(frames)]
    assert max(steps) < 2.5  # gently, without jumps


def red(colour: Pixels) -> bool:
    return bool(colour[0] > 180 > 80 > colour[2])


def blue(colour: Pixels) -> bool:
    return bool(colour[2] > 180 > 80 > colour[0])


@pytest.mark.parametrize("kind", ["cut", "fade", "slide", "wipe"])
async def test_a_scene_comes_as_it_is_told(bench: Bench, kind: str) -> None:
    comes = Transition.model_validate({"kind": kind, "length_s": 0.4})
    scenes = (
        Scene(asset=plain(bench, "red"), duration_s=0.6),
        Scene(asset=plain(bench, "blue"), duration_s=1, transition=comes),
    )
    frames = seen(await made(bench, scenes=scenes))
    assert len(frames) == 48
    assert frames[17][..., 0].min() > 200  # all red until then
    assert frames[31][..., 2].min() > 200  # all blue after it
    middle = frames[23]
    left, right = middle[:, :20].mean(axis=(0, 1)), middle[:, -20:].mean(axis=(0, 1))
    if kind == "cut":
        assert blue(left)
        assert blue(right)
    elif kind == "fade":
        assert 80 < left[0] < 180
        assert 80 < left[2] < 180
    elif kind == "slide":
        assert red(left)
        assert blue(right)
    else:
        assert blue(left)
        assert red(right)


async def test_a_title_over_a_card_covers_the_card_s_words(bench: Bench) -> None:
    picture, card = plain(bench, "red"), bench.scratch / "card.png"
    Image.new("RGB", (WIDE, HIGH), "red").save(card)
    worded = bench.put(card, "picture", provenance={"kind": "picture.card"})
    scenes = (
        Scene(asset=picture, duration_s=0.8, title="Low tide"),
        Scene(asset=worded, duration_s=0.8, title="Low tide"),
    )

    frames = seen(await made(bench, scenes=scenes))

    over_a_picture, over_a_card = (int((frames[at].max(axis=2) < 60).sum()) for at in (12, 36))
    assert over_a_card > 2 * over_a_picture > 0  # letters have an outline; here they stand on a panel


async def test_titles_and_a_logo_are_there_at_their_times_and_nowhere_else(bench: Bench) -> None:
    mark = Image.new("RGBA", (80, 40), (0, 0, 0, 0))
    ImageDraw.Draw(mark).rectangle((0, 0, 39, 39), fill=(255, 128, 0, 255))  # its right half is transparent
    one, two = (
        Scene(asset=plain(bench, "navy"), duration_s=1),
        Scene(asset=plain(bench, "navy"), duration_s=1, title="Then"),
    )
    without = seen(await made(bench, scenes=(one, two.model_copy(update={"title": ""}))))
    logo = Logo(asset=drawn(bench, mark), corner="bottom_left", share=0.25)
    frames = seen(
        await made(bench, scenes=(one, two), titles=(Title(text="Hello", at_s=0.2, duration_s=0.6),), logo=logo)
    )
    changed = [np.abs(a - b).max(axis=2) > 60 for a, b in zip(frames, without, strict=True)]
    for each in changed:
        rows, columns = np.nonzero(each[HIGH - 60 :])
        assert 250 < len(rows) < 400  # 18 x 18: a quarter of the short side, half of it transparent
        assert (columns.min() < 8, columns.max() < 30) == (True, True)
    words = [each[: HIGH - 60].sum() for each in changed]
    assert max(words[:5]) == max(words[26:30]) == 0
    assert min(words[14:22]) > 100
    assert min(words[40:50]) > 100
    lines = [np.flatnonzero(changed[at][: HIGH - 60].any(axis=1)).mean() / HIGH for at in (16, 45)]
    assert 0.38 < lines[0] < 0.5
    assert 0.14 < lines[1] < 0.26  # a scene's title is above


async def test_the_word_that_is_said_stands_out_within_150_ms(bench: Bench) -> None:
    words = [("One", 0.2, 0.5), ("bright", 0.5, 0.95), ("morning", 0.95, 1.3), ("she", 1.6, 1.8), ("sang", 1.8, 2.1)]
    voice = tone(bench, 2.3, 200, text="One bright morning. She sang.", words=words)
    draft = await made(
        bench, scenes=(Scene(asset=plain(bench, "black")),), speech=(Speech(asset=voice),), captions=Captions()
    )
    frames = seen(draft)
    yellow = [(frame[..., 0] > 190) & (frame[..., 1] > 150) & (frame[..., 2] < 110) for frame in frames]
    places = [float(np.nonzero(each)[1].mean()) if each.sum() > 8 else None for each in yellow]
    begins = [
        number / 30
        for number, (one, other) in enumerate(itertools.pairwise(places), 1)
        if other is not None and (one is None or abs(one - other) > 6)
    ]
    assert len(begins) == len(words)
    assert max(abs(begin - start) for begin, (_, start, _) in zip(begins, words, strict=True)) < 0.15
    assert places[0] is None
    assert places[-1] is None
    assert [each["text"] for each in draft.provenance["captions"]] == ["One bright morning she sang"]
    cue = draft.provenance["edit"]["captions"]["cues"][0]
    assert cue["words"][1] == ["bright", 0.5, 0.95]


@pytest.mark.parametrize(
    ("show", "burnt", "apart"), [("burnt", True, False), ("file", False, True), ("none", False, False)]
)
async def test_captions_are_burnt_in_or_beside_or_not_there(bench: Bench, show: str, burnt: bool, apart: bool) -> None:
    captions = Captions.model_validate(
        {"show": show, "style": "phrase", "cues": [Cue(text="Hello", start_s=0, end_s=1)]}
    )
    draft = await made(bench, scenes=(Scene(asset=plain(bench, "black"), duration_s=0.5),), captions=captions)
    assert bool(draft.provenance["captions"]) == apart
    frame = seen(draft)[8]
    assert (int((frame.min(axis=2) > 200).sum()) > 30) == burnt


async def test_emoji_that_are_drawn_are_credited_in_the_file(bench: Bench) -> None:
    scenes = (Scene(asset=plain(bench, "navy"), duration_s=0.2, title="Sun \U0001f31e"),)
    draft = await made(bench, scenes=scenes)
    with av.open(str(draft.path)) as container:
        assert container.metadata.get("copyright", "") == "; ".join(draft.provenance["credits"])
    drawn = draw_emoji("\U0001f31e", 20)
    assert draft.provenance["credits"] == (
        [drawn.credit] if drawn.credit else []
    )  # the system's own font asks for none
    assert (await made(bench, scenes=(Scene(asset=plain(bench, "navy"), duration_s=0.2),))).provenance["credits"] == []


async def test_music_goes_down_under_a_voice_by_as_much_as_is_told(bench: Bench) -> None:
    voice, music = tone(bench, 2.5, 2_000), tone(bench, 1.5, 300)
    scenes = (Scene(asset=plain(bench, "navy"), duration_s=9),)
    speech = (Speech(asset=voice, at_s=3.0),)
    for duck_db in (-12.0, -24.0):
        draft = await made(bench, scenes=scenes, speech=speech, music=Music(asset=music, duck_db=duck_db))
        alone, under, after = (heard_db(draft, 300, start, start + 1) for start in (1.0, 3.7, 6.4))
        assert under - alone == pytest.approx(duck_db, abs=1)
        assert after == pytest.approx(alone, abs=1)
    assert heard_db(draft, 2_000, 3.5, 5) - heard_db(draft, 2_000, 1, 2) > 40
    assert heard_db(draft, 300, 8.7, 9) < alone - 10


async def test_a_clip_shows_the_part_that_is_asked_for(bench: Bench) -> None:
    film = clip(bench)
    scenes = (
        Scene(asset=film, kind="clip", in_s=1.5, duration_s=1, fit="cover"),
        Scene(asset=film, kind="clip", duration_s=0.5, fit="contain", transition=Transition(kind="fade", length_s=0.2)),
    )
    draft = await made(bench, scenes=scenes, fps=50, background="#ff0000")
    frames = seen(draft)
    assert len(frames) == 75
    for number in (0, 20, 45):
        second = 1.5 + number / 50
        assert frames[number].mean() == pytest.approx(40 + 180 * second / 3, abs=5)
    # Whole on the background: the clip is 4:3, the frame upright.
    last = frames[70]
    assert last[10].mean(axis=0) == pytest.approx((255, 0, 0), abs=12)
    assert last[HIGH // 2].mean() == pytest.approx(40 + 180 * 0.4 / 3, abs=6)
    assert draft.provenance["loudness_lufs"] == sound.SILENCE_LUFS


async def test_a_clip_is_heard_where_it_is_asked_for(bench: Bench) -> None:
    film = clip(bench, hertz=700)
    scenes = (
        Scene(asset=film, kind="clip", in_s=0.5, duration_s=1.2),
        Scene(asset=film, kind="clip", in_s=0.5, duration_s=1.2, gain_db=0),
    )
    draft = await made(bench, scenes=scenes)
    assert heard_db(draft, 700, 1.4, 2.3) - heard_db(draft, 700, 0.1, 1.0) > 40


@pytest.mark.parametrize("in_s", [0.0, 1.5])
async def test_pictures_and_sound_of_a_clip_are_as_far_apart_as_its_file_says(bench: Bench, in_s: float) -> None:
    film = clip(bench, seconds=5.0, hertz=700, late_s=2.0)
    draft = await made(bench, scenes=(Scene(asset=film, kind="clip", in_s=in_s, duration_s=3.0, gain_db=0),))
    begins = 2.0 - in_s
    assert heard_db(draft, 700, begins + 0.1, begins + 0.4) - heard_db(draft, 700, begins - 0.4, begins - 0.1) > 40


async def test_a_stream_that_cannot_be_searched_is_read_from_its_beginning(bench: Bench) -> None:
    film = clip(bench, kind="ts")
    draft = await made(bench, scenes=(Scene(asset=film, kind="clip", in_s=2.0, duration_s=0.5, fit="cover"),))
    assert seen(draft)[0].mean() == pytest.approx(40 + 180 * 2 / 3, abs=6)


async def test_a_voice_is_heard_without_clicks_where_seconds_meet(bench: Bench) -> None:
    draft = await made(
        bench,
        scenes=(Scene(asset=plain(bench, "navy"), duration_s=3.5),),
        speech=(Speech(asset=tone(bench, 2.9, 250), at_s=0.3),),
    )
    heard = sound.decode(draft.path, mix.RATE_HZ, 1)
    inside = heard[round(0.5 * mix.RATE_HZ) : round(3.0 * mix.RATE_HZ)]
    assert np.abs(np.diff(inside)).max() < 1.3 * 2 * np.pi * 250 / mix.RATE_HZ * np.abs(inside).max()
    assert np.flatnonzero(np.abs(heard) > 0.05)[0] / mix.RATE_HZ == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"scenes": [{"in_s": 2.0, "duration_s": 2.0}]},
            r"clip of scene 1 lasts 3\.0 s; the scene wants it from 2 s to 4 s",
        ),
        ({"scenes": [{"in_s": 5.0}]}, r"wants it from 5 s"),
        ({"scenes": [{"duration_s": 1}], "duration_s": 4}, r"scenes last 1\.00 s, not 4 s"),
        ({"scenes": [{"duration_s": 0.001}]}, "less than one frame"),
        (
            {"scenes": [{"duration_s": 1}], "titles": [{"text": "Late", "at_s": 2}]},
            '"Late" begins at 2 s, after the end at 1 s',
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_lengths(fields: dict[str, Any], reason: str) -> None:
    scenes = [{"asset": "a", "kind": "clip", **each} for each in fields["scenes"]]
    with pytest.raises(Refused, match=reason):
        settle(EditList.model_validate({**fields, "scenes": scenes}), [], {"a": 3.0})


def test_a_list_that_was_settled_stays_as_it_is() -> None:
    words = [("Good", 0.1, 0.4), ("morning.", 0.4, 0.9)]
    voices = [Spoken(1.0, 1.0, {"text": "Good morning.", "words": words})]
    edit = EditList(scenes=(Scene(asset="a"), Scene(asset="b", duration_s=1)), speech=(Speech(asset="c", at_s=1),))
    settled = settle(edit, voices, {})
    assert [scene.duration_s for scene in settled.scenes] == [1.5, 1]
    assert settled.captions.cues == (
        Cue(text="Good morning.", start_s=1.1, end_s=1.9, words=(("Good", 1.1, 1.4), ("morning.", 1.4, 1.9))),
    )
    assert settle(settled, voices, {}) == settled


def test_captions_are_read_in_time_though_scenes_changed_places_before_they_had_any() -> None:
    voices = [Spoken(1.4, 1.0, {"text": "One."}), Spoken(0.0, 1.0, {"text": "Two."})]
    edit = EditList(scenes=(Scene(asset="b", duration_s=1.4), Scene(asset="a", duration_s=1.4)))

    cues = settle(edit, voices, {}).captions.cues or ()

    assert [(cue.text, cue.start_s) for cue in cues] == [("Two.", 0.12), ("One.", 1.52)]


async def test_a_playlist_opens_no_other_file(bench: Bench) -> None:
    film = bench.blobs.get(bench.assets[clip(bench)].sha256)
    path = bench.scratch / "list.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\nfile://{film}\n#EXT-X-ENDLIST\n")
    listed = bench.put(path, "video")
    with pytest.raises(Refused, match="clip of scene 1 cannot be read"):
        await made(bench, scenes=(Scene(asset=listed, kind="clip"),))
    with pytest.raises(Refused, match="cannot be played"):
        await made(bench, scenes=(Scene(asset=plain(bench, "navy")),), speech=(Speech(asset=listed),))


async def test_a_voice_that_is_said_to_a_scene_stays_with_it(bench: Bench) -> None:
    scenes = (Scene(asset=clip(bench, 0.8), kind="clip"), Scene(asset=plain(bench, "navy")))
    draft = await made(bench, scenes=scenes, speech=(Speech(asset=tone(bench, 0.7, 900), scene=1),))
    kept = EditList.model_validate(draft.provenance["edit"])
    assert kept.speech[0].scene == 1
    assert [round(scene.duration_s or 0, 2) for scene in kept.scenes] == [0.8, 1.2]
    assert heard_db(draft, 900, 0.9, 1.4) - heard_db(draft, 900, 0.1, 0.6) > 40
    turned = kept.model_copy(
        update={"scenes": kept.scenes[::-1], "speech": (kept.speech[0].model_copy(update={"scene": 0}),)}
    )
    again = await made(bench, **dict(turned))
    assert heard_db(again, 900, 0.1, 0.6) - heard_db(again, 900, 1.3, 1.9) > 40


async def test_a_clip_that_is_none_is_refused(bench: Bench) -> None:
    path = bench.scratch / "text.mp4"
    path.write_text("no film")
    scenes = Scene(asset=plain(bench, "navy"), duration_s=1), Scene(asset=bench.put(path, "video"), kind="clip")
    with pytest.raises(Refused, match="The clip of scene 2 cannot be read"):
        await made(bench, scenes=scenes)
    with pytest.raises(Refused, match="The picture of scene 2 cannot be read"):
        await made(bench, scenes=(scenes[0], Scene(asset=bench.put(path, "picture"), duration_s=1)))


def test_the_rest_is_told_by_what_was_measured_and_by_the_slower_pace_of_late() -> None:
    pace = Pace()
    assert pace.left_s(0.0, 1, 101) is None
    assert pace.left_s(1.0, 31, 101) is None
    assert pace.left_s(2.0, 51, 101) == pytest.approx(2.0)
    for second in range(3, 14):  # another render began: 1 frame a second
        left_s = pace.left_s(second, 49 + second, 101)
    assert left_s == pytest.approx(39.0)
