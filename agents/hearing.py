"""What is said in a voice note? Transcribed by an OpenAI-compatible service, or by faster-whisper on this machine.

GATOR_TRANSCRIBER names one; without it nobody listens, and those who answer say so. What a service costs is reserved
before the call and settled after it, as with models.
"""

import asyncio
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import structlog

from agents.caps import cap_of
from agents.failures import billed, understand
from gator.apart import ask_apart
from gator.errors import Refused, Unavailable
from gator.principal import Kind
from gator.settings import Settings
from memory.repositories.spending import Bill
from tools.capability import Turn
from tools.unseen import without_unseen

log = structlog.get_logger()

TRIES = 3
# US dollars a minute, as OpenAI's price page was quoted in public in March 2026; others are reckoned at the dearest.
_USD_A_MINUTE = {"whisper-1": 0.006, "gpt-4o-transcribe": 0.006, "gpt-4o-mini-transcribe": 0.003}
_USUAL = {"openai": "whisper-1", "whisper": "base"}
_DEADLINE_S = 900.0  # ten minutes of sound, on a slow processor


class Transcriber(Protocol):
    name: str

    async def hear(self, sound: Path, duration_s: float, turn: Turn) -> str:
        """The words of a recording, empty when there are none. Raises Unavailable when it cannot be heard now."""
        ...


def transcriber(settings: Settings) -> Transcriber | None:
    """The configured one; None when nobody listens. Raises Refused for a name that nobody has, Unavailable without a key."""
    provider, _, model = settings.transcriber.partition(":")
    if not provider:
        return None
    model = model or _USUAL.get(provider, "")
    if provider == "openai":
        if not (settings.openai_api_key or settings.transcriber_base_url or settings.openai_base_url):
            raise Unavailable("The transcriber has no key.", remedy="Set OPENAI_API_KEY, or unset GATOR_TRANSCRIBER.")
        return OpenAITranscriber(model, settings)
    if provider == "whisper":
        return WhisperTranscriber(model)
    raise Refused(
        f"{settings.transcriber!r} is no transcriber that Gator knows.",
        remedy="Set GATOR_TRANSCRIBER to openai, openai:MODEL, whisper:SIZE or whisper:FOLDER.",
    )


class OpenAITranscriber:
    """OpenAI's /v1/audio/transcriptions, wherever it is served."""

    def __init__(self, model: str, settings: Settings) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._settings = settings
        self._client: Any = None

    async def hear(self, sound: Path, duration_s: float, turn: Turn) -> str:
        for attempt in range(1, TRIES + 1):
            spend = await self._reserve(duration_s, turn)
            try:
                async with asyncio.timeout(self._settings.model_timeout_s):
                    said = await self._ask(sound)
            except Exception as error:  # `understand` raises again what is no provider's error
                await self._settle(spend, turn, paid=billed(error))
                again = understand(self.name, error)
                if attempt == TRIES or again.after_s > self._settings.model_timeout_s:
                    raise Unavailable(
                        f"{self.name} does not listen: {again.why}", retry_after_s=again.after_s
                    ) from error
                await asyncio.sleep(again.after_s or 0.2 * 2**attempt)
                continue
            await self._settle(spend, turn, paid=True)
            return said
        raise AssertionError("the last attempt raises")

    async def _ask(self, sound: Path) -> str:
        if self._client is None:
            self._client = self._connected()
        file = ("voice.mp3", await asyncio.to_thread(sound.read_bytes), "audio/mpeg")
        try:
            answer = await self._client.audio.transcriptions.create(model=self._model, file=file)
        except json.JSONDecodeError as nonsense:
            raise ConnectionError("the answer is no JSON") from nonsense
        words = getattr(answer, "text", None)
        if not isinstance(words, str):
            raise ConnectionError("the answer has no text")
        return without_unseen(words)

    def _connected(self) -> Any:
        from openai import AsyncOpenAI

        key = self._settings.openai_api_key
        return AsyncOpenAI(
            api_key=key.get_secret_value() if key else "none",  # own servers often take any key
            base_url=self._settings.transcriber_base_url or self._settings.openai_base_url or None,
            timeout=self._settings.model_timeout_s,
            max_retries=0,  # retries are ours: the SDK's own would hide what failed and overrun the deadline
        )

    async def _reserve(self, duration_s: float, turn: Turn) -> str:
        a_minute = _USD_A_MINUTE.get(self._model, max(_USD_A_MINUTE.values()))
        who = turn.principal
        async with turn.store.open_work(who) as work:
            return await work.spending.reserve(
                self.name,
                round(max(duration_s, 1) / 60 * a_minute * 1e6),
                daily_limit_microusd=round(self._settings.daily_budget_usd * 1e6),
                cap=turn.cap or cap_of(None, turn.zone, self._settings),
                turn_id=turn.id,
                persona_id=who.persona,
                fan_id=who.subject if who.kind is Kind.fan else None,
            )

    async def _settle(self, spend: str, turn: Turn, *, paid: bool) -> None:
        async with turn.store.open_work(turn.principal) as work:
            await (work.spending.settle([Bill(spend)]) if paid else work.spending.release(spend))


class WhisperTranscriber:
    """faster-whisper on this machine, in a process of its own (`agents.whispering`) that ends with the note."""

    def __init__(self, model: str) -> None:
        self.name = f"whisper:{model}"
        self._model = model
        self._one = asyncio.Semaphore(1)  # it takes every core there is

    async def hear(self, sound: Path, duration_s: float, turn: Turn) -> str:  # noqa: ARG002  # it costs nothing
        if find_spec("faster_whisper") is None:
            raise Unavailable(
                "faster-whisper is not installed.",
                remedy="Install the [whisper] extra, or set GATOR_TRANSCRIBER=openai.",
            )
        async with self._one:
            answer = await _run({"model": self._model, "path": str(sound)})
        if "unavailable" in answer:
            raise Unavailable(
                f"The weights of {self.name} are not here: {answer['unavailable']}",
                remedy="Put them into a folder and set GATOR_TRANSCRIBER=whisper:FOLDER.",
            )
        return without_unseen(answer["text"])


async def _run(asked: dict[str, str]) -> dict[str, str]:
    env = {name: os.environ[name] for name in ("PATH", "HOME", "HF_HOME") if name in os.environ}
    try:
        status, answer = await ask_apart("agents.whispering", json.dumps(asked).encode(), env, within_s=_DEADLINE_S)
    except TimeoutError as slow:
        raise Unavailable("The transcriber takes too long.") from slow
    if status != 0:
        log.warning("transcriber_ended", status=status)
        raise Unavailable("The transcriber ended before it had an answer.")
    found: dict[str, str] = json.loads(answer)
    return found
