"""How does a finished file look? Hashes of a picture, or of a video's first and middle frame (`memory.looks`)."""

from pathlib import Path
from typing import TYPE_CHECKING

from memory.looks import look

if TYPE_CHECKING:
    from av import VideoFrame


def looks_of(path: Path, mime: str) -> list[str]:
    """The hashes, in order; none for sound."""
    if mime.startswith("image/"):
        return [_picture(path)]
    return _frames(path) if mime.startswith("video/") else []


def _picture(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as picture:
        return look(picture)


def _frames(path: Path) -> list[str]:
    """Of the first frame, and of the first at or after the middle: two frames and a seek, however long the video is."""
    import av

    with av.open(str(path)) as container:
        video = container.streams.video[0]
        first = next(container.decode(video))
        found = [_frame(first)]
        if video.duration:
            middle = (video.start_time or 0) + video.duration // 2
            container.seek(middle, stream=video)
            there = (frame for frame in container.decode(video) if frame.pts is not None and frame.pts >= middle)
            found.append(_frame(next(there, first)))
    return found


def _frame(frame: "VideoFrame") -> str:
    from PIL import Image

    return look(Image.fromarray(frame.to_ndarray(format="rgb24")))
