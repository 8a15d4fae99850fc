"""When does a persona speak in a group? When mentioned, answered, named at the start or the end, or given its command.

Everything else that the bot sees there is neither answered nor kept.
"""

import re
from dataclasses import dataclass

from telegram import Message, MessageEntity

_WORD = re.compile(r"[\w'’-]+")
_FIRST_WORDS = 3  # "so Nova, what …"; further in, people talk about somebody rather than to them


@dataclass(frozen=True, slots=True)
class Me:
    """Who is spoken to: the bot's id and user name, and the names people call the persona by."""

    id: int
    handle: str
    names: frozenset[str] = frozenset()  # case-folded


def names_of(name: str) -> frozenset[str]:
    """What people call somebody of that name: all of it, or its first word."""
    whole = name.casefold().strip()
    return frozenset({whole, whole.split(" ")[0]} - {""})


def is_addressed(message: Message, me: Me) -> bool:
    """Whether a group's message is for us."""
    answered = message.reply_to_message
    if answered and answered.from_user and answered.from_user.id == me.id:
        return True
    return _is_mentioned(message, me) or is_named(message.text or message.caption or "", me.names)


def _is_mentioned(message: Message, me: Me) -> bool:
    marked = {**message.parse_entities(), **message.parse_caption_entities()}
    at = f"@{me.handle}".casefold()
    for entity, text in marked.items():
        if entity.type == MessageEntity.TEXT_MENTION and entity.user and entity.user.id == me.id:
            return True
        if entity.type == MessageEntity.MENTION and text.casefold() == at:
            return True
        if entity.type == MessageEntity.BOT_COMMAND and text.casefold().endswith(at):
            return True
    return False


def is_named(text: str, names: frozenset[str]) -> bool:
    """Whether one of the names stands among the first words or is the last one."""
    words = [word.casefold() for word in _WORD.findall(text)]
    near = [" ".join(words[:_FIRST_WORDS]), " ".join(words[-2:])]
    return any(_stands_in(name, near[0]) or near[1].endswith(f" {name}") or near[1] == name for name in names)


def _stands_in(name: str, words: str) -> bool:
    return f" {name} " in f" {words} "


def without_mention(text: str, handle: str) -> str:
    """The text without the bot's user name at its start or end, which says only whom it is for."""
    at = re.escape(f"@{handle}")
    return re.sub(rf"^\s*{at}\b[\s,:]*|[\s,]*{at}\s*$", "", text, flags=re.IGNORECASE) or text
