"""`gator media`, as typed in a shell: what there is, what is left over, one thing less."""

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

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
from tests.servers.s3 import BUCKET, SECRET, in_bucket, serving_s3

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def gator_media(*words: str) -> str:
    return CliRunner().invoke(media.app, words, catch_exceptions=False).output


def add(settings: Settings, content: bytes, **about: Any) -> Asset:
    async def work() -> Asset:
        store, id = Store(settings.database), new_id()
        blob = Blobs(settings.media_folder).put(content)
        async with store.open_work(await found(store)) as work:
            await work.assets.take(id, kind="picture", sha256=blob.sha256, size_bytes=blob.size_bytes, **about)
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


def test_media_are_named_by_the_last_characters_of_their_id_and_lists_say_where_they_end(at_home: Settings) -> None:
    assert gator_media("list") == "There is no media yet.\n"
    first, second = add(at_home, b"one", title="one"), add(at_home, b"two", title="two")

    assert "There may be more: --limit 100 shows up to 100." in gator_media("list", "--limit", "1")
    assert "There may be more" not in gator_media("list")
    assert first.id in gator_media("show", first.id[-8:])
    assert gator_media("rate", "last", "mature") == "Rated mature.\n"
    assert "mature" in gator_media("show", second.id[-8:])
    with pytest.raises(NotFound, match="no one asset"):
        gator_media("show", "nothing")


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


def test_media_are_listed_and_shown_with_what_looks_like_them(at_home: Settings) -> None:
    heron = add(
        at_home, b"one", looks=["00ff" * 16], title="A heron", provenance={"model": "tiny", "seed": 7, "parents": []}
    )
    copy = add(at_home, b"two", looks=["00ff" * 15 + "00f8"])
    add(at_home, b"three", looks=["0f0f" * 16])
    lines = gator_media("list").splitlines()
    assert len(lines) == 3
    assert f'{heron.id}  picture "A heron": ready, looks like 1 other' in lines
    assert [json.loads(one)["repeats"] for one in gator_media("list", "--json").splitlines()] == [
        [],
        [heron.id],
        [copy.id],
    ]
    assert gator_media("list", "--kind", "video") == "There is no video yet.\n"

    told = json.loads(gator_media("show", heron.id, "--json"))
    assert (told["model"], told["seed"], told["repeats"], told["sha256"]) == ("tiny", 7, [copy.id], heron.sha256)
    assert f"repeats     {copy.id}" in gator_media("show", heron.id)
    assert "repeats     none" in gator_media("show", add(at_home, b"four").id)


def test_one_is_shown_with_who_signed_it_and_what_people_can_read(at_home: Settings) -> None:
    signed = {"id": "urn:c2pa:1", "signer": "O=Harbour Studio", "self_made": False}
    told = {"parents": ["a1"], "captions": [{"text": "Hello", "start_s": 0.1}], "manifest": signed}
    shown = gator_media("show", add(at_home, b"one", provenance=told).id)
    assert "manifest    urn:c2pa:1, signed by O=Harbour Studio\n" in shown
    assert "parents     a1\n" in shown
    assert "captions" not in shown
    bare = add(at_home, b"two", provenance={"manifest": {"none": "C2PA has no place in audio/ogg files."}})
    assert "manifest    C2PA has no place in audio/ogg files.\n" in gator_media("show", bare.id)


def test_media_are_moved_into_a_bucket_and_back(at_home: Settings, tmp_path: Path) -> None:
    assets, folder = [add(at_home, content) for content in (b"one", b"two", b"three")], at_home.media_folder
    with serving_s3() as s3, pytest.MonkeyPatch.context() as patch:
        for name in ("endpoint", "region", "key_id"):
            patch.setenv(f"GATOR_STORAGE_{name.upper()}", str(getattr(in_bucket(at_home, s3), f"storage_{name}")))
        patch.setenv("GATOR_STORAGE_SECRET", SECRET)
        bucket = f"s3://{BUCKET}/moved"

        assert gator_media("move", "--to", bucket) == "3 files copied, 0 there already, 0.0 MB in all.\n"
        assert len(s3.objects) == 3
        with pytest.raises(Refused, match="Remove the files"):
            gator_media("move", "--to", bucket, "--delete")
        assert gator_media("move", "--to", bucket, "--delete", "--yes").startswith("0 files copied, 3 there already")
        assert not list(folder.glob("??/??/*"))

        patch.setenv("GATOR_STORAGE_URL", bucket)
        back = f"file://{tmp_path}/back"
        assert gator_media("move", "--to", back) == "3 files copied, 0 there already, 0.0 MB in all.\n"
        assert [Blobs(tmp_path / "back").get(one.sha256).read_bytes() for one in assets] == [b"one", b"two", b"three"]
        assert gator_media("gc") == "Nothing is left over.\n"


def test_a_move_says_what_is_damaged_and_what_is_missing(at_home: Settings, tmp_path: Path) -> None:
    damaged, missing = add(at_home, b"one"), add(at_home, b"two")
    blobs = Blobs(at_home.media_folder)
    blobs.path(damaged.sha256).chmod(0o600)
    blobs.path(damaged.sha256).write_bytes(b"two?")
    blobs.path(missing.sha256).unlink()
    ended = CliRunner().invoke(media.app, ["move", "--to", f"file://{tmp_path}/new", "--delete", "--yes"])
    lost = "".join(f"missing  {one}\n" for one in sorted((damaged.sha256, missing.sha256)))
    assert ended.stdout == f"damaged  {damaged.sha256}\n{lost}0 files copied, 0 there already, 0.0 MB in all.\n"
    assert ended.exit_code == 1
    assert blobs.path(damaged.sha256).exists()
    with pytest.raises(Refused, match="the same place"):
        gator_media("move", "--to", f"file://{at_home.media_folder}")


def test_a_thing_is_removed_over_the_api(at_home: Settings) -> None:
    asset = add(at_home, b"removed")
    with pytest.raises(Refused, match="Delete the picture and its links for good"):
        gator_media("remove", asset.id)
    assert gator_media("remove", asset.id, "--yes") == "It is removed.\n"
    assert not Blobs(at_home.media_folder).path(asset.sha256).exists()
    assert gator_media("usage") == "0 files, 0.0 MB.\n"
    with pytest.raises(NotFound):
        gator_media("remove", new_id(), "--yes")
