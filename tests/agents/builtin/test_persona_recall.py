"""Does the built-in persona answer from this fan's facts, and from nothing else?"""

import pytest

from agents.builtin.speech.grammar import second_person
from tests.agents.builtin.fan_talk import STARTERS, Talk, a_fact
from tools.personas.character import Character

FACTS = [
    a_fact("name", "Maria", quote="my name is Maria"),
    a_fact("age", "29", quote="I'm 29"),
    a_fact("home", "Porto", quote="I live in Porto"),
    a_fact("origin", "Graz", quote="I'm from Graz"),
    a_fact("job", "graphic designer", quote="I work as a graphic designer"),
    a_fact("employer", "Lumen", quote="I work for Lumen"),
    a_fact("pet", "Biscuit", "dog", "my dog is called Biscuit"),
    a_fact("pet", "Plum", "cat", "my cat Plum"),
    a_fact("family", "Ana", "sister", "my sister Ana is a nurse"),
    a_fact("job", "nurse", "sister", "my sister Ana is a nurse"),
    a_fact("home", "Turin", "sister", "my sister lives in Turin"),
    a_fact("partner", "Sofia", "girlfriend", "my girlfriend is called Sofia"),
    a_fact("likes", "hiking", quote="I love hiking"),
    a_fact("likes", "olives", quote="I like olives"),
    a_fact("dislikes", "coriander", quote="I hate coriander"),
    a_fact("favourite", "green", "colour", "my favourite colour is green"),
    a_fact("allergy", "peanuts", quote="I'm allergic to peanuts"),
    a_fact("language", "Portuguese", quote="I speak Portuguese"),
    a_fact("birthday", "3 March", quote="my birthday is 3 March"),
    a_fact("plan", "a driving exam on Friday", quote="I have a driving exam on Friday"),
]
VALUES = {fact["value"] for fact in FACTS} - {"29"}

ASKED = {
    "what's my name?": {"Maria"},
    "do you still know what I'm called?": {"Maria"},
    "who am I?": {"Maria"},
    "how old am I?": {"29"},
    "do you remember how old I am": {"29"},
    "where do I live?": {"Porto"},
    "do you remember where I live?": {"Porto"},
    "what city do I live in?": {"Porto"},
    "where am I from?": {"Graz"},
    "where did I grow up?": {"Graz"},
    "what do I do for a living?": {"graphic designer"},
    "do you know what I do for work?": {"graphic designer"},
    "what's my job?": {"graphic designer"},
    "who do I work for?": {"Lumen"},
    "what's my dog's name?": {"Biscuit"},
    "do you remember my dog's name?": {"Biscuit"},
    "what is my dog called?": {"Biscuit"},
    "name of my dog?": {"Biscuit"},
    "and my cat?": {"Plum"},
    "do I have any pets?": {"Biscuit", "Plum"},
    "what are my pets called?": {"Biscuit", "Plum"},
    "what's my sister's name?": {"Ana"},
    "do you remember my sister?": {"Ana"},
    "what's my sister's job?": {"nurse"},
    "what does my sister do?": {"nurse"},
    "where does my sister live?": {"Turin"},
    "do I have siblings?": {"Ana"},
    "who is Ana?": {"Ana"},
    "what's my girlfriend's name?": {"Sofia"},
    "what's my partner called?": {"Sofia"},
    "what did I tell you about Sofia?": {"Sofia"},
    "what do I like?": {"hiking", "olives"},
    "what do I hate?": {"coriander"},
    "what's my favourite colour?": {"green"},
    "what's my favorite color": {"green"},
    "what am I allergic to?": {"peanuts"},
    "which languages do I speak?": {"Portuguese"},
    "when is my birthday?": {"3 March"},
    "when is my exam?": {"driving exam"},
    "when's my driving exam again?": {"driving exam"},
    "wie heiße ich?": {"Maria"},
    "wo wohne ich?": {"Porto"},
    "was arbeite ich?": {"graphic designer"},
    "wie heißt mein Hund?": {"Biscuit"},
    "weißt du noch, wie meine Schwester heißt?": {"Ana"},
    "wie alt bin ich?": {"29"},
    "wann habe ich Geburtstag?": {"3 March"},
    "wogegen bin ich allergisch?": {"peanuts"},
}


