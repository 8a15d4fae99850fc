"""The shelf: what lies in the models folder, and what is said of what does not."""

import json
from pathlib import Path

import pytest

from gator.errors import NotFound, Refused
from gator.settings import Settings
from gpu_worker.jobs import DrawCard, MakePicture, shelf_model
from gpu_worker.shelf import MANIFEST, Entries, Shelf, ShelfEntry, shelf, told_by


@pytest.fixture
def there(tmp_path: Path) -> Shelf:
    there = Shelf(tmp_path / "models")
    for name, kind, family in (("dream", "pipeline", "sdxl"), ("ink", "lora", "sdxl"), ("old", "pipeline", "sd15")):
        (there.folder / name).mkdir(parents=True)
        there.put(
            ShelfEntry.model_validate({"name": name, "kind": kind, "family": family, "path": there.folder / name})
        )
    return there


def test_what_is_put_is_read_again_by_kind_and_family(there: Shelf) -> None:
    assert [one.name for one in there.entries()] == ["dream", "ink", "old"]
    assert [one.name for one in there.entries("pipeline")] == ["dream", "old"]
    assert [one.name for one in there.entries("lora", "sdxl")] == ["ink"]
    assert there.get("ink").path == there.folder / "ink"


def test_a_model_that_is_not_there_names_the_nearest(there: Shelf) -> None:
    with pytest.raises(NotFound, match="There is: dream"):
        there.get("dreams")


def test_who_asks_again_is_told_of_another_manifest_and_of_none(there: Shelf) -> None:
    known: Entries = {}
    first = there.get("dream", known)
    assert there.get("dream", known) is first

    there.put(first.model_copy(update={"licence": "another"}))
    assert there.get("dream", known).licence == "another"

    (there.folder / "dream" / MANIFEST).unlink()
    with pytest.raises(NotFound):
        there.get("dream", known)


def test_a_name_never_leaves_the_folder(there: Shelf) -> None:
    with pytest.raises(NotFound):
        there.get("../models/dream")
    with pytest.raises(Refused):
        there.put(ShelfEntry(name="x", kind="lora", family="sdxl", path=there.folder.parent / "x"))


def test_an_empty_home_has_an_empty_shelf(tmp_path: Path) -> None:
    empty = shelf(Settings(home=tmp_path))

    assert empty.entries() == []
    with pytest.raises(NotFound, match="is empty"):
        empty.get("dream")


def test_a_manifest_that_cannot_be_read_hides_only_its_own_model(there: Shelf) -> None:
    (there.folder / "ink" / MANIFEST).write_text('{"kind": "sculpture"}')

    assert [one.name for one in there.entries()] == ["dream", "old"]


@pytest.mark.parametrize(
    ("made_of", "told"),
    [
        ("StableDiffusionPipeline", ("pipeline", "sd15")),
        ("StableDiffusionXLPipeline", ("pipeline", "sdxl")),
        ("StableDiffusion3Pipeline", ("pipeline", "sd3")),
        ("FluxPipeline", ("pipeline", "flux")),
        ("QwenImagePipeline", ("pipeline", "qwen-image")),
        ("StableDiffusionUpscalePipeline", ("upscaler", "x4")),
        ("WanImageToVideoPipeline", ("video", "wan")),
        ("SomethingElsePipeline", None),
    ],
)
def test_a_diffusers_folder_tells_what_it_is(tmp_path: Path, made_of: str, told: object) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": made_of}))

    assert told_by(tmp_path) == told


def test_a_provider_needs_no_model_of_the_shelf() -> None:
    assert shelf_model(MakePicture(prompt="a heron", model="dream")) == "dream"
    assert shelf_model(MakePicture(prompt="a heron", model="openai:gpt-image-1")) is None
    assert shelf_model(DrawCard(text="hello")) is None
