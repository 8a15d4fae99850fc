"""As whom do we write in a chat? As the bot, with a nonce that makes a repeated send one; or through a webhook, as a persona."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import discord
import orjson
from discord.http import MultipartParameters

from bots.discord.wire import Http, asked

_SUPPRESS_EMBEDS = 1 << 2  # no previews: a link that a model wrote is not visited by anybody's client
NOBODY: dict[str, Any] = {"parse": [], "replied_user": False}


@dataclass(frozen=True, slots=True)
class Said:
    """What a message consists of."""

    text: str = ""
    files: Sequence[discord.File] = ()
    about_files: Sequence[dict[str, Any]] = ()  # Discord's `attachments`, in the files' order
    components: list[dict[str, Any]] | None = None
    reply_to: str = ""
    flags: int = _SUPPRESS_EMBEDS
    nonce: str = ""

    def payload(self) -> dict[str, Any]:
        data: dict[str, Any] = {"content": self.text, "allowed_mentions": NOBODY, "flags": self.flags}
        if self.components is not None:
            data["components"] = self.components
        if self.about_files:
            data["attachments"] = list(self.about_files)
        return data


class Voice(Protocol):
    @property
    def author(self) -> str:
        """The id of whom Discord names as the author of what is written."""
        ...

    async def write(self, said: Said) -> str:
        """Give the new message's id. Raises what `asked` raises; after Unavailable it may have arrived."""
        ...

    async def change(self, id: str, said: Said) -> None: ...

    async def remove(self, id: str) -> None: ...

    async def read(self, id: str) -> dict[str, Any]:
        """One of its own messages, with its content. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class BotVoice:
    """The bot itself."""

    http: Http
    author: str
    channel: str

    async def write(self, said: Said) -> str:
        data = said.payload()
        if said.nonce:
            data |= {"nonce": said.nonce, "enforce_nonce": True}
        if said.reply_to:
            data["message_reference"] = {"message_id": said.reply_to, "fail_if_not_exists": False}
        call = self.http.send_message(int(self.channel), params=parameters(data, said.files))
        answer: Any = await asked(call)
        return str(int(answer["id"]))

    async def change(self, id: str, said: Said) -> None:
        await asked(self.http.edit_message(int(self.channel), int(id), params=parameters(said.payload(), said.files)))

    async def remove(self, id: str) -> None:
        await asked(self.http.delete_message(int(self.channel), int(id)))

    async def read(self, id: str) -> dict[str, Any]:
        data: dict[str, Any] = await asked(self.http.get_message(int(self.channel), int(id)))
        return data


def parameters(data: dict[str, Any], files: Sequence[discord.File]) -> MultipartParameters:
    """The request's body, as the library's HTTP client takes it."""
    if not files:
        return MultipartParameters(payload=data, multipart=None, files=None)
    return MultipartParameters(payload=None, multipart=form(data, files), files=files)


def form(data: dict[str, Any], files: Sequence[discord.File]) -> list[dict[str, Any]]:
    """The fields of a multipart body."""
    fields: list[dict[str, Any]] = [{"name": "payload_json", "value": orjson.dumps(data).decode()}]
    for index, file in enumerate(files):
        kind = "application/octet-stream"
        fields.append({"name": f"files[{index}]", "value": file.fp, "filename": file.filename, "content_type": kind})
    return fields
