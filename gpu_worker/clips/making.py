"""Clips by diffusers: the maker of `video.clip` on a device. An order and its seed give the same clip again.

`families` says what a family can, `loading` has the weights, `pieces` plans long clips, `words` reads the prompt, `writing`
makes the file. Each piece is written before the next one is begun, so memory does not grow with the length; a piece that an
earlier attempt finished is taken as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from gator.errors import Refused
from gpu_worker.clips import words, writing
from gpu_worker.clips.families import Task
from gpu_worker.clips.loading import LoadedClips
from gpu_worker.clips.pieces import Piece, plan
from gpu_worker.engine.maker import Loaded, Made, Order, Spare, Step
from gpu_worker.jobs import MakeClip, Payload
from gpu_worker.pictures import images
from gpu_worker.placed import give_back
from gpu_worker.shelf import ShelfEntry
from gpu_worker.stamping import source_types
from gpu_worker.studio import Draft

_ALT_CHARACTERS = 400
_FRAMES_AT_ONCE, _FEW_FRAMES = 4, 2  # that SVD decodes together: it evens out what it sees side by side
_MOST_GAIN, _MOST_SHIFT = 1.25, 0.1  # by which a piece's colours are brought to those of the one before
_TIMESTEP, _NOISE = 0.05, 0.025  # at which LTX 0.9.1 and later decode (diffusers' docs of LTX)


class ClipMaker:
    """See gpu_worker.engine.maker.Maker."""

    def together(self, one: Payload, other: Payload) -> bool:  # noqa: ARG002 - a clip fills a device by itself
        return False

    def load(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> LoadedClips:
        return LoadedClips(entry, device, spare, rooms)

    def make(self, loaded: Loaded, orders: Sequence[Order], step: Step) -> list[Made]:
        assert isinstance(loaded, LoadedClips)
        try:
            with torch.inference_mode():
                return [_Clip(loaded, order, step, place, len(orders)).make() for place, order in enumerate(orders)]
        except BaseException:
            # Out of memory or cancelled: what was half made must be gone before the next one is tried.
            loaded.rest()
            give_back(loaded.device)
            raise


class _Clip:
    """One order. `place` among `of` that are made one after another."""

    def __init__(self, loaded: LoadedClips, order: Order, step: Step, place: int, of: int) -> None:
        assert isinstance(order.payload, MakeClip)
        self._loaded, self._order, self._step = loaded, order, step
        self._place, self._of = place, of
        self._asked: MakeClip = order.payload
        self._size = (self._asked.width, self._asked.height)
        self._check()
        self._made_size = loaded.fixed_size or images.on_grid(self._size, loaded.grid)
        self._pieces = plan(self._asked.frames, loaded.family, order.seed, loaded.most_frames)
        own = self._asked.brought or loaded.entry.defaults  # as it was when the order was given
        self._guidance = _first(self._asked.guidance, own.guidance, loaded.family.guidance)
        self._steps = self._asked.steps or own.steps or loaded.family.steps
        self._negative = self._asked.negative or own.negative if loaded.family.words else ""

    def make(self) -> Draft:
        before = self._start()
        self._folder.mkdir(parents=True, exist_ok=True)
        files = []
        for piece in self._pieces:
            file, last = self._folder / f"piece{piece.place}.mp4", self._folder / f"piece{piece.place}.png"
            if not (file.is_file() and last.is_file()):
                self._make_piece(piece, before, file, last)
            self._done(piece, self._steps, self._steps)
            files.append(file)
            before = images.opened(last)
            if len(files) < len(self._pieces):
                self._order.pause()
        return self._joined(files)

    @property
    def _folder(self) -> Path:
        return self._order.kept or self._order.scratch

    def _check(self) -> None:
        begins, asked = self._loaded.begins_from, self._asked
        if asked.width % 2 or asked.height % 2:
            raise Refused("The sides of a clip are even numbers of pixels.", remedy="Add a pixel.")
        if not asked.start and "text" not in begins:
            raise Refused(f"{asked.model} makes clips from a picture only.", remedy="Say which picture to start from.")
        if asked.start and "image" not in begins:
            raise Refused(f"{asked.model} makes clips from words only.", remedy="Leave the picture out.")
        if asked.frames > self._loaded.most_frames and "image" not in begins:
            raise Refused(
                f"{asked.model} makes {self._loaded.most_frames} frames at once and cannot go on from a picture.",
                remedy="Ask for a shorter clip, or use a model that starts from pictures.",
            )

    def _start(self) -> Image.Image | None:
        if not self._asked.start:
            return None
        try:
            return images.opened(self._order.files[self._asked.start])
        except (OSError, ValueError) as wrong:
            raise Refused(f"The asset {self._asked.start} cannot be used as a picture: {wrong}.") from wrong

    def _make_piece(self, piece: Piece, before: Image.Image | None, file: Path, last: Path) -> None:
        frames = self._denoise(piece, before)
        if before is not None and piece.place:
            _match(frames, self._fitted(before))
        frames = frames[piece.begins : piece.begins + piece.shown]
        shown: np.ndarray[Any, Any] = np.empty(0)

        def pixels() -> Iterator[writing.Pixels]:
            nonlocal shown
            for frame in frames:
                shown = self._cut(frame)
                yield shown

        writing.write(file, pixels(), self._asked.fps, self._size)
        new = last.with_suffix(".part")
        images.write(Image.fromarray(shown), new)
        new.replace(last)  # behind the piece itself: where it is, both are whole

    def _denoise(self, piece: Piece, before: Image.Image | None) -> torch.Tensor:
        """Frames, colours, high, wide; 0 to 1."""
        loaded = self._loaded
        task: Task = "text" if before is None else "image"
        pipe = loaded.pipeline(task)
        told = words.told(loaded, pipe, self._asked.prompt, self._negative, self._guidance)
        told |= self._inputs(piece, before)

        def on_step(pipe: Any, done: int, _time: Any, told: dict[str, Any]) -> dict[str, Any]:
            self._done(piece, done + 1, pipe.num_timesteps)
            return told

        frames: torch.Tensor = pipe(**told, output_type="pt", callback_on_step_end=on_step).frames[0]
        loaded.rest()
        if not bool(torch.isfinite(frames).all()):
            raise Refused(f"{self._asked.model} gave no picture: its numbers overflowed.", remedy="Try another seed.")
        return frames.float()

    def _inputs(self, piece: Piece, before: Image.Image | None) -> dict[str, Any]:
        family = self._loaded.family
        told: dict[str, Any] = {
            "width": self._made_size[0], "height": self._made_size[1], "num_frames": piece.made,
            "num_inference_steps": self._steps, family.scale: self._guidance,
            "generator": torch.Generator("cpu").manual_seed(piece.seed),
        }  # fmt: skip
        if before is not None:
            told["image"] = self._fitted(before)
        if family.name == "svd":
            told["min_guidance_scale"] = min(1.0, self._guidance)
            told["fps"] = min(max(self._asked.fps, 5), 30)  # what its card says that it heeds
            told["decode_chunk_size"] = _FEW_FRAMES if self._loaded.sparing else _FRAMES_AT_ONCE
        if family.name == "ltx":
            told["frame_rate"] = self._asked.fps
            if self._loaded.pipe.vae.config.timestep_conditioning:
                told |= {"decode_timestep": _TIMESTEP, "decode_noise_scale": _NOISE}
        return told

    def _fitted(self, picture: Image.Image) -> Image.Image:
        """As the model takes it: what is seen of it in the middle is what the clip will show."""
        if self._loaded.fixed_size:
            return images.covering(picture, self._made_size)
        seen = images.covering(picture, self._size) if picture.size != self._size else picture
        return _padded(seen, self._made_size)

    def _cut(self, frame: torch.Tensor) -> writing.Pixels:
        made = (frame.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
        if made.shape[:2] == self._size[::-1]:
            return np.asarray(made)
        picture = Image.fromarray(made)
        fit = images.covering if self._loaded.fixed_size else images.cut
        return np.asarray(fit(picture, self._size))

    def _done(self, piece: Piece, done: int, of: int) -> None:
        before = self._place * len(self._pieces) + piece.place
        self._step(before * of + done, self._of * len(self._pieces) * of)

    def _joined(self, files: list[Path]) -> Draft:
        path = self._order.scratch / "clip.mp4"
        writing.join(files, path, self._asked.fps)
        found = writing.measured(path)
        if found != (self._asked.frames, *self._size):
            raise RuntimeError(f"the clip came out as {found}, not as planned: {self._asked.frames}, {self._size}")
        alt = (
            f"AI-generated clip: {self._asked.prompt}"[:_ALT_CHARACTERS] if self._asked.prompt else "AI-generated clip"
        )
        seconds = self._asked.frames / self._asked.fps
        return Draft(path, "video/mp4", *self._size, seconds, provenance=self._provenance(), alt_text=alt)

    def _provenance(self) -> dict[str, Any]:
        loaded, asked = self._loaded, self._asked
        told: dict[str, Any] = {
            "digital_source_type": source_types.LEARNT,
            "ai_label": writing.AI_LABEL,
            "engine": f"diffusers {version('diffusers')}",
            "model": loaded.model,
            "revision": loaded.entry.revision,
            "licence": loaded.entry.licence,
            "prompt": asked.prompt if loaded.family.words else "",
            "negative": self._negative,
            "steps": self._steps,
            "guidance": self._guidance,
            "sampler": type(loaded.pipe.scheduler).__name__,
            "files": asked.brought.files if asked.brought else None,
            "frames": asked.frames,
            "fps": asked.fps,
            "pieces": [{"frames": one.shown, "seed": one.seed} for one in self._pieces],
        }
        return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def _match(frames: torch.Tensor, before: Image.Image) -> None:
    """Bring the colours, in place, to where its first frame looks like the frame that it goes on from.

    A model shows that frame again a little paler or darker; over many pieces a clip would fade or glare.
    """
    aim = torch.from_numpy(np.asarray(before, dtype=np.float32) / 255).permute(2, 0, 1).to(frames.device)
    first = frames[0]
    spread = aim.std((1, 2)) / first.std((1, 2)).clamp_min(1e-3)
    gain = spread.clamp(1 / _MOST_GAIN, _MOST_GAIN)
    shift = (aim.mean((1, 2)) - first.mean((1, 2)) * gain).clamp(-_MOST_SHIFT, _MOST_SHIFT)
    frames.mul_(gain[:, None, None]).add_(shift[:, None, None])


def _padded(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """In the middle of a frame that repeats its edge; no pixel of it is moved."""
    if picture.size == size:
        return picture
    across, down = size[0] - picture.width, size[1] - picture.height
    sides = ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
    return Image.fromarray(np.pad(np.asarray(picture), sides, mode="edge"))


def _first(*told: float | None) -> float:
    return next(one for one in told if one is not None)


maker = ClipMaker()
