"""Is each part of this Gator ready, off or broken? Looked at for real: a query, a file, a connection, an engine found.

`gator doctor` and the status that an operator asks for are both `examine`. No check writes to the database, calls a
provider that costs money, or takes longer than a few seconds.
"""

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from gator.errors import GatorError
from gator.principal import service
from gator.settings import Settings
from memory.founding import workspaces
from memory.media_threads import in_media_thread
from memory.models import Account
from memory.repositories.accounts import state_of
from memory.store import READS, Store
from tools import engines
from tools.part import Part, State, engine
from tools.threads import in_thread
from tools.wording import ago

DEADLINE_S = 6.0  # for one part
_REACH_S = 3.0
_LITTLE_BYTES = 500 * 1024 * 1024  # an hour of voice and video; SQLite fails before the last byte is gone


async def examine(settings: Settings, store: Store | None = None, here: str = "") -> list[Part]:
    """Every part, in the order in which a person reads them. Without a store, one is opened for the moment.

    `here` is where this home's Gator is known to listen.
    """
    checks: dict[str, Callable[[], Awaitable[Part]]] = {
        "database": lambda: _database(settings, store),
        "broker": lambda: _broker(settings),
        "vectors": lambda: _vectors(settings, store),
        "storage": lambda: in_media_thread(_storage, settings),
        "model": lambda: _model(settings),
        "hearing": lambda: _hearing(settings),
        "pictures": lambda: asyncio.to_thread(engines.pictures, settings),
        "clips": lambda: asyncio.to_thread(engines.clips, settings),
        "cards": lambda: asyncio.to_thread(engines.cards),
        "voice": lambda: asyncio.to_thread(engines.voice, settings),
        "video": lambda: asyncio.to_thread(engines.video),
        "signing": lambda: asyncio.to_thread(engines.signing, settings),
        "web": lambda: _web(settings, here),
        "dns": lambda: _dns(settings),
    }
    parts = await asyncio.gather(*(_bounded(name, check) for name, check in checks.items()))
    if parts[0].state != "ready":
        return [*parts, Part(name="channels", state="off", detail="known once the database is ready")]
    return [*parts, *await _channels(settings, store)]


async def studio_parts(settings: Settings) -> list[Part]:
    """Those that make media by what is installed; the rest of the studio is `tools.studio`'s."""
    checks: dict[str, Callable[[], Part]] = {
        "pictures": lambda: engines.pictures(settings),
        "clips": lambda: engines.clips(settings),
        "cards": engines.cards,
        "voice": lambda: engines.voice(settings),
        "signing": lambda: engines.signing(settings),
    }
    return [*await asyncio.gather(*(_bounded(name, partial(asyncio.to_thread, one)) for name, one in checks.items()))]


async def _bounded(name: str, check: Callable[[], Awaitable[Part]]) -> Part:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await check()
    except TimeoutError:
        return Part(name=name, state="broken", detail=f"does not answer within {DEADLINE_S:g} s")
    except GatorError as failed:
        return Part(name=name, state="broken", detail=failed.message, remedy=failed.remedy)


async def _database(settings: Settings, store: Store | None) -> Part:
    from memory import schema

    url = make_url(settings.database)
    kind = "PostgreSQL" if url.get_backend_name() == "postgresql" else "SQLite"
    embedded = "" if settings.database_url else "embedded: "
    shown = url.render_as_string(hide_password=True)
    if kind == "SQLite" and not await asyncio.to_thread(Path(str(url.database)).exists):
        return Part(name="database", state="off", detail=f"{kind} at {url.database} is not there yet", remedy=_START)
    found, newest = await in_thread(lambda: schema.revisions(settings.database), DEADLINE_S)
    await _answers(settings, store)
    if found == newest:
        return Part(name="database", state="ready", detail=f"{embedded}{kind}, schema {found}, {shown}")
    if found is None:
        return Part(name="database", state="off", detail=f"{kind} at {shown} is empty", remedy=_START)
    return Part(
        name="database",
        state="broken",
        detail=f"its schema is {found}, this Gator's is {newest}",
        remedy="Start Gator to upgrade it; if a newer Gator made it, start that one.",
    )


_START = "`gator up` makes it."


async def _answers(settings: Settings, store: Store | None) -> None:
    ours = store or Store(settings.database)
    try:
        async with ours.engine.connect() as connection:
            await (await connection.execution_options(**READS)).execute(text("SELECT 1"))
    finally:
        if store is None:
            await ours.close()


