"""What somebody takes back is gone from everywhere; what they change into words of danger is answered at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr
from sqlalchemy import select

from bots.channel import Inbound
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Asset, Fact, Fan, Recollection
from memory.store import Store
from tests import files
from tests.bots.house import House, Line, Wire
from tests.bots.test_attachments import Post, assets_of, said_by, send
from tests.bots.test_channels_core import _until
from tests.fakes import ScriptedModel

DANGER = "I want to kill myself"
LONG_ANSWER = "That is so nice to know. I will remember it well. And then we walk along the shore and count the seals."


class Slow(ScriptedModel):
    """Stops in the middle of its answer until it is let go."""

    _go: asyncio.Event = PrivateAttr(default_factory=asyncio.Event)

    def go_on(self) -> None:
        self._go.set()

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **more: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        n = 0
        async for chunk in super()._astream(messages):
            yield chunk
            n += 1
            if n == 12:
                await self._go.wait()


class Stuck(Post):
    """A platform whose files do not come until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.come = asyncio.Event()

    async def fetch(self, account: str, ref: str, into: Path, limit_bytes: int) -> None:
        await self.come.wait()
        await super().fetch(account, ref, into, limit_bytes)


@pytest.fixture
def post() -> Post:
    return Post()


async def fan_of(line: Line) -> Fan:
    async with line.house.store.open_work(line.house.operator, reads=True) as work:
        return await work.people.fan((await line.seat()).principal.subject)


async def cards(line: Line) -> list[str]:
    return [one.text for one in await said_by(line, "notice") if one.meta.get("care") == "crisis"]


@pytest.mark.parametrize("now_reads", [None, "My cat is called Miro."])
async def test_what_is_changed_while_its_answer_is_shown_is_remembered_as_it_reads_now(
    house: Any, ada: Principal, operator: Principal, store: Store, now_reads: str | None
) -> None:
    model = Slow(lines=[LONG_ANSWER])
    one: House = house(model=model)
    room = await one.core.converse(ada)
    with one.core.hub.watch(room.id):
        id = await one.say(ada, "My dog is called Zebulon.")
        await _until(
            lambda: room.id in one.core.workers._answering and one.core.workers._answering[room.id][0].progress.shown
        )
        await one.core.corrections.of_author(ada, str(id), now_reads)
        model.go_on()
        await one.settled()
    async with store.open_work(operator, reads=True) as work:
        facts = [fact.value for fact in await work.session.scalars(select(Fact))]
        rows = await work.session.scalars(select(Recollection).where(Recollection.message_id == str(id)))
        kept = [(row.model, row.vector) for row in rows]
        state = (await work.journal.get(str(id))).state
    assert facts == (["Miro"] if now_reads else [])
    assert kept == ([("", b"")] if now_reads else [])  # the vector of the words before is gone, with them or without
    assert state == ("answered" if now_reads else "dropped")
    assert (await one.heard(ada))[-1].text == LONG_ANSWER


@pytest.mark.parametrize("now_reads", [None, "never mind"])
async def test_words_taken_back_leave_the_summary(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal, now_reads: str | None
) -> None:
    one: House = house(*["ok"] * 20, channels=[wire])
    line = chat(one)
    await line.say("My secret bank PIN is 4711 and I live in Porto with my sister Wanda", id="m0")
    await one.settled()
    for n in range(16):
        await line.say(f"and so on {n}")
        await one.settled()

    async def summary() -> str:
        async with store.open_work(operator, reads=True) as work:
            return (await work.conversations.get((await line.seat()).conversation.id)).summary

    assert "4711" in await summary()
    if now_reads is None:
        await one.core.removed("wire", line.account.id, "m0", workspace=operator.workspace)
    else:
        await one.core.edited("wire", line.account.id, "m0", now_reads, workspace=operator.workspace)
    await line.say("still there?")
    await one.settled()
    assert "4711" not in await summary()


async def test_what_came_with_a_deleted_message_goes_with_it(
    house: Any, chat: Any, post: Post, store: Store, operator: Principal
) -> None:
    one: House = house("ok", channels=[post])
    line = chat(one)
    sticker = {"kind": "sticker", "says": "my secret"}
    picture = post.attach(files.picture(), name="secret.jpg")
    await send(line, "look", picture, sticker, id="m1")
    await one.settled()
    (message,) = await said_by(line, "fan")
    (asset,) = await assets_of(one, message)
    path = one.core.blobs.get(asset.sha256)
    await one.core.removed("wire", line.account.id, "m1", workspace=operator.workspace)
    async with store.open_work(operator, reads=True) as work:
        left, row = await work.conversations.message(message.id), await work.journal.get(message.id)
        gone = await work.assets.get(asset.id)
    assert (left.text, left.assets, left.meta["attached"], row.text, row.attachments) == ("", [], [], "", [])
    assert (gone.state, gone.title, gone.alt_text, gone.sha256) == ("removed", "", "", "")
    assert not path.exists()


