"""What may one fan cost in a day? The workspace's figures, or a persona's own, between two midnights of the persona's zone.

Who is over is told so once, and answered when the next day begins: the conversation rests until then (`bots.opening`).
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gator.clock import now
from gator.settings import Settings
from memory.models import Conversation
from memory.repositories.spending import Cap
from tools.personas.character import Budget, Character

RESTS = "rests"  # a note of the conversation
_NO_WISHES = Budget()


def cap_of(character: Character | None, zone: str, settings: Settings) -> Cap:
    """What a fan may cost today, by the clock of that zone; a figure of the character's replaces the workspace's."""
    own = character.budget if character else _NO_WISHES
    usd = None if own.fan_daily_usd is not None else settings.fan_daily_budget_usd or None
    tokens = None if own.fan_daily_tokens is not None else settings.fan_daily_tokens or None
    local = now().astimezone(ZoneInfo(zone or settings.timezone))
    began = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Cap(
        since=began.astimezone(UTC),
        until=(began + timedelta(days=1)).astimezone(UTC),
        microusd=_micro(usd),
        tokens=tokens,
        own_microusd=_micro(own.fan_daily_usd or None),
        own_tokens=own.fan_daily_tokens or None,
    )


def _micro(usd: float | None) -> int | None:
    return None if usd is None else round(usd * 1e6)


def rest_note(cap: Cap) -> dict[str, Any]:
    """What a conversation notes when its fan is over: until when it rests, and under which limits."""
    return {RESTS: {"until": cap.until.isoformat(), "limits": cap.limits}}


def rests_until(conversation: Conversation, cap: Cap) -> datetime | None:
    """Until when the conversation rests; no longer once somebody has changed the limits."""
    noted = conversation.notes.get(RESTS)
    if not noted or noted["limits"] != cap.limits:
        return None
    until = datetime.fromisoformat(noted["until"])
    return until if until > now() else None
