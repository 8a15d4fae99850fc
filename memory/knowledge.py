"""What is searched across a persona? Her posts, her lorebook, what her feeds told, in Chroma: ids and vectors, never a text.

SQL rows are the truth; this index can be thrown away and rebuilt from them (`memory.archive` does, `memory.upkeep` when
nobody waits). Nothing a fan said is ever put here: that is scanned in its own vault
(docs/decisions/0002-what-chroma-holds.md). One process at a time owns the embedded folder. What cannot be used is moved
out of the way at once, and whoever asks meanwhile gets Unavailable.
"""

import asyncio
import hashlib
import shutil
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import structlog

from gator.errors import Unavailable
from gator.ids import new_id
from gator.settings import Settings

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

    from memory.embedding_batches import Embedder
    from memory.minilm import Floats

log = structlog.get_logger()

T = TypeVar("T")
BATCH = 100  # rows that one call puts in or reads: a search waits for one call at most
PATIENCE_S = 1.0  # how long a fan's turn waits for a search; words decide after that
REST_S = 15.0  # after a failure nobody asks for so long
FULL = ("disk is full", "(code: 13)", "(code: 8)")  # the index is not to blame: SQLITE_FULL, SQLITE_READONLY


@dataclass(frozen=True, slots=True)
class Holding:
    """What is known to one persona, or with persona "" to all of a workspace, of one kind: posts, lore, stories."""

    workspace: str
    persona: str
    kind: str

    def collection(self, model: str) -> str:
        """Its name in Chroma: vectors of different embedders never meet, nor do workspaces."""
        return hashlib.sha256(f"{self.workspace}/{self.persona}/{self.kind}/{model}".encode()).hexdigest()[:48]


