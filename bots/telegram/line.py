"""What does this process hold of one bot? Its connection to Telegram, its limits, and what was learned while it ran."""

import logging
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import telegram
from telegram import User
from telegram.request import HTTPXRequest

from bots.telegram.failing import ours
from bots.telegram.limits import Limits
from gator.errors import Refused
from gator.principal import Principal, service
from memory.models import Account

if TYPE_CHECKING:
    from bots.core import Core

POLL_S = 25  # a long poll; below what proxies commonly cut off (30 s and more)
ANSWER_S = 20.0  # for a call; sends are slow when Telegram is busy, and a time-out costs more than a wait
_CONNECT_S = 10.0
_UPLOAD_S = 60.0
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")  # it becomes a part of addresses
_SENDERS = 32  # connections of one bot
_REMEMBERED = 5_000

# At INFO they log URLs, in which the token is; the reader of answers logs those that it cannot read, with their texts.
for _name, _level in (
    ("telegram", logging.WARNING),
    ("httpx", logging.WARNING),
    ("httpcore", logging.WARNING),
    ("telegram.request.BaseRequest", logging.CRITICAL),
):
    logging.getLogger(_name).setLevel(_level)


class Bot(telegram.Bot):
    """The library's, which also gives updates as they came: one that cannot be read must not hold up the others."""

    async def raw_updates(self, offset: int | None, kinds: list[str], wait_s: int = POLL_S) -> list[Any]:
        data = {"offset": offset, "timeout": wait_s, "limit": 100, "allowed_updates": kinds}
        found = await self._post("getUpdates", data, read_timeout=wait_s + ANSWER_S)
        return found if isinstance(found, list) else []


@dataclass(slots=True)
class Line:
    """One bot, as long as this process has it."""

    account: Account
    bot: Bot
    requests: tuple[HTTPXRequest, HTTPXRequest]
    core: "Core"
    limits: Limits = field(default_factory=Limits)
    me: User | None = None
    has_drafts: bool = True  # until the server says that it knows none
    drafts: OrderedDict[str, int] = field(default_factory=OrderedDict)  # the draft's number in each chat that has one
    _drafts: int = 0
    moved: dict[int, int] = field(default_factory=dict)  # groups that became supergroups

    @property
    def worker(self) -> Principal:
        return service(self.account.workspace, "telegram")

    def next_draft(self) -> int:
        """A number for a new draft: any but 0."""
        self._drafts = self._drafts % 1_000_000 + 1
        return self._drafts

    async def introduce(self) -> User:
        """Ask Telegram who we are. Raises Refused for a token that is not good, Unavailable without an answer."""
        with ours(repeatable=True):
            self.me = await self.bot.get_me()
        return self.me

    async def close(self) -> None:
        for request in self.requests:
            await request.shutdown()


def open_line(account: Account, token: str, core: "Core", answer_s: float = ANSWER_S) -> Line:
    """A line for that bot; nothing is sent yet."""
    bot, requests = open_bot(token, account.options or {}, answer_s)
    return Line(account, bot, requests, core)


def open_bot(
    token: str, options: dict[str, Any], answer_s: float = ANSWER_S
) -> tuple[Bot, tuple[HTTPXRequest, HTTPXRequest]]:
    """A bot at Telegram's server, or at the one of `base_url` (https://core.telegram.org/bots/api#using-a-local-bot-api-server)."""
    if not _TOKEN.fullmatch(token):
        raise Refused("That is no token of a Telegram bot.", remedy="@BotFather shows it: digits, a colon, letters.")
    polls = _request(2, answer_s)
    sends = _request(_SENDERS, answer_s)
    where: dict[str, Any] = {}
    if options.get("base_url"):
        base = str(options["base_url"]).rstrip("/")
        where = {"base_url": f"{base}/bot", "base_file_url": f"{base}/file/bot"}
    return Bot(token, request=sends, get_updates_request=polls, **where), (polls, sends)


def _request(connections: int, answer_s: float) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=_CONNECT_S,
        read_timeout=answer_s,
        write_timeout=answer_s,
        media_write_timeout=_UPLOAD_S,
        pool_timeout=_CONNECT_S,
    )


def remember(of: OrderedDict[str, Any], key: str, value: Any) -> None:
    """Keep it, and forget what was kept longest ago when there is much."""
    of[key] = value
    of.move_to_end(key)
    while len(of) > _REMEMBERED:
        of.popitem(last=False)


def identity(line: Line) -> tuple[int, str]:
    """The bot's own id and user name: as Telegram said, else as they were when the account was added."""
    if line.me:
        return line.me.id, line.me.username or ""
    return int(line.account.external_id or 0), line.account.handle