async def test_a_file_that_was_sent_twice_stays_with_the_other_message(
    house: Any, chat: Any, post: Post, operator: Principal
) -> None:
    one: House = house("ok", "ok", channels=[post])
    line = chat(one)
    body = files.picture()
    for id in ("m1", "m2"):
        await send(line, "look", post.attach(body), id=id)
        await one.settled()
    _, second = await said_by(line, "fan")
    (kept,) = await assets_of(one, second)
    await one.core.removed("wire", line.account.id, "m1", workspace=operator.workspace)
    assert one.core.blobs.get(kept.sha256).exists()


async def test_a_message_deleted_while_its_file_comes_leaves_no_file(
    house: Any, chat: Any, store: Store, operator: Principal
) -> None:
    post = Stuck()
    one: House = house(channels=[post])
    line = chat(one)
    await send(line, "look", post.attach(files.picture()), id="m1")
    await one.core.removed("wire", line.account.id, "m1", workspace=operator.workspace)
    post.come.set()
    await one.settled()
    async with store.open_work(operator, reads=True) as work:
        assert {row.state for row in await work.session.scalars(select(Asset))} <= {"removed"}
    assert not [path for path in one.core.blobs.folder.rglob("*") if path.is_file()]


async def test_an_answered_message_edited_into_words_of_danger_gets_the_card_once(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house("hello", channels=[wire])
    line = chat(one)
    await line.say("hi", id="m1")
    await one.settled()
    for _ in range(2):  # platforms tell of an edit twice
        await one.core.edited("wire", line.account.id, "m1", DANGER, workspace=operator.workspace)
        await one.settled()
    assert len(await cards(line)) == 1
    assert (await fan_of(line)).crisis_until
    assert "findahelpline" in "".join(wire.texts)
    async with store.open_work(operator, reads=True) as work:
        assert [row.reason for row in await work.handoffs.of((await line.seat()).conversation.id)] == ["crisis"]


async def test_words_of_danger_do_not_wait_for_a_file(house: Any, chat: Any) -> None:
    post = Stuck()
    one: House = house("What a picture!", channels=[post])
    line = chat(one)
    await send(line, "look", post.attach(files.picture()))
    await line.say(DANGER)
    await _until(lambda: "findahelpline" in "".join(post.texts))
    assert (await fan_of(line)).crisis_until
    post.come.set()
    await one.settled()
    assert len(await cards(line)) == 1
    assert [one.text for one in await said_by(line, "persona")] == []  # the card was the answer to both
    await line.say("thank you")
    await one.settled()
    assert [one.text for one in await said_by(line, "persona")] == ["What a picture!"]


async def test_words_of_danger_under_a_slow_picture_do_not_wait_for_it(house: Any, chat: Any) -> None:
    post = Stuck()
    one: House = house(channels=[post])
    line = chat(one)
    await send(line, DANGER, post.attach(files.picture()))
    await _until(lambda: "findahelpline" in "".join(post.texts))
    post.come.set()
    await one.settled()
    assert len(await cards(line)) == 1
    (message,) = await said_by(line, "fan")
    assert await assets_of(one, message)


async def test_a_file_is_taken_in_by_one_process(house: Any, chat: Any, operator: Principal) -> None:
    post = Stuck()
    one: House = house("Nice.", channels=[post])
    other: House = house("Nice.", channels=[post])
    line = chat(one)
    fetched: list[str] = []
    fetch = post.fetch

    async def count(account: str, ref: str, into: Path, limit_bytes: int) -> None:
        fetched.append(ref)
        await fetch(account, ref, into, limit_bytes)

    post.fetch = count  # type: ignore[method-assign]
    seat = await line.seat()
    picture = post.attach(files.picture())
    await one.core.receive(
        Inbound("wire", line.account.id, new_id(), seat.conversation.id, seat.principal, "hi", [picture])
    )
    await _until(lambda: fetched)
    await other.core._look_after(operator.workspace)
    await other.settled()
    post.come.set()
    await one.settled()
    assert len(fetched) == 1
    assert [one.text for one in await said_by(line, "persona")] == ["Nice."]
