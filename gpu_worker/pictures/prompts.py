"""How does a model read a prompt, to its last word? Embeddings for a batch of prompts, made before the denoising.

CLIP reads 77 tokens at once: longer prompts go through it in windows of 75, one after another, and what it made of them is
put in a row (the first window's summary stands for the whole, where a model wants one). T5 and Qwen read as many as the model
was made for; what is longer is refused rather than cut. Beside T5, CLIP reads the beginning only: so are SD3 and FLUX made, and
`read_in_part` says so.
"""

import logging
from collections.abc import Sequence
from typing import Any

import torch

from gator.errors import Refused
from gpu_worker.pictures.loading import LoadedModel

_SD3_TOKENS = (256, 512)  # its usual length, and the most that T5 reads for it
_FLUX_TOKENS = {True: 512, False: 256}  # guided (dev); distilled to a few steps (schnell)
_QWEN_TOKENS = 1024  # with the five that its pipeline puts behind the prompt
Embeddings = dict[str, Any]


def length_of(loaded: LoadedModel, prompt: str, negative: str) -> int:
    """How much room the prompt takes: only what takes the same room may share a batch, so that each comes out as alone.

    Raises Refused for a prompt that is longer than the model reads.
    """
    if loaded.family.text == "clip":
        return max(_windows(loaded, text) for text in (prompt, negative))
    if loaded.family.text == "qwen":
        for text in (prompt, negative):
            _check_qwen(loaded.pipe, text)
        return 0
    if loaded.family.name == "flux":
        most = _FLUX_TOKENS[bool(loaded.denoiser.config.guidance_embeds)]
        _check(prompt, _tokens(loaded.pipe.tokenizer_2, prompt), most)
        return most
    return _sd3_length(loaded, prompt, negative)


def embed(loaded: LoadedModel, prompts: Sequence[str], negatives: Sequence[str], length: int) -> Embeddings:
    """What the pipeline is called with in place of the texts."""
    quote_nothing()
    with torch.inference_mode():
        if loaded.family.text == "clip":
            return _clip(loaded, prompts, negatives, length)
        if loaded.family.text == "qwen":
            return _qwen(loaded, prompts, negatives)
        return (
            _flux(loaded, prompts, length) if loaded.family.name == "flux" else _sd3(loaded, prompts, negatives, length)
        )


def _clip(loaded: LoadedModel, prompts: Sequence[str], negatives: Sequence[str], windows: int) -> Embeddings:
    wanted, pooled = _through_clip(loaded, prompts, windows)
    unwanted, unpooled = _through_clip(loaded, negatives, windows)
    if pooled is None or unpooled is None:
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
    if loaded.pipe.config.get("force_zeros_for_empty_prompt"):
        for place, negative in enumerate(negatives):
            if not negative:  # as the model was trained for nothing said
                unwanted[place], unpooled[place] = 0.0, 0.0
    return {
        "prompt_embeds": wanted, "pooled_prompt_embeds": pooled,
        "negative_prompt_embeds": unwanted, "negative_pooled_prompt_embeds": unpooled,
    }  # fmt: skip


def _through_clip(loaded: LoadedModel, texts: Sequence[str], windows: int) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Of all encoders that the model has, side by side: one row of tokens a text; and the last one's summary, if wanted."""
    pairs = [(loaded.pipe.tokenizer, loaded.pipe.text_encoder)]
    two = getattr(loaded.pipe, "text_encoder_2", None) is not None
    if two:
        pairs.append((loaded.pipe.tokenizer_2, loaded.pipe.text_encoder_2))
    rows, pooled = [], None
    for tokenizer, encoder in pairs:
        ids = torch.stack([_in_windows(tokenizer, text, windows) for text in texts])
        seen = encoder(ids.flatten(0, 1).to(loaded.device), output_hidden_states=two)
        # Stable Diffusion XL was trained on the layer before the last.
        hidden = seen.hidden_states[-2] if two else seen[0]
        rows.append(hidden.unflatten(0, (len(texts), windows)).flatten(1, 2))
        if two:
            pooled = seen[0].unflatten(0, (len(texts), windows))[:, 0]
    return torch.cat(rows, dim=-1).to(loaded.dtype), None if pooled is None else pooled.to(loaded.dtype)


def _in_windows(tokenizer: Any, text: str, windows: int) -> torch.Tensor:
    """The text's tokens in that many windows, each begun, ended and filled up as CLIP knows it."""
    most = tokenizer.model_max_length
    inner = most - 2
    tokens = _bare(tokenizer, text)
    cut = [tokens[at : at + inner] for at in range(0, windows * inner, inner)]
    pad = tokenizer.pad_token_id
    rows = [[tokenizer.bos_token_id, *part, tokenizer.eos_token_id] for part in cut]
    return torch.tensor([row + [pad] * (most - len(row)) for row in rows])


