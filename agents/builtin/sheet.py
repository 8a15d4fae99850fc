"""What is to be different on a persona's sheet? The fields of a change, filled in one after the other. Neighbours: changes."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Change:
    """What is to be different."""

    fields: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, values: list[str]) -> None:
        if values:
            self.fields[name] = list(dict.fromkeys([*self.fields.get(name, []), *values]))

    def set(self, name: str, value: Any) -> None:
        if value not in (None, ""):
            self.fields[name] = value
