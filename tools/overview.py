"""How is this Gator doing? Its parts, its spending, what waits for a yes, who talks. Doors: agents, REST, `gator doctor`."""

from datetime import datetime, timedelta

from pydantic import Field

from gator.errors import NotFound
from memory.models import Conversation
from memory.work import Work
from prompts.words import say
from tools.capability import STAFF, Effect, Nothing, Shape, Turn, capability
from tools.newer import outdated
from tools.part import Part
from tools.parts import examine
from tools.unseen import with_unseen_shown, without_unseen
from tools.wording import ago

__all__ = ["examine", "list_approvals", "list_conversations", "show_spending", "show_status"]


class Status(Shape):
    parts: list[Part]

    def in_words(self) -> str:
        broken = [part for part in self.parts if part.state == "broken"]
        lines = [f"{part.name} is broken: {part.detail}. {part.remedy}".strip() for part in broken]
        for state, words in (("ready", "Ready"), ("off", "Off")):
            names = [part.name for part in self.parts if part.state == state]
            lines += [f"{words}: {', '.join(names)}."] if names else []
        return "\n".join(lines)


class ShowSpending(Shape):
    days: int = Field(1, ge=1, le=366, description="how many days back")


class Spent(Shape):
    name: str
    cost_usd: float
    tokens_in: int
    tokens_out: int


class Spending(Shape):
    days: int
    cost_usd: float
    last_day_usd: float = Field(description="spent or reserved in the last 24 hours")
    daily_budget_usd: float
    models: list[Spent]
    personas: list[Spent]

    def in_words(self) -> str:
        span = "the last 24 hours" if self.days == 1 else f"the last {self.days} days"
        if not self.models:
            return f"Nothing was spent on models in {span}. The budget is {_dollars(self.daily_budget_usd)} a day."
        lines = [f"{_dollars(self.cost_usd)} in {span}, of {_dollars(self.daily_budget_usd)} a day."]
        lines += [f"- {one.name}: {_dollars(one.cost_usd)}" for one in self.models]
        return "\n".join(lines)


class ApprovalShown(Shape):
    id: str
    capability: str
    summary: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    note: str = ""


class ApprovalList(Shape):
    approvals: list[ApprovalShown]

    def in_words(self) -> str:
        lines = [f"- {one.summary} (asked {ago(one.asked_at)}) {one.note}".rstrip() for one in self.approvals]
        return "\n".join(lines or ["Nothing waits for your yes."])


class ListConversations(Shape):
    persona: str | None = Field(None, description="only conversations with this persona; left out: all")
    limit: int = Field(10, ge=1, le=50, description="how many at most, newest first")


class ConversationShown(Shape):
    id: str
    channel: str
    persona: str | None
    fan: str | None
    messages: int
    last_at: datetime | None


class ConversationList(Shape):
    conversations: list[ConversationShown]

    def in_words(self) -> str:
        return "\n".join(_line(one) for one in self.conversations) or "Nobody has talked yet."


@capability(audience=STAFF, effect=Effect.read)
async def show_status(ask: Nothing, turn: Turn) -> Status:  # noqa: ARG001
    """Say which parts of Gator are ready, off or broken: database, broker, model, media engines, web, DNS and the rest."""
    return Status(parts=await examine(turn.settings, turn.store))


@capability(audience=STAFF, effect=Effect.read)
async def show_spending(ask: ShowSpending, turn: Turn) -> Spending:
    """Say what models have cost in the last days, by model and by persona, and how much a day may cost."""
    span = timedelta(days=ask.days)
    async with turn.open_work(reads=True) as work:
        models = [_spent(name, *rest) for name, *rest in await work.spending.by("what", span)]
        names = {persona.id: persona.name for persona in await work.personas.all()}
        personas = [
            _spent(names.get(id, "a removed persona"), *rest)
            for id, *rest in await work.spending.by("persona_id", span)
            if id
        ]
        last_day = await work.spending.since_yesterday()
    return Spending(
        days=ask.days,
        cost_usd=round(sum(one.cost_usd for one in models), 6),
        last_day_usd=last_day / 1_000_000,
        daily_budget_usd=turn.settings.daily_budget_usd,
        models=sorted(models, key=lambda one: -one.cost_usd),
        personas=sorted(personas, key=lambda one: -one.cost_usd),
    )


@capability(audience=STAFF, effect=Effect.read)
async def list_approvals(ask: Nothing, turn: Turn) -> ApprovalList:  # noqa: ARG001
    """List what waits for a person's yes."""
    async with turn.open_work(reads=True) as work:
        waiting = await work.approvals.pending()
        older = [await outdated(work, one.arguments.get("assets") or ()) for one in waiting]
    return ApprovalList(
        approvals=[
            ApprovalShown(
                id=one.id,
                capability=one.capability,
                summary=with_unseen_shown(one.summary),
                asked_by=one.asked_by,
                asked_at=one.created_at,
                expires_at=one.expires_at,
                note=say("newer_video", turn.language) if newer else "",
            )
            for one, newer in zip(waiting, older, strict=True)
        ]
    )


@capability(audience=STAFF, effect=Effect.read)
async def list_conversations(ask: ListConversations, turn: Turn) -> ConversationList:
    """List who talks with whom, newest first, and how much. What fans said is not shown here."""
    async with turn.open_work(reads=True) as work:
        persona_id = (await work.personas.named(ask.persona)).id if ask.persona else None
        found = await work.conversations.of(persona_id=persona_id, limit=ask.limit)
        return ConversationList(conversations=[await _conversation(work, one) for one in found])


def _dollars(amount: float) -> str:
    return f"${amount:.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.4f}"


def _spent(name: str, microusd: int, tokens_in: int, tokens_out: int) -> Spent:
    return Spent(name=name, cost_usd=microusd / 1_000_000, tokens_in=tokens_in, tokens_out=tokens_out)


async def _conversation(work: Work, one: Conversation) -> ConversationShown:
    newest = await work.conversations.window(one.id, limit=1)
    return ConversationShown(
        id=one.id,
        channel=one.channel,
        persona=await _persona_name(work, one.persona_id),
        fan=without_unseen((await work.people.fan(one.fan_id)).display_name) if one.fan_id else None,
        messages=await work.conversations.count(one.id),
        last_at=newest[-1].created_at if newest else None,
    )


async def _persona_name(work: Work, id: str | None) -> str | None:
    try:
        return (await work.personas.get(id)).name if id else None
    except NotFound:
        return "a removed persona"


def _line(one: ConversationShown) -> str:
    who = f"{one.fan or 'a fan'} with {one.persona}" if one.persona else "an operator with Gator"
    when = f", {ago(one.last_at)}" if one.last_at else ""
    return f"- {who} ({one.channel}): {one.messages} messages{when}"
