"""How good is a list of hits? Shares of evidence among the first, times, and the table of them."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.recall_rooms import Room
from memory.recall.fusion import ALL, NAMES_OF_PARTS, Parts

_NOTHING = Parts(**dict.fromkeys(NAMES_OF_PARTS, False))
ROWS = {
    "BM25 only": replace(_NOTHING, words=True),
    "dense only": replace(_NOTHING, meaning=True),
    "hybrid": ALL,
}
WITHOUT = {f"without {part}": replace(ALL, **{part: False}) for part in NAMES_OF_PARTS}
FIRST = (5, 10)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was asked. `found` is the share of its evidence among the first 5 and 10."""

    kind: str
    found: tuple[float, ...]
    ms: float


async def measure(room: Room, questions: Sequence[dict[str, Any]], parts: Parts) -> list[Asked]:
    """Ask them all in that way."""
    asked = []
    for question in questions:
        began = time.perf_counter()
        ids = await room.search(question["q"], max(FIRST), parts)
        ms = 1000 * (time.perf_counter() - began)
        gold = set(question["evidence"])
        found = tuple(len(gold & set(ids[:k])) / len(gold) for k in FIRST)
        asked.append(Asked(question.get("kind", ""), found, ms))
    return asked


def report(asked: dict[str, list[Asked]], *, per_kind: bool) -> str:
    """The table: a line for each row, and below it one for each kind of question."""
    heads = " ".join(f"{f'@{k}':>6}" for k in FIRST)
    lines = [f"{'':24} {'asked':>6} {heads} {'p50 ms':>7} {'p95 ms':>7}"]
    for row, all_asked in asked.items():
        lines.append(_line(row, all_asked))
        kinds: dict[str, list[Asked]] = defaultdict(list)
        for one in all_asked:
            kinds[one.kind].append(one)
        lines += [_line(f"  {kind}", some) for kind, some in sorted(kinds.items()) if per_kind and kind]
    return "\n".join(lines)


def _line(name: str, asked: list[Asked]) -> str:
    shares = " ".join(f"{sum(one.found[at] for one in asked) / len(asked):6.3f}" for at in range(len(FIRST)))
    times = sorted(one.ms for one in asked)
    p50, p95 = times[len(times) // 2], times[int(0.95 * len(times))]
    return f"{name:24} {len(asked):6} {shares} {p50:7.1f} {p95:7.1f}"
