"""A model is pulled from a hub that fails in all its ways, and from folders: whole on the shelf, or not there."""

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gator.errors import Conflict, Forbidden, GatorError, NotFound, Refused, Unavailable
from gator.settings import Settings
from gpu_worker.engine.keeper import in_plain
from gpu_worker.pulling.fetching import Fetched, Step, forget, leftovers, pull
from gpu_worker.pulling.offers import Order, look
from gpu_worker.shelf import ASIDE, Shelf, shelf
from tests.servers.hub import Cut, Hang, Hub, More, Repository, Status, Whole, Wrong, weights

INDEX = {
    "_class_name": "StableDiffusionXLPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "scheduler": ["diffusers", "EulerDiscreteScheduler"],
    "feature_extractor": [None, None],
}
UNET = weights(4000)
# What lies beside a model and must not come along.
OTHERS = {
    "sd.ckpt": b"x" * 2000, "sdxl.safetensors": UNET, "unet/model.py": b"import os", "unet/model.onnx": b"x" * 2000,
    ".gitattributes": b"x", ".parts/x.json": b"{}", "gator-model.json": b'{"kind": "voice"}',
    "vae_1_0/diffusion_pytorch_model.safetensors": UNET,
}  # fmt: skip
CHUNK = 10 * 2**20  # the hub's client writes so much at once
BIG = weights(CHUNK // 2 + 1000)


def pipeline(**files: bytes) -> dict[str, bytes]:
    return {
        "model_index.json": json.dumps(INDEX).encode(),
        "LICENSE.md": b"You may.",
        "scheduler/scheduler_config.json": b"{}",
        "unet/config.json": b"{}",
        "unet/diffusion_pytorch_model.safetensors": UNET,
        **files,
    }


def big() -> dict[str, bytes]:
    return pipeline(**{"unet/diffusion_pytorch_model.safetensors": BIG})


@asynccontextmanager
async def offering(tmp_path: Path, hub: Hub, **settings: Any) -> AsyncIterator[Settings]:
    async with hub.serving() as there:
        yield Settings(home=tmp_path, hub_url=there, **settings)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its tries the client waits up to a minute."""
    monkeypatch.setattr("gpu_worker.pulling.hub._PAUSES_S", (0.01, 0.01))
    monkeypatch.setattr("gpu_worker.pulling.hub._LOOK_PAUSES_S", (0.01, 0.01))


def have(settings: Settings, accepted: str = "apache-2.0", **order: Any) -> Fetched:
    offer = look(Order(**{"what": "ada/dream", **order}), settings)
    return pull(offer, shelf(settings), accepted=accepted, by="user:1", told=lambda step: None)


async def got(settings: Settings, accepted: str = "apache-2.0", **order: Any) -> Fetched:
    return await asyncio.to_thread(have, settings, accepted, **order)


async def refused(settings: Settings, error: type[GatorError], **order: Any) -> str:
    with pytest.raises(error) as no:
        await got(settings, **order)
    assert shelf(settings).entries() == []
    return str(no.value)


async def test_a_model_is_on_the_shelf_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository({**pipeline(), **OTHERS})})
    async with offering(tmp_path, hub) as settings:
        steps: list[Step] = []
        offer = await asyncio.to_thread(look, Order("ada/dream"), settings)
        made = await asyncio.to_thread(
            pull, offer, shelf(settings), accepted="apache-2.0", by="user:1", told=steps.append
        )
        again = await got(settings)

    entry = shelf(settings).get("dream")
    assert (entry.kind, entry.family, entry.source, entry.revision) == ("pipeline", "sdxl", "ada/dream", "c" * 40)
    assert (entry.licence, entry.accepted_by, entry.accepted_at is not None) == ("apache-2.0", "user:1", True)
    assert set(entry.sha256) == set(pipeline())
    there = {name: (entry.path / name).read_bytes() for name in entry.sha256}
    assert entry.sha256 == {name: hashlib.sha256(data).hexdigest() for name, data in there.items()}
    assert there == pipeline()
    assert entry.bytes == sum(map(len, there.values())) == steps[-1].done == steps[-1].of
    assert (made.new, again.new) == (True, False)
    assert leftovers(shelf(settings)) == {}
    assert hub.tokens_elsewhere == []


async def test_a_licence_that_nobody_accepted_is_shown_and_nothing_is_fetched(tmp_path: Path) -> None:
    card = {"license": "other", "license_name": "flux-1-dev-non-commercial-license", "license_link": "https://l.test"}
    hub = Hub({"ada/dream": Repository(pipeline(), card=card)})
    async with offering(tmp_path, hub) as settings:
        said = await refused(settings, Refused, accepted="")
        assert "flux-1-dev-non-commercial-license: FORBIDS COMMERCIAL USE" in said
        assert "https://l.test" in said
        await refused(settings, Refused, accepted="apache-2.0")
        assert hub.asked == []
        assert (await got(settings, accepted="flux-1-dev-non-commercial-license")).new


async def test_a_cut_line_is_gone_on_with_where_it_broke(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(big())}, script=[Cut(CHUNK)])
    async with offering(tmp_path, hub) as settings:
        assert (await got(settings)).new

    assert hub.asked == ["", f"bytes={CHUNK}-"]


async def test_a_store_that_knows_no_ranges_begins_anew(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(big())}, script=[Cut(CHUNK), Whole()])
    async with offering(tmp_path, hub) as settings:
        steps: list[Step] = []
        offer = await asyncio.to_thread(look, Order("ada/dream"), settings)
        await asyncio.to_thread(pull, offer, shelf(settings), accepted="apache-2.0", by="", told=steps.append)

    assert max(step.done for step in steps) == steps[-1].of == steps[-1].done


async def test_trouble_that_passes_is_waited_for(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(pipeline())}, script=[Status(503)], told=[Status(429), Status(500)])
    async with offering(tmp_path, hub) as settings:
        assert (await got(settings)).new


async def test_a_pull_that_was_killed_and_then_refused_for_long_goes_on_where_it_ended(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(big())}, script=[Hang(CHUNK), *[Status(503)] * 3])
    async with offering(tmp_path, hub) as settings:
        await pull_and_kill(settings, hub)
        assert "goes on where it ended" in await refused(settings, Unavailable)
        assert leftovers(shelf(settings))["dream"] > CHUNK
        left_by_one_that_died(settings)
        assert leftovers(shelf(settings)).keys() == {"dream"}
        assert (await got(settings)).new
        assert hub.asked == ["", *[f"bytes={CHUNK}-"] * 4]
    assert not list((settings.shelf_folder / ASIDE).glob("*/*"))


def left_by_one_that_died(settings: Settings) -> None:
    """A model that was taken off the shelf, and not all of it deleted yet."""
    old = settings.shelf_folder / "old"
    old.mkdir()
    (old / "half.safetensors").write_bytes(UNET)
    shelf(settings).set_aside(old)


async def test_what_is_half_here_and_not_wanted_any_more_is_deleted(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(pipeline())}, script=[Wrong(), Wrong()])
    async with offering(tmp_path, hub) as settings:
        await refused(settings, Refused)
    here = shelf(settings)
    assert leftovers(here).keys() == {"dream"}
    forget("dream", here)
    forget("dream", here)
    assert leftovers(here) == {}
    assert not list((here.folder / ASIDE).glob("*/*"))


async def pull_and_kill(settings: Settings, hub: Hub) -> None:
    """Pull in a process of its own and kill it in the middle of a file."""
    ask = {"what": "ada/dream", "accept_licence": "apache-2.0"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gpu_worker.pulling", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    assert child.stdin
    child.stdin.write(json.dumps({"settings": in_plain(settings), "ask": ask}).encode() + b"\n")
    part = settings.shelf_folder / ASIDE / "dream" / ".parts" / hashlib.sha256(BIG).hexdigest()
    async with asyncio.timeout(60):
        await hub.hanging.wait()
        while not part.exists() or part.stat().st_size < CHUNK:
            await asyncio.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
    assert shelf(settings).entries() == []


async def test_wrong_bytes_never_reach_the_shelf(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(pipeline())}, script=[Wrong(), Wrong()])
    async with offering(tmp_path, hub) as settings:
        assert "does not have the hash" in await refused(settings, Refused)
        hub.script.append(Wrong())  # once may be the line's fault
        assert (await got(settings)).new


async def test_more_bytes_than_were_listed_are_not_written(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(big())}, script=[More()])
    async with offering(tmp_path, hub) as settings:
        assert "More is sent" in await refused(settings, Refused)

    assert leftovers(shelf(settings))["dream"] <= sum(map(len, big().values()))


async def test_a_gated_model_says_how_and_the_token_goes_to_the_hub_only(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(pipeline(), gated=True)})
    async with offering(tmp_path, hub) as settings:
        said = await refused(settings, Forbidden)
        assert "/ada/dream" in said
        assert "GATOR_HUB_TOKEN" in said
        allowed = settings.model_copy(update={"hub_token": SecretStr(hub.token)})
        assert (await got(allowed)).new
    assert hub.tokens_elsewhere == []


async def test_what_is_not_there_and_what_cannot_be_checked_is_refused(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(pipeline()), "ada/bare": Repository(pipeline(), hashes=False)})
    async with offering(tmp_path, hub) as settings:
        assert "no model ada/none" in await refused(settings, NotFound, what="ada/none")
        assert "no such revision" in await refused(settings, NotFound, revision="v9")
        assert "gives no hash" in await refused(settings, Refused, what="ada/bare")
        assert "is no model that Gator knows" in await refused(settings, Refused, what="dream")
        assert "is no name for a model" in await refused(settings, Refused, name="openai")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"sd.ckpt": b"x" * 2000}, "sd.ckpt"),
        (pipeline(**{"unet/diffusion_pytorch_model.safetensors": b"PK" * 1000}), "is not a safetensors file"),
        (pipeline(**{"../../evil.json": b"{}"}), "leads out of its folder"),
        ({"a.safetensors": UNET, "b.safetensors": UNET}, "--file: a.safetensors, b.safetensors"),
        (pipeline(**{"model_index.json": json.dumps({**INDEX, "_class_name": ["own", "Own"]}).encode()}), "code of its own"),
    ],
)  # fmt: skip
async def test_what_could_hold_code_or_is_not_one_model_is_refused(
    tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    async with offering(tmp_path, Hub({"ada/dream": Repository(files)})) as settings:
        assert said in await refused(settings, Refused)


async def test_two_pulls_of_one_model_are_one(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(pipeline())}, script=[Hang(10)])
    waited: list[str] = []
    async with offering(tmp_path, hub) as settings:
        first = asyncio.create_task(got(settings))
        await asyncio.wait_for(hub.hanging.wait(), 60)
        offer = await asyncio.to_thread(look, Order("ada/dream"), settings)

        def second() -> Fetched:
            return pull(
                offer, shelf(settings), accepted="", by="", told=lambda step: None, waits=lambda: waited.append("")
            )

        other = asyncio.create_task(asyncio.to_thread(second))
        while not waited:
            await asyncio.sleep(0.01)
        with pytest.raises(Conflict, match="is being pulled"):
            forget("dream", shelf(settings))
        hub.go_on.set()
        assert (await first).new
        assert not (await other).new
    assert hub.asked == [""]


async def test_a_new_revision_takes_the_old_ones_place_and_another_model_does_not(tmp_path: Path) -> None:
    hub = Hub({"ada/dream": Repository(pipeline()), "bob/dream": Repository(pipeline())})
    async with offering(tmp_path, hub) as settings:
        await got(settings)
        newer = {**pipeline(), "unet/diffusion_pytorch_model.safetensors": weights(3000, 1)}
        hub.repositories["ada/dream"] = Repository(newer, commit="d" * 40)
        assert (await got(settings)).entry.revision == "d" * 40
        with pytest.raises(Conflict, match="from ada/dream"):
            await got(settings, what="bob/dream")
        assert (await got(settings, what="bob/dream", name="other")).new
    assert (shelf(settings).get("dream").path / "unet/diffusion_pytorch_model.safetensors").read_bytes() == weights(
        3000, 1
    )
    assert [one.name for one in shelf(settings).entries()] == ["dream", "other"]


async def test_parts_in_halves_and_of_adapters_lie_where_loaders_look(tmp_path: Path) -> None:
    halves = {"unet/diffusion_pytorch_model.fp16.safetensors": weights(600)}
    adapter = {
        "models/ip.safetensors": weights(700),
        "models/other.safetensors": UNET,
        "models/image_encoder/config.json": b"{}",
        "models/image_encoder/model.safetensors": weights(800),
        "models/image_encoder/pytorch_model.bin": b"x" * 2000,
    }
    card = {"license": "mit", "base_model": "stabilityai/stable-diffusion-xl-base-1.0"}
    lora = Repository({"ink.safetensors": weights(900)}, card=card)
    hub = Hub({"ada/dream": Repository(pipeline(**halves)), "ada/ip": Repository(adapter), "ada/ink-lora": lora})
    async with offering(tmp_path, hub) as settings:
        entry = (await got(settings)).entry
        named = ("models/ip.safetensors", "models/image_encoder")
        ip = (await got(settings, what="ada/ip", files=named, kind="ip-adapter", family="sdxl")).entry
        ink = (await got(settings, "mit", what="ada/ink-lora")).entry
    assert (entry.path / "unet/diffusion_pytorch_model.safetensors").read_bytes() == weights(600)
    assert set(ip.sha256) == {"ip.safetensors", "image_encoder/config.json", "image_encoder/model.safetensors"}
    assert (ink.kind, ink.family) == ("lora", "sdxl")


def test_a_folder_is_copied_and_another_gators_hashes_are_believed_only_if_they_hold(tmp_path: Path) -> None:
    here = tmp_path / "usb" / "dream"
    for name, data in pipeline(**{"notes.bin": b"x"}).items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(data)
    settings = Settings(home=tmp_path)
    entry = have(settings, "mine", what=str(here), licence="mine").entry
    assert (entry.kind, entry.family, set(entry.sha256)) == ("pipeline", "sdxl", set(pipeline()))

    other = Settings(home=tmp_path / "other")
    assert have(other, "mine", what=str(entry.path)).entry.sha256 == entry.sha256
    (entry.path / "unet/diffusion_pytorch_model.safetensors").write_bytes(weights(4000, 2))
    third = Shelf(tmp_path / "third")
    with pytest.raises(Refused, match="does not have the hash"):
        pull(look(Order(str(entry.path)), settings), third, accepted="mine", by="", told=lambda step: None)
    assert third.entries() == []


def test_an_ip_adapter_comes_from_a_folder_with_what_it_sees_with(tmp_path: Path) -> None:
    here, eye = tmp_path / "face_ip-adapter", ("image_encoder/config.json", "image_encoder/model.safetensors")
    for name, data in {"ip.safetensors": weights(700), eye[0]: b"{}", eye[1]: weights(800)}.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(data)
    entry = have(Settings(home=tmp_path), "mit", what=str(here), licence="mit", family="sdxl").entry
    again = have(Settings(home=tmp_path / "other"), "mit", what=str(entry.path)).entry
    assert {one.kind for one in (entry, again)} == {"ip-adapter"}
    assert set(entry.sha256) == set(again.sha256) == {"ip.safetensors", *eye}


def test_a_full_disk_is_said_before_anything_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "ink.safetensors"
    here.write_bytes(UNET)
    monkeypatch.setattr("gpu_worker.pulling.fetching._LEFT_FREE", 2**60)  # no disk has so much
    with pytest.raises(Unavailable, match="Make room"):
        have(Settings(home=tmp_path), "mit", what=str(here), licence="mit", kind="lora", family="sdxl")
