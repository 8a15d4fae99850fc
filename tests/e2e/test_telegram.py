"""Telegram from the token to a person of the team: the program, the command line and a Bot API server, nothing else."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bots.words import say
from tests.e2e.program import program
from tests.servers import telegram

pytestmark = pytest.mark.timeout(300)
SOON_S = 60.0


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON_S):
        while not true():
            await asyncio.sleep(0.05)


async def test_an_operator_pairs_and_a_fan_gets_to_a_person(tmp_path: Path) -> None:
    async with telegram.running() as api, program(tmp_path, inside=True) as gator:
        desk, inez = api.bot(7, "gator_bot"), api.bot(8, "inez_bot")
        await gator.gator("account", "add", "telegram", "--base-url", api.url, typed=desk.token)
        await gator.gator("account", "add", "telegram", "--persona", "inez", "--base-url", api.url, typed=inez.token)
        ada, ben = api.person(1001, "Ada"), api.person(1002, "Ben", "de")

        def told(chat: int) -> list[str]:
            return [one.text for one in api.sent(chat)]

        async def writes(bot: telegram.BotSide, who: dict[str, object], text: str, answers: str) -> None:
            seen = len(told(int(str(who["id"]))))
            api.says(bot, who, text)
            await until(lambda: any(answers in one for one in told(int(str(who["id"])))[seen:]))

        await writes(desk, ada, "hello", say("stranger", "en"))
        code = (await gator.gator("account", "pair")).split()[0]
        await writes(desk, ada, f"/start pair_{code.replace('-', '')}", say("paired", "en", name="owner"))

        await writes(inez, ben, "/start", "KI-Persona")
        await writes(inez, ben, "Hallo Inez, wie geht es dir heute?", "Sprachmodell")
        await writes(inez, ben, "Kann ich bitte mit einem echten Menschen sprechen?", "Team um einen Menschen gebeten")
        await until(lambda: any("/take " in one for one in told(1001)))
        room = next(one for one in told(1001) if "/take " in one).split("/take ")[1].split()[0]
        await writes(desk, ada, f"/take {room}", "You write to Ben")
        api.says(desk, ada, "Hallo Ben, hier ist Ada.")
        await until(lambda: "Hallo Ben, hier ist Ada." in told(1002))
        await writes(desk, ada, "/back", say("desk_back", "en"))
        await until(lambda: say("human_gone", "de", name="Inez Carvalho") in told(1002))

        await gator.gator("account", "disable", "inez_bot")
        listed = await gator.gator("account", "list")
        assert "inez_bot   off" in listed
        assert "gator_bot  ready" in listed
