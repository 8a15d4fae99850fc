"""Is a script read as it was written, sized to its time, and are captions within what each platform takes?"""

from typing import get_args

import pytest

from gator.errors import Refused, Unavailable
from tools.productions.platforms import LIMITS, NAMES, Platform, hashtags, written
from tools.productions.script import (
    SceneWords,
    Script,
    changed,
    fitted,
    lasts_s,
    on_a_card,
    room,
    scenes_given,
    scenes_of,
)


def test_a_scene_is_a_paragraph_and_the_line_in_brackets_is_what_is_seen() -> None:
    text = """Scene 1: **The tide** went out. 🌊
[a wide beach]

2. It left a small sea behind.
[a tide pool
]

[only seen]

— Look in.
"""
    assert scenes_of(text) == [
        ("The tide went out.", "a wide beach"),
        ("It left a small sea behind. [a tide pool ]", "only seen"),
        ("— Look in.", ""),
    ]


def test_long_paragraphs_are_cut_at_sentences_and_nothing_said_is_lost() -> None:
    long = " ".join(f"This is sentence number {n} of a very long paragraph indeed." for n in range(12))

    pieces = [say for say, _ in scenes_of(long)]

    assert len(pieces) >= 3
    assert " ".join(pieces) == long
    assert all(len(piece) <= 300 for piece in pieces)


def test_of_words_that_were_given_none_is_left_out() -> None:
    paragraphs = [f"Scene {n} of the sea." for n in range(50)]
    assert [say for say, _ in scenes_given("\n\n".join(paragraphs))] == paragraphs
    with pytest.raises(Refused, match="51 scenes; a reel holds 50"):
        scenes_given("\n\n".join([*paragraphs, "And the end."]))


@pytest.mark.parametrize("nothing", ["", "…", "[a beach]", "🌊\n\n***"])
def test_a_script_without_words_is_none(nothing: str) -> None:
    with pytest.raises(Unavailable, match="without words"):
        scenes_of(nothing)


@pytest.mark.parametrize(("length_s", "speed"), [(5, 1.0), (30, 0.8), (30, 1.4), (120, 1.0)])
def test_as_many_words_as_there_is_room_for_last_about_that_long(length_s: float, speed: float) -> None:
    words, scenes = room(length_s, speed)
    spread = [words // scenes + (place < words % scenes) for place in range(scenes)]

    says = [" ".join(["tidal"] * each) + "." for each in spread]

    assert 0.75 * length_s <= lasts_s(says, speed) <= 1.1 * length_s


def test_a_script_that_is_too_long_loses_scenes_before_the_last() -> None:
    scenes = [(f"Scene number {n} says a good deal about the tide and the sea.", "") for n in range(12)]

    kept = fitted(scenes, 15, 1.0)

    assert kept[0] == scenes[0]
    assert kept[-1] == scenes[-1]
    assert 12 <= lasts_s([say for say, _ in kept], 1.0) <= 15 * 1.15
    assert fitted(scenes[:2], 1, 1.0) == scenes[:2]


@pytest.mark.parametrize(
    ("say", "card"),
    [
        ("The tide went out. It came back.", "The tide went out"),
        ("In the news: “Whales return to the bay”.", "Whales return to the bay"),
        ("Would you look in?", "Would you look in?"),
        ("Give it time, and it gives you more than anybody who hurried past it this morning has seen.", "Give it time"),
        ("word " * 40, " ".join(["word"] * 16) + "…"),
        ("潮が引いた。また来る。", "潮が引いた。"),
    ],
)  # fmt: skip
def test_on_a_card_stands_what_is_read_at_a_glance(say: str, card: str) -> None:
    assert on_a_card(say.strip())[: len(card)] == card if card == "Give it time" else on_a_card(say.strip()) == card
    assert len(on_a_card(say.strip())) <= 84


def test_other_words_in_a_scene_leave_the_script_as_it_was() -> None:
    script = Script(title="T", scenes=[SceneWords(say="One.", card="T"), SceneWords(say="Two.", card="Two")])

    said = changed(script, 2, "Three, and four.", "", drawn=True)

    assert said.scenes[1] == SceneWords(say="Three, and four.", card="Three, and four")
    assert script.scenes[1].say == "Two."
    assert changed(script, 1, "Zero.", "", drawn=True).scenes[0].card == "T"
    assert changed(script, 2, "", "a heron", drawn=False).scenes[1].picture == "a heron"
    with pytest.raises(Refused, match="nothing to say"):
        changed(script, 2, "…", "", drawn=True)


@pytest.mark.parametrize("platform", get_args(Platform))
@pytest.mark.parametrize("length", [10, 300, 9000])
def test_a_caption_is_within_its_platforms_limits(platform: Platform, length: int) -> None:
    parts = [("🌊 " + "tide " * length)[:length].strip(), "Would you look in?", "Source: " + "x" * length]
    limits = LIMITS[platform]

    words = written(platform, "Tide pools " * 20, parts, [*hashtags("tide pools", "sea"), "#AI"])

    assert limits.count(words.text) <= limits.text
    assert limits.count(words.title) <= limits.title
    assert words.text.endswith("#TidePools #Sea #AI")
    assert words.text.count("#") == 3
    assert words.text.startswith("🌊 tide")
    assert NAMES[platform]


def test_hashtags_are_few_short_words() -> None:
    assert hashtags("tide pools", "Tide Pools", "why the sea is salty today", "2026", "Ozean-Blau") == [
        "#TidePools", "#OzeanBlau",
    ]  # fmt: skip
