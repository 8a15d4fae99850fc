"""What happens to a job? Claimed by its row, done under a lease, its file kept and its row ended in one transaction.

Two workers never end one job: every claim raises the row's fence, and whoever comes with an older one ends nothing and
keeps nothing. Errors decide what follows: Unavailable is tried again with growing pauses, Refused is final, what we
cannot name is a bug, logged and tried once more.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from gator.credentials import Signer
from gator.errors import Forbidden, GatorError, NotFound, Refused, Unavailable
from gator.principal import Principal, service
from gator.settings import Settings
from gpu_worker.jobs import KINDS, made_of
from gpu_worker.lease import Lease, Stopped, Terms
from gpu_worker.likeness.checking import Again, is_looked_at, looked_at, settle
from gpu_worker.likeness.examining import Examine
from gpu_worker.looks import looks_of
from gpu_worker.order_note import JobsOrder
from gpu_worker.stamping import Making, Parent, source_types, stamp
from gpu_worker.studio import Cancelled, Claim, Draft, Handler, Studio, handler_of
from memory.backlog import MORE_ATTEMPTS
from memory.blobs import Arrival, Blobs, Lent
from memory.models import Asset, Job
from memory.repositories.assets import strictest
from memory.repositories.consents import ConsentKind, consents_of
from memory.repositories.jobs import ENDED
from memory.store import AWAY, Store
from memory.work import Work

MAX_ATTEMPTS = 5
_PAUSES_S = (2.0, 10.0, 30.0, 120.0)  # after the 1st, 2nd ... attempt that found something unavailable
log = structlog.get_logger()


class LostAlone(Unavailable):
    """A device was lost while it made this and nothing else, which is most likely why."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A job's row as it was claimed, with the assets it needs; and its file, when that has been brought."""

    job: Job
    needs: dict[str, Asset]
    by: Principal
    brought: list[Arrival] = field(default_factory=list)


