"""What does a persona remember of me? A fan sees it, corrects it, takes it along, switches it off, has it forgotten.

Every route is about the caller's own memory: none has a name or an id of whose. Operators' doors are in
`api.routes.fans_memory`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import CallerDep, CoreDep, needs
from api.remembering import forget, forget_everything, own_memory
from api.shapes import Body, FromRow
from bots.memory_commands import export_words, fact_in_words
from bots.words import USUAL, nearest
from memory import erasures, exporting, receipts, rights
from memory.erasing import Erased, Scope
from memory.erasures import Entry
from memory.rights import Known, Used
from memory.vault import EpisodeShown, FactShown
from memory.vault.by_hand import LONGEST_VALUE

router = APIRouter(prefix="/me/memory", tags=["memory"])


Confirm = Annotated[bool, Query(description="that it cannot be undone is understood")]
Language = Annotated[str, Query(max_length=16, description="of `says` and of an export to read")]
Format = Annotated[Literal["json", "html"], Query(description="for machines, or for reading")]


class FactOut(FromRow):
    id: str
    says: str = Field("", description="the fact as a sentence to the fan, in `language`")
    kind: str = Field(description="name, home, job, pet, likes and others")
    subject: str = Field(description="whose: empty is the fan, else sister, dog; or of what, as in a favourite colour")
    value: str
    quote: str = Field(description="the words that told it")
    message: str = Field(validation_alias="message_id", description="where they were said")
    confidence: float = Field(description="0 to 1")
    since: datetime = Field(validation_alias="at")
    until: datetime | None = Field(description="it no longer holds, since or from then on")
    happens_at: datetime | None = Field(description="the day of what it tells, where it names one")
    source: str = Field(description="rules, model, fan (corrected by them) or operator")
    uses: int = Field(description="replies that were made with it")
    doubt: str = Field(description="why it is kept apart and not used; empty: it is used")


class EpisodeLineOut(BaseModel):
    text: str
    messages: list[str] = Field(description="what it was made from")


class EpisodeOut(BaseModel):
    id: str
    began_at: datetime
    ended_at: datetime
    lines: list[EpisodeLineOut]
    importance: float = Field(description="0 to 1")
    uses: int = Field(description="replies that were made with it")
    made_by: str = Field(description="rules, or the model that told it")


class MemoryOut(BaseModel):
    """What a persona knows of one fan."""

    persona: str
    fan: str
    on: bool = Field(description="whether anything is remembered")
    off_since: datetime | None
    facts: list[FactOut] = Field(description="what holds now, oldest first")
    ended: list[FactOut] = Field(description="what no longer holds")
    episodes: list[EpisodeOut] = Field(description="newest first")
    messages: int = Field(description="how many were said between the two")
    recalled: int = Field(description="how many of them can be recalled")
    since: datetime | None = Field(description="the first message")


class UsedOut(FromRow):
    """A memory that a reply was made with."""

    kind: str = Field(description="fact, said, episode or own (what the persona said of itself)")
    id: str
    quote: str
    at: datetime
    author: str = Field(description="fan or persona")
    fact: FactOut | None


class ReceiptOut(BaseModel):
    """What was forgotten, signed, in ids and numbers; no word of it."""

    at: datetime
    scope: str = Field(description="everything, message, fact or episode")
    counts: dict[str, int] = Field(description="how much went, by kind")
    receipt: str = Field(description="to keep: /api/v1/me/memory/receipts/verify says what it says")


class Value(Body):
    value: str = Field(min_length=1, max_length=LONGEST_VALUE)


class Remembering(Body):
    on: bool = Field(
        description="off: nothing new is learned and nothing is recalled; what is known stays until it is on"
    )


class ReceiptText(Body):
    receipt: str = Field(min_length=1, max_length=8000)


class Verified(FromRow):
    """What a receipt says, which this Gator signed."""

    id: str
    at: datetime
    persona: str
    fan: str
    scope: str
    counts: dict[str, int]
    public_key: str = Field(description="Ed25519, base64: with it anybody can check the receipt")


@router.get("", dependencies=[needs("me")])
async def show_my_memory(core: CoreDep, caller: CallerDep, language: Language = "en") -> MemoryOut:
    """All that the persona knows of you."""
    who, key = await own_memory(core, caller)
    async with core.store.open_work(who, reads=True) as work:
        return MemoryOut(**memory_fields(await rights.known(work, key, episodes=None), language))


@router.get("/why", dependencies=[needs("me")])
async def explain_my_reply(
    core: CoreDep,
    caller: CallerDep,
    message: Annotated[str, Query(max_length=64, description="a reply; none: the last one")] = "",
    language: Language = "en",
) -> list[UsedOut]:
    """Which memories a reply was made with."""
    who, key = await own_memory(core, caller)
    async with core.store.open_work(who, reads=True) as work:
        return used_out(await rights.why(work, key, message_id=message), language)


@router.patch("/facts/{fact}", dependencies=[needs("me")])
async def correct_my_fact(fact: str, ask: Value, core: CoreDep, caller: CallerDep) -> FactOut:
    """It was never so: this is right."""
    who, key = await own_memory(core, caller)
    async with core.store.open_work(who) as work:
        return fact_out(await rights.fix(work, key, fact, ask.value))


@router.delete("/facts/{fact}", dependencies=[needs("me")])
async def forget_my_fact(fact: str, core: CoreDep, caller: CallerDep) -> ReceiptOut:
    """Forget it, with the words that told it."""
    return await _forget(core, caller, "fact", fact)


@router.delete("/episodes/{episode}", dependencies=[needs("me")])
async def forget_my_episode(episode: str, core: CoreDep, caller: CallerDep) -> ReceiptOut:
    """Forget a sitting, with the messages that it was made from."""
    return await _forget(core, caller, "episode", episode)


@router.delete("/messages/{message}", dependencies=[needs("me")])
async def forget_my_message(message: str, core: CoreDep, caller: CallerDep) -> ReceiptOut:
    """Forget a message, with what was answered to it and learned from it."""
    return await _forget(core, caller, "message", message)


@router.delete("", dependencies=[needs("me")])
async def forget_everything_of_me(core: CoreDep, caller: CallerDep, confirm: Confirm = False) -> ReceiptOut:
    """Forget all of it, on every app that you linked. Conflict until it is confirmed."""
    who, key = await own_memory(core, caller)
    return receipt_out(await forget_everything(core, who, key, confirm=confirm))


@router.put("/choice", dependencies=[needs("me")])
async def choose_remembering(ask: Remembering, core: CoreDep, caller: CallerDep) -> MemoryOut:
    """Have the persona remember you, or not."""
    who, key = await own_memory(core, caller)
    async with core.store.open_work(who) as work:
        await rights.remember(work, key, ask.on)
        return MemoryOut(**memory_fields(await rights.known(work, key, episodes=None)))


@router.get("/export", response_class=Response, dependencies=[needs("me")])
async def export_my_memory(
    core: CoreDep, caller: CallerDep, format: Format = "json", language: Language = "en"
) -> Response:
    """All that is kept of you, as a file."""
    who, key = await own_memory(core, caller)
    async with core.store.open_work(who, reads=True) as work:
        return file_of(await exporting.export(work, key), format, language)


@router.get("/receipts", dependencies=[needs("me")])
async def list_my_receipts(core: CoreDep, caller: CallerDep) -> list[ReceiptOut]:
    """What was forgotten, newest first."""
    who, key = await own_memory(core, caller)
    async with core.store.open_work(who, reads=True) as work:
        return [entry_out(one) for one in await erasures.of_vault(work, key)]


@router.post("/receipts/verify", dependencies=[needs("me")])
async def verify_receipt(ask: ReceiptText, core: CoreDep) -> Verified:
    """What a receipt says, if this Gator signed it."""
    secret = core.settings.secret
    told = receipts.verify(secret, ask.receipt)
    shown = {name: getattr(told, name) for name in ("id", "at", "persona", "fan", "scope", "counts")}
    return Verified(**shown, public_key=receipts.public_key(secret))


# What is shown, to operators too


def memory_fields(known: Known, language: str = "en") -> dict[str, Any]:
    return {
        "persona": known.key.persona,
        "fan": known.key.fan,
        "on": known.off_at is None,
        "off_since": known.off_at,
        "facts": facts_out(known.facts, language),
        "ended": facts_out(known.ended, language),
        "episodes": [_episode_out(one) for one in known.episodes],
        "messages": known.messages,
        "recalled": known.recalled,
        "since": known.since,
    }


def fact_out(fact: FactShown, language: str = "en") -> FactOut:
    return FactOut.model_validate(fact).model_copy(update={"says": fact_in_words(fact, language)})


def facts_out(facts: Sequence[FactShown], language: str = "en") -> list[FactOut]:
    return [fact_out(one, language) for one in facts]


def used_out(used: Sequence[Used], language: str = "en") -> list[UsedOut]:
    return [
        UsedOut.model_validate(one).model_copy(update={"fact": fact_out(one.fact, language) if one.fact else None})
        for one in used
    ]


def file_of(data: dict[str, Any], format: str, language: str) -> Response:
    """An export as a file to download."""
    if format == "html":
        content, mime = exporting.as_html(data, export_words(nearest(language) or USUAL)), "text/html; charset=utf-8"
    else:
        content, mime = exporting.as_json(data), "application/json"
    named = {"Content-Disposition": f'attachment; filename="memory.{format}"'}
    return Response(content, media_type=mime, headers=named)


def receipt_out(erased: Erased) -> ReceiptOut:
    return ReceiptOut(at=erased.at, scope=erased.scope, counts=erased.counts, receipt=erased.receipt)


def entry_out(entry: Entry) -> ReceiptOut:
    return ReceiptOut(at=entry.created_at, scope=entry.scope, counts=entry.counts, receipt=entry.receipt)


def _episode_out(one: EpisodeShown) -> EpisodeOut:
    lines = [EpisodeLineOut(text=line["text"], messages=line["from"]) for line in one.lines]
    return EpisodeOut(
        id=one.id,
        began_at=one.began_at,
        ended_at=one.ended_at,
        lines=lines,
        importance=one.importance,
        uses=one.uses,
        made_by=one.made_by,
    )


async def _forget(core: CoreDep, caller: CallerDep, scope: Scope, subject: str) -> ReceiptOut:
    who, key = await own_memory(core, caller)
    return receipt_out(await forget(core, who, key, scope, subject))
