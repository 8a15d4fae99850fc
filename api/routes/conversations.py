"""Conversations and their messages. Answers arrive as frames of the websocket, or as rows to be read here."""

from fastapi import APIRouter, Response
from pydantic import Field

from api.conversing import accept, may_read, may_speak, note_reading
from api.deps import CallerDep, CoreDep, KeyHeader, needs
from api.shapes import (
    Body,
    ConversationOut,
    Cursor,
    FromRow,
    Limit,
    MessageOut,
    Page,
    conversation_out,
    message_out,
    page,
)
from gator.ids import new_id

router = APIRouter(prefix="/conversations", tags=["conversations"])


class StartConversation(Body):
    """With the Gator agent."""

    thread: str = Field(
        "main", min_length=1, max_length=64, description="a name to tell several conversations of yours apart"
    )


class Say(Body):
    text: str = Field("", max_length=8000)
    attachments: list[str] = Field([], max_length=10, description="what was uploaded for this conversation")
    client_id: str | None = Field(None, max_length=64, description="the same one again is the same message")


class Accepted(Body):
    conversation: str
    client_id: str
    message: str | None = Field(description="the message's id; none where it was there already")
    duplicate: bool = Field(description="it was there already; it is answered once")


class Export(FromRow):
    conversation: ConversationOut
    messages: list[MessageOut]


@router.get("", dependencies=[needs("conversations:read")])
async def list_conversations(
    core: CoreDep,
    caller: CallerDep,
    persona: str | None = None,
    fan: str | None = None,
    limit: Limit = 50,
    before: Cursor = None,
) -> Page[ConversationOut]:
    """All conversations of the workspace, newest first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        persona_id = (await work.personas.named(persona)).id if persona else None
        rows = await work.conversations.of(persona_id=persona_id, fan_id=fan, limit=limit, before=before)
    return page(rows, [conversation_out(row) for row in rows], limit)


@router.post("", status_code=201, dependencies=[needs("chat")])
async def start_conversation(
    ask: StartConversation, response: Response, core: CoreDep, caller: CallerDep
) -> ConversationOut:
    """The conversation of yours by that name with the Gator agent (a fan: with their persona), made when it is new."""
    row = await core.converse(caller.principal, thread=ask.thread)
    response.headers["Location"] = f"/api/v1/conversations/{row.id}"
    return conversation_out(row)


@router.get("/{conversation}", dependencies=[needs("chat", "conversations:read")])
async def get_conversation(conversation: str, core: CoreDep, caller: CallerDep) -> ConversationOut:
    async with core.store.open_work(caller.principal, reads=True) as work:
        return conversation_out(may_read(caller, await work.conversations.get(conversation)))


@router.get("/{conversation}/messages", dependencies=[needs("chat", "conversations:read")])
async def list_messages(
    conversation: str, core: CoreDep, caller: CallerDep, limit: Limit = 50, before: Cursor = None
) -> Page[MessageOut]:
    """The newest messages, oldest first; `next` leads to those before them."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = may_read(caller, await work.conversations.get(conversation))
        rows = await work.conversations.window(conversation, limit, before)
    await note_reading(core, caller, row)
    cursor = rows[0].id if len(rows) == limit else None
    return Page(items=[message_out(row) for row in rows], next=cursor)


@router.post("/{conversation}/messages", status_code=202, dependencies=[needs("chat")])
async def post_message(
    conversation: str, ask: Say, response: Response, core: CoreDep, caller: CallerDep, idempotency_key: KeyHeader = None
) -> Accepted:
    """Say something in a conversation of yours; the answer follows as messages."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = may_speak(caller, await work.conversations.get(conversation))
    client_id = ask.client_id or idempotency_key or new_id()
    id = await accept(core, caller, row, ask.text, client_id, attachments=ask.attachments)
    response.headers["Location"] = f"/api/v1/conversations/{row.id}/messages"
    return Accepted(conversation=row.id, client_id=client_id, message=id or None, duplicate=id is None)


@router.get("/{conversation}/export", dependencies=[needs("conversations:read")])
async def export_conversation(conversation: str, core: CoreDep, caller: CallerDep) -> Export:
    """The whole conversation as one document; that it was read is written to the audit log."""
    async with core.store.open_work(caller.principal) as work:
        row = await work.conversations.get(conversation)
        messages: list[MessageOut] = []
        while rows := await work.conversations.after(conversation, messages[-1].id if messages else None):
            messages += [message_out(one) for one in rows]
        await work.audit.note("conversation.export", conversation)
    return Export(conversation=conversation_out(row), messages=messages)
