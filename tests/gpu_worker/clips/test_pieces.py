"""Long clips: planned in pieces, written one by one, joined without a frame lost, doubled or out of its place."""

from pathlib import Path

import av
import numpy as np
import pytest

from gpu_worker.clips import writing
from gpu_worker.clips.families import FAMILIES
from gpu_worker.clips.pieces import plan

SIZE = (64, 48)


@pytest.mark.parametrize("family", list(FAMILIES.values()), ids=lambda family: family.name)
@pytest.mark.parametrize("frames", [1, 2, 25, 81, 82, 240, 3600])
def test_pieces_show_every_frame_once_and_are_about_equally_long(family: object, frames: int) -> None:
    known = FAMILIES[str(getattr(family, "name", ""))]
    pieces = plan(frames, known, 7)

    assert sum(one.shown for one in pieces) == frames
    assert all(one.shown + one.begins <= one.made <= known.frames for one in pieces)
    assert all((one.made - 1) % known.group == 0 for one in pieces)
    news = [one.shown - (not one.place) for one in pieces]
    assert max(news) - min(news) <= 1
    assert len({one.seed for one in pieces}) == len(pieces)
    assert pieces[0].seed == 7
    assert plan(frames, known, 7) == pieces


def grey(value: int) -> writing.Pixels:
    return np.full((SIZE[1], SIZE[0], 3), value, np.uint8)


def test_pieces_are_joined_in_order_without_a_frame_lost_or_doubled(tmp_path: Path) -> None:
    pieces, shown = [], 0
    for place, count in enumerate((5, 1, 8)):
        path = tmp_path / f"piece{place}.mp4"
        assert writing.write(path, (grey(10 + 15 * (shown + n)) for n in range(count)), 8, SIZE) == count
        pieces.append(path)
        shown += count

    writing.join(pieces, tmp_path / "clip.mp4", 8)

    assert writing.measured(tmp_path / "clip.mp4") == (14, *SIZE)
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        stream = clip.streams.video[0]
        decoded = [(float(frame.time or 0), frame.to_ndarray(format="rgb24").mean()) for frame in clip.decode(stream)]
        assert float(stream.average_rate or 0) == 8
    assert [time for time, _ in decoded] == pytest.approx([n / 8 for n in range(14)])
    assert [value for _, value in decoded] == pytest.approx([10 + 15 * n for n in range(14)], abs=3)


def test_a_piece_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def frames() -> object:
        yield grey(1)
        raise MemoryError

    with pytest.raises(MemoryError):
        writing.write(tmp_path / "piece.mp4", frames(), 8, SIZE)  # type: ignore[arg-type]

    assert not [*tmp_path.iterdir()]
