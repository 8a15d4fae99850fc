"""Which models are shown pictures, and what the others are told."""

import pytest
from langchain_core.messages import HumanMessage

from agents.sight import as_seen_by, pictures_in, sees
from gator.settings import Settings

SEEING = [
    "openai:gpt-4o", "openai:gpt-4o-mini-2024-07-18", "openai:gpt-4.1-nano", "openai:gpt-5.4", "openai:o4-mini",
    "openai:o3", "openai:Qwen/Qwen2.5-VL-7B-Instruct", "anthropic:claude-sonnet-4-6", "anthropic:claude-3-haiku-20240307",
    "ollama:llava:13b", "ollama:gemma3:4b", "ollama:llama3.2-vision", "ollama:qwen3-vl:8b",
]  # fmt: skip
BLIND = [
    "builtin", "openai:gpt-3.5-turbo", "openai:gpt-4", "openai:o3-mini", "openai:gpt-4o-audio-preview",
    "openai:mistral-7b", "anthropic:claude-2.1", "ollama:llama3.2", "ollama:gemma3:1b", "ollama:qwen3:8b",
]  # fmt: skip


@pytest.mark.parametrize(("name", "does"), [(name, True) for name in SEEING] + [(name, False) for name in BLIND])
def test_models_that_see_are_known_by_name(name: str, does: bool) -> None:
    assert sees(name, Settings()) is does


def test_the_setting_is_asked_before_the_name() -> None:
    assert sees("openai:house-model", Settings(sees="yes"))
    assert not sees("openai:gpt-4o", Settings(sees="no"))
    assert not sees("builtin", Settings(sees="yes"))


def test_a_model_that_does_not_see_is_sent_words_only() -> None:
    shown = HumanMessage(
        [{"type": "text", "text": "look!"}, {"type": "image", "base64": "AAAA", "mime_type": "image/jpeg"}], id="m"
    )
    assert pictures_in(shown) == 1
    (kept,) = as_seen_by("openai:gpt-4o", [shown], Settings())
    assert kept is shown
    (told,) = as_seen_by("ollama:llama3.2", [shown], Settings())
    assert (told.content, told.id) == ("look!\n(You cannot see pictures.)", "m")
