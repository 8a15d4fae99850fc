"""Pictures by providers: `picture.make` where no device of ours is needed. OpenAI's images, or a ComfyUI server.

A provider gives a picture in a size of its own; ours is cut to what was asked for, and says who made it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from gator.errors import Refused, Unavailable
from gpu_worker.jobs import MakePicture
from gpu_worker.pictures.given import Given
from gpu_worker.stamping import source_types
from gpu_worker.studio import Claim, Draft, Studio, handles

_ALT_CHARACTERS = 400


Provider = Callable[[Claim[MakePicture], Studio], Awaitable[Given]]


@handles("picture.make")
async def make(job: Claim[MakePicture], studio: Studio) -> Draft:
    """Have the provider make it. Raises Unavailable for what may pass, Refused for what it will not make."""
    given = await _provider(job.payload.model)(job, studio)
    await studio.progress(0.9)
    return await asyncio.to_thread(_kept, job.payload, given, studio.scratch)


def _provider(model: str) -> Provider:
    name = model.partition(":")[0]
    if name == "openai":
        from gpu_worker.pictures.openai_images import ask_openai

        return ask_openai
    if name == "comfyui":
        from gpu_worker.pictures.comfyui import ask_comfyui

        return ask_comfyui
    raise Refused(f"{name} makes no pictures.", remedy="Known are openai:MODEL and comfyui.")


def _kept(payload: MakePicture, given: Given, scratch: Path) -> Draft:
    from gpu_worker.pictures import images

    raw, path = scratch / "given", scratch / "picture.png"
    raw.write_bytes(given.data)
    try:
        picture = images.opened(raw)
    except (OSError, ValueError) as wrong:
        raise Unavailable("The provider answered with no picture.") from wrong
    size = (payload.width * payload.upscale, payload.height * payload.upscale)
    images.write(images.covering(picture, size), path)
    told = {
        "digital_source_type": source_types.RETOUCHED if payload.mask else source_types.LEARNT,
        "prompt": payload.prompt,
        "negative": payload.negative,
        "upscaled_by": "lanczos" if payload.upscale > 1 else "",
        **given.told,
    }
    provenance = {name: value for name, value in told.items() if value}
    alt = f"AI-generated picture: {payload.prompt}"[:_ALT_CHARACTERS]
    return Draft(path, "image/png", *size, provenance=provenance, alt_text=alt)
