"""`gator memory show` and its like: what a persona knows of a fan, over the REST API as `gator inbox` does.

A fan is named by id, by its end, or by name; a fact or an episode by its id or the end of it.
"""

import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import run, write_out
from gator.cli.rest import ENDING, asked, client, fetched, seen, the_one
from gator.errors import NotFound

if TYPE_CHECKING:
    import httpx

receipt_app = typer.Typer(help="Receipts of what was forgotten.", no_args_is_help=True)

_Persona = Annotated[str, typer.Argument(metavar="PERSONA", help="a name or slug")]
_Fan = Annotated[str, typer.Argument(metavar="FAN", help="a name, an id or its end: `gator memory fans PERSONA`")]
_Fact = Annotated[str, typer.Argument(metavar="FACT", help="its id or the end of it")]
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
MOST_NAMED = 20  # fans of one name that are told apart
_Limit = Annotated[int, typer.Option(min=1, max=200, help="how many at most")]


class _Choice(StrEnum):
    on = "on"
    off = "off"


@dataclass(frozen=True, slots=True)
class Door:
    """The API at one fan's memory."""

    client: "httpx.AsyncClient"
    path: str

    async def ask(self, method: str, path: str = "", body: dict[str, Any] | None = None, **params: Any) -> Any:
        return await asked(self.client, method, self.path + path, body, **params)

    async def fact(self, ending: str, *lists: str) -> str:
        """The whole id of a fact. Raises NotFound."""
        known = await self.ask("GET")
        ids = [one["id"] for name in lists for one in known[name]]
        return the_one(ending, ids, "fact", "`gator memory show` and `gator memory quarantine` show those there are.")


def fans(
    persona: _Persona,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="only those of that name")] = "",
    limit: _Limit = 50,
    as_json: _AsJson = False,
) -> None:
    """Show who talks with a persona, whoever was spoken with last first."""

    async def work() -> Any:
        async with client("gator memory") as api:
            return await asked(api, "GET", f"/api/v1/personas/{persona}/fans", limit=limit, named=name)

    _tell(run(work()), as_json, _fan_line, "Nobody talked with them yet.")


def show(persona: _Persona, fan: _Fan, as_json: _AsJson = False) -> None:
    """Show facts, episodes and counts; that you looked is written to the audit log."""
    known = run(_ask(persona, fan, "GET"))
    if as_json:
        typer.echo(json.dumps(known, ensure_ascii=False))
        return
    for title, lines in (
        ("Facts", [_fact_line(one) for one in known["facts"]]),
        ("No longer so", [_fact_line(one) for one in known["ended"]]),
        ("Kept apart", [_fact_line(one) for one in known["quarantine"]]),
        ("Episodes", [line for one in known["episodes"] for line in _episode_lines(one)]),
    ):
        if lines:
            typer.echo("\n".join([f"{title}:", *lines]))
    off = f" Memory is off since {_day(known['off_since'])}." if known["off_since"] else ""
    typer.echo(f"{known['messages']} messages, {known['recalled']} of them can be recalled.{off}")


def search(
    persona: _Persona,
    fan: _Fan,
    words: Annotated[str, typer.Argument(metavar="WORDS", help="words, or a question")],
    limit: _Limit = 20,
    as_json: _AsJson = False,
) -> None:
    """Search facts, episodes and what was said."""
    found = run(_ask(persona, fan, "GET", "/search", q=words, limit=limit))
    _tell(found, as_json, _found_line, "Nothing of that is there.")


def why(persona: _Persona, fan: _Fan, limit: _Limit = 3, as_json: _AsJson = False) -> None:
    """Show the last replies, newest first, and the memories that each was made with: each once, with where it is from."""
    found = run(_ask(persona, fan, "GET", "/replies", limit=limit))
    if as_json or not found:
        _tell(found, as_json, str, "No reply was given yet.")
        return
    memories: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found:
        memories |= {(use["kind"], use["id"]): use for use in one["used"]}
    numbers = {which: n for n, which in enumerate(memories, 1)}
    for one in found:
        typer.echo(_reply_line(one, [numbers[use["kind"], use["id"]] for use in one["used"]]))
    for which, n in numbers.items():
        typer.echo(_used_lines(n, memories[which]))


def fix(
    persona: _Persona,
    fan: _Fan,
    fact: _Fact,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="what is right")],
    as_json: _AsJson = False,
) -> None:
    """Correct a fact: it was never so."""

    async def work() -> Any:
        async with _at(persona, fan) as door:
            return await door.ask("PATCH", f"/facts/{await door.fact(fact, 'facts', 'ended')}", {"value": value})

    _tell([run(work())], as_json, _fact_line)


def end(persona: _Persona, fan: _Fan, fact: _Fact, as_json: _AsJson = False) -> None:
    """Say of a fact that it was so, and no longer is."""

    async def work() -> Any:
        async with _at(persona, fan) as door:
            return await door.ask("POST", f"/facts/{await door.fact(fact, 'facts')}/end")

    _tell([run(work())], as_json, _fact_line)


