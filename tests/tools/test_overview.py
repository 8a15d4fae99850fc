"""How Gator is doing: parts looked at for real, spending, approvals, conversations."""

import socket
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory.repositories.spending import Bill
from memory.store import Store
from tests.servers import powerdns
from tests.servers.s3 import BUCKET, in_bucket, serving_s3
from tools.capability import Nothing, Turn
from tools.overview import (
    ListConversations,
    ShowSpending,
    examine,
    list_approvals,
    list_conversations,
    show_spending,
    show_status,
)
from tools.part import Part

PARTS = [
    "database",
    "broker",
    "vectors",
    "storage",
    "model",
    "hearing",
    "pictures",
    "clips",
    "cards",
    "voice",
    "video",
    "signing",
    "web",
    "dns",
    "channels",
]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nothing listens, held so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def part(name: str, settings: Settings, store: Store | None = None) -> Part:
    parts = {one.name: one for one in await examine(settings, store)}
    assert list(parts) == PARTS
    return parts[name]


async def test_a_fresh_home_has_its_database_ready(turn: Turn) -> None:
    status = await show_status(Nothing(), turn)

    assert [one.name for one in status.parts] == PARTS
    states = {one.name: one.state for one in status.parts}
    assert states["database"] == states["broker"] == states["storage"] == states["model"] == "ready"
    assert "no language model" in next(one.detail for one in status.parts if one.name == "model")
    assert "Ready: database" in status.in_words()
    assert "a key for tests only" not in status.in_words()


