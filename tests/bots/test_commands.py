"""Commands: the same in every chat, done and answered once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import select

from agents.brain import Brain
from agents.models import Mind
from api.permissions import ROLES
from bots import codes, commands, pairing, words
from bots.core import Core
from bots.doorway import MAY_OPERATE, Person, Seat
from bots.hub import Hub
from gator import clock
from gator.clock import now
from gator.errors import Forbidden
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Account, Audit, Conversation, Fan, Handoff, Message, Miss
from memory.store import Store
from tests.fakes import ScriptedModel
from tools.personas.character import Character

ADA = Person("1001", "Ada", "en")
BEN = Person("1002", "Ben", "de-AT")


@dataclass
class House:
    """A core with an account of Gator's and two of a persona's, on two platforms."""

    core: Core
    owner: Principal
    gator: Account
    nova: Account
    nova_elsewhere: Account
    given: int = 0

    async def seat(self, account: Account, person: Person) -> Seat | None:
        return await self.core.doorway.seat(account, person, person.external_id)

    async def obey(self, account: Account, person: Person, text: str, key: str = "") -> str | None:
        """What the adapter would do: the command's name and argument, a key of its own."""
        name, _, argument = text.removeprefix("/").partition(" ")
        self.given += 1
        seat = await self.seat(account, person)
        return await commands.obey(self.core, account, seat, person, name, argument, key or f"update {self.given}")

    async def told(self, account: Account, person: Person) -> list[str]:
        """What code has said in that chat, oldest first."""
        seat = await self.seat(account, person)
        assert seat is not None
        async with self.core.store.open_work(self.owner, reads=True) as work:
            said = await work.conversations.window(seat.conversation.id, 100)
        return [message.text for message in said if message.author == "notice"]

    async def told_by_gator(self, person: Person) -> list[str]:
        """As `told`, where an operator talks with Gator."""
        return await self.told(self.gator, person)

    async def rows(self, table: Any, **where: object) -> list[Any]:
        async with self.core.store.open_work(self.owner, reads=True) as work:
            return list(await work.session.scalars(select(table).filter_by(**where).order_by(table.id)))

    async def pairing_code(self) -> str:
        async with self.core.store.open_work(self.owner) as work:
            return await pairing.make(work, self.core.settings.secret, self.owner.subject)


@pytest.fixture
async def house(settings: Settings, store: Store, operator: Principal) -> AsyncIterator[House]:
    mind = Mind(settings, lambda *_: ScriptedModel(lines=[]))
    core = Core(settings, store, Brain(settings, store, InMemorySaver(), mind), Hub(), [])
    async with store.open_work(operator) as work:
        character = Character(name="Nova", greeting="Hey {{user}}, {{char}} here.", languages=["en", "de"])
        persona = await work.personas.create("nova", "Nova", character.model_dump(mode="json"), author="tests")
        rows = [("telegram", "gator", None), ("telegram", "nova", persona.id), ("discord", "nova2", persona.id)]
        accounts = [
            await work.accounts.add(
                Account(channel=channel, name=name, external_id=name, handle=name, persona_id=whose, credential="")
            )
            for channel, name, whose in rows
        ]
    gator, nova, nova_elsewhere = accounts
    yield House(core, operator, gator, nova, nova_elsewhere)
    await core.stop()


# Everybody


async def test_what_is_no_command_of_ours_is_a_message(house: House) -> None:
    assert await house.obey(house.nova, ADA, "/dance") is None
    assert await house.obey(house.gator, ADA, "/dance") is None


async def test_the_same_command_delivered_again_is_answered_once(house: House) -> None:
    assert await house.obey(house.nova, ADA, "/help", key="update-7") == ""
    assert await house.obey(house.nova, ADA, "/help", key="update-7") == ""
    assert len(await house.told(house.nova, ADA)) == 1


