"""A token is checked with Telegram, an account's life ends with a reason, and the library stays in its room."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gator.errors import Refused, Unavailable
from tests.bots.telegram.conftest import Stage, until
from tests.servers.telegram import Fault

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("gator", "prompts", "memory", "gpu_worker", "tools", "agents", "bots", "api")


async def test_a_token_tells_whose_it_is_and_what_to_change(stage: Stage) -> None:
    side = stage.api.bot(7001, "nova_bot")
    checked = await stage.platform.check(side.token, {"base_url": stage.api.url})
    assert (checked.external_id, checked.handle) == ("7001", "nova_bot")
    assert "/setprivacy" in checked.notes[0]
    side.reads_groups = True
    assert not (await stage.platform.check(side.token, {"base_url": f"{stage.api.url}/"})).notes


@pytest.mark.parametrize("token", ["7001:WRONG", "", "a token", "7001:a/../getMe", "7001:a b", "7001:ä"])
async def test_a_token_that_is_none_is_refused_and_not_told(stage: Stage, token: str) -> None:
    with pytest.raises(Refused) as no:
        await stage.platform.check(token, {"base_url": stage.api.url})
    assert not token or token not in str(no.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "ftp://127.0.0.1"])
async def test_without_an_answer_it_is_unavailable(stage: Stage, url: str) -> None:
    with pytest.raises(Unavailable):
        await stage.platform.check("7001:AAAA", {"base_url": url})


async def test_a_token_revoked_meanwhile_ends_the_account_for_good(stage: Stage) -> None:
    nova = await stage.account(stage.api.bot(7001, "nova_bot"), await stage.persona())
    stage.api.fault("getUpdates", Fault(status=401, description="Unauthorized"))
    with pytest.raises(Refused, match="BotFather"):
        async with stage.runs(nova) as tasks:
            await until(tasks[0].done)


async def test_while_telegram_is_away_the_account_is_not_held_and_what_is_due_waits(stage: Stage) -> None:
    nova = await stage.account(stage.api.bot(7001, "nova_bot"), await stage.persona())
    stage.api.fault("getUpdates", *[Fault(cut="before")] * 3)
    with pytest.raises(Unavailable):
        async with stage.runs(nova) as tasks:
            await until(tasks[0].done)


def test_the_library_is_imported_in_its_room_only() -> None:
    says = re.compile(r"^\s*(?:from telegram[. ]|import telegram\b)", re.MULTILINE)
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    users = {path.parent.relative_to(ROOT).as_posix() for path in files if says.search(path.read_text())}
    assert len(files) >= 200
    assert users == {"bots/telegram"}


def test_the_web_application_comes_up_without_the_library() -> None:
    code = "import sys, api.app; assert not {'telegram', 'discord'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
