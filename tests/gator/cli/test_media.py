"""`gator media`, as typed in a shell: what there is, what is left over, one thing less."""

import asyncio
import json
import os
import time

import pytest
from typer.testing import CliRunner

from gator.cli import media
from gator.errors import NotFound, Refused
from gator.ids import new_id
from gator.settings import Settings
from memory.blobs import Blobs
from memory.founding import found
from memory.models import Asset
from memory.store import Store

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def gator_media(*words: str) -> str:
    return CliRunner().invoke(media.app, words, catch_exceptions=False).output


def add(settings: Settings, content: bytes) -> Asset:
    async def work() -> Asset:
        store, id = Store(settings.database), new_id()
        blob = Blobs(settings.media_folder).put(content)
        async with store.open_work(await found(store)) as work:
            await work.assets.take(id, kind="picture", sha256=blob.sha256, size_bytes=blob.size_bytes)
            asset = await work.assets.get(id)
        await store.close()
        return asset

    return asyncio.run(work())


def test_usage_tells_the_limits_where_there_are_any(at_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    add(at_home, b"x" * 1_500_000)
    assert gator_media("usage") == "1 file, 1.5 MB.\n"
    monkeypatch.setenv("GATOR_MEDIA_QUOTA_MB", "2000")
    monkeypatch.setenv("GATOR_MEDIA_QUOTA_FILES", "5")
    assert gator_media("usage") == "1 of 5 files, 1.5 MB of 2,000.0 MB.\n"
    assert json.loads(gator_media("usage", "--json"))["most_bytes"] == 2_000_000_000


def test_what_is_left_over_is_shown_and_only_with_yes_deleted(at_home: Settings) -> None:
    asset, blobs = add(at_home, b"in use"), Blobs(at_home.media_folder)
    assert gator_media("gc") == "Nothing is left over.\n"
    lost = blobs.put(b"x" * 200_000).sha256
    old = time.time() - 7200
    for sha256 in (lost, asset.sha256):
        os.utime(blobs.path(sha256), (old, old))
    said = gator_media("gc")
    assert f"{lost}  no row names it" in said
    assert "1 thing, 0.2 MB. Nothing was deleted: gator media gc --yes does that." in said
    line = json.loads(gator_media("gc", "--json"))
    assert (line["kind"], line["size_bytes"], line["deleted"]) == ("file", 200_000, False)
    assert blobs.path(lost).exists()
    assert gator_media("gc", "--yes").endswith("Deleted: 1 thing, 0.2 MB.\n")
    assert not blobs.path(lost).exists()
    assert blobs.get(asset.sha256).read_bytes() == b"in use"


def test_a_thing_is_removed_over_the_api(at_home: Settings) -> None:
    asset = add(at_home, b"removed")
    with pytest.raises(Refused, match="Delete the picture and its links for good"):
        gator_media("remove", asset.id)
    assert gator_media("remove", asset.id, "--yes") == "It is removed.\n"
    assert not Blobs(at_home.media_folder).path(asset.sha256).exists()
    assert gator_media("usage") == "0 files, 0.0 MB.\n"
    with pytest.raises(NotFound):
        gator_media("remove", new_id(), "--yes")
