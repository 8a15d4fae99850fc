"""Videos: pictures, speech, captions and music made one. The job `video.make`.

`plan` says what happens when, `frames` draws it, `mix` sounds it, `film` writes and measures the file.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gpu_worker.edit_list import EditList
from gpu_worker.jobs import MakeVideo
from gpu_worker.sound import SILENCE_LUFS, Samples
from gpu_worker.studio import Cancelled, Claim, Draft, Studio, handles
from gpu_worker.video import film, mix
from gpu_worker.video.film import Measured
from gpu_worker.video.frames import frames
from gpu_worker.video.plan import FPS, Plan, make_plan, timed_captions

_REPORT_EVERY = 12  # frames: some tenths of a second, which is how fast a cancelled job stops


@handles("video.make")
async def make(job: Claim[MakeVideo], studio: Studio) -> Draft:
    """Make the video: H.264 and AAC in MP4, 30 frames a second, as long as asked to within one of them.

    Raises Refused when the speech is longer than the time asked for, or a picture or sound cannot be read.
    """
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_make, job, studio, stop)
    finally:
        stop.set()  # a thread is not ended with the task that waits for it


def _make(job: Claim[MakeVideo], studio: Studio, stop: threading.Event) -> Draft:
    edit = job.payload.edit
    pictures = [studio.file(scene.asset) for scene in edit.scenes]
    speech = mix.read(studio.file(edit.speech[0].asset), "speech") if edit.speech else None
    music = mix.read(studio.file(edit.music.asset), "music") if edit.music else None
    spoken = studio.about(edit.speech[0].asset).provenance if edit.speech else {}
    plan = plan_of(edit, speech, spoken)
    heard = mix.mix(speech, music, round(plan.frames * mix.RATE_HZ / FPS))
    path = studio.scratch / "video.mp4"
    film.write(path, plan, frames(pictures, plan), heard, _reporter(plan.frames, studio, stop))
    measured = film.measure(path)
    _prove(measured, plan, sounds=speech is not None or music is not None)
    studio.progress_from_thread(0.99)
    return _draft(path, measured, edit, plan)


def plan_of(edit: EditList, speech: Samples | None, spoken: dict[str, Any]) -> Plan:
    size_px, wanted_s = (edit.width, edit.height), edit.duration_s
    speech_s = len(speech) / mix.RATE_HZ if speech is not None else 0.0
    bare = make_plan(size_px, len(edit.scenes), wanted_s=wanted_s, speech_s=speech_s, captions=())
    captions = timed_captions(_words(edit, spoken), spoken, speech_s, bare.duration_s)
    return make_plan(size_px, len(edit.scenes), wanted_s=wanted_s, speech_s=speech_s, captions=captions)


def _words(edit: EditList, spoken: dict[str, Any]) -> str:
    if edit.captions.show == "none":
        return ""
    return str(spoken.get("text", "")) if edit.captions.text is None else edit.captions.text


def _reporter(total: int, studio: Studio, stop: threading.Event) -> Callable[[int], None]:
    began = time.monotonic()

    def report(done: int) -> None:
        if stop.is_set():
            raise Cancelled
        if done % _REPORT_EVERY == 0:
            left_s = (time.monotonic() - began) / done * (total - done)
            studio.progress_from_thread(0.03 + 0.92 * done / total, left_s)

    return report


def _prove(measured: Measured, plan: Plan, *, sounds: bool) -> None:
    """What was decoded is what was planned; else it is a bug of ours, and the job must not pass as done."""
    right = (measured.width_px, measured.height_px) == plan.size_px and measured.frames == plan.frames
    heard = measured.loudness_lufs > SILENCE_LUFS or not sounds
    if not right or not heard or abs(measured.duration_s - plan.duration_s) > 1 / FPS:
        raise RuntimeError(f"the video came out as {measured}, not as planned: {plan.size_px}, {plan.frames} frames")


def _draft(path: Path, measured: Measured, edit: EditList, plan: Plan) -> Draft:
    spoken = " ".join(each.text for each in plan.captions)
    provenance = {
        "engine": "Gator video (libx264, AAC)",
        "ai_label": film.AI_LABEL,
        "digital_source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic",
        "parents": edit.needs,
        "text": spoken,
        "captions": [{"text": each.text, "start_s": each.start_s, "end_s": each.end_s} for each in plan.captions],
        "loudness_lufs": measured.loudness_lufs,
        "frames": measured.frames,
    }
    return Draft(
        path,
        "video/mp4",
        measured.width_px,
        measured.height_px,
        measured.duration_s,
        provenance=provenance,
        alt_text=spoken,
    )
