"""Pictures by OpenAI's images, or a server that speaks the same: `images.generate`, or `images.edit` where pictures go in.

Source: platform.openai.com/docs/api-reference/images.
"""

import base64
import re
from contextlib import ExitStack
from typing import Any

from gator.errors import GatorError, Refused, Unavailable
from gpu_worker.bounds import UNPACKED, bounded
from gpu_worker.jobs import MakePicture
from gpu_worker.openai_account import access, named
from gpu_worker.pictures.given import Given
from gpu_worker.studio import Claim, Studio

_SIZES: dict[str, tuple[tuple[int, int], ...]] = {
    "dall-e-2": ((1024, 1024),),
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
    "": ((1024, 1024), (1536, 1024), (1024, 1536)),  # gpt-image and whoever follows it
}
# What the API calls a picture that it will not make.
_NO = {"moderation_blocked", "content_policy_violation"}


async def ask_openai(job: Claim[MakePicture], studio: Studio) -> Given:
    """Raises Refused where the provider refuses or the key does not do, Unavailable where it may work later."""
    import openai

    settings, payload = studio.settings, job.payload
    model = payload.model.partition(":")[2] or "gpt-image-1"
    if payload.control or payload.loras:
        raise Refused("OpenAI's images take no ControlNet and no LoRA.", remedy="Leave them out, or use another model.")
    key, base_url = access(settings, settings.image_base_url, "images")
    http = openai.DefaultAsyncHttpxClient(
        headers=UNPACKED, event_hooks=bounded(settings.image_timeout_s), follow_redirects=False
    )
    async with openai.AsyncOpenAI(
        api_key=key, base_url=base_url, timeout=settings.image_timeout_s, max_retries=0, http_client=http
    ) as client:
        try:
            answer = await _ask(client, model, payload, studio)
        except openai.OpenAIError as error:
            raise _named(error) from error
    encoded = answer.data[0].b64_json if answer.data else None
    if not encoded:
        raise Unavailable("The provider answered with no picture.")
    try:
        picture = base64.b64decode(encoded)
    except ValueError as wrong:
        raise Unavailable("The provider answered with no picture.") from wrong
    told = {"engine": "OpenAI images", "model": payload.model}
    # DALL-E 3 paints what it makes of the words, and says what that is.
    return Given(picture, told | {"prompt_as_rewritten": answer.data[0].revised_prompt or ""})


async def _ask(client: Any, model: str, payload: MakePicture, studio: Studio) -> Any:
    width, height = _size(model, payload)
    told: dict[str, Any] = {"model": model, "prompt": _prompt(payload), "size": f"{width}x{height}", "n": 1}
    if model.startswith("dall-e"):
        told["response_format"] = "b64_json"  # the others give nothing else
    sources = [id for id in (payload.start, *payload.references) if id]
    if not sources:
        return await client.images.generate(**told)
    with ExitStack() as files:
        pictures = [_file(files, studio, id) for id in sources]
        if payload.mask:
            told["mask"] = _as_mask(studio, payload.mask)
        return await client.images.edit(image=pictures if len(pictures) > 1 else pictures[0], **told)


def _file(files: ExitStack, studio: Studio, id: str) -> tuple[str, Any, str]:
    mime = studio.about(id).mime
    return f"{id}.{mime.partition('/')[2]}", files.enter_context(studio.file(id).open("rb")), mime


def _as_mask(studio: Studio, id: str) -> tuple[str, bytes, str]:
    """Where ours is white theirs is see-through: there it is painted anew."""
    import io

    from PIL import Image, ImageOps

    from gpu_worker.pictures.images import opened

    white = opened(studio.file(id)).convert("L")
    mask = Image.new("RGBA", white.size)
    mask.putalpha(ImageOps.invert(white))
    out = io.BytesIO()
    mask.save(out, "PNG")
    return "mask.png", out.getvalue(), "image/png"


def _prompt(payload: MakePicture) -> str:
    if not payload.negative:
        return payload.prompt
    things = re.sub(r"[.!?;:\n]+", ",", payload.negative)  # a list, in which no sentence of its own begins
    return f"{payload.prompt}\n\nDo not show: {things}"


def _size(model: str, payload: MakePicture) -> tuple[int, int]:
    """Of those it makes, the one whose proportions are nearest."""
    sizes = _SIZES.get(model, _SIZES[""])
    asked = payload.width / payload.height
    return min(sizes, key=lambda size: max(asked / (size[0] / size[1]), (size[0] / size[1]) / asked))


def _named(error: Exception) -> GatorError:
    if str(getattr(error, "code", "")) in _NO:
        return Refused("The provider refuses to make this picture.", remedy="Describe it in other words.")
    return named(error, "GATOR_IMAGE_MODEL")
