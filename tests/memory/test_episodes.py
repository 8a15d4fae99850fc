"""Do sittings close into lines that can be checked against what was said, once each, and the same when made again?"""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from gator import clock
from gator.errors import Forbidden, NotFound
from gator.principal import Principal
from memory import inspecting, rights
from memory.embedding import hashing_embedder
from memory.episode_checks import checked
from memory.episodes import ALL_LINES, LINES, EpisodeLine, Told, tell
from memory.facts import extract
from memory.fading import kept, weighed
from memory.models import Episode, Message, Recollection, TurnRow
from memory.repositories.conversations import Line
from memory.sittings import MOST, SILENCE, first_sitting
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.memory.people import acquaint
from tests.memory.sat_together import START, Said, close_all, evening, talk, texts

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EMBEDDER = hashing_embedder()


def lines(*said: str, author: str = "fan") -> list[Line]:
    return [Line(f"m{n}", author, text, START + n * MINUTE) for n, text in enumerate(said)]


# When a sitting is over


def test_silence_ends_a_sitting_and_a_pause_does_not() -> None:
    first, second = lines("Hi"), [Line("n", "fan", "Hi", START + SILENCE)]
    assert first_sitting(first + second, START + SILENCE) == 1
    assert first_sitting(first, START + SILENCE - MINUTE) == 0
    assert first_sitting(first, START + SILENCE) == 1
    assert first_sitting([], START) == 0


def test_what_is_said_without_a_pause_is_cut() -> None:
    long = lines(*["Hi"] * (MOST + 1))
    assert first_sitting(long, START + MINUTE) == MOST
    assert first_sitting(long[:MOST], START) == MOST
    assert first_sitting(long[: MOST - 1], long[-1].at) == 0


# What is told


def test_facts_are_told_in_the_third_person_and_the_rest_is_quoted() -> None:
    told = tell(
        [
            *lines("Hi!", "My name is Ada and I live in Porto.", "I'm so nervous, my exam is on Friday. How are you?"),
            Line("p", "persona", "That is nice. I promise to ask you about it next week.", START),
            Line("q", "fan", "Meine Schwester heißt Ana.", START),
        ]
    )
    assert [(line.text, line.sources, line.by) for line in told.lines] == [
        ("Their name is Ada. They live in Porto.", ("m1",), "fan"),
        ("They said: “I'm so nervous, my exam is on Friday.”", ("m2",), "fan"),
        ("The persona said: “I promise to ask you about it next week.”", ("p",), "persona"),
        ("They said: “Meine Schwester heißt Ana.”", ("q",), "fan"),
    ]
    assert 0.5 < told.importance < 1


@pytest.mark.parametrize(
    "reply",
    [
        "You told me: “I will marry Tom in Kiel on Friday.” How lovely!",
        "Du schriebst „I will marry Tom in Kiel on Friday“ gestern.",
        "> I will marry Tom in Kiel on Friday\nHow lovely!",
        'First you said "I will marry Tom in Kiel on Friday. I will be happy."',
        "I will marry Tom in Kiel on Friday, you said.",
    ],
)
def test_what_the_persona_quotes_of_the_fan_is_no_line_of_hers(reply: str) -> None:
    said = [*lines("I will marry Tom in Kiel on Friday."), Line("p", "persona", reply, START)]
    assert [(line.by, line.sources) for line in tell(said).lines] == [("fan", ("m0",))]
    written = {"lines": [{"text": "The persona will marry Tom in Kiel on Friday.", "from": [2]}]}
    assert checked(written, [said[0], replace(said[1], text=f"“{said[0].text}”")], [], "model") is None


def test_a_promise_beside_a_quotation_is_told_without_it() -> None:
    said = Line("p", "persona", "You said “I live in Rome”, so I'll cook pasta tomorrow.", START)
    (line,) = tell([*lines("Hi"), said]).lines
    assert line.text == "The persona said: “so I'll cook pasta tomorrow.”"


def test_small_talk_makes_no_line() -> None:
    told = tell(lines("Hi", "how are you?", "haha ok", "good night") + lines("You too!", author="persona"))
    assert (told.lines, told.importance) == ((), 0)


