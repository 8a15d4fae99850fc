"""What of ours stands in a chat, and is the receipt of nothing that we know of?

Of a webhook's words Discord shows no content to a bot that lacks the message content intent, not even to the webhook's own
bot; the webhook itself may read them, one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bots.discord.holding import Holding
from bots.discord.voices import Voice
from bots.discord.wire import asked
from gator.errors import NotFound, Unconfirmed
from memory.repositories.correspondence import Correspondence

_PAGE = 100
_MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Ours:
    """A message of ours as Discord has it."""

    id: str
    text: str
    files: int


async def since(held: Holding, channel: str, after: int) -> list[dict[str, Any]]:
    """What was written there after that, oldest first. Raises Unconfirmed when it is more than we read."""
    found: list[dict[str, Any]] = []
    for _ in range(_MOST_PAGES):
        page: Any = await asked(held.http.logs_from(int(channel), _PAGE, after=after))
        found += sorted(page, key=lambda one: int(one["id"]))
        if len(page) < _PAGE:
            return found
        after = int(found[-1]["id"])
    raise Unconfirmed("Too much was written there since to find the message again.")


async def latest(held: Holding, channel: str, count: int) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = list(await asked(held.http.logs_from(int(channel), count)))
    return page


async def unknown(held: Holding, voice: Voice, messages: Sequence[dict[str, Any]]) -> list[Ours]:
    """Those of the messages that the voice wrote and that are no receipt of ours, in their order."""
    mine = [one for one in messages if str(one.get("webhook_id") or one["author"]["id"]) == voice.author]
    if not mine:
        return []
    async with held.core.store.open_work(held.itself, reads=True) as work:
        known = await Correspondence(work.session, work.principal).receipts(held.id, [str(one["id"]) for one in mine])
    left = [one for one in mine if str(one["id"]) not in known]
    return [found for one in left if (found := await _read(voice, one))]


async def _read(voice: Voice, message: dict[str, Any]) -> Ours | None:
    files = message.get("attachments") or []
    if not message.get("content") and not files:  # it says something, and we are not shown what
        try:
            message = await voice.read(str(message["id"]))
        except NotFound:
            return None
        files = message.get("attachments") or []
    return Ours(str(message["id"]), str(message.get("content") or ""), len(files))
