"""How much of what was said is found again? Recall of the real memory on conversations with questions and evidence.

    python -m bench.recall FILE... [--per-kind] [--parts]
    python -m bench.recall --serve

A FILE is JSON: `{"name", "speakers": [two names], "turns": [{"id", "speaker", "text", "at"}], "questions": [{"q",
"evidence": [turn ids], "kind"}]}`; two lie in bench/conversations. Each turn is kept singly in a vault of a temporary
SQLite store, as a product's turn does it. Printed for each row (BM25 only, dense only, hybrid; with --parts
hybrid without each part) is the mean share of a question's evidence among the first 5 and 10, and the time of a query,
the embedding of its text included.

`--serve` lets any benchmark drive the same memory: one JSON object a line on stdin, one answer a line on stdout.

    {"op": "open", "space": "…"}                                          {"ok": true}     a fresh vault
    {"op": "add", "id": "…", "text": "Speaker: …", "at": "2023-05-08T13:56:00"}  {"ok": true}
    {"op": "search", "q": "…", "k": 10}                                   {"ids": ["…"]}   best first

A line that cannot be understood answers {"error": "…"}. Vectors are made in batches before the next search.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bench.recall_rooms import BadLine, Room, Rooms
from bench.recall_scores import ROWS, WITHOUT, Asked, measure, report
from memory import schema
from memory.founding import found
from memory.recall.fusion import Parts
from memory.store import Store


async def serve(rooms: Rooms, lines: IO[str], out: IO[str]) -> None:
    """Answer each line until there is no more."""
    room: Room | None = None
    for line in lines:
        if not line.strip():
            continue
        try:
            ask = _object(line)
            if ask.get("op") == "open":
                room = await rooms.open(_text(ask, "space"))
                answer: dict[str, Any] = {"ok": True}
            else:
                answer = await _answer(room, ask)
        except BadLine as bad:
            answer = {"error": str(bad)}
        print(json.dumps(answer, ensure_ascii=False), file=out, flush=True)


async def _answer(room: Room | None, ask: dict[str, Any]) -> dict[str, Any]:
    if ask.get("op") not in ("add", "search"):
        raise BadLine("op is one of open, add, search")
    if room is None:
        raise BadLine("open a space first")
    if ask["op"] == "add":
        await room.add(_text(ask, "id"), _text(ask, "text"), _text(ask, "at"))
        return {"ok": True}
    k = ask.get("k", 10)
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise BadLine("k is a whole number above 0")
    return {"ids": await room.search(_text(ask, "q"), k)}


def _object(line: str) -> dict[str, Any]:
    try:
        ask = json.loads(line)
    except ValueError as bad:
        raise BadLine(f"not JSON: {bad}") from bad
    if not isinstance(ask, dict):
        raise BadLine("a line is one JSON object")
    return ask


def _text(ask: dict[str, Any], name: str) -> str:
    value = ask.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadLine(f"{name} is a text that is not empty")
    return value


async def bench(rooms: Rooms, files: list[Path], rows: dict[str, Parts], *, per_kind: bool) -> None:
    """Fill a vault with each conversation, ask its questions in each way, print the table."""
    asked: dict[str, list[Asked]] = {row: [] for row in rows}
    for file in files:
        talk = json.loads(file.read_text(encoding="utf-8"))
        room = await rooms.open(talk["name"])
        for turn in talk["turns"]:
            await room.add(turn["id"], f"{turn['speaker']}: {turn['text']}", turn["at"])
        for row, parts in rows.items():
            asked[row] += await measure(room, talk["questions"], parts)
    print(report(asked, per_kind=per_kind))


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options.add_argument("--per-kind", action="store_true", help="a line for each kind of question, too")
    options.add_argument("--parts", action="store_true", help="a line for recall without each of its parts, too")
    options.add_argument("--serve", action="store_true", help="answer lines of JSON on stdin")
    given = options.parse_args()
    if given.serve == bool(given.files):
        options.error("give files, or --serve")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/gator.db"
        schema.upgrade(url)
        store = Store(url)
        rooms = Rooms(store, await found(store))
        if given.serve:
            await serve(rooms, sys.stdin, sys.stdout)
        else:
            rows = ROWS | WITHOUT if given.parts else ROWS
            await bench(rooms, given.files, rows, per_kind=given.per_kind)
        await store.close()


if __name__ == "__main__":
    asyncio.run(main())