async def _broker(settings: Settings) -> Part:
    if not settings.broker_url:
        folder = settings.home.resolve() / "broker"
        return await asyncio.to_thread(_writable, "broker", folder, f"embedded in {folder}; GATOR_BROKER_URL for Redis")
    shown = urlsplit(settings.broker_url).hostname or settings.broker_url.partition("://")[0]
    try:
        await in_thread(lambda: _ping(settings.broker_url), _REACH_S)
    except (TimeoutError, OSError, ImportError, ValueError, KeyError) as failed:
        remedy = "Start it, or correct GATOR_BROKER_URL. Jobs wait in the database meanwhile; none is lost."
        if isinstance(failed, ImportError):
            remedy = "Install Gator's extra `redis`."
        return Part(name="broker", state="broken", detail=f"{shown} cannot be reached", remedy=remedy)
    return Part(name="broker", state="ready", detail=f"{shown} answers")


def _ping(url: str) -> None:
    from kombu.connection import Connection
    from kombu.exceptions import OperationalError

    options = {"socket_connect_timeout": 2, "socket_timeout": 2} if url.startswith("redis") else {}
    with Connection(url, connect_timeout=2, transport_options=options) as connection:  # type: ignore[no-untyped-call]
        try:
            connection.ensure_connection(max_retries=1, timeout=2)
            connection.default_channel  # noqa: B018  # Redis is asked at the first channel only
        except connection.connection_errors as lost:
            raise ConnectionError from lost
        except OperationalError as lost:
            raise ConnectionError from lost


async def _vectors(settings: Settings, store: Store | None) -> Part:
    from memory import embedding, knowledge_state

    index_state, index = knowledge_state.describe(settings)
    state, engine = embedding.describe(settings)
    if settings.chroma_url and not await _reached(settings.chroma_url):
        remedy = "Start it, or correct GATOR_CHROMA_URL. The index is rebuilt from the database."
        return Part(name="vectors", state="broken", detail=f"{settings.chroma_url} cannot be reached", remedy=remedy)
    if index_state == "broken":
        remedy = "Fans are answered without it, and it is tried again; `gator memory rebuild` makes it anew."
        return Part(name="vectors", state="broken", detail=f"{index}; {engine}", remedy=remedy)
    return Part(name="vectors", state=state, detail="; ".join([index, engine, *await _reembedding(settings, store)]))


async def _reembedding(settings: Settings, store: Store | None) -> list[str]:
    """How far it is with vectors of another model; nothing where none are made."""
    from memory.reembedding import progress

    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(str(url.database)).exists):
        return []  # to look would make it
    ours = store or Store(settings.database)
    try:
        return [one.in_words() for one in await progress(ours)]
    except SQLAlchemyError:  # there is no database yet: its own part says so
        return []
    finally:
        if store is None:
            await ours.close()


def _storage(settings: Settings) -> Part:
    if not settings.storage_url.startswith("s3://"):
        return _writable("storage", settings.media_folder, str(settings.media_folder))
    from memory.buckets.blobs import BucketBlobs
    from memory.media_place import blobs_at

    try:
        there = blobs_at(settings, settings.storage_url)
        assert isinstance(there, BucketBlobs)
        there.bucket.check()
    except GatorError as wrong:
        return Part(name="storage", state="broken", detail=wrong.message, remedy=wrong.remedy or "Try again later.")
    return _writable("storage", settings.media_folder, f"{there.place.url}, with copies in {settings.media_folder}")


def _writable(name: str, folder: Path, detail: str) -> Part:
    """Whether a file can be written there, or in the nearest folder above that is there, and how much room is left."""
    there = next(above for above in (folder, *folder.parents) if above.exists())
    try:
        with NamedTemporaryFile(dir=there, prefix=".gator-doctor-") as file:
            file.write(b"gator")
            file.flush()
        free = shutil.disk_usage(there).free
    except OSError as failed:
        remedy = "Give Gator the right to write there, or choose another folder."
        return Part(name=name, state="broken", detail=f"{there}: {failed.strerror}", remedy=remedy)
    if free < _LITTLE_BYTES:
        left = f"only {free // 2**20} MiB are free at {there}"
        return Part(name=name, state="broken", detail=left, remedy="Make room on that disk.")
    return Part(name=name, state="ready", detail=f"{detail} ({free / 2**30:.1f} GiB free)")


_SERVERS = {"openai": "https://api.openai.com", "anthropic": "https://api.anthropic.com"}


async def _model(settings: Settings) -> Part:
    provider, _, model = settings.model.partition(":")
    if provider == "builtin":
        return Part(
            name="model",
            state="ready",
            detail="built-in: it understands plain English, but no language model is configured",
            remedy="Set GATOR_MODEL, for example anthropic:NAME with ANTHROPIC_API_KEY, or ollama:NAME.",
        )
    if provider not in ("openai", "anthropic", "ollama") or not model:
        remedy = "Set GATOR_MODEL to builtin, openai:NAME, anthropic:NAME or ollama:NAME."
        return Part(
            name="model", state="broken", detail=f"{settings.model} is no model that Gator knows", remedy=remedy
        )
    own = {
        "openai": settings.openai_base_url,
        "anthropic": settings.anthropic_base_url,
        "ollama": settings.ollama_base_url,
    }[provider]
    key = {"openai": settings.openai_api_key, "anthropic": settings.anthropic_api_key}.get(provider)
    if key is None and (provider == "anthropic" or not own):
        name = f"{provider.upper()}_API_KEY"
        return Part(name="model", state="broken", detail=f"{settings.model} has no key", remedy=f"Set {name}.")
    server = own or _SERVERS[provider]
    if not await _reached(server):
        remedy = "Check the network and the base URL, or set GATOR_MODEL=builtin."
        return Part(
            name="model", state="broken", detail=f"{settings.model}: {_place(server)} is out of reach", remedy=remedy
        )
    return Part(name="model", state="ready", detail=f"{settings.model} at {_place(server)}")


