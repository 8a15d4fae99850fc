"""Pipelines of the picture families, as their folders on a hub are."""

from pathlib import Path
from typing import Any

import diffusers
import torch

from tests.gpu_worker.tiny import texts

WIDTH = texts.WIDTH


def kl(channels: int = 4, *, shift: float | None = None) -> Any:
    """An autoencoder that makes one of four pixels a side and direction, for a quick decoding."""
    return diffusers.AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=channels, block_out_channels=(8, 16, 16, 16), layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=4,
        sample_size=512, shift_factor=shift, scaling_factor=0.5, use_quant_conv=shift is None,
        use_post_quant_conv=shift is None, force_upcast=False,
    )  # fmt: skip


def unet(**more: Any) -> Any:
    told: dict[str, Any] = {
        "block_out_channels": (16, 32), "layers_per_block": 1, "sample_size": 8, "in_channels": 4, "out_channels": 4,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": WIDTH, "attention_head_dim": 4, "norm_num_groups": 4,
    }  # fmt: skip
    return diffusers.UNet2DConditionModel(**told | more)


XL = {
    "addition_embed_type": "text_time", "addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 80,
    "cross_attention_dim": 2 * WIDTH, "use_linear_projection": True, "transformer_layers_per_block": (1, 1),
}  # fmt: skip


def scheduler() -> Any:
    return diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading"
    )


def flow() -> Any:
    return diffusers.FlowMatchEulerDiscreteScheduler()


def sd15(scratch: Path) -> Any:
    tokenizer = texts.clip_tokenizer(scratch)
    return diffusers.StableDiffusionPipeline(
        vae=kl(), text_encoder=texts.clip_encoder(tokenizer), tokenizer=tokenizer, unet=unet(), scheduler=scheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def sdxl(scratch: Path) -> Any:
    tokenizer = texts.clip_tokenizer(scratch)
    return diffusers.StableDiffusionXLPipeline(
        vae=kl(), text_encoder=texts.clip_encoder(tokenizer), tokenizer=tokenizer, unet=unet(**XL),
        text_encoder_2=texts.clip_encoder(tokenizer, projected=True), tokenizer_2=tokenizer, scheduler=scheduler(),
    )  # fmt: skip


def sd3(scratch: Path) -> Any:
    tokenizer, t5 = texts.clip_tokenizer(scratch), texts.t5_tokenizer()
    return diffusers.StableDiffusion3Pipeline(
        vae=kl(16, shift=0.1), scheduler=flow(), transformer=sd3_transformer(),
        text_encoder=texts.clip_encoder(tokenizer, projected=True), tokenizer=tokenizer,
        text_encoder_2=texts.clip_encoder(tokenizer, projected=True), tokenizer_2=tokenizer,
        text_encoder_3=texts.t5_encoder(t5, 2 * WIDTH), tokenizer_3=t5,
    )  # fmt: skip


def sd3_transformer() -> Any:
    return diffusers.SD3Transformer2DModel(
        sample_size=32, patch_size=2, in_channels=16, num_layers=2, attention_head_dim=8, num_attention_heads=4,
        joint_attention_dim=2 * WIDTH, caption_projection_dim=32, pooled_projection_dim=2 * WIDTH, out_channels=16,
        pos_embed_max_size=96,
    )  # fmt: skip


def flux(scratch: Path) -> Any:
    tokenizer, t5 = texts.clip_tokenizer(scratch), texts.t5_tokenizer()
    transformer = diffusers.FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH, axes_dims_rope=(4, 4, 8), guidance_embeds=True,
    )  # fmt: skip
    return diffusers.FluxPipeline(
        vae=kl(4, shift=0.1), scheduler=flow(), transformer=transformer, tokenizer=tokenizer, tokenizer_2=t5,
        text_encoder=texts.clip_encoder(tokenizer), text_encoder_2=texts.t5_encoder(t5),
    )  # fmt: skip


def qwen_image(_: Path) -> Any:
    tokenizer = texts.qwen_tokenizer()
    vae = diffusers.AutoencoderKLQwenImage(
        base_dim=8, z_dim=4, dim_mult=[1, 2, 2, 2], num_res_blocks=1, temperal_downsample=[False, True, True],
        latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    )  # fmt: skip
    transformer = diffusers.QwenImageTransformer2DModel(
        patch_size=2, in_channels=16, out_channels=4, num_layers=2, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=WIDTH, axes_dims_rope=(4, 6, 6),
    )  # fmt: skip
    return diffusers.QwenImagePipeline(
        scheduler=flow(), vae=vae, text_encoder=texts.qwen_encoder(tokenizer), tokenizer=tokenizer,
        transformer=transformer,
    )  # fmt: skip


def upscaler(scratch: Path) -> Any:
    """The four-fold one of Stable Diffusion: its autoencoder halves twice, its U-Net sees the small picture too."""
    tokenizer = texts.clip_tokenizer(scratch)
    vae = diffusers.AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, block_out_channels=(8, 8, 16), layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3, norm_num_groups=4,
        force_upcast=False, scaling_factor=0.08333,
    )  # fmt: skip
    return diffusers.StableDiffusionUpscalePipeline(
        vae=vae, text_encoder=texts.clip_encoder(tokenizer), tokenizer=tokenizer,
        unet=unet(in_channels=7, num_class_embeds=1000), low_res_scheduler=diffusers.DDPMScheduler(),
        scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False), max_noise_level=350,
    )  # fmt: skip


MADE = {"sd15": sd15, "sdxl": sdxl, "sd3": sd3, "flux": flux, "qwen-image": qwen_image}


def saved(name: str, folder: Path) -> Path:
    """The family's pipeline as a folder, the same each time."""
    folder.mkdir(parents=True)
    torch.manual_seed(7)
    made = upscaler(folder) if name == "x4" else MADE[name](folder)
    made.save_pretrained(folder, safe_serialization=True)
    for stray in ("vocab.json", "merges.txt"):
        (folder / stray).unlink(missing_ok=True)
    return folder