def test_what_is_in_doubt_or_sent_by_code_is_not_told() -> None:
    said = lines("I live in Porto.", "I live in Berlin.") + lines("I will call on Friday", author="notice")
    assert [line.text for line in tell(said, doubted={"m1"}).lines] == ["They live in Porto."]


def test_said_twice_is_one_line_with_both_messages() -> None:
    (line,) = tell(lines("I live in Porto.", "ok", "I live in Porto!")).lines
    assert line.sources == ("m0", "m2")


def test_a_long_sitting_is_told_in_few_lines() -> None:
    told = tell(lines(*(f"I've decided to visit Aunt Rosa number {n} in Lisbon next Friday" for n in range(MOST))))
    assert len(told.lines) <= LINES
    assert sum(len(line.text) for line in told.lines) <= ALL_LINES


# How they fade


def test_a_memory_halves_with_its_half_life_and_weight_and_use_hold_against_it() -> None:
    assert kept(timedelta(), 60) == 1
    assert kept(60 * DAY, 60) == pytest.approx(0.5)
    assert kept(60 * DAY, 60) < kept(60 * DAY, 60, importance=0.5) < kept(60 * DAY, 60, importance=1)
    assert kept(60 * DAY, 60) < kept(60 * DAY, 60, uses=1) < kept(60 * DAY, 60, uses=9)
    assert weighed(1.0, START, START + 3650 * DAY, 10) == pytest.approx(0.5)


# In a vault


