"""What does Gator itself say in a conversation? Short texts by language, from prompts/words.toml."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("prompts") / "words.toml").read_text())


def say(what: str, language: str, **slots: str) -> str:
    """The text in that language, or in English where it has none."""
    texts = _catalogue().get(language.split("-")[0].lower(), {})
    return (texts.get(what) or _catalogue()["en"][what]).format(**slots)
