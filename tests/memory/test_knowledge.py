"""Does the index of what is known across a persona find it, keep personas apart, and come back from whatever breaks it?"""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gator.errors import Unavailable
from gator.settings import Settings
from memory import knowledge as module
from memory import knowledge_state
from memory.embedding import hashing_embedder
from memory.knowledge import Holding, Knowledge
from memory.knowledge_state import Progress, Wish, describe

EMBEDDER = hashing_embedder()
ITEMS = [
    ("1", "A night train to Lisbon"),
    ("2", "My recipe for apple cake"),
    ("3", "The old lighthouse"),
]
POSTS = Holding("w", "p", "posts")


@pytest.fixture
async def knowledge(home: Path) -> AsyncIterator[Knowledge]:
    made = Knowledge(Settings(home=home), EMBEDDER)
    yield made
    await made.close()


async def found(knowledge: Knowledge, text: str, holding: Holding = POSTS, k: int = 5) -> list[str]:
    return [id for id, _ in await knowledge.search(holding, (await EMBEDDER.embed([text]))[0], k)]


async def test_what_was_indexed_is_found_best_first(knowledge: Knowledge) -> None:
    await knowledge.index(POSTS, ITEMS)
    assert (await found(knowledge, "apple cake"))[0] == "2"
    await knowledge.index(POSTS, [("2", "Something about boats and harbours")])
    assert (await found(knowledge, "boats"))[0] == "2"
    assert len(await found(knowledge, "boats")) == 3


async def test_personas_kinds_and_workspaces_do_not_meet(knowledge: Knowledge) -> None:
    await knowledge.index(POSTS, ITEMS)
    for other in (Holding("w", "q", "posts"), Holding("v", "p", "posts"), Holding("w", "p", "lore")):
        assert await found(knowledge, "apple cake", other) == []


async def test_forgotten_is_gone_and_removed_is_gone(knowledge: Knowledge) -> None:
    await knowledge.index(POSTS, ITEMS)
    await knowledge.forget(POSTS)
    await knowledge.forget(Holding("w", "nobody", "posts"))
    assert await found(knowledge, "apple cake") == []
    await knowledge.index(POSTS, ITEMS[:2])
    await knowledge.remove(POSTS, ["1"])
    assert await knowledge.ids(POSTS) == {"2"}


async def test_no_text_lies_in_the_folder(knowledge: Knowledge, home: Path) -> None:
    await knowledge.index(POSTS, [("post-9", "A canary called Ferdinand-4711")])
    await knowledge.close()
    files = [file for file in (home / "chroma").rglob("*") if file.is_file()]
    assert any(b"post-9" in file.read_bytes() for file in files)
    assert not any(b"Ferdinand" in file.read_bytes() for file in files)


async def test_one_process_owns_the_folder_and_hands_it_on(knowledge: Knowledge, home: Path) -> None:
    await knowledge.index(POSTS, ITEMS)
    second = Knowledge(Settings(home=home), EMBEDDER)
    with pytest.raises(Unavailable, match="owns"):
        await second.index(POSTS, ITEMS)
    assert second.trouble
    await knowledge.close()
    third = Knowledge(Settings(home=home), EMBEDDER)
    assert "2" in await found(third, "apple cake")
    await third.close()


async def test_a_server_that_is_not_there_is_named(home: Path) -> None:
    away = Knowledge(Settings(home=home, chroma_url="http://127.0.0.1:9"), EMBEDDER)
    with pytest.raises(Unavailable, match="cannot be used") as said:
        await away.index(POSTS, ITEMS)
    assert "GATOR_CHROMA_URL" in said.value.remedy


def _flip(file: Path, start: float = 0.0, much: int = 4096) -> None:
    data = bytearray(file.read_bytes())
    at = int(len(data) * start)
    data[at : at + much] = bytes(byte ^ 0xFF for byte in data[at : at + much])
    file.write_bytes(data)


