"""How does a model get onto the shelf, whole or not at all? Fetched aside, checked file by file, then moved there at once.

Aside is `.pulling/NAME` in the models folder: what is whole lies where it will lie, what is half under `.parts`, named by the
hash of what it becomes. Whoever pulls holds the lock `.pulling/NAME.lock`, which goes with the process; the next pull goes on.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from gator.clock import now
from gator.errors import Conflict, Refused, Unavailable
from gpu_worker.pulling.listing import Listed, Wanted
from gpu_worker.pulling.offers import Offer
from gpu_worker.shelf import ASIDE, MANIFEST, Shelf, ShelfEntry
from gpu_worker.weights import header

_PARTS = ".parts"
_LEFT_FREE = 256 * 2**20  # what others on that disk may write meanwhile
_BLOCK = 4 * 2**20
_TRIES = 2  # of a file whose bytes are wrong
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is: bytes of all files, and which file this is."""

    file: str
    done: int
    of: int
    number: int
    count: int


Told = Callable[[Step], None]  # raising ends the pull; what is here stays for the next one
Waits = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    entry: ShelfEntry
    new: bool  # False: it was there already


def pull(offer: Offer, shelf: Shelf, *, accepted: str, by: str, told: Told, waits: Waits = lambda: None) -> Fetched:
    """Have the offer on the shelf. `accepted` names the licence that `by` accepted; `waits` is called where another pulls it.

    Raises Refused for a licence that was not accepted and for wrong bytes, Conflict for a name that is taken, Unavailable
    where there is no room or the source is away.
    """
    aside = shelf.folder / ASIDE
    aside.mkdir(parents=True, exist_ok=True)
    with _alone(aside / f"{offer.name}.lock", waits):
        there = _there(offer, shelf)
        if there and _same(there, offer):
            return Fetched(there, new=False)
        if not accepted or accepted != offer.licence.id:
            raise not_accepted(offer)
        return Fetched(_Pull(offer, shelf, told).run(accepted_by=by), new=True)


def not_accepted(offer: Offer) -> Refused:
    where = f" Read it: {offer.licence.link}." if offer.licence.link else ""
    return Refused(
        f"The licence of {offer.name} is to be accepted: {offer.licence.words}.{where}",
        remedy=f"Accept it with --accept-licence, or over REST with accept_licence {offer.licence.id!r}.",
    )


def leftovers(shelf: Shelf) -> dict[str, int]:
    """Bytes of pulls that did not come to their end, by the model's name."""
    folders = (one for one in (shelf.folder / ASIDE).glob("*") if one.is_dir() and not one.name.startswith("."))
    return {one.name: size for one in folders if (size := _held(one))}


def _held(folder: Path) -> int:
    """Bytes; none of what came to its end, or went, while it was looked at."""
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except FileNotFoundError:
        return 0


def forget(name: str, shelf: Shelf) -> None:
    """Delete what a pull that did not come to its end left. Raises Conflict while it is being pulled."""

    def busy() -> None:
        raise Conflict(f"{name} is being pulled.", remedy="Stop that pull first.")

    aside = shelf.folder / ASIDE
    with _alone(aside / f"{name}.lock", busy):
        if (aside / name).exists():  # it may have come to its end just now
            shelf.set_aside(aside / name)
    shelf.sweep()


@contextmanager
def _alone(lock: Path, waits: Waits) -> Iterator[None]:
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            waits()
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _there(offer: Offer, shelf: Shelf) -> ShelfEntry | None:
    """What has its name. Raises Conflict when that is another model."""
    found = next((one for one in shelf.entries() if one.name == offer.name), None)
    if found is None and (shelf.folder / offer.name).exists():
        raise Conflict(
            f"{shelf.folder / offer.name} is there, and its {MANIFEST} is missing or cannot be read.",
            remedy="Move it away, or pull under another --name.",
        )
    if found and found.source != offer.source.source:
        raise Conflict(
            f"There is a model {offer.name} already, from {found.source or 'elsewhere'}.",
            remedy="Pull under another --name, or remove that one first.",
        )
    return found


def _same(there: ShelfEntry, offer: Offer) -> bool:
    """Whether that is the offer: of a hub by its commit, of a folder by what its files hash to, where it says so."""
    if set(there.sha256) != {one.to for one in offer.wanted}:
        return False
    if offer.source.revision:
        return there.revision == offer.source.revision
    return all(one.file.sha256 == there.sha256[one.to] for one in offer.wanted)


