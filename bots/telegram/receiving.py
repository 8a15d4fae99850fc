"""What does an update say? `read` turns one of Telegram's into a small thing of ours, or nothing; it asks and changes nothing.

Whatever is not for us, of a bot, or of a kind that we know no answer to, is nothing.
"""

from dataclasses import dataclass, replace
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberUpdated,
    Message,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    Update,
    User,
)

from bots.channel import Attachment
from bots.doorway import Person
from bots.reactions import Reaction
from bots.telegram import attachments
from bots.telegram.groups import Me, is_addressed, without_mention
from bots.telegram.places import Place

# What we ask Telegram for. No channel posts: nothing here would answer them.
KINDS = ["message", "edited_message", "message_reaction", "callback_query", "my_chat_member"]
_GONE = (ChatMember.LEFT, ChatMember.BANNED)


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote. `command` is the name of a command that it begins with."""

    person: Person
    place: Place
    is_group: bool
    title: str
    id: str  # platform id of the message
    text: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""
    in_album: bool = False
    command: str = ""
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """Somebody changed what they had written."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody tapped a button under a message of ours."""

    query: str
    person: Person
    place: Place
    message: int | None
    press: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup."""

    old: Place
    new: Place


@dataclass(frozen=True, slots=True)
class Reachable:
    """Whether a chat takes our messages, from now on."""

    place: Place
    yes: bool


Received = Said | Edited | Reaction | Pressed | Moved | Reachable


def read(update: Update, me: Me) -> Received | None:
    """What the update says to us."""
    if update.message:
        return _message(update.message, me)
    if update.edited_message:
        return _edit(update.edited_message, me)
    if update.message_reaction:
        return _reaction(update.message_reaction)
    if update.callback_query:
        return _press(update.callback_query)
    if update.my_chat_member:
        return _reachable(update.my_chat_member)
    return None


def _message(message: Message, me: Me) -> Received | None:
    if message.migrate_to_chat_id:
        return Moved(Place(message.chat.id), Place(message.migrate_to_chat_id))
    author, is_group = message.from_user, message.chat.type != Chat.PRIVATE
    if author is None or not _is_persons(message):
        return None
    if is_group and not is_addressed(message, me):
        return None
    found = tuple(attachments.of(message))
    text = clean(words_of(message))
    if not text.strip() and not found:
        return None
    said = Said(
        person=person_of(author),
        place=place_of(message),
        is_group=is_group,
        title=clean(message.chat.title or ""),
        id=place_of(message).message(message.message_id),
        text=without_mention(text, me.handle) if is_group else text,
        attachments=found,
        reply_to=_replied(message),
        in_album=bool(message.media_group_id),
    )
    return _as_command(said, message, me)


def _is_persons(message: Message) -> bool:
    """Whether a person wrote it: no bot (two that answer each other never stop), no channel, nobody anonymous."""
    author = message.from_user
    return author is not None and not author.is_bot and not message.sender_chat and message.chat.type != Chat.CHANNEL


def _as_command(said: Said, message: Message, me: Me) -> Said | None:
    """The message with its command, if it begins with one; nothing when that is another bot's."""
    first = next(iter(message.entities or ()), None)
    if first is None or first.type != "bot_command" or first.offset != 0 or message.forward_origin:
        return said
    word, _, argument = clean(message.text or "").partition(" ")
    name, _, whose = word.removeprefix("/").partition("@")
    if whose and whose.casefold() != me.handle.casefold():
        return None
    return replace(said, command=name.lower(), argument=argument.strip())


def words_of(message: Message) -> str:
    """What the message says in words. What was forwarded is quoted: those are somebody else's."""
    text = message.text or message.caption or attachments.in_words(message)
    if message.forward_origin and text:
        return "\n".join(f"> {line}" for line in text.splitlines())
    return text


def clean(text: str) -> str:
    """Without what no database keeps: halves of characters, and zero bytes."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def person_of(user: User) -> Person:
    return Person(str(user.id), clean(user.full_name), user.language_code or "")


def place_of(message: Message) -> Place:
    return Place(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def _replied(message: Message) -> str:
    answered: Any = message.reply_to_message
    # The first message of a topic is what everything there answers: that says nothing.
    if answered is None or answered.forum_topic_created:
        return ""
    return Place(message.chat.id).message(answered.message_id)


def _edit(message: Message, me: Me) -> Edited | None:
    text = clean(words_of(message))
    if not _is_persons(message) or message.location or not text.strip():
        return None  # a live location moves by edits
    text = without_mention(text, me.handle) if message.chat.type != Chat.PRIVATE else text
    return Edited(place_of(message).message(message.message_id), text)


def _reaction(change: MessageReactionUpdated) -> Reaction | None:
    """What changed; of custom emoji and of what is paid for nothing is shown, and of nobody's neither."""
    if change.user is None or change.user.is_bot:
        return None
    before, after = ([one.emoji for one in kinds if isinstance(one, ReactionTypeEmoji)]
                     for kinds in (change.old_reaction, change.new_reaction))  # fmt: skip
    place = Place(change.chat.id)
    added, removed = [one for one in after if one not in before], [one for one in before if one not in after]
    return Reaction(place.thread, place.message(change.message_id), str(change.user.id), added, removed)


def _press(query: CallbackQuery) -> Pressed | None:
    if not query.data or query.from_user.is_bot:
        return None
    under = query.message
    place = Place(under.chat.id) if under else Place(query.from_user.id)
    return Pressed(query.id, person_of(query.from_user), place, under.message_id if under else None, clean(query.data))


def _reachable(change: ChatMemberUpdated) -> Reachable:
    return Reachable(Place(change.chat.id), change.new_chat_member.status not in _GONE)
