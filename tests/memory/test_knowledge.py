"""Does the index of what is known across a persona find it, keep personas apart, and come back from nothing?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gator.errors import Unavailable
from gator.settings import Settings
from memory.embedding import hashing_embedder
from memory.knowledge import Knowledge, describe

EMBEDDER = hashing_embedder()
ITEMS = [
    ("post:1", "A night train to Lisbon"),
    ("post:2", "My recipe for apple cake"),
    ("lore:3", "The old lighthouse"),
]


@pytest.fixture
async def knowledge(home: Path) -> AsyncIterator[Knowledge]:
    made = Knowledge(Settings(home=home), EMBEDDER)
    yield made
    await made.close()


async def found(knowledge: Knowledge, text: str, persona: str = "p", k: int = 5) -> list[str]:
    return [id for id, _ in await knowledge.search("w", persona, (await EMBEDDER.embed([text]))[0], k)]


async def test_what_was_indexed_is_found_best_first(knowledge: Knowledge) -> None:
    await knowledge.index("w", "p", ITEMS)
    assert (await found(knowledge, "apple cake"))[0] == "post:2"
    await knowledge.index("w", "p", [("post:2", "Something about boats and harbours")])
    assert (await found(knowledge, "boats"))[0] == "post:2"
    assert len(await found(knowledge, "boats")) == 3


async def test_personas_and_workspaces_do_not_meet(knowledge: Knowledge) -> None:
    await knowledge.index("w", "p", ITEMS)
    assert await found(knowledge, "apple cake", "q") == []
    assert await knowledge.search("v", "p", (await EMBEDDER.embed(["apple cake"]))[0]) == []


async def test_forgotten_is_gone_and_rebuilt_is_back(knowledge: Knowledge) -> None:
    await knowledge.index("w", "p", ITEMS)
    await knowledge.forget("w", "p")
    await knowledge.forget("w", "nobody")
    assert await found(knowledge, "apple cake") == []
    assert await knowledge.missing("w", "p", ["post:1"]) == ["post:1"]
    await knowledge.rebuild("w", "p", ITEMS[:2])
    assert sorted(await found(knowledge, "apple cake")) == ["post:1", "post:2"]
    await knowledge.remove("w", "p", ["post:1"])
    assert await knowledge.missing("w", "p", ["post:1", "post:2"]) == ["post:1"]


async def test_no_text_lies_in_the_folder(knowledge: Knowledge, home: Path) -> None:
    await knowledge.index("w", "p", [("post:9", "A canary called Ferdinand-4711")])
    await knowledge.close()
    files = [file for file in (home / "chroma").rglob("*") if file.is_file()]
    assert any(b"post:9" in file.read_bytes() for file in files)
    assert not any(b"Ferdinand" in file.read_bytes() for file in files)


async def test_one_process_owns_the_folder_and_hands_it_on(knowledge: Knowledge, home: Path) -> None:
    await knowledge.index("w", "p", ITEMS)
    second = Knowledge(Settings(home=home), EMBEDDER)
    with pytest.raises(Unavailable):
        await second.index("w", "p", ITEMS)
    await knowledge.close()
    assert "post:2" in await found(second, "apple cake")
    await second.close()


async def test_a_server_that_is_not_there_is_named(home: Path) -> None:
    away = Knowledge(Settings(home=home, chroma_url="http://127.0.0.1:9"), EMBEDDER)
    with pytest.raises(Unavailable, match="GATOR_CHROMA_URL"):
        await away.index("w", "p", ITEMS)


def test_the_doctor_is_told_where_it_is(home: Path) -> None:
    assert describe(Settings(home=home))[0] == "ready"
    assert "127.0.0.1:9" in describe(Settings(home=home, chroma_url="http://127.0.0.1:9"))[1]
