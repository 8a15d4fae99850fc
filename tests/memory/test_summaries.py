"""Does a long conversation stay short, without a word that nobody said?"""

import asyncio

from sqlalchemy import event

from gator.principal import Principal
from memory.facts import candidates
from memory.models import Conversation
from memory.store import Store
from memory.summaries import LONGEST, SLACK, WINDOW, ToldIn, forget_line, roll_up
from memory.vault import VaultKey, open_vault
from memory.work import Work
from tests.memory.people import say


async def talk(work: Work, key: VaultKey, count: int, **said: str) -> Conversation:
    """So many messages of small talk; `said` puts words at places (at3="...")."""
    for at in range(count):
        await say(work, key, said.get(f"at{at}", "ok"), "fan" if at % 2 == 0 else "persona")
    (conversation, *_) = await work.conversations.of(fan_id=key.fan)
    return conversation


def told_in(work: Work, key: VaultKey) -> ToldIn:
    return open_vault(work, key, "hashed").facts.told_in


async def test_nothing_is_folded_while_the_window_holds_it(store: Store, operator: Principal, key: VaultKey) -> None:
    async with store.open_work(operator) as work:
        conversation = await talk(work, key, WINDOW + SLACK)
        assert await roll_up(work, conversation, told_in(work, key)) is False
        assert conversation.summary == ""


async def test_what_leaves_the_window_is_quoted_with_its_date_and_its_message(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        conversation = await talk(
            work, key, WINDOW + SLACK + 1, at4="I live in Porto and work as a nurse", at5="Lovely!"
        )
        assert await roll_up(work, conversation, told_in(work, key)) is True
        assert await roll_up(work, conversation, told_in(work, key)) is False

    async with store.open_work(operator, reads=True) as work:
        conversation = await work.conversations.get(conversation.id)
        messages = await work.conversations.after(conversation.id, None)
        (cited,) = conversation.notes["summary"]
        assert conversation.summary.endswith(" fan: “I live in Porto and work as a nurse”")
        assert conversation.summary.startswith(f"{messages[4].created_at:%Y-%m-%d}")
        assert cited[0] == messages[4].id
        assert conversation.summary_upto == messages[SLACK].id
        assert len(await work.conversations.after(conversation.id, conversation.summary_upto)) == WINDOW


async def test_a_summary_stays_bounded_and_keeps_what_tells_most(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    fact = "i live in porto"  # three words without a capital: only that it is a fact makes it tell much
    async with store.open_work(operator) as work:
        chatter = {
            f"at{at}": f"Well, that film number {at} was long and had rather slow music in it" for at in range(1, 280)
        }
        conversation = await talk(work, key, 280, at0=fact, **chatter)
        (first, *_) = await work.conversations.after(conversation.id, None)
        await open_vault(work, key, "hashed").facts.learn(candidates(fact), first.id)
        while await roll_up(work, conversation, told_in(work, key)):
            assert len(conversation.summary) <= LONGEST
        assert fact in conversation.summary
        assert len(conversation.notes["summary"]) == len(conversation.summary.split("\n"))


async def test_other_notes_stay_and_what_code_sent_is_not_summed_up(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        await say(work, key, "Before we start: Nova is an AI persona from Porto, founded in 2026", "notice")
        conversation = await talk(work, key, WINDOW + SLACK)
        await work.conversations.note(conversation.id, builtin_said=True)
        await roll_up(work, conversation, told_in(work, key))
        assert conversation.notes["builtin_said"] is True
        assert conversation.summary == ""


async def test_a_line_that_goes_takes_no_note_along_that_is_written_at_the_same_time(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        conversation = await talk(work, key, WINDOW + SLACK + 1, at4="I live in Porto and work as a nurse")
        await roll_up(work, conversation, told_in(work, key))
        id, quoted = conversation.id, conversation.notes["summary"][0][0]

    async def forget() -> None:
        async with store.open_work(operator) as work:
            await forget_line(work, id, quoted)

    async with store.open_work(operator) as work:
        await work.conversations.note(id, relays="a fan")
        forgetting = asyncio.create_task(forget())
        await asyncio.sleep(0.1)  # until it waits for us
    await forgetting

    async with store.open_work(operator, reads=True) as work:
        conversation = await work.conversations.get(id)
    assert (conversation.summary, conversation.notes["relays"]) == ("", "a fan")


async def test_an_ordinary_turn_asks_the_database_one_bounded_question(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        conversation = await talk(work, key, WINDOW)
        asked: list[str] = []
        if store.engine.dialect.name == "sqlite":  # what is prepared goes past SQLAlchemy's events
            driver = await (await work.session.connection()).get_raw_connection()
            driver.dbapi_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
        else:
            event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
        await roll_up(work, conversation, told_in(work, key))
    assert len([query for query in asked if "message" in query]) == 1
    assert "count" not in asked[0].lower()
    assert "LIMIT" in asked[0]
