"""What would be pulled? The model's name, kind, family, licence, files and size, before anything is fetched."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from gator.errors import Refused
from gator.settings import Settings
from gpu_worker.jobs import PROVIDERS
from gpu_worker.known_models import KnownModel, known_models
from gpu_worker.licences import Licence
from gpu_worker.pulling.choosing import INDEX, choose
from gpu_worker.pulling.folder import FolderSource
from gpu_worker.pulling.hub import HubSource, is_repository
from gpu_worker.pulling.listing import Source, Wanted
from gpu_worker.shelf import Defaults, Kind, told_by_index

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TYPES = {"lora": "lora", "controlnet": "controlnet", "ip-adapter": "ip-adapter"}  # words of tags and names → kind
_CONTROL_NETS = {"ControlNetModel": None, "FluxControlNetModel": "flux", "SD3ControlNetModel": "sd3"}


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants: `what` is a known name, a hub's owner/name or a folder; the rest may be left out."""

    what: str
    revision: str = ""
    files: tuple[str, ...] = ()
    name: str = ""
    kind: str = ""
    family: str = ""
    licence: str = ""  # of a folder that does not say
    from_folder: bool = True  # whether a folder of this machine may be named


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is."""

    name: str
    kind: Kind
    family: str
    source: Source
    wanted: tuple[Wanted, ...]
    defaults: Defaults

    @property
    def licence(self) -> Licence:
        return self.source.licence

    @property
    def bytes(self) -> int:
        return sum(one.file.size for one in self.wanted)


def look(order: Order, settings: Settings) -> Offer:
    """Ask the source. Raises NotFound, Forbidden for a gated one, Refused for what cannot be used, Unavailable."""
    known = known_models().get(order.what)
    source = _source(order, known, settings)
    index = _json(source, INDEX)
    chosen = choose(source.files, index, order.files or (known.files if known else ()))
    kind, family = _what_it_is(order, known, source, index)
    told = source.hints.manifest.get("defaults")
    defaults = known.defaults if known else Defaults.model_validate(told) if told else Defaults()
    return Offer(_named(order, known, source), kind, family, source, tuple(chosen), defaults)


def _source(order: Order, known: KnownModel | None, settings: Settings) -> Source:
    if known:
        return HubSource(settings, known.source, order.revision)
    looks_like_path = order.what.startswith(("/", ".", "~"))
    if not looks_like_path and is_repository(order.what):
        return HubSource(settings, order.what, order.revision)
    if order.from_folder and (looks_like_path or Path(order.what).exists()):
        return FolderSource(Path(order.what), order.licence)
    names = ", ".join(known_models())
    raise Refused(f"{order.what} is no model that Gator knows.", remedy=f"Give a hub's owner/name, or one of: {names}.")


def _json(source: Source, path: str) -> Mapping[str, Any] | None:
    if not any(one.path == path for one in source.files):
        return None
    try:
        told = json.loads(source.read(path))
    except ValueError as wrong:
        raise Refused(f"{source.source} has a {path} that cannot be read.") from wrong
    return told if isinstance(told, dict) else None


def _named(order: Order, known: KnownModel | None, source: Source) -> str:
    made = re.sub(r"[^a-z0-9._-]+", "-", source.hints.name.lower()).strip("-._")[:64]
    name = order.name or (known.name if known else made)
    if not _NAME.fullmatch(name) or name in PROVIDERS:
        raise Refused(
            f"{name!r} is no name for a model.", remedy="Give another with --name: small letters, digits, - _ ."
        )
    return name


def _what_it_is(
    order: Order, known: KnownModel | None, source: Source, index: Mapping[str, Any] | None
) -> tuple[Kind, str]:
    """As somebody said, else as it says itself, else as its tags and what it is based on make it."""
    manifest = source.hints.manifest
    told = told_by_index(index) if index else None
    guessed = told or _guessed(source)
    kind = order.kind or (known.kind if known else "") or str(manifest.get("kind") or "") or guessed[0]
    family = order.family or (known.family if known else "") or str(manifest.get("family") or "") or guessed[1]
    if kind not in get_args(Kind):
        kinds = ", ".join(get_args(Kind))
        raise Refused(f"What {source.source} is cannot be told from its files.", remedy=f"Say --kind: {kinds}.")
    if not family:
        raise Refused(
            f"Which models {source.source} fits cannot be told from its files.", remedy="Say --family, such as sdxl."
        )
    return kind, family  # type: ignore[return-value]  # it is one of the kinds


def _guessed(source: Source) -> tuple[str, str]:
    family = next((one.family for one in known_models().values() if one.source in source.hints.based_on), "")
    config = _json(source, "config.json") or {}
    made_of = str(config.get("_class_name", ""))
    if made_of in _CONTROL_NETS:
        return "controlnet", _CONTROL_NETS[made_of] or family
    name = re.sub(r"[^a-z0-9]+", "-", source.hints.name.lower())
    called = (kind for word, kind in _TYPES.items() if word in source.hints.tags or f"-{word}-" in f"-{name}-")
    return next(called, ""), family
