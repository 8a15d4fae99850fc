"""Is a plan held back where words of the request are left over? And is what was offered done on a yes only?"""

import pytest

from agents.builtin.accounting import unaccounted
from agents.builtin.desk import Desk, Step
from agents.builtin.meaning import likeliest
from agents.builtin.said import hear
from tests.agents.builtin.stage import CONTEXT, Stage

POST = Step("schedule_post", {"persona": "Nova", "text": "Hi", "at": "2026-11-26T09:00:00+00:00"})
PAUSE = Step("pause_persona", {"persona": "Nova"})


@pytest.mark.parametrize(
    ("request_", "step", "left"),
    [
        ('post "Hi" as Nova tomorrow at 9', POST, ""),
        ('could you please post "Hi" for Nova tomorrow at nine?', POST, ""),
        ('post "Hi" as Nova tomorrow at 9 unless it rains', POST, "unless"),
        ('post "Hi" as Nova and Mira tomorrow at 9', POST, "Mira"),
        ('post "Hi" and "Ho" as Nova tomorrow at 9', POST, "Ho"),
        ('post "Hi" as Nova tomorrow at 9 or 10', POST, "or 10"),
        ("pause Nova for now because she is ill", PAUSE, ""),
        ("pause Nova until further notice", PAUSE, ""),
        ("pause Nova until Friday", PAUSE, "until"),
        ("pause Nova's newsletter", PAUSE, "newsletter"),
    ],
)
def test_what_no_step_has_anything_of_is_left_over(request_: str, step: Step, left: str) -> None:
    found = unaccounted(hear(request_, ["Nova", "Mira"]), [step], Desk(CONTEXT))
    assert (left in found) if left else found == ""


def test_reading_needs_no_proof() -> None:
    assert unaccounted(hear("show the posts but not too many", []), [Step("list_posts", {})], Desk(CONTEXT)) == ""


def test_what_has_nothing_to_do_with_us_is_not_likened_to_anything() -> None:
    tools = Stage().model.kwargs["tool_names"]  # type: ignore[attr-defined]
    for words in ("order a pizza", "what is the capital of france", "my password is too long"):
        assert likeliest(hear(words, []), tools, Desk(CONTEXT)) == []


def test_an_offer_is_done_on_a_yes_and_left_on_anything_else() -> None:
    stage = Stage()
    calls, reply = stage.say("let the world see 'some words' from Mira at noon")
    assert not calls
    assert "Did you mean" in reply
    assert stage.say("hmm, let me think")[0] == []
    again = Stage()
    again.say("let the world see 'some words' from Mira at noon")
    assert [name for name, _ in again.say("yes")[0]] == ["schedule_post"]
