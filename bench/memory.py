"""What does a memory of many fans cost? `python -m bench.memory [--memories 10000 100000 1000000]`: add, query, memory, disk.

The same vectors of 100 memories a fan are held by a fan's vault (`memory.vault`: SQL rows, scanned exactly), by a plain
SQLite table read with NumPy (the least it can cost), by NumPy over all fans' vectors with a mask, and by Chroma as one
collection filtered by fan. Each runs in a process of its own, one after the other. Time is CPU of that process and wall,
a query: median and 95th percentile. docs/decisions/0002-what-chroma-holds.md tells what was decided.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from sqlalchemy import insert, select

from bench.memory_load import (
    BEST,
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
from bench.memory_others import Bare, chroma, masked, plain, rebuild
from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal, service
from memory import schema
from memory.founding import found
from memory.models import Conversation, Fan, Message, Persona, Recollection
from memory.packing import packed
from memory.recall.fusion import NAMES_OF_PARTS, Parts
from memory.store import Store
from memory.vault import VaultKey, open_vault, shelves

SINGLE = 200  # memories that are added one by one, as turns do
MODEL = "bench"
BY_MEANING = replace(Parts(**dict.fromkeys(NAMES_OF_PARTS, False)), meaning=True)


async def filled(count: int, rounds: int, folder: Path) -> Figures:  # noqa: ARG001  # once
    """The rows as turns write them, in bulk: by another process than the one that asks, whose memory is measured."""
    url = f"sqlite+aiosqlite:///{folder}/gator.db"
    schema.upgrade(url)
    store = Store(url)
    owner = await found(store)
    before = disk_bytes(folder)
    wall, cpu = time.perf_counter(), time.process_time()
    await _fill(store, owner.workspace, count)
    figures = {
        "bulk_cpu": 1000 * (time.process_time() - cpu) / count,
        "bulk_per_s": count / (time.perf_counter() - wall),
    }
    await store.close()
    with sqlite3.connect(folder / "gator.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return figures | {"disk_kib": (disk_bytes(folder) - before) / 1024 / count}


async def vault(count: int, rounds: int, folder: Path) -> Figures:
    """What turns do in it: add one, recall with a fan's index made from the rows, recall again."""
    figures = in_a_process("filled", count, rounds, folder)
    store = Store(f"sqlite+aiosqlite:///{folder}/gator.db")
    owner = await found(store)
    async with store.open_work(owner, reads=True) as work:
        rows = await work.session.execute(
            select(Conversation.persona_id, Conversation.fan_id).order_by(Conversation.id)
        )
        keys = [VaultKey(owner.workspace, str(persona), str(fan)) for persona, fan in rows]
    bare = Bare(folder, count)
    rest = resident_mib()
    figures |= await _ask(store, owner, keys, rounds, bare)
    figures["rss_mib"] = resident_mib() - rest
    bare.close()
    figures |= await _add(store, owner, keys[0], SINGLE)
    await store.close()
    return figures


