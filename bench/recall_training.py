"""What should each sign of recall count? Learns memory/recall/weights.toml from conversations with questions.

    python -m bench.recall_training FILE... [--write]

FILEs as bench.recall reads them; more than one may hold the same conversation with other questions (the same name), and
these stay together. Listwise logistic regression: each turn of evidence against all turns that are none, by gradient
descent, with a small penalty on large weights. Printed first is what weights learned without a conversation give on it:
the mean share of evidence among the first 5 and 10, by file. `--write` then learns from all and writes the file.
"""

import argparse
import asyncio
import json
import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from memory.embedding import embedder
from memory.recall import fusion
from memory.recall.asked import understand
from memory.recall.entries import Spoken
from memory.recall.shelf import Shelf
from memory.recall.speakers import FAN, PERSONA, Names, as_said

FIRST = (5, 10)
PENALTY = 0.3
STEPS = 400
RATE = 0.05
NEGATIVES = 120  # turns that are no evidence, for each question: the likeliest and some others

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """One question: the signs of every turn, and which turns are evidence."""

    name: str
    signs: Floats  # (turns, signs)
    evidence: NDArray[np.bool_]

    def first(self, weights: NDArray[Any]) -> list[float]:
        order = np.argsort(-(self.signs @ weights.astype(np.float32)), kind="stable")
        return [float(self.evidence[order[:k]].sum() / self.evidence.sum()) for k in FIRST]


def examples(talk: dict[str, Any], names: list[str]) -> list[Example]:
    """The questions of a conversation, through the shelf that turns use."""
    shelf, turns = Shelf(), talk["turns"]
    said = _vectors([turn["text"] for turn in turns])
    called = Names(*talk["speakers"])
    author = dict(zip(talk["speakers"], (FAN, PERSONA), strict=True))
    shelf.add(
        [
            Spoken(f"{at:06}", author[turn["speaker"]], turn["text"], _utc(turn["at"]), "", vector.tobytes())
            for at, (turn, vector) in enumerate(zip(turns, said, strict=True))
        ]
    )
    newest = max(_utc(turn["at"]) for turn in turns)
    vectors = _vectors([as_said(one["q"], called) for one in talk["questions"]])
    found = []
    for one, vector in zip(talk["questions"], vectors, strict=True):
        signs = fusion.signs(shelf, understand(one["q"], called, newest), shelf.cosines(vector))
        rows = np.zeros((len(turns), len(names)), np.float32)
        for name, values in signs.items():
            rows[:, names.index(name)] = values
        evidence = np.isin([turn["id"] for turn in turns], one["evidence"])
        found.append(Example(talk["name"], rows, evidence))
    return found


def learn(given: list[Example], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights under which evidence comes first, by Adam (Kingma and Ba 2015)."""
    rows, evidence, question = _pool(given, start)
    starts = np.flatnonzero(np.diff(question, prepend=-1))
    golds = np.add.reduceat(evidence.astype(float), starts)
    weights, mean, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, STEPS + 1):
        scores = rows @ weights
        scores = np.exp(scores - np.maximum.reduceat(scores, starts)[question])
        others = np.add.reduceat(np.where(evidence, 0, scores), starts)[question]
        total = others + scores
        pull = np.where(evidence, (scores / total - 1) / golds[question], 0)
        push = np.add.reduceat(np.where(evidence, 1 / total, 0), starts) / golds
        pull[~evidence] = (scores * push[question])[~evidence]
        slope = (pull @ rows + 2 * PENALTY * weights) / len(starts)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def _pool(
    given: list[Example], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Evidence and its rivals of all questions, one under the other; and of which question each row is."""
    chance = np.random.default_rng(1)
    rows, evidence, question = [], [], []
    for number, one in enumerate(given):
        likely = np.argsort(-(one.signs @ weights))[: NEGATIVES // 2]
        some = chance.choice(len(one.evidence), min(len(one.evidence), NEGATIVES // 2), replace=False)
        taken = np.unique(np.concatenate([likely, some, np.flatnonzero(one.evidence)]))
        rows.append(one.signs[taken].astype(np.float64))
        evidence.append(one.evidence[taken])
        question.append(np.full(len(taken), number))
    return np.concatenate(rows), np.concatenate(evidence), np.concatenate(question)


def _vectors(texts: list[str]) -> Floats:
    return asyncio.run(embedder().embed(texts))


def _utc(at: str) -> datetime:
    return datetime.fromisoformat(at + "+00:00")


def leave_one_out(by_file: dict[Path, list[Example]], start: NDArray[np.float64]) -> None:
    """Print for each file what the others teach."""
    every: dict[str, list[list[float]]] = defaultdict(list)
    for file, own in by_file.items():
        rest = [one for some in by_file.values() for one in some if one.name != own[0].name]
        weights = learn(rest, start)
        shares = [one.first(weights) for one in own]
        every[own[0].name] += shares
        print(f"{file.stem:12} {len(own):5} " + " ".join(f"{share:6.3f}" for share in np.mean(shares, 0)), flush=True)
    all_shares = np.mean([share for shares in every.values() for share in shares], 0)
    print(f"{'all':12} {sum(map(len, every.values())):5} " + " ".join(f"{share:6.3f}" for share in all_shares))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options.add_argument("--write", action="store_true", help="write memory/recall/weights.toml")
    given = options.parse_args()
    before = fusion.weights()
    names = list(before)
    by_file = {file: examples(json.loads(file.read_text(encoding="utf-8")), names) for file in given.files}
    start = np.array([before[name] for name in names])
    leave_one_out(by_file, start)
    weights = learn([one for some in by_file.values() for one in some], start)
    for name, weight in zip(names, weights, strict=True):
        print(f"{name:28} {before[name]:7.2f} {weight:7.2f}")
    if given.write:
        _write(dict(zip(names, weights.tolist(), strict=True)))


def _write(learned: dict[str, float]) -> None:
    """Put the new numbers into the file, leaving its words as they are."""
    file = Path(fusion.__file__).with_name("weights.toml")
    lines, part = [], ""
    for line in file.read_text(encoding="utf-8").splitlines():
        part = line.split("]")[0].removeprefix("[") if line.startswith("[") else part
        name, equals, rest = line.partition(" = ")
        _, mark, why = rest.partition("  # ")
        learned_here = equals and name in learned and part != fusion.ALONE
        lines.append(f"{name} = {learned[name]:.2f}{mark}{why}" if learned_here else line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
