"""In which language, and with which words, does a page speak? The reader's by Accept-Language; texts in templates/texts.toml."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request

FILE = Path(__file__).parent / "templates" / "texts.toml"
VARY = {"Vary": "Accept-Language"}


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text())


def language_of(request: Request) -> str:
    """The language of ours that the reader likes best; English where there is none."""
    return next((tag for tag in liked_by(request) if tag in catalogue()), "en")


def liked_by(request: Request) -> list[str]:
    """The languages that the reader's browser asks for, best first."""
    liked = [_weighed(part) for part in request.headers.get("accept-language", "").split(",")[:20]]
    return [tag for weight, tag in sorted(liked, key=lambda one: -one[0]) if weight > 0]


def _weighed(part: str) -> tuple[float, str]:
    """The weight and the language of one part of the header (RFC 9110 section 12.5.4); weight 0 for what is malformed."""
    tag, _, weight = part.partition(";")
    try:
        return float(weight.strip().removeprefix("q=") or 1), tag.strip().split("-")[0].lower()
    except ValueError:
        return 0.0, ""


class Texts:
    """The words of a page in one language: `t("talk", name="Nova")`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = catalogue()[language]

    def __call__(self, what: str, **slots: str) -> str:
        return str(self._words[what]).format(**slots)

    def of_chat(self, name: str) -> str:
        """What the chat's scripts say, as JSON; slots that they fill themselves stay."""
        words = {
            key: text.replace("{name}", name) if key == "persona" else text for key, text in self._words["chat"].items()
        }
        return json.dumps(words, ensure_ascii=False)

    def of_memory(self, name: str) -> str:
        """What the panel about memory says, as JSON; {day}, {count} and {what} stay for its script."""
        words = {key: text.replace("{name}", name) for key, text in self._words["memory"].items()}
        return json.dumps(words, ensure_ascii=False)