def _windows(loaded: LoadedModel, text: str) -> int:
    tokenizers = (loaded.pipe.tokenizer, getattr(loaded.pipe, "tokenizer_2", None))
    needed = [-(-len(_bare(one, text)) // (one.model_max_length - 2)) for one in tokenizers if one is not None]
    return max(needed) or 1


def _bare(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, truncation=False, verbose=False).input_ids)


def _sd3_length(loaded: LoadedModel, prompt: str, negative: str) -> int:
    pipe = loaded.pipe
    if pipe.text_encoder_3 is None:  # left out to save memory: CLIP alone reads, in one window
        for text in (prompt, negative):
            _check(text, _tokens(pipe.tokenizer, text), pipe.tokenizer.model_max_length)
        return _SD3_TOKENS[0]
    for text in (prompt, negative):
        _check(text, _tokens(pipe.tokenizer_3, text), _SD3_TOKENS[-1])
    longest = max(_tokens(pipe.tokenizer_3, text) for text in (prompt, negative))
    return next(most for most in _SD3_TOKENS if longest <= most)


def _sd3(loaded: LoadedModel, prompts: Sequence[str], negatives: Sequence[str], length: int) -> Embeddings:
    wanted, unwanted, pooled, unpooled = loaded.pipe.encode_prompt(
        prompt=[*prompts], prompt_2=None, prompt_3=None, negative_prompt=[*negatives],
        device=loaded.device, max_sequence_length=length,
    )  # fmt: skip
    return {
        "prompt_embeds": wanted, "pooled_prompt_embeds": pooled,
        "negative_prompt_embeds": unwanted, "negative_pooled_prompt_embeds": unpooled,
    }  # fmt: skip


def _flux(loaded: LoadedModel, prompts: Sequence[str], length: int) -> Embeddings:
    told = {"prompt": [*prompts], "prompt_2": None, "device": loaded.device, "max_sequence_length": length}
    wanted, pooled, _ = loaded.pipe.encode_prompt(**told)
    return {"prompt_embeds": wanted, "pooled_prompt_embeds": pooled}


def _qwen(loaded: LoadedModel, prompts: Sequence[str], negatives: Sequence[str]) -> Embeddings:
    told = {"device": loaded.device, "max_sequence_length": _QWEN_TOKENS}
    wanted, mask = loaded.pipe.encode_prompt(prompt=[*prompts], **told)
    unwanted, unmask = loaded.pipe.encode_prompt(prompt=[text or " " for text in negatives], **told)
    return {
        "prompt_embeds": wanted, "prompt_embeds_mask": mask,
        "negative_prompt_embeds": unwanted, "negative_prompt_embeds_mask": unmask, "max_sequence_length": _QWEN_TOKENS,
    }  # fmt: skip


def read_in_part(loaded: LoadedModel, prompt: str) -> str:
    """What a part of the model did not read of the prompt, in words; empty where every part read all of it."""
    if loaded.family.text != "t5":
        return ""
    tokenizer = loaded.pipe.tokenizer
    tokens, most = _tokens(tokenizer, prompt) - 2, tokenizer.model_max_length - 2
    return f"T5 read all of it, CLIP the first {most} of {tokens} tokens" if tokens > most else ""


def read_by_upscaler(pipe: Any, prompt: str) -> str:
    """As `read_in_part`, of an upscaler: it has a picture to go by, and the prompt is a hint."""
    tokenizer = pipe.tokenizer
    tokens, most = _tokens(tokenizer, prompt) - 2, tokenizer.model_max_length - 2
    return f"the first {most} of {tokens} tokens" if tokens > most else ""


def quote_nothing() -> None:
    """Keep diffusers from warning of what CLIP leaves out: it quotes the prompt, which is for no log."""
    logging.getLogger("diffusers").setLevel(logging.ERROR)


def _check_qwen(pipe: Any, text: str) -> None:
    """As much as its pipeline keeps of the words and of what it puts around them, whose beginning it drops."""
    whole = _tokens(pipe.tokenizer, pipe.prompt_template_encode.format(text))
    over = whole - pipe.prompt_template_encode_start_idx - pipe.tokenizer_max_length
    tokens = _tokens(pipe.tokenizer, text)
    _check(text, tokens, tokens - over)


def _tokens(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text, truncation=False, verbose=False).input_ids)


def _check(prompt: str, tokens: int, most: int) -> None:
    if tokens > most:
        raise Refused(
            f"The prompt is {tokens} tokens long ({len(prompt):,} characters); this model reads {most}.",
            remedy="Shorten it; nothing of it would be left out silently.",
        )
