"""What does a safetensors file hold? Its header says it, so nothing of the weights is read and torch is not needed.

The format: eight bytes with the length of a JSON header, the header, then the numbers
(https://huggingface.co/docs/safetensors, "Format").
"""

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gator.errors import Refused

_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
_LONGEST_HEADER = 100 * 2**20  # what the format's own library takes


def header(file: Path) -> dict[str, Any]:
    """What each tensor is, by name. Raises Refused for a file that is no safetensors, whatever its name says."""
    size = file.stat().st_size
    try:
        with file.open("rb") as data:
            (length,) = struct.unpack("<Q", data.read(8))
            if not 2 <= length <= min(_LONGEST_HEADER, size - 8):
                raise ValueError("no header")
            told: dict[str, Any] = json.loads(data.read(length))
        told.pop("__metadata__", None)
        ends = [one["data_offsets"][1] for one in told.values()]
    except (struct.error, ValueError, KeyError, TypeError, AttributeError, IndexError) as wrong:
        raise Refused(f"{file.name} is not a safetensors file, though it is named one.") from wrong
    if 8 + length + max(ends, default=0) != size:
        raise Refused(f"{file.name} is not whole: its header speaks of more or less than there is.")
    return told


def parameters(file: Path) -> int:
    """How many numbers it holds."""
    return sum(math.prod(one["shape"]) for one in header(file).values())


def parts(folder: Path) -> dict[str, int]:
    """How many numbers each part of a model holds, by the part's folder; "" is the model's own.

    Raises Refused for a file that cannot be read.
    """
    found: dict[str, int] = {}
    for file in _files(folder):
        part = file.relative_to(folder).parts[0] if file.parent != folder else ""
        found[part] = found.get(part, 0) + parameters(file)
    return found


def converted_bytes(folder: Path, precision: str) -> int:
    """What reading a diffusers folder in that precision ("BF16", "F16", "F32") takes of the machine's memory.

    Numbers that the files hold in it take none: they stay there until a device fetches them (measured: 14 MB for 1.6 GB, where
    another precision takes the whole). Raises Refused for a file that cannot be read.
    """
    files = (file for file in folder.glob("*/*.safetensors") if "." not in file.stem)  # with a dot it is a variant
    held = (one for file in files for one in header(file).values())
    others = (one for one in held if "F" in one["dtype"] and one["dtype"] != precision)
    return sum(math.prod(one["shape"]) * _BYTES[precision] for one in others)


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.rglob("*.safetensors")))
