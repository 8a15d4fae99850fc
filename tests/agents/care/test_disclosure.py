"""Is a fan told, at the start, again, and whenever they ask?"""

from datetime import UTC, datetime, timedelta

import pytest

from agents.care import disclosure, intake, outbound
from agents.care.policies import LANGUAGES, load
from memory.models import Fan
from tests.agents.care.labelled import lines
from tools.personas.character import Character

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_notice_reminder_and_answer_and_they_pass_our_own_filter(language: str) -> None:
    for says in (disclosure.notice, disclosure.reminder, disclosure.answer):
        text = says("Nova {x}", language)
        assert "Nova {x}" in text
        assert outbound.check(text, character=None, links={}, language=language).changed == []
    assert disclosure.admits(disclosure.answer("Nova", language))


def test_a_language_without_words_of_its_own_gets_english() -> None:
    assert disclosure.notice("Nova", "sw") == disclosure.notice("Nova", "en")
    assert disclosure.notice("Nova", "de-AT") == disclosure.notice("Nova", "de")


def test_the_first_message_never_comes_without_notice() -> None:
    assert disclosure.due(None, NOON, None)
    assert disclosure.due(None, NOON, NOON)


@pytest.mark.parametrize(
    ("since_notice_h", "since_message_h", "is_due"),
    [
        (0.1, 0.1, False),
        (2.9, 0.1, False),
        (3, 0.1, True),
        (10, 0.1, True),
        (5, 4, False),
        (24, 12, True),
        (23, 12, False),
    ],
)
def test_the_notice_is_due_again_after_three_hours_of_talk_or_a_day(
    since_notice_h: float, since_message_h: float, is_due: bool
) -> None:
    notice, message = NOON - timedelta(hours=since_notice_h), NOON - timedelta(hours=since_message_h)
    assert disclosure.due(notice, NOON, message) is is_due


def test_in_a_month_of_talk_no_three_hours_pass_without_notice() -> None:
    """Messages every seven minutes: between two of them, the notice is at most three hours and seven minutes old."""
    at, notice, last, oldest = NOON, None, None, timedelta(0)
    for _ in range(30 * 24 * 60 // 7):
        if disclosure.due(notice, at, last):
            notice = at
        oldest = max(oldest, at - notice)  # type: ignore[operator]
        last, at = at, at + timedelta(minutes=7)
    assert oldest < timedelta(hours=3)


ASKS = lines("disclosure", "asks")

ASKS_NOT = lines("disclosure", "asks_not")


@pytest.mark.parametrize("text", ASKS)
def test_whoever_asks_is_understood(text: str) -> None:
    assert disclosure.asks_if_ai(text)


def test_talk_about_machines_is_not_taken_for_the_question() -> None:
    wrong = [text for text in ASKS_NOT if disclosure.asks_if_ai(text)]
    assert wrong == []
    assert len(ASKS_NOT) >= 20


def test_the_pack_is_dated_and_says_where_it_comes_from() -> None:
    for name in ("crisis", "disclosure", "ages", "outbound", "help_lines"):
        pack = load(name)
        assert pack["dated"].isoformat() >= "2026-11-21"
        assert pack["sources"]


def test_what_care_says_is_in_the_language_that_the_fan_writes_in() -> None:
    nova, fan = Character(name="Nova", languages=["en"]), Fan(age_state="unknown", locale="en", region="")
    assert intake.look("Bist du ein echter Mensch?", fan, nova, "", spoken="de-AT").truth.startswith(
        "Ja, ich bin eine KI"
    )
    assert intake.look("Bist du ein echter Mensch?", fan, nova, "", spoken="xx").truth.startswith("Yes, I'm an AI")
