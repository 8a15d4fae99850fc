"""Asking for a person of the team: heard where it is a request, and not where somebody speaks of people."""

import pytest

from bots.asking import asks_for_person

ASKS = [
    "talk to a human",
    "Can I talk to a human?",
    "Can I please speak to a real person?",
    "could i speak with someone from your team",
    "I want to talk to a human",
    "I want to talk to a real person, not a bot",
    "I'd like to speak with a real person please",
    "I would like to talk to support",
    "I need to talk to a person about my order",
    "get me a human",
    "Get me a real person now!",
    "please connect me to an operator",
    "Connect me with customer service",
    "transfer me to an agent please",
    "human please",
    "real human please",
    "Agent please!",
    "let me talk to a person",
    "Let me speak to your manager",
    "Is there a real person I can talk to?",
    "How can I contact the owner of this account?",
    "i wanna talk to a real human",
    "No, I'd rather talk to a person.",
    "Ich möchte mit einem Menschen sprechen",
    "Ich will mit einem echten Menschen reden!",
    "Kann ich bitte mit einem echten Menschen sprechen?",
    "kann ich mal mit jemandem vom team reden",
    "Verbinde mich bitte mit einem Mitarbeiter",
    "echter Mensch",
    "Echter Mensch bitte",
    "einen Menschen bitte",
    "mit einem Menschen sprechen",
    "Ich würde gern mit einem Mitarbeiter sprechen",
    "Ich brauche einen echten Ansprechpartner",
    "Gib mir einen Menschen",
    "Gibt es hier jemanden, mit dem ich reden kann?",
    "Wie erreiche ich den Betreiber?",
    "Hallo, kann ich bitte mit dem Support schreiben?",
]
DOES_NOT = [
    "Are you a human?",
    "are you a real person or a bot",
    "Is this a real person?",
    "I talked to a human today and it was nice",
    "I love talking to people",
    "I'd love to talk to a person like you every day",
    "You sound like a real person",
    "I want to be a better person",
    "My boss wants to talk to me",
    "I need to talk to my boss tomorrow",
    "I want to talk to my mum",
    "Can I talk to you about my agent?",
    "Can I talk to you?",
    "I want to talk to a woman of my dreams",
    "what makes us human",
    "humans are strange",
    "human rights matter",
    "support your local library",
    "My team won!",
    "I can't talk to people, I'm too shy",
    "How do you talk to a person you like?",
    "He asked: can I talk to the manager? and they laughed",
    "Do you know a real agent?",
    "Bist du ein echter Mensch?",
    "Bist du ein Mensch oder eine Maschine?",
    "Ich habe heute mit einem Menschen gesprochen",
    "Ich möchte ein besserer Mensch sein",
    "Du bist wie ein echter Mensch",
    "Ich rede gern mit Menschen",
    "Mein Chef will mit mir sprechen",
    "Mensch, ist das schön",
    "Menschen sind seltsam",
    "Ich möchte mit einem Menschen wie dir reden",
    "Kann ich mit dir reden?",
    "",
    "?",
]


@pytest.mark.parametrize("text", ASKS)
def test_a_request_for_a_person_is_heard(text: str) -> None:
    assert asks_for_person(text, "en")
    assert asks_for_person(text, "de")


@pytest.mark.parametrize("text", DOES_NOT)
def test_talk_of_people_is_no_request(text: str) -> None:
    assert not asks_for_person(text, "en")
    assert not asks_for_person(text, "de-AT")


def test_a_long_story_is_no_request() -> None:
    assert not asks_for_person("Once upon a time there was a heron. " * 20 + "Can I talk to a human?", "en")
