"""How does a persona speak in a server under its own name and picture? Through a webhook of the channel that the bot made.

A webhook takes no nonce, so nothing here is sent twice by itself: without a clear answer the send is Unavailable, and the
outbox looks for the message before it tries again. The library's client repeats on HTTP 5xx, so it is not used to speak.
"""

import asyncio
import base64
import hashlib
import io
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import structlog
from discord.http import Route

from bots.discord.places import Place
from bots.discord.voices import Said, form
from bots.discord.wire import Http
from gator.errors import NotFound, Refused, Unavailable

log = structlog.get_logger()

ASK_AGAIN_S = 600.0  # a channel that lets us make no webhook may do so later
_SIDE_PX = 256
_LONGEST_NAME = 80
_RESERVED = ("discord", "clyde")  # no webhook may be called so
_MAY_NOT, _TOO_MANY = 50013, 30007
_WITHIN = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class Hook:
    id: str
    token: str


@dataclass(frozen=True, slots=True)
class Face:
    """What people see of a persona in a server."""

    name: str
    picture: bytes | None = None

    @property
    def shown_name(self) -> str:
        """The name, where Discord takes it; "" where it does not."""
        name = self.name.strip()[:_LONGEST_NAME]
        return "" if any(word in name.lower() for word in _RESERVED) else name

    @property
    def hook_name(self) -> str:
        """Whose webhook it is, and with which picture: another picture makes another name, and so is noticed."""
        picture = hashlib.sha256(self.picture).hexdigest()[:6] if self.picture else "plain"
        return f"{(self.shown_name or 'persona')[:60]} · {picture}"


