"""One person over several channels: apart before, joint while linked, apart again after, each with what was theirs."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal, service
from memory import linking, rights
from memory.embedding import hashing_embedder
from memory.facts import extract
from memory.models import Conversation, Fan
from memory.store import Store
from memory.vault import VaultKey, open_vault
from memory.work import Work

EMBEDDER = hashing_embedder()


def vector_of(text: str) -> np.ndarray:
    vector: np.ndarray = EMBEDDER.embed_now([text])[0]
    return vector


@dataclass
class World:
    """A persona and the fans whom channels know, each with a chat of their own."""

    store: Store
    who: Principal
    persona: str

    async def meet(self, channel: str, name: str) -> Fan:
        async with self.store.open_work(self.who) as work:
            fan = await work.people.meet_fan(channel, name, name)
            await self._room(work, fan)
        return fan

    async def _room(self, work: Work, fan: Fan) -> Conversation:
        person = (await linking.person_of(work, fan.id)).id
        seen = {"persona_id": self.persona, "fan_id": person, "met_as": fan.id}
        return await work.conversations.meet(fan.channel, "", fan.external_id, **seen)

    async def tell(self, fan: Fan, text: str) -> str:
        """Say it in that fan's chat and have it remembered, as a turn does."""
        async with self.store.open_work(self.who) as work:
            room = await self._room(work, fan)
            said = await work.conversations.say(room.id, "fan", text)
            vault = open_vault(work, VaultKey(self.who.workspace, self.persona, room.fan_id or ""), EMBEDDER.name)
            await vault.facts.learn(extract(text), said.id)
            await vault.said.keep(said.id, vector_of(text))
        return said.id

    async def known(self, fan: Fan) -> set[str]:
        """Values of the facts that are told in that fan's chat."""
        async with self.store.open_work(self.who, reads=True) as work:
            person = (await linking.person_of(work, fan.id)).id
            vault = open_vault(work, VaultKey(self.who.workspace, self.persona, person), EMBEDDER.name)
            return {fact.value for fact in await vault.facts.held()}

    async def recalled(self, fan: Fan, about: str) -> set[str]:
        async with self.store.open_work(self.who, reads=True) as work:
            person = (await linking.person_of(work, fan.id)).id
            vault = open_vault(work, VaultKey(self.who.workspace, self.persona, person), EMBEDDER.name)
            found = await vault.said.recall(about, vector_of(about), limit=20)
        return {one.text for one in found}

    async def link(self, fan: Fan, other: Fan) -> bool:
        async with self.store.open_work(self.who) as work:
            return await linking.link(work, fan.id, other.id)

    async def part(self, fan: Fan) -> int:
        async with self.store.open_work(self.who) as work:
            return len(await linking.part(work, fan.id))

    async def row(self, fan: Fan) -> Fan:
        async with self.store.open_work(self.who, reads=True) as work:
            return await work.people.fan(fan.id)

    async def room(self, fan: Fan) -> Conversation:
        async with self.store.open_work(self.who) as work:
            return await self._room(work, fan)


@pytest.fixture
async def world(store: Store, operator: Principal) -> World:
    async with store.open_work(operator) as work:
        persona = await work.personas.create("nova", "Nova", {"name": "Nova"}, author="tests")
    return World(store, service(operator.workspace, "tests"), persona.id)


PORTO = "My name is Ada and I live in Porto."
DOG = "I have a dog called Kipling, he eats maps of Portugal."
LISBON = "I work as a baker in a street full of maps."


