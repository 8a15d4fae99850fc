"""Videos: what an edit list tells, made one file. The job `video.make`.

`timeline` says what happens when (`cues` of captions), `frames` draws it (`pictures`, `clips`, `overlays`), `mix` sounds
it, `film` writes and measures the file.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gpu_worker.edit_list import EditList
from gpu_worker.jobs import MakeVideo
from gpu_worker.sound import AIM_LUFS, SILENCE_LUFS, Samples
from gpu_worker.studio import Cancelled, Claim, Draft, Studio, handles
from gpu_worker.video import clips, film, mix
from gpu_worker.video.cues import Spoken
from gpu_worker.video.film import Measured
from gpu_worker.video.frames import frames
from gpu_worker.video.overlays import credits_owed
from gpu_worker.video.telling import alt_text
from gpu_worker.video.timeline import Timeline, placed, settle
from memory.models import Asset

_REPORT_EVERY_S = 0.3  # which is how fast a cancelled job stops
_WRITTEN = 0.93  # of the work is done when all frames are written: the rest is the proof
_LATELY_S = 10.0  # another render may have begun since
_MEASURED_S = 2.0  # the first frames say little
_CLIP_LUFS = -20.0  # of what is heard of a clip: behind the voices


@handles("video.make")
async def make(job: Claim[MakeVideo], studio: Studio) -> Draft:
    """Make the video: H.264 and AAC in MP4, as long as its list says to within a frame.

    Raises Refused when voices, scenes and clips do not fit into the time there is, or one of the files cannot be read.
    """
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_make, job, studio, stop)
    finally:
        stop.set()  # a thread is not ended with the task that waits for it


def _make(job: Claim[MakeVideo], studio: Studio, stop: threading.Event) -> Draft:
    watch = _Watch(studio, stop)
    files = {asset: studio.file(asset) for asset in job.payload.edit.needs}
    lengths = _clip_lengths(job.payload.edit, files)
    sounds = _Sounds(job.payload.edit, files, lengths, watch.check)
    timeline = Timeline(settle(sounds.edit, sounds.voices(studio), lengths), _cards(job.payload.edit, studio))
    path = studio.scratch / "video.mp4"
    heard = sounds.over(timeline)
    film.write(path, timeline, frames(timeline, files), heard, watch.reporter(timeline.frames))
    measured = film.measure(path, watch.check)
    _prove(measured, timeline, sounds=sounds.heard(timeline))
    studio.progress_from_thread(0.99)
    # Kept as they were told: a voice that belongs to a scene goes with it when scenes are put in another order.
    edit = timeline.edit.model_copy(update={"speech": job.payload.edit.speech})
    return _draft(path, measured, edit, studio.about)


class _Watch:
    """Tells how far the work is and ends it when nobody wants it any more."""

    def __init__(self, studio: Studio, stop: threading.Event) -> None:
        self._studio, self._stop = studio, stop
        self._began = self._told = time.monotonic()
        self._share = 0.0
        self._left_s: float | None = None

    def check(self) -> None:
        """Raises Cancelled when the job was cancelled or its task ended."""
        if self._stop.is_set():
            raise Cancelled
        if time.monotonic() - self._told >= _REPORT_EVERY_S:
            self._studio.progress_from_thread(self._share, self._left_s)
            self._told = time.monotonic()

    def reporter(self, total: int) -> Callable[[int], None]:
        pace = Pace()

        def report(done: int) -> None:
            self._share = 0.03 + (_WRITTEN - 0.03) * done / total
            self._left_s = pace.left_s(time.monotonic(), done, total / _WRITTEN)
            self.check()

        return report


class Pace:
    """How long is the rest, as this job was measured? Of its pace from the beginning and that of late, the slower counts."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, int]] = deque()
        self._first: tuple[float, int] | None = None

    def left_s(self, at_s: float, done: int, total: float) -> float | None:
        """None until there is something to go by."""
        self._first = self._first or (at_s, done)
        self._told.append((at_s, done))
        while at_s - self._told[0][0] > _LATELY_S:
            self._told.popleft()
        if at_s - self._first[0] < _MEASURED_S:
            return None
        slower = max((at_s - since_s) / max(done - before, 1) for since_s, before in (self._first, self._told[0]))
        return slower * (total - done)


