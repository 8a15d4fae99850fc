"""The processes die at random while fans talk over three channels: no word is lost, none is answered twice, order is kept.

A plain send on Telegram has neither a key nor a way to look: there an answer whose sender died on the way is listed as
unconfirmed, and a letter to an operator; it is never sent twice and never lost in silence.
"""

import asyncio
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from bots.delivery import AT_ONCE as AT_ONCE_SENT
from tests.chaos.crowd import CHANNELS, Fan, Stage, WebFan
from tests.chaos.history import TOKEN, problems
from tests.chaos.stage import stage

ANSWER_S = 60.0
AT_ONCE = 100  # fans who greet together
LONGEST_LIFE_S = 15.0
QUIET_S = 70  # longer than the longest pause between two tries


def _worker_of(pid: int) -> int | None:
    """The worker process that this server started."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return None


async def _kill(scene: Stage, chance: random.Random) -> None:
    """SIGKILL to one of the processes that we started; the server is started again as its operator would."""
    process = scene.program.process
    assert process is not None
    worker = _worker_of(process.pid)
    if worker and chance.random() < 0.2:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        return
    await scene.program.kill()
    await scene.program.start()


async def _for_a_while(fans: list[Fan], chance: random.Random, usual: int) -> None:
    """Until some more was heard, so that the kills are spread over all that is said; not for ever: some are waiting."""
    wanted = _heard(fans) + chance.randint(1, max(2, usual))
    until = time.monotonic() + LONGEST_LIFE_S
    while _heard(fans) < wanted and time.monotonic() < until:
        await asyncio.sleep(0.05)


def _heard(fans: list[Fan]) -> int:
    return sum(len(fan.heard) for fan in fans)


async def _unconfirmed(scene: Stage) -> set[str]:
    """The tokens of answers that are listed as letters for an operator."""
    key = (await scene.program.gator("token", "create", "--name", "chaos")).strip()
    found: set[str] = set()
    async with httpx.AsyncClient(base_url=scene.program.url, headers={"Authorization": f"Bearer {key}"}) as client:
        letters, before = [], None
        while True:
            page = await client.get("/api/v1/letters", params={"limit": 100} | ({"before": before} if before else {}))
            assert page.status_code == 200, page.text
            letters += page.json()["items"]
            before = page.json().get("next")
            if not before:
                break
    for letter in letters:
        assert letter["channel"] == "telegram", letter
        assert letter["state"] == "unconfirmed", letter
        found |= {match[0] for match in TOKEN.finditer(letter["text"])}
    return found


async def _quiet(fans: list[Fan], said: dict[int, int]) -> None:
    """Until everything is answered, or nothing more has come for a while."""
    heard, since = -1, 0
    while since < QUIET_S and problems(said, [one for fan in fans for one in fan.heard]):
        count = sum(len(fan.heard) for fan in fans)
        heard, since = count, since + 1 if count == heard else 0
        await asyncio.sleep(1)


async def _campaign(folder: Path, *, conversations: int, messages: int, kills: int, seed: int) -> Stage:
    chance = random.Random(seed)
    async with stage(folder, pause_s=0.05, GATOR_SETTLE_S="0.05") as scene:
        fans = [scene.seat(n, CHANNELS[n % 3]) for n in range(1, conversations + 1)]
        listening = asyncio.create_task(scene.listen())
        # Everybody is known before the first kill: Discord shows a bot that was away no chat that it never saw.
        for start in range(0, conversations, AT_ONCE):
            await asyncio.gather(*(fan.greet(ANSWER_S) for fan in fans[start : start + AT_ONCE]))
        talking = asyncio.gather(*(fan.talk(messages, ANSWER_S, lambda: chance.random()) for fan in fans))
        for _ in range(kills):
            await _for_a_while(fans, chance, conversations * messages // kills)
            await _kill(scene, chance)
        await talking
        said = {fan.number: messages for fan in fans}
        await _quiet(fans, said)
        await asyncio.sleep(2)  # for whatever might still come twice
        listening.cancel()
        for fan in fans:
            if isinstance(fan, WebFan):
                await fan.hang_up()
        unconfirmed = await _unconfirmed(scene)
        assert problems(said, [one for fan in fans for one in fan.heard], unconfirmed) == []
        assert len(unconfirmed) <= kills * AT_ONCE_SENT, "more than what can have been on the wire at a kill"
        return scene


@pytest.mark.timeout(240)
async def test_a_few_kills_among_a_few_fans(tmp_path: Path) -> None:
    await _campaign(tmp_path, conversations=6, messages=3, kills=2, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_many_kills_among_many_fans(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kills, conversations = (int(request.config.getoption(f"--{name}")) for name in ("kills", "conversations"))
    await _campaign(tmp_path, conversations=conversations, messages=3, kills=kills, seed=2)
