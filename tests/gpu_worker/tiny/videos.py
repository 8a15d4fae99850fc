"""Pipelines of the video families, as their folders on a hub are. `-i2v` begins from a picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from tests.gpu_worker.tiny import texts
from tests.gpu_worker.tiny.pipelines import flow

WIDTH = texts.WIDTH


def umt5(tokenizer: Any) -> Any:
    config = transformers.UMT5Config(
        vocab_size=len(tokenizer), d_model=WIDTH, d_ff=37, d_kv=8, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    return transformers.UMT5EncoderModel(config)


def wan(*, pictured: bool = False) -> Any:
    t5 = texts.t5_tokenizer()
    vae = diffusers.AutoencoderKLWan(
        base_dim=8, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True],
        latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    )  # fmt: skip
    transformer = diffusers.WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=12 if pictured else 4,
        out_channels=4, text_dim=WIDTH, freq_dim=16, ffn_dim=32, num_layers=2, rope_max_seq_len=64,
        image_dim=WIDTH if pictured else None, added_kv_proj_dim=24 if pictured else None,
    )  # fmt: skip
    told: dict[str, Any] = {
        "tokenizer": t5, "text_encoder": umt5(t5), "vae": vae, "scheduler": flow(), "transformer": transformer,
    }  # fmt: skip
    if not pictured:
        return diffusers.WanPipeline(**told)
    seer = transformers.CLIPVisionModel(texts.vision().config)
    return diffusers.WanImageToVideoPipeline(
        **told, image_encoder=seer, image_processor=transformers.CLIPImageProcessor(crop_size=224, size=224)
    )


def ltx() -> Any:
    t5 = texts.t5_tokenizer()
    vae = diffusers.AutoencoderKLLTXVideo(
        latent_channels=8, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
    )  # fmt: skip
    transformer = diffusers.LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, num_attention_heads=4, attention_head_dim=8, cross_attention_dim=32, num_layers=1,
        caption_channels=WIDTH,
    )  # fmt: skip
    return diffusers.LTXPipeline(
        scheduler=flow(), vae=vae, text_encoder=texts.t5_encoder(t5), tokenizer=t5, transformer=transformer
    )


def cogvideox(*, pictured: bool = False) -> Any:
    t5 = texts.t5_tokenizer()
    vae = diffusers.AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8), latent_channels=4, layers_per_block=1, norm_num_groups=2,
        temporal_compression_ratio=4, sample_height=32, sample_width=48,
    )  # fmt: skip
    transformer = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=8 if pictured else 4, out_channels=4, time_embed_dim=2,
        text_embed_dim=WIDTH, num_layers=1, sample_width=6, sample_height=4, sample_frames=9, patch_size=2,
        max_text_seq_length=226, use_rotary_positional_embeddings=pictured,
        use_learned_positional_embeddings=pictured,
    )  # fmt: skip
    made_of = diffusers.CogVideoXImageToVideoPipeline if pictured else diffusers.CogVideoXPipeline
    return made_of(
        tokenizer=t5, text_encoder=texts.t5_encoder(t5), vae=vae, transformer=transformer,
        scheduler=diffusers.CogVideoXDDIMScheduler(),
    )  # fmt: skip


def svd() -> Any:
    unet = diffusers.UNetSpatioTemporalConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, sample_size=8, in_channels=8, out_channels=4, num_frames=6,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"), cross_attention_dim=WIDTH,
        num_attention_heads=(2, 4), addition_time_embed_dim=8, projection_class_embeddings_input_dim=24,
    )  # fmt: skip
    vae = diffusers.AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 32, 32, 32), down_block_types=("DownEncoderBlock2D",) * 4, latent_channels=4,
        layers_per_block=1,
    )  # fmt: skip
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, interpolation_type="linear",
        prediction_type="v_prediction", sigma_max=700.0, sigma_min=0.002, timestep_type="continuous",
        use_karras_sigmas=True, timestep_spacing="leading",
    )  # fmt: skip
    return diffusers.StableVideoDiffusionPipeline(
        vae=vae, image_encoder=texts.vision(), unet=unet, scheduler=scheduler,
        feature_extractor=transformers.CLIPImageProcessor(crop_size=224, size=224),
    )  # fmt: skip


def saved(name: str, folder: Path) -> Path:
    """The pipeline as a folder, the same each time."""
    family, _, pictured = name.partition("-")
    torch.manual_seed(7)
    made: dict[str, Callable[..., Any]] = {"wan": wan, "ltx": ltx, "cogvideox": cogvideox, "svd": svd}
    pipe = made[family](pictured=True) if pictured else made[family]()
    pipe.save_pretrained(folder, safe_serialization=True)
    return folder
