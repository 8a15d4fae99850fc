"""How many of the facts found are right? `python -m bench.facts [--wrong]`: precision and recall by kind, and the cost a line.

Measured on the sets in tests/memory, all of which the rules were mended with by now: the figures guard against regression.
What each set gave at its first run, when no rule had seen it, stands in its docstring. Half of the lines are traps.
"""

import argparse
import time
from collections.abc import Mapping, Sequence

from memory.facts import candidates
from tests.memory import (
    blind_fourth,
    blind_second,
    blind_seventh,
    blind_sixth,
    blind_third,
    blind_told,
    blind_traps,
    measured,
    typed_blind,
    typed_fresh,
    typed_second,
    typed_third,
)
from tests.memory.labelled import Label
from tests.memory.measuring import Measured, measure

SETS: dict[str, tuple[Sequence[tuple[str, Sequence[Label]]], Mapping[str, Sequence[str]]]] = {
    "first": (blind_told.TOLD, blind_traps.TRAPS),
    "second": (blind_second.TOLD, blind_second.TRAPS),
    "third": (blind_third.TOLD, blind_third.TRAPS),
    "fourth": (blind_fourth.TOLD, blind_fourth.TRAPS),
    "sixth": (blind_sixth.TOLD, blind_sixth.TRAPS),
    "seventh": (blind_seventh.TOLD, blind_seventh.TRAPS),
    "measuring": (measured.TOLD, measured.TRAPS),
    "typed": (typed_blind.TOLD, typed_blind.TRAPS),
    "typed 2": (typed_fresh.TOLD, typed_fresh.TRAPS),
    "typed 3": (typed_second.TOLD, typed_second.TRAPS),
    "typed 4": (typed_third.TOLD, typed_third.TRAPS),
}
ROUNDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="tell which lines are wrong and which are missed")
    tell = parser.parse_args().wrong
    for name, (told, traps) in SETS.items():
        result = measure(told, traps)
        lines = [line for line, _ in told] + [line for several in traps.values() for line in several]
        whole = result.whole
        print(f"{name:10} {len(lines):4} lines  precision {whole.precision:.3f} ({whole.right}/{whole.found})"
              f"  recall {whole.recall:.3f} ({whole.heard}/{whole.told})  {cost_ms(lines):.2f} CPU-ms a line")  # fmt: skip
        if tell:
            print(
                *(f"  wrong   {one}" for one in result.wrong), *(f"  missed  {one}" for one in result.missed), sep="\n"
            )
    told, traps = blind_fourth.TOLD + measured.TOLD, {**blind_fourth.TRAPS, **_renamed(measured.TRAPS)}
    by_kind(measure(told, traps))


def _renamed(traps: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {f"{name}, measuring": lines for name, lines in traps.items()}


def by_kind(result: Measured) -> None:
    print("\nmeasuring and fourth set, by kind")
    for kind, count in sorted(result.kinds.items()):
        right, heard = f"({count.right}/{count.found})", f"({count.heard}/{count.told})"
        print(f"{kind:12} precision {count.precision:.2f} {right:9} recall {count.recall:.2f} {heard}")


def cost_ms(lines: list[str]) -> float:
    candidates("I live in Porto")  # the patterns are compiled at the first use
    started = time.process_time()
    for _ in range(ROUNDS):
        for line in lines:
            candidates(line)
    return (time.process_time() - started) * 1000 / ROUNDS / len(lines)


if __name__ == "__main__":
    main()