async def _hearing(settings: Settings) -> Part:
    """Who listens to voice notes."""
    provider, _, model = settings.transcriber.partition(":")
    if not provider:
        remedy = "Set GATOR_TRANSCRIBER=openai with OPENAI_API_KEY, or whisper:FOLDER."
        return Part(name="hearing", state="off", detail="nobody listens to voice notes", remedy=remedy)
    if provider == "whisper":
        return await asyncio.to_thread(_whisper, model or "base")
    if provider != "openai":
        remedy = "Set GATOR_TRANSCRIBER to openai, openai:MODEL, whisper:SIZE or whisper:FOLDER."
        detail = f"{settings.transcriber} is no transcriber that Gator knows"
        return Part(name="hearing", state="broken", detail=detail, remedy=remedy)
    own = settings.transcriber_base_url or settings.openai_base_url
    if not own and settings.openai_api_key is None:
        return Part(name="hearing", state="broken", detail="the transcriber has no key", remedy="Set OPENAI_API_KEY.")
    server = own or _SERVERS["openai"]
    if not await _reached(server):
        remedy = "Check the network and the base URL, or unset GATOR_TRANSCRIBER."
        return Part(name="hearing", state="broken", detail=f"{_place(server)} is out of reach", remedy=remedy)
    return Part(name="hearing", state="ready", detail=f"{settings.transcriber} at {_place(server)}")


def _whisper(model: str) -> Part:
    remedy = "Install Gator's extra `whisper`, and set GATOR_TRANSCRIBER=whisper:FOLDER of its weights."
    if "/" in model and not (Path(model) / "model.bin").is_file():
        return Part(name="hearing", state="broken", detail=f"there are no weights in {model}", remedy=remedy)
    where = "" if "/" in model else ", if its weights lie in the hub's cache"
    return engine("hearing", f"faster-whisper, {model}{where}", ["faster_whisper"], remedy)


def _place(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


async def _reached(url: str) -> bool:
    """Whether a connection opens. Nothing is asked, so nothing is spent."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        async with asyncio.timeout(_REACH_S):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def _web(settings: Settings, here: str) -> Part:
    if settings.port == 0 and not here:
        return Part(name="web", state="ready", detail=f"on a free port of {settings.host}")
    here = here or f"http://{settings.host}:{settings.port}"
    if await _reached(here):
        return Part(name="web", state="ready", detail=f"answers at {here}" + _seen_as(settings, here))
    return Part(name="web", state="off", detail=f"nothing listens at {here}", remedy="`gator up` starts it.")


async def _channels(settings: Settings, store: Store | None) -> list[Part]:
    """The accounts on platforms, of every workspace, as their rows say."""
    ours = store or Store(settings.database)
    try:
        found: list[Account] = []
        for workspace in await workspaces(ours):
            async with ours.open_work(service(workspace, "doctor"), reads=True) as work:
                found += await work.accounts.all()
    finally:
        if store is None:
            await ours.close()
    return [_channel(one) for one in found] or [
        Part(
            name="channels",
            state="off",
            detail="no account on Telegram or Discord",
            remedy="`gator account add` adds one.",
        )
    ]


def _channel(account: Account) -> Part:
    known = state_of(account)
    seen = f", last seen {ago(account.seen_at)}" if account.seen_at else ""
    detail = account.error or f"{account.handle or account.name}{seen}"
    remedy = {
        "off": f"`gator account enable {account.name}` switches it on.",
        "waiting": "No process runs it: `gator up` does.",
        "broken": f"Put it right, then `gator account check {account.name}`.",
        "ready": "",
    }[known]
    state: State = known if known != "waiting" else "off"
    return Part(name=f"{account.channel} {account.name}", state=state, detail=detail, remedy=remedy)


def _seen_as(settings: Settings, here: str) -> str:
    return f", seen as {settings.url}" if settings.public_url and settings.url != here else ""


async def _dns(settings: Settings) -> Part:
    from tools import dns

    if not settings.dns_provider:
        return Part(name="dns", state="off", detail="no provider", remedy=dns.REMEDY)
    zones = await dns.zones_of(settings)
    detail = settings.dns_provider + (f", {len(zones)} zones" if zones is not None else ", asked when it is needed")
    return Part(name="dns", state="ready", detail=detail)
