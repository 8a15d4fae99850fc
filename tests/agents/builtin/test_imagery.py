"""Pictures of scenes, asked for in plain words where an image model is configured."""

from typing import Any

import pytest

from tests.agents.builtin.stage import Stage


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "make a picture of Nova on the beach at sunset, portrait",
            {"prompt": "Nova on the beach at sunset", "persona": "Nova", "format": "portrait"},
        ),
        ("Generate an image of a heron at dawn", {"prompt": "a heron at dawn"}),
        ("paint a picture showing two cats on a roof please", {"prompt": "two cats on a roof"}),
        ("a selfie of Nova in the rain", {"prompt": "Nova in the rain", "persona": "Nova"}),
        ("draw a realistic landscape picture of the old harbour", {"prompt": "the old harbour", "format": "landscape"}),
        ("make it again with another seed", {"again": "last", "other_seed": True}),
        ("make it again with the same seed", {"again": "last"}),
    ],
)
def test_a_scene_is_made_by_the_image_model(said: str, asked: dict[str, Any]) -> None:
    calls, reply = Stage(image_model="dream").say(said)

    assert calls == [("make_picture", asked)], reply


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "Mach ein Bild von Nova am Strand bei Sonnenuntergang, Hochformat",
            {"prompt": "Nova am Strand bei Sonnenuntergang", "persona": "Nova", "format": "portrait"},
        ),
        (
            "Kannst du mir bitte ein quadratisches Foto von einem Reiher im Morgengrauen machen?",
            {"prompt": "einem Reiher im Morgengrauen", "format": "square"},
        ),
        (
            "ich hätte gern ein Bild im Querformat, auf dem zwei Katzen auf einem Dach sitzen",
            {"prompt": "zwei Katzen auf einem Dach sitzen", "format": "landscape"},
        ),
        ("Zeig mir ein Selfie von Nova im Regen", {"prompt": "Nova im Regen", "persona": "Nova"}),
        ("Erstelle ein Porträt von Mira!", {"prompt": "Mira", "persona": "Mira", "format": "portrait"}),
        ("könntest du ein Gemälde von der alten Werft malen", {"prompt": "der alten Werft"}),
        ("bitte generiere ein Foto, das Nova beim Lesen zeigt", {"prompt": "Nova beim Lesen", "persona": "Nova"}),
    ],
)
def test_a_scene_may_be_asked_for_in_german(said: str, asked: dict[str, Any]) -> None:
    calls, reply = Stage(image_model="dream").say(said)

    assert calls == [("make_picture", asked)], reply


TAKE: dict[str, Any] = {"again": "last", "other_seed": True}


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("again", TAKE),
        ("one more time please", TAKE),
        ("make it again with a new seed", TAKE),
        ("give me another version of it", TAKE),
        ("nice, another take with a different seed", TAKE),
        ("do the last picture of Nova once more", TAKE | {"persona": "Nova"}),
        ("make it again with the same seed", {"again": "last"}),
        ("again but at night", {"again": "last", "but": "at night"}),
        ("Make that picture again, only with red hair.", {"again": "last", "but": "with red hair"}),
        ("the same once more, but without the hat", {"again": "last", "but": "without the hat"}),
        ("again, but in a café instead of on the beach", {"again": "last", "but": "in a café", "instead_of": "on the beach"}),
        ("once again, but in landscape", {"again": "last", "format": "landscape"}),
        ("noch mal mit anderem Seed", TAKE),
        ("Mach es noch einmal", TAKE),
        ("noch eine Variante bitte", TAKE),
        ("Mach das Bild nochmal, aber bei Nacht", {"again": "last", "but": "bei Nacht"}),
        ("Bitte noch einmal, diesmal im Querformat", {"again": "last", "format": "landscape"}),
        ("dasselbe Bild noch mal, aber mit Brille statt mit Hut",
         {"again": "last", "but": "mit Brille", "instead_of": "mit Hut"}),
        ("again in portrait", {"again": "last", "format": "portrait"}),
        ("dasselbe noch mal im Hochformat", {"again": "last", "format": "portrait"}),
        ("once more with a new seed, as a square", TAKE | {"format": "square"}),
        ("nochmal ohne Sonnenbrille", {"again": "last", "but": "ohne Sonnenbrille"}),
    ],
)  # fmt: skip
def test_the_last_picture_is_made_again_with_only_what_is_said_changed(said: str, asked: dict[str, Any]) -> None:
    stage = Stage(image_model="dream")
    stage.say("make a picture of Nova on the beach")

    calls, reply = stage.say(said)

    assert calls == [("make_picture", asked)], reply


def test_a_card_is_drawn_anew_by_its_words() -> None:
    stage = Stage(image_model="dream")
    stage.say("draw a card that says 'Good morning'")

    calls, reply = stage.say("again")

    assert "make_picture" not in [name for name, _ in calls], reply


@pytest.mark.parametrize(
    ("said", "views"),
    [
        ("make the views of Nova's face", []),
        ("Please create the reference views of Nova", []),
        ("generate a full reference set for Nova", []),
        ("make Nova's reference views", []),
        ("draw Nova from all sides", []),
        ("make the profile view of Nova's face again", ["profile"]),
        ("redo the full-body view of Nova", ["full-body"]),
        ("render the three-quarter views of Nova", ["three-quarter-left", "three-quarter-right"]),
        ("Mach die Ansichten von Novas Gesicht", []),
        ("Erstelle bitte Referenzansichten für Nova", []),
        ("Kannst du Novas Referenzbilder machen?", []),
        ("mach die Profilansicht von Nova neu", ["profile"]),
        ("Zeichne Nova von allen Seiten", []),
    ],
)
def test_the_views_of_a_face_are_asked_for(said: str, views: list[str]) -> None:
    calls, reply = Stage(image_model="dream").say(said)

    assert calls == [("make_views", {"persona": "Nova", **({"views": views} if views else {})})], reply


@pytest.mark.parametrize(
    "said", ['make a picture that says "Good morning"', "draw a quote card of the words Less is more", "a card: Hello"]
)
def test_words_are_still_a_card(said: str) -> None:
    calls, _ = Stage(image_model="dream").say(said)

    assert [name for name, _ in calls] == ["draw_card"]


def test_without_an_image_model_a_card_is_offered() -> None:
    calls, reply = Stage(image_model="").say("make a picture of a heron at dawn")

    assert [name for name, _ in calls] == ["make_picture"]
    assert "Set GATOR_IMAGE_MODEL" in reply
    assert "card" in reply


def test_a_name_that_is_no_personas_is_asked_about_and_may_be_part_of_the_scene() -> None:
    stage = Stage(image_model="dream")
    calls, reply = stage.say("make a picture of a dog with Zelda, portrait")

    assert not calls
    assert reply.startswith("There is no persona called Zelda. There are: Nova, Mira.")
    assert stage.say("yes")[0] == [("make_picture", {"prompt": "a dog with Zelda", "format": "portrait"})]


def test_a_made_picture_is_posted_as_a_card_is() -> None:
    calls, _ = Stage(image_model="dream").say("make a picture of a heron at dawn and post it as Nova tomorrow at 9")

    assert [name for name, _ in calls] == ["make_picture", "schedule_post"]
    assert calls[1][1]["assets"] == ["asset-1"]
