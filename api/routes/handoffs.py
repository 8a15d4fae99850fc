"""Who answers a fan: take a conversation over, write, note, have a reply suggested, hand it back."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field, model_validator

from api.conversing import checked, note_reading
from api.deps import CallerDep, CoreDep, KeyHeader, needs
from api.routes.inbox import InboxRow, row_out
from api.shapes import Body, FromRow, Limit, MessageOut, message_out
from bots import inbox
from gator.ids import new_id

router = APIRouter(prefix="/conversations/{conversation}", tags=["inbox"])


class HandoffOut(FromRow):
    id: str
    kind: str = Field(description="wanted, taken, returned or note")
    by: str
    by_name: str = Field("", description="what whoever did it is called")
    reason: str
    text: str = Field(description="the note, the summary that the bot reads, or from whom it was taken over")
    created_at: datetime


class Text(Body):
    text: str = Field(min_length=1, max_length=8000)


class ToFan(Body):
    text: str = Field("", max_length=8000)
    attachments: list[str] = Field([], max_length=10, description="what was uploaded for this conversation")

    @model_validator(mode="after")
    def _says_something(self) -> "ToFan":
        if not self.text and not self.attachments:
            raise ValueError("it has neither words nor attachments")
        return self


_OVER = "in place of the operator who answers there, who is told"


class Take(Body):
    over: bool = Field(False, description=_OVER)


class HandBack(Body):
    summary: str = Field("", max_length=4000, description="what the bot should know; empty: what you wrote, shortened")
    over: bool = Field(False, description=_OVER)


class Want(Body):
    reason: str = Field("", max_length=500, description="why a person is needed, in a few words")


class Suggestion(Body):
    text: str = Field(description="what the persona would say now; nothing was sent")


@router.get("/handoffs", dependencies=[needs("conversations:read")])
async def list_handoffs(conversation: str, core: CoreDep, caller: CallerDep, limit: Limit = 100) -> list[HandoffOut]:
    """What happened between the bot and people there, with operators' notes, oldest first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = await work.conversations.get(conversation)
        rows = await work.handoffs.of(row.id, limit)
        names = await inbox.who_by(work, [one.by for one in rows])
    await note_reading(core, caller, row)
    return [HandoffOut.model_validate(one).model_copy(update={"by_name": names[one.by]}) for one in rows]


@router.post("/take", dependencies=[needs("conversations:answer")])
async def take_conversation(conversation: str, core: CoreDep, caller: CallerDep, ask: Take | None = None) -> InboxRow:
    """Answer in the bot's place from now on: what it had not begun to send is dropped. Conflict when somebody does."""
    await core.desk.take(caller.principal, conversation, over=ask is not None and ask.over)
    return await _row(core, caller, conversation)


@router.post("/say", status_code=201, dependencies=[needs("conversations:answer")])
async def say_to_fan(
    conversation: str, ask: ToFan, core: CoreDep, caller: CallerDep, idempotency_key: KeyHeader = None
) -> MessageOut:
    """Write to the fan, or send files, once for an Idempotency-Key. Conflict for whoever has not taken the conversation over."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = await work.conversations.get(conversation)
    await checked(core, caller, row, ask.attachments)
    key = idempotency_key or new_id()
    return message_out(await core.desk.say(caller.principal, row.id, ask.text, key, ask.attachments))


@router.post("/notes", status_code=201, dependencies=[needs("conversations:answer")])
async def add_note(conversation: str, ask: Text, core: CoreDep, caller: CallerDep) -> HandoffOut:
    """Keep a note for other operators; neither the fan nor the bot sees it."""
    return HandoffOut.model_validate(await core.desk.note(caller.principal, conversation, ask.text))


@router.post("/suggest", dependencies=[needs("conversations:answer")])
async def suggest_reply(conversation: str, core: CoreDep, caller: CallerDep) -> Suggestion:
    """What the persona would say now; nothing is sent."""
    return Suggestion(text=await core.desk.suggest(caller.principal, conversation))


@router.post("/hand-back", dependencies=[needs("conversations:answer")])
async def hand_back(conversation: str, ask: HandBack, core: CoreDep, caller: CallerDep) -> InboxRow:
    """Have the bot answer again; it reads the summary."""
    await core.desk.hand_back(caller.principal, conversation, ask.summary, over=ask.over)
    return await _row(core, caller, conversation)


@router.post("/want", dependencies=[needs("conversations:answer")])
async def want_person(conversation: str, ask: Want, core: CoreDep, caller: CallerDep) -> InboxRow:
    """Put the conversation on the list of those that need a person, and tell the operators."""
    async with core.store.open_work(caller.principal) as work:
        row = await work.conversations.get(conversation)
        await core.desk.want(work, row, "operator", str(caller.principal), ask.reason)
    return await _row(core, caller, conversation)


async def _row(core: CoreDep, caller: CallerDep, id: str) -> InboxRow:
    async with core.store.open_work(caller.principal, reads=True) as work:
        [entry] = await inbox.described(work, [await work.conversations.get(id)])
    return row_out(entry, caller.principal.subject)
