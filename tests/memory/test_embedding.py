"""Do vectors mean what they should? MiniLM beside its reference, batches, and the fallback without weights."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from gator.errors import Unavailable
from gator.settings import Settings
from memory.embedding import describe, embedder, hashing_embedder
from memory.embedding_batches import LocalEmbedder
from memory.embedding_local import DIM
from memory.minilm import MiniLM, check_weights

EATING = "A man is eating food."
MEAL = "A man eats a meal"
# The first numbers that transformers 5.23 and torch 2.13 give on the same weights (mean over the tokens, unit length).
REFERENCE = {
    EATING: [0.0332416, 0.004406, -0.006277, 0.0483787, -0.1387023, -0.0336174],
    "I moved to Porto last week with my dog Luna; we like it here, though the rain is endless.": [
        0.1030077, -0.0479402, 0.154154, 0.0835894, 0.0130619, -0.0155011,
    ],
    "Ünïcode, 日本語 and emoji 🐊!": [-0.0238681, -0.0236571, 0.0976878, -0.0615285, -0.0340218, -0.0188191],
}  # fmt: skip


async def test_the_vectors_are_those_of_the_reference() -> None:
    vectors = await embedder().embed(list(REFERENCE))
    assert np.abs(vectors[:, :6] - np.array(list(REFERENCE.values()))).max() < 1e-6


async def test_a_vector_has_unit_length_and_its_neighbours_mean_the_same() -> None:
    eating, meal, sky = await embedder().embed([EATING, MEAL, "The sky is dark blue tonight"])

    assert eating.shape == (DIM,)
    assert eating.dtype == np.float32
    assert np.linalg.norm(eating) == pytest.approx(1, abs=1e-5)
    assert eating @ meal > 0.85
    assert abs(eating @ sky) < 0.2


async def test_a_text_has_the_same_vector_alone_and_beside_a_longer_one() -> None:
    alone = (await embedder().embed([EATING]))[0]
    beside = (await embedder().embed([EATING, "A much longer sentence, so that the short one is padded. " * 5]))[0]
    assert np.abs(alone - beside).max() < 1e-5


async def test_what_is_asked_for_at_once_is_one_batch_and_everybody_gets_their_own() -> None:
    batches: list[int] = []

    def load():  # type: ignore[no-untyped-def]
        def compute(texts: list[str]) -> np.ndarray:
            batches.append(len(texts))
            return np.array([[float(text)] * DIM for text in texts], np.float32)

        return compute

    made = LocalEmbedder("counting", load)
    found = await asyncio.gather(*(made.embed([str(number), str(number + 100)]) for number in range(10)))

    assert batches == [20]
    assert [rows[:, 0].tolist() for rows in found] == [[number, number + 100] for number in range(10)]


async def test_everybody_who_waits_for_a_batch_that_fails_is_told() -> None:
    def load():  # type: ignore[no-untyped-def]
        raise Unavailable("The weights are gone.")

    made = LocalEmbedder("failing", load)
    told = await asyncio.gather(made.embed(["a"]), made.embed(["b"]), return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in told)


async def test_no_texts_have_no_vectors() -> None:
    assert (await hashing_embedder().embed([])).shape == (0, DIM)


async def test_without_weights_words_and_their_parts_are_compared() -> None:
    dog, dogs, wine, blank = await hashing_embedder().embed(["my dog Luna", "my dogs' names", "port wine", ""])
    assert dog @ dogs > dog @ wine + 0.2
    assert np.linalg.norm(blank) == pytest.approx(1, abs=1e-5)


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.safetensors"
    other.write_bytes(b"not the weights")
    with pytest.raises(Unavailable):
        check_weights(other)
    with pytest.raises(Unavailable):
        MiniLM(tmp_path)


def test_the_doctor_is_told_which_embedder_there_is_without_loading_it() -> None:
    state, detail = describe(Settings())
    assert state == "ready"
    assert "MiniLM" in detail