@pytest.mark.parametrize("language", words.languages())
async def test_a_menu_shows_what_the_account_understands(house: House, language: str) -> None:
    fans = dict(commands.menu(house.nova, language))
    operators = dict(commands.menu(house.gator, language))
    assert {"start", "human", "stop", "link", "unlink", "language"} <= set(fans)
    assert {"start", "pair", "unpair"} <= set(operators)
    assert not {"pair", "unpair"} & set(fans)
    assert not {"link", "stop"} & set(operators)
    for name in fans:
        assert await house.obey(house.nova, BEN, f"/{name}") is not None


async def test_answers_are_in_the_language_of_whoever_asks(house: House) -> None:
    await house.obey(house.nova, BEN, "/stop")
    assert await house.told(house.nova, BEN) == [words.say("stopped", "de")]
    await house.obey(house.nova, BEN, "/language English")
    await house.obey(house.nova, BEN, "/resume")
    assert (await house.told(house.nova, BEN))[1:] == [words.say("language_set", "en"), words.say("resumed", "en")]
    await house.obey(house.nova, BEN, "/language tlhIngan")
    assert "en, de" in (await house.told(house.nova, BEN))[-1]


# Fans


async def test_the_ai_notice_comes_before_a_personas_greeting_and_once(house: House) -> None:
    await house.obey(house.nova, ADA, "/start")
    notice, greeting = await house.told(house.nova, ADA)
    assert "AI persona" in notice
    assert greeting == "Hey Ada, Nova here."
    await house.obey(house.nova, ADA, "/start ref_42")
    assert len(await house.told(house.nova, ADA)) == 3


async def test_the_notice_of_a_start_is_in_the_fans_language(house: House) -> None:
    await house.obey(house.nova, BEN, "/start")
    assert "KI-Persona" in (await house.told(house.nova, BEN))[0]
    await house.obey(house.nova, ADA, "/language de")
    await house.obey(house.nova, ADA, "/start")
    assert "KI-Persona" in (await house.told(house.nova, ADA))[1]


async def test_stop_is_kept_for_the_person_and_resume_undoes_it(house: House) -> None:
    await house.obey(house.nova, ADA, "/stopp")
    (fan,) = await house.rows(Fan)
    assert fan.stopped_at is not None
    await house.obey(house.nova, ADA, "/resume")
    (fan,) = await house.rows(Fan)
    assert fan.stopped_at is None


async def test_asking_for_a_person_is_an_event_with_a_reason(house: House) -> None:
    await house.obey(house.nova, ADA, "/human my order is late")
    (event,) = await house.rows(Handoff)
    assert (event.kind, event.reason, event.text) == ("wanted", "asked", "my order is late")
    await house.obey(house.nova, ADA, "/human")
    told = await house.told(house.nova, ADA)
    assert told == [words.say("human_wanted", "en", name="Nova"), words.say("human_already", "en", name="Nova")]
    assert len(await house.rows(Handoff)) == 1


async def test_a_pairing_code_is_no_word_for_a_persona(house: House) -> None:
    code = await house.pairing_code()
    assert await house.obey(house.nova, ADA, f"/pair {code}") == ""
    assert code not in "".join(await house.told(house.nova, ADA))
    assert (await house.obey(house.gator, ADA, f"/pair {code}") or "").startswith("Welcome")


# Operators


async def test_a_stranger_on_gators_account_is_told_how_to_pair(house: House) -> None:
    assert await house.obey(house.gator, ADA, "/start") == words.say("stranger", "en")
    assert await house.obey(house.gator, BEN, "/pair") == words.say("pair_how", "de")
    assert not await house.rows(Conversation)


@pytest.mark.parametrize("command", ["/pair {code}", "/pair {small}", "/start pair_{plain}", "/start pair_{code}"])
async def test_a_code_admits_whoever_sends_it_and_once(house: House, command: str) -> None:
    code = await house.pairing_code()
    text = command.format(code=code, small=code.lower().replace("-", " "), plain=code.replace("-", ""))
    assert (await house.obey(house.gator, ADA, text) or "").startswith("Welcome")
    seat = await house.seat(house.gator, ADA)
    assert seat is not None
    assert seat.principal.subject == house.owner.subject
    assert await house.obey(house.gator, BEN, text) == words.say("pair_wrong", "de")
    assert await house.seat(house.gator, BEN) is None
    assert {row.action for row in await house.rows(Audit)} >= {"pair.code", "pair.admit", "pair.wrong"}


