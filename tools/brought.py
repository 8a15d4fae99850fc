"""Is what made a picture still the same? What the models of an order bring of their own, kept with the order.

Asked where pictures and clips are ordered (`tools.orders`). Their makers go by it (`gpu_worker.pictures`, `gpu_worker.clips`), so
that the same order and seed make the same again though a model's defaults were changed; what changed of its files is told.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress

from gator.settings import Settings
from gpu_worker.jobs import PROVIDERS, Brought, MakeClip, MakePicture
from gpu_worker.shelf import MANIFEST, Shelf, ShelfEntry, shelf
from memory.models import Job
from memory.work import Work

_WORKFLOW = "ComfyUI's workflow"
_CHANGED = "{what} changed since then, so it will not look the same."


def with_brought(payload: MakePicture | MakeClip, settings: Settings) -> tuple[MakePicture | MakeClip, str]:
    """The order with what its models bring, as before where it is another take; and what is to be said of that.

    Raises NotFound for what is loaded with a model and is not here; a model itself another machine may have.
    """
    then, now = payload.brought, _brought(payload, settings)
    if then is None or now is None:
        return payload.model_copy(update={"brought": now}), ""
    changed = [name for name, seen in now.files.items() if then.files.get(name, seen) != seen]
    kept = then.model_copy(update={"files": now.files})
    return payload.model_copy(update={"brought": kept}), _CHANGED.format(what=", ".join(changed)) if changed else ""


async def as_made(work: Work, before: Job, brought: Brought | None) -> Brought | None:
    """With the steps and the guidance that it was really made with."""
    asset = (await work.assets.by_ids([before.asset_id or ""])).get(before.asset_id or "")
    if brought is None or asset is None:
        return brought
    told = {name: asset.provenance.get(name) for name in ("steps", "guidance")}
    return brought.model_copy(update={name: value for name, value in told.items() if value is not None})


def _brought(payload: MakePicture | MakeClip, settings: Settings) -> Brought | None:
    provider = payload.model.partition(":")[0]
    if provider in PROVIDERS:
        return Brought(files=_workflow(settings) if provider == "comfyui" else {})
    there = shelf(settings)
    entry = next((one for one in there.entries() if one.name == payload.model), None)
    if entry is None:
        return None
    files = {one.name: _fingerprint(one) for one in (entry, *_beside(payload, entry, there))}
    own = entry.defaults
    return Brought(steps=own.steps, guidance=own.guidance, negative=own.negative, files=files)


def _beside(payload: MakePicture | MakeClip, entry: ShelfEntry, there: Shelf) -> Iterator[ShelfEntry]:
    """What is loaded with the model for this order."""
    if isinstance(payload, MakeClip):
        return
    yield from (there.get(one.name) for one in payload.loras)
    if payload.control:
        yield there.get(payload.control.name)
    if payload.references:
        yield from there.entries("ip-adapter", entry.family)[:1]
    if payload.upscale > 1:
        yield from there.entries("upscaler")[:1]


def _fingerprint(entry: ShelfEntry) -> str:
    """Another one where its files are others: by their hashes where they were pulled, else by their sizes and times."""
    parts = [f"{name} {digest}" for name, digest in entry.sha256.items()]
    if not parts:
        files = (one for one in entry.path.rglob("*") if one.is_file() and one.name != MANIFEST)
        told = ((one.relative_to(entry.path), one.stat()) for one in files)
        with suppress(FileNotFoundError):  # it is being put there or taken away
            parts = [f"{name} {about.st_size} {about.st_mtime_ns}" for name, about in told]
    return _digest("\n".join([entry.revision, *entry.trigger_words, *sorted(parts)]).encode())


def _workflow(settings: Settings) -> dict[str, str]:
    try:
        return {_WORKFLOW: _digest(settings.comfyui_workflow.read_bytes())} if settings.comfyui_workflow else {}
    except OSError:  # whoever makes the picture says so
        return {}


def _digest(told: bytes) -> str:
    return hashlib.blake2b(told, digest_size=8).hexdigest()
