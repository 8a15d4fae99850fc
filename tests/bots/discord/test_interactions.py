"""Commands, buttons and forms: acknowledged at once, done once, and by nobody who may not."""

from typing import Any

import pytest

from bots import desk_commands, pairing
from bots.discord import menus, slash
from gator.errors import Refused
from gator.principal import Kind
from memory.models import Conversation
from tests.bots.discord.conftest import Stage, until, until_so
from tests.fakes import calls
from tests.servers.discord_commands import checked_commands
from tests.servers.discord_world import Bot, Channel, Interaction
from tools.catalogue import capabilities_for

LATER, LATER_UPDATE, CHOICES, FORM = 5, 6, 8, 9
ALONE = 64  # EPHEMERAL


async def office(here: Stage) -> tuple[Bot, Channel, str, Any]:
    """Gator's account, with an operator who talks to it in private."""
    bot = here.discord.bot("Gator")
    boss = here.discord.person("Boss")
    await here.admit(boss)
    return bot, here.discord.dm(bot, boss), boss, await here.account(bot)


def command(name: str, /, **options: Any) -> dict[str, Any]:
    given = [{"name": key, "type": 3, "value": value} for key, value in options.items()]
    return {"id": "1", "name": name, "type": 1, "options": given}


async def answered(made: Interaction) -> list[dict[str, Any]]:
    """What was answered, once there is more than the sign that somebody took it."""
    await until(lambda: len(made.answers) > 1)
    return made.answers


async def test_every_capability_has_a_command_that_discord_takes(stage: Any) -> None:
    here = stage()
    bot, _, _, account = await office(here)
    nova = await here.account(here.discord.bot("Nova"), await here.persona())
    names = {one["name"] for one in menus.menu(account)}
    assert {one.name for one in capabilities_for(Kind.operator)} <= names
    assert {"start", "help", "pair"} <= names
    assert {one["name"] for one in menus.menu(nova)} >= {"start", "help", "human", "stop"}
    assert "create_persona" not in {one["name"] for one in menus.menu(nova)}
    for one in (account, nova):
        checked_commands(menus.menu(one))
    async with here.runs(account):
        await until(lambda: bot.commands)
    schedule = next(one for one in bot.commands if one["name"] == "schedule_post")
    assert schedule["default_member_permissions"] == "0"
    fields = {option["name"]: option for option in schedule["options"]}
    assert fields["persona"]["autocomplete"]
    assert fields["persona"]["required"]
    make = next(one for one in bot.commands if one["name"] == "draw_card")
    design = next(option for option in make["options"] if option["name"] == "design")
    assert {"name": "bold", "value": "bold"} in design["choices"]


async def test_an_operators_command_is_done_and_answered_through_the_outbox(stage: Any) -> None:
    here = stage()
    bot, chat, boss, account = await office(here)
    async with here.runs(account):
        made = await here.discord.interact(
            boss, chat, bot, 2, command("create_persona", name="Mira", interests="maps, tea")
        )
        first, second = await answered(made)
        assert (first["type"], first["data"]["flags"]) == (LATER, ALONE)
        assert second["how"] == "deleted"
        await until(lambda: any("Mira" in text for text in here.discord.said(bot, chat)))
    async with here.core.store.open_work(here.operator, reads=True) as work:
        persona = await work.personas.named("Mira")
    assert persona.character["interests"] == ["maps", "tea"]
    assert here.model.heard == []  # no model had a say in it


async def test_a_command_that_comes_twice_is_done_once(stage: Any) -> None:
    here = stage()
    bot, chat, boss, account = await office(here)
    async with here.runs(account):
        made = await here.discord.interact(boss, chat, bot, 2, command("create_persona", name="Mira"))
        session = await here.discord.gateway.of(bot)
        event = next(frame["d"] for frame in session.sent if frame["t"] == "INTERACTION_CREATE")
        await here.discord.gateway.push(session, "INTERACTION_CREATE", event)
        await answered(made)
        await until(lambda: here.discord.said(bot, chat))
        await here.discord.interact(boss, chat, bot, 2, command("list_personas"))
        await until(lambda: len(here.discord.said(bot, chat)) == 2)
    assert sum("Mira" in text for text in here.discord.said(bot, chat)) == 2
    assert len(made.answers) == 2