class _Sounds:
    """The recordings of a list, each heard once to know how long and how loud it is."""

    def __init__(
        self, edit: EditList, files: Mapping[str, Path], clips_s: Mapping[str, float], check: Callable[[], None]
    ) -> None:
        self._speech = {
            each.asset: mix.measured(files[each.asset], _called(edit, place), check)
            for place, each in enumerate(edit.speech)
        }
        self.edit = placed(edit, {asset: one.length / mix.RATE_HZ for asset, one in self._speech.items()}, clips_s)
        self._music = mix.measured(files[edit.music.asset], "The music", check) if edit.music else None
        heard = {scene.asset: place for place, scene in enumerate(edit.scenes, 1) if scene.gain_db is not None}
        self._clips = {
            asset: mix.measured(files[asset], f"The sound of scene {place}", check)
            for asset, place in heard.items()
            if mix.has_sound(files[asset])
        }

    def voices(self, studio: Studio) -> list[Spoken]:
        return [
            Spoken(each.at_s, self._speech[each.asset].length / mix.RATE_HZ, studio.about(each.asset).provenance or {})
            for each in self.edit.speech
        ]

    def over(self, timeline: Timeline) -> Iterator[Samples]:
        spoken = [
            mix.Part(one.path, round(each.at_s * mix.RATE_HZ), one.length, one.gain(AIM_LUFS, each.gain_db))
            for each in self.edit.speech
            for one in [self._speech[each.asset]]
        ]
        bed = None
        if self._music and self.edit.music:
            music = self.edit.music
            gain = self._music.gain(mix.bed_aim(spoken), music.gain_db)
            bed = mix.Bed(self._music.path, gain, music.duck_db)
        length = round(timeline.frames * mix.RATE_HZ / timeline.edit.fps)
        return mix.mix(spoken, self._of_clips(timeline), bed, length)

    def heard(self, timeline: Timeline) -> bool:
        """Whether the video must not be silent."""
        loud = [one for one in (*self._speech.values(), self._music) if one and one.lufs > SILENCE_LUFS]
        turned_down = [each for each in (*self.edit.speech, self.edit.music) if each and each.gain_db < -20]
        return bool(loud) and not turned_down and timeline.duration_s > 1

    def _of_clips(self, timeline: Timeline) -> list[mix.Part]:
        parts = []
        for scene, start in zip(timeline.edit.scenes, timeline.starts[:-1], strict=True):
            clip = self._clips.get(scene.asset)
            if clip is None or scene.gain_db is None or scene.duration_s is None:
                continue
            gain = clip.gain(_CLIP_LUFS, scene.gain_db)
            at, length = (round(each * mix.RATE_HZ) for each in (start / timeline.edit.fps, scene.duration_s))
            parts.append(mix.Part(clip.path, at, length, gain, round(scene.in_s * mix.RATE_HZ)))
        return parts


def _cards(edit: EditList, studio: Studio) -> frozenset[str]:
    stills = {scene.asset: studio.about(scene.asset).provenance or {} for scene in edit.scenes}
    return frozenset(asset for asset, told in stills.items() if told.get("kind") == "picture.card")


def _clip_lengths(edit: EditList, files: Mapping[str, Path]) -> dict[str, float]:
    return {
        scene.asset: clips.length_s(files[scene.asset], f"The clip of scene {place}")
        for place, scene in enumerate(edit.scenes, 1)
        if scene.kind == "clip"
    }


def _called(edit: EditList, place: int) -> str:
    """A voice of the list, as who wrote it tells it from others."""
    return "The speech" if len(edit.speech) == 1 else f"The speech number {place + 1}"


def _prove(measured: Measured, timeline: Timeline, *, sounds: bool) -> None:
    """What was decoded is what was planned; else it is a bug of ours, and the job must not pass as done."""
    right = (measured.width_px, measured.height_px) == timeline.size_px and measured.frames == timeline.frames
    heard = measured.loudness_lufs > SILENCE_LUFS or not sounds
    if not right or not heard or abs(measured.duration_s - timeline.duration_s) > 1 / timeline.edit.fps:
        planned = f"{timeline.size_px}, {timeline.frames} frames"
        raise RuntimeError(f"the video came out as {measured}, not as planned: {planned}")


def _draft(path: Path, measured: Measured, edit: EditList, about: Callable[[str], Asset]) -> Draft:
    cues = edit.captions.cues or ()
    text = " ".join(cue.text for cue in cues)
    apart = cues if edit.captions.show in ("file", "both") else ()
    provenance = {
        "engine": "Gator video (libx264, AAC)",
        "ai_label": film.AI_LABEL,
        "parents": edit.needs,
        "text": text,
        "captions": [{"text": cue.text, "start_s": cue.start_s, "end_s": cue.end_s} for cue in apart],
        "credits": credits_owed(edit),
        "edit": edit.model_dump(mode="json"),
        "loudness_lufs": measured.loudness_lufs,
        "frames": measured.frames,
    }
    size = (measured.width_px, measured.height_px)
    told = alt_text(edit, text, about)
    return Draft(path, "video/mp4", *size, measured.duration_s, provenance=provenance, alt_text=told)
