"""Does a fan get no picture that they may not see, whatever door it would come through?"""

from typing import Any

import pytest

from bots.fitting import fit_for_fan
from gator.errors import Refused
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Asset
from memory.store import Store
from tests.bots.house import House, Wire


async def picture(store: Store, operator: Principal, rating: str, **more: Any) -> str:
    async with store.open_work(operator) as work:
        told = {"kind": "picture", "state": "ready", "mime": "image/png", "sha256": "0" * 64, "rating": rating, **more}
        asset = Asset(workspace=operator.workspace, **told)
        work.session.add(asset)
        await work.session.flush()
        return asset.id


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        ("unknown", {"general"}),
        ("claimed_adult", {"general"}),
        ("minor", {"general"}),
        ("verified", {"general", "mature"}),
    ],
)
async def test_a_fan_sees_what_is_rated_and_fit_for_them(
    store: Store, operator: Principal, fan: Principal, state: str, seen: set[str]
) -> None:
    ids = {await picture(store, operator, rating): rating for rating in ("general", "mature", "unknown")}
    own = await picture(store, operator, "unknown", origin="fan", fan_id=fan.subject)
    pending = await picture(store, operator, "general", state="pending")
    async with store.open_work(operator) as work:
        (await work.people.fan(fan.subject)).age_state = state
        await work.session.flush()
        fit = await fit_for_fan(work, fan.subject, [*ids, own, pending], mature=True)
        assert {ids[id] for id in fit if id != own} == seen
        assert own in fit
        assert set(await fit_for_fan(work, None, [*ids, pending], mature=False)) == set(ids)
        closed = await fit_for_fan(work, fan.subject, [*ids, own], mature=False)
        assert {ids[id] for id in closed if id != own} == {"general"}
        assert own in closed


@pytest.mark.parametrize("rating", ["unknown", "mature"])
async def test_a_chat_carries_nothing_that_the_fan_may_not_see(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store, rating: str
) -> None:
    one: House = house("Hello.", channels=[wire])
    line = chat(one)
    await line.say("hi")
    await one.settled()
    room = (await line.seat()).conversation.id
    id = await picture(store, operator, rating)
    await one.core.desk.take(operator, room)
    with pytest.raises(Refused, match="may not see it"):
        await one.core.desk.say(operator, room, "Look!", assets=[id])
    async with store.open_work(operator) as work:  # as though a hijacked model had it in its reply all the same
        there = await work.conversations.get(room)
        said = await work.conversations.say(room, "persona", "Look here!", assets=[id])
        await one.core.delivery.write(work, there, said, "test", speaker="person")
    one.core.delivery.poke(operator.workspace, room)
    await one.settled()
    assert wire.texts[-1] == "Look here!"
    assert not [item for item in wire.log if item.media]


@pytest.mark.parametrize("setting", ["made", "shown"])
async def test_a_fan_of_proven_age_is_sent_what_is_mature_only_where_that_is_shown(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store, settings: Settings, setting: str
) -> None:
    told = settings.model_copy(update={"mature_media": setting})
    one: House = house("Hello.", channels=[wire], settings=told)
    line = chat(one)
    await line.say("hi")
    await one.settled()
    room = (await line.seat()).conversation
    id = await picture(store, operator, "mature")
    async with store.open_work(operator) as work:
        (await work.people.fan(str(room.fan_id))).age_state = "verified"
        there = await work.conversations.get(room.id)
        said = await work.conversations.say(room.id, "persona", "Look here!", assets=[id])
        await one.core.delivery.write(work, there, said, "test", speaker="person")
    one.core.delivery.poke(operator.workspace, room.id)
    await one.settled()
    assert bool([item for item in wire.log if item.media]) == (setting == "shown")


async def test_what_became_unfit_while_it_waited_is_not_sent(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    one: House = house("Hello.", channels=[wire])
    line = chat(one)
    await line.say("hi")
    await one.settled()
    room = (await line.seat()).conversation.id
    id = await picture(store, operator, "general")
    async with store.open_work(operator) as work:
        there = await work.conversations.get(room)
        said = await work.conversations.say(room, "persona", "Look here!", assets=[id])
        await one.core.delivery.write(work, there, said, "test", speaker="person")
        (await work.assets.get(id)).rating = "mature"
    one.core.delivery.poke(operator.workspace, room)
    await one.settled()
    assert not [item for item in wire.log if item.media]
