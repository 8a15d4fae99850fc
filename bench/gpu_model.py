"""Stable Diffusion XL in its true size, with random weights: what `bench.gpu` measures. From its published configuration."""

from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from tests.gpu_worker.tiny import texts

VOCABULARY = 49408


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
    tokenizer = texts.clip_tokenizer(folder)
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading"
    )
    pipe: Any = diffusers.StableDiffusionXLPipeline(
        **parts, tokenizer=tokenizer, tokenizer_2=tokenizer, scheduler=scheduler
    )
    pipe.to(torch.bfloat16).save_pretrained(folder, safe_serialization=True)


def _unet() -> Any:
    return diffusers.UNet2DConditionModel(
        sample_size=128, block_out_channels=(320, 640, 1280), layers_per_block=2, cross_attention_dim=2048,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(5, 10, 20),
        transformer_layers_per_block=(1, 2, 10), use_linear_projection=True, addition_embed_type="text_time",
        addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
    )  # fmt: skip


def _vae() -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=1024,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, scaling_factor=0.13025,
        force_upcast=False,
    )  # fmt: skip


def _clip() -> Any:
    return transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=VOCABULARY, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12
        )
    )


def _big_clip() -> Any:
    return transformers.CLIPTextModelWithProjection(
        transformers.CLIPTextConfig(
            vocab_size=VOCABULARY, hidden_size=1280, intermediate_size=5120, num_hidden_layers=32,
            num_attention_heads=20, projection_dim=1280, hidden_act="gelu",
        )
    )  # fmt: skip