async def _fill(store: Store, workspace: str, count: int) -> None:
    persona = new_id()
    async with store.open_work(service(workspace, "bench")) as work:
        work.session.add(Persona(id=persona, workspace=workspace, slug="nova", name="Nova", character={}))
    for start, vectors in blocks(count):
        async with store.open_work(service(workspace, "bench")) as work:
            fans = [VaultKey(workspace, persona, new_id()) for _ in range(-(-len(vectors) // PER_FAN))]
            talks = [new_id() for _ in fans]
            base = {"workspace": workspace, "channel": "web"}
            run = work.session.execute
            await run(insert(Fan), [{**base, "id": key.fan, "external_id": key.fan} for key in fans])
            rows = [
                {**base, "id": talk, "thread": talk, "persona_id": persona, "fan_id": key.fan}
                for talk, key in zip(talks, fans, strict=True)
            ]
            await run(insert(Conversation), rows)
            said = [new_id() for _ in vectors]
            of = {"workspace": workspace, "author": "fan"}
            rows = [
                {**of, "id": id, "conversation_id": talks[at // PER_FAN], "text": text_of(start + at)}
                for at, id in enumerate(said)
            ]
            await run(insert(Message), rows)
            kept = [
                {**fans[at // PER_FAN].columns, "message_id": id, "model": MODEL, "vector": packed(vector)}
                for at, (id, vector) in enumerate(zip(said, vectors, strict=True))
            ]
            await run(insert(Recollection), kept)
        for key in fans:
            async with store.open_work(service(workspace, "bench")) as work:
                pages = open_vault(work, key, MODEL).pages
                while (draft := await pages.draft(now() + timedelta(seconds=1))) and await pages.write(draft):
                    pass


async def _add(store: Store, owner: Principal, key: VaultKey, count: int) -> Figures:
    """One after the other, each in a transaction of its own that waits for the disk."""
    async with store.open_work(owner) as work:
        (talk, *_) = await work.conversations.of(fan_id=key.fan)
        said = [(await work.conversations.say(talk.id, "fan", text_of(at))).id for at in range(count)]
    clock, vectors = Clock(), unit(count, seed=5)

    async def keep(id: str, vector: Floats) -> None:
        async with store.open_work(owner) as work:
            await open_vault(work, key, MODEL).said.keep(id, vector)

    for id, vector in zip(said, vectors, strict=True):
        await clock.time(lambda id=id, vector=vector: keep(id, vector))  # type: ignore[misc]
    return clock.told("add")


async def _ask(store: Store, owner: Principal, keys: list[VaultKey], rounds: int, bare: Bare) -> Figures:
    """Cold: the fan's index is made from the rows. Warm: the same fans again. Search: within a unit of work that is open.

    Round by round beside the bare scan of the same vectors. `search_found` is the share of its best that recall by meaning
    alone has among its own.
    """
    found = 0

    async def recall(at: int, vector: Floats) -> None:
        async with store.open_work(owner, reads=True) as work:
            await open_vault(work, keys[at], MODEL).said.recall(text_of(at), vector, limit=BEST)

    async def search(at: int, vector: Floats, clocks: list[Clock]) -> None:
        async with store.open_work(owner, reads=True) as work:
            said = open_vault(work, keys[at], MODEL).said
            for clock in clocks:
                await clock.time(lambda: said.recall(text_of(at), vector, limit=BEST))

    cold, warm, search_cold, search_warm, scan = (Clock() for _ in range(5))
    for at, vector in asked(rounds, len(keys)):
        shelves._shelves.clear()
        await cold.time(lambda at=at, vector=vector: recall(at, vector))  # type: ignore[misc]
        await warm.time(lambda at=at, vector=vector: recall(at, vector))  # type: ignore[misc]
        await scan.time(lambda at=at, vector=vector: bare.ask(at, vector))  # type: ignore[misc]
        shelves._shelves.clear()
        await search(at, vector, [search_cold, search_warm])
        best = set(await bare.ask(at, vector))
        async with store.open_work(owner, reads=True) as work:
            said = open_vault(work, keys[at], MODEL).said
            hits = await said.recall(text_of(at), vector, limit=BEST, floor=0, parts=BY_MEANING)
        found += len(best & {hit.text for hit in hits})
    for at, vector in asked(rounds, len(keys)):  # as many as the shelves hold
        await recall(at, vector)
    figures = cold.told("query") | warm.told("warm") | search_cold.told("search") | search_warm.told("search_warm")
    return figures | scan.told("scan") | {"search_found": found / (BEST * rounds)}


CONTENDERS = {"vault": vault, "filled": filled, "plain": plain, "masked": masked, "chroma": chroma, "rebuild": rebuild}
NAMES = {
    "vault": "Gator's vault", "plain": "SQLite and NumPy, bare", "masked": "NumPy over all, masked",
    "chroma": "Chroma, filtered by fan",
}  # fmt: skip


SEARCHES = {
    "search": "a first search", "search_warm": "the next", "query": "a first one with its unit of work", "warm": "the next",
}  # fmt: skip


def in_a_process(name: str, count: int, rounds: int, folder: Path) -> Figures:
    """The figures of one contender, which runs alone."""
    command = [sys.executable, "-m", "bench.memory", "--one", name, "--memories", str(count)]
    command += ["--rounds", str(rounds), "--folder", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: Figures = json.loads(told.splitlines()[-1])
    return figures


def alone(name: str, count: int, rounds: int) -> Figures:
    """As `in_a_process`, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="gator-bench-") as folder:
        return in_a_process(name, count, rounds, Path(folder))


def main() -> None:
    options = _options()
    if options.one:
        figures = asyncio.run(CONTENDERS[options.one](options.memories[0], options.rounds, Path(options.folder)))
        print(json.dumps(figures))
        return
    print(
        "| memories | | query CPU ms | p50 ms | p95 ms | one add CPU ms | p50 ms | bulk CPU ms | bulk/s | RSS MiB | KiB each |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for count in options.memories:
        for name in NAMES:
            if name == "chroma" and count > options.chroma_up_to:
                print(f"| {count:,} | {NAMES[name]} | left out: above --chroma-up-to | | | | | | | | |")
                continue
            _tell(count, name, alone(name, count, options.rounds))
    figures = alone("rebuild", options.rebuild, 1)
    print(
        f"\nRebuilding the index of {options.rebuild:,} texts: {figures['minilm_s']:.1f} s, "
        f"{figures['minilm_cpu']:.1f} CPU-ms each with MiniLM; {figures['index_s']:.1f} s, "
        f"{figures['index_cpu']:.2f} CPU-ms each without embedding."
    )


def _tell(count: int, name: str, figures: Figures) -> None:
    def shown(figure: str, digits: int = 2) -> str:
        return f"{figures[figure]:,.{digits}f}" if figure in figures else ""

    columns = ["query_cpu", "query_p50", "query_p95", "add_cpu", "add_p50", "bulk_cpu"]
    cells = [*map(shown, columns), shown("bulk_per_s", 0), shown("rss_mib", 0), shown("disk_kib")]
    print(f"| {count:,} | {NAMES[name]} | {' | '.join(cells)} |", flush=True)
    if "warm_cpu" in figures:
        cells = [shown("warm_cpu"), shown("warm_p50"), shown("warm_p95")]
        print(f"| {count:,} | {NAMES[name]}, again | {' | '.join(cells)} | | | | | | |", flush=True)
        scan = figures["scan_cpu"]
        told = [
            f"{what} {figures[f'{which}_cpu']:.2f} ms, {figures[f'{which}_cpu'] / scan:.1f}x"
            for which, what in SEARCHES.items()
        ]
        print(f"\nBeside a bare scan in the same rounds ({scan:.2f} CPU-ms): {'; '.join(told)}.", flush=True)
        print(f"Of the scan's {BEST} best {figures['search_found']:.3f} are among recall's by meaning.\n", flush=True)


def _options() -> argparse.Namespace:
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--memories", type=int, nargs="+", default=[10_000])
    asks.add_argument("--rounds", type=int, default=200)
    asks.add_argument("--chroma-up-to", type=int, default=10_000, help="above so many it takes minutes to fill")
    asks.add_argument("--rebuild", type=int, default=1_000, help="texts of the index that is rebuilt")
    asks.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    asks.add_argument("--folder", help=argparse.SUPPRESS)
    return asks.parse_args()


if __name__ == "__main__":
    main()
