"""Who is asking? Made by a channel, a token or a schedule before any model runs; never by a model's argument."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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

    def as_data(self) -> dict[str, Any]:
        """As rows keep it, so that a turn goes on after a restart on behalf of the same one."""
        return {
            "workspace": self.workspace,
            "kind": self.kind.value,
            "subject": self.subject,
            "roles": sorted(self.roles),
            "persona": self.persona,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Principal":
        return cls(data["workspace"], Kind(data["kind"]), data["subject"], frozenset(data["roles"]), data["persona"])

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}"


def service(workspace: str, name: str) -> Principal:
    """Gator itself at work: the worker, the scheduler, a migration."""
    return Principal(workspace, Kind.service, name)
