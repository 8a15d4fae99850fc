"""Are cards what was asked for: drawn, legible, inside their edges, in any script, the same each time?"""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from gator.errors import Refused
from gpu_worker.cards import bidi, breaks, draw, thumbnail
from gpu_worker.cards.card import DESIGNS, draw_card
from gpu_worker.cards.emoji import is_emoji
from gpu_worker.cards.faces import covers, face_for
from gpu_worker.cards.fitting import fit
from gpu_worker.cards.palettes import LEGIBLE, PALETTES, choose, contrast
from gpu_worker.cards.sheet import Sheet
from gpu_worker.cards.typeset import Style, prepare
from gpu_worker.clips import writing
from gpu_worker.edit_list import EditList, Scene, Transition
from gpu_worker.jobs import CARD_CHARACTERS, PICTURE_SIZES_PX, Design, DrawCard, MakeThumbnail, PictureFormat
from gpu_worker.studio import Draft
from tests.gpu_worker.bench_studio import Bench, claim

LINE = "Small steps, taken daily, beat the grand plan you never begin."
SCRIPTS = {
    "latin": "Größe, façade, žluťoučký kůň",
    "greek": "Μικρά βήματα κάθε μέρα",
    "cyrillic": "Маленькие шаги каждый день",
    "arabic": "خطوات صغيرة كل يوم",
    "hebrew": "צעדים קטנים בכל יום",
    "devanagari": "हर दिन छोटे कदम",
    "bengali": "প্রতিদিন ছোট পদক্ষেপ",
    "tamil": "ஒவ்வொரு நாளும் சிறிய படிகள்",
    "telugu": "ప్రతిరోజూ చిన్న అడుగులు",
    "thai": "ก้าวเล็กๆ ทุกวัน",
    "lao": "ກ້າວນ້ອຍໆ ທຸກມື້",
    "khmer": "ជំហានតូចៗ រាល់ថ្ងៃ",
    "burmese": "နေ့စဉ် ခြေလှမ်းငယ်များ",
    "chinese": "每天一小步",
    "japanese": "毎日の小さな一歩",
    "korean": "매일의 작은 발걸음",
}


def card(text: str = LINE, seed: int = 7, **fields: Any) -> Image.Image:
    return draw_card(DrawCard(text=text, **fields), seed).picture


def changes(one: Image.Image, other: Image.Image) -> Image.Image:
    """Where two pictures differ clearly: white there."""
    return ImageChops.difference(one, other).convert("L").point([0] * 40 + [255] * 216)


@pytest.mark.parametrize("format", get_args(PictureFormat))
@pytest.mark.parametrize("design", get_args(Design))
def test_every_design_fills_every_format(design: Design, format: PictureFormat) -> None:
    picture = card(design=design, format=format, headline="Begin", attribution="Nova")
    assert picture.size == PICTURE_SIZES_PX[format]
    assert picture.mode == "RGB"
    empty = Sheet(Image.new("RGB", picture.size), PALETTES[design][0], 7, "").frame
    assert 0 < empty.left < empty.right < picture.width


@pytest.mark.parametrize("design", get_args(Design))
def test_a_text_is_really_drawn_and_keeps_the_margins(design: Design) -> None:
    one, other = card("Yes", design=design), card("No, never, not in a thousand years", design=design)
    changed = changes(one, other).getbbox()
    assert changed is not None
    left, top, right, bottom = changed
    assert left > 40
    assert top > 40
    assert right < one.width - 40
    assert bottom < one.height - 40


@pytest.mark.parametrize("design", get_args(Design))
def test_the_apps_cover_no_words_of_a_story(design: Design) -> None:
    one, other = (card(text, design=design, format="story", attribution="Nova") for text in ("Yes", LINE))
    changed = changes(one, other)
    box = changed.crop((0, 0, one.width, int(one.height * 0.13))).getbbox()
    assert box is None
    if design != "editorial":  # whose tiles fill the foot of the page
        assert changed.crop((0, int(one.height * 0.80), *one.size)).getbbox() is None


