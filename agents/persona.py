"""How does a persona think? The persona graph, for fans: remember, speak, and be checked before anything is said.

    START -> remember -> speak <-> look_up
                         speak -> guard -> END

It holds no privileged tool at all. What it may look up is the fan's own vault and the persona's own posts.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypedDict

import orjson
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

import prompts
from agents import hands, portrait
from agents.care import outbound
from agents.models import Mind
from agents.recollection import Remembered, remember
from gator.clock import now
from gator.principal import Kind
from memory.models import Conversation, Fan, Message, Persona
from tools.capability import Turn
from tools.personas.character import Character

MAX_THOUGHTS = 4  # one for an ordinary message, more only when it looks something up


@dataclass(frozen=True, slots=True)
class FanTurn:
    """What a fan said that waits for an answer, and to whom."""

    conversation: Conversation
    persona: Persona
    fan: Fan
    character: Character
    said: list[Message]  # oldest first
    told: bool  # whether the fan was told that no language model is configured


@dataclass(frozen=True, slots=True)
class Spoken:
    """A persona's reply, checked, and what the turn found out on its way."""

    text: str
    remembered: Remembered
    changed: list[str]  # what the guard took out
    builtin: bool


class PersonaState(TypedDict):
    fan_turn: FanTurn
    watched: bool  # whether somebody sees the reply grow
    messages: Annotated[list[AnyMessage], add_messages]
    system: SystemMessage
    remembered: Remembered
    thoughts: int
    spoken: Spoken


async def recall(state: PersonaState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """What the persona knows that matters now, and the conversation's last messages."""
    fan_turn = state["fan_turn"]
    found = await remember(runtime.context, fan_turn.conversation, fan_turn.persona, fan_turn.character, fan_turn.said)
    context = {
        "kind": "persona",
        "task": "reply",
        "character": fan_turn.character.model_dump(mode="json", exclude={"lorebook"}),
        "fan": {"name": fan_turn.fan.display_name, "facts": found.facts, "memories": found.memories},
        "summary": fan_turn.conversation.summary,
        "lore": found.lore,
        "posts": found.posts,
        "brief": None,
        "now": now().isoformat(timespec="minutes"),
        "language": fan_turn.character.language,
        "told": fan_turn.told,
    }
    return {
        "system": portrait.reply_prompt(context, fan_turn.character),
        "messages": [_as_model_message(message) for message in found.window],
        "remembered": found,
        "thoughts": 0,
    }


async def speak(state: PersonaState, runtime: Runtime[Turn], *, mind: Mind) -> dict[str, Any]:
    """One model call."""
    thoughts = state["thoughts"] + 1
    tools = hands.schemas_for(Kind.fan) if thoughts < MAX_THOUGHTS else []
    prefer = state["fan_turn"].character.models.chat
    said = await mind.think(
        [state["system"], *state["messages"]], tools, runtime.context, prefer=prefer, stream=state["watched"]
    )
    return {"messages": [said], "thoughts": thoughts}


async def look_up(state: PersonaState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """Carry out what the model asked to look up; a call of anything else is refused by name."""
    thought = state["messages"][-1]
    calls = [dict(call) for call in thought.tool_calls] if isinstance(thought, AIMessage) else []
    return {"messages": await hands.carry_out_all(calls, runtime.context)}


def guard(state: PersonaState) -> dict[str, Any]:
    """Check the reply: no links, no claim to be human, nothing the card forbids, nothing of the prompt."""
    thought = state["messages"][-1]
    checked = outbound.check(thought.text, **_rules(state["fan_turn"].character))
    builtin = thought.response_metadata.get("model_name") == "builtin"
    return {"spoken": Spoken(checked.text, state["remembered"], checked.changed, builtin)}


def _rules(character: Character, prompt: str = "personas/speak") -> dict[str, Any]:
    """What `agents.care.outbound` needs to know of this reply: our instructions are not to be repeated, the card may be."""
    return {"character": character, "links": {}, "protected": [prompts.load(prompt)], "language": character.language}


def after_speaking(state: PersonaState) -> str:
    last = state["messages"][-1]
    wants = isinstance(last, AIMessage) and last.tool_calls
    return "look_up" if wants and state["thoughts"] < MAX_THOUGHTS else "guard"


def build_persona(mind: Mind) -> CompiledStateGraph[PersonaState, Turn, Any, Any]:
    """START -> remember -> speak <-> look_up; speak -> guard -> END. Building it calls no model."""
    graph = StateGraph(PersonaState, context_schema=Turn)
    graph.add_node("remember", recall)
    graph.add_node("speak", partial(speak, mind=mind))
    graph.add_node("look_up", look_up)
    graph.add_node("guard", guard)
    graph.add_edge(START, "remember")
    graph.add_edge("remember", "speak")
    graph.add_conditional_edges("speak", after_speaking, ["look_up", "guard"])
    graph.add_edge("look_up", "speak")
    graph.add_edge("guard", END)
    return graph.compile(name="persona")


Emit = Callable[[dict[str, Any]], None]


async def speak_to(
    graph: CompiledStateGraph[PersonaState, Turn, Any, Any], turn: Turn, fan_turn: FanTurn, emit: Emit | None
) -> Spoken:
    """Run the graph; `emit` gets the reply as it grows, filtered by the same rules as the whole."""
    start: Any = {"fan_turn": fan_turn, "watched": emit is not None, "messages": []}
    if emit is None:
        done = await graph.ainvoke(start, context=turn)
        spoken: Spoken = done["spoken"]
        return spoken
    filtered: outbound.Streaming | None = None
    rules: dict[str, Any] = {}
    final: Spoken | None = None
    steps: AsyncIterator[Any] = graph.astream(start, context=turn, stream_mode=["messages", "updates", "custom"])
    async for mode, chunk in steps:
        if mode == "updates" and "remember" in chunk:
            rules = _rules(fan_turn.character)
            filtered = outbound.Streaming(**rules)
        elif mode == "updates" and "guard" in chunk:
            final = chunk["guard"]["spoken"]
        elif mode == "custom":
            filtered = outbound.Streaming(**rules)  # the attempt before is void
            emit(chunk)
        elif mode == "messages" and filtered and isinstance(chunk[0], AIMessageChunk):
            delta = filtered.feed(chunk[0].text)
            emit({"type": "message_delta", "delta": delta}) if delta else None
    assert final is not None
    return final


async def write_as(persona_id: str, brief: str, *, mind: Mind, turn: Turn) -> str:
    """A text of the persona's own for their operator; `brief` is the JSON that `tools.texts` makes."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.get(persona_id)
    character = Character.model_validate(persona.character)
    context = {
        "kind": "persona",
        "task": "write",
        "character": character.model_dump(mode="json", exclude={"lorebook"}),
        "fan": {"name": "", "facts": [], "memories": []},
        "summary": "",
        "lore": [],
        "posts": [],
        "brief": orjson.loads(brief),
        "now": now().isoformat(timespec="minutes"),
        "language": character.language,
        "told": True,
    }
    system = portrait.writing_prompt(context, character)
    said = await mind.think([system, HumanMessage("Write it now.")], [], turn, prefer=character.models.chat)
    return outbound.check(said.text, **_rules(character, "personas/write")).text


def _as_model_message(message: Message) -> AnyMessage:
    return (
        HumanMessage(message.text, id=message.id) if message.author == "fan" else AIMessage(message.text, id=message.id)
    )
