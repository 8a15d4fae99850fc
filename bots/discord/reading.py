"""What does a message of Discord's say, and is it for us? Pure: an event's JSON is all that it takes.

A field that is missing or of another kind than documented raises KeyError, TypeError or ValueError: the event is dropped.
https://discord.com/developers/docs/resources/message
"""

import re
from dataclasses import dataclass
from typing import Any

from bots.channel import Attachment, AttachmentKind
from bots.doorway import Person
from bots.reactions import Reaction

_DEFAULT, _REPLY = 0, 19  # of the types of messages, those that a person writes
_VOICE = 1 << 13  # IS_VOICE_MESSAGE
_MOST_ATTACHMENTS = 10
_WORDS_BEFORE_A_NAME = 2  # "hey there Nova"


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are there, so that we know when somebody means us."""

    user: str
    application: str
    names: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()  # that Discord made for the bot: people mention them by mistake


@dataclass(frozen=True, slots=True)
class Heard:
    """A person's message."""

    id: int
    channel: str
    guild: str  # "" in private
    person: Person
    text: str
    attachments: tuple[Attachment, ...]
    reply_to: str
    to_us: bool  # in private, or we are mentioned, replied to or called by name
    edited: bool

    @property
    def private(self) -> bool:
        return not self.guild


def heard(data: dict[str, Any], me: Me) -> Heard | None:
    """The message; None for what bots, webhooks and Discord itself write."""
    if data["author"].get("bot") or data.get("webhook_id") or data.get("type", _DEFAULT) not in (_DEFAULT, _REPLY):
        return None
    reference = data.get("message_reference") or {}
    forwarded = reference.get("type", 0) == 1
    guild = _id(data.get("guild_id"))
    raw = _forwarded(data) if forwarded else str(data.get("content") or "")
    return Heard(
        id=int(data["id"]),
        channel=str(int(data["channel_id"])),
        guild=guild,
        person=person(data["author"], data.get("member")),
        text=_in_words(raw, data, me),
        attachments=tuple(_attachments(data)),
        reply_to="" if forwarded else _id(reference.get("message_id")),
        to_us=not guild or _mentioned(data, me) or _answered(data, me) or calls(raw, me.names),
        edited=bool(data.get("edited_timestamp")),
    )


def reacted(event: str, data: dict[str, Any], me: Me) -> Reaction | None:
    """Who put which emoji under which message, or took it away; None for our own and for a server's own emoji."""
    who, emoji = str(int(data["user_id"])), data["emoji"]
    if (
        who == me.user
        or emoji.get("id")
        or not emoji.get("name")
        or (data.get("member") or {}).get("user", {}).get("bot")
    ):
        return None
    signs = [str(emoji["name"])]
    added, removed = (signs, []) if event == "MESSAGE_REACTION_ADD" else ([], signs)
    return Reaction(str(int(data["channel_id"])), str(int(data["message_id"])), who, added, removed)


def person(user: dict[str, Any], member: dict[str, Any] | None = None, locale: str = "") -> Person:
    """A user as the place calls them: by their name in the server, else their own."""
    name = (member or {}).get("nick") or user.get("global_name") or user.get("username") or ""
    return Person(str(int(user["id"])), str(name)[:100], locale)


def calls(text: str, names: tuple[str, ...]) -> bool:
    """Whether the text calls one of the names: near its beginning or at its end, not in passing."""
    return any(_calls(text, name) for name in names if name)


def _calls(text: str, name: str) -> bool:
    called = re.escape(name)
    before = rf"\s*(?:[\w']+[,!]?\s+){{0,{_WORDS_BEFORE_A_NAME}}}@?"
    first = re.match(rf"{before}{called}\s*(?:[,:!?.…—-]|$)", text, re.I)
    alone = re.match(rf"\s*@?{called}\b(?!['’]s\b)", text, re.I)
    last = re.search(rf"[,\s]@?{called}\s*[!?.…]*\s*$", text, re.I)
    return bool(first or alone or last)


def _mentioned(data: dict[str, Any], me: Me) -> bool:
    if any(str(one["id"]) == me.user for one in data.get("mentions") or []):
        return True
    return not me.roles.isdisjoint(str(role) for role in data.get("mention_roles") or [])


def _answered(data: dict[str, Any], me: Me) -> bool:
    """Whether it replies to us, or to a webhook through which we spoke."""
    original = data.get("referenced_message") or {}
    ours = str(original.get("application_id") or "") == me.application and original.get("webhook_id")
    return bool(original) and (str(original["author"]["id"]) == me.user or bool(ours))


def _in_words(text: str, data: dict[str, Any], me: Me) -> str:
    """The text without the mention of us, other people and emoji by their names."""
    names = {str(one["id"]): str(one.get("global_name") or one.get("username")) for one in data.get("mentions") or []}
    text = re.sub(rf"<@!?{me.user}>", "", text)
    for role in me.roles:
        text = text.replace(f"<@&{role}>", "")
    text = re.sub(r"<@!?(\d+)>", lambda found: "@" + names.get(found[1], "somebody"), text)
    return re.sub(r"<a?(:\w+:)\d+>", r"\1", text).replace("\0", "").strip()  # PostgreSQL takes no NUL


def _forwarded(data: dict[str, Any]) -> str:
    shots = data.get("message_snapshots") or []
    return "\n".join(str(one["message"].get("content") or "") for one in shots)


def _attachments(data: dict[str, Any]) -> list[Attachment]:
    voice = bool(int(data.get("flags") or 0) & _VOICE)
    place = f"{int(data['channel_id'])}/{int(data['id'])}"
    files = [_file(one, place, voice) for one in (data.get("attachments") or [])[:_MOST_ATTACHMENTS]]
    stickers = [
        Attachment(
            "sticker", f"sticker/{int(one['id'])}", says=str(one.get("name") or ""), name=str(one.get("name") or "")
        )
        for one in data.get("sticker_items") or []
    ]
    return files + stickers


def _file(data: dict[str, Any], place: str, voice: bool) -> Attachment:
    mime = str(data.get("content_type") or "").split(";")[0].strip().lower()
    duration = data.get("duration_secs")
    return Attachment(
        kind="voice" if voice else _kind(mime),
        ref=f"{place}/{int(data['id'])}",
        mime=mime,
        name=str(data.get("filename") or "")[:200],
        size_bytes=int(data.get("size") or 0),
        duration_s=float(duration) if duration is not None else None,
        says=str(data.get("description") or "")[:500],
    )


def _kind(mime: str) -> AttachmentKind:
    kinds: dict[str, AttachmentKind] = {"image": "picture", "audio": "audio", "video": "video"}
    return kinds.get(mime.split("/")[0], "document")


def _id(value: Any) -> str:
    return str(int(value)) if value else ""
