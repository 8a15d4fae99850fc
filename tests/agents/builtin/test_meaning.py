"""What is offered where words are not understood does what was asked, or nothing is offered."""

import pytest

from tests.agents.builtin.stage import Stage


@pytest.mark.parametrize(
    "said",
    [
        'some fresh catchphrase idea for Nova, "Up we go"',
        'Nova could do with a better greeting, "Ahoy"',
        'Nova and her opening "A" beside "B"',
    ],
)
def test_words_for_a_persona_are_never_offered_as_a_post(said: str) -> None:
    stage = Stage()
    _, reply = stage.say(said)
    assert "Did you mean: post" not in reply
    calls, _ = stage.say("yes")
    assert all(name not in ("schedule_post", "resume_persona") for name, _ in calls)
