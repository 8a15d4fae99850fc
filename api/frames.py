"""Which frames may clients send over the websocket, and which answer them? What happens in a conversation: `bots.frames`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gator.clock import now

MAX_FRAME_CHARS = 64 * 1024
MAX_FRAME_BYTES = 4 * MAX_FRAME_CHARS  # of UTF-8; the server refuses more before we see it


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore")  # a client may know fields that we do not (yet)


class Authenticate(_Frame):
    type: Literal["authenticate"]
    token: str = Field(max_length=4096)


class _OfConversation(_Frame):
    conversation_id: str = Field(max_length=64)


class JoinConversation(_OfConversation):
    type: Literal["join_conversation"]
    after: str | None = Field(None, max_length=64)  # replay what came after this message; "" from the window's start


class LeaveConversation(_OfConversation):
    type: Literal["leave_conversation"]


class TypingStart(_OfConversation):
    type: Literal["typing_start"]


class TypingStop(_OfConversation):
    type: Literal["typing_stop"]


class SendMessage(_OfConversation):
    type: Literal["send_message"]
    content: str = Field(min_length=1, max_length=8000)
    persona_id: str | None = Field(None, max_length=64)
    client_id: str | None = Field(None, max_length=64)  # the same one again is the same message


class GetOnlineStatus(_Frame):
    type: Literal["get_online_status"]
    user_ids: list[Annotated[str, Field(max_length=64)]] = Field(max_length=100)


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
    | SendMessage
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