@pytest.mark.parametrize("design", get_args(Design))
def test_every_palette_can_be_read(design: Design) -> None:
    assert len(PALETTES[design]) >= 5
    for palette in PALETTES[design]:
        grounds = [palette.ground] if design in ("gradient", "editorial") else [palette.ground, *palette.tones]
        assert min(contrast(palette.ink, ground) for ground in grounds) >= LEGIBLE
        assert contrast(palette.soft, palette.ground) >= LEGIBLE
        assert contrast(palette.accent_ink, palette.ground) >= LEGIBLE


@pytest.mark.parametrize("seed", range(6))
def test_white_type_is_read_everywhere_on_a_gradient(seed: int) -> None:
    picture = card(".", seed, design="gradient").resize((60, 60), Image.Resampling.BOX)
    colours = {picture.getpixel((x, y)) for x in range(60) for y in range(8)}  # where the text is not
    assert min(contrast((255, 255, 255), colour) for colour in colours) >= LEGIBLE  # type: ignore[arg-type]


def test_contrast_is_reckoned_as_the_guideline_says() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_the_same_card_has_the_same_bytes_and_another_seed_another_look(tmp_path: Path) -> None:
    files = []
    for place, seed in enumerate((3, 3, 4)):
        path = tmp_path / f"{place}.png"
        draw_card(DrawCard(text=LINE + " 🚀", design="gradient"), seed).save(path)
        files.append(path.read_bytes())
    assert files[0] == files[1] != files[2]


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_comes_out_as_boxes(script: str) -> None:
    text = SCRIPTS[script]
    faces = {face_for(letter, "serif") for letter in breaks.graphemes(text)}
    assert all(covers(face, letter) for letter in breaks.graphemes(text) for face in [face_for(letter, "serif")])
    assert not any("dejavu" in str(face.path).lower() for face in faces)  # packages bring the fonts, not this machine
    block = fit(text, Style(weight=600), 900, 400, largest_px=90, smallest_px=20)
    picture = Image.new("RGB", (1000, 500), "white")
    block.draw(picture, (50, 50, 900), (0, 0, 0))
    ink = np.asarray(picture.convert("L")) < 128
    assert ink.sum() > 2_000
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert rows[0] >= 40
    assert rows[-1] <= 50 + block.height_px + 6
    assert columns[0] >= 40
    assert columns[-1] <= 960


def test_scripts_and_emoji_stand_in_one_line() -> None:
    mixed = "Hello Привет γειά 你好 नमस्ते 😀"
    block = fit(mixed, Style(), 2_000, 100, largest_px=60, smallest_px=20)
    assert len(block.lines) == 1
    assert len({glyph.face for glyph in block.lines[0].glyphs}) >= 4
    picture = Image.new("RGB", (2_000, 120), "white")
    assert all(isinstance(credit, str) for credit in block.draw(picture, (10, 20, 1_980), (0, 0, 0)))
    red, green, blue = (np.asarray(band).astype(int) for band in picture.split())
    assert ((red > 200) & (green > 150) & (blue < 120)).sum() > 200  # the face is yellow


def test_a_script_that_no_font_has_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="Egyptian"):
        card("𓀀𓀁 means man")


@pytest.mark.parametrize("emoji", ["😀", "❤️", "👩‍💻", "🇩🇪", "1️⃣", "👍🏽"])
def test_emoji_of_all_kinds_are_one_grapheme_with_a_picture(emoji: str) -> None:
    assert breaks.graphemes(emoji) == [emoji]
    assert is_emoji(emoji)


@pytest.mark.parametrize("text", ["©", "™", "5", "→", "A"])
def test_signs_that_are_text_stay_text(text: str) -> None:
    assert not is_emoji(text)


def test_a_card_with_emoji_credits_their_artist(tmp_path: Path) -> None:
    with_emoji, without = draw_card(DrawCard(text="Go 🚀"), 1), draw_card(DrawCard(text="Go"), 1)
    assert without.credits == ()
    path = tmp_path / "card.png"
    with_emoji.save(path)
    with Image.open(path) as picture:
        assert all(credit in picture.info["XML:com.adobe.xmp"] for credit in with_emoji.credits)


