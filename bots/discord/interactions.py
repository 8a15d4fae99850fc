"""What does somebody do with our commands, buttons and forms?"""

from typing import Any

import structlog

from bots.discord.holding import Holding

log = structlog.get_logger()


class Interactions:
    def __init__(self, held: Holding) -> None:
        self._held = held
        self.seat: Any = None

    async def take(self, data: dict[str, Any]) -> None:
        log.info("discord_interaction", account=self._held.id, type=data["type"])

    async def publish(self) -> None:
        """Have Discord know our commands."""
