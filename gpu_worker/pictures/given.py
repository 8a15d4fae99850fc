"""What does a provider give? Its picture as it came; `elsewhere` asks for it and keeps it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Given:
    """A provider's picture as it came, and what it tells of itself."""

    data: bytes
    told: dict[str, Any] = field(default_factory=dict)