async def test_in_a_server_the_answer_is_for_the_operators_eyes_alone(stage: Any) -> None:
    here = stage()
    bot = here.discord.bot("Gator")
    room = here.discord.channel(here.discord.guild("Office", bot), "ops")
    boss = here.discord.person("Boss")
    await here.admit(boss)
    account = await here.account(bot)
    async with here.runs(account):
        made = await here.discord.interact(boss, room, bot, 2, command("show_spending", days=3))
        first, second = await answered(made)
        assert first["data"]["flags"] == ALONE
        assert second["data"]["content"]
    assert here.discord.said(bot, room) == []


async def test_arguments_that_do_not_fit_and_strangers_are_told_so(stage: Any) -> None:
    here = stage()
    bot, chat, boss, account = await office(here)
    eve = here.discord.person("Eve")
    async with here.runs(account):
        made = await here.discord.interact(boss, chat, bot, 2, command("create_persona", name="Kid", age=12))
        assert "18" in (await answered(made))[1]["data"]["content"]
        made = await here.discord.interact(boss, chat, bot, 2, command("no_such_thing"))
        assert "no_such_thing" in (await answered(made))[1]["data"]["content"]
        made = await here.discord.interact(eve, here.discord.dm(bot, eve), bot, 2, command("list_personas"))
        assert "operators only" in (await answered(made))[1]["data"]["content"]
        made = await here.discord.interact(
            eve, here.discord.dm(bot, eve), bot, 4, _typing("show_persona", "persona", "")
        )
        await until(lambda: made.answers)
        assert made.answers[0]["data"]["choices"] == []


def _typing(name: str, field: str, value: str) -> dict[str, Any]:
    return {"id": "1", "name": name, "options": [{"name": field, "type": 3, "value": value, "focused": True}]}


@pytest.mark.parametrize(
    ("name", "field", "typed", "offered"),
    [
        ("show_persona", "persona", "no", "Nova"),
        ("cancel_job", "job", "", "last"),
        ("cancel_post", "post", "ne", "next"),
        ("create_persona", "time_zone", "europe/ber", "Europe/Berlin"),
    ],
)
async def test_what_there_is_is_offered_while_typing(
    stage: Any, name: str, field: str, typed: str, offered: str
) -> None:
    here = stage()
    bot, chat, boss, account = await office(here)
    await here.persona()
    async with here.runs(account):
        made = await here.discord.interact(boss, chat, bot, 4, _typing(name, field, typed))
        await until(lambda: made.answers)
    assert made.answers[0]["type"] == CHOICES
    assert offered in [one["value"] for one in made.answers[0]["data"]["choices"]]


async def test_a_strangers_words_get_the_way_to_be_paired_and_not_more_than_once_a_minute(stage: Any) -> None:
    here = stage()
    bot = here.discord.bot("Gator")
    eve = here.discord.person("Eve")
    chat = here.discord.dm(bot, eve)
    account = await here.account(bot)
    async with here.runs(account):
        for text in ("hello", "who are you", "/pair WRONG-CODE"):
            await here.discord.say(eve, chat, text)
        await until(lambda: len(here.discord.said(bot, chat)) == 2)
    stranger, wrong = here.discord.said(bot, chat)
    assert "/pair" in stranger
    assert "code" in wrong
    assert await here.journal() == []


async def test_a_stranger_with_the_code_is_let_in_once(stage: Any) -> None:
    here = stage("Nobody yet.")
    bot = here.discord.bot("Gator")
    boss = here.discord.person("Boss")
    chat = here.discord.dm(bot, boss)
    account = await here.account(bot)
    async with here.core.store.open_work(here.operator) as work:
        code = await pairing.make(work, here.core.settings.secret, here.operator.subject)
    async with here.runs(account):
        await here.discord.say(boss, chat, f"/pair {code}")
        await here.discord.say(boss, chat, "who is there?")
        await until(lambda: "Nobody yet." in here.discord.said(bot, chat))
    welcome, answer = here.discord.said(bot, chat)
    assert "Welcome" in welcome
    assert answer == "Nobody yet."


