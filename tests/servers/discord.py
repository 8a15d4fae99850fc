"""A small Discord over real sockets: REST (version 10), the gateway, webhooks, interactions and files.

It refuses what the real one refuses, limits as it limits, and keeps a log that nothing is taken out of.
https://discord.com/developers/docs/reference and the pages of each resource.
"""

import asyncio
import io
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.servers.discord_commands import checked_commands
from tests.servers.discord_gateway import Gateway
from tests.servers.discord_world import DM, Bot, Channel, Fault, Interaction, No, Webhook, World

MOST_FILE = 10 * 2**20
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Discord(World):
    def __init__(self) -> None:
        super().__init__()
        self.gateway = Gateway(self)
        self.url = ""
        self.messages_in_5_s = 5
        self.window_s = 5.0  # which a test may make shorter

    # What people do

    async def say(self, who: str, channel: Channel, text: str, **more: Any) -> dict[str, Any]:
        message = self.write(channel, self.people[who], text, **more)
        await self.gateway.tell("MESSAGE_CREATE", message, channel)
        return message

    async def reply(self, who: str, to: dict[str, Any], text: str) -> dict[str, Any]:
        """As people's apps do it: whoever is replied to is mentioned, which a webhook cannot be."""
        author = self.people.get(to["author"]["id"])
        more = {"mentions": [author]} if author else {}
        reference = {"message_id": to["id"], "channel_id": to["channel_id"]}
        channel = self.channels[to["channel_id"]]
        return await self.say(who, channel, text, type=19, message_reference=reference, referenced_message=to, **more)

    async def edit(self, message: dict[str, Any], text: str) -> None:
        message.update(content=text, edited_timestamp="2026-01-01T00:01:00.000000+00:00")
        await self.gateway.tell("MESSAGE_UPDATE", message, self.channels[message["channel_id"]])

    async def delete(self, message: dict[str, Any]) -> None:
        channel = self.channels[message["channel_id"]]
        channel.messages.remove(message)
        gone = {"id": message["id"], "channel_id": channel.id, "guild_id": channel.guild or None}
        await self.gateway.tell("MESSAGE_DELETE", gone, channel)

    async def react(self, who: str, message: dict[str, Any], emoji: str, *, away: bool = False) -> None:
        channel = self.channels[message["channel_id"]]
        about = {"user_id": who, "channel_id": channel.id, "message_id": message["id"]}
        event = "MESSAGE_REACTION_REMOVE" if away else "MESSAGE_REACTION_ADD"
        await self.gateway.tell(event, {**about, "emoji": {"id": None, "name": emoji}}, channel)

    def upload(self, name: str, data: bytes, mime: str, **more: Any) -> dict[str, Any]:
        id = self.id()
        self.files[id] = data
        url = f"{self.url}/cdn/{id}"
        return {"id": id, "filename": name, "size": len(data), "url": url, "content_type": mime, **more}

    async def interact(self, who: str, channel: Channel, bot: Bot, type: int, data: Any, **more: Any) -> Interaction:
        """A slash command (2), a press (3), autocomplete (4) or a filled in form (5)."""
        made = Interaction(self.id(), f"interaction-{self.id()}", bot.id, time.monotonic(), who)
        self.interactions[made.token] = made
        event: dict[str, Any] = {
            "id": made.id,
            "application_id": bot.application,
            "type": type,
            "token": made.token,
            "version": 1,
            "channel_id": channel.id,
            "channel": {"id": channel.id, "type": channel.type, "name": channel.name},
            "data": data,
            "locale": "en-US",
            **more,
        }
        if channel.type == DM:
            event["user"] = self.people[who]
        else:
            event |= {"guild_id": channel.guild, "member": {"user": self.people[who], "nick": None, "permissions": "0"}}
        await self.gateway.push(await self.gateway.of(bot), "INTERACTION_CREATE", event)
        return made

    # What bots ask

    def said(self, bot: Bot, channel: Channel | None = None) -> list[str]:
        """What the bot wrote (by itself or through a webhook of its own), as it reads now."""
        mine = {bot.id} | {hook.id for hook in self.webhooks.values() if hook.application == bot.application}
        places = [channel] if channel else list(self.channels.values())
        return [one["content"] for place in places for one in place.messages if one["author"]["id"] in mine]

    def application(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20, middlewares=[self._door])
        api = "/api/v10"
        routes: list[tuple[str, str, Callable[[web.Request], Awaitable[Any]]]] = [
            ("GET", "/users/@me", self._me),
            ("GET", "/applications/@me", self._application),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/gateway/bot", self._gateway_bot),
            ("GET", "/channels/{channel}", self._channel),
            ("GET", "/channels/{channel}/messages", self._history),
            ("GET", "/channels/{channel}/messages/{message}", self._message),
            ("POST", "/channels/{channel}/messages", self._create),
            ("PATCH", "/channels/{channel}/messages/{message}", self._change),
            ("DELETE", "/channels/{channel}/messages/{message}", self._remove),
            ("POST", "/channels/{channel}/typing", self._typing),
            ("GET", "/channels/{channel}/webhooks", self._hooks),
            ("POST", "/channels/{channel}/webhooks", self._make_hook),
            ("POST", "/webhooks/{id}/{token}", self._execute),
            ("GET", "/webhooks/{id}/{token}/messages/{message}", self._read_by_hook),
            ("PATCH", "/webhooks/{id}/{token}/messages/{message}", self._change_by_hook),
            ("DELETE", "/webhooks/{id}/{token}/messages/{message}", self._remove_by_hook),
            ("PUT", "/applications/{application}/commands", self._commands),
            ("POST", "/interactions/{id}/{token}/callback", self._callback),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, api + path, self._json(handler))
        app.router.add_get("/cdn/{id}", self._file)
        app.router.add_get("/gateway/", self.gateway.connect)
        app.router.add_get("/gateway", self.gateway.connect)
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Faults come first, then who it is, then the limits."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        self.note("request", method=request.method, path=request.path, at=time.monotonic())
        fault = self._fault(f"{request.method} {request.path}")
        if fault and fault.kind == "before":
            return _cut(request)
        if fault and fault.kind in ("limited", "global"):
            return _slow_down(fault.retry_after, fault.kind == "global")
        if fault and fault.kind == "status":
            return _answer({"message": "no", "code": 0}, status=fault.status)
        try:
            answer = await self._within_limits(request, handler)
        except No as no:
            return _answer({"message": no.message, "code": no.code}, status=no.status)
        if fault and fault.kind == "late":
            await asyncio.sleep(fault.retry_after)
            return answer
        return _cut(request) if fault else answer

    def _fault(self, asked: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.where, asked):
                fault.times -= 1
                return fault
        return None

    async def _within_limits(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if "/webhooks/" not in request.path and "/interactions/" not in request.path:
            left, after = self.limited(f"all of {self._bot(request).id}", 50, 1.0)
            if left < 0:
                self.note("global_limit")
                return _slow_down(after, True)
        place = re.match(r"/api/v10/(?:channels|webhooks)/(\w+)(.*)", request.path)
        if not place or request.method not in ("POST", "PATCH"):
            return await handler(request)
        most = self.messages_in_5_s
        kind = f"{request.method} {re.sub(r'[0-9]+', '#', place[2])[:40]}"
        left, after = self.limited(f"{kind} {place[1]}", most, self.window_s if most < 1_000 else 0.001)
        if left < 0:
            return _slow_down(after, False)
        answer = await handler(request)
        bucket = f"{abs(hash(kind)):x}"
        limits = {
            "Limit": most,
            "Remaining": left,
            "Reset-After": f"{after:.3f}",
            "Reset": f"{time.time() + after:.3f}",
        }
        answer.headers.update({f"X-RateLimit-{name}": str(value) for name, value in limits.items()})
        answer.headers["X-RateLimit-Bucket"] = bucket
        return answer

    def _json(self, handler: Callable[[web.Request], Awaitable[Any]]) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            result = await handler(request)
            return web.Response(status=204) if result is None else _answer(result)

        return answer

    def _bot(self, request: web.Request) -> Bot:
        bot = self.bots.get(request.headers.get("Authorization", "").removeprefix("Bot "))
        if bot is None:
            raise No(401, 0, "401: Unauthorized")
        return bot

    async def _me(self, request: web.Request) -> Any:
        return self.people[self._bot(request).id]

    async def _application(self, request: web.Request) -> Any:
        bot = self._bot(request)
        flags = (1 << 19) if bot.privileged else 0  # GATEWAY_MESSAGE_CONTENT_LIMITED
        return {"id": bot.application, "name": bot.name, "flags": flags, "bot": self.people[bot.id]}

    async def _gateway_bot(self, request: web.Request) -> Any:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": self.gateway.shards, "session_start_limit": limit}

    def _seen(self, request: web.Request) -> tuple[Bot, Channel]:
        bot, channel = self._bot(request), self.place(request.match_info["channel"])
        if not self.sees(bot, channel):
            raise No(403, 50001, "Missing Access")
        return bot, channel

    async def _channel(self, request: web.Request) -> Any:
        _, channel = self._seen(request)
        shown: dict[str, Any] = {"id": channel.id, "type": channel.type, "name": channel.name}
        if channel.guild:
            shown |= {"guild_id": channel.guild, "parent_id": channel.parent or None}
        return shown

    async def _history(self, request: web.Request) -> Any:
        """The newest first, as the real one: with `after`, the ones that follow it. A nonce is not kept."""
        bot, channel = self._seen(request)
        limit, after = int(request.query.get("limit", 50)), int(request.query.get("after", 0))
        if not 1 <= limit <= 100:
            raise No(400, 50035, "Invalid Form Body")
        later = [one for one in channel.messages if int(one["id"]) > after]
        chosen = later[:limit] if after else later[-limit:]
        return [_kept(self.shown(one, bot, bot.privileged)) for one in reversed(chosen)]

    async def _message(self, request: web.Request) -> Any:
        bot, channel = self._seen(request)
        return _kept(self.shown(self.find(channel.id, request.match_info["message"]), bot, bot.privileged))

    async def _typing(self, request: web.Request) -> None:
        bot, channel = self._seen(request)
        self.note("typing", bot=bot.id, channel=channel.id)

    async def _create(self, request: web.Request) -> Any:
        bot, channel = self._seen(request)
        if "send_messages" in channel.denied:
            raise No(403, 50013, "Missing Permissions")
        data, files = await _body(request)
        nonce = str(data.get("nonce") or "")
        if len(nonce) > 25:
            raise No(400, 50035, "Invalid Form Body")
        known = self.nonces.get((bot.id, channel.id, nonce))
        if nonce and data.get("enforce_nonce") and known and time.monotonic() - known[0] < self.remembers_nonces_s:
            self.note("nonce_known", nonce=nonce)
            return known[1]
        author = self.people[bot.id]
        message = self.write(channel, author, **self._checked(data, files, channel), application_id=None)
        self.nonces[bot.id, channel.id, nonce] = (time.monotonic(), message)
        sent = {**message, "nonce": nonce} if nonce else message
        await self.gateway.tell("MESSAGE_CREATE", sent, channel)
        return sent

    def _checked(self, data: dict[str, Any], files: dict[str, tuple[str, bytes]], channel: Channel) -> dict[str, Any]:
        """What a message consists of. Raises No for what the real one does not take."""
        text = (data.get("content") or "").strip()
        voice = bool(data.get("flags", 0) & 8192)
        if len(text) > 2000 or (voice and (text or len(files) != 1)) or len(files) > 10:
            raise No(400, 50035, "Invalid Form Body")
        if not text and not files:
            raise No(400, 50006, "Cannot send an empty message")
        if any(len(content) > MOST_FILE for _, content in files.values()):
            raise No(413, 40005, "Request entity too large")
        for row in data.get("components", []):
            for part in row["components"]:
                if len(row["components"]) > 5 or not 1 <= len(part["custom_id"]) <= 100 or len(part["label"]) > 80:
                    raise No(400, 50035, "Invalid Form Body")
        attached = []
        for about in data.get("attachments", []):
            name, content = files[str(about["id"])]
            more = {key: about[key] for key in ("duration_secs", "waveform", "description") if key in about}
            if voice and not {"duration_secs", "waveform"} <= more.keys():
                raise No(400, 50035, "Invalid Form Body")
            attached.append(self.upload(about.get("filename", name), content, "application/octet-stream", **more))
        reference = data.get("message_reference")
        if reference and reference.get("fail_if_not_exists", True):
            self.find(channel.id, reference["message_id"])
        return {
            "text": text,
            "attachments": attached,
            "components": data.get("components", []),
            "flags": data.get("flags", 0),
            "allowed_mentions": data.get("allowed_mentions"),
            **({"message_reference": reference, "type": 19} if reference else {}),
        }

    async def _change(self, request: web.Request) -> Any:
        bot, channel = self._seen(request)
        message = self.find(channel.id, request.match_info["message"])
        if message["author"]["id"] != bot.id:
            raise No(403, 50005, "Cannot edit a message authored by another user")
        return await self._changed(message, channel, await _body(request))

    async def _changed(self, message: dict[str, Any], channel: Channel, body: tuple[dict[str, Any], Any]) -> Any:
        data, files = body
        text = data.get("content", message["content"])
        parts = (
            self._checked({**data, "content": text}, files, channel)
            if text or files
            else {"text": "", "attachments": []}
        )
        message["content"] = parts["text"]
        message["attachments"] += parts["attachments"]
        if "components" in data:
            message["components"] = data["components"]
        self.note("edited", id=message["id"], text=message["content"], at=time.monotonic())
        await self.gateway.tell("MESSAGE_UPDATE", {**message, "edited_timestamp": "2026-01-01T00:01:00+00:00"}, channel)
        return message

    async def _remove(self, request: web.Request) -> None:
        _, channel = self._seen(request)
        channel.messages.remove(self.find(channel.id, request.match_info["message"]))

    # Webhooks

    async def _hooks(self, request: web.Request) -> Any:
        bot, channel = self._seen(request)
        self._may_manage(channel)
        there = [hook for hook in self.webhooks.values() if hook.channel == channel.id]
        return [_hook(hook, hook.application == bot.application) for hook in there]

    def _may_manage(self, channel: Channel) -> None:
        if "manage_webhooks" in channel.denied:
            raise No(403, 50013, "Missing Permissions")
        if channel.parent:
            raise No(400, 50024, "Cannot execute action on this channel type")

    async def _make_hook(self, request: web.Request) -> Any:
        bot, channel = self._seen(request)
        self._may_manage(channel)
        data, _ = await _body(request)
        if re.search("discord|clyde", data["name"], re.I) or not 1 <= len(data["name"]) <= 80:
            raise No(400, 50035, "Invalid Form Body")
        if len([one for one in self.webhooks.values() if one.channel == channel.id]) >= 15:
            raise No(400, 30007, "Maximum number of webhooks reached (15)")
        hook = Webhook(
            self.id(), f"hook-secret-{self.id()}", channel.id, data["name"], bot.application, data.get("avatar")
        )
        self.webhooks[hook.id] = hook
        self.note("webhook", id=hook.id, channel=channel.id, name=hook.name, avatar=bool(hook.avatar))
        return _hook(hook, True)

    def _hook(self, request: web.Request) -> Webhook:
        hook = self.webhooks.get(request.match_info["id"])
        if hook is None or hook.token != request.match_info["token"]:
            raise No(404, 10015, "Unknown Webhook")
        return hook

    def _spoken_in(self, request: web.Request, hook: Webhook) -> Channel:
        channel = self.place(request.query.get("thread_id", hook.channel))
        if hook.channel not in (channel.id, channel.parent):
            raise No(400, 50035, "Invalid Form Body")
        return channel

    async def _execute(self, request: web.Request) -> Any:
        """A webhook's message, or a followup of an interaction: one path, two kinds of token."""
        if request.match_info["token"] in self.interactions:
            return await self._follow_up(request)
        hook = self._hook(request)
        channel = self._spoken_in(request, hook)
        data, files = await _body(request)
        name = data.get("username") or hook.name
        if re.search("discord|clyde", name, re.I):
            raise No(400, 50035, "Invalid Form Body")
        author = {"id": hook.id, "username": name, "bot": True, "discriminator": "0000"}
        parts = self._checked(data, files, channel)
        message = self.write(channel, author, **parts, webhook_id=hook.id, application_id=hook.application)
        await self.gateway.tell("MESSAGE_CREATE", message, channel)
        return message if request.query.get("wait") == "true" else None

    async def _change_by_hook(self, request: web.Request) -> Any:
        if request.match_info["token"] in self.interactions:
            return await self._answer_more(request, "edited")
        hook = self._hook(request)
        channel = self._spoken_in(request, hook)
        message = self.find(channel.id, request.match_info["message"])
        if message.get("webhook_id") != hook.id:
            raise No(404, 10008, "Unknown Message")
        return await self._changed(message, channel, await _body(request))

    async def _read_by_hook(self, request: web.Request) -> Any:
        hook = self._hook(request)
        return self.find(self._spoken_in(request, hook).id, request.match_info["message"])

    async def _remove_by_hook(self, request: web.Request) -> None:
        if request.match_info["token"] in self.interactions:
            await self._answer_more(request, "deleted")
            return
        hook = self._hook(request)
        channel = self._spoken_in(request, hook)
        channel.messages.remove(self.find(channel.id, request.match_info["message"]))

    # Interactions

    async def _commands(self, request: web.Request) -> Any:
        bot = self._bot(request)
        if request.match_info["application"] != bot.application:
            raise No(403, 20012, "You are not authorized to perform this action on this application")
        data = await request.json()
        bot.commands = checked_commands(data)
        self.note("commands", bot=bot.id, count=len(data))
        return [{**one, "id": self.id(), "application_id": bot.application} for one in data]

    async def _callback(self, request: web.Request) -> None:
        made = self._interaction(request)
        data = await request.json()
        if time.monotonic() - made.at > 3:
            raise No(404, 10062, "Unknown interaction")
        if made.answers:
            raise No(400, 40060, "Interaction has already been acknowledged.")
        made.answers.append({"how": "callback", **data})
        self.note("interaction", id=made.id, type=data["type"], data=data.get("data"))

    def _interaction(self, request: web.Request) -> Interaction:
        made = self.interactions.get(request.match_info["token"])
        if made is None or request.match_info["id"] not in (made.id, self.bot_named(made.bot).application):
            raise No(404, 10062, "Unknown interaction")
        return made

    async def _follow_up(self, request: web.Request) -> Any:
        return await self._answer_more(request, "followup")

    async def _answer_more(self, request: web.Request, how: str) -> Any:
        made = self._interaction(request)
        if not made.answers or time.monotonic() - made.at > 900:
            raise No(404, 10015, "Unknown Webhook")
        data, _ = await _body(request) if how != "deleted" else ({}, None)
        if len(data.get("content") or "") > 2000:
            raise No(400, 50035, "Invalid Form Body")
        made.answers.append({"how": how, "data": data})
        self.note("interaction_answer", id=made.id, how=how, data=data)
        return {"id": self.id(), "content": data.get("content", "")}

    async def _file(self, request: web.Request) -> web.StreamResponse:
        data = self.files.get(request.match_info["id"])
        return web.Response(body=data) if data is not None else web.Response(status=404)


def _answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Discord sends it: without a charset in its type, at which the library looks."""
    return web.Response(
        body=json.dumps(data).encode(), status=status, headers={**(headers or {}), "Content-Type": "application/json"}
    )


def _kept(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key not in ("nonce", "guild_id")}


def _hook(hook: Webhook, mine: bool) -> dict[str, Any]:
    shown = {
        "id": hook.id,
        "type": 1,
        "channel_id": hook.channel,
        "name": hook.name,
        "application_id": hook.application,
    }
    return {**shown, "token": hook.token} if mine else shown


def _slow_down(after: float, is_global: bool) -> web.Response:
    headers = {"Via": "1.1 google", "Retry-After": f"{after:.3f}", "X-RateLimit-Scope": "user"}
    if is_global:
        headers["X-RateLimit-Global"] = "true"
    said = {"message": "You are being rate limited.", "retry_after": round(after, 3), "global": is_global}
    return _answer(said, status=429, headers=headers)


def _cut(request: web.Request) -> web.StreamResponse:
    """Cut the line without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


async def _body(request: web.Request) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    if not request.content_type.startswith("multipart/"):
        return await request.json(), {}
    data: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    async for part in await request.multipart():
        content = io.BytesIO()
        while chunk := await part.read_chunk():
            content.write(chunk)
        if part.name == "payload_json":
            data = json.loads(content.getvalue())
        elif found := re.match(r"files\[(\d+)\]", part.name or ""):
            files[found[1]] = (part.filename or "", content.getvalue())
    return data, files


@asynccontextmanager
async def running() -> AsyncIterator[Discord]:
    discord = Discord()
    runner = web.AppRunner(discord.application(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    discord.url = f"http://{host}:{port}"
    discord.gateway.url = f"ws://{host}:{port}/gateway/"
    try:
        yield discord
    finally:
        for session in discord.gateway.sessions.values():
            if session.line:
                await session.line.socket.close()
        await asyncio.wait_for(runner.cleanup(), 5)
