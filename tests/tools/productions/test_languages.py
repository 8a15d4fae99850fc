"""Is a reel that was asked for in German written and spoken in German, by a persona who has no language of her own?"""

from dataclasses import replace
from functools import partial

import pytest

from agents.models import Mind
from agents.persona import write_as
from gpu_worker.jobs import Speak
from tests.tools.productions.test_reels import INEZ, jobs, redone, reel
from tools.capability import Turn
from tools.productions.shapes import ReelShown
from tools.voices import language_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def desk(turn: Turn, **more: object) -> Turn:
    async with turn.open_work() as work:
        await work.personas.create("inez", "Inez", INEZ | more, author="tests")
    return replace(turn, ask_persona=partial(write_as, mind=Mind(turn.settings), turn=turn))


async def spoken(turn: Turn, made: ReelShown) -> set[str]:
    rows = await jobs(turn, made)
    return {Speak.model_validate(row.payload).language for name, row in rows.items() if name.startswith("voice")}


async def test_a_reel_asked_for_in_german_is_german(turn: Turn) -> None:
    turn = await desk(turn)

    made = await reel(turn, topic="Wale", language="de", platforms=["x"])

    assert language_of(made.script.said) == "de"
    assert language_of(made.posts["x"].text) == "de"
    assert await spoken(turn, made) == {"de"}
    other = await redone(turn, step="script")
    assert other.script != made.script
    assert language_of(other.script.said) == "de"
    assert await spoken(turn, other) == {"de"}


async def test_a_persona_speaks_her_own_language_whoever_asks(turn: Turn) -> None:
    turn = await desk(turn, languages=["en"])

    made = await reel(turn, topic="Wale", language="de")

    assert await spoken(turn, made) == {"en"}
    assert language_of(made.script.said) in ("en", None)
