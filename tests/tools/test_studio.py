"""What `gator doctor --studio` reckons and tells, with the accelerators of others' machines."""

from datetime import timedelta
from pathlib import Path

import pytest

from gator.clock import now
from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.devices import Found
from gpu_worker.known_models import known_models
from gpu_worker.shelf import ShelfEntry, shelf
from memory.store import Store
from tests.servers.hub import weights
from tools import studio
from tools.lookers import lookers
from tools.studio import Asked, DeviceFound, Verdict, examine_studio, fit, foresee_known

GB = 10**9


@pytest.mark.parametrize(
    ("kind", "memory_gb", "machine_gb", "said"),
    [
        ("cuda", 10, 64, "fits"),  # 3.5 billion parameters of two bytes and a tenth are 7.7 GB
        ("cuda", 8, 64, "fits with offload"),  # the denoiser's 5.7 GB are within 92 % of it
        ("cuda", 6, 64, "fits layer by layer, slowly"),
        ("cuda", 6, 8, "does not fit"),  # what is not on the device must be in the machine's memory
        ("cpu", 18, 18, "fits"),  # four bytes
        ("cpu", 16, 16, "does not fit"),
    ],
)
def test_whether_a_model_fits(kind: str, memory_gb: int, machine_gb: int, said: Verdict) -> None:
    device = DeviceFound(name="x", kind=kind, label="", memory_bytes=memory_gb * GB)
    assert fit(3_500_000_000, 2_600_000_000, device, machine_gb * GB) == said


@pytest.mark.parametrize(
    ("lacking", "gpu", "said"),
    [
        ("", True, "On this machine: cuda:0: fits with offload; cpu: "),
        ("", False, "On this machine: cpu: "),
        ("torch", False, "It needs `make gpu`. On this machine: cpu: "),
        ("torch", True, "It needs `make gpu`, which tells then whether it fits."),
    ],
)
async def test_what_can_be_pulled_is_foreseen(
    lacking: str, gpu: bool, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "_HINTS", (str(tmp_path),) if gpu else ())
    monkeypatch.setattr(studio, "_version", lambda package: "" if package == lacking else "1.0")
    monkeypatch.setattr("gpu_worker.devices.cpu", lambda: Found("cpu", "cpu", "A CPU", 64 * GB))

    async def ask() -> Asked:
        return Asked((Found("cuda:0", "cuda", "A small one", 7 * GB),))

    told = await foresee_known(ask)
    assert told["sdxl"].startswith(said)
    assert set(told) < set(known_models())  # of what makes nothing by itself, nothing


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_devices_engines_and_models_are_told(store: Store, operator: Principal, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    here = shelf(settings)
    (here.folder / "dream" / "unet").mkdir(parents=True)
    (here.folder / "dream" / "unet" / "w.safetensors").write_bytes(weights(5000))
    here.put(ShelfEntry(name="dream", kind="pipeline", family="sdxl", path=here.folder / "dream"))
    (here.folder / "ink").mkdir()
    here.put(ShelfEntry(name="ink", kind="lora", family="sdxl", path=here.folder / "ink"))
    (here.folder / "ada").mkdir()
    here.put(ShelfEntry(name="ada", kind="voice", family="piper", path=here.folder / "ada"))
    async with store.open_work(operator) as work:
        for n, took_s in enumerate((3.0, 5.0, 4.0)):
            job = await work.jobs.queue("picture.make", {}, key=str(n), makes="picture", model="dream")
            job.state, job.device, job.ended_at = "done", "rack/cuda:0", now()
            job.started_at = job.ended_at - timedelta(seconds=took_s)

    async def ask() -> Asked:
        return Asked((Found("cuda:0", "cuda", "A big one", 24 * GB),))

    seen = await examine_studio(settings, store, ask)

    assert (seen.devices[0].name, seen.devices[0].memory_bytes) == ("cuda:0", 24 * GB)
    assert seen.devices[-1].kind == "cpu"
    engines = {one.name: one for one in seen.engines}
    assert {"torch", "diffusers", "pictures", "cards", "voice", "signing", "encoders", "piper", "models"} <= set(
        engines
    )
    others = ["xtts", "elevenlabs", "openai voices", "openai images", "comfyui", "runway"]
    assert all(engines[name].remedy for name in others if engines[name].state == "off")
    assert {engines[name].state for name in others[1:]} == {"off"}
    assert {engines["likeness"].state, engines["ratings"].state} == {"off"}
    assert "with cuda:0" in engines["torch"].detail
    assert "H.264, AAC, MP3, Opus" in engines["encoders"].detail
    models = {one.name: one for one in seen.models}
    assert models["ink"].in_words().startswith("ink (here), lora for sdxl")
    assert models["ada"].in_words().startswith("ada (here), voice for piper")
    assert (models["dream"].is_here, models["dream"].weights_bytes) == (True, 10_000)
    assert models["dream"].speed == ["4.0 s a picture on rack/cuda:0 (median of 3, with waiting for its batch)"]
    assert models["flux-dev"].fits["cuda:0"] in ("does not fit", "fits layer by layer, slowly")
    assert models["sdxl"].fits["cuda:0"] == "fits"
    assert models["sdxl"].speed == []


async def test_a_database_without_tables_hides_nothing_of_the_studio(tmp_path: Path) -> None:
    async def ask() -> Asked:
        return Asked((Found("cuda:0", "cuda", "A big one", 24 * GB),))

    empty = Store(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    try:
        seen = await examine_studio(Settings(home=tmp_path), empty, ask)
    finally:
        await empty.close()
    assert [one.name for one in seen.devices] == ["cuda:0", "cpu"]


async def test_a_torch_that_does_not_load_is_broken_and_says_why(tmp_path: Path) -> None:
    async def ask() -> Asked:
        return Asked(wrong="libcudart.so.13: cannot open shared object file")

    torch = (await examine_studio(Settings(home=tmp_path), None, ask)).engines[0]

    assert (torch.name, torch.state) == ("torch", "broken")
    assert "libcudart.so.13" in torch.detail
    assert "make gpu" in torch.remedy


def test_who_looks_at_what_was_made_is_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    here = shelf(settings)
    told = []
    for name, kind in (("eye", "clip-vision"), ("finder", "face-detector"), ("prude", "classifier")):
        (here.folder / name).mkdir(parents=True)
        here.put(ShelfEntry.model_validate({"name": name, "kind": kind, "family": "x", "path": here.folder / name}))
        told.append([(one.state, one.detail) for one in lookers(settings)])

    by_people = ("off", "by people only: gator media rate")
    assert told == [
        [("ready", "whole pictures, by eye"), by_people],
        [("ready", "faces that finder finds, by eye"), by_people],
        [("ready", "faces that finder finds, by eye"), ("ready", "by prude")],
    ]
