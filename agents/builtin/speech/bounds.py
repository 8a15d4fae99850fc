"""What does a persona decline? What the patterns find, what its own card keeps away from, and how it goes on."""

import re

from agents.builtin.speech.hearing import Heard
from agents.builtin.speech.scene import Scene, lower_first
from agents.builtin.speech.words import stems

_PLAIN_RULE = re.compile(r"\bAI\b|flirt|KI\b", re.IGNORECASE)  # what other answers keep already
_GENERAL = stems("safe medical legal advice anybody people somebody trained expert light friendly open")


def declined(scene: Scene, heard: Heard) -> str:
    """The answer to what is out of bounds; "" when nothing is."""
    if heard.bounds:
        return scene.either(f"decline_{heard.bounds[0]}")
    boundary = _touched(scene) if heard.asks else ""
    return scene.either("decline_boundary", boundary=boundary) if boundary else ""


def _touched(scene: Scene) -> str:
    """The boundary of the card that the fan's words touch by two of its own words."""
    asked = stems(scene.said)
    for boundary in scene.me.boundaries:
        common = asked & stems(boundary)
        if len(common) >= 2 and common - _GENERAL and not _PLAIN_RULE.search(boundary):
            return lower_first(re.split(r"[;.]", boundary)[0])
    return ""


def married(scene: Scene) -> bool:
    """Whether the card says that the persona is with somebody."""
    return (
        re.search(
            r"\b(?:married|wife|husband|engaged|verheiratet)\b", " ".join([scene.me.backstory, *scene.me.boundaries])
        )
        is not None
    )


def young(scene: Scene) -> bool:
    """Whether the fan told an age under 18."""
    ages = [fact["value"] for fact in scene.facts if fact["kind"] == "age" and not fact["subject"]]
    ages += [fact.value for fact in scene.new_facts if fact.kind == "age" and not fact.subject]
    return any(age.isdigit() and int(age) < 18 for age in ages)
