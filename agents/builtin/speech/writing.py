"""What does a persona write for publication? A short text on a topic from its card, the topic's and a story's words."""

from typing import Any

from agents.builtin.speech.scene import Scene


def write(scene: Scene, brief: dict[str, Any]) -> str:
    return f"{scene.me.name}: {brief['about']}"
