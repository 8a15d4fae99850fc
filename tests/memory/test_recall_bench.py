"""Can any benchmark drive the real memory by lines of JSON, and are the shares of the table right?"""

import json
import subprocess
import sys
from typing import Any

import pytest

from bench.recall_scores import Asked, report
from gator.rooms import ROOT

SAID = [
    ("a", "Ada: My dog Luna ate my shoes", "2023-05-08T13:56:00"),
    ("b", "Bob: Oh no! Not the red ones?", "2023-05-08T13:57:00"),
    ("c", "Ada: I have an exam in chemistry on Friday", "2023-05-09T09:00:00"),
    ("d", "Bob: The weather is nice today", "2023-05-09T09:01:00"),
]


def served(*lines: Any) -> list[Any]:
    """What a process answers to these lines, each an object or a raw text."""
    asked = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    run = subprocess.run(
        [sys.executable, "-m", "bench.recall", "--serve"],
        input=asked,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def add(id: str, text: str, at: str) -> dict[str, str]:
    return {"op": "add", "id": id, "text": text, "at": at}


def search(q: str, k: int = 10) -> dict[str, Any]:
    return {"op": "search", "q": q, "k": k}


def test_a_vault_is_filled_asked_and_filled_on() -> None:
    opened, *added, found, late, found_late, reopened, forgotten = served(
        {"op": "open", "space": "one"},
        *(add(*turn) for turn in SAID),
        search("What did Luna eat?", 3),
        add("e", "Ada: I passed chemistry!", "2023-05-20T09:00:00"),
        search("Did Ada pass chemistry?", 2),
        {"op": "open", "space": "one"},
        search("What did Luna eat?"),
    )
    assert [opened, *added, late, reopened] == [{"ok": True}] * 7
    assert found["ids"][0] == "a"
    assert len(found["ids"]) == len(set(found["ids"])) == 3
    assert set(found_late["ids"]) == {"c", "e"}
    assert forgotten == {"ids": []}


def test_a_bad_line_is_answered_and_the_next_one_goes_on() -> None:
    bad = [
        search("before any space"),
        "{not json",
        "[]",
        {"op": "forget"},
        {"op": "open"},
        {"op": "open", "space": "one"},
        add("a", "Ada: hello", "yesterday"),
        add("a", "", "2023-05-08T13:56:00"),
        search("hello", 0),
        search("", 3),
        add("a", "Ada: hello", "2023-05-08T13:56:00+02:00"),
        add("a", "Ada: hello again", "2023-05-08T13:56:00"),
        search("hello", 3),
    ]
    answers = served(*bad)
    assert ["error" in answer for answer in answers] == [True] * 5 + [False] + [True] * 4 + [False, True, False]
    assert answers[-1] == {"ids": ["a"]}


@pytest.mark.parametrize("kind", ["", "when"])
def test_a_share_is_the_mean_over_questions(kind: str) -> None:
    asked = {"hybrid": [Asked(kind, (1.0, 1.0), 3.0), Asked(kind, (0.0, 0.5), 5.0)]}
    lines = report(asked, per_kind=True).splitlines()
    assert lines[1].split() == ["hybrid", "2", "0.500", "0.750", "5.0", "5.0"]
    assert [line.split()[0] for line in lines[2:]] == ([kind] if kind else [])
