"""`gator media`: what there is and how much, what nothing refers to, one thing less, and all of it elsewhere (docs/media.md)."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.lists import tell_list
from gator.cli.program import load_settings, open_store, owner, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gator.settings import Settings
    from memory.blobs import Blobs
    from memory.models import Asset

app = typer.Typer(help="Files of media.", no_args_is_help=True)
_AsJson = Annotated[bool, typer.Option("--json", help="JSON, one object a line")]
_Asset = Annotated[
    str, typer.Argument(metavar="ID", help='the asset\'s id, its last characters, or "last" for the newest')
]
_MOST = 100  # as many as `list_media` gives
_WHY = {
    "file": "no row names it",
    "small": "small picture of what is gone",
    "row": "removed, and nothing names it",
    "link": "has ended",
    "preview": "preview of the editor, a day old",
    "scratch": "left by a process that died",
}


@app.command("list")
def show_list(
    kind: Annotated[str | None, typer.Option(help="picture, voice or video")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="how many at most")] = 20,
    as_json: _AsJson = False,
) -> None:
    """Show media, newest first, and which look like others."""
    from gator.ids import new_id
    from tools.capability import Turn
    from tools.media import KINDS, ListMedia, MediaList, list_media

    if kind and kind not in KINDS:
        raise typer.BadParameter(f"choose from {', '.join(KINDS)}", param_hint="--kind")

    async def ask(store: Any, settings: "Settings") -> Any:
        turn = Turn(principal=await owner(store), store=store, settings=settings, id=new_id())
        return await list_media(ListMedia.model_validate({"kind": kind, "limit": limit}), turn)

    found = _with_store(ask)
    assert isinstance(found, MediaList)
    lines = [one.model_dump_json() if as_json else f"{one.id}  {one.in_words()}" for one in found.items]
    files = [one.model_dump_json() if as_json else f"{one.id}  {one.in_words()}" for one in found.files]
    if lines or not files:
        tell_list(lines, as_json, f"There is no {kind or 'media'} yet.", limit=limit, most=_MOST)
    tell_list(files, True, "")


@app.command("show")
def show(asset: _Asset, as_json: _AsJson = False) -> None:
    """Show one of the media: its file, how it was made, and what looks like it."""

    async def ask(store: Any, _settings: "Settings") -> dict[str, Any]:
        async with store.open_work(await owner(store), reads=True) as work:
            row = await work.assets.get(await work.assets.meant(asset))
            alike = (await work.assets.repeats([row])).get(row.id, [])
            return _told(row) | {"repeats": [one.id for one in alike]}

    found = _with_store(ask)
    if as_json:
        typer.echo(json.dumps(found))
        return
    from tools.unseen import with_unseen_shown

    width = max(map(len, found)) + 2
    for name, value in found.items():
        lines = [str(one) for one in (value if isinstance(value, list) else [value])] or ["none"]
        typer.echo(f"{name:{width}}{with_unseen_shown(', '.join(lines))}")


def _told(row: "Asset") -> dict[str, Any]:
    """What there is to say of it; of its provenance what is plain text or a number."""
    size = f"{row.width_px}x{row.height_px}" if row.width_px and row.height_px else ""
    about = {
        "id": row.id, "kind": row.kind, "title": row.title, "state": row.state, "rating": row.rating, "mime": row.mime,
        "size_bytes": row.size_bytes, "size_px": size, "duration_s": row.duration_s, "alt_text": row.alt_text,
        "sha256": row.sha256, "made_at": row.created_at.isoformat(),
    }  # fmt: skip
    made = {name: value for name, value in row.provenance.items() if name not in about and _is_plain(value)}
    told = about | made | {"manifest": _signed(row.provenance.get("manifest") or {})}
    return {name: value for name, value in told.items() if value not in ("", None, [])}


def _is_plain(value: object) -> bool:
    """Captions, edits and the like are left out: they have doors of their own."""
    return all(isinstance(one, str | int | float) for one in (value if isinstance(value, list) else [value]))


def _signed(manifest: "dict[str, Any]") -> str:
    """Who signed its manifest, or why nobody did; nothing of what somebody sent."""
    return f"{manifest['id']}, signed by {manifest['signer']}" if "id" in manifest else str(manifest.get("none", ""))


@app.command("usage")
def usage(as_json: _AsJson = False) -> None:
    """Show what the media take, and what they may take."""
    from memory import storage

    async def ask(store: Any, settings: "Settings") -> storage.Usage:
        async with store.open_work(await owner(store), reads=True) as work:
            return await storage.usage(work, settings)

    found = _with_store(ask)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    files = f"{found.files:,} of {found.most_files:,} files" if found.most_files else _many(found.files, "file")
    size = _mb(found.size_bytes) + (f" of {_mb(found.most_bytes)}" if found.most_bytes else "")
    typer.echo(f"{files}, {size}.")


@app.command("gc")
def gc(
    yes: Annotated[bool, typer.Option("--yes", help="delete it; without this it is only shown")] = False,
    as_json: _AsJson = False,
) -> None:
    """Show what nothing refers to any more, or delete it; Gator may run meanwhile."""
    from memory import leftovers

    found = _with_store(leftovers.remove if yes else leftovers.find)
    for one in found:
        line = f"{one.kind:8}{_mb(one.size_bytes):>11}  {one.name}  {_WHY[one.kind]}"
        typer.echo(json.dumps(asdict(one) | {"deleted": yes}) if as_json else line)
    if as_json:
        return
    told = f"{_many(len(found), 'thing')}, {_mb(sum(one.size_bytes for one in found))}"
    if not found:
        typer.echo("Nothing is left over.")
    elif yes:
        typer.echo(f"Deleted: {told}.")
    else:
        typer.echo(f"{told}. Nothing was deleted: gator media gc --yes does that.")


@app.command("remove")
def remove(asset: _Asset, yes: Yes = False) -> None:
    """Delete an asset's file for good, with its small picture and its links; posts and jobs must not need it. Asks first."""
    from gator.cli.rest import asked, client, seen

    id = _with_store(lambda store, _: _meant(store, asset))

    async def ask() -> None:
        async with client("gator media") as reached:
            there = await asked(reached, "GET", f"/api/v1/content/{id}")
            title = f" “{seen(there['title'])}”" if there["title"] else ""
            make_sure(f"Delete the {there['kind']}{title} and its links for good?", yes)
            await asked(reached, "DELETE", f"/api/v1/content/{id}")

    run(ask())
    typer.echo("It is removed.")


