"""What do "it", "that picture", "both" and "the top story" stand for? Handles in a plan, looked up when a step is due.

A plan is made before anything is done, so an argument may be the result of an earlier step. Results of this turn come
before what earlier turns left behind. Neighbours: desk (where plans are made), carrying (where they are carried out).
"""

import re
from dataclasses import dataclass, field
from typing import Any


class Missing(Exception):
    """What a handle points at is not there; the message says so in a sentence."""


@dataclass(slots=True)
class World:
    """What is known when a step is due: the results of this turn's steps, and the context."""

    context: dict[str, Any]
    results: dict[int, dict[str, Any]] = field(default_factory=dict)  # by step
    tools: dict[int, str] = field(default_factory=dict)

    def stories(self) -> list[dict[str, Any]]:
        """Stories last shown, best first."""
        for step in sorted(self.results, reverse=True):
            if self.tools.get(step) == "read_feeds":
                return list(self.results[step].get("stories") or [])
        return list(self.context.get("stories") or [])


@dataclass(frozen=True, slots=True)
class Made:
    """A field of what an earlier step gave."""

    step: int
    name: str = "asset"
    otherwise: str = ""

    def look_up(self, world: World) -> Any:
        value = world.results.get(self.step, {}).get(self.name) or self.otherwise
        if value in (None, ""):
            raise Missing("An earlier step gave nothing that I could use here.")
        return value


@dataclass(frozen=True, slots=True)
class Story:
    """A story by its place in what was last shown, or by its words."""

    place: int = 1
    words: str = ""
    name: str = "id"

    def look_up(self, world: World) -> Any:
        stories = world.stories()
        if self.words:
            stories = [story for story in stories if matches(self.words, str(story.get("title", "")))]
            if not stories:
                raise Missing(f"I found no story about {self.words}.")
        if not stories:
            raise Missing("There are no stories yet: add a feed and read it first.")
        place = self.place - 1 if self.place > 0 else len(stories) + self.place
        if not 0 <= place < len(stories):
            raise Missing(f"There {'is only one story' if len(stories) == 1 else f'are only {len(stories)} stories'}.")
        story = stories[place]
        if self.name == "spoken":
            summary = str(story.get("summary") or "").strip()
            title = str(story.get("title", "")).strip()
            joined = title if title.endswith((".", "!", "?", "…")) else f"{title}."
            return f"{joined} {summary}" if summary and summary != title else title
        return story.get(self.name) or ""


Handle = Made | Story


def matches(words: str, title: str) -> bool:
    """Whether a title is the one meant by some words."""
    from rapidfuzz import fuzz, utils

    from agents.builtin.lexicon import stem

    wanted = {
        stem(word)
        for word in re.findall(r"\w+", words.lower())
        if len(word) > 2 and word not in ("the", "and", "about", "for")
    }
    there = {stem(word) for word in re.findall(r"\w+", title.lower())}
    if wanted and wanted <= there:
        return True
    return bool(wanted) and fuzz.token_set_ratio(words, title, processor=utils.default_process) >= 85


def settled(value: Any, world: World) -> Any:
    """An argument with its handles replaced by what they stand for. Raises Missing."""
    if isinstance(value, Made | Story):
        return value.look_up(world)
    if isinstance(value, list):
        return [settled(one, world) for one in value]
    if isinstance(value, dict):
        return {name: settled(one, world) for name, one in value.items()}
    return value


def needs(value: Any) -> set[int]:
    """The earlier steps that an argument waits for."""
    if isinstance(value, Made):
        return {value.step}
    if isinstance(value, list):
        return set().union(*(needs(one) for one in value))
    if isinstance(value, dict):
        return set().union(*(needs(one) for one in value.values()))
    return set()
