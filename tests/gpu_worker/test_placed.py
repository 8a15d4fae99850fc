"""A part on another device: what goes in goes there, what comes out comes home. On `meta`, where there are no numbers."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: `make dev` says why")

import torch
from accelerate.hooks import add_hook_to_module, remove_hook_from_module
from diffusers.models.autoencoders.vae import DecoderOutput, DiagonalGaussianDistribution
from safetensors.torch import save_file
from transformers.modeling_outputs import BaseModelOutput

from gator.errors import Refused, Unavailable
from gpu_worker.placed import _At, carried, check_harmless, check_room
from gpu_worker.shelf import ShelfEntry
from gpu_worker.weights import converted_bytes

HERE, THERE = torch.device("cpu"), torch.device("meta")


class Part(torch.nn.Module):
    """Notes where it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(2))
        self.seen: list[tuple[str, ...]] = []

    def forward(self, ids: torch.Tensor, *, mask: dict[str, Any]) -> torch.Tensor:
        self.seen.append((ids.device.type, mask["mask"].device.type, self.weight.device.type))
        return torch.ones(2)

    def decode(self, latents: torch.Tensor) -> DecoderOutput:
        self.seen.append((latents.device.type,))
        return DecoderOutput(sample=torch.ones(2))


def test_a_part_elsewhere_is_spoken_to_as_if_it_were_here() -> None:
    part = Part()
    add_hook_to_module(part, _At(HERE, THERE), append=True)

    made = part(torch.ones(2), mask={"mask": torch.ones(2)})
    decoded = part.decode(torch.ones(2))
    remove_hook_from_module(part, recurse=True)
    part.decode(torch.ones(2))

    assert part.seen == [("meta", "meta", "meta"), ("meta",), ("cpu",)]
    assert made.device == decoded.sample.device == HERE


def test_whatever_a_part_gives_comes_home() -> None:
    given = carried(
        (
            BaseModelOutput(last_hidden_state=torch.ones(2), hidden_states=(torch.ones(2), torch.ones(2))),
            [torch.ones(2), "words", None],
            DiagonalGaussianDistribution(torch.ones(1, 2, 2, 2)),
        ),
        THERE,
    )

    read, listed, spread = given
    assert {read.last_hidden_state.device, *(one.device for one in read.hidden_states), read[0].device} == {THERE}
    assert listed[0].device == THERE
    assert listed[1:] == ["words", None]
    assert {spread.mean.device, spread.parameters.device} == {THERE}


def test_a_model_names_no_module_that_would_be_imported_for_it(tmp_path: Path) -> None:
    index = tmp_path / "model_index.json"
    parts: dict[str, Any] = {"unet": ["diffusers", "UNet2DModel"], "safety_checker": ["stable_diffusion", "Checker"]}
    index.write_text(json.dumps({"_class_name": "P", "vae": [None, None], "text": ["transformers", "CLIP"], **parts}))
    check_harmless(tmp_path)

    for strange in ("antigravity", "gpu_worker.pulling.__main__"):
        index.write_text(json.dumps({**parts, "scheduler": [strange, "main"]}))
        with pytest.raises(Refused, match=strange):
            check_harmless(tmp_path)


def test_a_model_that_the_machines_memory_has_no_room_to_read_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    save_file(
        {"a": torch.ones(1000), "b": torch.ones(10, dtype=torch.bfloat16)}, tmp_path / "unet" / "model.safetensors"
    )
    save_file({"a": torch.ones(10**6)}, tmp_path / "unet" / "model.fp16.safetensors")
    entry = ShelfEntry(name="large", kind="pipeline", family="sdxl", path=tmp_path)

    assert [converted_bytes(tmp_path, precision) for precision in ("BF16", "F16", "F32")] == [2000, 2020, 40]
    check_room(entry, torch.bfloat16, free=lambda: 2000)
    with pytest.raises(Unavailable, match="To read large takes"):
        check_room(entry, torch.bfloat16, free=lambda: 1999)