@app.command("move")
def move(
    source: Annotated[
        str, typer.Option("--from", help="file:///FOLDER or s3://BUCKET/PREFIX; default where media lie now")
    ] = "",
    to: Annotated[str, typer.Option("--to", help="the same; default where media lie now")] = "",
    delete: Annotated[bool, typer.Option("--delete", help="remove each file there once it is proven here")] = False,
    yes: Yes = False,
) -> None:
    """Copy every file from one place to another and prove it; begun again, it goes on. Gator may run meanwhile."""
    from memory.buckets import moving

    settings = load_settings()
    here, there = _places(settings, source, to)
    if delete:
        make_sure(f"Remove the files from {source or 'where media lie now'} once they are copied?", yes)
    count, size = Counter[str](), 0
    for one in moving.move(here, there, delete=delete):
        count[one.state] += 1
        size += one.size_bytes
        if one.state == "damaged":
            typer.echo(f"damaged  {one.sha256}")
        elif sys.stderr.isatty():
            typer.echo(f"\r{count.total():,} files, {_mb(size)}", err=True, nl=False)
    missing = _with_store(lambda store, _: _missing(store, moving.listed(there)))
    for sha256 in missing:
        typer.echo(f"missing  {sha256}")
    typer.echo(f"{_many(count['copied'], 'file')} copied, {count['there']:,} there already, {_mb(size)} in all.")
    if count["damaged"] or missing:
        raise typer.Exit(1)


async def _meant(store: Any, asset: str) -> str:
    async with store.open_work(await owner(store), reads=True) as work:
        id: str = await work.assets.meant(asset)
    return id


def _places(settings: "Settings", source: str, to: str) -> "tuple[Blobs, Blobs]":
    from memory.media_place import blobs_at, blobs_of

    here, there = (blobs_at(settings, one) if one else blobs_of(settings) for one in (source, to))
    return here, there


async def _missing(store: Any, listed: dict[str, int]) -> list[str]:
    """Hashes that rows name and that the place does not have."""
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession

    from memory.models import Asset

    async with AsyncSession(store.engine) as session:
        named = await session.scalars(select(Asset.sha256).where(Asset.sha256 != "").distinct())
        return sorted(one for one in named if one not in listed)


def _with_store(ask: "Callable[[Any, Settings], Awaitable[Any]]") -> Any:
    settings = load_settings()
    store = open_store(settings)

    async def work() -> Any:
        try:
            return await ask(store, settings)
        finally:
            await store.close()

    return run(work())


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"


@app.command("rate")
def rate(
    asset: _Asset,
    rating: Annotated[
        Literal["general", "mature", "unknown"], typer.Argument(metavar="RATING", help="general: fit for everybody")
    ],
    shows: Annotated[
        Literal["nobody", "made", "real"] | None,
        typer.Option(help="whom an upload shows: nobody, somebody invented, or somebody who lives"),
    ] = None,
    consent: Annotated[
        str | None, typer.Option(metavar="ID", help="the consent of the real person whom it shows")
    ] = None,
) -> None:
    """Say whom a picture, voice or video is fit for, having looked at it: general, mature or unknown."""
    body = {"rating": rating, "shows": shows, "consent": consent}
    id = _with_store(lambda store, _: _meant(store, asset))
    told = _rest("PUT", f"/api/v1/content/{id}/rating", body)
    typer.echo(f"Rated {told['rating']}.")


@app.command("accept")
def accept(asset: _Asset) -> None:
    """Say that a picture will do though it shows another face than the persona's."""
    id = _with_store(lambda store, _: _meant(store, asset))
    _rest("POST", f"/api/v1/content/{id}/accept", None)
    typer.echo("Accepted.")


def _rest(method: str, path: str, body: "dict[str, Any] | None") -> Any:
    from gator.cli.rest import asked, client

    async def ask() -> Any:
        async with client("gator media") as reached:
            return await asked(reached, method, path, body)

    return run(ask())
