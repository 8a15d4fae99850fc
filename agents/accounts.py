"""Who pays for a model's call? Its estimated cost is set aside before, what it cost is written down after.

Fails towards the higher figure: a call that broke off or told no usage is settled at what was set aside, because providers
bill those too; a model without a known price is reckoned at the dearest one known, so that the budget holds.
"""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage

from agents.caps import cap_of
from agents.prices import cost_microusd, dearest_microusd
from agents.sight import pictures_in
from gator.principal import Kind
from gator.settings import Settings
from memory.repositories.spending import Bill
from tools.capability import Turn

# Of 1024 × 1024 pixels, after the providers' image guides: 765 to 2,519 at OpenAI, 1,398 at Anthropic; one model differs.
PICTURE_TOKENS, _PICTURE_TOKENS_OF = 2_600, {"openai:gpt-4o-mini": 25_501}
MAX_OUT_TOKENS = 2_048  # what a reply may be long; also what is reserved before the call


def _cost(model: str, tokens_in: int, tokens_out: int) -> int:
    known = cost_microusd(model, tokens_in, tokens_out)
    return dearest_microusd(tokens_in, tokens_out) if known is None else known


def _tokens(model: str, message: BaseMessage) -> int:
    """An estimate above what it is: English has some 4 characters a token."""
    pictures = pictures_in(message)
    return len(message.text if pictures else str(message.content)) // 3 + pictures * _PICTURE_TOKENS_OF.get(
        model, PICTURE_TOKENS
    )


async def reserve(model: str, messages: Sequence[BaseMessage], turn: Turn, settings: Settings) -> str | None:
    """The id of a reservation; None for the built-in model, which has neither tokens nor a price.

    Raises Unavailable when the day's budget is spent, Resting when the fan's is.
    """
    if model == "builtin":
        return None
    tokens_in = sum(_tokens(model, message) for message in messages)
    who = turn.principal
    async with turn.store.open_work(who) as work:
        return await work.spending.reserve(
            model,
            _cost(model, tokens_in, MAX_OUT_TOKENS),
            daily_limit_microusd=round(settings.daily_budget_usd * 1e6),
            cap=turn.cap or cap_of(None, turn.zone, settings),
            turn_id=turn.id,
            persona_id=who.persona,
            fan_id=who.subject if who.kind is Kind.fan else None,
            loop=who.subject if who.kind is Kind.loop else None,
        )


async def release(spend: str | None, turn: Turn) -> None:
    """The provider refused before it did anything."""
    if spend:
        async with turn.store.open_work(turn.principal) as work:
            await work.spending.release(spend)


async def settle(spend: str | None, model: str, thought: AIMessage | None, turn: Turn) -> None:
    """Write down what it cost; without a thought, or one that tells no usage, what was set aside.

    Where the turn keeps its bills, they are written down with what comes of it.
    """
    if not spend:
        return
    bill = Bill(spend)
    if used := thought.usage_metadata if thought else None:
        tokens_in, tokens_out = used["input_tokens"], used["output_tokens"]
        bill = Bill(spend, _cost(model, tokens_in, tokens_out), tokens_in, tokens_out)
    if turn.bills is not None:
        turn.bills.append(bill)
        return
    async with turn.store.open_work(turn.principal) as work:
        await work.spending.settle([bill])