@pytest.mark.parametrize("design", get_args(Design))
@pytest.mark.parametrize("format", ["square", "landscape"])
def test_as_much_text_as_a_card_holds_is_fitted(design: Design, format: PictureFormat) -> None:
    text = ("A ten-year survey of hives found that urban colonies made more honey. " * 30)[: CARD_CHARACTERS["text"]]
    picture = card(text, design=design, format=format, headline="City bees thrive", attribution="The Letter")
    assert picture.size == PICTURE_SIZES_PX[format]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": "x" * 1501}, "1,501 characters; a card holds 1,500"),
        ({"text": "a", "headline": "x" * 201}, "headline"),
        ({"text": "a", "attribution": "x" * 121}, "attribution"),
        ({"text": " \n "}, "nothing to write"),
        ({"text": "a\n" * 700, "format": "landscape"}, "too long"),
    ],
)
def test_what_cannot_be_a_card_is_refused_with_the_reason(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        draw_card(DrawCard(**fields), 1)


def test_a_long_word_is_parted_with_hyphens_and_nothing_is_lost() -> None:
    word = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
    block = fit(word, Style(weight=800), 600, 600, largest_px=120, smallest_px=20)
    rows = ["".join(glyph.text for glyph in line.glyphs) for line in block.lines]
    assert len(rows) > 2
    assert all(row.endswith("-") for row in rows[:-1])
    assert "".join(row.removesuffix("-") for row in rows) == word
    assert len(rows[-1]) > 4


def test_no_line_is_left_with_one_short_word() -> None:
    for width in range(500, 1_000, 50):
        block = fit(LINE, Style(weight=800), width, 2_000, largest_px=60, smallest_px=60)
        last = "".join(glyph.text for glyph in block.lines[-1].glyphs)
        assert " " in last, (width, last)


def test_japanese_lines_do_not_begin_with_a_full_stop() -> None:
    text = "小さな一歩を毎日続けることは、決して始まらない壮大な計画に勝る。" * 3
    for width in range(8, 20):
        for line in prepare(text, Style()).lines(width):
            assert line.glyphs[0].text not in "、。"


def test_numbers_and_latin_words_run_left_to_right_in_arabic() -> None:
    letters = list("كتب 25 (OK) نعم")
    levels = bidi.levels(letters, bidi.base_level("".join(letters)))
    shown = "".join(bidi.reordered(letters, levels))
    assert "25" in shown
    assert "OK" in shown
    assert shown.index("OK") < shown.index("25")
    assert shown.endswith("بتك")


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        # Worked by hand from UAX #9.
        ("car IS אבג", 0, [0] * 7 + [1] * 3),
        ("אבג 12%", 1, [1, 1, 1, 1, 2, 2, 2]),
        ("אב -5", 1, [1, 1, 1, 1, 2]),
        ("a אב b", 0, [0, 0, 1, 1, 0, 0]),
        ("عدد ١٢", 1, [1, 1, 1, 1, 2, 2]),
    ],
)
def test_levels_follow_the_bidirectional_algorithm(text: str, base: int, expected: list[int]) -> None:
    assert bidi.levels(list(text), base) == expected


def test_cleaning_takes_out_what_has_no_shape() -> None:
    assert breaks.clean("a\u202eb\x00c \t d\n\n\n\ne\u200f") == "abc d\n\ne"


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "Zs", "S")), min_size=1, max_size=60))
def test_any_text_is_drawn_or_refused(text: str) -> None:
    try:
        picture = draw_card(DrawCard(text=text, design="minimal"), 1).picture
    except Refused:
        return
    assert picture.size == PICTURE_SIZES_PX["square"]


