"""How much work is a job? Steps times square megapixels times frames: what a denoiser's time grows with, whatever the device."""

from typing import Any

_STEPS, _SIDE_PX = 30, 1024  # of a payload that leaves them to its model
_FRAMES = {"video.clip": 49}


def effort_of(kind: str, payload: dict[str, Any]) -> float:
    """At least a little, so that a job of nothing is counted as well."""
    # A picture's upscaling is a decoder's pass and no steps.
    return max(0.01, float(payload.get("steps") or _STEPS) * size_of(kind, payload))


def size_of(kind: str, payload: dict[str, Any]) -> float:
    """What making it takes of memory grows with: megapixels of all frames, of which four are one to the denoiser."""
    width, height = payload.get("width") or _SIDE_PX, payload.get("height") or _SIDE_PX
    frames = payload.get("frames") or _FRAMES.get(kind, 1)
    return float(width * height / 1e6 * max(1.0, frames / 4))
