"""What does a persona say when no language model is configured? One reply, or one text, from its card and the fan's memory.

The way of it lies in `agents.builtin.speech`; the words in `prompts/builtin/`. The same turn gives the same words.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import BaseMessage

from agents.builtin.sent import in_words, unseen
from agents.builtin.speech.conversation import answer
from agents.builtin.speech.phrases import LANGUAGES, plain
from agents.builtin.speech.scene import Scene, pool, set_scene
from agents.builtin.speech.voice import voiced
from agents.builtin.speech.writing import write

TRIES = 6  # seeds tried before a reply that was given already is given again with an opening of its own


def speak(context: dict[str, Any], messages: Sequence[BaseMessage]) -> str:
    """The persona's words: a reply to the fan's newest message, or the text that `context["brief"]` asks for."""
    scene = set_scene(context, in_words(messages))
    if context["task"] == "write":
        from agents.builtin.speech.scripting import script

        brief = context["brief"]
        return script(scene, brief) if brief["kind"] == "script" else write(scene, brief)
    said = _about_what_came(scene, unseen(messages)) or _fresh_reply(scene)
    said = f"{_without_words(scene, context['language'])} {said}".strip()
    return said if context["told"] else f"{said} {scene.either('notice')}"


def _about_what_came(scene: Scene, kind: str) -> str:
    """That there is a picture, and no eyes for it; after the reply to the words that came with it, where there are any."""
    if not kind:
        return ""
    owned = scene.either(f"{kind}_unseen")
    return f"{_fresh_reply(scene)} {owned}" if scene.said else owned


def _without_words(scene: Scene, language: str) -> str:
    """That it has no words in the fan's language: said once, in one that it has."""
    lacking = language[:2].lower() not in LANGUAGES
    told = any(scene.was_said(line) for line in pool(scene.language, "any", "no_words"))
    return scene.either("no_words") if lacking and not told else ""


def _fresh_reply(scene: Scene) -> str:
    """A reply that is none of those in the window."""
    before = {plain(one) for one in scene.earlier}
    said = ""
    for attempt in range(TRIES):
        here = replace(scene, seed=f"{scene.seed}:{attempt}" if attempt else scene.seed)
        said = _reply(here)
        if plain(said) not in before:
            return said
    return f"{scene.either('once_more')} {said}"


def _reply(scene: Scene) -> str:
    return voiced(scene, answer(scene)) or scene.either("okay")