async def test_an_old_code_and_a_wrong_one_are_told_apart_by_nobody(house: House) -> None:
    code = await house.pairing_code()
    later = now() + codes.LIVES
    with clock.set_to(lambda: later):
        old = await house.obey(house.gator, ADA, f"/pair {code}")
    assert old == await house.obey(house.gator, ADA, "/pair AAAA-BBBB") == await house.obey(house.gator, ADA, "/pair x")


async def test_after_five_wrong_codes_even_the_right_one_waits_an_hour(house: House) -> None:
    code = await house.pairing_code()
    for _ in range(5):
        assert await house.obey(house.gator, ADA, "/pair ZZZZ-ZZZZ") == words.say("pair_wrong", "en")
    assert await house.obey(house.gator, ADA, f"/pair {code}") == words.say("pair_slow", "en")
    assert (await house.obey(house.gator, BEN, f"/pair {code}") or "").startswith("Willkommen")
    assert len(await house.rows(Miss)) == 5


async def test_fifty_wrong_codes_close_the_account_to_all_for_an_hour(house: House) -> None:
    for n in range(50):
        assert await house.obey(house.gator, Person(f"x{n}", ""), "/pair ZZZZ-ZZZZ") == words.say("pair_wrong", "en")
    assert await house.obey(house.gator, ADA, "/pair ZZZZ-ZZZZ") == words.say("pair_slow", "en")
    later = now() + codes.WITHIN
    with clock.set_to(lambda: later):
        code = await house.pairing_code()
        assert (await house.obey(house.gator, ADA, f"/pair {code}") or "").startswith("Welcome")


async def test_whoever_is_unpaired_is_a_stranger_and_the_next_one_reads_nothing_of_theirs(house: House) -> None:
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    await house.obey(house.gator, ADA, "/help")
    assert len(await house.told(house.gator, ADA)) == 1
    assert await house.obey(house.gator, ADA, "/unpair") == words.say("unpaired", "en")
    assert await house.seat(house.gator, ADA) is None
    async with house.core.store.open_work(house.owner) as work:
        other = await work.people.add_user("other", ["operator"])
        code = await pairing.make(work, house.core.settings.secret, other.id)
    await house.obey(house.gator, ADA, f"/pair {code}")
    seat = await house.seat(house.gator, ADA)
    assert seat is not None
    assert seat.principal.subject == other.id
    assert await house.told(house.gator, ADA) == []


async def test_nobody_is_unpaired_while_a_fan_waits_for_them(house: House) -> None:
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    await house.obey(house.nova, BEN, "/human bitte")
    seat = await house.seat(house.nova, BEN)
    assert seat is not None
    await house.obey(house.gator, ADA, f"/take {seat.conversation.id[-8:]}")
    await house.obey(house.gator, ADA, "/unpair")
    assert (await house.told_by_gator(ADA))[-1] == words.say("desk_holds_one", "en")
    assert await house.seat(house.gator, ADA) is not None


async def test_a_chat_that_is_set_aside_is_told_nothing_of_fans_any_more(house: House) -> None:
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    await house.obey(house.nova, BEN, "/human bitte")
    fan, boss = await house.seat(house.nova, BEN), await house.seat(house.gator, ADA)
    assert fan is not None
    assert boss is not None
    await house.obey(house.gator, ADA, f"/take {fan.conversation.id[-8:]}")
    async with house.core.store.open_work(house.owner) as work:
        assert await pairing.unpair(work, house.gator.channel, ADA.external_id)  # by another door
    async with house.core.store.open_work(house.owner) as work:
        taken = await work.conversations.get(fan.conversation.id)
        before = len(await work.conversations.window(boss.conversation.id, 50))
        assert (taken.taken_by, taken.notes.get("relay_to")) == (house.owner.subject, "")
        await house.core.desk.want(work, taken, "crisis", "fan:ben")
        assert len(await work.conversations.window(boss.conversation.id, 50)) == before


