"""Reels asked for in plain words: whole from a topic, and their steps again."""

from typing import Any

import pytest

from tests.agents.builtin.stage import Stage

NOVA = {"persona": "Nova"}
GERMAN = {"language": "de"}
ONE = [{"id": "r1", "title": "Tide pools"}]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("make a 30 second reel about tide pools with Nova", {"topic": "tide pools", "length_s": 30.0} | NOVA),
        ("Nova should make a 15s reel about whales for instagram and tiktok",
         {"topic": "whales", "length_s": 15.0, "platforms": ["instagram", "tiktok"]} | NOVA),
        ("make a reel with Nova about our new coffee", {"topic": "our new coffee"} | NOVA),
        ("I want a square reel on tide pools with Nova", {"topic": "tide pools", "format": "1:1"} | NOVA),
        ("reel about why octopuses are clever with Mira, 16:9",
         {"topic": "why octopuses are clever", "format": "16:9", "persona": "Mira"}),
        ("create a reel about the top story as Nova", {"story": "s1"} | NOVA),
        ("can you do a short video about morning coffee with Nova please", {"topic": "morning coffee"} | NOVA),
        ('make a reel with Nova titled "Low tide" about tide pools', {"topic": "tide pools", "title": "Low tide"} | NOVA),
        ("make a 15 second reel about tide pools with Nova with moving scenes",
         {"topic": "tide pools", "length_s": 15.0, "moving": True} | NOVA),
        ("reel about tide pools with Nova, and the scenes should move", {"topic": "tide pools", "moving": True} | NOVA),
        ("make a reel in German about bees with Nova", {"topic": "bees"} | NOVA | GERMAN),
        ("mach ein 30-Sekunden-Reel über Ebbe und Flut mit Nova", {"topic": "Ebbe und Flut", "length_s": 30.0} | NOVA | GERMAN),
        ("erstelle bitte ein quadratisches Reel mit Nova über den Strand, mit bewegten Szenen",
         {"topic": "den Strand", "format": "1:1", "moving": True} | NOVA | GERMAN),
        ('make a reel with Nova saying "The sea is never the same."', {"text": "The sea is never the same."} | NOVA),
    ],
)  # fmt: skip
def test_a_reel_is_made_about_something(said: str, asked: dict[str, Any]) -> None:
    calls, reply = Stage().say(said)

    assert calls == [("make_reel", asked)], reply


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("make scene 3 again", {"step": "scene", "scene": 3}),
        ("redo the third scene please", {"step": "scene", "scene": 3}),
        ("a new picture for scene 2", {"step": "picture", "scene": 2}),
        ("record the voice of scene 1 again", {"step": "voice", "scene": 1}),
        ("let scene 2 say: The tide comes back", {"step": "scene", "scene": 2, "say": "The tide comes back"}),
        (
            "let scene 2 say: The tide keeps its own clock.",
            {"step": "scene", "scene": 2, "say": "The tide keeps its own clock."},
        ),
        ('scene 4 should say "Bring boots."', {"step": "scene", "scene": 4, "say": "Bring boots."}),
        ("rewrite the script shorter", {"step": "script", "wish": "shorter"}),
        ("make the reel longer", {"step": "script", "wish": "longer"}),
        ("write another script", {"step": "script"}),
        ("make the thumbnail again", {"step": "thumbnail"}),
        ("make the clip of scene 2 again", {"step": "clip", "scene": 2}),
        ("use scene 3 for the thumbnail", {"step": "thumbnail", "scene": 3}),
        ("make the thumbnail without the title", {"step": "thumbnail", "titled": False}),
        ("mach Szene 3 noch mal", {"step": "scene", "scene": 3}),
        ("ein anderes Bild für die zweite Szene bitte", {"step": "picture", "scene": 2}),
        ("lass Szene 2 sagen: Die Flut kommt", {"step": "scene", "scene": 2, "say": "Die Flut kommt"}),
        ("lass Szene 2 sagen: Heute kommt die Flut.", {"step": "scene", "scene": 2, "say": "Heute kommt die Flut."}),
        ("mach das Reel kürzer", {"step": "script", "wish": "shorter"}),
        ("nimm Szene 4 als Vorschaubild", {"step": "thumbnail", "scene": 4}),
    ],
)
def test_a_step_is_made_again(said: str, asked: dict[str, Any]) -> None:
    calls, reply = Stage(reels=ONE).say(said)

    assert calls == [("redo_reel", asked)], reply


@pytest.mark.parametrize(
    ("said", "tool"),
    [("how far is the reel?", "show_reel"), ("is the reel ready?", "show_reel"), ("list the reels", "list_reels")],
)
def test_reels_are_shown(said: str, tool: str) -> None:
    assert [name for name, _ in Stage(reels=ONE).say(said)[0]] == [tool]


def test_a_reel_made_in_this_talk_can_be_changed_and_posted() -> None:
    stage = Stage()
    stage.say("make a reel about tide pools with Nova")
    assert [name for name, _ in stage.say("make scene 2 again")[0]] == ["redo_reel"]

    calls, _ = Stage().say("make a reel about tide pools with Nova and post it tomorrow at 9")
    assert [name for name, _ in calls] == ["make_reel", "schedule_post"]
    assert calls[1][1]["assets"] == ["asset-1"]


@pytest.mark.parametrize("said", ["make a video of the card", "turn both into a reel", "show the videos"])
def test_a_video_of_media_is_no_reel(said: str) -> None:
    assert all("reel" not in name for name, _ in Stage(reels=ONE).say(said)[0])


def test_whose_reel_it_is_must_be_said_and_how_long_is_bounded() -> None:
    assert "Which persona should be in it" in Stage().say("make a reel about tide pools")[1]
    assert "two minutes" in Stage().say("make a 3 minute reel about bees with Nova")[1]
