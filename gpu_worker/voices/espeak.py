"""Speech by eSpeak NG's library, in a process of its own: `python -m gpu_worker.voices.espeak`. Its neighbour is `offline`.

The library is under the GPL (version 3), so nothing else of Gator loads it; and if it falls over, only this process does.
One JSON request on stdin, one JSON answer on stdout, the sound as raw 16-bit mono samples in a file:

    {"do": "voices"} -> {"languages": {"en-us": "en-US", ...}, "variants": ["f1", ...]}
    {"do": "speak", "voice": "en-us+f2", "rate": 175, "pitch": 50, "pieces": ["One.", "Two."], "to": PATH}
        -> {"rate_hz": 22050, "pieces": [{"samples": 31000, "words": [{"at": 0, "sample": 20}, ...]}, ...]}

`at` is where the word begins in its piece, in characters, and `sample` when it is said.
"""

import ctypes
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

# From speak_lib.h of eSpeak NG 1.52.
_RETRIEVAL = 1
_RATE, _PITCH = 1, 3
_POS_CHARACTER = 1
_CHARS_UTF8 = 1
_EVENT_LIST_ENDS, _EVENT_WORD = 0, 1


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    ]


class _Voice(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),  # a byte of priority, a name ending in zero, and so on until a zero priority
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Engine:
    """The library, loaded and ready."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._data = Path(espeakng_loader.get_data_path())
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        # The library wants the folder above the data.
        self.rate_hz = int(self._library.espeak_Initialize(_RETRIEVAL, 200, str(self._data.parent).encode(), 0))
        if self.rate_hz <= 0:
            raise RuntimeError(f"espeak_Initialize gave {self.rate_hz}")

    def voices(self) -> dict[str, Any]:
        languages: dict[str, str] = {}
        listed = self._library.espeak_ListVoices(None)
        for place in range(10_000):
            if not listed[place]:
                break
            voice = listed[place].contents
            for language in _languages(voice.languages):
                languages.setdefault(language.lower(), voice.identifier.decode().rpartition("/")[2])
        variants = sorted(file.name for file in (self._data / "voices" / "!v").iterdir())
        return {"languages": languages, "variants": variants}

    def speak(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._library.espeak_SetVoiceByName(str(request["voice"]).encode()) != 0:
            return {"error": "voice"}
        self._library.espeak_SetParameter(_RATE, int(request["rate"]), 0)
        self._library.espeak_SetParameter(_PITCH, int(request["pitch"]), 0)
        with Path(request["to"]).open("wb") as out:
            pieces = [self._piece(text, out) for text in request["pieces"]]
        return {"rate_hz": self.rate_hz, "pieces": pieces}

    def _piece(self, text: str, out: BinaryIO) -> dict[str, Any]:
        words: list[dict[str, int]] = []
        written = 0

        def take(samples: Any, count: int, events: Any) -> int:
            nonlocal written
            if samples and count > 0:
                written += out.write(ctypes.string_at(samples, count * 2)) // 2
            place = 0
            while events[place].type != _EVENT_LIST_ENDS:
                if events[place].type == _EVENT_WORD:
                    words.append({"at": events[place].text_position - 1, "sample": events[place].sample})
                place += 1
            return 0

        callback = _CALLBACK(take)
        self._library.espeak_SetSynthCallback(callback)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        self._library.espeak_Synchronize()
        return {"samples": written, "words": words}


def _languages(address: int | None) -> list[str]:
    found: list[str] = []
    while address and ctypes.c_ubyte.from_address(address).value:
        name = ctypes.string_at(address + 1)
        found.append(name.decode())
        address += len(name) + 2
    return found


def main() -> None:
    request = json.load(sys.stdin)
    engine = Engine()
    answer = engine.voices() if request["do"] == "voices" else engine.speak(request)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
