"""A fan who talks with a persona on the built-in model alone: what the graph would hand over, kept in memory."""

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agents.builtin.persona import speak
from memory.facts import SINGLE, extract
from prompts import starter_personas
from tools.personas import lorebook
from tools.personas.character import Character

STARTERS = [Character.model_validate(one) for one in starter_personas()]
NOW = "2026-05-03T10:15+00:00"
WINDOW = 20


class Talk:
    """One conversation; facts are learned as the vault learns them, after the reply."""

    def __init__(self, me: Character, *, name: str = "", told: bool = True) -> None:
        self.me, self.name, self.told = me, name, told
        self.messages: list[BaseMessage] = []
        self.facts: list[dict[str, Any]] = []
        self.memories: list[dict[str, Any]] = []
        self.episodes: list[dict[str, Any]] = []
        self.posts: list[dict[str, Any]] = []
        self._timers: dict[str, Any] = {}

    def say(self, text: str) -> str:
        """The persona's reply to the fan's words."""
        self.messages.append(HumanMessage(text, id=str(len(self.messages))))
        reply = speak(self.context(), self.messages[-WINDOW:])
        self.messages.append(AIMessage(reply, id=str(len(self.messages))))
        self.told = True
        self._learn(text)
        return reply

    def context(self) -> dict[str, Any]:
        window = [str(message.text) for message in self.messages[-WINDOW:]]
        lore = lorebook.activate(self.me.lorebook, window, self._timers, len(window))
        self._timers = lore.timers
        return {
            "kind": "persona",
            "task": "reply",
            "character": self.me.model_dump(mode="json", exclude={"lorebook"}),
            "fan": {"name": self.name, "facts": self.facts, "memories": self.memories, "episodes": self.episodes},
            "summary": "",
            "lore": lore.texts,
            "posts": self.posts,
            "brief": None,
            "now": NOW,
            "language": self.me.language,
            "told": self.told,
        }

    def _learn(self, text: str) -> None:
        for fact in extract(text):
            replaced = fact.ends or fact.kind in SINGLE
            self.facts = [
                one
                for one in self.facts
                if not (replaced and (one["kind"], one["subject"]) == (fact.kind, fact.subject))
            ]
            if not fact.ends:
                self.facts.append(a_fact(fact.kind, fact.value, fact.subject, fact.quote))


def a_fact(kind: str, value: str, subject: str = "", quote: str = "") -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "value": value, "quote": quote or value}


def written(
    me: Character, about: str, kind: str = "post", length: str = "short", story: dict[str, str] | None = None
) -> str:
    """What the persona writes for their operator."""
    context = Talk(me).context() | {"task": "write", "lore": []}
    context["brief"] = {"kind": kind, "about": about, "length": length, "story": story}
    return speak(context, [HumanMessage("Write it now.")])
