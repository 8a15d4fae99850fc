"""What does a fan's turn cost? CPU and latency of Gator's whole turn, beside a bare one-node LangGraph on SQL rows.

    python -m bench.turn [--turns 60] [--rounds 3]

All answer with the same model, which costs next to nothing and never waits; what remains is framework and store. Gator's
turn is all of it: journal, notice, care, facts, recall, lorebook, graph, guard, outbox, receipt; only the embedding model
is left out (its vector is given), as it is measured on its own by bench.embedding. Figures are of one process on SQLite.
The bare turn is two rows, a window of 20, one node and one call. `bare` is written as the manuals of SQLAlchemy and
aiosqlite teach it (WAL, one session for what is said, one for the reply); `ours` is the same on Gator's own store, which
has a faster way to SQLite. Columns of ms are CPU-ms a turn of this process; p50 and p99 are the whole turn's wall time in
Gator, the model call being free. A past of n messages has n / 2 vectors in the fan's vault.

Each round measures all three, as many turns each, in changing order; before each measurement garbage is collected and the
write-ahead logs emptied, so that nobody pays for what another left. `ratio` is the median of the rounds' ratios of Gator
to the bare turn, `to ours` that to the bare turn on its own store. Each round talks in other conversations, so that a
short past stays short.
"""

import argparse
import asyncio
import contextlib
import gc
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypedDict

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from sqlalchemy import Index, event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from agents import recollection
from agents.brain import Brain
from agents.models import Mind
from bots.channel import Inbound
from bots.core import Core
from bots.hub import Hub
from bots.web_channel import WebChannel
from gator.clock import now
from gator.garbage import Sparing
from gator.ids import new_id
from gator.principal import Kind, Principal
from gator.settings import Settings
from memory import schema
from memory.founding import found
from memory.models import Message
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tools.personas.character import Character

HISTORIES = (10, 1_000, 10_000)
AT_ONCE = (1, 16, 64)
WINDOW = 20


