"""The process of its own: `python -m tools.decoding` reads one request from stdin and writes one answer to stdout.

    {"path", "to", "longest_px", "do", "looked", "longest_sound_s", "longest_film_s"} -> Found as JSON, or {"problem": ...}

Memory, CPU time and files are bounded and the network is shut before the first byte of the file is read: the worst that
it can do is to end this process.
"""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from gator.rooms import assert_ours
from tools.decoding.found import Found, NotTaken
from tools.decoding.kinds import HEAD_BYTES, kind_of

_MEMORY_BYTES = 1 << 30
_CPU_S = 45  # ten minutes of sound take five
_FILE_BYTES = 96 << 20


def decode(asked: dict[str, Any]) -> Found:
    """What the file is, with a clean copy of it at `to`. Raises NotTaken. Decoders are loaded for the kind at hand only."""
    path, to = Path(asked["path"]), Path(asked["to"])
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind.family == "picture":
        from tools.decoding import pictures

        return pictures.keep(path, to, kind.format, asked["longest_px"], asked["do"], asked["looked"])
    if kind.family == "sound":
        from tools.decoding import sounds

        return sounds.keep(path, to, kind.format, asked["longest_sound_s"])
    if kind.family == "film":
        from tools.decoding import films

        if asked["do"] == "small":
            return films.small(path, to, kind.format, asked["longest_px"])
        return films.keep(path, to, kind.format, asked["longest_film_s"], asked["longest_sound_s"])
    if kind.family in ("archive", "other"):
        raise NotTaken("archive" if kind.family == "archive" else "unwanted")
    from tools.decoding import writings

    return writings.keep_pdf(path, to) if kind.family == "pdf" else writings.keep_text(path, to)


def _shut(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        raise PermissionError(f"{event} in the process that reads strangers' files")


def _confine() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_shut)


def main() -> None:
    assert_ours()
    asked = orjson.loads(sys.stdin.buffer.read())
    _confine()
    try:
        answer = asdict(decode(asked))
    except NotTaken as no:
        answer = {"problem": no.problem}
    except MemoryError:
        answer = {"problem": "too_large"}
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()
