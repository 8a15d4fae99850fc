"""Do rows and a bucket agree: when a job is done, when all is swept or forgotten, and after a backup was restored?"""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gator.clock import set_to
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.runner import Runner
from gpu_worker.studio import Claim, Draft, Studio
from memory import backups, leftovers, restoring
from memory.buckets.blobs import BucketBlobs
from memory.erasing import Eraser
from memory.media_place import blobs_of
from memory.models import Asset, Job
from memory.store import Store
from tests.servers.s3 import S3, in_bucket

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def there(s3: S3, settings: Settings) -> Settings:
    return in_bucket(settings, s3)


@pytest.fixture
def elsewhere(there: Settings, tmp_path: Path, s3: S3) -> BucketBlobs:
    """Another machine's."""
    found = blobs_of(in_bucket(there, s3, home=tmp_path / "elsewhere"))
    assert isinstance(found, BucketBlobs)
    return found


async def add(store: Store, operator: Principal, blobs: BucketBlobs, content: bytes) -> Asset:
    id = new_id()
    async with store.open_work(operator) as work:
        await work.assets.take(id, kind="picture", sha256=blobs.put(content).sha256, origin="operator")
        return await work.assets.get(id)


async def copy(claim: Claim[Any], studio: Studio) -> Draft:
    """Write the bytes that the job needs once more, after the copies of this machine went."""
    (file,) = studio.files().values()
    shutil.rmtree(studio.scratch.parent.parent / "media-cache")
    made = studio.scratch / "made.txt"
    made.write_bytes(file.read_bytes() + b" and more")
    return Draft(made, "text/plain")


async def do(store: Store, operator: Principal, blobs: BucketBlobs, home: Path, needs: str) -> tuple[Job, Asset]:
    runner = Runner(store, blobs, home / "scratch", "tests", slots=1, handler=lambda _: copy)
    async with store.open_work(operator) as work:
        job = await work.jobs.queue("picture.card", {"text": "x"}, key="k", makes="picture", title="", needs=[needs])
    await runner.work(job.workspace, job.id)
    await runner.stop()
    async with store.open_work(operator, reads=True) as work:
        job = await work.jobs.get(job.id)
        return job, await work.assets.get(str(job.asset_id))


async def test_a_job_fetches_what_it_needs_and_its_file_is_there_when_its_row_is_ready(
    store: Store, operator: Principal, blobs: BucketBlobs, elsewhere: BucketBlobs, home: Path
) -> None:
    sent = await add(store, operator, elsewhere, b"sent")
    job, made = await do(store, operator, blobs, home, sent.id)
    assert (job.state, job.error, made.state) == ("done", "", "ready")
    assert elsewhere.get(made.sha256).read_bytes() == b"sent and more"
    assert not list((home / "scratch").iterdir())


async def test_a_file_that_the_bucket_does_not_take_is_not_ready(
    store: Store, operator: Principal, blobs: BucketBlobs, s3: S3, home: Path
) -> None:
    sent = await add(store, operator, blobs, b"sent")
    s3.fail("PUT", "denied", times=9)
    job, made = await do(store, operator, blobs, home, sent.id)
    assert (job.state, made.state) == ("queued", "pending")
    assert "refuses us (AccessDenied)" in job.error
    assert len(s3.objects) == 1


async def test_what_no_row_names_is_shown_first_and_then_removed_from_the_bucket(
    store: Store, operator: Principal, blobs: BucketBlobs, there: Settings, s3: S3
) -> None:
    s3.versioned = True
    kept = await add(store, operator, blobs, b"kept")
    lost = blobs.put(b"nobody's").sha256
    assert blobs.put_small(lost, b"small")
    shutil.rmtree(blobs.folder / lost[:2])
    assert await leftovers.find(store, there) == []
    with set_to(lambda: datetime.now(UTC) + timedelta(hours=2)):
        found = await leftovers.find(store, there)
        assert {(one.kind, one.name, one.size_bytes) for one in found} == {("file", lost, 8), ("small", lost, 5)}
        assert len(s3.objects) == 2
        assert {one.name for one in await leftovers.remove(store, there)} == {lost}
        assert await leftovers.find(store, there) == []
    assert list(s3.objects) == [blobs.bucket.key(kept.sha256)]
    assert not list(blobs.smalls())


async def test_what_one_machine_forgets_another_one_sweeps(
    store: Store, operator: Principal, blobs: BucketBlobs, elsewhere: BucketBlobs, there: Settings, s3: S3
) -> None:
    asset = await add(store, operator, blobs, b"secret")
    elsewhere.get(asset.sha256)
    async with store.open_work(operator) as work:
        await work.session.delete(await work.assets.get(asset.id))
    await Eraser(store, there, blobs).delete_files([asset.sha256])
    assert not s3.objects
    assert elsewhere.cached(asset.sha256)
    with set_to(lambda: datetime.now(UTC) + timedelta(hours=2)):
        await Eraser(store, there, elsewhere).tend_home()
    assert not elsewhere.cached(asset.sha256)


async def test_a_backup_holds_the_buckets_files_and_brings_them_back(
    store: Store, operator: Principal, blobs: BucketBlobs, there: Settings, s3: S3, tmp_path: Path
) -> None:
    asset = await add(store, operator, blobs, b"in the bucket")
    shutil.rmtree(blobs.folder)
    path, manifest = await asyncio.to_thread(backups.create, there, tmp_path / "one.tar")
    assert (manifest.missing, f"media/{asset.sha256}" in manifest.files) == ([], True)
    s3.objects.clear()
    later = blobs.put(b"after the backup").sha256
    s3.age(blobs.bucket.key(later), timedelta(hours=1))
    await store.close()
    await restoring.restore(there, path, force=True)
    assert [one.sha256 for one in blobs.bucket.objects()] == [asset.sha256]
    assert blobs.get(asset.sha256).read_bytes() == b"in the bucket"
