"""How is a file of sound or pictures opened? As what it is, and nothing but it.

A playlist would have the decoder open other files and addresses that it names, whoever sent it: so no format is read that
names any.
"""

from pathlib import Path

import av
from av.container import InputContainer

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,wav,mp3,ogg,flac,aac,caf,aiff,gif"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}


def open_media(path: Path) -> InputContainer:
    """Raises av.FFmpegError for what cannot be read, or may not."""
    return av.open(str(path), "r", options=_OPTIONS)
