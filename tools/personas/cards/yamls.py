"""How do we write a character ourselves? As YAML with the fields of Character, nothing lost."""

from typing import Any

import yaml

from gator.errors import Refused
from tools.personas.cards.limits import MAX_YAML, MIB
from tools.personas.character import Character


class _Loader(yaml.SafeLoader):
    """Safe, and without aliases: nested ones unfold to more than memory holds."""

    def compose_node(self, parent: yaml.nodes.Node | None, index: int) -> yaml.nodes.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise Refused("The file uses YAML aliases.", remedy="Write the repeated part out.")
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    """Safe, prose as a block, and no text changed: PyYAML writes some line breaks of Unicode so that it reads others back."""


def _text(dumper: _Dumper, text: str) -> yaml.nodes.ScalarNode:
    if any(mark in text for mark in "\x85\u2028\u2029\ufeff"):
        style: str | None = '"'
    else:
        style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def parse(raw: bytes) -> dict[str, Any] | None:
    """The mapping in it; None when it is something else. Raises Refused when it is too large or no YAML."""
    if len(raw) > MAX_YAML:
        raise Refused(f"The file is longer than {MAX_YAML // MIB} MiB.", remedy="A character in YAML is far shorter.")
    try:
        found = yaml.load(raw.decode("utf-8-sig"), _Loader)  # noqa: S506  # a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as broken:
        raise Refused(
            "This is no character card and no YAML either.", remedy="Choose a JSON, PNG, CharX or YAML card."
        ) from broken
    return found if isinstance(found, dict) else None


def write(character: Character) -> str:
    data = character.model_dump(mode="json")
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    return text
