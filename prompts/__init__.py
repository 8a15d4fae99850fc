"""What do we say to a model, and who are the starter personas? Text and data; `load` and `starter_personas` read them."""

from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> str:
    """The text of `prompts/<name>.md` without its first line, which says who reads it and what fills its {slots}."""
    _about, _, text = files("prompts").joinpath(f"{name}.md").read_text("utf-8").partition("\n")
    return text.strip()


def starter_personas() -> list[dict[str, Any]]:
    """The characters that a new workspace begins with, each as `tools.personas.character.Character` has it."""
    import yaml

    found = sorted(files("prompts").joinpath("personas").iterdir(), key=lambda file: file.name)
    return [yaml.safe_load(file.read_text("utf-8")) for file in found if file.name.endswith(".yaml")]
