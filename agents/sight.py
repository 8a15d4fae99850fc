"""Does this model see? By its name, and GATOR_SEES; a model that does not is never sent a picture."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gator.settings import Settings

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# Families by the names under which they are published. What is not listed is taken for blind: a picture would be an error to it.
_SEEING = {
    "openai": r"gpt-4o(?!.*(?:audio|transcribe|tts|realtime))|gpt-4\.[15]|gpt-4-turbo|gpt-5|chatgpt-4o|o1(?!-mini|-preview)"
    r"|o3(?!-mini)|o4",
    "anthropic": r"claude-(?:3|opus|sonnet|haiku)",
}
# Open weights that see, served by Ollama or behind an OpenAI-compatible address.
_OPEN = (
    r"llava|bakllava|moondream|minicpm-v|pixtral|llama-?3\.2-vision|llama-?4|gemma-?3(?!.*\b(?:270m|1b)\b)"
    r"|qwen-?[23](?:\.\d)?-?vl|granite3\.2-vision|mistral-small-?3\.[12]|internvl|.*\bvision\b"
)


def sees(name: str, settings: Settings) -> bool:
    """Whether the model `provider:name` is shown pictures."""
    provider, _, model = name.partition(":")
    if provider == "builtin" or settings.sees == "no":
        return False
    if settings.sees == "yes":
        return True
    bare = model.rpartition("/")[2].lower()
    return any(re.match(known, bare) for known in (_SEEING.get(provider, "$^"), _OPEN))


def as_seen_by(name: str, messages: "Sequence[BaseMessage]", settings: Settings) -> "list[BaseMessage]":
    """The messages as that model can take them: without sight, pictures are gone and said to be."""
    if sees(name, settings):
        return list(messages)
    return [_in_words(message) if pictures_in(message) else message for message in messages]


def pictures_in(message: "BaseMessage") -> int:
    """How many pictures a message shows."""
    content = message.content
    if isinstance(content, str):
        return 0
    return sum(1 for block in content if isinstance(block, dict) and block.get("type") == "image")


def _in_words(message: "BaseMessage") -> "BaseMessage":
    return message.model_copy(update={"content": f"{message.text}\n(You cannot see pictures.)"})