class Runner:
    """Does jobs, `slots` at a time. `on_end` is called whenever one has left its slot.

    `handler` gives the maker of a kind; `device` is where that works, if it is one. `examine` looks at pictures; what `beside`
    writes goes into the transaction that ends a job.
    """

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        scratch: Path,
        owner: str,
        slots: int,
        terms: Terms | None = None,
        on_end: Callable[[], None] = lambda: None,
        signer: Signer | None = None,
        handler: Callable[[str], Handler] = handler_of,
        device: str = "",
        settings: Settings | None = None,
        examine: Examine | None = None,
        beside: Callable[[Work], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._scratch = scratch
        self._owner = owner
        self._slots = asyncio.Semaphore(slots)
        self._size = slots
        self._terms = terms or Terms()
        self._on_end = on_end
        self._signer = signer
        self._handler = handler
        self._device = device
        self._settings = settings
        self._examine = examine
        self._beside = beside
        self._handlers: dict[str, Handler] = {}
        self._leases: dict[str, Lease] = {}
        self._here: set[str] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    @property
    def free(self) -> int:
        """How many jobs could be begun at once."""
        return 0 if self._stopping else max(0, self._size - len(self._here))

    @property
    def here(self) -> frozenset[str]:
        """The jobs that have a slot or wait for one here."""
        return frozenset(self._here)

    @property
    def idle(self) -> bool:
        return not self._here

    async def work(self, workspace: str, job_id: str) -> None:
        """Do the job if it is there to be done; every way it can end is written to its row or to the log."""
        if job_id in self._here or self._stopping:
            return
        self._here.add(job_id)
        self._idle.clear()
        try:
            async with self._slots:
                if not self._stopping:
                    await self._claim_and_do(service(workspace, "worker"), job_id)
        except Exception:  # the top of a job: whatever it is, the lease runs out and the job is taken up again
            log.exception("job_left", job=job_id)
        finally:
            self._here.discard(job_id)
            if not self._here:
                self._idle.set()
            self._on_end()

    async def stop(self) -> None:
        """Begin nothing more and put what is in work back into the queue."""
        self._stopping = True
        for lease in self._leases.values():
            lease.stop()
        await self._idle.wait()

    async def _claim_and_do(self, by: Principal, job_id: str) -> None:
        async with self._store.open_work(by) as work:
            job = await work.jobs.claim(job_id, self._owner, self._terms.lives, self._device)
            if job is None:
                return
            needs = await work.assets.by_ids(job.needs)
            if hopeless := _hopeless(job, needs) or await _not_agreed(work, job, needs):
                await work.jobs.end(job.id, job.fence, "failed", hopeless)
                await self._drop_kept(job)
                log.warning("job_failed", job=job.id, kind=job.kind, reason=hopeless)
                return
        await self._do(_Claimed(job, needs, by))

    async def _do(self, claimed: _Claimed) -> None:
        job, began = claimed.job, time.monotonic()
        log.info("job_started", job=job.id, kind=job.kind, attempt=job.attempts)
        try:
            async with self._folder(job) as folder:
                await self._make(claimed, folder)
        except Cancelled:
            await self._forget(claimed)
            log.info("job_dropped", job=job.id, kind=job.kind)
        except Stopped:
            await self._put_off(claimed, 0.0, "", counts=False)
            log.info("job_put_back", job=job.id, kind=job.kind)
        except Again as take:
            async with self._store.open_work(claimed.by) as work:
                await work.jobs.take_again(job.id, job.fence, take.seed)
        except Unavailable as later:
            await self._try_later(claimed, later)
        except GatorError as refused:
            await self._fail(claimed, str(refused))
        except AWAY:  # nothing can be written down now; the lease runs out and the job is taken up again
            raise
        except Exception as bug:  # the top of a runner: a handler's bug must not end the worker
            log.exception("job_broke", job=job.id, kind=job.kind, attempt=job.attempts)
            await self._try_once_more(claimed, bug)
        else:
            await self._drop_kept(job)
            log.info("job_ended", job=job.id, kind=job.kind, took_s=round(time.monotonic() - began, 3))

    async def _make(self, claimed: _Claimed, folder: Path) -> None:
        """Let the handler work under the lease, stamp what it made and bring it to where media lie, then keep that."""
        job = claimed.job
        lease = self._leases[job.id] = Lease(self._store, job, self._terms)
        if self._stopping:
            lease.stop()
        with ExitStack() as brought:
            try:
                draft = await lease.over(self._stamped(claimed, self._studio(claimed, folder, lease), brought))
            finally:
                del self._leases[job.id]
            await self._keep(claimed, draft)

    def _studio(self, claimed: _Claimed, folder: Path, lease: Lease) -> Studio:
        lent = Lent(self._blobs, folder)
        order = JobsOrder(self._store, claimed.job)
        kept = self._kept(claimed.job)
        return Studio(folder, lent, claimed.needs, lease.report, lease.note, self._settings, kept, order)

    def _kept(self, job: Job) -> Path:
        """What outlives an attempt of the job on this machine."""
        return self._scratch / f"kept.{job.id}"

    async def _forget(self, claimed: _Claimed) -> None:
        """What is kept goes with the job; where that is held, or another's by now, there is use for it."""
        try:
            async with self._store.open_work(claimed.by, reads=True) as work:
                over = (await work.jobs.get(claimed.job.id)).state in ENDED
        except NotFound:
            over = True
        if over:
            await self._drop_kept(claimed.job)

    async def _drop_kept(self, job: Job) -> None:
        if (kept := self._kept(job)).exists():
            await asyncio.to_thread(_remove, [kept])

    async def _stamped(self, claimed: _Claimed, studio: Studio, brought: ExitStack) -> Draft:
        draft = await self._handle(claimed, studio)
        path = _checked(draft, studio.scratch)
        if self._examine and is_looked_at(claimed.job, path):
            mature = self._settings is not None and self._settings.mature_media != "no"
            draft = await looked_at(claimed.job, replace(draft, path=path), studio, self._examine, mature=mature)
        stamped, arrival = await asyncio.to_thread(self._finished, claimed, studio, replace(draft, path=path))
        claimed.brought.append(brought.enter_context(arrival))
        return stamped

    def _finished(self, claimed: _Claimed, studio: Studio, draft: Draft) -> tuple[Draft, Arrival]:
        """The draft, looked at and stamped, and its file on the disk where media lie. In a thread, all of it at once."""
        provenance = _provenance(claimed.job, draft, claimed.needs)
        labelled = replace(draft, provenance=provenance, looks=tuple(looks_of(draft.path, draft.mime)))
        stamped = stamp(labelled, self._making(claimed, studio), self._signer)
        arrival = self._blobs.bring(stamped.path)
        _remove([studio.scratch])  # while there is a thread: a disk may take long for it
        return stamped, arrival

    def _making(self, claimed: _Claimed, studio: Studio) -> Making:
        job = claimed.job
        parents = (claimed.needs[id] for id in dict.fromkeys(made_of(job.kind, job.payload, job.needs)))
        told = tuple(
            Parent(one.id, one.kind, one.mime, studio.file(one.id) if one.origin == "made" else None) for one in parents
        )
        return Making(
            claimed.job.asset_id or claimed.job.id, claimed.job.kind.partition(".")[0], claimed.job.seed, told
        )

    async def _handle(self, claimed: _Claimed, studio: Studio) -> Draft:
        job = claimed.job
        handler = self._handlers.get(job.kind)
        if handler is None:  # its first import takes a while
            handler = self._handlers[job.kind] = await asyncio.to_thread(self._handler, job.kind)
        payload = KINDS[job.kind].model_validate(job.payload)
        await studio.fetch()
        claim = Claim(job.id, job.workspace, payload, seed=job.seed, attempt=job.attempts)
        return await handler(claim, studio)

    async def _keep(self, claimed: _Claimed, draft: Draft) -> None:
        """One transaction: the job is done, its asset ready, and the file has its name; or none of it.

        What happened meanwhile counts: a consent that was taken back, and whom the media that it was made of are fit for.
        """
        async with self._store.open_work(claimed.by) as work:
            needs = await work.assets.by_ids(claimed.job.needs)
            if gone := await _not_agreed(work, claimed.job, needs, until_commit=True):
                raise Forbidden(gone)
            job = claimed.job
            if not await work.jobs.end(job.id, job.fence, "done"):
                raise Cancelled
            asset = await work.assets.made(job.asset_id) if job.asset_id else None
            if asset is None:
                raise Refused("What it makes was removed in the meantime.")
            (arrival,) = claimed.brought
            await asyncio.to_thread(arrival.keep)
            asset.sha256, asset.size_bytes = arrival.blob
            asset.mime, asset.duration_s = draft.mime, draft.duration_s
            asset.width_px, asset.height_px = draft.width_px, draft.height_px
            asset.alt_text = asset.alt_text or draft.alt_text
            asset.provenance, asset.looks = draft.provenance, [*draft.looks]
            await settle(work, asset, draft)
            if asset.likeness == "held" and not await _is_still_hers(work, job):
                asset.likeness = "drifted"  # it has the face that she had when it was ordered
            if not draft.rating:  # nobody looked at it: it is fit for those whom all of them are fit for
                asset.rating = strictest({asset.rating, *(one.rating for one in needs.values())})
            await work.assets.keep_made(asset)
            if self._beside:
                await self._beside(work)

    async def _try_later(self, claimed: _Claimed, busy: Unavailable) -> None:
        job = claimed.job
        more = MORE_ATTEMPTS if isinstance(busy, LostAlone) else 0
        if job.attempts + more >= MAX_ATTEMPTS:
            await self._fail(claimed, str(busy))
            return
        pause_s = busy.retry_after_s or _PAUSES_S[job.attempts - 1]
        await self._put_off(claimed, pause_s, str(busy), more=more)
        log.warning("job_put_off", job=job.id, kind=job.kind, pause_s=pause_s, reason=str(busy))

    async def _try_once_more(self, claimed: _Claimed, bug: Exception) -> None:
        reason = f"It broke inside ({type(bug).__name__}); the worker's log says where."
        if claimed.job.error or claimed.job.attempts >= MAX_ATTEMPTS:  # an earlier attempt ended in an error, too
            await self._fail(claimed, reason)
        else:
            await self._put_off(claimed, 1.0, reason)

    async def _put_off(
        self, claimed: _Claimed, pause_s: float, reason: str, *, counts: bool = True, more: int = 0
    ) -> None:
        async with self._store.open_work(claimed.by) as work:
            delay = timedelta(seconds=pause_s)
            await work.jobs.put_off(claimed.job.id, claimed.job.fence, delay, reason, counts=counts, more=more)

    async def _fail(self, claimed: _Claimed, reason: str) -> None:
        async with self._store.open_work(claimed.by) as work:
            await work.jobs.end(claimed.job.id, claimed.job.fence, "failed", reason)
        await self._drop_kept(claimed.job)
        log.warning("job_failed", job=claimed.job.id, kind=claimed.job.kind, reason=reason)

    @asynccontextmanager
    async def _folder(self, job: Job) -> AsyncIterator[Path]:
        """The job's own folder, and no leftovers of a worker that died with an earlier claim of it."""
        if job.fence > 1:
            await asyncio.to_thread(_remove, self._scratch.glob(f"{job.id}.*"))
        folder = self._scratch / f"{job.id}.{job.fence}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            if folder.exists():
                await asyncio.to_thread(_remove, [folder])


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _hopeless(job: Job, needs: dict[str, Asset]) -> str:
    """Why the job cannot be done, whoever tries; empty when it can."""
    if job.kind not in KINDS:
        return f"There are no {job.kind} jobs in this Gator."
    if job.attempts > MAX_ATTEMPTS:
        return "It was begun again and again and never came to an end."
    if len(needs) < len(set(job.needs)):
        return "Media that it needs was removed."
    if any(asset.state == "removed" for asset in needs.values()):
        return "Media that it needs was removed."
    failed = [asset for asset in needs.values() if asset.state == "failed"]
    return f"The {failed[0].kind} that it needs was not made." if failed else ""


async def _not_agreed(work: Work, job: Job, needs: Mapping[str, Asset], *, until_commit: bool = False) -> str:
    """Why it may not be done: a consent by which it, or what it is made of, was ordered does not hold any more; or empty."""
    kind: ConsentKind = "voice" if job.kind.startswith("voice") else "likeness"
    told: dict[str, ConsentKind | None] = {one: None for need in needs.values() for one in consents_of(need.provenance)}
    told |= dict.fromkeys(consents_of(job.payload), kind)
    try:
        for consent in sorted(told):  # always in one order, so that no two wait for one another
            await work.consents.holding(consent, told[consent], until_commit=until_commit)
    except Refused as gone:
        return str(gone)
    return ""


async def _is_still_hers(work: Work, job: Job) -> bool:
    """Whether the face that it was made with is the persona's by now, maybe in another version of the same."""
    face = job.payload.get("face")
    if not face or not job.persona_id:
        return True
    used = await work.appearances.used(job.persona_id)
    if used is None or used.id == face["appearance"]:
        return used is not None
    return await work.appearances.same_face(await work.appearances.get(face["appearance"]), used)


def _checked(draft: Draft, folder: Path) -> Path:
    """The draft's file, which a handler must have left in its own folder, with something in it."""
    path = draft.path
    if path.parent != folder or path.is_symlink():  # else the disk need not be asked for each folder on the way
        path, folder = path.resolve(), folder.resolve()
    if not path.is_relative_to(folder) or not path.is_file() or not path.stat().st_size:
        raise ValueError(f"the handler gave no file: {draft.path.name}")
    return path


def _provenance(job: Job, draft: Draft, needs: Mapping[str, Asset]) -> dict[str, Any]:
    """Where the media comes from, with the label that says a machine made it; a model's handler says that one did."""
    label = source_types.put_together(str(one.provenance.get("digital_source_type", "")) for one in needs.values())
    own = {"job": job.id, "kind": job.kind, "seed": job.seed, "parents": made_of(job.kind, job.payload, job.needs)}
    told = [*consents_of(job.payload), *(one for need in needs.values() for one in consents_of(need.provenance))]
    own |= {"consents": sorted(set(told))} if told else {}
    if before := job.payload.get("again_of"):
        own["again_of"] = before
    return {"digital_source_type": label, **draft.provenance, **own}
