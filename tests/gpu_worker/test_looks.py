"""A copy looks like its original, saved again or smaller; other pictures do not."""

import io
from itertools import combinations
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from gpu_worker.cards import draw_card as draw
from gpu_worker.jobs import Design, DrawCard
from gpu_worker.looks import looks_of
from memory.looks import alike, look, parsed

SAYINGS = ["Begin today.", "The sky keeps office hours", "Coffee first.", "Rain again", "We are all made of light"]
DESIGNS: list[Design] = ["bold", "quote", "editorial", "gradient", "minimal"]


def saved(picture: Image.Image, format: str, **how: int) -> Image.Image:
    out = io.BytesIO()
    picture.convert("RGB").save(out, format, **how)
    return Image.open(out)


def same(one: Image.Image, other: Image.Image) -> bool:
    return alike(parsed([look(one)]), parsed([look(other)]))


@pytest.mark.parametrize("design", DESIGNS)
def test_a_copy_saved_again_or_made_smaller_looks_the_same(design: Design) -> None:
    card = draw(DrawCard(text=SAYINGS[1], design=design), 7).picture
    assert same(card, saved(card, "JPEG", quality=75))
    assert same(card, saved(card, "WEBP", quality=80))
    assert same(card, card.resize((card.width // 2, card.height // 2)))
    assert same(card, card.convert("L"))


@pytest.mark.parametrize("design", DESIGNS[:-1])  # a few words on an empty ground may look alike: `minimal`
def test_cards_of_other_words_do_not_look_the_same(design: Design) -> None:
    cards = [draw(DrawCard(text=text, design=design), 7).picture for text in SAYINGS]
    assert not [pair for pair in combinations(cards, 2) if same(*pair)]


def test_a_video_looks_like_its_first_and_middle_frame(tmp_path: Path) -> None:
    rising = np.tile(np.linspace(0, 250, 64).astype(np.uint8)[None, :, None], (64, 1, 3))
    halves = [rising, np.ascontiguousarray(rising[:, ::-1])]
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(40):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(halves[number // 20], format="rgb24")))
        out.mux(stream.encode(None))
    first, middle = parsed(looks_of(path, "video/mp4"))
    assert alike((first,), parsed([look(Image.fromarray(halves[0]))]))
    assert alike((middle,), parsed([look(Image.fromarray(halves[1]))]))
    assert not alike((first,), (middle,))


def test_sound_has_no_look(tmp_path: Path) -> None:
    assert looks_of(tmp_path / "speech.mp3", "audio/mpeg") == []
    assert not alike((), ())
