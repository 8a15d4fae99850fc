"""How does the Gator agent think? The supervisor's graph, for operators: it calls capabilities until it can answer.

    START -> think -> act -> gate -> think
                 \\-> END

`act` carries out what needs nobody's yes; `gate` waits, in an interrupt, for a person's answer to the rest.
"""

from functools import partial
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage, ToolMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agents import approvals, hands
from agents.models import Mind
from gator.errors import Refused
from tools.capability import Turn

MAX_THOUGHTS = 16  # model calls in one turn; the longest request of the test set needs 9


class SupervisorState(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]
    thoughts: int
    outside: bool  # whether words of strangers are before the model


def _calls(state: SupervisorState) -> list[dict[str, Any]]:
    """The tool calls of the last thought that have no answer yet."""
    messages = state["messages"]
    at = max(n for n, message in enumerate(messages) if isinstance(message, AIMessage))
    thought = messages[at]
    assert isinstance(thought, AIMessage)
    answered = {message.tool_call_id for message in messages[at:] if isinstance(message, ToolMessage)}
    return [dict(call) for call in thought.tool_calls if call["id"] not in answered]


async def think(state: SupervisorState, runtime: Runtime[Turn], *, mind: Mind, system: SystemMessage) -> dict[str, Any]:
    """One model call, with what was said and done so far."""
    thoughts = state["thoughts"] + 1
    tools = hands.schemas_for(runtime.context.principal.kind) if thoughts < MAX_THOUGHTS else []
    thought = await mind.think([system, *state["messages"]], tools, runtime.context, stream=True)
    if not tools and thought.tool_calls:
        thought = AIMessage("I stopped here: this took more steps than I may take at once. Ask me to go on.")
    return {"messages": [thought, *_misspelt(thought)], "thoughts": thoughts}


def _misspelt(thought: AIMessage) -> list[ToolMessage]:
    """Answers to tool calls whose arguments were not even JSON."""
    return [
        hands.refuse({"name": call["name"] or "", "id": call["id"] or ""}, "The arguments were not valid JSON.")
        for call in thought.invalid_tool_calls
    ]


async def act(state: SupervisorState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """Carry out the calls that need no approval."""
    turn = runtime.context
    free = [call for call in _calls(state) if not approvals.gated(call["name"], turn.principal.kind)]
    answers = await hands.carry_out_all(free, turn)
    outside = any((answer.artifact or {}).get("outside") for answer in answers)
    return {"messages": answers, "outside": state["outside"] or outside}


async def gate(state: SupervisorState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """Wait for a person's word on the remaining calls, then carry out those that were approved.

    Runs again from its first line when the word is given: until the interrupt it only asks, and asking is idempotent.
    """
    turn, answers, asked = runtime.context, [], {}
    for call in _calls(state):
        capability = approvals.gated(call["name"], turn.principal.kind)
        assert capability is not None
        try:
            if await approvals.allowed_without(capability, turn, state["outside"]):
                answers.append(await hands.carry_out(call, turn))
            else:
                asked[(await approvals.ask(call, turn)).id] = call
        except Refused as wrong:
            answers.append(hands.refuse(call, str(wrong)))
    if asked:
        decisions: dict[str, str] = interrupt({"approvals": list(asked)})
        for id, call in asked.items():
            answers.append(await _decided(id, call, decisions.get(id, "expired"), turn))
    return {"messages": answers}


async def _decided(id: str, call: dict[str, Any], decision: str, turn: Turn) -> ToolMessage:
    if decision == "regenerate":
        return hands.wants_other_words(call)
    if decision != "approved":
        return hands.refuse(call, f"It was not approved ({decision}), so it was not done.")
    async with turn.open_work(reads=True) as work:
        approval = await work.approvals.latest(id)
    if approval.state == "used":  # we were killed after the deed was committed and before the graph noted it
        return hands.done_before(call, approval.summary)
    # The arguments come from the approval, not from the model's call: what a person read is what is done.
    return await hands.carry_out({**call, "args": approval.arguments}, turn, approval.id)


def after_thought(state: SupervisorState) -> str:
    last = state["messages"][-1]
    if isinstance(last, ToolMessage):
        return "act"  # a misspelt call was answered already; the others, if any, go on
    return "act" if isinstance(last, AIMessage) and last.tool_calls else END


def after_acting(state: SupervisorState) -> str:
    return "gate" if _calls(state) else "think"


def build_supervisor(
    mind: Mind, system: SystemMessage, saver: BaseCheckpointSaver[str] | None
) -> CompiledStateGraph[SupervisorState, Turn, Any, Any]:
    """START -> think -> act -> gate -> think; think -> END. Building it calls no model."""
    graph = StateGraph(SupervisorState, context_schema=Turn)
    graph.add_node("think", partial(think, mind=mind, system=system))
    graph.add_node("act", act)
    graph.add_node("gate", gate)
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", after_thought, ["act", END])
    graph.add_conditional_edges("act", after_acting, ["gate", "think"])
    graph.add_edge("gate", "think")
    return graph.compile(name="supervisor", checkpointer=saver)
