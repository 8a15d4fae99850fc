"""What was made reaches the chat that asked for it once, however soon it is ready."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bots.handing_over import hand_over
from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from tests.bots.house import House, Wire
from tests.servers.s3 import S3, in_bucket, serving_s3


class Chat:
    """An operator's chat in which something was asked for in a turn, and made."""

    def __init__(self, house: House, room: str, operator: Principal) -> None:
        self.house, self.room, self.operator, self.turn = house, room, operator, new_id()
        self.asset = ""

    async def make(self, sha256: str = "0" * 64) -> None:
        async with self.house.store.open_work(self.operator) as work:
            job = await work.jobs.queue(
                "picture.card", {}, key=new_id(), makes="picture", title="A heron", conversation_id=self.room
            )
            job.state, job.ended_at = "done", now()
            asset = await work.assets.get(str(job.asset_id))
            asset.state, asset.sha256, asset.mime = "ready", sha256, "image/png"
            self.asset = asset.id

    async def reply(self, turn: str) -> None:
        async with self.house.store.open_work(self.operator) as work:
            there = await work.conversations.get(self.room)
            said = await work.conversations.say(there.id, "gator", "Here.", turn_id=turn, assets=[self.asset])
            written = await self.house.core.delivery.write(work, there, said, f"{turn}:reply", speaker="code")
        await self.house.core.delivery.show(self.operator.workspace, there, written)
        await self.house.settled()

    async def watch(self) -> None:
        await hand_over(self.house.store, self.house.core.delivery, self.operator.workspace)
        await self.house.settled()


@pytest.mark.parametrize("order", [("watch", "reply", "watch"), ("reply", "watch", "watch")])
async def test_what_is_made_before_the_reply_is_written_comes_once(
    house: Any, chat: Any, wire: Wire, operator: Principal, order: Sequence[str]
) -> None:
    one: House = house(channels=[wire])
    asked = Chat(one, (await chat(one, "boss", "gator").seat()).conversation.id, operator)
    await asked.make()
    for step in order:
        await (asked.watch() if step == "watch" else asked.reply(asked.turn))
    assert [item.media[0].id for item in wire.log if item.media] == [asked.asset]
    assert "Here." in wire.texts
    await asked.reply(new_id())  # asked for again in another turn
    assert [item.media[0].id for item in wire.log if item.media] == [asked.asset] * 2


@pytest.fixture
def s3() -> Iterator[S3]:
    with serving_s3() as service:
        yield service


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestInBucket:
    """With media in a bucket."""

    @pytest.fixture
    def settings(self, settings: Settings, s3: S3) -> Settings:
        return in_bucket(settings, s3)

    async def test_a_file_that_another_machine_made_is_here_when_it_is_sent(
        self, house: Any, chat: Any, wire: Wire, operator: Principal
    ) -> None:
        one: House = house(channels=[wire])
        blob = one.core.blobs.put(b"a heron")
        path = one.core.blobs.path(blob.sha256)
        path.unlink()
        asked = Chat(one, (await chat(one, "boss", "gator").seat()).conversation.id, operator)
        await asked.make(blob.sha256)
        await asked.watch()
        assert [item.media[0].path.read_bytes() for item in wire.log if item.media] == [b"a heron"]


async def test_what_could_not_be_made_is_told_in_the_chats_language(
    house: Any, chat: Any, wire: Wire, operator: Principal
) -> None:
    one: House = house(channels=[wire])
    room = (await chat(one, "boss", "gator").seat()).conversation.id
    async with one.store.open_work(operator) as work:
        await work.conversations.speaks(room, "de")
        for error in ("There is nothing to say in this text. Give it words to speak.", ""):
            job = await work.jobs.queue(
                "voice.speak", {}, key=new_id(), makes="voice", title="Gruß", conversation_id=room
            )
            job.state, job.ended_at, job.error = "failed", now(), error
    await Chat(one, room, operator).watch()
    told = "".join(wire.texts)
    assert (
        "Gruß: Das ließ sich nicht herstellen. Grund: In diesem Text gibt es nichts zu sprechen. Gib ihm Worte." in told
    )
    assert told.count("Gruß: Das ließ sich nicht herstellen.") == 2
