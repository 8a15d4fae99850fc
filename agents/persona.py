"""How does a persona think? It remembers, speaks, and is checked before anything is said.

    remember -> [ START -> speak <-> look_up -> END ] -> guard

The middle is a graph; what comes before and after needs no model and is plain code, in every turn the same. The graph
holds no privileged tool at all: what a persona may look up is the fan's own vault and her own posts.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, TypedDict
from zoneinfo import ZoneInfo

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
from agents.seeing import with_pictures
from agents.turns import FanTurn, Spoken
from gator.clock import now
from gator.principal import Kind
from memory.archive import Archive
from memory.repositories.conversations import Line
from memory.vault import VaultKey
from tools.capability import Turn
from tools.personas import lorebook, macros
from tools.personas.character import Character, Models

MAX_THOUGHTS = 4  # one for an ordinary message, more only when it looks something up


@dataclass(frozen=True, slots=True)
class Part:
    """What a persona goes by while she thinks."""

    system: SystemMessage
    wishes: Models  # which models the character likes best
    watched: bool  # whether somebody sees the reply grow


class PersonaState(TypedDict):
    part: Part
    messages: Annotated[list[AnyMessage], add_messages]
    thoughts: int


async def speak(state: PersonaState, runtime: Runtime[Turn], *, mind: Mind) -> dict[str, Any]:
    """One model call."""
    thoughts = state["thoughts"] + 1
    tools = hands.schemas_for(Kind.fan) if thoughts < MAX_THOUGHTS else []
    part = state["part"]
    heard = [part.system, *state["messages"]]
    said = await mind.think(heard, tools, runtime.context, wishes=part.wishes, stream=part.watched)
    return {"messages": [said], "thoughts": thoughts}


async def look_up(state: PersonaState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """Carry out what the model asked to look up; a call of anything else is refused by name."""
    thought = state["messages"][-1]
    calls = [dict(call) for call in thought.tool_calls] if isinstance(thought, AIMessage) else []
    return {"messages": await hands.carry_out_all(calls, runtime.context)}


async def after_speaking(state: PersonaState) -> str:  # async: LangGraph gives what is not to a thread
    last = state["messages"][-1]
    wants = isinstance(last, AIMessage) and last.tool_calls
    return "look_up" if wants and state["thoughts"] < MAX_THOUGHTS else END


Thinking = CompiledStateGraph[PersonaState, Turn, Any, Any]


def build_persona(mind: Mind) -> Thinking:
    """START -> speak <-> look_up; speak -> END. Building it calls no model."""
    graph = StateGraph(PersonaState, context_schema=Turn)
    graph.add_node("speak", partial(speak, mind=mind))
    graph.add_node("look_up", look_up)
    graph.add_edge(START, "speak")
    graph.add_conditional_edges("speak", after_speaking, ["look_up", END])
    graph.add_edge("look_up", "speak")
    return graph.compile(name="persona")


Emit = Callable[[dict[str, Any]], None]


async def speak_to(
    graph: Thinking, turn: Turn, fan_turn: FanTurn, emit: Emit | None, archive: Archive | None = None
) -> Spoken:
    """Remember, think, check; `emit` gets the reply as it grows, filtered by the same rules as the whole."""
    character = fan_turn.character
    key = VaultKey(turn.principal.workspace, fan_turn.persona.id, turn.principal.subject)
    found = await remember(turn, key, fan_turn.conversation.id, character, fan_turn.said, fan_turn.window, archive)
    system = portrait.reply_prompt(_context(fan_turn, found, turn.zone), character)
    window = [_as_model_message(line) for line in _noted(fan_turn) if line.text]  # files alone say nothing to it
    start: PersonaState = {
        "part": Part(system, wishes=character.models, watched=emit is not None),
        "messages": await with_pictures(window, turn),
        "thoughts": 0,
    }
    rules = _rules(character, language=fan_turn.spoken)
    thought = await (_watched(graph, turn, start, rules, emit) if emit else _unwatched(graph, turn, start))
    return guard(thought, found, rules, fan_turn.fan.display_name)


def _context(fan_turn: FanTurn, found: Remembered, zone: str) -> dict[str, Any]:
    """What the built-in model reads in place of the prompt; times are by the persona's clock."""
    return {
        "kind": "persona",
        "task": "reply",
        "character": fan_turn.character,
        "fan": {
            "name": fan_turn.fan.display_name,
            "facts": found.facts,
            "memories": found.memories,
            "episodes": found.episodes,
            "off": found.off,  # they want nothing remembered
        },
        "summary": "" if found.off else fan_turn.conversation.summary,
        "lore": found.lore,
        "posts": found.posts,
        "own_words": found.own_words,
        "read": found.read,
        "brief": None,
        "now": now().astimezone(ZoneInfo(zone)).isoformat(timespec="minutes"),
        "language": fan_turn.spoken,
        "told": fan_turn.told,
    }


