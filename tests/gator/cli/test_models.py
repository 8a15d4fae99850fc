"""`gator model`, as typed in a shell: pulled from a hub with its licence accepted, shown, removed."""

import json
from pathlib import Path

import pytest

from gator.clock import now
from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.shelf import ASIDE, ShelfEntry, shelf
from memory.store import Store
from tests.gator.cli.shell import gator
from tests.gpu_worker.pulling.test_pulling import pipeline
from tests.servers.hub import Hub, Repository

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
async def test_a_model_is_pulled_shown_and_removed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Hub({"ada/dream": Repository(pipeline())}).serving() as there:
        monkeypatch.setenv("GATOR_HUB_URL", there)
        status, said = await gator(settings, "model", "pull", "ada/dream")
        assert status == 1
        assert "Licence: apache-2.0: commercial use allowed" in said
        assert "--accept-licence" in said
        status, said = await gator(settings, "model", "pull", "ada/dream", "--accept-licence")
        assert status == 0, said
        assert "100%" in said
        assert "dream is here:" in said
        assert "is here already" in (await gator(settings, "model", "pull", "ada/dream"))[1]
    [line] = (await gator(settings, "model", "list", "--json"))[1].splitlines()
    assert (json.loads(line)["name"], json.loads(line)["source"]) == ("dream", "ada/dream")
    assert f"from    ada/dream at {'c' * 40}" in (await gator(settings, "model", "show", "dream"))[1]
    assert "Add --yes" in (await gator(settings, "model", "remove", "dream"))[1]
    assert (await gator(settings, "model", "remove", "dream", "--yes"))[1] == "dream is removed.\n"

    half = settings.shelf_folder / ASIDE / "dream"
    half.mkdir()
    (half / "config.json").write_bytes(b"{}")
    assert (await gator(settings, "model", "remove", "dream", "--yes"))[1] == "What was here of dream is removed.\n"
    assert not half.exists()
    assert "There is no model" in (await gator(settings, "model", "list"))[1]


@on_sqlite
async def test_who_accepted_a_licence_is_told_by_name(settings: Settings, store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        ada = await work.people.add_user("Ada", ["operator"])
    there = shelf(settings)
    (there.folder / "dream").mkdir(parents=True)
    told = {"name": "dream", "kind": "pipeline", "family": "sdxl", "path": there.folder / "dream", "accepted_at": now()}
    there.put(ShelfEntry.model_validate({**told, "accepted_by": f"operator:{ada.id}"}))

    assert " by Ada\n" in (await gator(settings, "model", "show", "dream"))[1]


@on_sqlite
async def test_a_folder_needs_no_hub_and_known_models_are_listed(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "Ink Lora.safetensors"
    file.write_bytes(pipeline()["unet/diffusion_pytorch_model.safetensors"])
    told = ("--kind", "lora", "--family", "sdxl", "--licence", "mit", "--accept-licence")
    status, said = await gator(settings, "model", "pull", str(file), *told)
    assert status == 0, said
    assert "ink-lora: lora for sdxl" in said
    status, said = await gator(settings, "model", "list", "--known")
    assert "sdxl  Stable Diffusion XL: pipeline for sdxl; 6.9 GB of memory (5.1 with offload)" in said


async def test_the_doctor_tells_what_the_studio_can_make_and_makes_no_database(tmp_path: Path) -> None:
    status, said = await gator(Settings(home=tmp_path), "doctor", "--studio", "--json")
    told = [json.loads(line) for line in said.splitlines()]
    assert status == 0, said
    assert {one["what"] for one in told} == {"device", "engine", "model"}
    assert "cpu" in {one["name"] for one in told if one["what"] == "device"}
    assert not (tmp_path / "gator.db").exists()