async def test_a_disabled_user_pairs_nobody(house: House) -> None:
    async with house.core.store.open_work(house.owner) as work:
        gone = await work.people.add_user("gone", ["operator"])
        code = await pairing.make(work, house.core.settings.secret, gone.id)
        gone.disabled_at = now()
    assert await house.obey(house.gator, ADA, f"/pair {code}") == words.say("pair_wrong", "en")


async def test_only_roles_that_may_chat_operate(house: House) -> None:
    assert {role for role, may in ROLES.items() if "chat" in may} == MAY_OPERATE
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    async with house.core.store.open_work(house.owner) as work:
        looker = await work.people.add_user("looker", ["viewer"])
        with pytest.raises(Forbidden):
            await pairing.make(work, house.core.settings.secret, looker.id)
        (await work.people.user(house.owner.subject)).roles = ["viewer"]
    assert await house.seat(house.gator, ADA) is None


async def test_an_operator_takes_over_notes_and_hands_back_from_a_chat(house: House) -> None:
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    await house.obey(house.nova, BEN, "/human bitte")
    told = house.told_by_gator
    await house.obey(house.gator, ADA, "/inbox")
    seat = await house.seat(house.nova, BEN)
    assert seat is not None
    code = seat.conversation.id[-8:]
    assert (await told(ADA))[-1].startswith(f"{code}  Ben (Nova) asks for a person")
    for early in ("/back", "/note x", "/suggest"):
        await house.obey(house.gator, ADA, early)
        assert (await told(ADA))[-1] == words.say("desk_nobody", "en")
    await house.obey(house.gator, ADA, "/take ffffffff")
    assert "no one conversation" in (await told(ADA))[-1]

    await house.obey(house.gator, ADA, f"/take {code}")
    assert (await told(ADA))[-1] == words.say("desk_took", "en", name="Ben (Nova)")
    assert (await house.told(house.nova, BEN))[-1] == words.say("human_here", "de")
    await house.obey(house.gator, ADA, f"/take {code}")
    assert (await told(ADA))[-1] == words.say("desk_holds_one", "en")
    await house.obey(house.gator, ADA, "/note pays by card")
    assert [one.text for one in await house.rows(Handoff, kind="note")] == ["pays by card"]
    await house.obey(house.gator, ADA, "/back It is on its way.")
    assert (await told(ADA))[-1] == words.say("desk_back", "en")
    assert [one.text for one in await house.rows(Handoff, kind="returned")] == ["It is on its way."]
    assert (await house.told(house.nova, BEN))[-1] == words.say("human_gone", "de", name="Nova")


async def test_an_operator_takes_over_from_another_one_by_a_word_behind_the_code(house: House) -> None:
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    await house.obey(house.nova, BEN, "/human bitte")
    seat = await house.seat(house.nova, BEN)
    assert seat is not None
    code = seat.conversation.id[-8:]
    async with house.core.store.open_work(house.owner) as work:
        other = await work.people.add_user("other", ["operator"])
    await house.core.desk.take(Principal(house.owner.workspace, house.owner.kind, other.id), seat.conversation.id)
    await house.obey(house.gator, ADA, f"/take {code}")
    assert f"/take {code} over" in (await house.told_by_gator(ADA))[-1]
    await house.obey(house.gator, ADA, f"/take {code} Over")
    assert (await house.told_by_gator(ADA))[-1] == words.say("desk_took", "en", name="Ben (Nova)")
    assert [one.reason for one in await house.rows(Handoff, kind="taken")] == ["operator", "over"]


