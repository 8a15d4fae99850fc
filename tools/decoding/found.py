"""What did decoding find? The answer that the process of its own gives, and why a file is not taken."""

from dataclasses import dataclass
from typing import Literal

# too_large: more pixels than we decode; broken: it cannot be decoded; unwanted: a kind that is not taken.
Problem = Literal["too_large", "too_long", "broken", "archive", "unwanted"]
# keep: a clean copy; shrink: a picture as JPEG, for models; small: a picture, or a moment of a film, as WebP, for pages.
Task = Literal["keep", "shrink", "small"]


@dataclass(frozen=True, slots=True)
class Found:
    """What was decoded; the clean copy lies in the file that was asked for."""

    kind: Literal["picture", "voice", "video", "document"]
    mime: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    text: str = ""
    look: str = ""  # of a picture, where that was asked for (memory.looks)


class NotTaken(Exception):
    """Ends the decoding; it never leaves the process."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem
