"""Does a server's embedder wait, try again and give up as it should, and never change its model in silence?"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from memory import embedding, embedding_remote
from memory.embedding import describe, hashing_embedder, local_embedder, made_with, make
from memory.embedding_batches import Embedder
from tests.servers.embeddings import Body, EmbeddingServer, Hang, Vectors, vector_of
from tests.servers.models import Fail
from tests.servers.running import serving


@asynccontextmanager
async def embedder_of(server: EmbeddingServer, **more: str) -> AsyncIterator[Embedder]:
    async with serving(server.app) as url:
        one = make("openai:small", Settings(openai_base_url=f"{url}/v1", **more))  # type: ignore[arg-type]
        try:
            yield one
        finally:
            await one.close()


async def test_vectors_come_in_the_order_of_the_texts_and_of_unit_length() -> None:
    server = EmbeddingServer()
    async with embedder_of(server, openai_api_key="sk-1") as one:
        assert one.dim == 0
        made = await one.embed(["a red dog", "", "the sea"])
    wanted = np.array(vector_of("the sea", 12))
    assert one.dim == 12
    assert np.allclose(made[2], wanted / np.linalg.norm(wanted), atol=1e-5)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    assert server.asked == [["a red dog", ".", "the sea"]]  # OpenAI refuses an empty text
    assert server.keys == ["Bearer sk-1"]


async def test_many_texts_are_several_requests() -> None:
    server = EmbeddingServer()
    async with embedder_of(server) as one:
        made = await one.embed([f"number {n}" for n in range(150)])
    assert made.shape == (150, 12)
    assert [len(part) for part in server.asked] == [64, 64, 22]


@pytest.mark.parametrize(
    "failing", [Fail(429, retry_after="0.1"), Fail(503), Fail(500), Body("not json"), Body("{}"), Vectors(leave_out=1)]
)
async def test_what_may_pass_is_tried_again(failing: Fail | Body | Vectors) -> None:
    server = EmbeddingServer([failing, Vectors()])
    async with embedder_of(server) as one:
        assert (await one.embed(["a", "b"])).shape == (2, 12)
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_what_will_not_pass_is_asked_once(status: int) -> None:
    server = EmbeddingServer([Fail(status)])
    async with embedder_of(server) as one:
        with pytest.raises(Unavailable, match=str(status)):
            await one.embed(["a"])
    assert len(server.asked) == 1


async def test_nobody_waits_for_a_server_that_is_known_to_be_away() -> None:
    server = EmbeddingServer([Fail(429, retry_after="60")])
    async with embedder_of(server) as one:
        for _ in range(3):
            with pytest.raises(Unavailable, match="429") as away:
                await one.embed(["a"])
    assert len(server.asked) == 1
    assert away.value.retry_after_s is not None
    assert away.value.retry_after_s > 50


async def test_a_server_that_hangs_is_waited_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_remote, "TRY_S", 0.1)
    monkeypatch.setattr(embedding_remote, "DEADLINE_S", 0.2)
    began = time.monotonic()
    async with embedder_of(EmbeddingServer([Hang()])) as one:
        with pytest.raises(Unavailable, match="too long"):
            await one.embed(["a"])
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("other", [Vectors(dim=8), Vectors(model="large-9")])
async def test_another_model_behind_the_same_name_is_noticed(other: Vectors) -> None:
    async with embedder_of(EmbeddingServer([Vectors(), other])) as one:
        await one.embed(["a"])
        with pytest.raises(Unavailable, match="before"):
            await one.embed(["a"])


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    one = make("openai:small", Settings(openai_base_url="http://127.0.0.1:9/v1"))
    with pytest.raises(Unavailable, match="connection"):
        await one.embed(["a"])
    await one.close()


def test_a_name_that_nobody_has_is_refused_and_one_that_lacks_something_says_what() -> None:
    with pytest.raises(Refused, match="word2vec"):
        make("word2vec", Settings())
    with pytest.raises(Refused):
        make("openai:", Settings())
    with pytest.raises(Unavailable, match="key"):
        make("openai:text-embedding-3-small", Settings())
    assert describe(Settings(embedder="openai:x"))[0] == "broken"
    assert describe(Settings(embedder="openai:x", openai_base_url="http://127.0.0.1:9"))[0] == "ready"


def test_without_sentence_transformers_one_is_told_how_to_have_it() -> None:
    with pytest.raises(Unavailable) as lacking:
        make("sentence-transformers:all-mpnet-base-v2", Settings())
    assert "pip install sentence-transformers" in lacking.value.remedy


LIBRARY = """
import numpy

class SentenceTransformer:
    def __init__(self, name):
        if not name.endswith("good"):
            raise OSError(f"{name} is nowhere")

    def encode(self, texts, normalize_embeddings, convert_to_numpy, show_progress_bar):
        made = numpy.array([[len(text), 1.0, 2.0] for text in texts])
        return made / numpy.linalg.norm(made, axis=1, keepdims=True)
"""


async def test_a_model_of_sentence_transformers_is_used_where_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sentence_transformers.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(tmp_path))
    one = make("sentence-transformers:/models/" + "long/" * 20 + "good", Settings())
    assert (await one.embed(["four", "sixsix"])).shape == (2, 3)
    assert one.dim == 3
    assert len(one.name) == 64
    with pytest.raises(Unavailable, match="cannot be loaded"):
        await make("sentence-transformers:nowhere", Settings()).embed(["a"])


def test_the_embedder_of_old_vectors_is_had_again_where_that_can_be() -> None:
    settings = Settings(openai_base_url="http://127.0.0.1:9/v1")
    assert made_with("all-minilm-l6-v2", settings) is local_embedder()
    assert made_with("hashing-384", settings) is hashing_embedder()
    again = made_with("openai:old", settings)
    assert again is not None
    assert again.name == "openai:old"
    assert made_with("openai:old", Settings()) is None
    assert made_with("something-of-before", settings) is None


async def test_the_process_embeds_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding._Ours, "serving", None)
    monkeypatch.setattr(embedding._Ours, "wanted", None)
    assert embedding.embedder() is local_embedder()
    made = embedding.use(Settings(embedder="openai:small", openai_base_url="http://127.0.0.1:9/v1"))
    assert embedding.embedder() is embedding.wanted() is made
    embedding.serve(hashing_embedder())
    assert embedding.embedder() is hashing_embedder()
    assert embedding.wanted() is made
