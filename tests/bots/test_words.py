"""What Gator itself says: the same things in every language."""

import re
from string import Formatter

import pytest

from bots.words import catalogue, languages, nearest, say


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_language_has_the_same_texts_with_the_same_slots() -> None:
    english = {name: slots(text) for name, text in catalogue()["en"].items()}
    assert len(english) > 60
    assert len(languages()) >= 2
    for language in languages():
        assert {name: slots(text) for name, text in catalogue()[language].items()} == english


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty_or_longer_than_a_chat_bears(language: str) -> None:
    for name, text in catalogue()[language].items():
        assert text.strip() == text, name
        assert 0 < len(text) <= 400, name


@pytest.mark.parametrize("language", languages())
def test_a_button_and_a_command_fit_where_platforms_put_them(language: str) -> None:
    for name, text in catalogue()[language].items():
        if name.startswith("button_"):
            assert len(text) <= 80, name  # Discord's longest label
        if name.startswith("command_"):
            assert len(text) <= 100, name  # Discord's longest description; Telegram takes 256


@pytest.mark.parametrize(("tag", "language"), [("de-AT", "de"), ("de_CH", "de"), ("EN", "en"), ("fr", ""), ("", "")])
def test_a_tag_means_the_nearest_language(tag: str, language: str) -> None:
    assert nearest(tag) == language


def test_a_language_without_words_is_answered_in_english() -> None:
    assert say("paused", "fi", name="Nova") == say("paused", "en", name="Nova")
    assert say("paused", "de-AT", name="Nova") != say("paused", "en", name="Nova")


def test_a_name_with_braces_stays_as_it_is() -> None:
    assert "{x} Nova" in say("away", "en", name="{x} Nova")


def test_the_catalogue_names_no_language_but_by_its_tag() -> None:
    assert all(re.fullmatch(r"[a-z]{2,3}", language) for language in languages())
