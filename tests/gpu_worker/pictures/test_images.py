"""Pictures that are started from: as people made them, upright and without holes."""

from pathlib import Path

import pytest
from PIL import Image

from gpu_worker.pictures import images


def test_a_picture_is_turned_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), "red")
    exif = picture.getexif()
    exif[0x0112] = 6  # turned by a quarter
    picture.save(tmp_path / "phone.jpg", exif=exif)

    assert images.opened(tmp_path / "phone.jpg").size == (20, 40)


@pytest.mark.parametrize("format", ["EPS", "TIFF"])
def test_no_file_is_a_picture_that_its_reader_would_start_a_program_for(tmp_path: Path, format: str) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "given", format)
    with pytest.raises(OSError, match="cannot identify"):
        images.opened(tmp_path / "given")


def test_what_is_seen_through_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "empty.png")

    assert images.opened(tmp_path / "empty.png").getpixel((4, 4)) == (255, 255, 255)


def test_a_monstrous_picture_is_refused_before_it_is_read(tmp_path: Path) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "huge.png")

    with pytest.raises(ValueError, match="too large"):
        images.opened(tmp_path / "huge.png")


def test_sizes_go_up_to_the_grid_and_are_cut_back() -> None:
    assert images.on_grid((100, 64), 16) == (112, 64)
    assert images.cut(Image.new("RGB", (112, 64)), (100, 64)).size == (100, 64)
