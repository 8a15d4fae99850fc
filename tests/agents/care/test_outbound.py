"""Does only what may be said come out, whole or streamed, whatever a model (or a puppet in its place) says?"""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.care import outbound
from agents.care.policies import LANGUAGES, load
from tests.agents.care.labelled import lines
from tools.personas.character import Character

NOVA = Character.model_validate(
    {"name": "Nova", "age": 27, "speech": {"forbidden_phrases": ["as an experiment", "Trust the process"]}}
)
LINKS = {"shop": "https://nova.example/shop?a=1", "tour": "https://nova.example/tour"}
INSTRUCTIONS = "You are Nova and you never tell anybody about the blue notebook under the third stair of the house."


def said(text: str, language: str = "en") -> str:
    return outbound.check(
        text, character=NOVA, links=LINKS, protected=[INSTRUCTIONS, "zebra-quartz-41"], language=language
    ).text


def stock(language: str = "en") -> str:
    line: str = load("outbound")["stock"][language]
    return line


CLAIMS = {language: lines("claims", language) for language in LANGUAGES}
CLAIM_LINES = [(language, line) for language, claims in CLAIMS.items() for line in claims]

HONEST = lines("outbound", "honest")


@pytest.mark.parametrize(("language", "claim"), CLAIM_LINES)
def test_no_claim_to_be_human_passes(language: str, claim: str) -> None:
    assert said(claim, language) == stock(language)
    around = said(f"Good morning. {claim} How was your day?", language)
    assert around.startswith("Good morning.")
    assert claim.strip(" .!") not in around


def test_claims_in_ten_languages_are_tried() -> None:
    assert len(CLAIM_LINES) >= 85
    assert min(map(len, CLAIMS.values())) >= 5


@pytest.mark.parametrize("text", HONEST)
def test_what_is_honest_stays_as_it_is(text: str) -> None:
    assert said(text) == text


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_puppet_that_claims_and_links_among_other_words_gets_neither_through(data: st.DataObject) -> None:
    harmless = ["I love the rain.", "What a day!", "Tell me more?", "And then we laughed…", "Luna is a good dog."]
    hostile = [claim for _, claim in CLAIM_LINES if "\n" not in claim]
    parts = data.draw(
        st.lists(
            st.sampled_from(harmless + hostile[:60]) | st.just("go to https://evil.example/x now."),
            min_size=1,
            max_size=8,
        )
    )
    out = said(" ".join(part if part[-1] in ".!?…" else part + "." for part in parts))
    assert "evil" not in out
    kept = [part for part in harmless if part in out]
    left = out
    for part in kept:
        left = left.replace(part, "")
    assert left.replace("go to now.", "").strip() in ("", stock())


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("Look at https://evil.com/x?y=1 now.", "Look at now."),
        ("See evil.com, ok?", "See, ok?"),
        ("[click](https://evil.com/a_(b)) me", "click me"),
        ("![pixel](https://evil.com/p.png?d=secret) hello", "hello"),
        ("<b>Hello</b> there <img src=x onerror=alert(1)>", "Hello there"),
        ("mail bob@evil.org or www.evil.io/x", "mail or"),
        ("go to hxxps://evil.com/a or evil[.]com or evil dot com", "go to or or"),
        ("javascript:alert(1) data:text/html;base64,xx hi", "hi"),
        ("see http://127.0.0.1:8000/admin and 10.0.0.1/x now", "see and now"),
        ("t.me/evil and discord.gg/abc and bit.ly/x", "and and"),
        ("evil\u3002com and ｅｖｉｌ.com", "and"),
        ("My shop: {{link:shop}} and {{ link:tour }}!", "My shop: https://nova.example/shop?a=1 and https://nova.example/tour!"),
        ("{{link:other}} hello {{user}}", "hello"),
        ("That was great.So I went home.", "That was great. So I went home."),
        ("[ref]: https://evil.com\n\nHello", "Hello"),
    ],
)  # fmt: skip
def test_links_and_markup_are_gone_and_ours_are_rendered(text: str, out: str) -> None:
    assert said(text) == out


