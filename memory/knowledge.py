"""What is searched across a persona? Her posts, lorebook and public episodes, in Chroma: ids and vectors, never a text.

SQL rows are the truth; this index can be thrown away and rebuilt from them. Nothing a fan said is ever put here: that
is scanned in its own vault (docs/decisions/0002-what-chroma-holds.md). One process at a time owns the embedded folder.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar

from gator.errors import Unavailable
from gator.settings import Settings

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

    from memory.embedding import Embedder
    from memory.minilm import Floats

T = TypeVar("T")
State = Literal["ready", "off", "broken"]
BATCH = 200  # well below Chroma's own limit (5,461 with SQLite's default variables)


class Knowledge:
    """The index of all personas of one Gator: one collection for each persona, so that no filter grows with the rest."""

    def __init__(self, settings: Settings, embedder: "Embedder") -> None:
        self._url = settings.chroma_url
        self._folder = settings.home / "chroma"
        self._embedder = embedder
        self._client: ClientAPI | None = None
        self._owner: IO[str] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def index(self, workspace: str, persona: str, items: Sequence[tuple[str, str]]) -> None:
        """Put (id, text) in, or anew under the same id. Raises Unavailable when Chroma cannot be used."""
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            vectors = await self._embedder.embed([text for _, text in part])
            await self._run(self._put, workspace, persona, [id for id, _ in part], vectors)

    async def search(self, workspace: str, persona: str, vector: "Floats", k: int = 6) -> list[tuple[str, float]]:
        """(id, cosine) of the nearest, best first. Raises Unavailable when Chroma cannot be used."""
        return await self._run(self._near, workspace, persona, vector, k)

    async def remove(self, workspace: str, persona: str, ids: Sequence[str]) -> None:
        if ids:
            await self._run(lambda: self._collection(workspace, persona).delete(ids=list(ids)))

    async def forget(self, workspace: str, persona: str) -> None:
        """Drop all of a persona's knowledge; what was never there is gone already."""
        await self._run(self._drop, workspace, persona)

    async def rebuild(self, workspace: str, persona: str, items: Sequence[tuple[str, str]]) -> None:
        """Throw the persona's index away and make it again from the rows."""
        await self.forget(workspace, persona)
        await self.index(workspace, persona, items)

    async def missing(self, workspace: str, persona: str, ids: Sequence[str]) -> list[str]:
        """Those ids that the index lacks: what a crash between SQL and Chroma left to repair."""

        def lacking() -> list[str]:
            there = set(self._collection(workspace, persona).get(ids=list(ids), include=[])["ids"])
            return [id for id in ids if id not in there]

        return await self._run(lacking) if ids else []

    async def close(self) -> None:
        """Let go of the folder, so that another process may own it."""
        async with self._one_at_a_time:
            if self._client is not None:
                await asyncio.to_thread(self._client.close)  # type: ignore[attr-defined]
            if self._owner is not None:
                self._owner.close()
            self._client = self._owner = None

    async def _run(self, work: Callable[..., T], *about: Any) -> T:
        """Chroma blocks and its client is one writer: in a thread, one call at a time."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._named_errors, work, *about)

    def _named_errors(self, work: Callable[..., T], *about: Any) -> T:
        from chromadb.errors import ChromaError, InternalError

        try:
            return work(*about)
        except (InternalError, ConnectionError, ValueError, OSError) as failed:
            raise self._unusable(failed) from failed
        except ChromaError as failed:
            raise self._unusable(failed) from failed

    def _unusable(self, failed: Exception) -> Unavailable:
        where = self._url or str(self._folder)
        return Unavailable(
            f"The index of knowledge ({where}) cannot be used: {type(failed).__name__}.",
            remedy="Check GATOR_CHROMA_URL." if self._url else "Remove the folder; it is rebuilt from the database.",
        )

    def _put(self, workspace: str, persona: str, ids: list[str], vectors: "Floats") -> None:
        self._collection(workspace, persona).upsert(ids=ids, embeddings=vectors)

    def _near(self, workspace: str, persona: str, vector: "Floats", k: int) -> list[tuple[str, float]]:
        found = self._collection(workspace, persona).query(
            query_embeddings=vector.reshape(1, -1), n_results=k, include=["distances"]
        )
        distances = (found["distances"] or [[]])[0]
        return [(id, round(1 - distance, 4)) for id, distance in zip(found["ids"][0], distances, strict=True)]

    def _drop(self, workspace: str, persona: str) -> None:
        from chromadb.errors import NotFoundError

        try:
            self._connect().delete_collection(_name(workspace, persona, self._embedder.name))
        except NotFoundError:
            return

    def _collection(self, workspace: str, persona: str) -> "Collection":
        # No embedding function: Chroma's default one would be taken silently and downloads a model.
        return self._connect().get_or_create_collection(
            _name(workspace, persona, self._embedder.name), embedding_function=None, metadata={"hnsw:space": "cosine"}
        )

    def _connect(self) -> "ClientAPI":
        if self._client is None:
            import chromadb
            from chromadb.config import Settings as ChromaSettings

            quiet = ChromaSettings(anonymized_telemetry=False)
            if self._url:
                from urllib.parse import urlsplit

                at = urlsplit(self._url)
                tls = at.scheme == "https"
                port = at.port or (443 if tls else 8000)
                self._client = chromadb.HttpClient(at.hostname or "127.0.0.1", port, ssl=tls, settings=quiet)
            else:
                self._owner = _own(self._folder)
                self._client = chromadb.PersistentClient(str(self._folder), settings=quiet)
        return self._client


def describe(settings: Settings) -> tuple[State, str]:
    """The index's state and a line about it, for `gator doctor`. Opens nothing."""
    if settings.chroma_url:
        return "ready", f"Chroma server at {settings.chroma_url}"
    return "ready", f"Chroma embedded in {settings.home / 'chroma'}"


def _name(workspace: str, persona: str, model: str) -> str:
    """A collection's name: vectors of different embedders never meet, nor do workspaces."""
    return hashlib.sha256(f"{workspace}/{persona}/{model}".encode()).hexdigest()[:48]


def _own(folder: Path) -> IO[str]:
    """Take the folder for this process. Raises Unavailable while another one has it (Chroma is not process-safe)."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / ".owner").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        file.close()
        raise Unavailable(
            "Another process of this home owns the index of knowledge.",
            remedy="Let that process search, or set GATOR_CHROMA_URL to a Chroma server for both.",
        ) from taken
    return file
