"""Tokenizers and text encoders: CLIP's, T5's and Qwen's, byte-level so that any text has tokens."""

import json
from pathlib import Path
from typing import Any

import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers.convert_slow_tokenizer import bytes_to_unicode

WIDTH = 32


def clip_tokenizer(folder: Path) -> Any:
    """CLIP's kind, a token a letter."""
    letters = [*bytes_to_unicode().values()]
    words = {word: n for n, word in enumerate([*letters, *(one + "</w>" for one in letters)])}
    words |= {"<|startoftext|>": len(words), "<|endoftext|>": len(words) + 1}
    (folder / "vocab.json").write_text(json.dumps(words))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return transformers.CLIPTokenizer(
        vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), model_max_length=77
    )


def clip_encoder(tokenizer: Any, *, projected: bool = False) -> Any:
    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=37, projection_dim=WIDTH, num_hidden_layers=3,
        num_attention_heads=4, max_position_embeddings=77, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, hidden_act="gelu",
    )  # fmt: skip
    return (transformers.CLIPTextModelWithProjection if projected else transformers.CLIPTextModel)(config)


def t5_tokenizer() -> Any:
    """Byte-level instead of SentencePiece, which learns from texts; the rest is T5's."""
    words = {"<pad>": 0, "</s>": 1, "<unk>": 2} | {one: n + 3 for n, one in enumerate(bytes_to_unicode().values())}
    made = Tokenizer(models.BPE(words, [], unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512
    )


def t5_encoder(tokenizer: Any, width: int = WIDTH) -> Any:
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=width, d_ff=37, d_kv=8, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    return transformers.T5EncoderModel(config)


def qwen_tokenizer() -> Any:
    words = {one: n for n, one in enumerate(bytes_to_unicode().values())}
    words |= {"<|endoftext|>": len(words), "<|im_start|>": len(words) + 1, "<|im_end|>": len(words) + 2}
    made = Tokenizer(models.BPE(words, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    kept = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<|endoftext|>", eos_token="<|im_end|>", model_max_length=4096
    )
    kept.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    return kept


def qwen_encoder(tokenizer: Any) -> Any:
    config = transformers.Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": WIDTH, "intermediate_size": 37, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2,
            "rope_scaling": {"type": "default", "mrope_section": [1, 1, 2], "rope_type": "default"}, "rope_theta": 1e6,
        },
        vision_config={
            "depth": 1, "hidden_size": WIDTH, "intermediate_size": 37, "num_heads": 4, "out_hidden_size": WIDTH,
        },
    )  # fmt: skip
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def vision(kind: str = "clip") -> Any:
    """What an IP-Adapter sees with."""
    if kind == "siglip":
        config = transformers.SiglipVisionConfig(
            hidden_size=WIDTH, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4, image_size=32,
            patch_size=16,
        )  # fmt: skip
        return transformers.SiglipVisionModel(config)
    clip = transformers.CLIPVisionConfig(
        hidden_size=WIDTH, intermediate_size=37, projection_dim=WIDTH, num_hidden_layers=2, num_attention_heads=4,
        image_size=224, patch_size=56,
    )  # fmt: skip
    return transformers.CLIPVisionModelWithProjection(clip)
