"""What does recall cost, scanned exactly in a fan's vault or asked of Chroma? `python -m bench.memory [--memories 10000]`.

Both hold the same vectors of 100 memories a fan; Chroma once as one collection filtered by fan. Prints CPU and wall time
a query (median and 95th percentile), adds a second, and disk. The vault is measured cold (its shelf is read from SQLite
each time) and warm. docs/decisions/0002-what-chroma-holds.md tells what was decided.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import numpy as np

from gator.ids import new_id
from gator.principal import service
from memory import schema
from memory.embedding import DIM
from memory.founding import found
from memory.models import Conversation, Fan, Message, Persona, Recollection
from memory.store import Store
from memory.vault import VaultKey, open_vault, shelves

PER_FAN = 100
MODEL = "bench"
Query = Callable[[], Awaitable[object]]


def vectors(count: int) -> np.ndarray:
    made = np.random.default_rng(1).normal(size=(count, DIM)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


async def fill(store: Store, workspace: str, made: np.ndarray) -> list[VaultKey]:
    """Rows as turns write them, added in bulk: this is about reading."""
    async with store.open_work(service(workspace, "bench")) as work:
        persona = Persona(id=new_id(), workspace=workspace, slug="nova", name="Nova", character={})
        work.session.add(persona)
        await work.session.flush()
        keys = []
        for number in range(len(made) // PER_FAN):
            fan = Fan(id=new_id(), workspace=workspace, channel="web", external_id=str(number))
            talk = Conversation(id=new_id(), workspace=workspace, channel="web", thread=str(number))
            talk.persona_id, talk.fan_id = persona.id, fan.id
            work.session.add_all([fan])
            await work.session.flush()
            work.session.add(talk)
            await work.session.flush()
            own = {"workspace": workspace, "persona_id": persona.id, "fan_id": fan.id}
            said = [Message(id=new_id(), workspace=workspace, conversation_id=talk.id, author="fan", text=f"word{at} of {number}")
                    for at in range(PER_FAN)]  # fmt: skip
            work.session.add_all(said)
            await work.session.flush()
            rows = made[number * PER_FAN : (number + 1) * PER_FAN]
            work.session.add_all(
                Recollection(**own, message_id=message.id, model=MODEL, vector=row.tobytes())
                for message, row in zip(said, rows, strict=True)
            )
            keys.append(VaultKey(workspace, persona.id, fan.id))
    return keys


async def timed(name: str, query: Query, rounds: int) -> None:
    wall, cpu = [], []
    for _ in range(rounds):
        at, busy = time.perf_counter(), time.process_time()
        await query()
        wall.append(1000 * (time.perf_counter() - at))
        cpu.append(1000 * (time.process_time() - busy))
    p95 = sorted(wall)[int(0.95 * rounds)]
    print(f"{name:34} {median(cpu):8.2f} {median(wall):9.2f} {p95:9.2f}")


async def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--memories", type=int, default=10_000)
    asked.add_argument("--rounds", type=int, default=100)
    options = asked.parse_args()
    made = vectors(options.memories)
    chance = np.random.default_rng(2)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/gator.db"
        schema.upgrade(url)
        store = Store(url)
        owner = await found(store)
        keys = await fill(store, owner.workspace, made)

        async def recall(*, cold: bool) -> None:
            if cold:
                shelves._shelves.clear()
            async with store.open_work(owner, reads=True) as work:
                key = keys[int(chance.integers(len(keys) if cold else 5))]
                await open_vault(work, key, MODEL).said.recall("word7", made[int(chance.integers(len(made)))], limit=8)

        import chromadb
        from chromadb.config import Settings

        client = chromadb.PersistentClient(f"{folder}/chroma", settings=Settings(anonymized_telemetry=False))
        shared = client.create_collection("all", embedding_function=None, metadata={"hnsw:space": "cosine"})
        began = time.process_time()
        for start in range(0, len(made), 2_000):
            numbers = range(start, min(start + 2_000, len(made)))
            shared.add(
                [str(at) for at in numbers], made[start : start + 2_000], [{"fan": at // PER_FAN} for at in numbers]
            )
        added = 1000 * (time.process_time() - began) / len(made)
        print(f"{options.memories} memories, {len(keys)} fans; Chroma's add takes {added:.2f} CPU-ms each")

        async def filtered() -> None:
            fan = int(chance.integers(len(keys)))
            vector = made[int(chance.integers(len(made)))][None]
            shared.query(query_embeddings=vector, n_results=8, where={"fan": fan}, include=["distances"])

        async def unfiltered() -> None:
            shared.query(
                query_embeddings=made[int(chance.integers(len(made)))][None], n_results=8, include=["distances"]
            )

        print(f"{'a query':34} {'CPU ms':>8} {'p50 ms':>9} {'p95 ms':>9}")
        await timed("vault, cold (shelf read from SQL)", lambda: recall(cold=True), options.rounds)
        await timed("vault, warm", lambda: recall(cold=False), options.rounds)
        await timed("Chroma, one collection, by fan", filtered, options.rounds)
        await timed("Chroma, one collection, unfiltered", unfiltered, options.rounds)
        for name, path in (("SQLite", Path(folder) / "gator.db"), ("Chroma", Path(folder) / "chroma")):
            files = [path, *path.parent.glob("gator.db-*")] if path.is_file() else [*path.rglob("*")]
            print(f"{name} on disk: {sum(one.stat().st_size for one in files if one.is_file()) / 2**20:.1f} MiB")
        await store.close()


if __name__ == "__main__":
    asyncio.run(main())
