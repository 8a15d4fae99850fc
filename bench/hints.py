"""How well is danger heard that nobody's words name? Fits the weights of agents/care/hints.py and says how they do.

    python -m bench.hints [--write]

A ridge regression on MiniLM's vectors: hints of danger against everyday talk that sounds like them (bench/hints.toml and
the labelled lines of the tests). Recall is that of five-fold cross-validation, so of lines the weights have not seen, at
the threshold that lets 2 of 100 hard negatives through. `--write` puts weights and threshold into prompts/policies/hints.toml.
"""

import argparse
import base64
import os
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from memory.embedding import local_embedder
from memory.minilm import Floats

ROOT = Path(__file__).parent.parent
STRENGTH = 16.0  # of the regularisation; 8 to 64 do alike
FALSE_ALARMS = 0.02  # of the hard negatives
FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    hints, named, hard, easy = (local_embedder().embed_now(lines) for lines in _lines())
    scores = [_unseen(which, hints, named, hard, easy) for which in (hints, hard, easy)]
    threshold = float(np.sort(scores[1])[::-1][int(FALSE_ALARMS * len(hard))])
    print(f"{len(hints)} hints, {len(named)} plain ones, {len(hard)} hard negatives, {len(easy)} everyday lines")
    for name, found in zip(
        ("hints heard", "hard negatives taken for one", "everyday lines taken"), scores, strict=True
    ):
        print(f"{name}: {np.mean(found > threshold):.3f}")
    if asked.write:
        _write(_fit(np.vstack([hints, named]), np.vstack([hard, easy])), threshold)


def _lines() -> tuple[list[str], list[str], list[str], list[str]]:
    """Hints, what names the danger (to learn from only), talk that sounds like them, and other talk."""
    own = _toml(ROOT / "bench" / "hints.toml")
    told = _toml(ROOT / "tests" / "agents" / "care" / "lines.toml")
    tried = _toml(ROOT / "tests" / "agents" / "care" / "hints.toml")
    hints = [*told["crisis"]["implicit"], *_all(tried, "implicit"), *own["danger"]]
    hard = [*told["crisis"]["benign"], *_all(tried, "benign"), *own["harmless"]]
    easy = [
        *told["disclosure"]["asks"],
        *told["disclosure"]["asks_not"],
        *told["ages"]["adults"],
        *told["ages"]["nothing"],
    ]
    return hints, told["crisis"]["explicit"], hard, easy


def _all(sets: dict[str, Any], label: str) -> Iterator[str]:
    yield from sets[label]["work"] + sets[label]["kept"] + sets["fresh"][label]


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _unseen(which: Floats, hints: Floats, named: Floats, hard: Floats, easy: Floats) -> Floats:
    """The score of each row of one of the sets by weights that were fitted without it."""
    folds = [np.random.default_rng(7).permutation(len(rows)) % FOLDS for rows in (hints, hard, easy)]
    mine = next(fold for fold, rows in zip(folds, (hints, hard, easy), strict=True) if rows is which)
    scores = np.zeros(len(which), np.float32)
    for fold in range(FOLDS):
        kept = [rows[at != fold] for at, rows in zip(folds, (hints, hard, easy), strict=True)]
        weights = _fit(np.vstack([kept[0], named]), np.vstack(kept[1:]))
        scores[mine == fold] = which[mine == fold] @ weights[:-1] + weights[-1]
    return scores


def _fit(danger: Floats, harmless: Floats) -> Floats:
    """Weights and, last, the bias; both sides weigh alike however many lines they have."""
    rows = np.vstack([danger, harmless])
    rows = np.hstack([rows, np.ones((len(rows), 1), np.float32)])
    aims = np.r_[np.ones(len(danger)), -np.ones(len(harmless))]
    share = np.r_[np.full(len(danger), len(harmless) / len(danger)), np.ones(len(harmless))]
    penalty = STRENGTH * np.eye(rows.shape[1])
    penalty[-1, -1] = 0
    fitted = np.linalg.solve(rows.T @ (share[:, None] * rows) + penalty, rows.T @ (share * aims))
    return np.asarray(fitted, np.float32)


def _write(weights: Floats, threshold: float) -> None:
    path = Path(str(files("prompts") / "policies" / "hints.toml"))
    head = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(("weights", "threshold"))
    ]
    at = next(index for index, line in enumerate(head) if line.startswith("model ="))
    packed = base64.b64encode(weights.astype("<f4").tobytes()).decode()
    head[at + 1 : at + 1] = [f"threshold = {threshold:.4f}", f'weights = "{packed}"']
    path.write_text("\n".join(head) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
