"""Who answers? One brain a process: it runs the supervisor for operators and the persona graph for fans, one turn at a time.

`bots` calls it and writes down what it gives; nothing here sends a message or commits one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
import structlog
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphRecursionError
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from agents.briefing import brief
from agents.models import Mind
from agents.persona import build_persona, speak_to, write_as
from agents.seeing import with_pictures
from agents.supervisor import build_supervisor
from agents.turns import Answer, FanTurn, Spoken
from gator.errors import Unavailable
from gator.principal import Principal
from gator.settings import Settings
from memory.archive import Archive
from memory.attached import quotes
from memory.models import Message
from memory.store import Store
from prompts.words import retold, say
from tools.capability import Turn

log = structlog.get_logger()

Emit = Callable[[dict[str, Any]], None]
TURN_TIMEOUT_S = 300.0
MAX_STEPS = 60  # graph steps; think, act and gate are three a round


class Brain:
    def __init__(
        self,
        settings: Settings,
        store: Store,
        saver: BaseCheckpointSaver[str],
        mind: Mind | None = None,
        archive: Archive | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._saver = saver
        self.mind = mind or Mind(settings)
        self.archive = archive
        self._personas = build_persona(self.mind)

    def turn(
        self, principal: Principal, turn_id: str, conversation: str | None, zone: str = "", language: str = ""
    ) -> Turn:
        """The runtime context of one turn."""
        turn = Turn(
            principal=principal,
            store=self._store,
            settings=self._settings,
            id=turn_id,
            conversation=conversation,
            zone=zone or self._settings.timezone,
            language=language or self._settings.language,
        )
        return replace(turn, ask_persona=partial(write_as, mind=self.mind, turn=turn))

    async def answer_operator(self, turn: Turn, history: list[Message], told: bool, emit: Emit) -> Answer:
        """Answer the last message of an operator. `told`: they know already that no language model is configured."""
        system = await brief(turn, told)
        graph = build_supervisor(self.mind, system, self._saver)
        asked = await self._already_waiting(graph, turn)
        if asked:
            return asked
        # Titles of stories are words of strangers, and they stand in the briefing; so may be what a file says.
        outside = bool(system.additional_kwargs["context"]["stories"]) or any(quotes(one.text) for one in history)
        messages = await with_pictures([_as_model_message(message) for message in history], turn)
        start = {"messages": messages, "thoughts": 0, "outside": outside}
        return await self._run(graph, start, turn, emit)

    async def _already_waiting(self, graph: CompiledStateGraph[Any, Turn, Any, Any], turn: Turn) -> Answer | None:
        """The questions of this turn, when its process was killed after it had asked them and before we wrote that down."""
        state = await graph.aget_state({"configurable": {"thread_id": turn.id}})
        waits = [id for one in state.interrupts for id in one.value["approvals"]]
        return _answer(state.values["messages"], waits) if waits else None

    async def propose(self, turn: Turn, said: str, call: dict[str, Any]) -> Answer:
        """Take a call whose exact arguments an operator typed to the gate, as if a model had thought of it."""
        graph = build_supervisor(self.mind, await brief(turn, told=True), self._saver)
        asked = await self._already_waiting(graph, turn)
        if asked:
            return asked
        thought = {"messages": [HumanMessage(said), AIMessage("", tool_calls=[call])], "thoughts": 0, "outside": False}
        await graph.aupdate_state({"configurable": {"thread_id": turn.id}}, thought, as_node="think")
        return await self._run(graph, None, turn, lambda _frame: None)

    async def go_on(self, turn: Turn, decisions: dict[str, str], told: bool, emit: Emit) -> Answer:
        """Go on with a turn that waited: {approval id: approved, rejected or expired}."""
        graph = build_supervisor(self.mind, await brief(turn, told), self._saver)
        return await self._run(graph, Command(resume=decisions), turn, emit)

    async def forget(self, turn_id: str) -> None:
        """Drop what a turn that was given up still waited with."""
        await self._saver.adelete_thread(turn_id)

    async def _run(self, graph: CompiledStateGraph[Any, Turn, Any, Any], start: Any, turn: Turn, emit: Emit) -> Answer:
        config: RunnableConfig = {"configurable": {"thread_id": turn.id}, "recursion_limit": MAX_STEPS}
        waits: list[str] = []
        try:
            async with asyncio.timeout(TURN_TIMEOUT_S):
                steps: AsyncIterator[Any] = graph.astream(
                    start, config, context=turn, stream_mode=["messages", "updates", "custom"], durability="exit"
                )
                async for mode, chunk in steps:
                    if mode == "updates" and "__interrupt__" in chunk:
                        waits = [id for one in chunk["__interrupt__"] for id in one.value["approvals"]]
                    for frame in _frames(mode, chunk):
                        emit(frame)
                messages = (await graph.aget_state(config)).values["messages"]
        except (TimeoutError, GraphRecursionError):
            await self._saver.adelete_thread(turn.id)
            return Answer(say("too_long_a_turn", turn.language))
        except Unavailable as away:
            await self._saver.adelete_thread(turn.id)
            return Answer(retold(str(away), turn.language))
        if not waits:
            await self._saver.adelete_thread(turn.id)
        return _answer(messages, waits)

    async def answer_fan(self, turn: Turn, fan_turn: FanTurn, emit: Emit | None) -> Spoken:
        """A persona's reply to the fan's last message; `emit` gets it as it is spoken, already filtered.

        Raises Unavailable when no model answers.
        """
        async with asyncio.timeout(TURN_TIMEOUT_S):
            return await speak_to(self._personas, turn, fan_turn, emit, self.archive)


def _as_model_message(message: Message) -> AnyMessage:
    if message.author == "operator":
        return HumanMessage(message.text, id=message.id)
    return AIMessage(message.text, id=message.id)


def _frames(mode: str, chunk: Any) -> list[dict[str, Any]]:
    """What somebody who watches the turn is told of this step."""
    if mode == "custom":
        return [chunk]
    if mode == "messages":
        message, about = chunk
        spoken = isinstance(message, AIMessageChunk) and about["langgraph_node"] == "think" and message.text
        return [{"type": "message_delta", "delta": message.text}] if spoken else []
    answers = [
        message
        for node in ("act", "gate")
        for message in (chunk.get(node) or {}).get("messages", [])
        if isinstance(message, ToolMessage)
    ]
    return [
        {"type": "step", "tool": one.name, "ok": one.status == "success", "said": _told(one)["said"]} for one in answers
    ]


def _told(message: ToolMessage) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(str(message.content))
    return told


def _is_coming(told: dict[str, Any]) -> bool:
    """Whether it is there or being made: nobody is to wait for what was cancelled, held or could not be made."""
    return bool(told.get("asset")) and told.get("state") not in ("cancelled", "failed", "paused")


def _answer(messages: list[AnyMessage], waits: list[str]) -> Answer:
    """Read the turn's answer from the messages after the last human one."""
    start = max((n for n, one in enumerate(messages) if isinstance(one, HumanMessage)), default=-1)
    done = messages[start + 1 :]
    results = [(one, _told(one)) for one in done if isinstance(one, ToolMessage)]
    spoken = [one for one in done if isinstance(one, AIMessage)]
    return Answer(
        text=spoken[-1].text if spoken and not waits else "",
        assets=list(dict.fromkeys(told["asset"] for _, told in results if _is_coming(told))),
        waits_for=waits,
        steps=[{"tool": one.name, "ok": one.status == "success", "said": told["said"]} for one, told in results],
        builtin=bool(spoken) and spoken[-1].response_metadata.get("model_name") == "builtin",
    )
