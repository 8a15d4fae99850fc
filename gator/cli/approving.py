"""What waits for a yes, and which of it is meant? One list for the chat, `gator chat --once` and `gator approve`."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from gator.errors import Refused

if TYPE_CHECKING:
    from gator.principal import Principal
    from memory.models import Approval
    from memory.store import Store

NOTHING = "Nothing waits for a yes."


async def pending(store: "Store", who: "Principal") -> list["Approval"]:
    """All that waits in the workspace, wherever it was asked; oldest first."""
    async with store.open_work(who, reads=True) as work:
        return await work.approvals.pending()


def show(there: Sequence["Approval"], as_json: bool, *, numbered: bool = False) -> None:
    for number, one in enumerate(there, 1):
        if as_json:
            told = {"id": one.id, "capability": one.capability, "summary": one.summary}
            typer.echo(json.dumps({**told, "expires_at": one.expires_at.isoformat()}))
        else:
            typer.echo(f"{f'{number}. ' if numbered else ''}{one.id}  {one.summary}")
    if not there and not as_json:
        typer.echo(NOTHING)


def meant(said: str, there: Sequence["Approval"], listed: Sequence[str] = ()) -> str:
    """The id of what is meant: the only one, that of a number in the list that was `listed` last, or the id itself.

    Raises Refused where nothing waits, or several do and none is named.
    """
    ids = list(listed) or [one.id for one in there]
    if said.isdecimal() and len(said) < 4:  # no id is that short
        if not 1 <= int(said) <= len(ids):
            raise Refused(f"There is no number {said} in the list.", remedy="/approvals shows it.")
        return ids[int(said) - 1]
    if said:
        return said
    if len(there) != 1:
        raise Refused(f"{len(there)} things wait for a yes." if there else NOTHING)
    return there[0].id
