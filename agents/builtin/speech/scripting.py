"""What does a persona say in a short video? A script from its card, and from the stories found on the topic.

It is written a scene a paragraph, of the same lines as texts are (`writing`), until the words asked for are there or all that
can be said honestly is said: what neither card nor stories hold is asked, never claimed.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from agents.builtin.speech import card, phrases
from agents.builtin.speech.cleaning import tidy, without_emoji
from agents.builtin.speech.scene import Scene
from agents.builtin.speech.voice import voiced
from agents.builtin.speech.words import stems
from agents.builtin.speech.writing import is_grave, quotations, sentence, slots_of, topic_of

# A scene is a row of kinds of sentences, of which `own` is a line of the card or the lore that touches the topic.
_OF_TOPIC = ("own", "thought", "own", "link", "topic_ask", "own", "second", "quirk", "thought", "turn", "link")
_AFTER_STORIES = ("story_thought", "topic_ask", "link")
_LAST = {"topic": "ask signature", "story": "story_ask", "grave": "grave_close"}
_LONGEST_LINE_WORDS = 40
_QUOTED_OF_ONE = 6  # sentences of a single story; of several each gives its first


def script(scene: Scene, brief: dict[str, Any]) -> str:
    """The scenes as paragraphs, of about `brief["words"]` words; fewer where there is no more to say."""
    stories = [brief["story"]] if brief.get("story") else list(brief.get("found") or [])
    topic = topic_of(brief["about"]) or (stories[0]["title"] if stories else scene.me.name)
    seed = "\x1f".join((scene.me.name, "script", topic, str(brief.get("take", 1))))
    scene = replace(scene, seed=seed, said=brief["about"], new_facts=[], used="", mood="firm")
    scene.language = "de" if (brief.get("language") or scene.me.language)[:2] == "de" else "en"
    kind = "topic" if not stories else "grave" if any(map(is_grave, stories)) else "story"
    last = _scene(scene, _LAST[kind], _slots(scene, topic))
    said = _up_to(_scenes(scene, topic, stories, kind), brief["words"] - len(last.split()))
    return "\n\n".join(_spoken(scene, one) for one in [*said, last] if one)


def _scenes(scene: Scene, topic: str, stories: list[dict[str, str]], kind: str) -> Iterator[str]:
    slots = _slots(scene, topic)
    if kind != "grave":
        yield _scene(scene, "open", slots)
    for place, story in enumerate(stories):
        scene.seed += f":{place}"  # so that each is told in its own way
        yield from _of_story(scene, topic, story, kind, _QUOTED_OF_ONE if len(stories) == 1 else 1)
    if kind == "grave":
        yield _scene(scene, "grave", slots)
        return
    for row in _AFTER_STORIES if stories else _OF_TOPIC:
        yield _own_line(scene, topic) if row == "own" else _scene(scene, row, slots)


def _of_story(scene: Scene, topic: str, story: dict[str, str], kind: str, most: int) -> Iterator[str]:
    """Its title and what it says, word for word."""
    slots = _slots(scene, topic, story)
    yield _scene(scene, "headline_grave" if kind == "grave" else "headline", slots)
    for place, told in enumerate(quotations(story)[:most]):
        yield _scene(scene, "gist_more" if place else "gist", slots | {"gist": told})


def _slots(scene: Scene, topic: str, story: dict[str, str] | None = None) -> dict[str, str]:
    """What fills the lines. The card's line among it is not said here, so it is still there to be an own one."""
    used = scene.used
    slots = slots_of(scene, topic, story)
    scene.used = used
    return slots


def _own_line(scene: Scene, topic: str) -> str:
    """Something of its own that touches the topic."""
    said = card.line(scene, stems(topic)) if scene.language == scene.me.language[:2] else ""
    return said if len(said.split()) <= _LONGEST_LINE_WORDS else ""


def _scene(scene: Scene, row: str, slots: dict[str, str]) -> str:
    return " ".join(said for kind in row.split() if (said := sentence(scene, kind, slots)))


def _up_to(scenes: Iterator[str], words: int) -> list[str]:
    """As many as come nearest to that many words; one at least."""
    kept: list[str] = []
    there = 0
    for one in scenes:
        more = len(one.split())
        if kept and there + more / 2 > words:
            break
        if one:
            kept.append(one)
            there += more
    return kept


def _spoken(scene: Scene, text: str) -> str:
    """As it is said aloud: without what only the eye reads."""
    return tidy(re.sub(r"\s+", " ", without_emoji(voiced(scene, phrases.capital(text)))))
