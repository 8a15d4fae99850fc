"""Clips by Runway: a task is ordered, its state asked for, its file fetched. What was ordered once is never ordered again.

Before the order a note is put down in the job's row, and with the answer the task's id: whoever takes the job up again, here or
on another machine, asks for that task. An order of which nobody knows whether it arrived is not repeated; a person decides.
Sources: docs.dev.runwayml.com (API reference, errors/errors, errors/task-failures).
"""

import asyncio
import base64
import io
import ipaddress
import random
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gator.errors import Refused, Unavailable, Unconfirmed
from gator.settings import Settings
from gpu_worker.bounds import UNPACKED, bounded, wait_s
from gpu_worker.clips.offers import PROMPT_UNITS, Offer, offer_of
from gpu_worker.jobs import MakeClip
from gpu_worker.order_note import OrderNote
from gpu_worker.studio import Cancelled, Claim, Studio

if TYPE_CHECKING:
    import httpx

_VERSION = "2024-11-06"  # of the API
_REMEDY = "Set RUNWAYML_API_SECRET, or GATOR_RUNWAY_API_KEY, and start Gator again."
_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 5.0)  # between looks; more often than every 5 s there is seldom anything new
_MOST_SEED = 2**32
_MOST_BYTES = 512 * 2**20
_ANSWER_S = 120.0  # that one of Runway's answers may take to come
_WORDS = 200  # characters of what Runway says is wrong with an order


async def ask_runway(job: Claim[MakeClip], studio: Studio) -> tuple[Path, dict[str, Any]]:
    """The clip as it came, and what is told of its making.

    Raises Unavailable for what may pass, Refused for what Runway will not make, Unconfirmed where nobody knows whether the
    order arrived.
    """
    import httpx

    settings, offer = studio.settings, offer_of(job.payload.model)
    if not settings.runway_api_key:
        raise Unavailable("Runway needs a key.", remedy=_REMEDY)
    headers = {"Authorization": f"Bearer {settings.runway_api_key.get_secret_value()}", "X-Runway-Version": _VERSION}
    async with httpx.AsyncClient(
        base_url=settings.runway_base_url, headers=headers | UNPACKED, timeout=30, event_hooks=bounded(_ANSWER_S)
    ) as client:
        work = _Work(client, settings, studio, OrderNote(studio.order))
        task = await work.task(job, offer)
        url = await work.wait(task)
        file = await work.fetch(url)
    return file, {"engine": "Runway", "model": f"runway:{offer.name}", "task": task}


class _Work:
    def __init__(self, client: "httpx.AsyncClient", settings: Settings, studio: Studio, note: OrderNote) -> None:
        self._client, self._settings, self._studio, self._note = client, settings, studio, note

    async def task(self, job: Claim[MakeClip], offer: Offer) -> str:
        """The id of the task, ordered now unless it was before."""
        given, task = await self._note.read()
        if task:
            return task
        if given:
            raise _unknown()
        order = await asyncio.to_thread(_order, job, offer, self._studio)
        await self._note.begin()
        task = await self._give(("image" if job.payload.start else "text") + "_to_video", order)
        await asyncio.shield(self._note.name(task))  # a worker that stops just now has paid for it
        return task

    async def _give(self, where: str, order: dict[str, Any]) -> str:
        import httpx

        try:
            answer = await self._client.post(f"/v1/{where}", json=order)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as lost:
            await self._note.forget()  # nothing was sent
            raise Unavailable("Runway does not answer.", remedy="Look at the network.") from lost
        except httpx.HTTPError as lost:
            raise _unknown() from lost
        if answer.status_code != 200:
            await self._note.forget()
            raise _named(answer)
        try:
            return str(answer.json()["id"])
        except (ValueError, KeyError, TypeError) as wrong:
            raise _unknown() from wrong

    async def wait(self, task: str) -> str:
        """The address of the finished clip. A task of a job that was cancelled is taken back."""
        until = time.monotonic() + self._settings.clip_timeout_s
        looks = 0
        try:
            while time.monotonic() < until:
                if url := await self._look(task):
                    return url
                pause_s = _PAUSES_S[min(looks, len(_PAUSES_S) - 1)]
                looks += 1
                await asyncio.sleep(pause_s * random.uniform(1, 1.2))  # noqa: S311 - so that not all ask at once
        except (Cancelled, asyncio.CancelledError):
            await asyncio.shield(self._take_back(task))
            raise
        raise Unavailable(
            f"Runway made no clip within {self._settings.clip_timeout_s:.0f} s.", remedy="Its task is asked for again."
        )

    async def _look(self, task: str) -> str:
        """The address when it is done; empty while it is not, or while Runway has trouble to say."""
        import httpx

        try:
            answer = await self._client.get(f"/v1/tasks/{task}")
        except httpx.HTTPError:
            return ""
        if answer.status_code == 404:
            await self._note.forget()
            raise Refused("Runway knows nothing of the task any more.", remedy="`gator job retry` orders it anew.")
        if answer.status_code == 429 or answer.status_code >= 500:
            return ""
        if answer.status_code != 200:
            raise _named(answer)
        told = answer.json()
        await self._studio.progress(0.1 + 0.8 * float(told.get("progress") or 0.0))
        return await self._ended(told)

    async def _ended(self, told: dict[str, Any]) -> str:
        state = told.get("status")
        if state == "SUCCEEDED" and told.get("output"):
            return str(told["output"][0])
        if state in ("CANCELLED", "CANCELED"):
            raise Refused("The task was cancelled at Runway.", remedy="`gator job retry` orders it anew.")
        if state in ("FAILED", "SUCCEEDED"):
            await self._note.forget()  # it gave nothing, and the next attempt is another order
            raise _failed(str(told.get("failureCode") or ""))
        return ""

    async def fetch(self, url: str) -> Path:
        import httpx

        ours = urlsplit(self._settings.runway_base_url)
        if urlsplit(url).netloc != ours.netloc and not await is_elsewhere(url):
            raise Refused("Runway gave an address that is not safe to fetch from.")
        path, size = self._studio.scratch / "given.mp4", 0
        try:
            hooks = bounded(self._settings.clip_timeout_s, _MOST_BYTES + 1)
            async with (
                httpx.AsyncClient(timeout=60, headers=UNPACKED, event_hooks=hooks) as client,
                client.stream("GET", url) as answer,
            ):
                answer.raise_for_status()
                with path.open("wb") as file:
                    async for part in answer.aiter_bytes(2**18):
                        size += len(part)
                        if size > _MOST_BYTES:
                            raise Refused("Runway's clip is too large.")
                        await asyncio.to_thread(file.write, part)
        except httpx.HTTPError as lost:  # the next attempt asks the task for a fresh address
            raise Unavailable("Runway's clip could not be fetched.", remedy="It is tried again.") from lost
        return path

    async def _take_back(self, task: str) -> None:
        """Unless only this worker stops: then the task is asked for by whoever takes up the job."""
        import httpx

        try:
            await self._studio.progress(0.1)
        except Cancelled:
            await self._note.forget()
        else:
            return
        try:
            await self._client.delete(f"/v1/tasks/{task}")
        except httpx.HTTPError:
            return  # it is away, or will make a clip that nobody fetches


