"""Tiny models of the real architectures with random weights, made in code: they load from disk and run on a CPU.

`shelf_in(folder)` makes a models folder that has one of each as it is first asked for. The pictures are noise, but every
part of the way is real.
"""

from typing import Any

from gpu_worker.shelf import Shelf, ShelfEntry


class TinyShelf(Shelf):
    """A models folder; `has` makes what is not there yet and gives its entry."""

    def pipeline(self, family: str) -> ShelfEntry:
        """`sd15`, `sdxl`, `sd3`, `flux`, `qwen-image`; or `x4`, the upscaler."""
        from tests.gpu_worker.tiny import pipelines

        if not (self.folder / family).exists():
            pipelines.saved(family, self.folder / family)
            self._put(family, "upscaler" if family == "x4" else "pipeline", family)
        return self.get(family)

    def video(self, name: str) -> ShelfEntry:
        """`svd`, `wan`, `ltx`, `cogvideox`; or `wan-i2v`, `cogvideox-i2v`, which begin from a picture."""
        from tests.gpu_worker.tiny import videos

        if not (self.folder / name).exists():
            videos.saved(name, self.folder / name)
            self._put(name, "video", name.partition("-")[0])
        return self.get(name)

    def added(self, kind: str, family: str, **more: Any) -> ShelfEntry:
        """`lora`, `controlnet` or `ip-adapter` for the family's pipeline."""
        from tests.gpu_worker.tiny import additions

        name = f"{family}-{kind}"
        if not (self.folder / name).exists():
            make = {"lora": additions.lora, "controlnet": additions.controlnet, "ip-adapter": additions.ip_adapter}[
                kind
            ]
            make(family, self._pipe(family), self.folder / name)
            self._put(name, kind, family, **more)
        return self.get(name)

    def _pipe(self, family: str) -> Any:
        import diffusers

        read: Any = diffusers.DiffusionPipeline.from_pretrained
        return read(self.pipeline(family).path, local_files_only=True, use_safetensors=True)

    def _put(self, name: str, kind: str, family: str, **more: Any) -> None:
        told = {"name": name, "kind": kind, "family": family, "path": self.folder / name, "revision": "tiny", **more}
        self.put(ShelfEntry.model_validate(told))
