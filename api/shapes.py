"""Which shapes do resources share? Pages by cursor, and rows as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gator.links import media_url, small_url
from gator.settings import Settings
from memory.models import Approval, Asset, Conversation, Job, Message
from memory.models.base import Row
from tools.orders import MediaQueued

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=200, description="most items to give")]
Cursor = Annotated[str | None, Query(max_length=64, description="`next` of the page before")]


class Body(BaseModel):
    """What a request brings; an unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(None, description="cursor of the page that follows; none on the last one")


def page(rows: Sequence[Row], items: list[T], limit: int) -> Page[T]:
    """A page of a listing that goes from newest to oldest by id."""
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


Q = TypeVar("Q", bound=MediaQueued)


def follow(response: Response, queued: Q) -> Q:
    """What was ordered, with the address of its job."""
    response.headers["Location"] = f"/api/v1/jobs/{queued.job}"
    return queued


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class JobOut(FromRow):
    id: str
    kind: str
    state: str = Field(description="queued, paused, running, done, failed or cancelled")
    progress: float = Field(description="0 to 1")
    eta_s: float | None
    model: str | None = Field(description="of the shelf; none: it needs no device")
    device: str = Field(description="where it runs or ran; empty: it needs none, or has not begun")
    deadline_at: datetime | None
    asset: str | None = Field(validation_alias="asset_id")
    attempts: int
    error: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class AssetOut(FromRow):
    id: str
    kind: str = Field(description="picture, voice or video")
    state: str = Field(description="pending, ready or failed")
    title: str
    mime: str
    size_bytes: int
    sha256: str
    width_px: int | None
    height_px: int | None
    duration_s: float | None
    rating: str = Field(description="general, mature or unknown; no fan gets what nobody has rated")
    likeness: str = Field(
        description="of a persona's picture: held, unheld, unchecked, drifted or accepted; else empty"
    )
    alt_text: str
    provenance: dict[str, Any]
    persona: str | None = Field(validation_alias="persona_id")
    created_at: datetime
    url: str | None = Field(None, description="a signed address of the file, good for some two hours")
    small_url: str | None = Field(None, description="the same of a small WebP: of a picture, or of a moment of a video")


class ApprovalOut(FromRow):
    id: str
    capability: str
    effect: str
    summary: str
    arguments: dict[str, Any]
    arguments_hash: str
    state: str = Field(description="pending, approved, rejected, regenerate, revised, expired or used")
    asked_by: str
    decided_by: str
    conversation: str = Field(validation_alias="conversation_id")
    created_at: datetime
    decided_at: datetime | None
    expires_at: datetime


class ConversationOut(FromRow):
    id: str
    channel: str
    persona: str | None = Field(validation_alias="persona_id")
    fan: str | None = Field(validation_alias="fan_id")
    user: str | None = Field(validation_alias="user_id")
    title: str
    created_at: datetime


class MessageOut(FromRow):
    id: str
    author: str = Field(description="fan, operator, persona, gator or notice")
    text: str
    assets: list[str]
    is_ai: bool = Field(False, description="whether a machine wrote it")
    edited: bool = Field(False, description="its author changed it")
    deleted: bool = Field(False, description="its author took it back, so nothing is in it")
    created_at: datetime


def job_out(row: Job) -> JobOut:
    return JobOut.model_validate(row)


def asset_out(settings: Settings, row: Asset) -> AssetOut:
    shown = AssetOut.model_validate(row)
    shown.provenance = {
        name: told for name, told in shown.provenance.items() if name != "edit"
    }  # it has its own address
    if row.state == "ready":
        shown.url, shown.small_url = media_url(settings, row.id), small_url(settings, row.id, row.kind)
    return shown


def approval_out(row: Approval) -> ApprovalOut:
    return ApprovalOut.model_validate(row)


def conversation_out(row: Conversation) -> ConversationOut:
    return ConversationOut.model_validate(row)


def message_out(row: Message) -> MessageOut:
    marks = {"edited": bool(row.meta.get("edited")), "deleted": bool(row.meta.get("deleted"))}
    machine = row.author in ("persona", "gator", "notice")
    return MessageOut.model_validate(row).model_copy(update={"is_ai": machine, **marks})
