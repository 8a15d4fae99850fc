"""What is in ElevenLabs' account: its voices, models, and voices that are cloned or deleted. Other rooms may ask it, too.

Source: elevenlabs.io/docs/api-reference. Its package is imported with the first question; it takes two seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gator.errors import GatorError, Refused, Unavailable
from gator.settings import Settings
from gpu_worker.bounds import UNPACKED, bounded, wait_s

if TYPE_CHECKING:
    from elevenlabs.client import AsyncElevenLabs

NAME = "elevenlabs"
REMEDY = "Set ELEVENLABS_API_KEY and start Gator again."
_ONCE: Any = {"max_retries": 0}  # when it is tried again is ours to say
_GONE = {"voice_not_found", "voice_does_not_exist", "invalid_voice_id"}
_USED_UP = {"quota_exceeded", "insufficient_credits", "payment_required"}


@dataclass(frozen=True, slots=True)
class AccountVoice:
    id: str
    name: str
    cloned: bool  # from recordings that the account's owner sent
    language: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class AccountModel:
    id: str
    languages: frozenset[str]  # as ISO 639-1; empty: not told
    most_characters: int | None


def is_set_up(settings: Settings) -> bool:
    return bool(settings.elevenlabs_api_key or settings.elevenlabs_base_url)


def check_set_up(settings: Settings) -> None:
    """Raises Unavailable, saying how to set it up."""
    if not is_set_up(settings):
        raise Unavailable("ElevenLabs needs a key.", remedy=REMEDY)


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator["AsyncElevenLabs"]:
    """Its client. What goes wrong in the block is raised as errors of ours: Unavailable for what may pass, else Refused."""
    check_set_up(settings)
    await asyncio.to_thread(import_module, "elevenlabs.client")  # two seconds, in which others go on
    import httpx
    from elevenlabs.client import AsyncElevenLabs
    from elevenlabs.core.api_error import ApiError

    key = settings.elevenlabs_api_key.get_secret_value() if settings.elevenlabs_api_key else "none"
    base_url = settings.elevenlabs_base_url.rstrip("/") or None
    try:
        async with httpx.AsyncClient(
            timeout=settings.voice_timeout_s, headers=UNPACKED, event_hooks=bounded(settings.voice_timeout_s)
        ) as http:
            yield AsyncElevenLabs(api_key=key, base_url=base_url, httpx_client=http, timeout=settings.voice_timeout_s)
    except ApiError as error:
        raise named(error.status_code or 0, error.body, error.headers) from error
    except httpx.HTTPError as lost:
        raise Unavailable("ElevenLabs does not answer.") from lost


def named(status: int, body: Any, headers: Any) -> GatorError:
    """Its error as one of ours. Its words are not passed on: they may hold a part of the text."""
    code = _code(body)
    if code in _GONE or (status == 404 and not code):
        return Refused("ElevenLabs has no such voice.", remedy="`gator voice list` shows the voices there are.")
    if code in _USED_UP or status == 402:
        return Refused("The ElevenLabs account is used up.", remedy="Look at the account's plan and billing.")
    if status == 429:
        return Unavailable("ElevenLabs asks us to wait.", retry_after_s=wait_s(headers))
    if status in (401, 403):
        return Refused("ElevenLabs does not take the key.", remedy="Look at ELEVENLABS_API_KEY and what it may do.")
    if 400 <= status < 500:
        return Refused(f"ElevenLabs does not take the request ({status}).")
    return Unavailable("ElevenLabs does not answer, or has trouble.")


def _code(body: Any) -> str:
    detail = body.get("detail") if isinstance(body, dict) else None
    told = detail.get("status") or detail.get("code") if isinstance(detail, dict) else ""
    return str(told or "")


async def voices(client: "AsyncElevenLabs") -> list[AccountVoice]:
    found = await client.voices.get_all(request_options=_ONCE)
    return [_voice(one) for one in found.voices]


async def voice(client: "AsyncElevenLabs", id: str) -> AccountVoice:
    """One by its id, of the public library too. Raises Refused where there is none."""
    return _voice(await client.voices.get(id, request_options=_ONCE))


async def models(client: "AsyncElevenLabs") -> list[AccountModel]:
    return [
        AccountModel(
            one.model_id,
            frozenset(language.language_id.partition("-")[0].lower() for language in one.languages or []),
            one.maximum_text_length_per_request,
        )
        for one in await client.models.list(request_options=_ONCE)
    ]


async def clone(client: "AsyncElevenLabs", name: str, samples: Sequence[Path], mark: str) -> str:
    """Have it learn a voice from recordings; gives the voice's id. Whoever calls this has looked at the consent.

    `mark` stands in the voice's description, by which `voices` tells it when the answer was lost.
    """
    files: list[Any] = [(path.name, await asyncio.to_thread(path.read_bytes)) for path in samples]
    told = f"Cloned with Gator, by a recorded consent ({mark})."
    made = await client.voices.ivc.create(name=name, files=files, description=told, request_options=_ONCE)
    return str(made.voice_id)


async def delete(client: "AsyncElevenLabs", id: str) -> None:
    """Have it forget a voice; one that is gone already is fine."""
    from elevenlabs.core.api_error import ApiError

    try:
        await client.voices.delete(id, request_options=_ONCE)
    except ApiError as error:
        if error.status_code != 404 and _code(error.body) not in _GONE:
            raise


def _voice(one: Any) -> AccountVoice:
    owned = one.category == "professional" and bool(one.is_owner)
    language = str((one.labels or {}).get("language", ""))
    cloned = one.category == "cloned" or owned
    return AccountVoice(str(one.voice_id), str(one.name or one.voice_id), cloned, language, str(one.description or ""))
