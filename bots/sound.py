"""How does a voice note become a bubble? As OGG with Opus, which is what Telegram and Discord take.

https://core.telegram.org/bots/api#sendvoice, https://discord.com/developers/docs/resources/message#voice-messages
"""

import io
from collections.abc import Mapping
from pathlib import Path

from gator.errors import Refused

_RATE_HZ = 48_000
_SOURCE_TYPE = "DIGITALSOURCETYPE"  # the tag in which a made sound says that a machine made it
_BITS_PER_S = 32_000  # speech; what Telegram's own clients record at


def is_bubble(mime: str) -> bool:
    return mime.split(";")[0].strip().lower() in ("audio/ogg", "audio/opus", "application/ogg")


def as_bubble(path: Path) -> bytes:
    """The sound as OGG with Opus, mono, still saying that it was made, if it was. Slow: for a thread.

    Raises Refused for what is no sound.
    """
    import av

    out = io.BytesIO()
    try:
        with av.open(str(path)) as source, av.open(out, "w", format="ogg") as sink:
            sink.metadata.update(_label(source.metadata))
            stream = sink.add_stream("libopus", rate=_RATE_HZ, layout="mono")
            stream.bit_rate = _BITS_PER_S
            resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE_HZ)
            for frame in source.decode(source.streams.audio[0]):
                for part in resampler.resample(frame):
                    sink.mux(stream.encode(part))
            for part in resampler.resample(None):
                sink.mux(stream.encode(part))
            sink.mux(stream.encode(None))
    except (av.FFmpegError, IndexError) as broken:
        raise Refused("The voice note is no sound that can be played.") from broken
    return out.getvalue()


def _label(tags: Mapping[str, str]) -> dict[str, str]:
    comment = tags.get("comment", "")
    told = {_SOURCE_TYPE: tags.get(_SOURCE_TYPE, ""), "comment": comment if comment.startswith("AI-generated") else ""}
    return {name: value for name, value in told.items() if value}
