"""What is a vault compared with in bench.memory? A bare table, all vectors with a mask, Chroma; and the index made anew."""

import sqlite3
import time
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from bench.memory_load import (
    BEST,
    DIM,
    PER_FAN,
    Clock,
    Figures,
    Floats,
    asked,
    blocks,
    disk_bytes,
    resident_mib,
    text_of,
    unit,
)
from gator.ids import new_id
from gator.settings import Settings
from memory import schema
from memory.archive import Archive
from memory.embedding import hashing_embedder, local_embedder
from memory.founding import found
from memory.knowledge import Knowledge
from memory.models import Feed, Story
from memory.store import Store


class Bare:
    """A bare table, a fan's rows scored with NumPy: no transaction, words, texts or keys."""

    def __init__(self, folder: Path, count: int) -> None:
        self._database = sqlite3.connect(folder / "plain.db")
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("CREATE TABLE memory (persona TEXT, fan INTEGER, text TEXT, vector BLOB)")
        self._database.execute("CREATE INDEX of_fan ON memory (persona, fan)")
        for start, vectors in blocks(count):
            numbers = range(start, start + len(vectors))
            rows = [("p", at // PER_FAN, text_of(at), row.tobytes()) for at, row in zip(numbers, vectors, strict=True)]
            with self._database:
                self._database.executemany("INSERT INTO memory VALUES (?, ?, ?, ?)", rows)

    async def ask(self, fan: int, vector: Floats) -> list[str]:
        query = "SELECT rowid, vector FROM memory WHERE persona = 'p' AND fan = ?"
        rows = self._database.execute(query, (fan,)).fetchall()
        matrix = np.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(-1, DIM)
        best = np.argsort(matrix @ vector)[::-1][:BEST]
        ids = [rows[at][0] for at in best.tolist()]
        marks = ", ".join("?" * len(ids))
        texts = f"SELECT text FROM memory WHERE rowid IN ({marks})"  # marks only
        return [text for (text,) in self._database.execute(texts, ids)]

    def close(self) -> None:
        self._database.close()


async def plain(count: int, rounds: int, folder: Path) -> Figures:
    """The bare table alone."""
    cpu, wall = time.process_time(), time.perf_counter()
    bare = Bare(folder, count)
    figures = {
        "bulk_cpu": 1000 * (time.process_time() - cpu) / count,
        "bulk_per_s": count / (time.perf_counter() - wall),
    }
    figures["disk_kib"] = disk_bytes(folder) / 1024 / count
    rest, clock = resident_mib(), Clock()
    for fan, vector in asked(rounds, count // PER_FAN):
        await clock.time(lambda fan=fan, vector=vector: bare.ask(fan, vector))  # type: ignore[misc]
    bare.close()
    return figures | clock.told("query") | {"rss_mib": resident_mib() - rest}


async def masked(count: int, rounds: int, folder: Path) -> Figures:  # noqa: ARG001  # it keeps nothing
    """All vectors in memory, those of other fans masked after all were scored."""
    rest = resident_mib()
    matrix = np.empty((count, DIM), np.float32)
    for start, vectors in blocks(count):
        matrix[start : start + len(vectors)] = vectors
    fans, clock = np.arange(count) // PER_FAN, Clock()

    async def ask(fan: int, vector: Floats) -> None:
        scores = np.where(fans == fan, matrix @ vector, -np.inf)
        np.argpartition(scores, -BEST)[-BEST:]

    for fan, vector in asked(rounds, count // PER_FAN):
        await clock.time(lambda fan=fan, vector=vector: ask(fan, vector))  # type: ignore[misc]
    return clock.told("query") | {"rss_mib": resident_mib() - rest}


async def chroma(count: int, rounds: int, folder: Path) -> Figures:
    """One collection, each query with a filter on the fan's number."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    client = chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
    shared = client.create_collection("all", embedding_function=None, metadata={"hnsw:space": "cosine"})
    rest, cpu, wall = resident_mib(), time.process_time(), time.perf_counter()
    for start, vectors in blocks(count):
        numbers = range(start, start + len(vectors))
        shared.add([str(at) for at in numbers], vectors, [{"fan": at // PER_FAN} for at in numbers])
    figures = {
        "bulk_cpu": 1000 * (time.process_time() - cpu) / count,
        "bulk_per_s": count / (time.perf_counter() - wall),
    }
    clock, add = Clock(), Clock()

    async def ask(fan: int, vector: Floats) -> None:
        shared.query(query_embeddings=vector[None], n_results=BEST, where={"fan": fan}, include=["distances"])

    async def put(at: int, vector: Floats) -> None:
        shared.add([f"x{at}"], vector[None], [{"fan": 0}])

    for fan, vector in asked(rounds, count // PER_FAN):
        await clock.time(lambda fan=fan, vector=vector: ask(fan, vector))  # type: ignore[misc]
    for at, vector in enumerate(unit(20, seed=5)):
        await add.time(lambda at=at, vector=vector: put(at, vector))  # type: ignore[misc]
    figures |= {"rss_mib": resident_mib() - rest, "disk_kib": disk_bytes(folder) / 1024 / count}
    return figures | clock.told("query") | add.told("add")


async def rebuild(count: int, rounds: int, folder: Path) -> Figures:  # noqa: ARG001  # once
    """How long the index of knowledge takes to be made anew from the rows, by MiniLM and, the index alone, by hashing."""
    url = f"sqlite+aiosqlite:///{folder}/gator.db"
    schema.upgrade(url)
    store = Store(url)
    figures: Figures = {}
    who = await found(store)
    async with store.open_work(who) as work:
        feed = Feed(id=new_id(), workspace=who.workspace, url="https://example.org/feed", name="Feed")
        work.session.add(feed)
        await work.session.flush()
        row = {"workspace": who.workspace, "feed_id": feed.id, "published_at": feed.created_at}
        stories = [{**row, "id": new_id(), "guid": str(at), "title": text_of(at)} for at in range(count)]
        await work.session.execute(insert(Story), stories)
    for name, embedder in (("minilm", local_embedder()), ("index", hashing_embedder())):
        archive = Archive(Knowledge(Settings(home=folder / name), embedder))
        cpu, wall = time.process_time(), time.perf_counter()
        await archive.rebuild(store, who)
        figures |= {f"{name}_cpu": 1000 * (time.process_time() - cpu) / count, f"{name}_s": time.perf_counter() - wall}
        await archive.close()
    await store.close()
    return figures