async def test_what_is_not_there_yet_is_off_and_nothing_is_made(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new")

    assert (await part("database", settings)).state == "off"
    assert not (tmp_path / "new").exists()


async def test_servers_that_are_down_are_broken_with_a_remedy(tmp_path: Path, closed_port: int) -> None:
    here = f"127.0.0.1:{closed_port}"
    settings = Settings(
        home=tmp_path,
        broker_url=f"redis://:secret@{here}/0",
        chroma_url=f"http://{here}",
        model="ollama:tiny",
        ollama_base_url=f"http://{here}",
        port=closed_port,
    )
    parts = {one.name: one for one in await examine(settings)}

    assert [parts[name].state for name in ("broker", "vectors", "model")] == ["broken"] * 3
    assert all(parts[name].remedy for name in ("broker", "vectors", "model"))
    assert parts["web"].state == "off"
    assert "secret" not in str(parts)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model": "anthropic:claude"}, "has no key"),
        ({"model": "openai:gpt"}, "has no key"),
        ({"model": "gpt"}, "no model that Gator knows"),
        ({"model": "openai:"}, "no model that Gator knows"),
    ],
)
async def test_a_model_that_cannot_answer_is_broken(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    found = await part("model", Settings(home=tmp_path, **settings))

    assert (found.state, said in found.detail) == ("broken", True)


async def test_a_folder_that_cannot_be_written_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")

    assert (await part("storage", Settings(home=tmp_path, storage_url=f"file://{tmp_path}/file"))).state == "broken"


async def test_a_bucket_is_tried_and_says_what_it_does_not_do(tmp_path: Path) -> None:
    with serving_s3() as s3:
        settings = in_bucket(Settings(home=tmp_path, secret_key=SecretStr("a key for tests only")), s3)
        found = await part("storage", settings)
        assert (found.state, f"s3://{BUCKET}/gator" in found.detail, s3.objects) == ("ready", True, {})
        s3.fail("PUT", "denied", times=9)
        found = await part("storage", settings)
        assert (found.state, "AccessDenied" in found.detail, "write" in found.remedy) == ("broken", True, True)


async def test_dns_is_ready_when_its_zones_can_be_listed(tmp_path: Path) -> None:
    async with powerdns.running() as server:
        server.zones["example.com."] = []
        secret = SecretStr(f"pdns_server={server.url},auth_token={powerdns.KEY}")
        ready = await part("dns", Settings(home=tmp_path, dns_provider="powerdns", dns_credentials=secret))
        server.fails = 500
        broken = await part("dns", Settings(home=tmp_path, dns_provider="powerdns", dns_credentials=secret))

    assert (ready.state, ready.detail) == ("ready", "powerdns, 1 zones")
    assert broken.state == "broken"


async def test_a_database_of_an_unknown_schema_is_broken(turn: Turn) -> None:
    from sqlalchemy import text

    async with turn.store.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        assert (await part("database", turn.settings, turn.store)).state == "broken"
    finally:
        async with turn.store.engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


async def test_spending_is_told_by_model_and_persona(turn: Turn, fan: Principal) -> None:
    assert "Nothing was spent" in (await show_spending(ShowSpending(), turn)).in_words()
    async with turn.open_work() as work:
        for cost in (1_500_000, 250_000):
            spend = await work.spending.reserve(
                "openai:gpt", 2_000_000, daily_limit_microusd=50_000_000, persona_id=fan.persona
            )
            await work.spending.settle([Bill(spend, cost, 100, 20)])
        await work.spending.reserve("openai:gpt", 1_000_000, daily_limit_microusd=50_000_000)

    told = await show_spending(ShowSpending(days=7), turn)

    assert (told.cost_usd, told.last_day_usd) == (1.75, 2.75)
    assert [(one.name, one.cost_usd, one.tokens_in) for one in told.models] == [("openai:gpt", 1.75, 200)]
    assert [(one.name, one.cost_usd) for one in told.personas] == [("Nova", 1.75)]
    assert "$1.75 in the last 7 days" in told.in_words()


async def test_what_waits_for_a_yes_is_listed(turn: Turn) -> None:
    assert (await list_approvals(Nothing(), turn)).in_words() == "Nothing waits for your yes."
    async with turn.open_work() as work:
        await work.approvals.ask(
            "schedule_post", "publish", {}, "hash", summary="Publish as Nova\u202e", key="k", turn_id=turn.id,
            conversation_id=new_id(), lives=timedelta(hours=1),
        )  # fmt: skip

    (one,) = (await list_approvals(Nothing(), turn)).approvals
    assert one.summary == "Publish as Nova⟨U+202E⟩"


async def test_conversations_are_listed_without_their_words(turn: Turn, fan: Principal) -> None:
    async with turn.open_work() as work:
        talk = await work.conversations.meet("web", "", "t1", persona_id=fan.persona, fan_id=fan.subject)
        await work.conversations.say(talk.id, "fan", "my secret")
        await work.conversations.meet("cli", "", "t2", user_id=turn.principal.subject)

    every = await list_conversations(ListConversations(), turn)
    of_nova = await list_conversations(ListConversations(persona="nova"), turn)

    assert len(every.conversations) == 2
    assert [(one.persona, one.fan, one.messages) for one in of_nova.conversations] == [("Nova", "Ada", 1)]
    assert "my secret" not in str(every)
    assert "Ada with Nova (web): 1 messages" in of_nova.in_words()


@pytest.mark.parametrize(
    ("transcriber", "state", "words"),
    [
        ("", "off", "nobody"),
        ("siri", "broken", "no transcriber"),
        ("openai", "broken", "no key"),
        ("whisper:/nowhere", "broken", "no weights"),
    ],
)
async def test_who_listens_is_shown(transcriber: str, state: str, words: str, settings: Settings, store: Store) -> None:
    parts = {one.name: one for one in await examine(settings.model_copy(update={"transcriber": transcriber}), store)}
    assert (parts["hearing"].state, words in parts["hearing"].detail) == (state, True)


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        ({}, "ready", "eSpeak"),
        ({"voice": "elevenlabs"}, "broken", "no key"),
        ({"voice": "openai:tts-1", "openai_api_key": "sk-x"}, "ready", "tts-1"),
        ({"voice": "elevenlabs", "elevenlabs_api_key": "x"}, "ready", "GATOR_VOICE_NAME"),
        ({"voice": "piper"}, "broken", "not installed"),
    ],
)
async def test_who_speaks_is_shown(told: dict[str, str], state: str, words: str, home: Path) -> None:
    found = await part("voice", Settings(home=home, **told))  # type: ignore[arg-type]
    assert (found.state, words in found.detail) == (state, True)


async def test_who_signs_media_is_told_and_a_broken_certificate_is_named(home: Path) -> None:
    found = await part("signing", Settings(home=home))
    assert (found.state, "own certificate" in found.detail) == ("ready", True)
    assert not (home / "secret.key").exists()
    (home / "mine.pem").write_text("no certificate")
    wrong = Settings(home=home, c2pa_certificate=home / "mine.pem", c2pa_key=home / "mine.pem")
    found = await part("signing", wrong)
    assert found.state == "broken"
    assert "holds no certificate in PEM" in found.detail
    assert "GATOR_C2PA_CERTIFICATE" in found.remedy


async def test_without_its_library_signing_is_off_and_says_how_to_enable_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    found = await part("signing", Settings(home=home))
    assert (found.state, found.remedy) == ("off", "Install Gator's extra `c2pa`.")
