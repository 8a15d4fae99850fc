"""What must happen before a model is asked? A fan's words, looked at in code: crisis first, then age, then bounds.

Whatever is found here holds though every model is down or hijacked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.care import ages, crisis, disclosure, hints
from memory.models import Fan
from memory.repositories.conversations import Line
from tools.personas.character import Character


@dataclass(frozen=True, slots=True)
class Found:
    """What the fan's words mean for this turn."""

    age_state: str
    reply: str | None = None  # said by code instead of a model's words
    reason: str = ""  # "crisis" or "mature" when `reply` is there, "hint" when `beside` is
    truth: str = ""  # what the reply must say, because the fan sincerely asked
    beside: str = ""  # stands under the reply: help lines, where danger is only guessed

    def add_to(self, text: str) -> str:
        """The reply with the truth in it, and with the help lines under it."""
        told = text if not self.truth or disclosure.admits(text) else f"{self.truth}\n\n{text}"
        return f"{told}\n\n{self.beside}" if self.beside else told

    @property
    def rests(self) -> bool:
        """Whether offers and re-engagement rest from now on."""
        return self.reason in ("crisis", "hint")


def look(
    said: str, fan: Fan, character: Character, region: str, window: Sequence[Line] = (), spoken: str = ""
) -> Found:
    """Look at what a fan said; `region` stands in for a fan's that is unknown. In a crisis nothing else counts.

    The `window`, the latest messages, tells what `said` answers; `spoken` is the language that the fan writes in.
    """
    language = disclosure.language_for(spoken, fan.locale, character.language)
    before = next((line.text for line in reversed(window) if line.author == "persona"), "")
    state = ages.next_state(fan.age_state, ages.signal(said, before))
    found = crisis.check(said, language, fan.region or region)
    if found:
        return Found(state, found.text, "crisis")
    if ages.asks_for_mature(said) and not (ages.may_see(state, "mature") and character.rating == "mature"):
        return Found(state, ages.minor_reply(language), "mature")
    truth = disclosure.answer(character.name, language) if disclosure.asks_if_ai(said) else ""
    return Found(state, truth=truth)


def look_again(found: Found, vector: Any, fan: Fan, character: Character, region: str, spoken: str = "") -> Found:
    """What was found, once the meaning of the fan's words is known too: it may hint at what no rule has heard."""
    if found.reason or not hints.leans(vector):
        return found
    language = disclosure.language_for(spoken, fan.locale, character.language)
    words = hints.beside(language, fan.region or region)
    return replace(found, reason="hint", beside=words)