class _Pull:
    def __init__(self, offer: Offer, shelf: Shelf, told: Told) -> None:
        self._offer = offer
        self._shelf = shelf
        self._told = told
        self._aside = shelf.folder / ASIDE / offer.name
        self._parts = self._aside / _PARTS
        self._done = 0
        self._number = 0
        self._file = ""

    def run(self, accepted_by: str) -> ShelfEntry:
        self._parts.mkdir(parents=True, exist_ok=True)
        self._clear()
        self._check_room()
        hashes: dict[str, str] = {}
        for number, one in enumerate(self._offer.wanted, 1):
            self._number, self._file = number, one.to
            hashes[one.to] = self._bring(one)
        entry = self._entry(hashes, accepted_by)
        self._put(entry)
        log.info("model_pulled", model=entry.name, source=entry.source, revision=entry.revision, bytes=entry.bytes)
        return entry

    def _clear(self) -> None:
        """Drop what an earlier pull of other files left."""
        keep = {self._aside / one.to for one in self._offer.wanted}
        keep |= {self._part(one.file) for one in self._offer.wanted}
        for path in [path for path in self._aside.rglob("*") if path.is_file() and path not in keep]:
            path.unlink()

    def _check_room(self) -> None:
        have = sum(file.stat().st_size for file in self._aside.rglob("*") if file.is_file())
        needed, free = self._offer.bytes - have, shutil.disk_usage(self._aside).free
        if needed + _LEFT_FREE > free:
            raise Unavailable(
                f"{self._offer.name} needs {needed / 1e9:.2f} GB more, and {free / 1e9:.2f} GB are free in"
                f" {self._shelf.folder}.",
                remedy="Make room, or set GATOR_MODELS_FOLDER to a larger disk.",
            )

    def _part(self, file: Listed) -> Path:
        named = file.key or hashlib.sha256(f"{file.path} {file.size}".encode()).hexdigest()
        return self._parts / named

    def _bring(self, one: Wanted) -> str:
        """Have the file aside, checked; gives its SHA-256."""
        place = self._aside / one.to
        before = self._done
        if place.exists():
            found, right = _checked(place, one.file)
            if one.file.key and right:
                self._moved(one.file.size)
                return found
            place.unlink()
        for _ in range(_TRIES):
            part = self._part(one.file)
            self._done = before
            if not one.file.key:  # nothing would tell what was half copied from what has changed since
                part.unlink(missing_ok=True)
            self._moved(part.stat().st_size if part.exists() else 0)
            self._offer.source.fetch(one.file, part, self._moved)
            found, right = _checked(part, one.file)
            if right:
                self._keep(part, place)
                return found
            log.warning("model_file_wrong", model=self._offer.name, file=one.to)
            part.unlink()
        raise Refused(
            f"{one.file.path} of {self._offer.source.source} does not have the hash that it should have.",
            remedy="Somebody changed it on the way, or the source is broken. Nothing of it is on the shelf.",
        )

    def _keep(self, part: Path, place: Path) -> None:
        if place.suffix == ".safetensors":
            self._check_weights(part, place.name)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        place.parent.mkdir(parents=True, exist_ok=True)
        part.replace(place)

    def _check_weights(self, part: Path, name: str) -> None:
        try:
            header(part)
        except Refused as wrong:
            part.unlink()
            raise Refused(wrong.message.replace(part.name, name), remedy="Choose another source.") from wrong

    def _moved(self, more: int) -> None:
        self._done += more
        self._told(Step(self._file, self._done, self._offer.bytes, self._number, len(self._offer.wanted)))

    def _entry(self, hashes: dict[str, str], accepted_by: str) -> ShelfEntry:
        offer = self._offer
        return ShelfEntry(
            name=offer.name,
            kind=offer.kind,
            family=offer.family,
            path=self._shelf.folder / offer.name,
            source=offer.source.source,
            revision=offer.source.revision,
            licence=offer.licence.id,
            accepted_at=now(),
            accepted_by=accepted_by,
            bytes=offer.bytes,
            sha256=hashes,
            trigger_words=tuple(offer.source.hints.manifest.get("trigger_words") or ()),
            defaults=offer.defaults,
        )

    def _put(self, entry: ShelfEntry) -> None:
        """Its manifest first, then all of it onto the shelf by one renaming."""
        shutil.rmtree(self._parts)
        aside = Shelf(self._aside.parent)
        aside.put(entry.model_copy(update={"path": self._aside}))
        if entry.path.exists():
            self._shelf.set_aside(entry.path)
        self._aside.rename(entry.path)
        self._shelf.sweep()


def _checked(path: Path, file: Listed) -> tuple[str, bool]:
    """Its SHA-256, and whether it is what was listed: by that, else by git's SHA-1 of the blob, else by its size alone."""
    size = path.stat().st_size
    sha256, blob = hashlib.sha256(), hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as data:
        while block := data.read(_BLOCK):
            sha256.update(block)
            if not file.sha256:
                blob.update(block)
    found = sha256.hexdigest()
    right = found == file.sha256 if file.sha256 else not file.blob or blob.hexdigest() == file.blob
    return found, right and size == file.size
