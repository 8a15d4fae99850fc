"""How are texts compared by meaning? One embedder a process: local MiniLM, or what GATOR_EMBEDDER names.

`embedder()` costs nothing; what it needs is loaded at the first text. When another model is configured than the rows were
made with, the old one serves until `memory.reembedding` is done.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from typing import Literal

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from memory import embedding_local as local
from memory.embedding_batches import Embedder, LocalEmbedder

State = Literal["ready", "off", "broken"]

LONGEST_NAME = 64  # of a model, as rows keep it


class _Ours:
    serving: Embedder | None = None  # whose vectors answer now
    wanted: Embedder | None = None  # whose vectors all are to be


def use(settings: Settings) -> Embedder:
    """Embed as the settings say, from here on in this process. Raises Refused or Unavailable for what cannot be used."""
    _Ours.serving = _Ours.wanted = make(settings.embedder, settings)
    return _Ours.wanted


def serve(one: Embedder) -> None:
    """Answer with the vectors of that embedder, while those of the wanted one are made, or now that they are."""
    _Ours.serving = one


def embedder() -> Embedder:
    """The embedder whose vectors answer."""
    return _Ours.serving or local_embedder()


def wanted() -> Embedder:
    """The embedder that is configured."""
    return _Ours.wanted or local_embedder()


def make(name: str, settings: Settings) -> Embedder:
    """The embedder of that name, as GATOR_EMBEDDER has it. Raises Refused for a name that nobody has, else Unavailable."""
    kind, _, model = name.partition(":")
    if kind in ("openai", "sentence-transformers") and model:
        return _remote(model, settings) if kind == "openai" else _transformers(model)
    if name != "local":
        raise Refused(
            f"{name!r} is no embedder that Gator knows.",
            remedy="Set GATOR_EMBEDDER to local, openai:MODEL or sentence-transformers:NAME_OR_FOLDER.",
        )
    return local_embedder()


def made_with(name: str, settings: Settings) -> Embedder | None:
    """The embedder that made the vectors kept under that name; None when it cannot be had any more."""
    for one in (local_embedder(), hashing_embedder()):
        if one.name == name:
            return one
    try:
        found = make(name, settings)
    except (Refused, Unavailable):
        return None
    return found if found.name == name else None


@cache
def local_embedder() -> LocalEmbedder:
    """The one that needs no server: MiniLM, or word hashing where its weights are absent."""
    folder = local.weights_folder()
    if folder is None:
        return hashing_embedder()
    return LocalEmbedder(local.MINILM, lambda: local.load_minilm(folder))


@cache
def hashing_embedder() -> LocalEmbedder:
    """Compares by words and parts of words, not by meaning; needs no weights."""
    return LocalEmbedder(local.HASHING, local.load_hashing)


def _remote(model: str, settings: Settings) -> Embedder:
    from memory.embedding_remote import RemoteEmbedder

    if not (settings.openai_api_key or settings.openai_base_url):
        raise Unavailable(
            f"The embedder openai:{model} has no key.", remedy="Set OPENAI_API_KEY, or GATOR_EMBEDDER=local."
        )
    return RemoteEmbedder(model, settings, _kept_as(f"openai:{model}"))


def _transformers(model: str) -> Embedder:
    if find_spec("sentence_transformers") is None:
        raise Unavailable(
            "sentence-transformers is not installed.",
            remedy="`.venv/bin/pip install sentence-transformers`, or set GATOR_EMBEDDER=local.",
        )
    name = _kept_as(f"sentence-transformers:{model}")
    return LocalEmbedder(name, lambda: local.load_transformers(model), dim=0)


def _kept_as(name: str) -> str:
    """The name as rows keep it: a long one is cut, and told apart by its digest."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 13]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def describe(settings: Settings) -> tuple[State, str]:
    """The embedder's state and a line about it, for `gator doctor`. Loads nothing and calls nobody."""
    if settings.embedder != "local":
        try:
            return "ready", f"{make(settings.embedder, settings).name}"
        except (Refused, Unavailable) as wrong:
            return "broken", f"{wrong.message} {wrong.remedy}"
    folder = local.weights_folder()
    if folder is None:
        return "off", "word hashing (recall by words, not by meaning); `make run` installs the MiniLM weights"
    size_mb = (folder / "model.safetensors").stat().st_size // 1_000_000
    return "ready", f"all-MiniLM-L6-v2 on this machine's CPU ({size_mb} MB, loaded at the first message)"
