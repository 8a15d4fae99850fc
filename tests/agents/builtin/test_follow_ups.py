"""Conversations in which a message only makes sense after the one before, whatever words the reply to that had."""

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from agents.builtin.follow_ups.second_thoughts import MARK
from agents.builtin.small_talk import essence
from agents.builtin.told_texts import told_text
from tests.agents.builtin.stage import Stage, talks

TALKS = [
    (" / ".join(said for said, _ in turns) + f" [{number}]", turns)
    for number, (_, turns) in enumerate(talks("follow_ups"))
]


class Dialogue(Stage):
    """A conversation whose replies may be put in other words, and whose scheduled posts are found again."""

    def _result(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        result = super()._result(name, args)
        if name == "schedule_post" and args.get("at"):
            row = {
                "id": f"new-{self.made}",
                "persona": args["persona"],
                "text": args.get("text", ""),
                "due_at": args["at"],
            }
            self.context = {**self.context, "posts": [*self.context["posts"], {**row, "state": "scheduled"}]}
        return result

    def replied(self, text: str) -> None:
        """The last reply was this instead."""
        self.history[-1] = AIMessage(text)

    def was_asked(self, said: str, reply: str) -> None:
        """Something was said, nothing was done, and this was asked back."""
        self.history += [HumanMessage(said), AIMessage(reply)]


@pytest.mark.parametrize(("title", "turns"), TALKS, ids=[title for title, _ in TALKS])
def test_what_follows_is_read_against_what_went_before(title: str, turns: list[tuple[str, list[str]]]) -> None:
    stage = Dialogue()
    for said, lines in turns:
        asked_back = [line[2:] for line in lines if line.startswith("~ ")]
        if asked_back:
            stage.was_asked(said, asked_back[0].replace("\\n", "\n"))
            continue
        calls, reply = stage.say(said)
        wanted = [line for line in lines if line[:2] not in ("= ", "< ")]
        assert [f"{name} {json.dumps(args, ensure_ascii=False)}" for name, args in calls] == wanted
        for words in (line[2:] for line in lines if line.startswith("= ")):
            assert words in reply
        for words in (line[2:] for line in lines if line.startswith("< ")):
            stage.replied(words.replace("\\n", "\n"))


def test_the_follow_ups_are_many() -> None:
    assert len(TALKS) >= 120


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("Nova wrote: Tea first.", "Tea first."),
        ("Nova wrote: “Tea first.”", "Tea first."),
        ('Here is your caption:\n\n"Tea first. Then the world."', "Tea first. Then the world."),
        ("Here's a draft: “Tea first.” Shall I post it?", "Tea first."),
        ("Nova wrote: Tea at 8: bring cups.", "Tea at 8: bring cups."),
        ('Nova wrote: She said "tea" twice.', 'She said "tea" twice.'),
        ("How about this:\n«Tea first.»\n\nWant me to change it?", "Tea first."),
    ],
)
def test_the_words_of_a_persona_are_found_in_any_reply(reply: str, text: str) -> None:
    assert told_text(reply) == text


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("thanks", "thanks"),
        ("Hi there! List my feeds", "List my feeds"),
        ("list my feeds 😊", "list my feeds"),
        ("Good.", "Good."),
        ('post "thanks 🙏"', 'post "thanks 🙏"'),
        ("1. one card 2. one video", "one card\none video"),
        ("at 5. 6 pm is fine", "at 5. 6 pm is fine"),
    ],
)
def test_kind_words_are_taken_off_and_nothing_else(message: str, left: str) -> None:
    assert essence(message, ["Nova"]) == left


@pytest.mark.parametrize("text", ["post what she actually said", "write about no man's land", "i have no time today"])
def test_words_that_only_look_like_second_thoughts_are_none(text: str) -> None:
    assert not [hit for hit in MARK.finditer(text) if hit.start() and hit.end() < len(text)]
