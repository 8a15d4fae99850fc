"""Which files of a source make up the model? Safetensors and what describes them; nothing that could hold code.

A hub's repository often has the same weights several times: pickled, for other frameworks, as one file and in parts, in 32
and in 16 bits. One of each part is taken, in 16 bits where there is one file of it.
"""

import fnmatch
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from gator.errors import NotFound, Refused
from gpu_worker.pulling.listing import Listed, Wanted, checked_path
from gpu_worker.shelf import MANIFEST

INDEX = "model_index.json"
EYE = "image_encoder/"  # what an IP-Adapter sees with
_WEIGHTS = ".safetensors"
_DESCRIBES = (".json", ".txt", ".model", ".jinja")
_PAPERS = re.compile(r"(LICEN[CS]E|NOTICE|COPYING)[\w.-]*", re.IGNORECASE)
PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
_HALF = "fp16"
_MANY = re.compile(r"-\d{5}-of-\d{5}$")
_STEMS = ("diffusion_pytorch_model", "model", "pytorch_model", "pytorch_lora_weights")


def choose(files: Sequence[Listed], index: Mapping[str, Any] | None, named: Sequence[str] = ()) -> list[Wanted]:
    """The files to fetch. Raises Refused where there are no safetensors, NotFound for a named file that is not there."""
    for one in files:
        checked_path(one.path)
    files = [one for one in files if not _is_ours(one.path)]
    if named:
        chosen = _named(files, named)
    elif index is not None:
        chosen = _pipeline(files, index)
    else:
        chosen = _single(files)
    if not any(one.to.endswith(_WEIGHTS) for one in chosen):
        raise _only_pickles([one.path for one in files])
    return sorted(chosen, key=lambda one: (one.to.endswith(_WEIGHTS), one.to))


def _is_ours(path: str) -> bool:
    """Names that mean something to us in a model's folder, and hidden ones."""
    return path == MANIFEST or any(part.startswith(".") for part in PurePosixPath(path).parts)


def _named(files: Sequence[Listed], named: Sequence[str]) -> list[Wanted]:
    """What was asked for, and of a folder that was asked for what may be taken; paths begin at the first file's folder."""
    top = PurePosixPath(named[0]).parent
    found: list[Wanted] = []
    for name in named:
        exact = [one for one in files if one.path == name or fnmatch.fnmatchcase(one.path, name)]
        if pickled := [one.path for one in exact if one.path.endswith(PICKLES)]:
            raise _only_pickles(pickled)
        inside = [one for one in files if one.path.startswith(name.rstrip("/") + "/")]
        taken = [one for one in exact if _may_come(one.path)] + (_parts(inside) if inside else [])
        if not taken:
            raise NotFound(f"The source has no file {name} that can be taken.", remedy=_has(files))
        found += [one if isinstance(one, Wanted) else Wanted(one, one.path) for one in taken]
    return [Wanted(one.file, _below(one.to, top)) for one in {one.file.path: one for one in found}.values()]


def _below(path: str, top: PurePosixPath) -> str:
    return str(PurePosixPath(path).relative_to(top)) if PurePosixPath(path).is_relative_to(top) else path


def _pipeline(files: Sequence[Listed], index: Mapping[str, Any]) -> list[Wanted]:
    parts = [name for name, of in index.items() if _is_part(of)]
    paths = {one.path for one in files}
    own = [name for name in parts if f"{name}/{index[name][0]}.py" in paths]
    if own or isinstance(index.get("_class_name"), list):
        raise Refused(
            f"It needs code of its own{' for ' + own[0] if own else ''}, which is not run here.",
            remedy="Choose a model that diffusers knows.",
        )
    top = [one for one in files if "/" not in one.path and _describes(one.path)]
    inside = [one for one in files if "/" in one.path and one.path.partition("/")[0] in parts]
    return [*(Wanted(one, one.path) for one in top), *_parts(inside)]


def _is_part(of: Any) -> bool:
    return isinstance(of, list) and len(of) == 2 and of[0] is not None


def _parts(files: Sequence[Listed]) -> list[Wanted]:
    """One set of weights of each folder, and what describes it."""
    folders: dict[str, list[Listed]] = {}
    for one in files:
        folders.setdefault(str(PurePosixPath(one.path).parent), []).append(one)
    found: list[Wanted] = []
    for inside in folders.values():
        weights = _one_set([one for one in inside if one.path.endswith(_WEIGHTS)])
        if not weights and (pickled := [one.path for one in inside if one.path.endswith(PICKLES)]):
            raise _only_pickles(pickled)
        several = any(_MANY.search(_stem(one.to)) for one in weights)
        found += weights
        found += [Wanted(one, one.path) for one in inside if _describes(one.path) and _fits(one.path, several)]
    return found


def _fits(path: str, several: bool) -> bool:
    """An index is only for weights in several files, and only that of the plain ones is taken."""
    name = PurePosixPath(path).name
    return ".index." not in name or (several and name.endswith(f"{_WEIGHTS}.index.json"))


def _one_set(weights: Sequence[Listed]) -> list[Wanted]:
    """The half-precise file under the plain name, which loaders look for, or else the plain files."""
    for stem in _STEMS:
        half = [one for one in weights if PurePosixPath(one.path).name == f"{stem}.{_HALF}{_WEIGHTS}"]
        if half:
            return [Wanted(half[0], half[0].path.replace(f".{_HALF}{_WEIGHTS}", _WEIGHTS))]
        plain = [one for one in weights if _MANY.sub("", _stem(one.path)) == stem]
        whole = [one for one in plain if not _MANY.search(_stem(one.path))]
        if plain:
            return [Wanted(one, one.path) for one in (whole or plain)]
    return [Wanted(weights[0], weights[0].path)] if len(weights) == 1 else []


def _stem(path: str) -> str:
    return PurePosixPath(path).name.removesuffix(_WEIGHTS)


def _single(files: Sequence[Listed]) -> list[Wanted]:
    """A repository without an index: a LoRA, a ControlNet, a voice. Weights lie at its top; an IP-Adapter's eye below."""
    top = [one for one in files if "/" not in one.path]
    weights = [one for one in top if one.path.endswith(_WEIGHTS)]
    if not weights:
        raise _only_pickles([one.path for one in files])
    chosen = _one_set(weights)
    if not chosen:
        names = ", ".join(one.path for one in weights[:12])
        raise Refused("The source holds several models.", remedy=f"Name the one to take with --file: {names}.")
    several = len(chosen) > 1
    papers = [Wanted(one, one.path) for one in top if _describes(one.path) and _fits(one.path, several)]
    return [*chosen, *papers, *_parts([one for one in files if one.path.startswith(EYE)])]


def _describes(path: str) -> bool:
    name = PurePosixPath(path).name
    return not name.startswith(".") and (name.endswith(_DESCRIBES) or _PAPERS.fullmatch(name) is not None)


def _may_come(path: str) -> bool:
    return path.endswith(_WEIGHTS) or _describes(path)


def _only_pickles(paths: Sequence[str]) -> Refused:
    pickled = [path for path in paths if path.endswith(PICKLES)]
    if not pickled:
        return Refused("The source has no weights as safetensors.", remedy="Choose one that has.")
    return Refused(
        f"The weights are pickled ({', '.join(pickled[:3])}): loading them can run code of a stranger's.",
        remedy="Choose a source that has them as safetensors.",
    )


def _has(files: Sequence[Listed]) -> str:
    names = [one.path for one in files if one.path.endswith(_WEIGHTS)]
    return f"It has {', '.join(names[:12])}." if names else ""
