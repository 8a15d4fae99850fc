"""Which frames of a film are looked at? One a second, from its first to its last, within bounds."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from PIL import Image

LEAST, MOST = 8, 32
_SIDE_PX = 768  # what is larger is seen smaller: classifiers look at some 224


def sampled(path: Path) -> Iterator[Image.Image]:
    """At least LEAST frames where it has as many, at most MOST, however long it is; one after another."""
    import av

    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        stream.thread_type = "AUTO"
        rate = stream.average_rate or Fraction(25)
        count = stream.frames or round(float((film.duration or 0) / av.time_base * rate)) or 1
        wanted = iter(_places(count, float(count / rate)))
        place = next(wanted)
        for at, frame in enumerate(film.decode(stream)):
            if at < place:
                continue
            picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
            picture.thumbnail((_SIDE_PX, _SIDE_PX))
            yield picture
            if (following := next(wanted, None)) is None:
                return
            place = following


def _places(count: int, seconds: float) -> list[int]:
    """Numbers of frames, evenly spread, the first and the last among them."""
    many = min(count, max(LEAST, min(MOST, round(seconds) + 1)))
    return sorted({round(n * (count - 1) / max(1, many - 1)) for n in range(many)})
