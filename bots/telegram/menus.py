"""Which commands does the bot's menu show? Those of its account, in each language that has words."""

import structlog
from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bots import words
from bots.telegram.line import Line

log = structlog.get_logger()


async def show_menu(line: Line) -> None:
    """Put the commands into the bot's menu; without it they work all the same, so a failure is only logged."""
    from bots import commands

    try:
        for language in words.languages():
            menu = [BotCommand(name, told[:256]) for name, told in commands.menu(line.account, language)]
            # No language: for everybody who has none of the others.
            code = "" if language == words.USUAL else language
            await line.bot.set_my_commands(menu, scope=BotCommandScopeAllPrivateChats(), language_code=code or None)
    except TelegramError as no:
        log.warning("menu_not_set", account=line.account.id, error=type(no).__name__)
