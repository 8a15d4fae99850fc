"""How does the index of knowledge fare, and is it to be rebuilt? Two small files in the home, for who may not open the index.

`gator doctor` and `gator memory rebuild` run beside the process that owns the index: it writes down how far it is, they
leave it word of what they want.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gator.clock import now
from gator.settings import Settings

State = Literal["ready", "rebuilding", "away"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`rebuilding`: `why` names what. `away`: it cannot be used, `why` says it, and words decide meanwhile."""

    state: State
    why: str = ""
    done: int = 0
    total: int = 0
    asked: str = ""  # the wish that was carried out last
    at: str = ""
    pid: int = 0

    def in_words(self) -> str:
        if self.state == "rebuilding":
            return f"{self.why} being indexed, {self.done} of {self.total}; words decide meanwhile"
        return self.why if self.state == "away" else f"{self.total} texts"


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody asks for the index to be rebuilt: of that persona (an id), or all of it."""

    id: str
    persona: str = ""


def note(home: Path, progress: Progress) -> None:
    """Write down how it fares now."""
    told = asdict(progress) | {"at": now().isoformat(timespec="seconds"), "pid": os.getpid()}
    _write(home / "knowledge.json", told)


def read(home: Path) -> Progress | None:
    """As its owner wrote it last; None when nobody did, or that process is gone."""
    try:
        found = Progress(**json.loads((home / "knowledge.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return found if Path(f"/proc/{found.pid}").exists() or not Path("/proc").exists() else None


def wish(home: Path, wanted: Wish) -> None:
    """Ask the process that owns the index to rebuild it."""
    _write(home / "rebuild.json", asdict(wanted))


def wished(home: Path) -> Wish | None:
    """What was asked for and is not carried out; it stays until `granted`."""
    try:
        return Wish(**json.loads((home / "rebuild.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def granted(home: Path) -> None:
    (home / "rebuild.json").unlink(missing_ok=True)


def describe(settings: Settings) -> tuple[Literal["ready", "broken"], str]:
    """The index's state and a line about it, for `gator doctor`. Opens nothing."""
    where = f"embedded in {settings.home / 'chroma'}"
    where = f"server at {settings.chroma_url}" if settings.chroma_url else where
    found = read(settings.home)
    told = f" ({found.in_words()})" if found else ""
    return "broken" if found and found.state == "away" else "ready", f"Chroma {where}{told}"


def _write(file: Path, told: dict[str, Sequence[str] | str | int]) -> None:
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(told))
    fresh.replace(file)  # whoever reads it sees the old one or the new one
