"""How is a plan carried out? One call after the other; what failed stops what needs it; at the end one reply.

Stateless: the tool messages after the operator's last message tell how far it has come. Neighbours: planner, replies.
"""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agents.builtin import german_results, replies
from agents.builtin.desk import Step, is_said
from agents.builtin.drafting import Outcome
from agents.builtin.planner import Exchange, plan
from agents.builtin.reader import Reader
from agents.builtin.references import Missing, World, needs, settled


def answer(context: dict[str, Any], tools: Sequence[str], messages: Sequence[BaseMessage]) -> tuple[str, Step | None]:
    """The next step to take with all its arguments known, or the words to reply with."""
    talk, results = _conversation(messages)
    context = {**context, "stories": _as_shown(context.get("stories") or [], talk)}
    outcome = plan(talk, Reader(context, tools))
    if not outcome.steps:
        return outcome.words, None
    names = [str(one["name"]) for one in context.get("personas") or []]
    german = german_results.wants_german([one.asked for one in talk], names)
    return _onward(outcome, context, results, german=german)


def _conversation(messages: Sequence[BaseMessage]) -> tuple[list[Exchange], list[ToolMessage]]:
    """What was asked and replied, and the results since the last request."""
    talk: list[Exchange] = []
    results: list[ToolMessage] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            talk.append(Exchange(message.text))
            results = []
        elif isinstance(message, ToolMessage):
            results.append(message)
        elif isinstance(message, AIMessage) and message.text and not message.tool_calls and talk:
            talk[-1] = Exchange(talk[-1].asked, message.text)
    return talk, results


def _as_shown(stories: list[dict[str, Any]], talk: list[Exchange]) -> list[dict[str, Any]]:
    """Stories in the order in which our last reply told them, so that "the first one" is the first that was seen."""
    shown = next((exchange.replied for exchange in reversed(talk) if exchange.replied), "")
    places = {str(row.get("id")): shown.find(str(row.get("title") or "\0")) for row in stories}
    return sorted(stories, key=lambda row: (places[str(row.get("id"))] < 0, places[str(row.get("id"))]))


def _onward(
    outcome: Outcome, context: dict[str, Any], results: list[ToolMessage], *, german: bool
) -> tuple[str, Step | None]:
    world = World(context)
    waiting = list(results)
    stopped: set[int] = set()
    lines: list[str] = []
    for index, step in enumerate(outcome.steps):
        if needs(step.args) & stopped:
            stopped.add(index)
            lines.append(german_results.so_not() if german else f"So I did not {replies.deed(step)}.")
            continue
        try:
            args = settled(step.args, world)
        except Missing as missing:
            stopped.add(index)
            lines.append(f"{missing} So I did not {replies.deed(step)}.")
            continue
        if not waiting:
            return "", Step(step.tool, {name: value for name, value in args.items() if is_said(name, value)})
        message = waiting.pop(0)
        result = replies.parsed(message.content)
        if message.status == "error":
            stopped.add(index)
            lines.append(german_results.not_done(result) if german else replies.not_done(step, result))
            continue
        world.results[index], world.tools[index] = result, step.tool
        lines.append(german_results.told(step.tool, result) if german else replies.told(result))
    return "\n".join([*lines, *outcome.notes]), None
