"""Stable Diffusion XL with random weights: what `bench.gpu` measures. In its true size, from its published configuration; or of
its kind and so small that a CPU makes a picture in a second.
"""

from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from tests.gpu_worker.tiny import texts

VOCABULARY = 49408
_SMALL_WIDTH = 192  # of each text encoder


def save_sdxl(folder: Path, device: str) -> None:
    """A diffusers folder, 16 bits, made on the device, where random numbers are quick."""
    folder.mkdir(parents=True)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            parts = {"unet": _unet(), "vae": _vae(), "text_encoder": _clip(), "text_encoder_2": _big_clip()}
    finally:
        torch.set_default_dtype(before)
    _put_together(folder, parts).to(torch.bfloat16).save_pretrained(folder, safe_serialization=True)


def save_small(folder: Path) -> None:
    """A diffusers folder in 32 bits, of some 70 million parameters, most of them the denoiser's as in the large one."""
    folder.mkdir(parents=True)
    torch.manual_seed(7)
    parts = {"unet": _small_unet(), "vae": _vae((16, 32, 32, 32)), "text_encoder": _clip(_SMALL_WIDTH, 2)}
    parts["text_encoder_2"] = _big_clip(_SMALL_WIDTH, 2)
    _put_together(folder, parts).save_pretrained(folder, safe_serialization=True)


def _put_together(folder: Path, parts: dict[str, Any]) -> Any:
    tokenizer = texts.clip_tokenizer(folder)
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading"
    )
    made: Any = diffusers.StableDiffusionXLPipeline
    return made(**parts, tokenizer=tokenizer, tokenizer_2=tokenizer, scheduler=scheduler)


def _small_unet() -> Any:
    return diffusers.UNet2DConditionModel(
        sample_size=32, block_out_channels=(96, 192, 384), layers_per_block=1, cross_attention_dim=2 * _SMALL_WIDTH,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(3, 6, 12),
        transformer_layers_per_block=(1, 1, 2), use_linear_projection=True, addition_embed_type="text_time",
        addition_time_embed_dim=64, projection_class_embeddings_input_dim=_SMALL_WIDTH + 6 * 64,
    )  # fmt: skip


def _unet() -> Any:
    return diffusers.UNet2DConditionModel(
        sample_size=128, block_out_channels=(320, 640, 1280), layers_per_block=2, cross_attention_dim=2048,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(5, 10, 20),
        transformer_layers_per_block=(1, 2, 10), use_linear_projection=True, addition_embed_type="text_time",
        addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
    )  # fmt: skip


def _vae(channels: tuple[int, ...] = (128, 256, 512, 512)) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=channels, norm_num_groups=min(32, channels[0]), layers_per_block=2, latent_channels=4,
        sample_size=1024,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, scaling_factor=0.13025,
        force_upcast=False,
    )  # fmt: skip


def _clip(width: int = 768, layers: int = 12) -> Any:
    return transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=VOCABULARY, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers,
            num_attention_heads=width // 64,
        )
    )  # fmt: skip


def _big_clip(width: int = 1280, layers: int = 32) -> Any:
    return transformers.CLIPTextModelWithProjection(
        transformers.CLIPTextConfig(
            vocab_size=VOCABULARY, hidden_size=width, intermediate_size=4 * width, num_hidden_layers=layers,
            num_attention_heads=width // 64, projection_dim=width, hidden_act="gelu",
        )
    )  # fmt: skip
