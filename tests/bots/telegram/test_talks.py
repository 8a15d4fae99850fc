"""From a fan's words on Telegram to the persona's on Telegram, through the whole core."""

from typing import Any

from bots.telegram.platform import Telegram
from tests.bots.house import House
from tests.bots.telegram.conftest import Stage, until


async def test_a_fan_is_answered_once_with_the_notice_first(stage: Stage) -> None:
    side = stage.api.bot(7001, "nova_bot")
    nova = await stage.account(side, await stage.persona())
    platform = Telegram(answer_s=2.0)
    house = House(stage.core.settings, stage.core.store, stage.operator, ["I *love* maps."], [platform.channel])
    talks = Stage(stage.api, house.core, platform, stage.operator)  # type: ignore[arg-type]
    ada: dict[str, Any] = stage.api.person(11)
    async with talks.runs(nova):
        first = stage.api.says(side, ada, "what do you")
        stage.api.says(side, ada, "love?")
        stage.api.push(side, message=first)
        await until(lambda: len(stage.api.sent(11)) == 2)
        await house.settled()
    notice, reply = stage.api.sent(11)
    assert "AI" in notice.text
    assert reply.text == "I love maps."
    assert [row.state for row in await house.sent()] == ["sent", "sent"]
    assert [row.receipt for row in await house.sent()] == [f"11:{notice.message}", f"11:{reply.message}"]
    await house.core.stop()
