"""What does the code that makes media see? Its claim, its studio, and the registry of who makes what.

A handler is `@handles("kind") async def verb(job: Claim[P], studio: Studio) -> Draft`, pure given these two; run twice it
gives the same. It raises Unavailable for what may pass (tried again later), Refused for what will not, and lets the
rest fly. `gpu_worker.runner` claims, retries and stores.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from gator.errors import NotFound, Unavailable
from gator.settings import Settings
from gpu_worker.jobs import Payload
from memory.blobs import Blobs, Lent
from memory.models import Asset

P = TypeVar("P", bound=Payload)
Report = Callable[[float, float | None], Awaitable[None]]
Note = Callable[[float, float | None], None]


class Cancelled(Exception):
    """The job was cancelled or is another worker's by now: stop, nobody wants the result."""


@dataclass(frozen=True, slots=True)
class Claim(Generic[P]):
    """A job as its handler sees it. `seed` stays the same over all attempts, of which this is number `attempt` (from 1)."""

    id: str
    workspace: str
    payload: P
    seed: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What a handler made: a file in `studio.scratch` and what decoding it measured."""

    path: Path
    mime: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    alt_text: str = ""
    looks: tuple[str, ...] = ()  # the runner fills it
    likeness: str = ""  # `gpu_worker.likeness` fills it, and the rating: empty where nothing told one
    rating: str = ""


class OrderRow(Protocol):
    """Where it is kept what was ordered of somebody outside (`gpu_worker.order_note`)."""

    async def read(self) -> dict[str, str]:
        """Empty when nothing was ordered."""

    async def write(self, told: dict[str, str], instead_of: dict[str, str] | None) -> bool:
        """Keep it; where `instead_of` is told, only in place of just that, else only while the job is ours. Whether it was."""


class Studio:
    """Where a job is done. `scratch` is its own folder, removed afterwards; `note` tells progress and never raises."""

    def __init__(
        self,
        scratch: Path,
        blobs: Blobs | Lent,
        needs: Mapping[str, Asset],
        report: Report,
        note: Note,
        settings: Settings | None = None,
        kept: Path | None = None,
        order: OrderRow | None = None,
    ) -> None:
        self.scratch = scratch
        self._kept = kept or scratch / "kept"
        self._settings = settings
        self._order = order
        self.note = note
        self._blobs = blobs
        self._needs = needs
        self._report = report
        self._loop = asyncio.get_running_loop()

    @property
    def kept(self) -> Path:
        """A folder for what was hard to come by: it is there for later attempts of the job here, and goes when the job ends."""
        self._kept.mkdir(parents=True, exist_ok=True)
        return self._kept

    @property
    def keeps_at(self) -> Path:
        """Where `kept` is or would be."""
        return self._kept

    @property
    def order(self) -> OrderRow:
        """Where it is kept what was ordered of somebody outside; only those who do so need it."""
        if self._order is None:
            raise Unavailable("This worker keeps no orders.", remedy="Start it by `gator worker`.")
        return self._order

    @property
    def settings(self) -> Settings:
        """What is configured; only those who ask somebody outside need it."""
        if self._settings is None:
            raise Unavailable("This worker was told no settings.", remedy="Start it by `gator worker`.")
        return self._settings

    def about(self, asset_id: str) -> Asset:
        """The row of an asset that the job needs. Raises NotFound for any other."""
        found = self._needs.get(asset_id)
        if found is None:
            raise NotFound(f"The job does not need the asset {asset_id}.")
        return found

    def files(self) -> dict[str, Path]:
        """The bytes of all that the job needs, by asset id."""
        return {asset_id: self.file(asset_id) for asset_id in self._needs}

    def file(self, asset_id: str) -> Path:
        """The bytes of an asset that the job needs, to read only. Raises NotFound for any other."""
        return self._blobs.get(self.about(asset_id).sha256)

    async def fetch(self) -> None:
        """Have all that the job needs on this machine, so that `file` takes no time. Raises Unavailable."""
        hashes = [one.sha256 for one in self._needs.values() if one.sha256]
        if hashes and isinstance(self._blobs, Lent):
            await asyncio.to_thread(self._blobs.bring, hashes)

    async def progress(self, share: float, eta_s: float | None = None) -> None:
        """Tell how much is done (0-1) and how long the rest takes; as often as you like.

        Raises Cancelled when the job was cancelled or the lease lost.
        """
        await self._report(min(max(share, 0.0), 1.0), eta_s)

    def progress_from_thread(self, share: float, eta_s: float | None = None) -> None:
        """As `progress`, for work that runs in `asyncio.to_thread`."""
        asyncio.run_coroutine_threadsafe(self.progress(share, eta_s), self._loop).result()


Handler = Callable[[Claim[Any], Studio], Awaitable[Draft]]
_HANDLERS: dict[str, Handler] = {}
# Imported when the first job of their kind comes, in the worker's process only: Pillow, libav and the like are heavy.
_MODULES = {
    "picture.card": "gpu_worker.cards",
    "picture.thumbnail": "gpu_worker.cards.thumbnail",
    "picture.make": "gpu_worker.pictures.elsewhere",  # by a provider; with a model of the shelf it is the device's
    "voice.speak": "gpu_worker.voices.speaking",
    "video.make": "gpu_worker.video",
    "video.clip": "gpu_worker.clips.elsewhere",  # by a provider, too
}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Make a function the maker of a kind of job."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def handler_of(kind: str) -> Handler:
    """The maker of that kind, imported on first use. Raises Unavailable when this worker has none."""
    if kind not in _HANDLERS and kind in _MODULES:
        import_module(_MODULES[kind])
    if kind not in _HANDLERS:
        raise Unavailable(f"This worker cannot do {kind} jobs.", remedy="Update the worker and start it again.")
    return _HANDLERS[kind]
