"""How is an interaction answered? At once with a sign that we have it (Discord waits three seconds), then with words.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from dataclasses import dataclass
from typing import Any

from discord.http import Route

from bots.discord.splitting import parts
from bots.discord.voices import NOBODY
from bots.discord.wire import Http, asked

_LATER, _LATER_UPDATE, _CHOICES, _FORM = 5, 6, 8, 9
_FOR_THEM_ALONE = 1 << 6  # EPHEMERAL
_ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
_FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
_MOST_CHOICES = 25


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one interaction, seen by whoever made it and by nobody else."""

    http: Http
    application: str
    id: str
    token: str

    async def take(self) -> None:
        """Say that an answer follows. Raises Refused when Discord took one before: the event came twice, or too late."""
        await self._at_once({"type": _LATER, "data": {"flags": _FOR_THEM_ALONE}})

    async def take_press(self) -> None:
        """Say that the message under the button will change."""
        await self._at_once({"type": _LATER_UPDATE})

    async def offer(self, choices: list[tuple[str, str]]) -> None:
        """What somebody may mean who types: (shown, meant) each."""
        shown = [{"name": name[:100], "value": value[:100]} for name, value in choices[:_MOST_CHOICES]]
        await self._at_once({"type": _CHOICES, "data": {"choices": shown}})

    async def open_form(self, press: str, title: str, label: str) -> None:
        """A form with one field; it comes back with `press` as its id."""
        field = {"type": 4, "custom_id": "text", "style": 2, "label": label[:45], "max_length": 4_000, "required": True}
        rows = [{"type": 1, "components": [field]}]
        await self._at_once({"type": _FORM, "data": {"custom_id": press, "title": title[:45], "components": rows}})

    async def say(self, text: str) -> None:
        """The words that `take` announced."""
        first, *more = parts(text) or ["…"]
        await self._original("PATCH", {"content": first, "allowed_mentions": NOBODY})
        for part in more:
            await self.add(part)

    async def add(self, text: str) -> None:
        route = Route("POST", _FOLLOW_UP, webhook_id=int(self.application), webhook_token=self.token)
        data = {"content": parts(text)[0], "flags": _FOR_THEM_ALONE, "allowed_mentions": NOBODY}
        await asked(self.http.request(route, json=data))

    async def redraw(self, components: list[dict[str, Any]]) -> None:
        """Change the buttons of the message that was pressed."""
        await self._original("PATCH", {"components": components})

    async def withdraw(self) -> None:
        """Take the announcement back: the answer is a message of its own."""
        await self._original("DELETE", None)

    async def _at_once(self, data: dict[str, Any]) -> None:
        path = "/interactions/{webhook_id}/{webhook_token}/callback"
        route = Route("POST", path, webhook_id=int(self.id), webhook_token=self.token)
        await asked(self.http.request(route, json=data))

    async def _original(self, method: str, data: dict[str, Any] | None) -> None:
        route = Route(method, _ORIGINAL, webhook_id=int(self.application), webhook_token=self.token)
        await asked(self.http.request(route, **({"json": data} if data is not None else {})))
