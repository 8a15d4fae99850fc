"""`gator account`, as typed in a shell: the token comes by a pipe or a file, and is shown nowhere."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gator.settings import Settings
from memory.founding import found
from memory.store import Store
from tests.gator.cli.shell import gator
from tests.servers import telegram

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def bots() -> AsyncIterator[telegram.BotApi]:
    async with telegram.running() as server:
        yield server


async def test_an_account_from_its_token_to_its_end(settings: Settings, bots: telegram.BotApi, tmp_path: Path) -> None:
    token = bots.bot(7, "gator_bot").token
    where = ("--base-url", bots.url, "--name", "desk")
    code, said = await gator(settings, "account", "add", "telegram", *where, pipe=f"{token}\n")
    assert code == 0, said
    assert "gator_bot" in said
    assert said.count("\n  ") == 4
    assert "gator up" in said
    assert token not in said

    _, said = await gator(settings, "account", "list")
    assert said.startswith("desk  waiting  telegram gator_bot (Gator), last seen ")
    _, said = await gator(settings, "account", "pair")
    assert "https://t.me/gator_bot?start=pair_" in said
    assert said[4] == "-"

    file = tmp_path / "token"
    file.write_text("7:" + "D" * 35)
    code, said = await gator(settings, "account", "token", "desk", "--token-file", str(file))
    assert code == 1
    assert said.startswith("gator: ")
    code, said = await gator(settings, "account", "check", "desk")
    assert (code, "It is waiting." in said) == (0, True)

    bots.bots.clear()
    code, said = await gator(settings, "account", "check", "desk")
    assert code == 1
    _, said = await gator(settings, "account", "list", "--json")
    assert json.loads(said)["state"] == "broken"
    code, said = await gator(settings, "doctor", "--json")
    parts = {part["name"]: part for part in map(json.loads, said.splitlines())}
    assert code == 1
    assert parts["telegram desk"]["state"] == "broken"
    assert "account check desk" in parts["telegram desk"]["remedy"]

    assert (await gator(settings, "account", "disable", "desk"))[0] == 0
    code, said = await gator(settings, "account", "remove", "desk", pipe="")
    assert (code, "Remove desk (telegram " in said, "--yes" in said) == (1, True, True)
    assert (await gator(settings, "account", "remove", "desk", "--yes"))[0] == 0
    assert "There are no accounts" in (await gator(settings, "account", "list"))[1]


async def test_a_token_that_is_none_is_one_line_and_keeps_nothing(settings: Settings, bots: telegram.BotApi) -> None:
    code, said = await gator(settings, "account", "add", "telegram", "--base-url", bots.url, pipe="7:nonsense")
    assert (code, said.count("\n")) == (1, 1)
    assert "nonsense" not in said
    code, said = await gator(settings, "account", "add", "pigeon", "--token-file", "not-there")
    assert code == 1
    assert "telegram, discord" in said
    code, said = await gator(
        settings, "account", "add", "telegram", "--base-url", "http://127.0.0.1:9", pipe=bots.bot(8, "b").token
    )
    assert (code, said.count("\n")) == (1, 1)
    assert "Look whether this machine reaches http://127.0.0.1:9" in said
    assert "There are no accounts" in (await gator(settings, "account", "list"))[1]


async def test_operators_are_listed_where_they_are_known_and_taken_out(settings: Settings) -> None:
    store = Store(settings.database)
    who = await found(store)
    async with store.open_work(who) as work:
        await work.accounts.admit("telegram", "1001", who.subject, "Ada")
    await store.close()
    assert (await gator(settings, "account", "paired"))[1] == "telegram  1001  Ada\n"
    assert (await gator(settings, "account", "unpair", "telegram", "1001"))[0] == 0
    assert (await gator(settings, "account", "unpair", "telegram", "1001"))[0] == 1
    assert (await gator(settings, "account", "paired"))[1] == "Nowhere.\n"