async def test_a_fans_command_is_answered_in_the_chat(stage: Any) -> None:
    here = stage()
    bot = here.discord.bot("Nova")
    ada = here.discord.person("Ada")
    chat = here.discord.dm(bot, ada)
    account = await here.account(bot, await here.persona())
    async with here.runs(account):
        made = await here.discord.interact(ada, chat, bot, 2, command("stop"), locale="de")
        assert (await answered(made))[1]["how"] == "deleted"
        await until(lambda: here.discord.said(bot, chat))
        made = await here.discord.interact(ada, chat, bot, 2, command("create_persona", name="Mine"))
        assert "create_persona" in (await answered(made))[1]["data"]["content"]


async def test_a_fan_has_forgotten_what_is_known_and_gets_files_of_it(stage: Any) -> None:
    here = stage("A fine town.")
    bot = here.discord.bot("Nova")
    ada = here.discord.person("Ada")
    chat = here.discord.dm(bot, ada)
    account = await here.account(bot, await here.persona())
    async with here.runs(account):
        await here.discord.interact(ada, chat, bot, 2, command("export"))
        await until(lambda: any(len(one.get("attachments") or []) == 2 for one in chat.messages))
        await here.discord.interact(ada, chat, bot, 2, command("forget", what="everything"))
        await until(lambda: "answer yes" in here.discord.said(bot, chat)[-1])
        await here.discord.say(ada, chat, "yes")
        await until(lambda: "gator-receipt-1" in here.discord.said(bot, chat)[-1])
    names = [file["filename"] for one in chat.messages for file in one.get("attachments") or []]
    assert names == ["document-1.json", "document-2.html"]


# Approvals


async def asked(here: Stage) -> tuple[Bot, Channel, str, Any]:
    await here.persona()
    return await office(here)


def presses(chat: Channel) -> tuple[dict[str, Any], dict[str, str]]:
    """The newest message with buttons, and its presses by label."""
    message = next(one for one in reversed(chat.messages) if one.get("components"))
    return message, {part["label"]: part["custom_id"] for row in message["components"] for part in row["components"]}


async def waiting(chat: Channel) -> tuple[dict[str, Any], dict[str, str]]:
    await until(lambda: any(one.get("components") for one in chat.messages))
    return presses(chat)


POST = ("schedule_post", {"persona": "Nova", "text": "Hello, sea."})


async def test_an_approval_is_given_with_a_button_once(stage: Any) -> None:
    here = stage(calls(POST), "It is planned.")
    bot, chat, boss, account = await asked(here)
    async with here.runs(account):
        await here.discord.say(boss, chat, "post hello")
        message, labels = await waiting(chat)
        press = {"custom_id": labels["Approve"], "component_type": 2}
        made = await here.discord.interact(boss, chat, bot, 3, press, message=message)
        await until(lambda: len(made.answers) == 3)
        assert made.answers[0]["type"] == LATER_UPDATE
        drawn = [part["disabled"] for row in made.answers[1]["data"]["components"] for part in row["components"]]
        assert drawn
        assert all(drawn)
        assert made.answers[2]["data"]["content"] == "Approved."
        await until(lambda: "It is planned." in here.discord.said(bot, chat))
        again = await here.discord.interact(boss, chat, bot, 3, press, message=message)
        await until(lambda: len(again.answers) == 3)
        assert "already" in again.answers[2]["data"]["content"]
        assert again.answers[2]["data"]["flags"] == ALONE