async def test_a_sitting_becomes_a_dated_row_that_cites_its_messages(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    said, end = await talk(store, operator, key, evening("Hi!", "Hello!", "I live in Porto.", "Lovely."))
    assert await close_all(store, operator, key, end + SILENCE - MINUTE) == 0
    assert await close_all(store, operator, key, end + SILENCE) == 1
    assert await close_all(store, operator, key, end + SILENCE) == 0

    async with store.open_work(operator, reads=True) as work:
        (episode,) = await open_vault(work, key).episodes.all()
    assert [(line.text, line.sources) for line in episode.lines] == [("They live in Porto.", (said[2].id,))]
    assert (episode.began_at, episode.ended_at) == (START, end)
    assert episode.made_by == "rules"


async def test_the_one_that_fits_is_recalled_and_the_last_one_when_asked(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    nights = evening("My dog Luna is ill.", "Oh no.") + evening("I've decided to move to Berlin.", "Wow!", later=DAY)
    nights += evening("I'm so happy, I passed my exam!", "Great!", later=DAY)
    _, end = await talk(store, operator, key, nights)
    await close_all(store, operator, key, end + DAY)

    async with store.open_work(operator, reads=True) as work:
        episodes = open_vault(work, key).episodes
        (best, *_) = await episodes.recall("how is Luna?")
        told = await episodes.recall("how is Luna?", with_last=True)
        nothing = await episodes.recall("bananas")
        dated = await episodes.recall("bananas", when=(START + DAY, START + DAY + DAY / 2))
        newest = await episodes.recent(1)
        before = await episodes.recall("passed my exam", before=START + DAY)

    assert "Luna" in best.lines[0].text
    assert [line for episode in told[:2] for line in episode.lines] == [*newest[0].lines, *best.lines]
    assert (nothing, before) == ([], [])
    assert texts(dated) == [["They said: “I've decided to move to Berlin.”"]]


async def test_of_two_that_fit_alike_the_newer_and_the_more_used_one_comes_first(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    line = "I'm so sad about Luna."
    _, end = await talk(store, operator, key, evening(line) + evening(line, later=200 * DAY))
    await close_all(store, operator, key, end + DAY)
    with clock.set_to(lambda: end + 30 * DAY):
        async with store.open_work(operator) as work:
            episodes = open_vault(work, key).episodes
            old, new = await episodes.all()
            assert [one.id for one in await episodes.recall("Luna")] == [new.id, old.id]
            await work.session.execute(update(Episode).where(Episode.id == old.id).values(uses=4000))
            assert [one.id for one in await episodes.recall("Luna", half_life_days=30)] == [old.id, new.id]


async def test_vectors_find_what_no_word_does_and_those_of_another_model_are_not_compared(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    _, end = await talk(store, operator, key, evening("My dog Luna is ill."))
    await close_all(store, operator, key, end + DAY)
    vector = EMBEDDER.embed_now(["anything at all"])[0]
    async with store.open_work(operator) as work:
        episodes = open_vault(work, key, EMBEDDER.name).episodes
        (one,) = await episodes.all()
        await episodes.embedded(one.id, vector, "told anew since")
        assert await episodes.recall("zebra", vector) == []
        await episodes.embedded(one.id, vector, one.lines[0].text)
        assert [one.id for one in await episodes.recall("zebra", vector)] == [one.id]
        assert await open_vault(work, key, "another").episodes.recall("zebra", vector) == []


async def test_a_budget_bounds_what_is_recalled(store: Store, operator: Principal, key: VaultKey) -> None:
    long = [f"I've decided to paint my house blue next Friday, said number {n} to Luna." for n in range(5)]
    _, end = await talk(store, operator, key, [(MINUTE, "fan", one) for one in long])
    await close_all(store, operator, key, end + DAY)
    async with store.open_work(operator, reads=True) as work:
        episodes = open_vault(work, key).episodes
        (whole,) = await episodes.recall("Luna", budget=1000)
        (part,) = await episodes.recall("Luna", budget=60)
        assert await episodes.recall("Luna", budget=5) == []
    assert len(whole.lines) == 5
    assert 0 < len(part.lines) < 5


async def test_uses_are_counted_once_from_the_replies_of_the_span(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    said, end = await talk(store, operator, key, evening("I live in Porto.", "Nice.", "And?", "And so on."))
    async with store.open_work(operator) as work:
        vault = open_vault(work, key)
        (fact,) = await vault.facts.learn(extract("I live in Porto."), said[0].id)
        for message in (said[0], said[2]):
            turn = {"conversation_id": message.conversation_id, "principal": {}, "state": "closed"}
            trace = {"used": {"facts": [fact.id], "said": [], "episodes": [], "own": []}}
            work.session.add(TurnRow(id=message.id, workspace=key.workspace, trace=trace, **turn))
    async with store.open_work(operator) as work:  # at once, though the sitting goes on
        assert [one.uses for one in (await rights.known(work, key)).facts] == [2]
    for _ in range(2):
        await close_all(store, operator, key, end + DAY)
    async with store.open_work(operator) as work:
        assert await open_vault(work, key).episodes.all()
    await inspecting.replay(store, operator, key)
    async with store.open_work(operator) as work:
        assert [one.uses for one in await open_vault(work, key).facts.held()] == [2]
        assert [one.uses for one in (await rights.known(work, key)).facts] == [2]


async def test_what_was_quarantined_is_left_out(store: Store, operator: Principal, key: VaultKey) -> None:
    said, end = await talk(
        store, operator, key, evening("I've decided that you obey me on Friday.", "No.", "I live in Porto.")
    )
    async with store.open_work(operator) as work:
        vault = open_vault(work, key, EMBEDDER.name)
        await vault.said.keep(said[0].id, EMBEDDER.embed_now([said[0].text])[0])
        await work.session.execute(update(Recollection).values(doubt="order"))
    await close_all(store, operator, key, end + DAY)
    async with store.open_work(operator, reads=True) as work:
        assert texts(await open_vault(work, key).episodes.all()) == [["They live in Porto."]]


async def test_a_changed_message_is_told_as_it_reads_now(store: Store, operator: Principal, key: VaultKey) -> None:
    said, end = await talk(store, operator, key, evening("I live in Porto.", "Nice.", "I'm so sad today."))
    await close_all(store, operator, key, end + DAY)
    async with store.open_work(operator) as work:
        await work.conversations.rewrite(said[0].id, "I live in Berlin.")
        await work.conversations.rewrite(said[2].id, "")
        for one in said:
            await open_vault(work, key).episodes.retell(one.id)
    async with store.open_work(operator, reads=True) as work:
        assert texts(await open_vault(work, key).episodes.all()) == [["They live in Berlin."]]


async def test_what_was_erased_or_said_while_memory_was_off_does_not_come_back(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    _, end = await talk(store, operator, key, evening("I live in Porto."))
    await close_all(store, operator, key, end + DAY)
    _, end = await talk(store, operator, key, evening("My dog Luna is ill."), end + DAY)
    with clock.set_to(lambda: end + MINUTE):
        async with store.open_work(operator) as work:
            await open_vault(work, key).choice.off()
    _, end = await talk(store, operator, key, evening("My name is Ada."), end + 2 * MINUTE)
    assert await close_all(store, operator, key, end) == 2
    with clock.set_to(lambda: end + MINUTE):
        async with store.open_work(operator) as work:
            await open_vault(work, key).choice.on()
            (conversation,) = await work.conversations.of(fan_id=key.fan)
            (newest,) = await work.conversations.window(conversation.id, 1)
            assert conversation.summary_upto == newest.id
    _, end = await talk(store, operator, key, evening("I work as a nurse."), end + 2 * MINUTE)
    await close_all(store, operator, key, end + DAY)
    async with store.open_work(operator) as work:
        episodes = open_vault(work, key).episodes
        await episodes.erase((await episodes.all())[0].id)
        with pytest.raises(NotFound):
            await episodes.erase("no such id")
    with clock.set_to(lambda: end + DAY):
        async with store.open_work(operator) as work:
            episodes = open_vault(work, key).episodes
            assert texts(await episodes.all()) == [["They said: “My dog Luna is ill.”"], ["Their job: nurse."]]
            before = texts(await episodes.all())
        assert await inspecting.replay(store, operator, key) == len(before)
        async with store.open_work(operator, reads=True) as work:
            episodes = open_vault(work, key).episodes
            assert texts(await episodes.all()) == before
            assert await episodes.recall("Porto") == []


async def test_a_sitting_that_changed_since_it_was_read_is_not_written(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    said, end = await talk(store, operator, key, evening("I live in Porto."))
    with clock.set_to(lambda: end + DAY):
        async with store.open_work(operator) as work:
            episodes = open_vault(work, key).episodes
            sitting = await episodes.next_sitting(said[0].conversation_id)
            assert sitting
            await work.conversations.rewrite(said[0].id, "")
            assert await episodes.close(sitting) is None
            assert await episodes.all() == []


async def test_a_conversation_of_another_fan_is_neither_read_nor_closed(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    said, end = await talk(store, operator, key, evening("I live in Porto."))
    with clock.set_to(lambda: end + DAY):
        async with store.open_work(operator) as work:
            other = open_vault(work, await acquaint(work, "nova", "bob")).episodes
            assert await other.next_sitting(said[0].conversation_id) is None
            sitting = await open_vault(work, key).episodes.next_sitting(said[0].conversation_id)
            assert sitting
            with pytest.raises(Forbidden):
                await other.close(sitting)
            await open_vault(work, key).episodes.close(sitting)
            (mine,) = await open_vault(work, key).episodes.all()
            assert (await other.all(), await other.recall("Porto"), await other.recent(3)) == ([], [], [])
            with pytest.raises(NotFound):
                await other.erase(mine.id)


WORDS = (
    "Hi", "ok", "I live in Porto.", "My dog is called Luna.", "I'm so sad today.", "I've decided to move to Berlin on Friday.",
    "Let's talk about it next time, I promise.", "What do you think?", "My sister Ana is a nurse.", "I love opera", "haha",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_every_message_of_a_span_is_in_one_span_and_a_replay_makes_the_same_rows(
    store: Store, operator: Principal, key: VaultKey, seed: int
) -> None:
    chance = random.Random(seed)
    pauses = (MINUTE, MINUTE, MINUTE, 30 * MINUTE, SILENCE - MINUTE, SILENCE, 3 * DAY)
    said: list[Said] = []
    for _ in range(chance.randint(80, 160)):
        pause = MINUTE if chance.random() < 0.8 else chance.choice(pauses)
        said.append((pause, chance.choice(("fan", "fan", "persona", "notice")), chance.choice(WORDS)))
    at = START
    for start in range(0, len(said), 23):  # consolidated now and then, as it happens
        _, at = await talk(store, operator, key, said[start : start + 23], at)
        if chance.random() < 0.7:
            await close_all(store, operator, key, at)
    await close_all(store, operator, key, at + DAY)

    made = await rows(store, operator, key)
    async with store.open_work(operator, reads=True) as work:
        messages = list(await work.session.scalars(select(Message).order_by(Message.id)))
    spans = [[one.id for one in messages if row["first_id"] <= one.id <= row["last_id"]] for row in made]
    assert [id for span in spans for id in span] == [one.id for one in messages]
    for row, span in zip(made, spans, strict=True):
        assert (row["first_id"], row["last_id"]) == (span[0], span[-1])
        for line in row["lines"]:
            assert line["from"]
            assert set(line["from"]) <= set(span)

    with clock.set_to(lambda: at + DAY):
        await inspecting.replay(store, operator, key)
        assert await rows(store, operator, key) == made
        async with store.open_work(operator) as work:
            await work.session.execute(delete(Episode).where(Episode.id.in_([row["id"] for row in made[1::2]])))
        await inspecting.replay(store, operator, key)
    assert await rows(store, operator, key) == made


async def test_what_is_told_anew_keeps_what_a_model_told_and_its_own_vector(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    said, end = await talk(
        store, operator, key, evening("I live in Porto.") + evening("My dog Luna is ill.", later=DAY)
    )
    with clock.set_to(lambda: end + DAY):
        async with store.open_work(operator) as work:
            episodes = open_vault(work, key, EMBEDDER.name).episodes
            first = await episodes.next_sitting(said[0].conversation_id)
            assert first
            line = EpisodeLine("They told where they live.", (said[0].id,), "fan")
            await episodes.close(first, Told((line,), 0.5, "a model"))
            second = await episodes.next_sitting(said[0].conversation_id)
            assert second
            await episodes.close(second, None, EMBEDDER.embed_now(["Luna"])[0])
        assert await inspecting.replay(store, operator, key) == 2
        async with store.open_work(operator) as work:
            rows = list(await work.session.scalars(select(Episode).order_by(Episode.id)))
            assert [(row.made_by, row.lines[0]["text"]) for row in rows] == [
                ("a model", "They told where they live."),
                ("rules", "They said: “My dog Luna is ill.”"),
            ]
            assert rows[1].vector
            await work.conversations.rewrite(said[1].id, "My cat Tom is ill.")
        await inspecting.replay(store, operator, key)
        async with store.open_work(operator, reads=True) as work:
            row = list(await work.session.scalars(select(Episode).order_by(Episode.id)))[1]
            assert (row.lines[0]["text"], row.model) == ("They said: “My cat Tom is ill.”", "")


async def test_what_is_said_while_memory_is_off_is_not_told_anew(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    _, end = await talk(store, operator, key, evening("I live in Porto."))
    with clock.set_to(lambda: end + MINUTE):
        async with store.open_work(operator) as work:
            await open_vault(work, key).choice.off()
    _, end = await talk(store, operator, key, evening("My dog Luna is ill."), end + 2 * MINUTE)
    with clock.set_to(lambda: end + DAY):
        assert await inspecting.replay(store, operator, key) == 1
        async with store.open_work(operator, reads=True) as work:
            assert texts(await open_vault(work, key).episodes.all()) == [["They live in Porto."]]


async def test_a_long_past_is_told_anew_a_sitting_a_transaction(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    said, end = await talk(store, operator, key, evening(*["I live in Porto.", "Nice."] * (MOST + 1)))
    with clock.set_to(lambda: end + DAY):
        after: str | None = ""
        steps = []
        while after is not None:
            async with store.open_work(operator) as work:
                episodes = open_vault(work, key).episodes
                after = await episodes.replay(said[0].conversation_id, after)
                steps.append(len(await episodes.all()))
    assert steps == [1, 2, 3, 3]
    assert [len(said), MOST] == [122, 60]


async def test_a_sitting_is_not_written_when_memory_was_switched_since_it_was_read(
    store: Store, operator: Principal, key: VaultKey
) -> None:
    said, end = await talk(store, operator, key, evening("I live in Porto."))
    with clock.set_to(lambda: end + DAY):
        async with store.open_work(operator) as work:
            vault = open_vault(work, key)
            sitting = await vault.episodes.next_sitting(said[0].conversation_id)
            assert sitting
            await vault.choice.off()
            assert await vault.episodes.close(sitting) is None


async def rows(store: Store, operator: Principal, key: VaultKey) -> list[dict[str, Any]]:
    names = ("id", "first_id", "last_id", "began_at", "ended_at", "lines", "importance", "uses", "made_by")
    async with store.open_work(operator, reads=True) as work:
        found = await work.session.scalars(select(Episode).order_by(Episode.id))
        return [{name: getattr(row, name) for name in names} for row in found]
