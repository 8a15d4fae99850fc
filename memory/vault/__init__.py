"""What does a persona know of one fan? Opened by a key (workspace, persona, fan) and nothing else.

This is the only package that touches the models of a vault (tests/memory/test_vault.py walks the tree). What a fan
said stays a quotation: it is recalled, never obeyed. A part a file: facts, what was said, forgetting. Facts are found
by `memory.facts`, recalled by `memory.recall`; what is known across a persona lies in `memory.knowledge`.
"""

from functools import cached_property

from gator.errors import Forbidden
from gator.principal import Kind
from memory.vault.choices import Choice
from memory.vault.episodes import EpisodeFound, Episodes, Sitting
from memory.vault.facts import Facts, FactShown
from memory.vault.forgetting import Forgetting
from memory.vault.key import VaultKey
from memory.vault.own_words import OwnWords
from memory.vault.pages import Pages
from memory.vault.said import Memory, Said
from memory.vault.telling import EpisodeShown, OwnWordShown, Telling
from memory.work import Work

__all__ = [
    "EpisodeFound",
    "EpisodeShown",
    "FactShown",
    "Memory",
    "OwnWordShown",
    "Sitting",
    "Vault",
    "VaultKey",
    "open_vault",
]


class Vault:
    """One fan's memory with one persona, inside a unit of work."""

    def __init__(self, work: Work, key: VaultKey, model: str) -> None:
        self._work = work
        self._model = model
        self.key = key

    @cached_property
    def facts(self) -> Facts:
        return Facts(self._work.session, self.key)

    @cached_property
    def said(self) -> Said:
        return Said(self._work.session, self.key, self._model)

    @cached_property
    def pages(self) -> Pages:
        return Pages(self._work.session, self.key, self._model)

    @cached_property
    def episodes(self) -> Episodes:
        return Episodes(self._work.session, self.key, self._model)

    @cached_property
    def forget(self) -> Forgetting:
        return Forgetting(self._work.session, self.key)

    @cached_property
    def choice(self) -> Choice:
        return Choice(self._work.session, self.key)

    @cached_property
    def own_words(self) -> OwnWords:
        return OwnWords(self._work.session, self.key)

    @cached_property
    def telling(self) -> Telling:
        return Telling(self._work.session, self.key)


def open_vault(work: Work, key: VaultKey, model: str | None = None) -> Vault:
    """The vault of that key. `model` names the embedder of the vectors it is given (default: this process's).

    Raises Forbidden for a key of another workspace, and to a fan for any key but their own with their own persona.
    """
    who = work.principal
    theirs = who.kind is not Kind.fan or (who.subject == key.fan and who.persona == key.persona)
    if who.workspace != key.workspace or not theirs:
        raise Forbidden("That memory is somebody else's.")
    if model is None:
        from memory.embedding import embedder

        model = embedder().name
    return Vault(work, key, model)
