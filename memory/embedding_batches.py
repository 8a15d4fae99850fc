"""How do many texts become vectors at once? What is asked for within a few milliseconds is embedded as one batch.

7 CPU-ms a text in batches of 8-32 against 16-23 alone (PERFORMANCE.md). Neighbours: embedding (which embedder answers),
embedding_local and embedding_remote (what computes).
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from memory.embedding_local import DIM

if TYPE_CHECKING:
    from memory.minilm import Floats

Compute = Callable[[list[str]], "Floats"]

GATHER_S = 0.003
BATCH = 32  # larger batches save no more CPU and keep the first text waiting
LONGEST = 4_000  # characters; MiniLM reads 256 tokens and no more


class Embedder(ABC):
    """Texts to vectors. `name` is kept beside each vector: vectors of different names are never compared."""

    def __init__(self, name: str, dim: int = 0) -> None:
        self.name = name
        self.dim = dim  # numbers of a vector; 0 until the first answer tells
        self._waiting: dict[asyncio.AbstractEventLoop, list[tuple[list[str], asyncio.Future[Floats]]]] = {}
        self._sent: set[asyncio.Task[Floats]] = set()

    async def embed(self, texts: list[str]) -> "Floats":
        """(n, dim) float32, each row of unit length. Raises Unavailable when it cannot be done now."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Floats] = loop.create_future()
        waiting = self._waiting.setdefault(loop, [])
        waiting.append(([text[:LONGEST] for text in texts], future))
        if len(waiting) == 1:
            loop.call_later(GATHER_S, self._send, loop)
        return await future

    @abstractmethod
    async def _embed(self, texts: list[str]) -> "Floats": ...

    async def close(self) -> None:  # noqa: B027  # most hold nothing
        """Let go of what talks with a server."""

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        asked = self._waiting.pop(loop)
        work = loop.create_task(self._embed([text for texts, _ in asked for text in texts]))
        self._sent.add(work)
        work.add_done_callback(self._sent.discard)
        work.add_done_callback(lambda done: _share(done, asked))


class LocalEmbedder(Embedder):
    """One that computes in this process. `load` gives the function that does."""

    def __init__(self, name: str, load: Callable[[], Compute], dim: int = DIM) -> None:
        super().__init__(name, dim)
        self._load = cache(load)
        self._threads = ThreadPoolExecutor(1, "embedding")  # one: BLAS threads would fight for the same cores

    async def _embed(self, texts: list[str]) -> "Floats":
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.embed_now, texts)

    def embed_now(self, texts: list[str]) -> "Floats":
        """As `embed`, in the caller's thread."""
        import numpy as np

        compute = self._load()
        parts = [compute(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        made = np.concatenate(parts) if parts else np.zeros((0, self.dim), np.float32)
        self.dim = made.shape[1]
        return made


def _share(done: "asyncio.Task[Floats]", asked: "list[tuple[list[str], asyncio.Future[Floats]]]") -> None:
    """Give everybody who waited their rows of the batch, or its error."""
    error = asyncio.CancelledError() if done.cancelled() else done.exception()
    start = 0
    for texts, future in asked:
        end = start + len(texts)
        if not future.done():
            if error:
                future.set_exception(error)
            else:
                future.set_result(done.result()[start:end])
        start = end
