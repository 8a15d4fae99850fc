"""Which frames may clients send over the websocket, and which answer them? What happens in a conversation: `bots.frames`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from gator.clock import now

MAX_FRAME_CHARS = 64 * 1024
CLIENT_ID = 64  # characters at most
MAX_FRAME_BYTES = 4 * MAX_FRAME_CHARS  # of UTF-8; the server refuses more before we see it


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore")  # a client may know fields that we do not (yet)


class Authenticate(_Frame):
    type: Literal["authenticate"]
    token: str = Field(max_length=4096)


class _OfConversation(_Frame):
    conversation_id: str = Field(max_length=64)


_Id = Annotated[str, Field(max_length=64)]


class JoinConversation(_OfConversation):
    type: Literal["join_conversation"]
    after: str | None = Field(None, max_length=64)  # replay what came after this message; "" from the window's start
    # The newest messages that the client has: with them nothing is missed that was written a little later under an
    # earlier id, as may happen where several processes write, and nothing comes twice.
    seen: list[_Id] = Field([], max_length=200)


class GetHistory(_OfConversation):
    type: Literal["get_history"]
    before: str | None = Field(None, max_length=64)  # messages before this one; the newest without it
    limit: int = Field(50, ge=1, le=100)


class LeaveConversation(_OfConversation):
    type: Literal["leave_conversation"]


class TypingStart(_OfConversation):
    type: Literal["typing_start"]


class TypingStop(_OfConversation):
    type: Literal["typing_stop"]


class SendMessage(_OfConversation):
    type: Literal["send_message"]
    content: str = Field("", max_length=8000)
    attachments: list[_Id] = Field([], max_length=10)  # assets that were uploaded for it
    reply_to: str = Field("", max_length=64)  # the message that it answers
    persona_id: str | None = Field(None, max_length=64)
    client_id: str | None = Field(None, max_length=CLIENT_ID)  # the same one again is the same message

    @model_validator(mode="after")
    def _says_something(self) -> "SendMessage":
        if not self.content and not self.attachments:
            raise ValueError("it has neither words nor attachments")
        return self


class EditMessage(_OfConversation):
    type: Literal["edit_message"]
    message_id: str = Field(max_length=64)
    content: str = Field(min_length=1, max_length=8000)


class DeleteMessage(_OfConversation):
    type: Literal["delete_message"]
    message_id: str = Field(max_length=64)


class WantPerson(_OfConversation):
    type: Literal["want_person"]
    reason: str = Field("", max_length=500)


class GetOnlineStatus(_Frame):
    type: Literal["get_online_status"]
    user_ids: list[_Id] = Field(max_length=100)


class Decide(_Frame):
    type: Literal["decide"]
    approval_id: str = Field(max_length=64)
    approved: bool


class Ping(_Frame):
    type: Literal["ping"]


Sent = Annotated[
    Authenticate
    | JoinConversation
    | LeaveConversation
    | TypingStart
    | TypingStop
    | GetHistory
    | SendMessage
    | EditMessage
    | DeleteMessage
    | WantPerson
    | GetOnlineStatus
    | Decide
    | Ping,
    Field(discriminator="type"),
]
SENT: TypeAdapter[Sent] = TypeAdapter(Sent)
AUTHENTICATE: TypeAdapter[Authenticate] = TypeAdapter(Authenticate)


def frame(type: str, **fields: Any) -> dict[str, Any]:
    """A frame to a client; every one carries the time."""
    return {"type": type, **fields, "timestamp": now().isoformat()}
