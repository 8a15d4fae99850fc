"""Who is asking? Made by a channel, a token or a schedule before any model runs; never by a model's argument."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    operator = "operator"
    fan = "fan"
    loop = "loop"
    admin = "admin"
    service = "service"


@dataclass(frozen=True, slots=True)
class Principal:
    """One who acts. `subject` is a user id, a fan id or a loop's name; `persona` is the id of whom a fan talks with."""

    workspace: str
    kind: Kind
    subject: str
    roles: frozenset[str] = field(default_factory=frozenset)
    persona: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


def service(workspace: str, name: str) -> Principal:
    """Gator itself at work: the worker, the scheduler, a migration."""
    return Principal(workspace, Kind.service, name)
