"""Telegram as a platform: who a token is, and one bot's life in this process."""

import asyncio
from typing import TYPE_CHECKING, Any

from bots.platforms import Checked
from bots.telegram.channel import TelegramChannel
from bots.telegram.failing import ours
from bots.telegram.line import ANSWER_S, Line, open_bot, open_line
from bots.telegram.menus import show_menu
from bots.telegram.polling import poll
from bots.telegram.webhook import Hooks, hold_webhook, is_by_webhook
from memory.models import Account

if TYPE_CHECKING:
    from bots.core import Core


class Telegram:
    """`answer_s` is how long a call waits for its answer."""

    def __init__(self, answer_s: float = ANSWER_S) -> None:
        self._answer_s = answer_s
        self.channel = TelegramChannel()
        self.hooks = Hooks()

    async def check(self, token: str, options: dict[str, Any]) -> Checked:
        """See Platform.check."""
        bot, requests = open_bot(token, options)
        try:
            with ours(repeatable=True):
                me = await bot.get_me()
        finally:
            for request in requests:
                await request.shutdown()
        return Checked(str(me.id), me.username or "", _notes(me.can_join_groups, me.can_read_all_group_messages))

    async def run(self, account: Account, token: str, core: "Core") -> None:
        """See Platform.run."""
        line = open_line(account, token, core, self._answer_s)
        try:
            await line.introduce()
            await self._hold(line)
        finally:
            await line.close()

    async def _hold(self, line: Line) -> None:
        menu = asyncio.create_task(show_menu(line))
        self.channel.lines[line.account.id] = line
        self.hooks.use(line)
        try:
            await (hold_webhook(line) if is_by_webhook(line.account) else poll(line))
        finally:
            self.hooks.leave(line)
            self.channel.lines.pop(line.account.id, None)
            menu.cancel()
            await asyncio.gather(menu, return_exceptions=True)


def _notes(joins_groups: bool | None, reads_groups: bool | None) -> tuple[str, ...]:
    """What its owner may want to change at @BotFather."""
    if joins_groups and not reads_groups:
        return (
            "In groups it sees mentions, replies and commands only. To have it hear its name, switch privacy mode off "
            "with @BotFather (/setprivacy) and add it to the group again.",
        )
    return ()
