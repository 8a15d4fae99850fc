"""What does a video cost? `python -m bench.video [reel|4k]`: seconds, CPU and memory, beside a plain encode of as many frames.

`reel` is 30 s of 1080 x 1920 at 30 frames a second of six stills with motion, speech and captions; `4k` is a minute of
3840 x 2160 at 60. The plain encode gives the same encoder one still frame of noise after another, with no sound.
"""

import argparse
import asyncio
import json
import math
import resource
import subprocess
import sys
import tempfile
import threading
import time
import wave
from fractions import Fraction
from pathlib import Path

from gpu_worker.edit_list import EditList, Music, Scene, Speech, Title, Transition
from gpu_worker.jobs import MakeVideo

TEXT = (
    "Good morning from the roof garden. The bees are out already, and so am I, with a cup of coffee and a notebook. "
    "Here are three small things that I learnt this week. First, water the herbs before nine. Second, leave the "
    "dandelions where they are, for they are breakfast to somebody. Third, sit down for five minutes and listen. "
    "That is all there is to it. See you tomorrow, at the same hour and in the same place."
)


async def render(kind: str, folder: Path) -> dict[str, float]:
    """Make the video in this process and tell what it took."""
    from gpu_worker import video
    from tests.gpu_worker.bench_studio import Bench, claim

    bench = Bench(folder)
    size, fps, seconds = ((1080, 1920), 30, 30.0) if kind == "reel" else ((3840, 2160), 60, 60.0)
    speech = bench.put(hum(folder, seconds - 1), "voice", provenance={"text": TEXT})
    stills = [bench.put(path, "picture") for path in pictures(folder, size)]
    edit = EditList(
        width=size[0],
        height=size[1],
        fps=fps,
        duration_s=seconds,
        scenes=tuple(
            Scene(asset=asset, motion="zoom_out" if place % 2 else "zoom_in", transition=Transition(kind="fade"))
            for place, asset in enumerate(stills)
        ),
        speech=(Speech(asset=speech),),
        music=Music(asset=speech, gain_db=-12),
        titles=(Title(text="Three small things", at_s=0.5),),
    )
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.to_thread(video._make, claim(MakeVideo(edit=edit)), bench.studio(), threading.Event())
    took, spent = time.monotonic() - began, time.process_time() - cpu
    return {"video_s": edit.duration_s or 0.0, "wall_s": took, "cpu_s": spent, "peak_rss_mb": peak_mb()}


def hum(folder: Path, seconds: float) -> Path:
    """A recording that stands for a voice: its words are spread over it."""
    path = folder / "voice.wav"
    period = b"".join(
        round(6000 * math.sin(2 * math.pi * at / 96)).to_bytes(2, "little", signed=True) for at in range(96)
    )
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(24_000)
        out.writeframes(period * round(seconds * 250))
    return path


def pictures(folder: Path, size: tuple[int, int]) -> list[Path]:
    """Six pictures with as much detail as photographs have."""
    import numpy as np
    from PIL import Image

    paths = []
    for place in range(6):
        rough = np.random.default_rng(place).integers(0, 255, (size[1] // 16, size[0] // 16, 3), dtype=np.uint8)
        paths.append(folder / f"still{place}.jpg")
        Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC).save(paths[-1], quality=92)
    return paths


def encode(kind: str, folder: Path) -> dict[str, float]:
    """The encoder alone: as many frames of one still, shifted a little each time."""
    import av
    import numpy as np

    size, fps, count = ((1080, 1920), 30, 900) if kind == "reel" else ((3840, 2160), 60, 3600)
    planes = np.random.default_rng(0).integers(60, 180, (size[1] * 3 // 2 // 16 + 1, size[0] // 16 + 8), dtype=np.uint8)
    large = np.kron(planes, np.ones((16, 16), np.uint8))
    began, cpu = time.monotonic(), time.process_time()
    with av.open(str(folder / "plain.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"preset": "veryfast", "crf": "21"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(count):
            shifted = np.ascontiguousarray(large[: size[1] * 3 // 2, number % 64 : number % 64 + size[0]])
            frame = av.VideoFrame.from_ndarray(shifted, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    took, spent = time.monotonic() - began, time.process_time() - cpu
    return {"wall_s": took, "cpu_s": spent, "peak_rss_mb": peak_mb()}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Each in a process of its own, so that their memory is theirs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("reel", "4k"), nargs="?", default="reel")
    parser.add_argument("--part", choices=("made", "plain"), help="only this one, in this process")
    told = parser.parse_args()
    if told.part:
        with tempfile.TemporaryDirectory() as folder:
            made = told.part == "made"
            print(json.dumps(asyncio.run(render(told.kind, Path(folder))) if made else encode(told.kind, Path(folder))))
        return
    for part in ("made", "plain"):
        command = [sys.executable, "-m", "bench.video", told.kind, "--part", part]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        figures = json.loads(said.splitlines()[-1])
        print(f"{told.kind} {part}: " + ", ".join(f"{name} {value:.1f}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
