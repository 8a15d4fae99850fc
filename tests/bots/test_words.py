"""What Gator itself says: the same things in every language."""

import ast
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

from bots.desk import REASONS
from bots.words import USUAL, catalogue, languages, nearest, retold, say


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


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("The day's budget is spent. Look here.", "Das Budget des Tages ist aufgebraucht. Look here."),
        ("The model a.b refuses (HTTP 401): no key.", "Das Modell a.b lehnt ab (HTTP 401): no key."),
        ("The model {x} does not answer: HTTP 503.", "Das Modell {x} antwortet nicht: HTTP 503."),
        ("Say: The day's budget is spentx", "Say: The day's budget is spentx"),
        ("What nobody foresaw.", "What nobody foresaw."),
    ],
)
def test_why_something_failed_is_told_as_far_as_there_are_words_for_it(why: str, told: str) -> None:
    assert retold(why, "de-AT") == told
    assert retold(why, "en") == retold(why, "fi") == why


def test_every_reason_keeps_what_differs() -> None:
    reasons = tomllib.loads((files("prompts") / "reasons.toml").read_text("utf-8"))
    assert set(reasons) <= set(languages()) - {USUAL}
    for known in reasons.values():
        assert all(slots(english) == slots(words) for english, words in known.items())


def test_every_reason_is_one_that_the_code_gives() -> None:
    rooms = ("agents", "bots", "gpu_worker", "memory", "tools")
    told = re.sub(r"{\w+}", "{}", "\n".join(_texts(room) for room in rooms))
    for known in tomllib.loads((files("prompts") / "reasons.toml").read_text("utf-8")).values():
        for why in known:
            there = re.sub(r"already (approved|rejected|revised|used)\.", "already {}.", why)
            assert re.sub(r"{\w+}", "{}", there) in told, why


def _texts(room: str) -> str:
    """Every text in the code of a room, with {} for what is put into it."""
    found = []
    for file in (Path(__file__).parents[2] / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_every_reason_for_a_person_has_words() -> None:
    assert {f"wanted_{reason}" for reason in REASONS} <= set(catalogue()["en"])