@pytest.mark.parametrize("button", ["Approve", "Reject"])
async def test_a_command_that_destroys_asks_first_and_goes_by_the_answer(stage: Any, button: str) -> None:
    here = stage("So be it.")
    bot, chat, boss, account = await asked(here)
    async with here.runs(account):
        made = await here.discord.interact(boss, chat, bot, 2, command("remove_persona", persona="Nova"))
        assert (await answered(made))[1]["how"] == "deleted"
        message, labels = await waiting(chat)
        assert "Nova" in message["content"]
        assert here.model.heard == []
        async with here.core.store.open_work(here.operator, reads=True) as work:
            assert await work.personas.named("Nova")
            assert len(await work.approvals.pending()) == 1
        press = {"custom_id": labels[button], "component_type": 2}
        await here.discord.interact(boss, chat, bot, 3, press, message=message)
        await until(lambda: "So be it." in here.discord.said(bot, chat))
    async with here.core.store.open_work(here.operator, reads=True) as work:
        assert [one.name for one in await work.personas.all()] == ([] if button == "Approve" else ["Nova"])


async def test_a_command_that_comes_twice_is_asked_about_once(stage: Any) -> None:
    here = stage()
    await asked(here)
    async with here.core.store.open_work(here.operator) as work:
        room = await work.conversations.meet("web", "", "boss", user_id=here.operator.subject)
    turn = slash.turn_of(here.core.brain.turn(here.operator, "i1", room.id), "i1")
    given = command("remove_persona", persona="Nova")["options"]
    for _ in range(2):
        assert await slash.carry_out(here.core, "remove_persona", given, turn, "discord:i1") is None
    async with here.core.store.open_work(here.operator, reads=True) as work:
        (question,) = await work.conversations.window(room.id)
        (approval,) = await work.approvals.pending()
    assert question.meta["approvals"] == [approval.id]


async def test_a_command_that_would_destroy_what_is_not_there_asks_nobody(stage: Any) -> None:
    here = stage()
    bot, chat, boss, account = await asked(here)
    async with here.runs(account):
        made = await here.discord.interact(boss, chat, bot, 2, command("remove_persona", persona="Nobody"))
        assert "Nobody" in str((await answered(made))[1]["data"]["content"])
    async with here.core.store.open_work(here.operator, reads=True) as work:
        assert await work.approvals.pending() == []


async def test_a_press_of_somebody_elses_or_of_a_stranger_is_refused(stage: Any) -> None:
    here = stage(calls(POST), "It is planned.")
    bot, chat, boss, account = await asked(here)
    other, eve = here.discord.person("Other"), here.discord.person("Eve")
    async with here.core.store.open_work(here.operator) as work:
        second = await work.people.add_user("Second", ["operator"])
        await work.accounts.admit("discord", other, second.id, "Second")
    async with here.runs(account):
        await here.discord.say(boss, chat, "post hello")
        message, labels = await waiting(chat)
        press = {"custom_id": labels["Approve"], "component_type": 2}
        made = await here.discord.interact(other, here.discord.dm(bot, other), bot, 3, press, message=message)
        await until(lambda: len(made.answers) == 2)
        assert "operator" in made.answers[1]["data"]["content"]
        made = await here.discord.interact(eve, here.discord.dm(bot, eve), bot, 3, press, message=message)
        await until(lambda: len(made.answers) == 2)
        assert "operator" in made.answers[1]["data"]["content"]
        made = await here.discord.interact(boss, chat, bot, 3, {"custom_id": "made up"}, message=message)
        await until(lambda: len(made.answers) == 3)
        async with here.core.store.open_work(here.operator, reads=True) as work:
            assert len(await work.approvals.pending()) == 1


