"""Telegram's Bot API server (https://core.telegram.org/bots/api): bots, people who write to them, and what came of it.

`world` is a log that only grows: what every bot did, in the order in which it happened. Faults are scripted a call ahead.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.servers.telegram_checks import (
    BadRequest,
    check_file,
    check_keyboard,
    check_secret,
    check_text,
    data_of,
)

MEDIA = {
    "sendPhoto": "photo", "sendVoice": "voice", "sendAudio": "audio", "sendVideo": "video", "sendDocument": "document",
}  # fmt: skip
DELETED_FOR_S = 48 * 3600  # https://core.telegram.org/bots/api#deletemessage


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one call: `status` instead of an answer; `cut` before or after it was done; `hangs` after; or it
    is done and answered with something that is no answer (`garbage`)."""

    status: int = 0
    retry_after: int = 0
    cut: str = ""  # before, after
    hangs: bool = False
    garbage: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that a bot did and that the world can see."""

    method: str
    bot: int
    chat: int
    message: int
    text: str
    fields: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class BotSide:
    """One bot, as the server has it."""

    id: int
    token: str
    handle: str
    updates: deque[dict[str, Any]] = field(default_factory=deque)
    next_update: int = 1000
    polls: int = 0  # the newest poll's number: an older one is ended by it
    webhook: str = ""
    secret: str = ""
    kinds: list[str] = field(default_factory=list)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    reads_groups: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)


class BotApi:
    """The server. Tests write as people through `says`, `press`, ...; `hooks_to` is where webhooks are really posted."""

    def __init__(self) -> None:
        self.port = 0
        self.bots: dict[str, BotSide] = {}
        self.world: list[Done] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.blocked: set[int] = set()
        self.no_voice: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.chats: dict[int, dict[str, Any]] = {}
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.queries: set[str] = set()
        self.unknown: set[str] = set()  # methods that this server does not know yet
        self.is_own = False  # a server of one's own posts to http addresses, too
        self.hooks_to = ""
        self.hook_answers: list[int] = []
        self._numbers: dict[int, int] = defaultdict(lambda: 100)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bot(self, id: int, handle: str) -> BotSide:
        side = BotSide(id, f"{id}:{'A' * 35}", handle)
        self.bots[side.token] = side
        return side

    def fault(self, method: str, *faults: Fault) -> None:
        self.faults[method].extend(faults)

    def sent(self, chat: int | None = None) -> list[Done]:
        """The messages that bots sent (to that chat)."""
        return [one for one in self.world if one.message and one.method.startswith("send") and chat in (None, one.chat)]

    # What people do

    def person(self, id: int, name: str = "Ada", language: str = "en") -> dict[str, Any]:
        return {"id": id, "is_bot": False, "first_name": name, "language_code": language}

    def private(self, person: dict[str, Any]) -> dict[str, Any]:
        return self._chat({"id": person["id"], "type": "private", "first_name": person["first_name"]})

    def group(self, id: int, title: str = "Map lovers", type: str = "supergroup") -> dict[str, Any]:
        return self._chat({"id": id, "type": type, "title": title})

    def _chat(self, chat: dict[str, Any]) -> dict[str, Any]:
        self.chats[chat["id"]] = chat
        return chat

    def says(
        self, bot: BotSide, person: dict[str, Any], text: str = "", chat: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """The person's message, which the bot gets as an update."""
        message = self._message(chat or self.private(person), person, **more)
        if text:
            message["text"] = text
            if text.startswith("/") and "entities" not in message:
                word = text.split(" ")[0]
                message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(word)}]
        self.push(bot, message=message)
        return message

    def edits(self, bot: BotSide, message: dict[str, Any], text: str) -> None:
        self.push(bot, edited_message={**message, "text": text, "edit_date": int(time.time())})

    def reacts(self, bot: BotSide, person: dict[str, Any], message: int, old: list[str], new: list[str]) -> None:
        """The person changes their reactions to a message in their chat with the bot."""
        kinds = [[{"type": "emoji", "emoji": one} for one in emojis] for emojis in (old, new)]
        change = {"chat": self.private(person), "message_id": message, "user": person, "date": int(time.time())}
        self.push(bot, message_reaction={**change, "old_reaction": kinds[0], "new_reaction": kinds[1]})

    def press(self, bot: BotSide, person: dict[str, Any], message: int, data: str, chat: int | None = None) -> str:
        """The person taps a button under the bot's message."""
        query = f"q{len(self.queries)}"
        self.queries.add(query)
        where = chat or person["id"]
        under = self.messages.get((where, message)) or {"chat": self.chats[where], "message_id": message, "date": 0}
        self.push(
            bot, callback_query={"id": query, "from": person, "message": under, "chat_instance": "1", "data": data}
        )
        return query

    def upload(self, data: bytes) -> str:
        """A file that somebody sends; its id."""
        self.files[id := f"file{len(self.files)}"] = data
        return id

    def push(self, bot: BotSide, **body: Any) -> dict[str, Any]:
        update = {"update_id": bot.next_update, **body}
        bot.next_update += 1
        bot.updates.append(update)
        bot.arrived.set()
        return update

    def _message(self, chat: dict[str, Any], author: dict[str, Any], **more: Any) -> dict[str, Any]:
        self._numbers[chat["id"]] += 1
        number = self._numbers[chat["id"]]
        message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": author, **more}
        self.messages[chat["id"], number] = message
        return message

    # The server

    async def answer(self, request: web.Request) -> web.StreamResponse:
        bot = self.bots.get(request.match_info["token"])
        method = request.match_info["method"]
        if bot is None:
            return _no(401, "Unauthorized")
        handler = getattr(self, f"_on_{method}", None) or (self._on_media if method in MEDIA else None)
        if handler is None or method in self.unknown:
            return _no(404, "Not Found")
        fields, files = await _form(request)
        self.calls.append((method, fields))
        fault = self.faults[method].popleft() if self.faults[method] else Fault()
        if fault.cut == "before":
            return _cut(request)
        if fault.status:
            return _no(fault.status, fault.description or "scripted", retry_after=fault.retry_after)
        try:
            result = await handler(bot, method, fields, files)
        except BadRequest as no:
            return _no(no.status, no.description, **no.parameters)
        if fault.hangs:
            await asyncio.sleep(60)
        if fault.garbage:
            return web.Response(text=fault.garbage)
        if fault.cut == "after":
            return _cut(request)
        return web.json_response({"ok": True, "result": result})

    async def download(self, request: web.Request) -> web.StreamResponse:
        data = self.files.get(request.match_info["path"])
        if request.match_info["token"] not in self.bots or data is None:
            return _no(404, "Not Found")
        return web.Response(body=data)

    async def _on_getMe(self, bot: BotSide, *_: Any) -> Any:  # noqa: N802
        return self._user(bot)

    def _user(self, bot: BotSide) -> dict[str, Any]:
        about = {"id": bot.id, "is_bot": True, "first_name": bot.handle, "username": bot.handle}
        return {**about, "can_join_groups": True, "can_read_all_group_messages": bot.reads_groups}

    async def _on_getUpdates(self, bot: BotSide, _: str, fields: dict[str, Any], __: Any) -> Any:  # noqa: N802
        if bot.webhook:
            raise BadRequest("can't use getUpdates method while webhook is active", 409)
        bot.polls += 1
        mine = bot.polls
        bot.arrived.set()  # ends an older poll
        offset, wait_s = int(fields.get("offset") or 0), float(fields.get("timeout") or 0)
        bot.kinds = data_of(fields.get("allowed_updates"), bot.kinds)
        while offset and bot.updates and bot.updates[0]["update_id"] < offset:
            bot.updates.popleft()
        ends = time.monotonic() + wait_s
        while not (ready := self._ready(bot)) and time.monotonic() < ends and bot.polls == mine:
            bot.arrived.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(bot.arrived.wait(), ends - time.monotonic())
        if bot.polls != mine:
            raise BadRequest("terminated by other getUpdates request", 409)
        return ready[: int(fields.get("limit") or 100)]

    def _ready(self, bot: BotSide) -> list[dict[str, Any]]:
        return [one for one in bot.updates if not bot.kinds or any(kind in one for kind in bot.kinds)]

    async def _on_setWebhook(self, bot: BotSide, _: str, fields: dict[str, Any], __: Any) -> Any:  # noqa: N802
        if not fields["url"].startswith("https://") and not self.is_own:
            raise BadRequest("bad webhook: An HTTPS URL must be provided for webhook")
        check_secret(fields.get("secret_token", ""))
        bot.webhook, bot.secret = fields["url"], fields.get("secret_token", "")
        bot.kinds = data_of(fields.get("allowed_updates"), [])
        return True

    async def _on_deleteWebhook(self, bot: BotSide, _: str, fields: dict[str, Any], __: Any) -> Any:  # noqa: N802
        bot.webhook = ""
        if fields.get("drop_pending_updates") == "true":
            bot.updates.clear()
        return True

    async def deliver(self, bot: BotSide) -> None:
        """Post what waits to the bot's webhook, in order; what is not taken stays and is posted again next time."""
        path = bot.webhook.split("//", 1)[1].partition("/")[2]
        headers = {"X-Telegram-Bot-Api-Secret-Token": bot.secret}
        async with aiohttp.ClientSession() as session:
            while bot.updates:
                async with session.post(f"{self.hooks_to}/{path}", json=bot.updates[0], headers=headers) as answer:
                    self.hook_answers.append(answer.status)
                    if answer.status // 100 != 2:
                        return
                bot.updates.popleft()

    async def _on_setMyCommands(self, bot: BotSide, _: str, fields: dict[str, Any], __: Any) -> Any:  # noqa: N802
        commands = data_of(fields["commands"], [])
        for one in commands:
            if not (1 <= len(one["command"]) <= 32 and one["command"] == one["command"].lower() and one["description"]):
                raise BadRequest("BOT_COMMAND_INVALID")
        bot.commands[fields.get("language_code", "")] = commands
        return True

    async def _on_sendChatAction(self, bot: BotSide, method: str, fields: dict[str, Any], _: Any) -> Any:  # noqa: N802
        chat = self._there(fields)
        self._done(bot, method, chat["id"], 0, fields.get("action", ""), fields)
        return True

    async def _on_sendMessageDraft(self, bot: BotSide, method: str, fields: dict[str, Any], _: Any) -> Any:  # noqa: N802
        chat = self._there(fields)
        if chat["type"] != "private" or not int(fields["draft_id"]):
            raise BadRequest("drafts are for private chats, and have a number")
        check_text(fields["text"], data_of(fields.get("entities"), []), 4096)
        self._done(bot, method, chat["id"], 0, fields["text"], fields)
        return True

    async def _on_sendMessage(self, bot: BotSide, method: str, fields: dict[str, Any], _: Any) -> Any:  # noqa: N802
        chat = self._there(fields)
        check_text(fields.get("text", ""), data_of(fields.get("entities"), []), 4096)
        return self._send(bot, method, chat, fields, {}, text=fields["text"])

    async def _on_media(self, bot: BotSide, method: str, fields: dict[str, Any], files: dict[str, bytes]) -> Any:
        chat = self._there(fields)
        if method == "sendVoice" and chat["id"] in self.no_voice:
            raise BadRequest("VOICE_MESSAGES_FORBIDDEN")
        data = next(iter(files.values()))
        check_file(method, data)
        self._check_caption(fields)
        return self._send(bot, method, chat, fields, files, caption=fields.get("caption", ""))

    async def _on_sendMediaGroup(self, bot: BotSide, method: str, fields: dict[str, Any], files: Any) -> Any:  # noqa: N802
        chat, media = self._there(fields), data_of(fields["media"], [])
        if not 2 <= len(media) <= 10 or len(files) != len(media):
            raise BadRequest("an album has 2 to 10 parts")
        if fields.get("reply_markup"):
            raise BadRequest("an album has no buttons")
        for one in media:
            self._check_caption(one | {"caption_entities": json.dumps(one.get("caption_entities", []))})
        captions = [{"caption": one["caption"]} if one.get("caption") else {} for one in media]
        sent = [self._message(chat, self._user(bot), media_group_id="1", **one) for one in captions]
        self._done(bot, method, chat["id"], sent[0]["message_id"], media[0].get("caption", ""), fields, files)
        return sent

    async def _on_editMessageText(self, bot: BotSide, method: str, fields: dict[str, Any], _: Any) -> Any:  # noqa: N802
        message = self._known(fields)
        check_text(fields["text"], data_of(fields.get("entities"), []), 4096)
        if message.get("text") == fields["text"]:
            raise BadRequest("message is not modified")
        message["text"] = fields["text"]
        self._done(bot, method, message["chat"]["id"], message["message_id"], fields["text"], fields)
        return message

    async def _on_editMessageCaption(self, bot: BotSide, method: str, fields: dict[str, Any], _: Any) -> Any:  # noqa: N802
        message = self._known(fields)
        self._check_caption(fields)
        if message.get("caption", "") == fields.get("caption", ""):
            raise BadRequest("message is not modified")
        message["caption"] = fields.get("caption", "")
        self._done(bot, method, message["chat"]["id"], message["message_id"], message["caption"], fields)
        return message

    async def _on_deleteMessage(self, bot: BotSide, method: str, fields: dict[str, Any], _: Any) -> Any:  # noqa: N802
        where = int(fields["chat_id"]), int(fields["message_id"])
        if where not in self.messages:
            raise BadRequest("message to delete not found")
        if time.time() - self.messages[where]["date"] > DELETED_FOR_S:
            raise BadRequest("message can't be deleted for everyone")
        del self.messages[where]
        self._done(bot, method, *where, "", fields)
        return True

    async def _on_editMessageReplyMarkup(  # noqa: N802
        self, bot: BotSide, method: str, fields: dict[str, Any], _: Any
    ) -> Any:
        message = self._known(fields)
        if "reply_markup" not in message:
            raise BadRequest("message is not modified")
        del message["reply_markup"]
        self._done(bot, method, message["chat"]["id"], message["message_id"], "", fields)
        return message

    async def _on_answerCallbackQuery(self, bot: BotSide, method: str, fields: dict[str, Any], _: Any) -> Any:  # noqa: N802
        if fields["callback_query_id"] not in self.queries:
            raise BadRequest("query is too old and response timeout expired or query ID is invalid")
        if len(fields.get("text", "")) > 200:
            raise BadRequest("MESSAGE_TOO_LONG")
        self.queries.discard(fields["callback_query_id"])
        self._done(bot, method, 0, 0, fields.get("text", ""), fields)
        return True

    async def _on_getFile(self, bot: BotSide, _: str, fields: dict[str, Any], __: Any) -> Any:  # noqa: N802
        data = self.files.get(fields["file_id"])
        if data is None:
            raise BadRequest("wrong file_id or the file is temporarily unavailable")
        if len(data) > 20_000_000:
            raise BadRequest("file is too big")
        about = {"file_id": fields["file_id"], "file_unique_id": fields["file_id"], "file_size": len(data)}
        return {**about, "file_path": fields["file_id"]}

    # What the handlers share

    def _there(self, fields: dict[str, Any]) -> dict[str, Any]:
        id = int(fields["chat_id"])
        if id in self.migrated:
            new = self.migrated[id]
            raise BadRequest("group chat was upgraded to a supergroup chat", migrate_to_chat_id=new)
        if id in self.blocked:
            raise BadRequest("bot was blocked by the user", 403)
        if id not in self.chats:
            raise BadRequest("chat not found")
        return self.chats[id]

    def _known(self, fields: dict[str, Any]) -> dict[str, Any]:
        message = self.messages.get((int(fields["chat_id"]), int(fields["message_id"])))
        if message is None:
            raise BadRequest("message to edit not found")
        return message

    def _check_caption(self, fields: dict[str, Any]) -> None:
        if fields.get("caption"):
            check_text(fields["caption"], data_of(fields.get("caption_entities"), []), 1024)

    def _send(
        self,
        bot: BotSide,
        method: str,
        chat: dict[str, Any],
        fields: dict[str, Any],
        files: dict[str, bytes],
        **say: str,
    ) -> dict[str, Any]:
        markup = data_of(fields.get("reply_markup"), None)
        check_keyboard(markup)
        answers = data_of(fields.get("reply_parameters"), {})
        known = (chat["id"], answers.get("message_id")) in self.messages
        if answers and not known and not answers.get("allow_sending_without_reply"):
            raise BadRequest("message to be replied not found")
        more = {"reply_markup": markup} if markup else {}
        message = self._message(chat, self._user(bot), **{name: text for name, text in say.items() if text}, **more)
        self._done(bot, method, chat["id"], message["message_id"], next(iter(say.values())), fields, files)
        return message

    def _done(
        self, bot: BotSide, method: str, chat: int, message: int, text: str, fields: Any, files: Any = None
    ) -> None:
        self.world.append(Done(method, bot.id, chat, message, text, dict(fields), files or {}))


async def _form(request: web.Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The call's fields and files."""
    fields: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            fields[name] = value
    return fields, files


def _no(status: int, description: str, **parameters: Any) -> web.Response:
    kept = {name: value for name, value in parameters.items() if value}
    body = {"ok": False, "error_code": status, "description": description, **({"parameters": kept} if kept else {})}
    return web.json_response(body, status=status)


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def running(port: int = 0) -> AsyncIterator[BotApi]:
    api = BotApi()
    app = web.Application(client_max_size=60_000_000)
    app.router.add_post("/bot{token}/{method}", api.answer)
    app.router.add_get("/file/bot{token}/{path}", api.download)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    api.port = runner.addresses[0][1]
    try:
        yield api
    finally:
        for bot in api.bots.values():
            bot.polls += 1
            bot.arrived.set()
        await runner.cleanup()
