"""May fans see, correct and switch off what is known of them, and does it say what was used?"""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from gator.clock import now
from gator.errors import Forbidden, NotFound, Refused
from gator.principal import Principal
from memory import exporting, inspecting, receipts, rights
from memory.facts import extract
from memory.linking import link
from memory.models import Audit, Episode, TurnRow
from memory.receipts import Receipt
from memory.store import Store
from memory.vault import VaultKey, open_vault
from memory.work import Work
from tests.memory.people import acquaint, as_fan, say

SECRET = "a key for tests only"


async def tell(work: Work, key: VaultKey, text: str) -> str:
    message = await say(work, key, text)
    await open_vault(work, key).facts.learn(extract(text), message.id)
    return message.id


async def sit(work: Work, key: VaultKey, first: str, last: str, text: str) -> str:
    """An episode of those messages."""
    (room, *_) = await work.conversations.of(fan_id=key.fan, persona_id=key.persona)
    row = Episode(
        **key.columns, conversation_id=room.id, first_id=first, last_id=last, began_at=now(), ended_at=now(),
        lines=[{"text": text, "from": [first, last]}], importance=0.5, made_by="rules",
    )  # fmt: skip
    work.session.add(row)
    await work.session.flush()
    return row.id


async def test_a_fan_sees_facts_episodes_and_how_much_was_said(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        first = await tell(work, key, "I live in Porto.")
        await tell(work, key, "I have a dog called Luna")
        last = await tell(work, key, "I've moved to Berlin")
        await sit(work, key, first, last, "Ada moved to Berlin.")
    async with store.open_work(as_fan(key), reads=True) as work:
        known = await rights.known(work, key)
    assert [fact.value for fact in known.facts] == ["Luna", "Berlin"]
    assert [fact.value for fact in known.ended] == ["Porto"]
    assert [one.text for one in known.episodes] == ["Ada moved to Berlin."]
    assert known.messages == 3
    assert known.since is not None
    assert known.off_at is None


async def test_nobody_sees_what_is_known_of_somebody_else(store: Store, operator: Principal, key: VaultKey) -> None:
    async with store.open_work(operator) as work:
        other = await acquaint(work, "nova", "ben")
        id = await tell(work, key, "I live in Porto.")
        (fact,) = await open_vault(work, key).facts.held()
        (room, *_) = await work.conversations.of(fan_id=key.fan, persona_id=key.persona)
        assert id == fact.message_id
    async with store.open_work(as_fan(other)) as work:
        with pytest.raises(Forbidden):
            await rights.known(work, key)
        with pytest.raises(Forbidden):
            await rights.why(work, key)
        with pytest.raises(NotFound):
            await rights.fix(work, other, fact.id, "Lisbon")
        assert await rights.why(work, other, room.id) == []


async def test_a_reply_tells_which_memories_it_used(store: Store, operator: Principal, key: VaultKey) -> None:
    async with store.open_work(operator) as work:
        id = await tell(work, key, "I live in Porto.")
        gone = await tell(work, key, "I have a dog called Luna")
        (home, luna) = await open_vault(work, key).facts.held()
        (room, *_) = await work.conversations.of(fan_id=key.fan, persona_id=key.persona)
        used = {"facts": [home.id, luna.id], "said": [id], "episodes": [], "own": []}
        turn = TurnRow(
            workspace=key.workspace, conversation_id=room.id, principal={}, state="closed", trace={"used": used}
        )
        work.session.add(turn)
        await work.session.flush()
        await open_vault(work, key).forget.message(gone)
    async with store.open_work(as_fan(key), reads=True) as work:
        found = await rights.why(work, key, room.id)
    assert [(one.kind, one.quote, one.author) for one in found] == [
        ("fact", "I live in Porto.", "fan"),
        ("said", "I live in Porto.", "fan"),
    ]


async def test_a_fan_corrects_a_fact_and_an_operators_correction_is_audited(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        await tell(work, key, "I live in Porto.")
        (home,) = await open_vault(work, key).facts.held()
    async with store.open_work(as_fan(key)) as work:
        fixed = await rights.fix(work, key, home.id, " Lisbon ")
        assert (fixed.value, fixed.source) == ("Lisbon", "fan")
        with pytest.raises(Refused):
            await rights.fix(work, key, home.id, " ")
        assert list(await work.session.scalars(select(Audit))) == []
    async with store.open_work(operator) as work:
        assert (await rights.fix(work, key, home.id, "Faro")).source == "operator"
        (entry,) = await work.session.scalars(select(Audit))
        assert (entry.action, entry.subject, entry.detail["fact"]) == ("memory.fix", key.fan, home.id)


async def test_switched_off_stays_off_until_it_is_on(store: Store, operator: Principal, key: VaultKey) -> None:
    async with store.open_work(as_fan(key)) as work:
        choice = open_vault(work, key).choice
        assert not await choice.is_off()
        await choice.on()
        await rights.remember(work, key, on=False)
        since = await choice.off_at()
        await choice.off()
        assert await choice.off_at() == since is not None
    async with store.open_work(operator) as work:
        assert await open_vault(work, key).choice.is_off()
        assert not await open_vault(work, await acquaint(work, "nova", "ben")).choice.is_off()
        await rights.remember(work, key, on=True)
        assert not await open_vault(work, key).choice.is_off()


def test_a_receipt_says_what_it_was_made_of_and_to_its_own_key_only() -> None:
    at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    receipt = Receipt("e1", at, "p1", "f1", "everything", {"messages": 3})
    text = receipts.issue(SECRET, receipt)
    assert receipts.verify(SECRET, f" {text[:60]}\n{text[60:]} ") == receipt
    mark, content, signature = text.split(".")
    for wrong in (text[:-4], f"{mark}.{content[:-1]}A.{signature}", "", "hello", f"other.{content}.{signature}"):
        with pytest.raises(Refused):
            receipts.verify(SECRET, wrong)
    with pytest.raises(Refused):
        receipts.verify("another key", text)


def test_a_receipt_has_one_spelling() -> None:
    receipt = Receipt("e1", datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "p1", "f1", "everything", {"messages": 3})
    text = receipts.issue(SECRET, receipt)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bytes = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]  # of its last sign only four bits count
    for other in (same_bytes, text.replace(".", ".!!", 1), f"{text}="):
        with pytest.raises(Refused):
            receipts.verify(SECRET, other)


async def test_what_is_kept_can_be_taken_along_when_the_persona_is_removed(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        (await work.personas.get(key.persona)).deleted_at = now()
    async with store.open_work(as_fan(key)) as work:
        assert (await exporting.export(work, key))["persona"] == {"id": key.persona, "name": "Nova"}


async def test_fans_are_found_by_name_end_of_an_id_or_a_part_of_the_name(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    async with store.open_work(operator) as work:
        other = await acquaint(work, "nova", "ben")
        for id, name in ((key.fan, "Jürgen 100%"), (other.fan, "JÜRGEN")):
            (await work.people.fan(id)).display_name = name
        phone = await work.people.meet_fan("telegram", "t1", "Jojo")
        await link(work, phone.id, key.fan)

    async def found(named: str) -> list[str]:
        async with store.open_work(operator, reads=True) as work:
            return [one.id for one in await inspecting.fans_named(work, key.persona, named)]

    assert await found("jürgen") == [other.fan]
    assert await found("jürgen 100%") == await found("Jojo") == [key.fan]
    assert await found(key.fan[-6:].upper()) == [key.fan, key.fan]  # both accounts
    assert await found("00%") == await found("%") == [key.fan]
    assert await found("0_%") == await found("zoe") == []
