"""Does nobody read a fan's name any more in what Gator told operators, once everything of them is forgotten?"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory.blobs import Blobs
from memory.erasing import Erased, Eraser
from memory.erasing_waiting import WITHDRAWN
from memory.models import Outbound, TurnRow
from memory.store import Store
from memory.vault import VaultKey
from tests.memory.people import acquaint
from tests.memory.test_erasing import hits


class Desk:
    """An operator's chat with Gator, about a fan of that name."""

    def __init__(self, store: Store, operator: Principal, settings: Settings, key: VaultKey) -> None:
        self.store, self.operator, self.key = store, operator, key
        self.eraser = Eraser(store, settings, Blobs(settings.media_folder))

    async def told(self, name: str, *texts: str) -> None:
        """The fan is called so, and Gator says this, as a tool told it."""
        async with self.store.open_work(self.operator) as work:
            (await work.people.fan(self.key.fan)).display_name = name
            room = await work.conversations.meet("web", "", "desk", user_id=self.operator.subject)
            for text in texts:
                meta = {"steps": [{"tool": "list_conversations", "ok": True, "said": text}]}
                said = await work.conversations.say(room.id, "gator", text, meta=meta)
                await work.outbox.put(room, said, new_id(), piece={"text": text})
                await work.outbox.put(room, said, f"{new_id()}:0", piece={"text": text[:5]})
                for row in await work.session.scalars(select(Outbound).where(Outbound.key.endswith(":0"))):
                    row.state = "sent"

    async def forget(self) -> Erased:
        return await self.eraser.forget(self.operator, self.key, "everything")

    async def reads(self) -> list[str]:
        async with self.store.open_work(self.operator, reads=True) as work:
            room = await work.conversations.meet("web", "", "desk", user_id=self.operator.subject)
            return [one.text for one in await work.conversations.window(room.id, 50)]


@pytest.fixture
def desk(store: Store, operator: Principal, settings: Settings, key: VaultKey) -> Desk:
    return Desk(store, operator, settings, key)


@pytest.mark.parametrize("name", ["Quillheron", "Jürgen Löwe", "小王子大人", "Ada 🦦", "a%da_\\x"])
async def test_the_name_goes_from_lists_and_sentences_and_from_what_waits_to_be_sent(
    desk: Desk, store: Store, name: str
) -> None:
    await desk.told(name, f"- {name} with Nova (wire): 2 messages", f"The newest is {name}, of Porto.", "Nobody else.")
    erased = await desk.forget()
    assert await desk.reads() == [
        "- a fan with Nova (wire): 2 messages",
        "The newest is a fan, of Porto.",
        "Nobody else.",
    ]
    assert await hits(store, name) == await hits(store, name.encode("ascii", "backslashreplace").decode()) == []
    assert await hits(store, f"- {name[:2]}") == []
    assert [one.text for one in erased.gone.reworded] == (await desk.reads())[:2]


async def test_a_name_that_signs_nobody_sees_are_in_goes_as_it_was_shown(desk: Desk) -> None:
    await desk.told("Quill\u202eheron\u200b", "- Quillheron with Nova (wire): 2 messages")
    await desk.forget()
    assert await desk.reads() == ["- a fan with Nova (wire): 2 messages"]


@pytest.mark.parametrize("name", ["Al", "nova"])
async def test_a_name_that_could_mean_something_else_goes_from_lists_only(desk: Desk, name: str) -> None:
    await desk.told(name, f"- {name} with Nova (wire): 2 messages", f"I asked {name} about it.")
    await desk.forget()
    assert await desk.reads() == ["- a fan with Nova (wire): 2 messages", f"I asked {name} about it."]


async def test_parts_of_words_and_other_peoples_words_stay(desk: Desk, store: Store, operator: Principal) -> None:
    await desk.told("Ada", "Adamant as ever, and adaptable.")
    async with store.open_work(operator) as work:
        room = await work.conversations.meet("web", "", "desk", user_id=operator.subject)
        await work.conversations.say(room.id, "operator", "Who is Ada?")
    assert (await desk.forget()).gone.reworded == []
    assert await desk.reads() == ["Adamant as ever, and adaptable.", "Who is Ada?"]


async def test_a_question_that_names_them_is_withdrawn_and_a_decided_one_names_nobody(
    desk: Desk, store: Store, operator: Principal
) -> None:
    await desk.told("Quillheron")
    waits, read, other, done = [new_id() for _ in range(4)]
    async with store.open_work(operator) as work:
        for turn, text, state, steps in (
            (waits, "Hello Quillheron!", "waiting", []),
            (read, "Hello all!", "waiting", [{"tool": "list_conversations", "ok": True, "said": "3 more"}]),
            (other, "Hello sea!", "waiting", []),
            (done, "Bye, Quillheron", "closed", []),
        ):
            room = await work.conversations.meet("web", "", turn, user_id=operator.subject)
            row = {"conversation_id": room.id, "principal": {}, "state": state}
            work.session.add(TurnRow(id=turn, workspace=operator.workspace, **row))
            asked = await work.approvals.ask(
                "schedule_post", "publish", {"persona": "Nova", "tags": [{"text": text}]}, "hash", summary=f"Post “{text}”",
                key=turn, turn_id=turn, conversation_id=room.id, lives=timedelta(hours=1),
            )  # fmt: skip
            asked.state = "used" if turn == done else "pending"
            meta = {"steps": steps, "approvals": [asked.id]}
            await work.conversations.say(room.id, "gator", "Shall I?", turn_id=turn, meta=meta)

    erased = await desk.forget()

    assert sorted(erased.gone.turns) == sorted([waits, read])
    assert {one.text for one in erased.gone.reworded} == {WITHDRAWN}
    assert await hits(store, "Quillheron") == []
    async with store.open_work(operator, reads=True) as work:
        told = [(one.state, one.summary, one.arguments) for turn in (waits, other, done) for one in
                await work.approvals.of_turn(turn)]  # fmt: skip
        assert (await work.session.get_one(TurnRow, other)).state == "waiting"
    assert told == [
        ("expired", WITHDRAWN, {}),
        ("pending", "Post “Hello sea!”", {"persona": "Nova", "tags": [{"text": "Hello sea!"}]}),
        ("used", "Post “Bye, a fan”", {"persona": "Nova", "tags": [{"text": "Bye, a fan"}]}),
    ]


async def test_the_name_stays_while_another_persona_talks_with_them(
    desk: Desk, store: Store, operator: Principal
) -> None:
    await desk.told("Quillheron", "- Quillheron with Nova (wire): 2 messages")
    async with store.open_work(operator) as work:
        await acquaint(work, "orion", "ada")
    await desk.forget()
    assert await desk.reads() == ["- Quillheron with Nova (wire): 2 messages"]
