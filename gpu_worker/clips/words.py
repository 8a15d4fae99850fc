"""How does a video model read a prompt? Whole, or the order is refused: words that were cut off would be missed silently."""

from typing import Any

import torch

from gator.errors import Refused
from gpu_worker.clips.loading import LoadedClips


def told(loaded: LoadedClips, pipe: Any, prompt: str, negative: str, guidance: float) -> dict[str, Any]:
    """What the pipeline is told of the words. Raises Refused for more of them than the model reads."""
    if not loaded.family.words:
        return {}
    for text in (prompt, negative):
        _check(loaded, text)
    if loaded.family.name == "wan":  # its pipeline would clean the text by a library that is not needed for it
        read = {"prompt_embeds": _wan(loaded, pipe, prompt)}
        if guidance > 1:
            read["negative_prompt_embeds"] = _wan(loaded, pipe, negative)
        return read
    return {"prompt": prompt, "negative_prompt": negative, "max_sequence_length": loaded.family.words}


def _check(loaded: LoadedClips, text: str) -> None:
    tokens = len(loaded.pipe.tokenizer(text).input_ids)
    if tokens > loaded.family.words:
        raise Refused(
            f"The words take {tokens} tokens; this model reads {loaded.family.words}.", remedy="Say it in fewer words."
        )


def _wan(loaded: LoadedClips, pipe: Any, text: str) -> torch.Tensor:
    """UMT5's last layer, with nothing behind the last token (diffusers, WanPipeline)."""
    most = loaded.family.words
    read = loaded.pipe.tokenizer(
        [" ".join(text.split())], padding="max_length", max_length=most, return_attention_mask=True, return_tensors="pt"
    )
    device = pipe._execution_device
    mask = read.attention_mask.to(device)
    made = loaded.pipe.text_encoder(read.input_ids.to(device), mask).last_hidden_state
    held: torch.Tensor = made.to(device=device, dtype=loaded.dtype) * mask.unsqueeze(-1).to(device, loaded.dtype)
    return held