async def is_elsewhere(url: str) -> bool:
    """Whether that is an address of the public web, and nothing in this machine's own network."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return False
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, 443, type=socket.SOCK_STREAM)
    except OSError:  # a proxy may know it, who is asked then
        return True
    return all(ipaddress.ip_address(one[4][0]).is_global for one in found)


def _order(job: Claim[MakeClip], offer: Offer, studio: Studio) -> dict[str, Any]:
    payload = job.payload
    if not payload.start and not offer.from_words:
        raise Refused(f"{offer.name} makes clips from a picture only.", remedy="Say which picture to start from.")
    if len(payload.prompt.encode("utf-16-le")) // 2 > PROMPT_UNITS:
        raise Refused(f"Runway reads {PROMPT_UNITS} characters.", remedy="Describe it in fewer words.")
    width, height = offer.size(payload.width, payload.height)
    order: dict[str, Any] = {
        "model": offer.name,
        "ratio": f"{width}:{height}",
        "duration": offer.length_s(payload.frames / payload.fps),
    }
    if payload.prompt:
        order["promptText"] = payload.prompt
    if payload.start:
        order["promptImage"] = _picture(studio.file(payload.start), (width, height))
    if offer.has_sound:
        order["audio"] = False
    if offer.heeds_seed:
        order["seed"] = job.seed % _MOST_SEED
    return order


def _picture(path: Path, size: tuple[int, int]) -> str:
    """Of the clip's own size, which as JPEG is far below the 5 MB that a data URI may have."""
    from gpu_worker.pictures.images import covering, opened

    try:
        picture = covering(opened(path), size)
    except (OSError, ValueError) as wrong:
        raise Refused(f"The first frame cannot be used as a picture: {wrong}.") from wrong
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def _unknown() -> Unconfirmed:
    return Unconfirmed(
        "Runway did not say whether it took the order, so it is not given again.",
        remedy="Look at Runway's task list; `gator job retry` orders it anew.",
    )


def _named(answer: "httpx.Response") -> Refused | Unavailable:
    status = answer.status_code
    if status == 429:
        return Unavailable("Runway asks us to wait.", retry_after_s=wait_s(answer.headers))
    if status >= 500:
        return Unavailable("Runway is busy or has trouble.", retry_after_s=wait_s(answer.headers))
    if status in (401, 403):
        return Refused("Runway does not take the key.", remedy="Look at RUNWAYML_API_SECRET.")
    return Refused(f"Runway does not take the order: {_said(answer)}")


def _said(answer: "httpx.Response") -> str:
    try:
        return str(answer.json()["error"])[:_WORDS]
    except (ValueError, KeyError, TypeError):
        return f"it says {answer.status_code}"


def _failed(code: str) -> Refused | Unavailable:
    """A task that gave nothing. What moderation held back must not be tried again (errors/task-failures)."""
    if "SAFETY" in code:
        return Refused(
            "Runway refuses to make this clip.", remedy="Describe it in other words, or use another picture."
        )
    if code.startswith("ASSET"):
        return Refused("Runway cannot use the first frame.", remedy="Use another picture.")
    return Unavailable("Runway could not make the clip this time.")
