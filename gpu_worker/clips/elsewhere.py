"""Clips by a provider: `video.clip` where no device of ours is needed. Runway.

A provider's clip comes in a size, rate and length of its own; ours is cut to what was asked for, and says who made it.
"""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gator.errors import Refused, Unavailable
from gpu_worker.clips.offers import PROVIDER
from gpu_worker.jobs import MakeClip
from gpu_worker.stamping import source_types
from gpu_worker.studio import Cancelled, Claim, Draft, Studio, handles

_ALT_CHARACTERS = 400
_BLACK = (0, 0, 0)


@handles("video.clip")
async def make(job: Claim[MakeClip], studio: Studio) -> Draft:
    """Have the provider make it. Raises Unavailable for what may pass, Refused for what it will not make."""
    if job.payload.model.partition(":")[0] != PROVIDER:
        raise Refused(f"{job.payload.model} makes no clips.", remedy="Known is runway:MODEL.")
    from gpu_worker.clips.runway import ask_runway

    file, told = await ask_runway(job, studio)
    await studio.progress(0.95)
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_fitted, job.payload, file, told, studio.scratch, stop)
    finally:
        stop.set()  # a thread is not ended with the task that waits for it


def _fitted(payload: MakeClip, given: Path, told: dict[str, Any], scratch: Path, stop: threading.Event) -> Draft:
    from gpu_worker.clips import writing

    path, raw, size = scratch / "clip.mp4", scratch / "raw.mp4", (payload.width, payload.height)
    try:
        writing.write(raw, _frames(payload, given, stop), payload.fps, size)
    except Refused as wrong:  # what our decoder says of files that people send
        raise Unavailable("Runway answered with a clip that cannot be read.") from wrong
    writing.join([raw], path, payload.fps)
    found = writing.measured(path)
    if found != (payload.frames, *size):
        raise RuntimeError(f"the clip came out as {found}, not as planned: {payload.frames}, {size}")
    provenance = {
        "digital_source_type": source_types.LEARNT,
        "ai_label": writing.AI_LABEL,
        "prompt": payload.prompt,
        **told,
    }
    alt = f"AI-generated clip: {payload.prompt}"[:_ALT_CHARACTERS] if payload.prompt else "AI-generated clip"
    kept = {name: value for name, value in provenance.items() if value}
    return Draft(path, "video/mp4", *size, payload.frames / payload.fps, provenance=kept, alt_text=alt)


def _frames(payload: MakeClip, given: Path, stop: threading.Event) -> Iterator[Any]:
    """At the asked rate and size; when the provider's clip is over its last frame stays."""
    import av

    from gpu_worker.edit_list import Scene
    from gpu_worker.video.clips import Clip
    from gpu_worker.video.planes import to_frame

    try:
        clip = Clip(given, Scene(asset="given", kind="clip", fit="cover"), (payload.width, payload.height), _BLACK)
    except av.FFmpegError as broken:
        raise Unavailable("Runway answered with no clip.") from broken
    try:
        for number in range(payload.frames):
            if stop.is_set():
                raise Cancelled
            yield to_frame(clip.at(number / payload.fps, 0.0))
    finally:
        clip.close()
