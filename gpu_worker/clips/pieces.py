"""In which pieces is a long clip made? Each begins with the last frame of the one before, and leaves it out."""

import hashlib
from dataclasses import dataclass

from gpu_worker.clips.families import Family


@dataclass(frozen=True, slots=True)
class Piece:
    """`made` frames come from the model, of which `shown` are the clip's: a later piece's first one was seen before."""

    place: int
    made: int
    shown: int
    seed: int

    @property
    def begins(self) -> int:
        """The first frame of it that is shown."""
        return 1 if self.place else 0


def plan(frames: int, family: Family, seed: int, most: int = 0) -> list[Piece]:
    """About equally long ones: a short last one would be made badly. `most` frames at once; 0: the family's own."""
    most = most or family.frames
    steps = max(most - 1, 1)
    count = max(1, -(-(frames - 1) // steps))
    pieces, left = [], frames - 1  # beside the very first frame
    for place in range(count):
        new = -(-left // (count - place))
        left -= new
        shown = new if place else new + 1
        pieces.append(Piece(place, min(family.rounded(new + 1), max(most, 1)), shown, _seed(seed, place)))
    return pieces


def _seed(seed: int, place: int) -> int:
    """The clip's own for the first piece; others would move alike with it."""
    if not place:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed} {place}".encode()).digest()[:6])