class Hooks:
    """The account's webhooks, one a channel."""

    def __init__(self, http: Http, application: str, face: Face) -> None:
        self._http, self._application, self._face = http, application, face
        self._known: dict[str, Hook] = {}
        self._denied: dict[str, float] = {}
        self._asking = asyncio.Lock()
        self._waits: dict[str, float] = {}

    async def of(self, place: Place) -> Hook | None:
        """The webhook for that place; None where the bot may have none. Raises Unavailable without an answer."""
        channel = place.of_webhook
        if not place.takes_webhooks or self._denied.get(channel, 0) > time.monotonic():
            return None
        async with self._asking:
            if channel not in self._known:
                hook = await self._find_or_make(channel)
                if hook is None:
                    self._denied[channel] = time.monotonic() + ASK_AGAIN_S
                    return None
                self._known[channel] = hook
        return self._known[channel]

    def forget(self, place: Place) -> None:
        self._known.pop(place.of_webhook, None)

    async def _find_or_make(self, channel: str) -> Hook | None:
        try:
            there: Any = await self._http.channel_webhooks(int(channel))
            mine = [one for one in there if str(one.get("application_id")) == self._application and one.get("token")]
            found = mine[0] if mine else await self._make(channel)
            if mine and mine[0]["name"] != self._face.hook_name:
                route = Route("PATCH", "/webhooks/{webhook_id}", webhook_id=int(found["id"]))
                await self._http.request(route, json=await self._looks())
            return Hook(str(int(found["id"])), str(found["token"]))
        except discord.HTTPException as no:
            if no.status in (403, 404) or no.code in (_MAY_NOT, _TOO_MANY):
                return None
            raise Unavailable(f"Discord gave no webhook (HTTP {no.status}).", retry_after_s=5.0) from no
        except (OSError, aiohttp.ClientError, discord.RateLimited) as lost:
            raise Unavailable("Discord gave no webhook.", retry_after_s=5.0) from lost

    async def _make(self, channel: str) -> dict[str, Any]:
        route = Route("POST", "/channels/{channel_id}/webhooks", channel_id=int(channel))
        made: dict[str, Any] = await self._http.request(route, json=await self._looks())
        return made

    async def _looks(self) -> dict[str, Any]:
        picture = await asyncio.to_thread(_as_data, self._face.picture) if self._face.picture else None
        return {"name": self._face.hook_name, **({"avatar": picture} if picture else {})}

    # Speaking

    async def ask(self, place: Place, method: str, path: str, hook: Hook, said: Said | None = None) -> Any:
        """One request to the webhook's own address, made once. Raises Unavailable, Refused, NotFound."""
        wait = self._waits.get(hook.id, 0) - time.monotonic()
        if wait > 0:
            raise Unavailable("Discord asks us to wait.", retry_after_s=wait)
        url = self._http.address(f"/webhooks/{hook.id}/{hook.token}{path}")
        query = {"wait": "true"} | ({"thread_id": place.id} if place.parent else {})
        try:
            async with self._http.plain().request(
                method, url, params=query, timeout=_WITHIN, **self._body(said)
            ) as got:
                return await self._read(place, hook, got)
        except (OSError, aiohttp.ClientError) as lost:
            raise Unavailable(f"Discord does not answer ({type(lost).__name__}).", retry_after_s=2.0) from lost

    def _body(self, said: Said | None) -> dict[str, Any]:
        if said is None:
            return {}
        name = self._face.shown_name
        data = said.payload() | ({"username": name} if name else {})
        if not said.files:
            return {"json": data}
        fields = aiohttp.FormData(quote_fields=False)
        for one in form(data, said.files):
            fields.add_field(**one)
        return {"data": fields}

    async def _read(self, place: Place, hook: Hook, got: aiohttp.ClientResponse) -> Any:
        if got.headers.get("X-RateLimit-Remaining") == "0":
            self._waits[hook.id] = time.monotonic() + float(got.headers.get("X-RateLimit-Reset-After") or 1)
        if got.status == 429:
            after = float((await got.json()).get("retry_after") or 1) if "json" in got.content_type else 60.0
            self._waits[hook.id] = time.monotonic() + after
            raise Unavailable("Discord asks us to wait.", retry_after_s=after)
        if got.status >= 500:
            raise Unavailable(f"Discord cannot do that now (HTTP {got.status}).", retry_after_s=2.0)
        if got.status == 404:
            code = (await got.json()).get("code")
            if code == 10015:  # somebody deleted the webhook
                self.forget(place)
                raise Unavailable("The channel's webhook is gone; there will be another.", retry_after_s=1.0)
            raise NotFound(f"Discord knows no such message (code {code}).")
        if got.status >= 400:
            raise Refused(f"Discord refuses (HTTP {got.status}): {(await got.text())[:200]}")
        return await got.json() if got.status != 204 else None


@dataclass(frozen=True, slots=True)
class HookVoice:
    """A persona, in one place."""

    hooks: Hooks
    hook: Hook
    place: Place

    @property
    def author(self) -> str:
        return self.hook.id

    async def write(self, said: Said) -> str:
        answer = await self.hooks.ask(self.place, "POST", "", self.hook, said)
        return str(int(answer["id"]))

    async def change(self, id: str, said: Said) -> None:
        await self.hooks.ask(self.place, "PATCH", f"/messages/{int(id)}", self.hook, said)

    async def remove(self, id: str) -> None:
        await self.hooks.ask(self.place, "DELETE", f"/messages/{int(id)}", self.hook)

    async def read(self, id: str) -> dict[str, Any]:
        data: dict[str, Any] = await self.hooks.ask(self.place, "GET", f"/messages/{int(id)}", self.hook)
        return data


def _as_data(picture: bytes) -> str | None:
    """The picture as Discord takes it; None when it cannot be read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG", "WEBP")) as card:
            shown = card.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    side = min(shown.size)
    left, top = (shown.width - side) // 2, 0  # portraits have their face above the middle
    square = shown.crop((left, top, left + side, top + side)).resize((_SIDE_PX, _SIDE_PX))
    out = io.BytesIO()
    square.save(out, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