class Knowledge:
    """The index of all personas of one Gator: a collection for each holding, so that no filter grows with the rest."""

    def __init__(self, settings: Settings, embedder: "Embedder | None" = None) -> None:
        self._url = settings.chroma_url
        self.home = settings.home
        self._folder = settings.home / "chroma"
        self._embedder = embedder
        self._client: ClientAPI | None = None
        self._owner: IO[str] | None = None
        self._made_as = 0  # the inode of the open database
        self._rests_until = 0.0
        self._because: Unavailable | None = None
        self._one_at_a_time = asyncio.Lock()
        self.losses = 0  # how often all was thrown away since this process started

    @property
    def embedder(self) -> "Embedder":
        """Who embeds what is put in: the one that answers in this process, unless told otherwise."""
        from memory.embedding import embedder

        return self._embedder or embedder()

    @property
    def where(self) -> str:
        return self._url or str(self._folder)

    @property
    def trouble(self) -> Unavailable | None:
        """Why it rests; None when it can be asked."""
        return self._because if time.monotonic() < self._rests_until else None

    async def index(self, holding: Holding, items: Sequence[tuple[str, str]], by: "Embedder | None" = None) -> None:
        """Put (id, text) in, or anew under the same id. Raises Unavailable when Chroma or the embedder cannot be used."""
        by = by or self.embedder
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            vectors = await by.embed([text for _, text in part])
            await self._run(self._put, holding, by.name, [id for id, _ in part], vectors)

    async def search(
        self, holding: Holding, vector: "Floats", k: int = 6, model: str | None = None
    ) -> list[tuple[str, float]]:
        """(id, cosine) of the nearest, best first; `model` made the vector. Raises Unavailable, also when it takes long."""
        return await self._run(self._near, holding, model or self.embedder.name, vector, k, within_s=PATIENCE_S)

    async def remove(self, holding: Holding, ids: Sequence[str], by: "Embedder | None" = None) -> None:
        name = (by or self.embedder).name
        for start in range(0, len(ids), BATCH):
            part = list(ids[start : start + BATCH])
            await self._run(lambda part=part: self._collection(holding, name).delete(ids=part))

    async def forget(self, holding: Holding, model: str | None = None) -> None:
        """Drop all of a holding; what was never there is gone already."""
        await self._run(self._drop, holding, model or self.embedder.name)

    async def ids(self, holding: Holding, by: "Embedder | None" = None) -> set[str]:
        """Everything that is indexed of it."""
        name = (by or self.embedder).name
        return await self._run(lambda: set(self._collection(holding, name).get(include=[])["ids"]))

    async def spoiled(self, holding: Holding, by: "Embedder | None" = None) -> list[str]:
        """Ids whose vectors are no longer of unit length: bytes of the folder were changed by somebody else."""
        by = by or self.embedder
        there, found = sorted(await self.ids(holding, by)), []
        for start in range(0, len(there), BATCH):
            found += await self._run(self._uneven, holding, by.name, there[start : start + BATCH])
        return found

    async def keep_only(self, names: Container[str]) -> None:
        """Drop all other collections: of who is gone, of embedders that answer no more. A server may have others' too."""
        if not self._url:
            await self._run(self._drop_others, names)

    async def throw_away(self, why: str) -> None:
        """Begin anew with nothing, whatever the trouble was. A server keeps what it has: `forget` drops it by holding."""
        self._rests_until = 0.0
        if not self._url:
            await self._run(lambda: self._discard(why))

    async def close(self) -> None:
        """Let go of the folder, so that another process may own it."""
        async with self._one_at_a_time:
            await asyncio.to_thread(self._let_go)
            if self._owner is not None:
                self._owner.close()
            self._owner = None

    # One call at a time, in a thread: Chroma blocks and its client is one writer

    async def _run(self, work: Callable[..., T], *about: Any, within_s: float | None = None) -> T:
        if trouble := self.trouble:
            raise trouble
        doing = asyncio.create_task(self._locked(work, *about))
        # Who is cancelled, or waits no longer, leaves the thread its lock: the next call finds the client at rest.
        done, _ = await asyncio.wait({doing}, timeout=within_s)
        if not done:
            doing.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise Unavailable(f"The index of knowledge ({self.where}) takes too long.", retry_after_s=within_s)
        return doing.result()

    async def _locked(self, work: Callable[..., T], *about: Any) -> T:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._named_errors, work, *about)

    def _named_errors(self, work: Callable[..., T], *about: Any) -> T:
        if not self._url and self._owner is None:
            self._take()  # before Chroma is imported, which a process that may not use it can spare
        from chromadb.errors import ChromaError

        try:
            return work(*about)
        except (ChromaError, ConnectionError, ValueError, OSError) as failed:
            raise self._unusable(failed) from failed

    def _take(self) -> None:
        """Own the folder. Raises Unavailable, for a while without another try, when somebody else does."""
        try:
            self._owner = _own(self.home)
        except Unavailable as taken:
            self._because, self._rests_until = taken, time.monotonic() + REST_S
            raise

    def _unusable(self, failed: Exception) -> Unavailable:
        said = f"The index of knowledge ({self.where}) cannot be used: {type(failed).__name__}."
        remedy = "Check GATOR_CHROMA_URL."
        if not self._url and _full(failed):
            self._let_go()
            remedy = "Make room, and let Gator write there."
        elif not self._url:
            self._discard(type(failed).__name__)
            remedy = "It is rebuilt from the database by itself."
        self._because = Unavailable(said, remedy=remedy)
        self._rests_until = time.monotonic() + REST_S
        return self._because

    def _discard(self, why: str) -> None:
        """Move the folder out of the way and remove it; a reader of the old one does no harm any more."""
        log.warning("knowledge_thrown_away", folder=str(self._folder), why=why)
        self._let_go()
        self.losses += 1
        aside = self.home / f"chroma-broken-{new_id()}"
        try:
            self._folder.rename(aside)
        except OSError:  # it is gone already, or cannot be moved: what comes next tells
            return
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.unlink(missing_ok=True)

    def _let_go(self) -> None:
        client, self._client, self._made_as = self._client, None, 0
        if client is None:  # nor is Chroma loaded then, which takes two seconds when Gator is to stop
            return
        from chromadb.errors import ChromaError

        try:
            client.close()  # type: ignore[attr-defined]
        except (ChromaError, OSError):  # what is broken need not end well
            log.warning("knowledge_not_closed", folder=str(self._folder))

    # What is done with the client

    def _put(self, holding: Holding, model: str, ids: list[str], vectors: "Floats") -> None:
        self._collection(holding, model).upsert(ids=ids, embeddings=vectors)

    def _near(self, holding: Holding, model: str, vector: "Floats", k: int) -> list[tuple[str, float]]:
        found = self._collection(holding, model).query(
            query_embeddings=vector.reshape(1, -1), n_results=k, include=["distances"]
        )
        distances = (found["distances"] or [[]])[0]
        return [(id, round(1 - distance, 4)) for id, distance in zip(found["ids"][0], distances, strict=True)]

    def _uneven(self, holding: Holding, model: str, ids: list[str]) -> list[str]:
        import numpy as np

        found = self._collection(holding, model).get(ids=ids, include=["embeddings"])
        lengths = np.linalg.norm(np.asarray(found["embeddings"], np.float64), axis=1)
        return [id for id, length in zip(found["ids"], lengths, strict=True) if not abs(length - 1) < 1e-3]

    def _drop(self, holding: Holding, model: str) -> None:
        from chromadb.errors import NotFoundError

        try:
            self._connect().delete_collection(holding.collection(model))
        except NotFoundError:
            return

    def _drop_others(self, names: Container[str]) -> None:
        client = self._connect()
        for name in [one.name for one in client.list_collections() if one.name not in names]:
            client.delete_collection(name)

    def _collection(self, holding: Holding, model: str) -> "Collection":
        # No embedding function: Chroma's default one would be taken silently and downloads a model.
        return self._connect().get_or_create_collection(
            holding.collection(model), embedding_function=None, metadata={"hnsw:space": "cosine"}
        )

    def _connect(self) -> "ClientAPI":
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        if self._client is not None and not self._url and self._made_as != self._inode():
            raise FileNotFoundError("the folder was taken away")  # Chroma goes on with the files that nobody sees
        if self._client is None:
            quiet = ChromaSettings(anonymized_telemetry=False)
            if self._url:
                from urllib.parse import urlsplit

                at = urlsplit(self._url)
                tls = at.scheme == "https"
                port = at.port or (443 if tls else 8000)
                self._client = chromadb.HttpClient(at.hostname or "127.0.0.1", port, ssl=tls, settings=quiet)
            else:
                try:
                    self._client = chromadb.PersistentClient(str(self._folder), settings=quiet)
                except AttributeError as failed:  # what Chroma 1.5.9 makes of a database that it cannot open
                    raise OSError("the database cannot be opened") from failed
                self._made_as = self._inode()
        return self._client

    def _inode(self) -> int:
        try:
            return (self._folder / "chroma.sqlite3").stat().st_ino
        except OSError:
            return 0


def _full(failed: Exception) -> bool:
    """Whether there is no room or no right to write: another folder would fare no better."""
    return isinstance(failed, PermissionError) or any(sign in str(failed) for sign in FULL)


def _own(home: Path) -> IO[str]:
    """Take the index for this process. Raises Unavailable while another one has it (Chroma is not process-safe).

    The lock lies beside the folder, which may be thrown away.
    """
    import fcntl

    home.mkdir(parents=True, exist_ok=True)
    file = (home / "chroma.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        file.close()
        raise Unavailable(
            "Another process of this home owns the index of knowledge.",
            remedy="Let that process search, or set GATOR_CHROMA_URL to a Chroma server for both.",
        ) from taken
    return file
