"""The process that runs faster-whisper: `python -m agents.whispering` reads one request from stdin, writes one answer.

    {"model": SIZE or FOLDER, "path": PATH} -> {"text": ...} or {"unavailable": why}

Nothing is ever downloaded: weights lie in a folder, or in the hub's cache since somebody put them there. A folder without a
tokenizer is refused, because the library would fetch one (faster-whisper 1.2.1, `WhisperModel.__init__`).
"""

import json
import os
import sys
from pathlib import Path

from gator.rooms import assert_ours

NEEDED = ("model.bin", "tokenizer.json")


def transcribe(model: str, path: str) -> dict[str, str]:
    """The words of the recording, or why there is no model to hear it."""
    folder = Path(model)
    if folder.is_dir() and (lacking := [name for name in NEEDED if not (folder / name).is_file()]):
        return {"unavailable": f"{', '.join(lacking)} is missing"}
    from faster_whisper import WhisperModel

    try:
        listener = WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
    except (OSError, ValueError, RuntimeError) as missing:
        return {"unavailable": str(missing).splitlines()[0][:200]}
    segments, _ = listener.transcribe(path, vad_filter=False)
    return {"text": " ".join(segment.text.strip() for segment in segments)}


def main() -> None:
    assert_ours()
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's library is imported
    asked = json.load(sys.stdin)
    json.dump(transcribe(asked["model"], asked["path"]), sys.stdout)


if __name__ == "__main__":
    main()
