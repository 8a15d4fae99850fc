"""Does a persona on the built-in model know what was said last time, and bring it up without making anything up?"""

from typing import Any

import pytest

from tests.agents.builtin.fan_talk import STARTERS, Talk

EXAM = {"text": "They said: “I'm so nervous, my exam is on Friday”", "by": "fan"}
LUNA = {"text": "Their dog is called Luna. They live in Porto.", "by": "fan"}
PROMISE = {"text": "The persona said: “I promise to ask you about it.”", "by": "persona"}


def sitting(at: str, *lines: dict[str, str]) -> dict[str, Any]:
    return {"at": at, "lines": list(lines)}


def talk(*episodes: dict[str, Any]) -> Talk:
    one = Talk(STARTERS[0])
    one.say("hello")
    one.episodes = list(episodes)
    return one


@pytest.mark.parametrize(
    "asked",
    [
        "what did we talk about last time?",
        "do you remember our last conversation?",
        "what were we talking about the last time we talked?",
    ],
)
def test_what_was_talked_about_last_time_is_told_in_the_words_of_then(asked: str) -> None:
    reply = talk(sitting("2026-05-01T20:00+00:00", LUNA, EXAM, PROMISE)).say(asked)
    assert "last Friday" in reply or "Last Friday" in reply
    assert "you told me that your dog is called Luna and you live in Porto" in reply
    assert "you said “I'm so nervous, my exam is on Friday”" in reply
    assert "I said “I promise to ask you about it”" in reply


def test_yesterday_is_the_sitting_of_yesterday_or_none() -> None:
    old = sitting("2026-04-20T20:00+00:00", LUNA)
    yesterday = sitting("2026-05-02T20:00+00:00", EXAM)
    earlier = sitting("2026-05-03T08:00+00:00", LUNA)
    assert "exam" in talk(earlier, yesterday, old).say("what did we talk about yesterday?")
    assert "Luna" not in talk(earlier, old).say("what did we talk about yesterday?")


@pytest.mark.parametrize(
    "asked",
    ["What did I tell you last week?", "do you remember what I said last Friday?", "what did I say on 1 May?"],
)
def test_what_the_fan_told_at_a_time_is_told_from_the_sitting_of_then(asked: str) -> None:
    later, meant = sitting("2026-05-03T08:00+00:00", LUNA), sitting("2026-05-01T20:00+00:00", EXAM)
    if "week" in asked:
        meant = sitting("2026-04-22T20:00+00:00", EXAM)
    assert "you said “I'm so nervous, my exam is on Friday”" in talk(later, meant).say(asked)
    assert "exam" not in talk(later, sitting("2026-03-01T20:00+00:00", EXAM)).say(asked)


def test_what_was_said_at_a_time_of_which_no_sitting_is_told_is_quoted() -> None:
    one = talk()
    one.memories = [
        {"author": "fan", "text": "Emil and I bought a boat in Kiel.", "at": "2026-05-01T20:00+00:00"},
        {"author": "persona", "text": "A boat!", "at": "2026-05-01T20:01+00:00"},
        {"author": "fan", "text": "I sold the boat.", "at": "2026-03-01T20:00+00:00"},
    ]
    reply = one.say("What did I tell you last Friday?")
    assert "you said “Emil and I bought a boat in Kiel”" in reply
    assert "sold" not in reply
    assert "A boat!" not in reply


def test_a_line_of_an_earlier_sitting_answers_what_no_message_does() -> None:
    one = talk(sitting("2026-05-01T20:00+00:00", LUNA, EXAM))
    one.memories = [{"author": "fan", "text": "How did my exam go?", "at": "2026-05-02T20:00+00:00"}]
    assert "“I'm so nervous, my exam is on Friday”" in one.say("What happened with my exam?")
    assert "“" not in one.say("What happened with my violin lesson?")


def test_in_german_only_quotations_are_told() -> None:
    one = Talk(STARTERS[0])
    one.say("hallo, wie geht es dir heute?")
    one.episodes = [sitting("2026-05-02T20:00+00:00", LUNA, {"text": "They said: “Ich bin so müde”", "by": "fan"})]
    reply = one.say("Worüber haben wir letztes Mal gesprochen?")
    assert "du sagtest „Ich bin so müde“" in reply
    assert "gestern" in reply.lower()
    assert "Their" not in reply


def test_without_an_episode_nothing_is_made_up() -> None:
    assert "you said" not in talk().say("what did we talk about last time?")


def test_on_meeting_again_what_was_said_last_time_is_asked_after() -> None:
    replies = []
    for n in range(12):
        one = talk(sitting("2026-05-01T20:00+00:00", EXAM))
        one.say(f"that was {n} days")
        replies.append(one.say("hello again!"))
    asked = [one for one in replies if "my exam is on Friday”" in one]
    assert asked
    assert all("ast Friday" in one for one in asked)


def test_what_was_said_just_now_is_not_asked_after() -> None:
    for n in range(8):
        one = talk(sitting("2026-05-03T08:00+00:00", EXAM))
        one.say(f"that was {n} days")
        assert "exam" not in one.say("hello again!")


def test_no_link_of_an_episode_is_passed_on() -> None:
    line = {"text": "They said: “my exam is on https://evil.example/x”", "by": "fan"}
    assert "evil" not in talk(sitting("2026-05-01T20:00+00:00", line)).say("what did we talk about last time?")


def test_a_time_is_understood_in_german() -> None:
    one = Talk(STARTERS[0])
    one.say("hallo, wie geht es dir heute?")
    one.episodes = [
        sitting("2026-05-02T20:00+00:00", LUNA),
        sitting("2026-05-01T20:00+00:00", {"text": "They said: “Ich bin so müde”", "by": "fan"}),
    ]
    assert "du sagtest „Ich bin so müde“" in one.say("Was habe ich dir vorgestern erzählt?")