def forget(
    persona: _Persona,
    fan: _Fan,
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help='a fact, an episode, a message (whole id) or "everything"')
    ],
    yes: Yes = False,
    as_json: _AsJson = False,
) -> None:
    """Forget something for good, and show the receipt."""
    gone = run(_forget(persona, fan, what, yes))
    if as_json:
        typer.echo(json.dumps(gone, ensure_ascii=False))
        return
    counts = ", ".join(f"{many} {name.replace('_', ' ')}" for name, many in gone["counts"].items())
    typer.echo(f"Forgotten: {counts or 'nothing was left'}.\n{gone['receipt']}")


def export(
    persona: _Persona,
    fan: _Fan,
    to: Annotated[Path | None, typer.Option(help="a file; else it is written to the terminal")] = None,
    html: Annotated[bool, typer.Option("--html", help="a page to read instead of JSON")] = False,
) -> None:
    """Write down all that is kept of a fan."""

    async def work() -> bytes:
        async with _at(persona, fan) as door:
            return await fetched(door.client, f"{door.path}/export", format="html" if html else "json")

    content = run(work())
    if to is None:
        typer.echo(content.decode())
    else:
        write_out(to, content)
        typer.echo(f"Written to {to}.")


def quarantine(persona: _Persona, fan: _Fan, as_json: _AsJson = False) -> None:
    """Show what is kept apart and never used, with the reason."""
    _tell(run(_ask(persona, fan, "GET", "/quarantine")), as_json, _fact_line, "Nothing is kept apart.")


def release(persona: _Persona, fan: _Fan, fact: _Fact, as_json: _AsJson = False) -> None:
    """Have something that is kept apart used from now on: it is no harm."""

    async def work() -> Any:
        async with _at(persona, fan) as door:
            return await door.ask("POST", f"/quarantine/{await door.fact(fact, 'quarantine')}/release")

    _tell([run(work())], as_json, _fact_line)


def drop(persona: _Persona, fan: _Fan, fact: _Fact, yes: Yes = False) -> None:
    """Take something that is kept apart out of the memory for good. Asks first."""

    async def work() -> None:
        async with _at(persona, fan) as door:
            id = await door.fact(fact, "quarantine")
            make_sure(f"Drop {fact} of {fan} for good?", yes)
            await door.ask("DELETE", f"/quarantine/{id}")

    run(work())
    typer.echo("Dropped.")


def remember(
    persona: _Persona,
    fan: _Fan,
    choice: Annotated[_Choice, typer.Argument(metavar="on|off", help="off: nothing is learned, nothing recalled")],
) -> None:
    """Switch remembering off or on, as the fan asked for."""
    on = run(_ask(persona, fan, "PUT", "/choice", {"on": choice is _Choice.on}))["on"]
    typer.echo(f"Memory is {'on' if on else 'off'}.")


def replay(persona: _Persona, fan: _Fan) -> None:
    """Tell all episodes anew from the messages that they cite."""
    told = run(_ask(persona, fan, "POST", "/replay"))
    typer.echo(f"Told anew: {told['episodes']} episodes.")


@receipt_app.command("verify")
def verify(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="the line from gator-receipt on; - reads it")],
    as_json: _AsJson = False,
) -> None:
    """Say what a receipt says, if this Gator signed it."""

    async def work() -> Any:
        text = sys.stdin.read() if receipt == "-" else receipt
        async with client("gator memory") as api:
            return await asked(api, "POST", "/api/v1/me/memory/receipts/verify", {"receipt": text})

    told = run(work())
    counts = ", ".join(f"{many} {name.replace('_', ' ')}" for name, many in told["counts"].items())
    said = f"Good: {told['scope']} of fan {told['fan']} with {told['persona']} at {told['at']}: {counts}."
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else said)


@receipt_app.command("list")
def list_receipts(persona: _Persona, fan: _Fan, as_json: _AsJson = False) -> None:
    """Show what was forgotten of a fan, newest first."""
    found = run(_ask(persona, fan, "GET", "/receipts"))
    _tell(found, as_json, lambda one: f"{_day(one['at'])}  {one['scope']}\n{one['receipt']}", "Nothing was forgotten.")


COMMANDS: tuple[Callable[..., None], ...] = (
    fans, show, search, why, fix, end, forget, remember, export, quarantine, release, drop, replay,
)  # fmt: skip


# Words


def _tell(found: Sequence[Any], as_json: bool, line: Callable[[Any], str], nothing: str = "") -> None:
    for one in found:
        typer.echo(json.dumps(one, ensure_ascii=False) if as_json else line(one))
    if not found and not as_json:
        typer.echo(nothing)


def _day(at: str) -> str:
    return at[:10]


def _fan_line(one: dict[str, Any]) -> str:
    return seen(f"{one['id'][-8:]}  {one['name'] or '(no name)'}  {one['channel']}  {_minute(one['last_at'])}")


