"""A studio for the tests of handlers: real files and blobs, assets made by hand, progress written down."""

from pathlib import Path
from typing import Any

from gator.ids import new_id
from gator.settings import Settings
from gpu_worker.studio import Cancelled, Claim, Draft, P, Studio
from memory.blobs import Blobs
from memory.models import Asset


class Bench:
    """One job's surroundings. `stop_at` cancels the job when it reports that share."""

    def __init__(self, folder: Path) -> None:
        self.blobs = Blobs(folder / "media")
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.assets: dict[str, Asset] = {}
        self.shares: list[float] = []
        self.stop_at = 2.0
        self.ordered: dict[str, str] = {}
        self.is_ours = True

    def studio(self, settings: Settings | None = None) -> Studio:
        return Studio(self.scratch, self.blobs, self.assets, self._report, self._note, settings, order=self)

    async def read(self) -> dict[str, str]:
        return self.ordered

    async def write(self, told: dict[str, str], instead_of: dict[str, str] | None) -> bool:
        if (self.ordered != instead_of) if instead_of is not None else not self.is_ours:
            return False
        self.ordered = told
        return True

    def _note(self, share: float, eta_s: float | None) -> None:
        self.shares.append(share)

    async def _report(self, share: float, eta_s: float | None) -> None:
        self._note(share, eta_s)
        if share >= self.stop_at:
            raise Cancelled

    def keep(self, draft: Draft, kind: str) -> str:
        """Make the draft an asset that a later job may need; gives its id."""
        return self.put(draft.path, kind, provenance=draft.provenance, duration_s=draft.duration_s)

    def put(self, path: Path, kind: str, **fields: Any) -> str:
        id = new_id()
        self.assets[id] = Asset(id=id, kind=kind, sha256=self.blobs.put(path).sha256, **{"provenance": {}, **fields})
        return id


def claim(payload: P, seed: int = 7) -> Claim[P]:
    return Claim(id=new_id(), workspace=new_id(), payload=payload, seed=seed, attempt=1)
