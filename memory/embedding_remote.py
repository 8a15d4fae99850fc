"""How does an OpenAI-compatible server embed? POST /embeddings: batches, deadlines, retries by the kind of error.

A server that is away costs recall by meaning for a while, never the answer: after a failure nobody waits for it for
AWAY_S, or as long as it asks. No other model takes its place: vectors of two models cannot be compared.
Source: platform.openai.com/docs/api-reference/embeddings/create.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from gator.errors import Unavailable
from gator.settings import Settings
from memory.embedding_batches import Embedder

if TYPE_CHECKING:
    import httpx

    from memory.minilm import Floats

OPENAI = "https://api.openai.com/v1"
BATCH = 64  # texts a request; servers of one's own often take no more
TRIES = 3
TRY_S = 5.0  # for one request: a fan waits
DEADLINE_S = 8.0  # for all tries of one request
AWAY_S = 30.0
# 408 time-out, 409 conflict, 429 too many, 5xx theirs.
PASSING = frozenset({408, 409, 429, 500, 502, 503, 504, 529})


class _Again(Exception):
    """It may work another time; after so many seconds where the server says."""

    def __init__(self, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.after_s = why, after_s


class RemoteEmbedder(Embedder):
    """A model of a server. Its dimension is learned from the first answer and never changes."""

    def __init__(self, model: str, settings: Settings, name: str) -> None:
        super().__init__(name)
        self._model = model
        self._url = f"{(settings.openai_base_url or OPENAI).rstrip('/')}/embeddings"
        key = settings.openai_api_key
        self._headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
        self._answers_as = ""
        self._away_until = 0.0
        self._away_because = ""

    async def _embed(self, texts: list[str]) -> "Floats":
        import numpy as np

        parts = [await self._patiently(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), np.float32)

    async def close(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client:
            await client.aclose()

    async def _patiently(self, texts: list[str]) -> "Floats":
        """One request's vectors, tried again where that may help. Raises Unavailable."""
        if time.monotonic() < self._away_until:
            raise self._away(self._away_because)
        deadline = time.monotonic() + DEADLINE_S
        for attempt in range(1, TRIES + 1):
            try:
                return self._read(await self._ask(texts), len(texts))
            except _Again as again:
                pause_s = again.after_s or 0.2 * 4 ** (attempt - 1)
                if attempt == TRIES or time.monotonic() + pause_s > deadline:
                    self._away_until = time.monotonic() + (again.after_s or AWAY_S)
                    self._away_because = again.why
                    raise self._away(again.why) from again
                await asyncio.sleep(pause_s)
        raise AssertionError("the last attempt raises")

    async def _ask(self, texts: list[str]) -> Any:
        import httpx

        asked = {"model": self._model, "input": [text.strip() or "." for text in texts], "encoding_format": "float"}
        try:
            async with asyncio.timeout(TRY_S):
                answer = await self._client().post(self._url, json=asked, headers=self._headers)
        except (TimeoutError, httpx.TimeoutException) as slow:
            raise _Again("it took too long.") from slow
        except httpx.TransportError as broken:
            raise _Again("the connection broke.") from broken
        if answer.status_code in PASSING:
            raise _Again(f"HTTP {answer.status_code}.", _seconds(answer.headers.get("retry-after", "")))
        if answer.status_code != 200:
            raise self._refused(answer.status_code)
        try:
            return answer.json()
        except ValueError as nonsense:
            raise _Again("the answer is no JSON.") from nonsense

    def _client(self) -> "httpx.AsyncClient":
        import httpx

        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = httpx.AsyncClient(timeout=TRY_S)
        return client

    def _read(self, answer: Any, count: int) -> "Floats":
        """The vectors of an answer, in the order of the texts and of unit length."""
        import numpy as np

        try:
            rows = sorted(answer["data"], key=lambda row: int(row["index"]))
            vectors = np.array([row["embedding"] for row in rows], np.float32)
            model = str(answer.get("model") or self._model)
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise _Again("the answer holds no vectors.") from wrong
        if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
            raise _Again("the answer holds no vectors, or not one for each text.")
        self._same(model, vectors.shape[1])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not lengths.all():
            raise _Again("a vector of the answer has no direction.")
        return np.asarray(vectors / lengths, np.float32)

    def _same(self, model: str, dim: int) -> None:
        """Whether it is still the model that answered first. Raises Unavailable: its vectors would not compare."""
        if not self.dim:
            self.dim, self._answers_as = dim, model
        if (dim, model) != (self.dim, self._answers_as):
            raise Unavailable(
                f"The embedder {self.name} answered as {self._answers_as} with {self.dim} numbers before, "
                f"now as {model} with {dim}.",
                remedy="Check what the server runs; start Gator again when it is meant to be another model.",
            )

    def _refused(self, status: int) -> Unavailable:
        remedy = "Check the key, GATOR_OPENAI_BASE_URL and GATOR_EMBEDDER."
        return Unavailable(f"The embedder {self.name} refuses (HTTP {status}).", remedy=remedy)

    def _away(self, why: str) -> Unavailable:
        left_s = max(0.0, self._away_until - time.monotonic())
        return Unavailable(f"The embedder {self.name} does not answer: {why}", retry_after_s=round(left_s, 1))


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:  # a date, which servers of models do not send
        return 0.0