def _a_file_instead(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("this is no folder")


BREAKAGES: dict[str, Callable[[Path], object]] = {
    "deleted": shutil.rmtree,
    "no folder": lambda folder: _a_file_instead(folder),
    "no database": lambda folder: _flip(folder / "chroma.sqlite3"),
    "empty database": lambda folder: (folder / "chroma.sqlite3").write_bytes(b""),
    "half a database": lambda folder: (folder / "chroma.sqlite3").write_bytes(
        (folder / "chroma.sqlite3").read_bytes()[:9000]
    ),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
async def test_a_folder_that_cannot_be_used_is_thrown_away_and_works_again(
    breakage: str, home: Path, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REST_S", 0.0)
    await knowledge.index(POSTS, ITEMS)
    await knowledge.close()
    BREAKAGES[breakage](home / "chroma")
    for _ in range(3):  # the first ones may fail, and then it is as new
        try:
            there = await knowledge.ids(POSTS)
            break
        except Unavailable:
            continue
    assert there == set()
    await knowledge.index(POSTS, ITEMS)
    assert (await found(knowledge, "apple cake"))[0] == "2"
    assert list(home.glob("chroma-broken-*")) == []


async def test_a_folder_taken_away_under_a_running_process_is_noticed_at_the_next_use(
    knowledge: Knowledge, home: Path
) -> None:
    await knowledge.index(POSTS, ITEMS)
    shutil.rmtree(home / "chroma")
    with pytest.raises(Unavailable, match="cannot be used"):
        await found(knowledge, "apple cake")
    assert knowledge.losses == 1
    with pytest.raises(Unavailable):  # it rests
        await found(knowledge, "apple cake")
    assert knowledge.losses == 1


async def test_changed_bytes_of_vectors_are_found(knowledge: Knowledge, home: Path) -> None:
    many = [(str(n), f"text number {n}") for n in range(120)]
    await knowledge.index(POSTS, many)
    assert await knowledge.spoiled(POSTS) == []
    (row,) = (await EMBEDDER.embed(["text number 7"]))[:1]
    await knowledge._run(knowledge._put, POSTS, EMBEDDER.name, ["7"], 3 * row[None])
    assert await knowledge.spoiled(POSTS) == ["7"]


async def test_a_search_that_takes_long_is_not_waited_for(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    held = threading.Event()
    await knowledge.index(POSTS, ITEMS)
    long = asyncio.create_task(knowledge._run(held.wait, 20))  # the thread is at work
    with pytest.raises(Unavailable, match="too long"):
        await found(knowledge, "apple cake")
    held.set()
    assert await long
    assert await knowledge.ids(POSTS) == {"1", "2", "3"}
    assert knowledge.losses == 0


def test_a_disk_that_is_full_is_not_the_folders_fault() -> None:
    assert module._full(PermissionError("no"))
    assert module._full(OSError("(code: 13) database or disk is full"))
    assert not module._full(OSError("(code: 26) file is not a database"))


def test_the_doctor_is_told_how_it_fares(home: Path) -> None:
    settings = Settings(home=home)
    assert describe(settings) == ("ready", f"Chroma embedded in {home / 'chroma'}")
    assert "127.0.0.1:9" in describe(Settings(home=home, chroma_url="http://127.0.0.1:9"))[1]
    knowledge_state.note(home, Progress("rebuilding", "posts", 64, 500))
    assert "posts being indexed, 64 of 500" in describe(settings)[1]
    knowledge_state.note(home, Progress("away", "It is broken."))
    assert describe(settings)[0] == "broken"
    (home / "knowledge.json").write_text('{"state": "away", "pid": 99999999}')
    assert describe(settings)[0] == "ready"  # whoever wrote it is gone
    (home / "knowledge.json").write_text("not json")
    assert knowledge_state.read(home) is None


def test_a_wish_waits_until_it_is_granted(home: Path) -> None:
    assert knowledge_state.wished(home) is None
    knowledge_state.wish(home, Wish("1", "p"))
    assert knowledge_state.wished(home) == Wish("1", "p")
    knowledge_state.granted(home)
    knowledge_state.granted(home)
    assert knowledge_state.wished(home) is None
