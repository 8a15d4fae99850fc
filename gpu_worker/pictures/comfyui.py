"""Pictures by a ComfyUI server: the workflow of GATOR_COMFYUI_WORKFLOW, its {slots} filled in, queued, waited for, fetched.

The workflow is what ComfyUI's "Export (API)" writes. Slots are {prompt}, {negative}, {seed}, {width}, {height}, {steps},
{guidance}, {strength} and the file names {start} and {mask}; a value that is nothing but a slot takes its type.
Source: github.com/comfyanonymous/ComfyUI, server.py (POST /prompt, GET /history/ID, GET /view, POST /upload/image).
"""

import asyncio
import hashlib
import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from gpu_worker.bounds import UNPACKED, bounded, wait_s
from gpu_worker.jobs import MakePicture
from gpu_worker.pictures.given import Given
from gpu_worker.studio import Claim, Studio

if TYPE_CHECKING:
    import httpx

_SLOT = re.compile(r"\{([a-z]+)\}")
_LOOK_S = 0.5
_STEPS, _GUIDANCE = 25, 6.0  # where neither the order nor the persona says


async def ask_comfyui(job: Claim[MakePicture], studio: Studio) -> Given:
    """Raises Unavailable where the server is away, busy or not set up, Refused where it does not take the workflow."""
    import httpx

    settings = studio.settings
    workflow = await asyncio.to_thread(_workflow, settings)
    if not settings.comfyui_url:
        raise Unavailable("No ComfyUI server is configured.", remedy="Set GATOR_COMFYUI_URL.")
    async with httpx.AsyncClient(
        base_url=settings.comfyui_url, timeout=30, headers=UNPACKED, event_hooks=bounded(settings.image_timeout_s)
    ) as client:
        try:
            filled = _filled(workflow, await _values(client, job, studio, workflow))
            id = await _queue(client, filled)
            picture = await _wait(client, id, studio, settings.image_timeout_s)
        except httpx.HTTPError as lost:
            raise Unavailable("The ComfyUI server does not answer.", remedy="Look at GATOR_COMFYUI_URL.") from lost
        except (AttributeError, KeyError, TypeError, ValueError) as odd:  # whatever it is, it is no ComfyUI
            raise Unavailable("The ComfyUI server answers with what is none of its answers.") from odd
    digest = hashlib.sha256(json.dumps(workflow, sort_keys=True).encode()).hexdigest()
    return Given(picture, {"engine": "ComfyUI", "model": job.payload.model, "workflow_sha256": digest})


def _workflow(settings: Settings) -> dict[str, Any]:
    if settings.comfyui_workflow is None:
        raise Unavailable("ComfyUI needs a workflow.", remedy="Set GATOR_COMFYUI_WORKFLOW to a file of its API format.")
    try:
        read = json.loads(settings.comfyui_workflow.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise Unavailable(
            "GATOR_COMFYUI_WORKFLOW cannot be read as JSON.", remedy="Export it in API format."
        ) from wrong
    if not isinstance(read, dict) or not all(isinstance(node, dict) and "class_type" in node for node in read.values()):
        raise Unavailable("GATOR_COMFYUI_WORKFLOW is no workflow in API format.", remedy="Export it in API format.")
    return read


async def _values(
    client: "httpx.AsyncClient", job: Claim[MakePicture], studio: Studio, workflow: dict[str, Any]
) -> dict[str, Any]:
    """What the slots are filled with. Raises Refused for a picture that the workflow has no slot for."""
    payload, slots = job.payload, set(_SLOT.findall(json.dumps(workflow)))
    values: dict[str, Any] = {
        "prompt": payload.prompt, "negative": payload.negative, "seed": job.seed, "width": payload.width,
        "height": payload.height, "steps": payload.steps or _STEPS, "strength": payload.strength,
        "guidance": _GUIDANCE if payload.guidance is None else payload.guidance,
    }  # fmt: skip
    for slot, id in (("start", payload.start), ("mask", payload.mask)):
        if id and slot not in slots:
            raise Refused(
                f"The ComfyUI workflow has no place for that picture: {{{slot}}}.",
                remedy=f"Put {{{slot}}} into the workflow where it is loaded, or leave it out.",
            )
        if id:
            values[slot] = await _upload(client, studio, id)
    return values


async def _upload(client: "httpx.AsyncClient", studio: Studio, id: str) -> str:
    mime = studio.about(id).mime
    data = await asyncio.to_thread(studio.file(id).read_bytes)
    name = f"{id}.{mime.partition('/')[2]}"
    answer = await client.post("/upload/image", files={"image": (name, data, mime)}, data={"overwrite": "true"})
    answer.raise_for_status()
    return str(answer.json()["name"])


def _filled(part: Any, values: dict[str, Any]) -> Any:
    """The workflow with its slots filled. Raises Refused for a slot that this order has nothing for."""
    if isinstance(part, dict):
        return {name: _filled(inner, values) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, values) for inner in part]
    if not isinstance(part, str):
        return part
    for slot in _SLOT.findall(part):
        if slot in ("start", "mask") and slot not in values:
            raise Refused(f"The workflow needs a picture for {{{slot}}}.", remedy="Say which picture to start from.")
    if (whole := _SLOT.fullmatch(part)) and whole[1] in values:
        return values[whole[1]]
    return _SLOT.sub(lambda hit: str(values.get(hit[1], hit[0])), part)


