"""The process that runs faster-whisper: `python -m agents.whispering` reads one request from stdin, writes one answer.

    {"model": SIZE or FOLDER, "path": PATH} -> {"text": ...} or {"unavailable": why}

Weights are never downloaded: they lie in a folder, or in the hub's cache since somebody put them there.
"""

import json
import sys

from gator.rooms import assert_ours


def transcribe(model: str, path: str) -> dict[str, str]:
    """The words of the recording, or why there is no model to hear it."""
    from faster_whisper import WhisperModel

    try:
        listener = WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
    except (OSError, ValueError, RuntimeError) as missing:
        return {"unavailable": str(missing).splitlines()[0][:200]}
    segments, _ = listener.transcribe(path, vad_filter=False)
    return {"text": " ".join(segment.text.strip() for segment in segments)}


def main() -> None:
    assert_ours()
    asked = json.load(sys.stdin)
    json.dump(transcribe(asked["model"], asked["path"]), sys.stdout)


if __name__ == "__main__":
    main()