async def test_an_operator_has_a_persona_rest_and_wakes_it_from_a_chat(house: House) -> None:
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    told = house.told_by_gator
    await house.obey(house.gator, ADA, "/pause Nova")
    assert (await told(ADA))[-1] == words.say("desk_paused", "en", name="Nova")
    async with house.core.store.open_work(house.owner, reads=True) as work:
        assert (await work.personas.named("Nova")).paused_at
    await house.obey(house.gator, ADA, "/resume Nova")
    assert (await told(ADA))[-1] == words.say("desk_resumed", "en", name="Nova")
    await house.obey(house.gator, ADA, "/pause Nobody")
    assert (await told(ADA))[-1] == words.say("desk_no_persona", "en", code="Nobody", name="Nova")


async def test_dead_letters_are_shown_and_settled_from_a_chat(house: House) -> None:
    await house.obey(house.gator, ADA, f"/pair {await house.pairing_code()}")
    told = house.told_by_gator
    await house.obey(house.gator, ADA, "/letters")
    assert (await told(ADA))[-1] == words.say("desk_no_letters", "en")
    await house.obey(house.nova, BEN, "/human")
    seat = await house.seat(house.nova, BEN)
    assert seat is not None
    ids = []
    async with house.core.store.open_work(house.owner) as work:
        for n in range(2):
            message = await work.conversations.say(seat.conversation.id, "persona", "lost \u202ewords")
            ids.append(await work.outbox.put(seat.conversation, message, f"lost{n}"))
            await work.outbox.give_up(ids[-1], "failed", "blocked")
    await house.obey(house.gator, ADA, "/letters")
    assert f"{ids[0][-8:]}  to Ben (Nova): lost ⟨U+202E⟩words – blocked" in (await told(ADA))[-1]
    await house.obey(house.gator, ADA, f"/letters retry {ids[0][-8:]}")
    await house.obey(house.gator, ADA, f"/letters drop {ids[1][-8:]}")
    assert (await told(ADA))[-1] == words.say("desk_dropped", "en")
    await house.obey(house.gator, ADA, "/approvals")
    assert (await told(ADA))[-1] == words.say("desk_no_approvals", "en")


# One person


async def test_linking_asks_for_a_yes_first(house: House) -> None:
    await house.obey(house.nova, ADA, "/link")
    (told,) = await house.told(house.nova, ADA)
    code = told.split("Your code: ")[1][:9]
    there = Person("ada#1", "Ada")
    await house.obey(house.nova_elsewhere, there, f"/link {code}")
    assert (await house.told(house.nova_elsewhere, there))[-1] == words.say("link_explain", "en", code=code)
    assert not any(fan.person_id for fan in await house.rows(Fan))
    await house.obey(house.nova_elsewhere, there, f"/link {code} yes")
    assert (await house.told(house.nova_elsewhere, there))[-1] == words.say("linked", "en")
    here, other = await house.rows(Fan)
    assert (here.person_id, other.person_id) == (None, here.id)
    await house.obey(house.nova_elsewhere, there, f"/link {code} yes")
    assert (await house.told(house.nova_elsewhere, there))[-1] == words.say("link_wrong", "en")
    await house.obey(house.nova, ADA, "/unlink")
    await house.obey(house.nova, ADA, "/unlink")
    assert (await house.told(house.nova, ADA))[-2:] == [words.say("unlinked", "en"), words.say("unlink_nobody", "en")]
    assert not any(fan.person_id for fan in await house.rows(Fan))
    assert {row.action for row in await house.rows(Audit)} == {"fan.link", "fan.unlink"}


async def test_a_group_is_nobodys_to_link(house: House) -> None:
    seat = await house.core.doorway.seat(house.nova, ADA, "-100", "group", "Friends")
    assert await commands.obey(house.core, house.nova, seat, ADA, "link", "", "update") == ""
    said = await house.rows(Message, author="notice")
    assert [one.text for one in said] == [words.say("link_private", "en")]
