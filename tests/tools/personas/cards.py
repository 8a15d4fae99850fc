"""Cards for tests, built in code: V1, V2, V3 as JSON, PNG, APNG and CharX, with keys that nobody knows."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

V1: dict[str, Any] = {
    "name": "Vera Holm",
    "description": "Vera is a 41-year-old lighthouse engineer.\nShe has {{user}} over for tea.",
    "personality": "patient, wry, exact",
    "scenario": "A storm is coming in.",
    "first_mes": "Shut the door, {{user}}, the wind is rude today.",
    "mes_example": "<START>\n{{user}}: hello\n{{char}}: Evening.",
    "made_with": {"tool": "unknown", "numbers": [1, 2.5, None, True]},
}

ENTRY: dict[str, Any] = {
    "id": 7,
    "keys": ["lamp", "light"],
    "secondary_keys": ["storm"],
    "comment": "the lamp",
    "content": "@@activate_only_after 2\n@@unknown_to_us 4\n\nThe lamp has a name: Agnes.",
    "constant": False,
    "selective": True,
    "insertion_order": 30,
    "enabled": True,
    "position": "after_char",
    "use_regex": False,
    "extensions": {
        "sticky": 2,
        "cooldown": 3,
        "delay": None,
        "selectiveLogic": 3,
        "probability": 80,
        "mystery": {"a": 1},
    },
    "odd_key": "kept",
}

TEA = {"keys": ["tea"], "content": "Tea is black.", "extensions": {}, "enabled": False, "insertion_order": 1}

V2: dict[str, Any] = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "name": "Vera Holm",
    "top_level_extra": [1],
    "data": {
        **{key: value for key, value in V1.items() if key != "made_with"},
        "creator_notes": "Made on a train.",
        "system_prompt": "Stay in character. {{original}}",
        "post_history_instructions": "Keep it short.",
        "alternate_greetings": ["You again.", "Mind the step."],
        "tags": ["sea", "engineer"],
        "creator": "somebody",
        "character_version": "1.4",
        "extensions": {"depth_prompt": {"prompt": "", "depth": 4}, "other_app/voice": {"pitch": 3}},
        "character_book": {
            "name": "The rock",
            "scan_depth": 5,
            "token_budget": 300,
            "recursive_scanning": False,
            "extensions": {"book_extra": True},
            "entries": [
                ENTRY,
                {"keys": ["tea"], "content": "Tea is black.", "extensions": {}, "enabled": False, "insertion_order": 1},
            ],
        },
        "unknown_to_all": {"deep": [[["x"]]]},
    },
}

V3: dict[str, Any] = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        **V2["data"],
        "nickname": "Vee",
        "creator_notes_multilingual": {"de": "Im Zug gemacht."},
        "source": ["https://example.org/vera"],
        "group_only_greetings": ["All of you, then."],
        "creation_date": 1700000000,
        "assets": [
            {"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"},
            {"type": "x_odd", "uri": "embeded://assets/other/other/odd.bin", "name": "odd", "ext": "unknown"},
        ],
    },
}


def changed(card: Mapping[str, Any], **data: Any) -> dict[str, Any]:
    """The card with other fields."""
    copy: dict[str, Any] = json.loads(json.dumps(card))
    copy.get("data", copy).update(data)
    return copy


def chunk(kind: bytes, data: bytes, *, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return struct.pack(">I4s", size, kind) + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def text_chunk(keyword: str, card: Mapping[str, Any], kind: str = "tEXt") -> bytes:
    """A chunk that carries the card: as V1 to V3 have it (tEXt), or packed as other programs write it."""
    text = base64.b64encode(json.dumps(card).encode())
    name = keyword.encode() + b"\0"
    data = {
        "tEXt": name + text,
        "zTXt": name + b"\0" + zlib.compress(text),
        "iTXt": name + b"\0\0\0\0" + text,
        "iTXt packed": name + b"\1\0en\0\0" + zlib.compress(text),
    }[kind]
    return chunk(kind[:4].encode(), data)


def png(*extra: bytes, animated: bool = False) -> bytes:
    """A small grey PNG (or APNG of one frame) with chunks of your own behind its header."""
    pixels = zlib.compress(b"".join(b"\0" + bytes(8) for _ in range(8)))
    frame = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0)
    animation = chunk(b"acTL", struct.pack(">II", 1, 0)) + chunk(b"fcTL", frame) if animated else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
        + b"".join(extra)
        + animation
        + chunk(b"IDAT", pixels)
        + chunk(b"tIME", b"\x07\xe8\x01\x01\0\0\0")
        + chunk(b"IEND", b"")
    )


def charx(card: Mapping[str, Any] | bytes, files: Mapping[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", card if isinstance(card, bytes) else json.dumps(card))
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


ASSETS = {"assets/icon/images/main.png": png(), "assets/other/other/odd.bin": bytes(range(256)), "risu.json": b"{}"}
