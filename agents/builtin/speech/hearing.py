"""What does a fan do with words? Acts, feelings, questions and what is out of bounds: patterns of prompts/builtin/hearing.toml."""

import re
from dataclasses import dataclass
from functools import cache

from agents.builtin.speech import phrases
from agents.builtin.speech.scene import Scene
from agents.care import disclosure

_ASKS = re.compile(
    r"^(?:and |so |but |ok |okay |hey |hi |well |please |und |also |aber )*(?:who|whos|what|whats|when|whens|where|wheres|why|how|hows|which|"
    r"whose|is|are|do|does|did|can|could|would|will|have|has|should|shall|may|am|was|were|tell me|explain|define|translate|calculate|solve|"
    r"wer|was|wann|wo|woher|wohin|warum|wieso|wie|welche\w*|wem|wen|ist|sind|hast|hat|kannst|kann|weisst|bist|magst|erklar\w*|ubersetz\w*)\b"
)


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
    return Heard(
        _found("bounds", text),
        _found("acts", text),
        _found("feelings", text),
        _found("asks_me", text),
        disclosure.asks_if_ai(scene.said),
        "?" in scene.said or _ASKS.match(text) is not None,
    )


def _found(section: str, text: str) -> list[str]:
    return [name for name, patterns in _patterns(section).items() if any(one.search(text) for one in patterns)]


@cache
def _patterns(section: str) -> dict[str, tuple["re.Pattern[str]", ...]]:
    return {name: tuple(map(re.compile, lines)) for name, lines in phrases.load("hearing")[section].items()}
