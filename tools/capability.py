"""What is a capability? A plain typed async function with an audience and an effect; every door goes through it.

Write one as `async def verb_noun(ask: Shape, turn: Turn) -> Shape`, add it to `tools.catalogue`, and its doors follow:
the agents' tools, REST, the CLI. The contract all of them keep:

- who asks comes from `turn.principal`, never from `ask`; no shape has a field for a workspace, a user, a fan or a price;
- things are named as people name them (a persona's name, "last") and found only among what the principal may see;
- what it changes, it changes in `turn.open_work()`, under `turn.key(ask)` where doing it twice would show;
- it raises gator.errors and nothing else that it can foresee.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict

from gator.errors import Forbidden
from gator.principal import Kind, Principal
from gator.settings import Settings
from memory.repositories.spending import Bill, Cap
from memory.store import Store
from memory.work import Work


class Effect(StrEnum):
    """What a capability does to the world. All after `write` wait for a person when a model asks."""

    read = "read"
    write = "write"
    publish = "publish"
    money = "money"
    infra = "infra"
    destroy = "destroy"  # what nothing here brings back


GATED = frozenset({Effect.publish, Effect.money, Effect.infra, Effect.destroy})


class Shape(BaseModel):
    """What a capability takes or gives. Unknown fields are refused: a model that invents one learns so."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Shape):
    """For capabilities that need not be told anything."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The runtime context of one answer: who asks, where, and what the rooms below need from those above."""

    principal: Principal
    store: Store
    settings: Settings
    id: str
    conversation: str | None = None
    zone: str = "UTC"  # of the person who asks
    language: str = "en"  # of what a person reads: what a yes is asked for, why nothing came
    # Hands a brief to a persona, who writes in their own voice: (persona id, brief) -> text. Agents fill it in.
    ask_persona: Callable[[str, str], Awaitable[str]] | None = None
    approval: str | None = None  # id of the person's yes to this very call
    arguments_hash: str = ""
    cap: Cap | None = None  # what the fan may cost in a day
    # What models cost is kept here, where whoever closes the turn writes it down; None: it is written down at once.
    bills: list[Bill] | None = None

    @asynccontextmanager
    async def open_work(self, *, reads: bool = False) -> AsyncIterator[Work]:
        """One transaction. Where the call needed a person's yes, it is spent in the same transaction, once."""
        async with self.store.open_work(self.principal, reads=reads) as work:
            if self.approval and not reads and not await work.approvals.use(self.approval, self.arguments_hash):
                raise Forbidden("The approval does not fit this call, or was used already.", remedy="Ask again.")
            yield work

    def key(self, ask: BaseModel) -> str:
        """The idempotency key of this request: the same request twice in a turn is one."""
        return f"{self.id}:{digest(type(ask).__name__, ask)[:32]}"

    def with_approval(self, id: str, arguments_hash: str) -> "Turn":
        return replace(self, approval=id, arguments_hash=arguments_hash)


def digest(name: str, ask: BaseModel) -> str:
    """SHA-256 of a capability's name and its exact arguments."""
    return hashlib.sha256(orjson.dumps([name, ask.model_dump(mode="json")], option=orjson.OPT_SORT_KEYS)).hexdigest()


Function = Callable[[Any, Turn], Awaitable[BaseModel]]
# What a person approves: the arguments made exact ("last" by now means one id) and in words, checked against what there
# is. Raises as the function itself would.
Preview = Callable[[Any, Turn], Awaitable[tuple[BaseModel, str]]]


@dataclass(frozen=True, slots=True)
class Capability:
    """A capability as its doors see it."""

    name: str
    function: Function
    asks: type[BaseModel]
    gives: type[BaseModel]
    audience: frozenset[Kind]
    effect: Effect
    outside: bool  # its answer holds words of strangers (feeds, pages, fans): labelled, never an instruction
    preview: Preview | None

    @property
    def description(self) -> str:
        return (self.function.__doc__ or "").strip()

    @property
    def gated(self) -> bool:
        return self.effect in GATED

    async def __call__(self, ask: BaseModel, turn: Turn) -> BaseModel:
        """Carry it out. Raises Forbidden for a principal outside its audience, whatever door let them in."""
        if turn.principal.kind not in self.audience:
            raise Forbidden(f"{self.name} is not for a {turn.principal.kind}.")
        return await self.function(ask, turn)


def capability(
    *,
    audience: set[Kind],
    effect: Effect,
    outside: bool = False,
    preview: Preview | None = None,
) -> Callable[[Callable[[Any, Turn], Awaitable[Any]]], Capability]:
    """Make a typed function a capability; its shapes are read from its annotations."""

    def wrap(function: Callable[[Any, Turn], Awaitable[Any]]) -> Capability:
        hints = get_type_hints(function)
        return Capability(
            name=function.__name__,
            function=function,
            asks=hints["ask"],
            gives=hints["return"],
            audience=frozenset(audience),
            effect=effect,
            outside=outside,
            preview=preview,
        )

    return wrap


# Whoever runs Gator: an operator in chat, an admin over REST, a loop under its leash.
STAFF = {Kind.operator, Kind.admin, Kind.loop}