def _fact_line(one: dict[str, Any]) -> str:
    name = f"{one['kind']} ({one['subject']})" if one["subject"] else one["kind"]
    until = f" until {_day(one['until'])}" if one["until"] else ""
    doubt = f"  KEPT APART ({one['doubt']})" if one["doubt"] else ""
    said = f"  “{one['quote']}”" if one["quote"] != one["value"] else ""
    return seen(
        f"{one['id'][-8:]}  {name}: {one['value']}  since {_day(one['since'])}{until}  "
        f"{one['source']} {one['confidence']:.2f}, used {one['uses']}{doubt}{said}"
    )


def _episode_lines(one: dict[str, Any]) -> list[str]:
    head = f"{one['id'][-8:]}  {_day(one['began_at'])}  {one['made_by']} {one['importance']:.2f}, used {one['uses']}"
    cited = [f"          {line['text']}  [{len(line['messages'])}]" for line in one["lines"]]
    return [seen(line) for line in (head, *cited)]


def _found_line(one: dict[str, Any]) -> str:
    state = f"  ({one['state']})" if one["state"] else ""
    text = " ".join(one["text"].split())
    return seen(f"{one['id'][-8:]}  {one['kind']}  {_day(one['at'])}  {one['author']}: {text}{state}")


def _reply_line(one: dict[str, Any], used: list[int]) -> str:
    made = f"made with {', '.join(map(str, used))}" if used else "made with no memories"
    return seen(f"{_minute(one['at'])}  {' '.join(one['text'].split())}\n          {made}")


def _used_lines(n: int, use: dict[str, Any]) -> str:
    """A memory, then where it comes from: a fact as a sentence with the words that told it, anything else word for word."""
    said = f"“{' '.join(use['quote'].split())}”"
    fact = use["fact"]
    if fact:
        by = {"fan": "corrected by the fan", "operator": "corrected by an operator"}.get(
            fact["source"], "told by the fan"
        )
        says = fact["says"] or fact["value"]
        told = (
            f"{says[:1].upper()}{says[1:]}\n          {by}, {_day(use['at'])}, message {fact['message'][-8:]}: {said}"
        )
    elif use["kind"] == "episode":
        told = f"the sitting of {_minute(use['at'])}, {use['id'][-8:]}: {use['quote'].replace(chr(10), ' ')}"
    else:
        of = f", message {use['id'][-8:]}" if use["kind"] == "said" else " of herself"
        told = f"said by the {use['author']}{of}, {_minute(use['at'])}: {said}"
    return seen(f"{n:>3}  {use['kind']}  {told}")


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


# The API


@asynccontextmanager
async def _at(persona: str, fan: str) -> AsyncIterator[Door]:
    async with client("gator memory") as api:
        there = f"/api/v1/personas/{persona}/fans"
        id = fan if len(fan) == 36 else _named(await asked(api, "GET", there, named=fan, limit=MOST_NAMED), fan)
        yield Door(api, f"{there}/{id}/memory")


def _named(fans: list[dict[str, Any]], fan: str) -> str:
    """The whole id of a fan, of those whom the API gives for that name or end of an id. Raises NotFound."""
    if not fans or not fan.strip():
        raise NotFound(f"Nobody called {fan!r} talked with them.", remedy="`gator memory fans PERSONA` shows who did.")
    ending = fan.lower() if len(fan) >= ENDING else "-"
    meant = [one for one in fans if one["name"].casefold() == fan.casefold() or one["id"].endswith(ending)]
    ids: list[str] = list(dict.fromkeys(one["id"] for one in meant))
    if len(ids) == 1:
        return ids[0]
    told = f"More than one fan is called {fan}." if ids else f"Nobody is called {fan}; some come near."
    which = "".join(f"\n  {_fan_line(one)}" for one in meant or fans)
    raise NotFound(told, remedy=f"Say which, by the id that stands first:{which}")


async def _ask(
    persona: str, fan: str, method: str, path: str = "", body: dict[str, Any] | None = None, **params: Any
) -> Any:
    async with _at(persona, fan) as door:
        return await door.ask(method, path, body, **params)


async def _forget(persona: str, fan: str, what: str, yes: bool) -> Any:
    """Look for it, ask, forget it: who says yes knows that it is there."""
    async with _at(persona, fan) as door:
        path, params = await _place(door, what)
        make_sure(f"Forget {what} of {fan} for good?", yes)
        return await door.ask("DELETE", path, **params)


async def _place(door: Door, what: str) -> tuple[str, dict[str, Any]]:
    """Where it lies at the API, and what that wants to hear. Raises NotFound."""
    if what == "everything":
        return "", {"confirm": True}
    known = await door.ask("GET")
    facts = [one["id"] for one in (*known["facts"], *known["ended"], *known["quarantine"])]
    episodes = [one["id"] for one in known["episodes"]]
    if len(what) == 36 and what not in (*facts, *episodes):
        return f"/messages/{what}", {}
    id = the_one(what, [*facts, *episodes], "memory", "`gator memory show` shows those there are.")
    return f"/{'facts' if id in facts else 'episodes'}/{id}", {}