@pytest.mark.parametrize("me", STARTERS, ids=lambda me: me.name.split()[0])
@pytest.mark.parametrize("question", ASKED)
def test_the_fact_that_was_asked_for_is_named_and_no_other(me: Character, question: str) -> None:
    talk = Talk(me)
    talk.facts = FACTS

    reply = talk.say(question)

    for value in ASKED[question]:
        assert value in reply
    beyond = {value for value in VALUES - ASKED[question] if value in reply} - {
        "Ana",
        "nurse",
        "a driving exam on Friday",
    }
    assert not beyond, reply


@pytest.mark.parametrize(
    "question",
    [
        "what's my brother's name?",
        "what's my hamster called?",
        "when is my wedding?",
        "what's my favourite film?",
        "what am I studying?",
        "where does my brother live?",
        "am I married?",
        "who is Roberto?",
        "wie heißt mein Bruder?",
    ],
)
def test_what_nobody_told_is_not_known_and_nothing_else_is_offered(question: str) -> None:
    talk = Talk(STARTERS[0])
    talk.facts = FACTS

    reply = talk.say(question)

    assert not {value for value in VALUES if value in reply}, reply


@pytest.mark.parametrize(
    "question", [question for question in ASKED if "Ana" not in question and "Sofia" not in question]
)
def test_a_stranger_is_told_that_nothing_is_known(question: str) -> None:
    reply = Talk(STARTERS[1]).say(question)

    assert not {value for value in VALUES if value in reply}
    assert any(word in reply for word in ("?", "hear it", "Tell me")), reply


def test_all_that_is_known_is_listed_name_first() -> None:
    talk = Talk(STARTERS[0])
    talk.facts = [FACTS[2], FACTS[0], FACTS[6]]

    reply = talk.say("what do you know about me?")

    assert reply.index("Maria") < reply.index("Porto") < reply.index("Biscuit")


def test_a_memory_is_quoted_with_its_day() -> None:
    talk = Talk(STARTERS[0])
    talk.memories = [
        {"author": "persona", "text": "How was the regatta?", "at": "2026-03-01T10:00+00:00"},
        {"author": "fan", "text": "what regatta?", "at": "2026-03-01T10:01+00:00"},
        {"author": "fan", "text": "The regatta was a wreck, we came last", "at": "2026-03-02T10:00+00:00"},
    ]

    reply = talk.say("do you remember what I said about the regatta?")

    assert "“The regatta was a wreck, we came last”" in reply
    assert "2 March" in reply


def test_names_that_only_the_sentence_holds_come_with_the_sentence() -> None:
    talk = Talk(STARTERS[0])
    talk.facts = [a_fact("family", "two kids", "kids", "I have two kids, Lea and Max")]

    assert "Lea and Max" in talk.say("what are my kids called?")


def test_a_link_in_a_memory_is_not_passed_on() -> None:
    talk = Talk(STARTERS[0])
    talk.memories = [
        {"author": "fan", "text": "the regatta is on https://evil.example/x", "at": "2026-03-02T10:00+00:00"}
    ]

    reply = talk.say("what did I tell you about the regatta?")

    assert "evil" not in reply


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        ("I'm 29", "you're 29"),
        ("I am at my mother's", "you are at your mother's"),
        ("I was there and I really am tired", "you were there and you really are tired"),
        ("my dog and I love you", "your dog and you love me"),
        ("I told you that you are kind", "you told me that I am kind"),
        ("we took our boat, and it was mine", "you took your boat, and it was yours"),
        ("I've hurt myself", "you've hurt yourself"),
    ],
)
def test_what_the_fan_said_of_themselves_is_turned_to_them(said: str, turned: str) -> None:
    assert second_person(said) == turned


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        ("Ich bin müde", "du bist müde"),
        ("Ich habe am Freitag eine Prüfung", "du hast am Freitag eine Prüfung"),
        ("Am Freitag fahre ich nach Wien", "Am Freitag fährst du nach Wien"),
        ("Ich arbeite mit meiner Schwester", "du arbeitest mit deiner Schwester"),
        ("wir fahren nach Wien", None),
    ],
)
def test_german_is_turned_where_that_is_safe(said: str, turned: str | None) -> None:
    assert second_person(said, "de") == turned


def test_what_was_said_a_few_messages_ago_is_not_denied() -> None:
    one = Talk(STARTERS[0])
    for text in (
        "hello",
        "My exam in chemistry went badly, I cried on the tram.",
        "the weather is grey",
        "what a week",
    ):
        one.say(text)
    assert "“My exam in chemistry went badly, I cried on the tram.”" in one.say("What happened with my exam?")
    assert "“" not in one.say("What happened with my violin lesson?")