async def test_the_job_gives_a_labelled_picture(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    ask = DrawCard(text="“Begin.”", attribution="Nova", design="quote", format="portrait")
    draft = await draw(claim(ask), bench.studio())
    assert (draft.mime, draft.width_px, draft.height_px) == ("image/png", 1080, 1350)
    assert draft.alt_text == "“Begin.”\n— Nova"
    assert draft.provenance["design"] == "quote"
    with Image.open(draft.path) as picture:
        assert "digitalsourcetype/algorithmicMedia" in picture.info["XML:com.adobe.xmp"]
        assert picture.info["Description"] == draft.alt_text
    assert bench.shares[-1] > bench.shares[0]


def test_there_is_a_drawing_for_each_design_that_can_be_asked() -> None:
    assert set(DESIGNS) == set(PALETTES) == set(get_args(Design))
    assert len(DESIGNS) == 5


def test_cards_that_belong_together_have_one_palette_and_shapes_of_their_own() -> None:
    cards = [draw_card(DrawCard(text="One", look=5), seed).picture for seed in (1, 2, 3, 4)]

    ground = choose("bold", 5).ground
    assert all(ground in {colour for _, colour in card.getcolors(1 << 22) or []} for card in cards)
    assert len({card.tobytes() for card in cards}) > 1
    assert len({draw_card(DrawCard(text="One", look=n), 1).picture.tobytes() for n in range(6)}) > 1


@pytest.mark.parametrize("design", ["bold", "quote", "gradient", "minimal"])  # editorial has its tiles there
@pytest.mark.parametrize("format", ["story", "square", "landscape"])
def test_words_keep_out_of_where_a_video_has_its_captions(design: Design, format: PictureFormat) -> None:
    def drawn(text: str, name: str) -> Image.Image:
        ask = DrawCard(text=text, attribution=name, design=design, format=format, captions=True)
        return draw_card(ask, 3).picture

    both = ImageChops.difference(drawn("A line of a scene that is read at a glance", "Nova"), drawn("Other", "Mira"))
    box = both.getbbox()

    assert box is not None
    assert box[3] <= both.height * 0.7


async def test_a_thumbnail_is_the_frame_with_most_to_see_in_no_transition_and_its_title(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    made = [Image.new("RGB", (90, 160), colour) for colour in ("black", "grey", "orange", "grey")]
    for x in range(0, 90, 6):
        made[2].paste((20, 40, 160), (x, 0, x + 3, 160))
    writing.write(bench.scratch / "film.mp4", (np.asarray(one) for one in made for _ in range(24)), 24, (90, 160))
    scenes = tuple(
        Scene(asset=str(n), duration_s=1.0, transition=Transition(kind="fade", length_s=0.4)) for n in range(4)
    )
    edit = EditList(width=90, height=160, fps=24, scenes=scenes)
    video = bench.put(
        bench.scratch / "film.mp4", "video", duration_s=4.0, provenance={"edit": edit.model_dump(mode="json")}
    )

    async def set_of(**told: Any) -> Draft:
        return await thumbnail.make(claim(MakeThumbnail(video=video, format="story", **told)), bench.studio())

    draft = await set_of(title="Tide pools")
    assert draft.provenance["parents"] == [video]
    assert draft.provenance["scene"] == 3
    assert 2.4 < draft.provenance["at_s"] < 3.0
    with Image.open(draft.path) as picture:
        assert picture.size == (draft.width_px, draft.height_px) == (1080, 1920)
        white = np.asarray(picture).min(axis=2) > 240
        assert not white[:600].any()
        assert white[1000:1410].sum() > 5_000
    places = [(await set_of(place=place)).provenance["scene"] for place in range(12)]
    assert (places[0], places[-1]) == (3, 1)  # the black one comes last
    plain = await set_of(scene=2)
    assert (plain.provenance["scene"], plain.alt_text) != (3, "Tide pools")
    with Image.open(plain.path) as picture:
        assert np.asarray(picture).std() < 4  # grey all over: no title
    with pytest.raises(Refused, match="no scene 9"):
        await set_of(scene=9)
    with pytest.raises(Refused, match="too long"):
        thumbnail.titled(made[2], "word " * 400, 1)