async def test_an_edit_opens_a_form_and_its_text_waits_for_a_yes_of_its_own(stage: Any) -> None:
    here = stage(calls(POST), "It is planned.")
    bot, chat, boss, account = await asked(here)
    async with here.runs(account):
        await here.discord.say(boss, chat, "post hello")
        message, labels = await waiting(chat)
        made = await here.discord.interact(boss, chat, bot, 3, {"custom_id": labels["Edit"]}, message=message)
        await until(lambda: made.answers)
        assert made.answers[0]["type"] == FORM
        form = made.answers[0]["data"]
        filled = {
            "custom_id": form["custom_id"],
            "components": [{"type": 1, "components": [{"value": "Hello, ocean."}]}],
        }
        await here.discord.interact(boss, chat, bot, 5, filled, message=message)

        async def revised() -> bool:
            newest, _ = presses(chat)
            return newest is not message and "Hello, ocean." in newest["content"]

        await until_so(revised)
        newest, labels = presses(chat)
        await here.discord.interact(boss, chat, bot, 3, {"custom_id": labels["Approve"]}, message=newest)
        await until(lambda: "It is planned." in here.discord.said(bot, chat))
    async with here.core.store.open_work(here.operator, reads=True) as work:
        posts = await work.posts.recent()
    assert [post.text for post in posts] == ["Hello, ocean."]


async def test_pause_letters_and_resume_take_their_arguments_as_options(stage: Any) -> None:
    here = stage()
    bot, chat, boss, account = await office(here)
    persona = await here.persona()
    fans = await here.account(here.discord.bot("Nova"), persona)
    menu = {one["name"]: one for one in menus.menu(account)}
    assert [one["name"] for one in menu["letters"]["options"]] == ["do", "code"]
    assert all(menu[name]["options"][0]["autocomplete"] for name in ("pause", "resume"))
    assert "options" not in next(one for one in menus.menu(fans) if one["name"] == "resume")
    async with here.runs(account):
        await here.discord.interact(boss, chat, bot, 2, command("pause", persona="Nova"))
        await until(lambda: any("rests" in text for text in here.discord.said(bot, chat)))
        await here.discord.interact(boss, chat, bot, 2, command("letters", code="abcd1234", do="drop"))
        await until(lambda: any("abcd1234" in text for text in here.discord.said(bot, chat)))
    async with here.core.store.open_work(here.operator, reads=True) as work:
        assert (await work.personas.get(persona)).paused_at


async def test_fans_are_not_spoken_of_where_others_read_along(stage: Any) -> None:
    here = stage()
    bot, chat, boss, account = await office(here)
    room = here.discord.channel(here.discord.guild("Office", bot), "ops")
    fan = await _fan_who_wrote(here, "I have not told anybody that I am ill")
    async with here.runs(account):
        for name, given in (("inbox", {}), ("take", {"code": fan.id[-8:]}), ("letters", {}), ("approvals", {})):
            made = await here.discord.interact(boss, room, bot, 2, command(name, **given))
            assert "private chat" in (await answered(made))[1]["data"]["content"]
        await here.discord.interact(boss, chat, bot, 2, command("inbox"))
        await until(lambda: any("that I am ill" in text for text in here.discord.said(bot, chat)))
        async with here.core.store.open_work(here.operator) as work:
            await here.core.desk.want(work, await work.conversations.get(fan.id), "crisis", "gator")
        await until(lambda: any("may be in danger" in text for text in here.discord.said(bot, chat)))
        async with here.core.store.open_work(here.operator, reads=True) as work:
            (public,) = [one for one in await work.conversations.of_operators() if one.kind == "group"]
            assert public.thread == f"{room.id}/{boss}"
        with pytest.raises(Refused):
            await here.core.desk.take(here.operator, fan.id, relay_to=public.id)
    assert here.discord.said(bot, room) == []
    assert all(public.id != row.conversation_id for row in await here.outbox())


async def _fan_who_wrote(here: Stage, text: str) -> Conversation:
    persona = await here.persona()
    async with here.core.store.open_work(here.operator) as work:
        fan = await work.people.meet_fan("web", "cara", "Cara")
        room = await work.conversations.meet("web", "", "t", persona_id=persona, fan_id=fan.id, met_as=fan.id)
        await work.conversations.say(room.id, "fan", text)
    return room


async def test_the_menu_in_servers_has_no_commands_about_fans(stage: Any) -> None:
    here = stage()
    _, _, _, account = await office(here)
    for one in menus.menu(account):
        assert (one["contexts"] == [1]) == (one["name"] in desk_commands.ANSWERS)