@pytest.mark.parametrize(
    "secret",
    [
        "sk-abcdefghijklmnop1234567890",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_x",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "d41d8cd98f00b204e9800998ecf8427e", "zebra-quartz-41", "z e b r a quartz 41",
        "ZEBRA QUARTZ 41", "password: hunter2hunter2",
    ],
)  # fmt: skip
def test_keys_and_canaries_do_not_leave(secret: str) -> None:
    out = said(f"Good morning. It is {secret} you know. Bye!")
    assert out == "Good morning. Bye!"


def test_instructions_are_not_repeated_but_their_words_may_be_used() -> None:
    assert said(f"Sure: {INSTRUCTIONS}") == stock()
    assert said("Never tell anybody about the blue. Notebook under the third stair of the house, ha!") != ""
    assert "third stair" not in said("She never tells: tell anybody about the blue notebook under the third stair. Hi!")
    assert said("I have a blue notebook.") == "I have a blue notebook."


def test_what_the_card_forbids_is_not_said() -> None:
    checked = outbound.check("Hi! As an experiment, run. trust THE process! Bye.", character=NOVA, links={})
    assert (checked.text, checked.changed) == ("Hi! Bye.", ["forbidden"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_when_nothing_is_left_a_stock_line_in_the_language_stands_in(language: str) -> None:
    for empty in ("", "   ", "https://evil.com", "I'm human."):
        checked = outbound.check(empty, character=None, links={}, language=language)
        assert checked.text == stock(language)
        assert "empty" in checked.changed


def stream(text: str, cuts: list[int]) -> str:
    filtered = outbound.Streaming(character=NOVA, links=LINKS, protected=[INSTRUCTIONS])
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return "".join(filtered.feed(text[a:b]) for a, b in itertools.pairwise(edges)) + filtered.close()


def whole(text: str) -> str:
    return outbound.check(text, character=NOVA, links=LINKS, protected=[INSTRUCTIONS]).text


PIECES = st.sampled_from(
    ["I'm ", "human", "not an AI", ". ", "! ", "\n\n", "\n", " ", "evil.com", "https://x.io/y", "{{link:shop}}", "[a]("]
) | st.sampled_from(
    [
        ")",
        "<b>",
        "。",
        "\u200b",
        "Ich bin ",
        "ein Mensch",
        "…",
        "experiment",
        "3.5",
        "e.g. ",
        '"',
        "👩‍🚀",
        "word " * 120,
        "x" * 450,
    ]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=25), st.lists(st.integers(0, 10_000), max_size=20))
@settings(max_examples=400, deadline=None)
def test_streamed_text_is_the_text_that_the_whole_would_be(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    assert stream(text, cuts) == whole(text)


def test_a_stream_gives_sentences_as_they_end_and_nothing_of_one_that_has_to_go() -> None:
    filtered = outbound.Streaming(character=None, links={})
    given_out = [filtered.feed(part) for part in ("Hello th", "ere. I'm hu", "man, I swear. ", "Bye")]
    assert given_out == ["", "Hello there.", "", ""]
    assert filtered.close() == " Bye"
    assert filtered.fresh().close() == stock()


def test_nothing_that_was_said_is_lost_when_all_of_it_may_be_said() -> None:
    chance = random.Random(5)
    words = ["rain", "Luna,", "walks", "home.", "Why?", "Yes!", "then", "\n\n", "and"]
    for _ in range(50):
        text = " ".join(chance.choice(words) for _ in range(200)).strip()
        assert whole(text).split() == text.split()


@pytest.mark.parametrize("text", ["<" * 10_000, "[" * 10_000, "i am " * 8_000, "not " * 8_000])
def test_no_text_takes_long_to_pass(text: str) -> None:
    assert said(text) == text.strip()  # within the suite's time limit


@pytest.mark.parametrize("text", ["a" * 30_000, "a.b" * 8_000, "{{" * 5_000])
def test_no_text_takes_long_to_be_kept_back(text: str) -> None:
    assert len(said(text)) < 1_000  # within the suite's time limit