async def test_memories_are_apart_then_joint_then_apart_again(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("discord", "2")
    await world.tell(here, PORTO)
    await world.tell(here, DOG)
    await world.tell(there, LISBON)
    before = [await world.known(here), await world.known(there)]
    assert before[0]
    assert before[1]
    assert not before[0] & before[1]
    assert await world.recalled(here, "maps") == {DOG}
    assert await world.recalled(there, "maps") == {LISBON}

    assert await world.link(there, here)
    assert not await world.link(there, here)
    assert not await world.link(here, there)
    assert await world.known(here) == await world.known(there) == before[0] | before[1]
    assert await world.recalled(here, "maps") == await world.recalled(there, "maps") == {DOG, LISBON}

    since = "I love chess and old maps."
    await world.tell(there, since)
    assert since in await world.recalled(here, "maps")
    assert await world.part(here) == 2
    assert await world.part(here) == 0
    assert await world.known(here) == before[0]
    assert await world.known(there) > before[1]
    assert await world.recalled(here, "maps") == {DOG}
    assert await world.recalled(there, "maps") == {LISBON, since}


async def test_linking_again_after_parting_gives_each_memory_once(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("web", "2")
    await world.tell(here, DOG)
    await world.tell(there, LISBON)
    for _ in range(2):
        await world.link(there, here)
        assert await world.recalled(here, "maps") == {DOG, LISBON}
        await world.part(there)
        assert await world.recalled(there, "maps") == {LISBON}


async def test_a_process_with_an_index_in_memory_sees_who_was_linked_elsewhere(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("discord", "2")
    await world.tell(there, LISBON)
    await world.tell(here, DOG)  # newer than what will join it
    assert await world.recalled(here, "maps") == {DOG}
    other = World(Store(world.store.url), world.who, world.persona)
    await other.link(there, here)
    assert await world.recalled(here, "maps") == {DOG, LISBON}
    await other.part(here)
    assert await world.recalled(here, "maps") == {DOG}
    assert await world.recalled(there, "maps") == {LISBON}
    await other.store.close()


async def off(world: World, fan: Fan) -> bool:
    async with world.store.open_work(world.who, reads=True) as work:
        person = (await linking.person_of(work, fan.id)).id
        return await open_vault(work, VaultKey(world.who.workspace, world.persona, person), "none").choice.is_off()


async def remember(world: World, fan: Fan, *, on: bool) -> None:
    async with world.store.open_work(world.who) as work:
        person = (await linking.person_of(work, fan.id)).id
        await rights.remember(work, VaultKey(world.who.workspace, world.persona, person), on)


@pytest.mark.parametrize("who", [0, 1])
async def test_who_wants_nothing_remembered_in_one_app_wants_it_in_all(world: World, who: int) -> None:
    fans = [await world.meet("telegram", "1"), await world.meet("discord", "2")]
    await remember(world, fans[who], on=False)
    await world.link(fans[1], fans[0])
    assert await off(world, fans[0])
    await world.part(fans[0])
    assert [await off(world, fan) for fan in fans] == [True, True]


@pytest.mark.parametrize("on", [True, False])
async def test_what_a_person_decides_while_linked_holds_for_each_when_they_part(world: World, on: bool) -> None:
    fans = [await world.meet("telegram", "1"), await world.meet("discord", "2")]
    if on:
        await remember(world, fans[1], on=False)
    await world.link(fans[1], fans[0])
    await remember(world, fans[1], on=on)
    await world.part(fans[1])
    assert [await off(world, fan) for fan in fans] == [not on, not on]


async def test_three_are_one_person_and_a_stranger_stays_one(world: World) -> None:
    fans = [await world.meet(channel, channel) for channel in ("telegram", "discord", "web", "matrix")]
    for fan, text in zip(fans, (PORTO, DOG, LISBON, "I live in Oslo."), strict=True):
        await world.tell(fan, text)
    await world.link(fans[1], fans[0])
    await world.link(fans[0], fans[2])  # both of them join the third
    assert await world.known(fans[0]) == await world.known(fans[1]) == await world.known(fans[2])
    assert [(await world.row(fan)).person_id for fan in fans] == [fans[2].id, fans[2].id, None, None]
    assert not await world.known(fans[3]) & await world.known(fans[0])
    assert await world.part(fans[1]) == 3
    assert await world.recalled(fans[1], "maps of Portugal") == {DOG}
    assert len({frozenset(await world.known(fan)) for fan in fans}) == 4


async def test_rooms_keep_as_whom_they_were_met_also_those_made_while_linked(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("discord", "2")
    await world.link(there, here)
    room = await world.room(there)
    assert (room.fan_id, room.met_as) == (here.id, there.id)
    async with world.store.open_work(world.who) as work:  # a second chat, made by the doorway
        seen = {"persona_id": world.persona, "fan_id": here.id, "met_as": there.id}
        made = await work.conversations.meet("discord", "", "another", **seen)
    await world.part(there)
    async with world.store.open_work(world.who, reads=True) as work:
        assert (await work.conversations.get(made.id)).fan_id == there.id
        assert (await work.conversations.get(room.id)).fan_id == there.id
        assert (await work.conversations.get((await world.room(here)).id)).fan_id == here.id


async def test_a_chat_that_did_not_note_whom_it_met_goes_back_too(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("web", "2")
    async with world.store.open_work(world.who) as work:
        old = await work.conversations.meet("web", "", "old", persona_id=world.persona, fan_id=there.id)
    await world.link(there, here)
    await world.part(here)
    async with world.store.open_work(world.who, reads=True) as work:
        assert (await work.conversations.get(old.id)).fan_id == there.id


async def test_a_reply_in_the_making_with_the_old_memory_loses_its_lease(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("discord", "2")
    room = await world.room(there)
    async with world.store.open_work(world.who) as work:
        taken = await work.turns.take(room.id, "a process", timedelta(seconds=15))
        assert taken is not None
    await world.link(there, here)
    async with world.store.open_work(world.who) as work:
        assert not await work.turns.let_go(room.id, taken.fence)


STATES = ("minor", "suspected_minor", "unknown", "claimed_adult", "verified")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("one", "other"), list(product(STATES, STATES)))
async def test_the_stricter_age_holds_for_both_and_stays(world: World, one: str, other: str) -> None:
    here, there = await world.meet("telegram", new_id()), await world.meet("discord", new_id())
    async with world.store.open_work(world.who) as work:
        (await work.people.fan(here.id)).age_state = one
        (await work.people.fan(there.id)).age_state = other
    await world.link(there, here)
    stricter = min((one, other), key=STATES.index)
    assert [(await world.row(fan)).age_state for fan in (here, there)] == [stricter, stricter]
    await world.part(here)
    assert [(await world.row(fan)).age_state for fan in (here, there)] == [stricter, stricter]


async def test_who_turned_out_a_minor_while_linked_is_one_on_both_after(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("discord", "2")
    await world.link(there, here)
    until = now() + timedelta(hours=72)
    async with world.store.open_work(world.who) as work:  # a turn changes whoever stands for the person
        person = await work.people.fan(here.id)
        person.age_state, person.crisis_until = "suspected_minor", until
        await work.people.stop(there.id, now())
    await world.part(there)
    for fan in (here, there):
        row = await world.row(fan)
        assert row.age_state == "suspected_minor"
        assert row.crisis_until == until
        assert row.stopped_at is not None


async def test_an_age_proved_while_linked_is_not_the_others_after(world: World) -> None:
    here, there = await world.meet("telegram", "1"), await world.meet("discord", "2")
    await world.link(there, here)
    async with world.store.open_work(world.who) as work:
        (await work.people.fan(here.id)).age_state = "verified"
    await world.part(here)
    assert ((await world.row(here)).age_state, (await world.row(there)).age_state) == ("verified", "unknown")
