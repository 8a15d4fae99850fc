"""A model in a folder of this machine, or one safetensors file: copied, so that the shelf does not depend on it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gator.errors import NotFound, Refused
from gpu_worker.licences import UNKNOWN, Licence
from gpu_worker.pulling.listing import Hints, Listed, Moved
from gpu_worker.shelf import MANIFEST

_BLOCK = 4 * 2**20


class FolderSource:
    """See `listing.Source`. Raises NotFound where there is nothing."""

    revision = ""

    def __init__(self, path: Path, licence: str = "") -> None:
        there = path.expanduser().resolve()
        if not there.exists():
            raise NotFound(f"There is no folder {there}.", remedy="Give a folder, a file, or a hub's owner/name.")
        self._top = there if there.is_dir() else there.parent
        manifest = _manifest(self._top) if there.is_dir() else {}
        hashes = manifest.get("sha256") or {}
        self.source = str(there)
        self.licence = Licence(licence or str(manifest.get("licence") or "") or UNKNOWN)
        paths = [there] if there.is_file() else [*_files(there)]
        self.files = tuple(self._listed(one, hashes) for one in paths)
        self.hints = Hints(there.stem if there.is_file() else there.name, manifest=manifest)

    def _listed(self, path: Path, hashes: dict[str, str]) -> Listed:
        name = path.relative_to(self._top).as_posix()
        return Listed(name, path.stat().st_size, str(hashes.get(name, "")))

    def read(self, path: str) -> bytes:
        """See Source.read."""
        return (self._top / path).read_bytes()

    def fetch(self, one: Listed, to: Path, moved: Moved) -> None:
        """See Source.fetch."""
        with (self._top / one.path).open("rb") as begin, to.open("ab") as end:
            begin.seek(end.tell())
            try:
                while block := begin.read(_BLOCK):
                    end.write(block)
                    moved(len(block))
            except OSError as wrong:
                raise Refused(
                    f"{one.path} cannot be copied: {wrong.strerror}.", remedy="Make room, or look at the disk."
                ) from wrong


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.name != MANIFEST:
            yield path


def _manifest(folder: Path) -> dict[str, Any]:
    """What another Gator wrote of it."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
