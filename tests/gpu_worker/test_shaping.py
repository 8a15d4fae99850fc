"""Are letters joined, stacked and placed as their scripts ask, whatever libraries the system has?"""

import pytest
from PIL import Image

from gpu_worker.cards.faces import face_for, open_font
from gpu_worker.cards.shaping import Direction, Font

INK = (255, 255, 255)


def font_for(text: str, size_px: int = 100) -> Font:
    return open_font(face_for(text, "sans"), size_px, 400)


@pytest.mark.parametrize(("word", "direction"), [("سلام", "rtl"), ("क्षत्रिय", "ltr"), ("AV", "ltr")])
def test_a_word_is_set_tighter_than_its_letters_apart(word: str, direction: Direction) -> None:
    font = font_for(word[0])
    apart = sum(font.getlength(letter, direction) for letter in word)
    assert 0 < font.getlength(word, direction) < apart


def test_arabic_stands_from_right_to_left() -> None:
    font = font_for("س")
    canvas = Image.new("RGB", (300, 200))
    font.draw(canvas, (50, 150), "سا", INK, "rtl")
    box = canvas.getbbox()
    assert box
    left, top, right, _ = box
    rows = canvas.crop((left, top, right, top + 20)).getbbox()
    assert rows
    assert rows[2] < (right - left) / 2  # the alef, the tall letter, is written second and stands at the left


@pytest.mark.parametrize("text", ["Hxg", "سلام", "क्ष", "你好", "A"])
def test_ink_lies_where_it_was_measured(text: str) -> None:
    font = font_for(text[0])
    left, top, right, bottom = font.getbbox(text)
    canvas = Image.new("RGB", (600, 300))
    font.draw(canvas, (100, 200), text, INK)
    box = canvas.getbbox()
    assert box
    measured = (100 + left, 200 + top, 100 + right, 200 + bottom)
    assert max(abs(seen - said) for seen, said in zip(box, measured, strict=True)) <= 1.0


def test_an_outline_grows_the_ink_by_its_width_on_every_side() -> None:
    font = font_for("H")
    plain, lined = Image.new("RGB", (300, 300)), Image.new("RGB", (300, 300))
    font.draw(plain, (100, 200), "H", INK)
    font.draw(lined, (100, 200), "H", INK, outline=(6, (255, 0, 0)))
    inner, outer = plain.getbbox(), lined.getbbox()
    assert inner
    assert outer
    grown = [inner[0] - outer[0], inner[1] - outer[1], outer[2] - inner[2], outer[3] - inner[3]]
    assert all(5 <= side <= 7 for side in grown), grown


def test_what_has_no_ink_draws_nothing_and_has_a_length() -> None:
    font = font_for(" ")
    picture = Image.new("RGB", (50, 50))
    font.draw(picture, (10, 40), " ", INK)
    assert picture.getbbox() is None
    assert font.getbbox(" ") == (0.0, 0.0, 0.0, 0.0)
    assert font.getlength(" ") > 10
