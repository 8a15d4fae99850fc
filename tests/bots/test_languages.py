"""Which language somebody writes in: told from enough words, and not changed by a few."""

import pytest

from agents.care import disclosure
from bots import languages
from bots.languages import heard
from memory.models import Conversation

SAID = [
    ("en", "hey how are you doing today?"),
    ("en", "I love whales so much"),
    ("en", "My name is Jürgen and I live in Köln, it is a nice city"),
    ("de", "hallo wie geht es dir?"),
    ("de", "was machst du heute so"),
    ("de", "Guten Morgen! Gut geschlafen?"),
    ("de", "echt jetzt? krass, das hätte ich nicht gedacht"),
    ("es", "me encantan las ballenas"),
    ("fr", "j'adore les baleines"),
    ("pt", "oi tudo bem com você?"),
    ("it", "ciao come stai oggi"),
    ("nl", "hoi hoe gaat het met je"),
    ("pl", "cześć jak się masz"),
    ("tr", "merhaba nasılsın bugün"),
    ("ru", "привет как дела"),
    ("ja", "こんにちは元気ですか"),
]


@pytest.mark.parametrize(("language", "text"), SAID)
def test_a_sentence_tells_its_language(language: str, text: str) -> None:
    assert heard(text, "", "", ["en"]) == language
    assert heard(text, "", "fi", ["sv"]) == language


@pytest.mark.parametrize(
    "text", ["ok", "haha", "👍", "", "?!", "lol", "/start", "https://example.org/wie-geht-es-dir", "@nova"]
)
def test_a_little_word_tells_nothing(text: str) -> None:
    assert heard(text, "de", "en", ["en"]) == "de"
    assert heard(text, "", "de-AT", ["en"]) == "de-AT"
    assert heard(text, "", "", ["pt-PT", "en"]) == "pt-PT"
    assert heard(text, "", "", []) == "en"


def test_a_conversation_in_german_stays_so_through_a_few_english_words() -> None:
    assert heard("Meeting cancelled", "de", "de", ["en"]) == "de"


def test_who_goes_on_in_another_language_is_followed() -> None:
    assert heard("Sorry, can we switch? I would rather write in English with you.", "de", "de", ["de"]) == "en"


def test_the_region_of_a_known_language_is_kept() -> None:
    assert heard("Ich habe heute frei und gehe wandern.", "de-AT", "", ["en"]) == "de-AT"


def test_what_was_chosen_stays_whatever_is_written() -> None:
    chosen = Conversation(language="de", notes={languages.CHOSEN: True})
    assert languages.settle(chosen, "And now for something completely different.", "en", ["en"]) == "de"
    open_ = Conversation(language="", notes={})
    assert languages.settle(open_, "And now for something completely different.", "de", ["de"]) == "en"


@pytest.mark.parametrize(("said", "tag"), [("Deutsch", "de"), ("english", "en"), ("DE", "de"), ("de-AT", "de-at")])
def test_a_language_is_called_by_name_or_tag(said: str, tag: str) -> None:
    assert languages.named(said) == tag


def test_the_notice_is_in_the_fans_language_where_there_are_words() -> None:
    assert disclosure.language_for("de-AT", "en", "pt-PT") == "de"
    assert disclosure.language_for("th", "", "pt-PT") == "pt"
    assert disclosure.language_for("", "xx") == "en"


def test_a_long_text_is_looked_at_only_so_far() -> None:
    assert heard("Das ist ein sehr langer Text. " * 10_000, "", "", ["en"]) == "de"
