"""Does a statement that fails keep to itself what people wrote? Its error goes to the log."""

import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, text

from gator.principal import Principal
from memory.models import Conversation
from memory.prepared import Prepared
from memory.repositories.base import row_of, table_of
from memory.store import Store

SAID = "what a fan said"
Fails = Callable[[Any], Awaitable[object]]


async def in_an_unknown_table(session: Any) -> None:
    await session.execute(text("insert into nowhere values (:said)"), {"said": SAID})


async def as_an_object_without_what_it_needs(session: Any) -> None:
    session.add(Conversation(workspace=SAID, channel=SAID, account=SAID, thread=SAID))
    await session.flush()


async def twice(session: Any) -> None:
    table = table_of(Conversation)
    values = {bind.removeprefix("v_"): value for bind, value in row_of(Conversation, title=SAID, thread=SAID).items()}
    for _ in range(2):
        await session.execute(insert(table), values | {"workspace": SAID})


async def prepared(session: Any) -> None:
    table = table_of(Conversation)
    into = insert(table).values(workspace=bindparam("said"), thread=bindparam("said"), channel=None, id=SAID)
    await Prepared(into).run(session, {"said": SAID})


@pytest.mark.parametrize("fails", [in_an_unknown_table, as_an_object_without_what_it_needs, twice, prepared])
async def test_an_error_tells_of_the_statement_and_not_of_its_values(
    fails: Fails, store: Store, operator: Principal
) -> None:
    with pytest.raises(Exception) as failed:  # drivers' own, of either database
        async with store.open_work(operator) as work:
            await fails(work.session)
    told = "".join(traceback.format_exception(failed.value))
    assert "Error" in told or "errors." in told
    assert SAID not in told
