"""How much work is a job? Steps times square megapixels times frames: what a denoiser's time grows with, whatever the device."""

from typing import Any

_STEPS, _SIDE_PX = 30, 1024  # of a payload that leaves them to its model
_FRAMES = {"video.clip": 49}


def effort_of(kind: str, payload: dict[str, Any]) -> float:
    """At least a little, so that a job of nothing is counted as well."""
    steps = payload.get("steps") or _STEPS
    width, height = payload.get("width") or _SIDE_PX, payload.get("height") or _SIDE_PX
    frames = payload.get("frames") or _FRAMES.get(kind, 1)
    # A picture's upscaling is a decoder's pass and no steps; four latent frames of a clip are one.
    return max(0.01, float(steps) * width * height / 1e6 * max(1.0, frames / 4))
