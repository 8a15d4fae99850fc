"""What does a source offer? Its files with their hashes, its licence, and a way to their bytes. Hub and folder are sources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from gator.errors import Refused
from gpu_worker.licences import Licence

Moved = Callable[[int], None]  # so many bytes more are here; fewer when it begins anew. Raising ends it.


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a source. A hub gives the SHA-256 of large files, and of small ones git's SHA-1 of the blob."""

    path: str
    size: int
    sha256: str = ""
    blob: str = ""

    @property
    def key(self) -> str:
        """Names its content: what is half here goes on only if it is the same."""
        return self.sha256 or self.blob


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is fetched, and where it lies in the model's folder."""

    file: Listed
    to: str


class Source(Protocol):
    """Where a model is from."""

    source: str  # a hub's repository, or a folder
    revision: str  # the commit; empty for a folder
    licence: Licence
    files: tuple[Listed, ...]
    hints: "Hints"

    def read(self, path: str) -> bytes:
        """A small file. Raises Unavailable, Refused."""
        ...

    def fetch(self, one: Listed, to: Path, moved: Moved) -> None:
        """Bring the rest of a file of which `to` has the beginning. Raises Unavailable, Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Hints:
    """What a source says of itself besides its files; it may say nothing."""

    name: str
    based_on: tuple[str, ...] = ()  # repositories of the models it is made for
    tags: tuple[str, ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)  # another Gator's `gator-model.json`


def checked_path(path: str) -> str:
    """The path, if it stays inside its folder. Raises Refused: a source's names are a stranger's words."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or "\0" in path or any(one in ("..", ".") for one in parts):
        raise Refused(f"The source has a file named {path!r}, which leads out of its folder.")
    return path
