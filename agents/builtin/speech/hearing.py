"""What does a fan do with words? Acts, feelings, questions, what is out of bounds: by prompts/builtin/hearing.toml."""

import re
from dataclasses import dataclass
from functools import cache

from agents.builtin.speech import phrases
from agents.builtin.speech.scene import Scene
from agents.care import disclosure


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found in the fan's words, each list in the order of the file."""

    bounds: list[str]
    acts: list[str]
    feelings: list[str]
    asks_me: list[str]
    asks_ai: bool
    asks: bool

    def does(self, *acts: str) -> bool:
        return any(act in self.acts for act in acts)


def hear(scene: Scene) -> Heard:
    """All that the patterns find."""
    text = scene.heard
    signs = _signs(scene.said) if not re.search(r"\w", scene.said) else []
    return Heard(
        _found("bounds", text),
        [*_found("acts", text), *signs],
        [*_found("feelings", text), *(sign for sign in signs if sign in phrases.load("hearing")["feelings"])],
        _found("asks_me", text),
        disclosure.asks_if_ai(scene.said),
        "?" in scene.said or phrases.form("question").match(text) is not None,
    )


def _found(section: str, text: str) -> list[str]:
    return [name for name, patterns in _patterns(section).items() if any(one.search(text) for one in patterns)]


def _signs(text: str) -> list[str]:
    """What pictographs say where there are no words."""
    signs: dict[str, str] = phrases.load("hearing")["signs"]
    return [name for name, kinds in signs.items() if set(kinds) & set(text)][:1]


@cache
def _patterns(section: str) -> dict[str, tuple["re.Pattern[str]", ...]]:
    return {name: tuple(map(re.compile, lines)) for name, lines in phrases.load("hearing")[section].items()}