def _noted(fan_turn: FanTurn) -> Sequence[Line]:
    """The window; the fan's last words tell also what became of what they were told before: how they took it, what was lost."""
    notes = [*_reaction(fan_turn), *_lost(fan_turn)]
    last = fan_turn.window[-1] if fan_turn.window else None
    if not notes or last is None or last.author != "fan":
        return fan_turn.window
    return [*fan_turn.window[:-1], replace(last, text="\n".join([last.text, *notes]))]


def _reaction(fan_turn: FanTurn) -> list[str]:
    """The emojis under what they were told last."""
    reacted = fan_turn.conversation.notes.get("reacted")
    told = next(iter(_told(fan_turn)), None)
    if not reacted or not reacted["emojis"] or reacted["message"] != told:
        return []
    return [f"[They put {' '.join(reacted['emojis'])} under your last message.]"]


def _lost(fan_turn: FanTurn) -> list[str]:
    """How many of the last messages to them their platform never took, or not whole."""
    lost = list(itertools.takewhile(fan_turn.unreached.__contains__, _told(fan_turn)))
    if not lost:
        return []
    which = "Your last message" if len(lost) == 1 else f"Your last {len(lost)} messages"
    whole = all(fan_turn.unreached[id] for id in lost)
    return [f"[{which} did not reach them.]" if whole else f"[{which} did not reach them whole.]"]


def _told(fan_turn: FanTurn) -> Iterator[str]:
    """Ids of what they were told, the last first."""
    return (one.id for one in reversed(fan_turn.window) if one.author in ("persona", "operator") and one.text)


async def _unwatched(graph: Thinking, turn: Turn, start: PersonaState) -> AnyMessage:
    done = await graph.ainvoke(start, context=turn)
    last: AnyMessage = done["messages"][-1]
    return last


async def _watched(graph: Thinking, turn: Turn, start: PersonaState, rules: dict[str, Any], emit: Emit) -> AnyMessage:
    """As `_unwatched`, while what is safe of each attempt is emitted sentence by sentence."""
    last: AnyMessage | None = None
    filtered = outbound.Streaming(**rules)
    steps: AsyncIterator[Any] = graph.astream(start, context=turn, stream_mode=["messages", "updates", "custom"])
    async for mode, chunk in steps:
        if mode == "updates" and "speak" in chunk:
            (last,) = chunk["speak"]["messages"]
        elif mode == "custom":
            filtered = filtered.fresh()  # the attempt before is void
            emit(chunk)
        elif mode == "messages" and isinstance(chunk[0], AIMessageChunk):
            delta = filtered.feed(chunk[0].text)
            emit({"type": "message_delta", "delta": delta}) if delta else None
    assert last is not None
    return last


def guard(thought: AnyMessage, found: Remembered, rules: dict[str, Any], fan: str) -> Spoken:
    """Check the reply: no links, no claim to be human, nothing the card forbids, nothing of the prompt."""
    character: Character = rules["character"]
    said = macros.fill(thought.text, character.nickname or character.name, fan or "you")
    checked = outbound.check(said, **rules)
    builtin = thought.response_metadata.get("model_name") == "builtin"
    return Spoken(checked.text, found, checked.changed, builtin)


def _rules(character: Character, prompt: str = "personas/speak", language: str = "") -> dict[str, Any]:
    """What `agents.care.outbound` needs to know of this reply: our instructions are not to be repeated, the card may be."""
    return {
        "character": character,
        "links": {},
        "protected": [prompts.load(prompt)],
        "language": language or character.language,
    }


async def write_as(persona_id: str, brief: str, *, mind: Mind, turn: Turn) -> str:
    """A text of the persona's own for their operator; `brief` is the JSON that `tools.texts` makes."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.get(persona_id)
    character = Character.model_validate(persona.character)
    told = orjson.loads(brief)
    context = {
        "kind": "persona",
        "task": "write",
        "character": character,
        "fan": {"name": "", "facts": [], "memories": [], "episodes": []},
        "summary": "",
        "lore": _lore_of_script(character, told),
        "posts": [],
        "read": [],
        "brief": told,
        "now": now().isoformat(timespec="minutes"),
        "language": told.get("language") or character.language,
        "told": True,
    }
    system = portrait.writing_prompt(context, character)
    said = await mind.think([system, HumanMessage("Write it now.")], [], turn, wishes=character.models)
    return outbound.check(said.text, **_rules(character, "personas/write", context["language"])).text


def _lore_of_script(character: Character, brief: dict[str, Any]) -> list[str]:
    """What the persona knows of a script's topic; shorter texts do without."""
    if brief["kind"] != "script":
        return []
    return lorebook.activate(character.lorebook, [brief["about"]], {}, 1, seed=brief["about"]).texts


def _as_model_message(line: Line) -> AnyMessage:
    return HumanMessage(line.text, id=line.id) if line.author == "fan" else AIMessage(line.text, id=line.id)
