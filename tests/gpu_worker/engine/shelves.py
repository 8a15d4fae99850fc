"""Models of nothing but a manifest."""

from pathlib import Path

from gpu_worker.shelf import Shelf, ShelfEntry


def put(folder: Path, name: str, size: int) -> None:
    (folder / name).mkdir(parents=True)
    Shelf(folder).put(ShelfEntry(name=name, kind="pipeline", family="sdxl", path=folder / name, bytes=size))
