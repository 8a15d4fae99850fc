"""LoRAs, ControlNets and IP-Adapters for the tiny pipelines, as their files on a hub are."""

from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers.models.attention_processor import SD3IPAdapterJointAttnProcessor2_0
from diffusers.models.embeddings import ImageProjection, IPAdapterTimeImageProjection
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file

from tests.gpu_worker.tiny import texts

WIDTH = texts.WIDTH
_DENOISER = {"sd15": "unet", "sdxl": "unet", "sd3": "transformer", "flux": "transformer", "qwen-image": "transformer"}


def _stirred(module: Any) -> Any:
    """With all weights random: what is zero at first would change nothing."""
    for held in module.parameters():
        torch.nn.init.normal_(held, std=0.3)
    return module.eval()


def lora(family: str, pipe: Any, folder: Path, seed: int = 1) -> Path:
    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    part = _DENOISER[family]
    denoiser = getattr(pipe, part)
    denoiser.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=["to_q", "to_k", "to_v"]), adapter_name="made")
    for name, held in denoiser.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(held, std=0.5)
    layers = get_peft_model_state_dict(denoiser, adapter_name="made")
    type(pipe).save_lora_weights(folder, **{f"{part}_lora_layers": layers}, weight_name="made.safetensors")
    pipe.delete_adapters("made")
    return folder


def controlnet(family: str, pipe: Any, folder: Path) -> Path:
    torch.manual_seed(2)
    if family in ("sd15", "sdxl"):
        net: Any = diffusers.ControlNetModel.from_unet(pipe.unet, conditioning_embedding_out_channels=(8, 8, 16, 16))
    else:
        made_of = {"sd3": "SD3ControlNetModel", "flux": "FluxControlNetModel", "qwen-image": "QwenImageControlNetModel"}
        net = getattr(diffusers, made_of[family]).from_transformer(pipe.transformer, **_FROM[family])
    _stirred(net).save_pretrained(folder, safe_serialization=True)
    return folder


_FROM: dict[str, dict[str, Any]] = {
    "sd3": {"num_layers": 1, "num_extra_conditioning_channels": 0},
    "flux": {"num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16, "num_attention_heads": 2},
    "qwen-image": {"num_layers": 1, "attention_head_dim": 16, "num_attention_heads": 2},
}


def ip_adapter(family: str, pipe: Any, folder: Path) -> Path:
    folder.mkdir(parents=True)
    torch.manual_seed(3)
    made_for = {"flux": _for_flux, "sd3": _for_sd3}.get(family, _for_unet)
    weights = made_for(getattr(pipe, _DENOISER[family]))
    save_file({name: held.contiguous() for name, held in weights.items()}, folder / "ip-adapter.safetensors")
    texts.vision("siglip" if family == "sd3" else "clip").save_pretrained(
        folder / "image_encoder", safe_serialization=True
    )
    if family == "sd3":
        transformers.SiglipImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder / "image_encoder")
    return folder


def _projection(width: int) -> dict[str, torch.Tensor]:
    made = _stirred(ImageProjection(cross_attention_dim=width, image_embed_dim=WIDTH, num_image_text_embeds=4))
    names = {"image_embeds.": "proj.", "norm.": "norm."}
    return {
        f"image_proj.{names[begin]}{name.removeprefix(begin)}": held.detach()
        for name, held in made.state_dict().items() for begin in names if name.startswith(begin)
    }  # fmt: skip


def _for_sd3(transformer: Any) -> dict[str, torch.Tensor]:
    inner, timed = transformer.config.num_attention_heads * transformer.config.attention_head_dim, 64
    seen: Any = IPAdapterTimeImageProjection(
        embed_dim=WIDTH, output_dim=inner, hidden_dim=timed, heads=1, num_queries=4, timestep_in_dim=8
    )
    weights = {f"image_proj.{name}": held for name, held in _stirred(seen).state_dict().items()}
    for block in range(len(transformer.attn_processors)):
        one = SD3IPAdapterJointAttnProcessor2_0(inner, inner, transformer.config.attention_head_dim, timed)
        weights |= {f"ip_adapter.{block}.{name}": held for name, held in _stirred(one).state_dict().items()}
    return weights


def _for_unet(unet: Any) -> dict[str, torch.Tensor]:
    width = unet.config.cross_attention_dim
    weights, key = _projection(width), 1
    for name in unet.attn_processors:
        if name.endswith("attn1.processor"):
            continue
        heads = unet.get_submodule(name.removesuffix(".processor"))
        for what in ("to_k_ip", "to_v_ip"):
            weights[f"ip_adapter.{key}.{what}.weight"] = torch.randn(heads.to_q.out_features, width) * 0.5
        key += 2
    return weights


def _for_flux(transformer: Any) -> dict[str, torch.Tensor]:
    width = transformer.config.joint_attention_dim
    inner = transformer.config.num_attention_heads * transformer.config.attention_head_dim
    weights = _projection(width)
    for block in range(transformer.config.num_layers):
        for what in ("to_k_ip", "to_v_ip"):
            weights[f"ip_adapter.{block}.{what}.weight"] = torch.randn(inner, width) * 0.5
            weights[f"ip_adapter.{block}.{what}.bias"] = torch.zeros(inner)
    return weights