async def _queue(client: "httpx.AsyncClient", workflow: dict[str, Any]) -> str:
    answer = await client.post("/prompt", json={"prompt": workflow, "client_id": "gator"})
    if answer.status_code == 400:
        told = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
        why = str((told.get("error") or {}).get("message", "")) if isinstance(told.get("error"), dict) else ""
        raise Refused(
            f"ComfyUI does not take the workflow: {why or 'it says no more'}", remedy="Try it in ComfyUI itself."
        )
    if answer.status_code == 429 or answer.status_code >= 500:
        raise Unavailable("The ComfyUI server is busy or has trouble.", retry_after_s=wait_s(answer.headers))
    answer.raise_for_status()
    return str(answer.json()["prompt_id"])


async def _wait(client: "httpx.AsyncClient", id: str, studio: Studio, longest_s: float) -> bytes:
    """The first picture of the workflow. Whoever stops waiting takes it out of the server's queue, too."""
    until = time.monotonic() + longest_s
    try:
        while time.monotonic() < until:
            answer = await client.get(f"/history/{quote(id, safe='')}")
            answer.raise_for_status()
            if done := answer.json().get(id):
                return await _fetch(client, done)
            await studio.progress(0.1)
            await asyncio.sleep(_LOOK_S)
        raise Unavailable(f"ComfyUI made no picture within {longest_s:.0f} s.", remedy="Raise GATOR_IMAGE_TIMEOUT_S.")
    except BaseException:
        await asyncio.shield(_take_back(client, id))
        raise


async def _fetch(client: "httpx.AsyncClient", done: dict[str, Any]) -> bytes:
    if done.get("status", {}).get("status_str") == "error":
        raise Refused(f"The workflow failed in ComfyUI: {_why(done)}", remedy="Try it in ComfyUI itself.")
    for output in done.get("outputs", {}).values():
        for picture in output.get("images", ()):
            where = {name: picture.get(name, "") for name in ("filename", "subfolder", "type")}
            answer = await client.get("/view", params=where)
            answer.raise_for_status()
            return answer.content
    raise Refused("The workflow gave no picture.", remedy="It needs a SaveImage node.")


def _why(done: dict[str, Any]) -> str:
    for name, told in done.get("status", {}).get("messages", ()):
        if name == "execution_error":
            return f"{told.get('node_type', 'a node')}: {str(told.get('exception_message', '')).strip()[:200]}"
    return "it says no more"


async def _take_back(client: "httpx.AsyncClient", id: str) -> None:
    import httpx

    try:
        await client.post("/queue", json={"delete": [id]})
        await client.post("/interrupt", json={"prompt_id": id})
    except httpx.HTTPError:
        return  # it is away, or will make a picture that nobody fetches