class FreeModel(BaseChatModel):
    """Answers at once."""

    @property
    def _llm_type(self) -> str:
        return "free"

    def bind_tools(self, *_: Any, **__: Any) -> "FreeModel":
        return self

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        message = AIMessage("That sounds lovely, tell me more about it.", response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(self, *_: Any, **__: Any) -> ChatResult:
        return self._generate()


class FixedEmbedder:
    """The embedding model, left out of the measurement."""

    name = "fixed"

    async def embed(self, texts: list[str]) -> Any:
        vector = np.zeros((len(texts), 384), np.float32)
        vector[:, 0] = 1
        return vector


Say = Callable[[int, str], Awaitable[None]]


def one_node() -> Any:
    """The bare graph: one node that calls the model."""
    model = FreeModel()

    class State(TypedDict):
        messages: Annotated[list[AnyMessage], add_messages]

    async def speak(state: State) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(State)
    graph.add_node("speak", speak)
    graph.add_edge(START, "speak")
    graph.add_edge("speak", END)
    return graph.compile()


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "message"

    __table_args__ = (Index("message_in_room", "room", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    room: Mapped[str]
    author: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Bare:
    """The bare turn as SQLAlchemy's manual writes it. No journal, memory, care, outbox or receipts."""

    def __init__(self, file: Path) -> None:
        self.engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
        event.listen(self.engine.sync_engine, "connect", _in_wal)
        self._session = async_sessionmaker(self.engine, expire_on_commit=False)
        self._graph = one_node()

    async def fill(self, history: int, rooms: int) -> None:
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with self._session.begin() as session:
            session.add_all(
                Row(room=f"{history}-{room}", author="fan" if n % 2 == 0 else "persona", text=_subject(n))
                for room in range(rooms)
                for n in range(history)
            )

    def said_in(self, history: int) -> "Say":
        async def say(fan: int, words: str) -> None:
            room = f"{history}-{fan}"
            async with self._session.begin() as session:
                session.add(Row(room=room, author="fan", text=words))
                await session.flush()
                latest = select(Row).where(Row.room == room).order_by(Row.id.desc()).limit(WINDOW)
                window = list(await session.scalars(latest))[::-1]
            heard = [(HumanMessage if one.author == "fan" else AIMessage)(one.text, id=one.id) for one in window]
            done = await self._graph.ainvoke({"messages": heard})
            async with self._session.begin() as session:
                session.add(Row(room=room, author="persona", text=done["messages"][-1].text))

        return say


def _in_wal(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # as Gator's: a reply that was sent is on the disk


def _subject(n: int) -> str:
    return f"We talked about subject number {n} and what it means to us, at some length."


class BareOnOurs:
    """The same on Gator's store."""

    def __init__(self, store: Store, rooms: list[str], owner: Principal) -> None:
        self._store, self._rooms, self._owner = store, rooms, owner
        self._graph = one_node()

    async def say(self, fan: int, words: str) -> None:
        room = self._rooms[fan]
        async with self._store.open_work(self._owner) as work:
            await work.conversations.say(room, "fan", words)
            window = await work.conversations.window(room, WINDOW)
        heard = [(HumanMessage if one.author == "fan" else AIMessage)(one.text, id=one.id) for one in window]
        done = await self._graph.ainvoke({"messages": heard})
        async with self._store.open_work(self._owner) as work:
            await work.conversations.say(room, "persona", done["messages"][-1].text)


class Gator:
    """The whole turn, from the channel to the receipt."""

    def __init__(self, core: Core, rooms: list[str], fans: list[Principal]) -> None:
        self._core, self._rooms, self._fans = core, rooms, fans

    async def say(self, fan: int, words: str) -> None:
        room, who = self._rooms[fan], self._fans[fan]
        await self._core.receive(Inbound("web", "", new_id(), room, who, words))
        while worker := self._core.workers._tasks.get(room):
            await asyncio.wait({worker})


async def measure(
    engines: Sequence[AsyncEngine], say: Say, fans: Sequence[int], turns: int
) -> tuple[float, list[float]]:
    """CPU-ms a turn and the wall time of each; the fans all talk at once."""
    waited: list[float] = []

    async def talk(fan: int, count: int) -> None:
        for n in range(count):
            start = time.perf_counter()
            await say(fan, f"I went to the market today and bought {n} apples.")
            waited.append((time.perf_counter() - start) * 1e3)

    each = max(1, turns // len(fans))
    for engine in engines:
        with contextlib.closing(sqlite3.connect(str(engine.url.database))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    gc.collect()
    cpu = time.process_time()
    await asyncio.gather(*(talk(fan, each) for fan in fans))
    return (time.process_time() - cpu) * 1e3 / (each * len(fans)), waited


async def fill(store: Store, owner: Principal, room: str, count: int, key: VaultKey | None) -> None:
    """A past of `count` messages; with a key, what the fan said can be recalled."""
    async with store.open_work(owner) as work:
        rows = [
            Message(
                workspace=owner.workspace,
                conversation_id=room,
                author="fan" if n % 2 == 0 else "persona",
                text=_subject(n),
            )
            for n in range(count)
        ]
        work.session.add_all(rows)
        await work.session.flush()
        if key:
            vault, dice = open_vault(work, key), np.random.default_rng(count)
            for row in rows[::2]:
                vector = dice.standard_normal(384).astype(np.float32)
                await vault.said.keep(row.id, vector / np.linalg.norm(vector))
        upto = rows[-WINDOW].id if count > WINDOW else None
        conversation = await work.conversations.get(room)
        # A past that grew turn by turn has been summed up; only what is newer is ever read.
        conversation.summary_upto = upto
        conversation.notice_at = now()


async def build(store: Store, settings: Settings, history: int) -> tuple[Gator, BareOnOurs]:
    owner = await found(store)
    slug = f"nova{history}"
    async with store.open_work(owner) as work:
        character = Character(name=f"Nova {history}").model_dump(mode="json")
        persona = await work.personas.create(slug, f"Nova {history}", character, author="bench")
        fans = [await work.people.meet_fan("web", f"{slug}-{n}") for n in range(max(AT_ONCE))]
        rooms = [
            await work.conversations.meet("web", kind, f"{slug}-{fan.id}", persona_id=persona.id, fan_id=fan.id)
            for kind in ("", "reference")
            for fan in fans
        ]
    ids = [room.id for room in rooms]
    few = 1 if history > 10 else max(AT_ONCE)
    for fan, ours, theirs in zip(fans[:few], ids, ids[len(fans) :], strict=False):
        await fill(store, owner, ours, history, VaultKey(owner.workspace, persona.id, fan.id))
        await fill(store, owner, theirs, history, None)
    hub = Hub()
    core = Core(
        settings,
        store,
        Brain(settings, store, InMemorySaver(), Mind(settings, lambda *_: FreeModel())),
        hub,
        [WebChannel(hub)],
    )
    principals = [Principal(owner.workspace, Kind.fan, fan.id, persona=persona.id) for fan in fans]
    return Gator(core, ids[: len(fans)], principals), BareOnOurs(store, ids[len(fans) :], owner)


async def compare(
    engines: Sequence[AsyncEngine], says: Sequence[Say], history: int, at_once: int, turns: int, rounds: int
) -> float:
    """Measure all of `says`, Gator's first, round by round; print the line, give the ratio to the bare turn."""
    costs: list[list[float]] = [[] for _ in says]
    waited: list[float] = []
    for turn in range(rounds + 1):
        first = turn * at_once if history == 10 else 0  # of a long past there is one conversation
        fans = [(first + n) % max(AT_ONCE) for n in range(at_once)]
        for place in range(len(says)):
            which = (place + turn) % len(says)
            cost, times = await measure(engines, says[which], fans, turns)
            if turn:  # the first one warms up
                costs[which].append(cost)
                waited += times if which == 0 else []
    gator, *others = costs
    ratios = [statistics.median(ours / theirs for ours, theirs in zip(gator, other, strict=True)) for other in others]
    bare, ours = map(statistics.median, others)
    p50, p99 = np.percentile(waited, [50, 99])
    print(
        f"{history:>8} {at_once:>8} | {bare:8.2f} {ours:8.2f} {statistics.median(gator):9.2f} {ratios[0]:5.2f}x"
        f" {ratios[1]:7.2f}x | {p50:7.1f} {p99:7.1f}",
        flush=True,
    )
    return ratios[0]


async def run(turns: int, rounds: int) -> None:
    Sparing().start()  # as `gator up` does, for all that is measured
    recollection.embedder = FixedEmbedder  # type: ignore[assignment, attr-defined]
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), secret_key="a key for the bench only")
        schema.upgrade(settings.database)
        store, bare = Store(settings.database), Bare(Path(home) / "bare.db")
        engines = store.engine, bare.engine
        print(
            f"{'history':>8} {'at once':>8} | {'bare ms':>8} {'ours ms':>8} {'Gator ms':>9} {'ratio':>6} {'to ours':>8}"
            f" | {'p50 ms':>7} {'p99 ms':>7}"
        )
        by_history: dict[int, float] = {}
        for history in HISTORIES:
            gator, ours = await build(store, settings, history)
            await bare.fill(history, 1 if history > 10 else max(AT_ONCE))
            says = gator.say, bare.said_in(history), ours.say
            for at_once in AT_ONCE if history == 10 else (1,):
                ratio = await compare(engines, says, history, at_once, turns, rounds)
                if at_once == 1:
                    by_history[history] = ratio
        grown = by_history[10_000] / by_history[10]
        print(f"cost at 10,000 messages of history / at 10, each in turns of the bare graph beside it: {grown:.2f}")
        async with store.open_work(await found(store), reads=True) as work:
            stored = (
                await work.session.execute(
                    text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
                )
            ).scalar()
        print(f"database at the end: {int(stored or 0) / 1024:,.0f} KiB")
        await store.close()
        await bare.engine.dispose()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--turns", type=int, default=64)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    asyncio.run(run(given.turns, given.rounds))
