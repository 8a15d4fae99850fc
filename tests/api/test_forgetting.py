"""After a real conversation with all that a fan can send: is there a byte of it left anywhere once everything is forgotten?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.messages import BaseMessage
from sqlalchemy import text

from agents.consolidation import Consolidator
from api.tokens import Session
from bots.channel import Inbound
from bots.core import Core
from gator import clock
from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import backups, receipts, restoring
from memory.models import Base, Conversation
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests import files
from tests.conftest import database_url as database_url  # both databases
from tests.fakes import calls
from tests.servers.running import serving
from tests.servers.transcription import TranscriptionServer, Words

MARKS = ("quillheron", "plumeotter", "brassbadger", "velvetstoat", "amberlynx", "saltwren", "copperibis")
SECRET = "a key for tests only"


@pytest.fixture
async def settings(home: Path, database_url: str) -> AsyncIterator[Settings]:
    async with serving(TranscriptionServer([Words("My voice says plumeotter")] * 2).app) as url:
        yield Settings(
            home=home, database_url=database_url, secret_key=SECRET, transcriber="openai", openai_api_key="k",
            transcriber_base_url=f"{url}/v1",
        )  # fmt: skip


@pytest.fixture
def fan_client(anybody: httpx.AsyncClient, fans_session: Session) -> httpx.AsyncClient:
    anybody.headers["Authorization"] = f"Bearer {fans_session.access}"
    return anybody


@pytest.fixture
async def chat(core: Core, fan: Principal) -> Conversation:
    return await core.converse(fan)


async def say(core: Core, client: httpx.AsyncClient, chat: Conversation, words: str, *attached: str) -> list[str]:
    """Say it and wait for whatever is answered; gives what is in the conversation then."""
    path = f"/api/v1/conversations/{chat.id}/messages"
    sent = {"text": words, "attachments": list(attached), "client_id": new_id()}
    answer = await client.post(path, json=sent)
    assert answer.status_code == 202, answer.text
    await settled(core)
    return [one["text"] for one in (await client.get(path)).json()["items"]]


async def settled(core: Core) -> None:
    async with asyncio.timeout(30):
        while core.workers._tasks or core.workers._timers:
            await asyncio.sleep(0.01)
    await core.eraser.settle()


async def send(client: httpx.AsyncClient, chat: Conversation, name: str, data: bytes) -> str:
    sent = {"file": (name, data, "application/octet-stream")}
    answer = await client.post(f"/api/v1/conversations/{chat.id}/attachments", files=sent)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["attachment"])


async def left(store: Store, home: Path) -> list[str]:
    """Where a mark stands: files of the home, and on PostgreSQL columns of every table there is."""
    found = []
    for file in (one for one in home.rglob("*") if one.is_file()):
        data = file.read_bytes().lower()
        found += [f"{file.relative_to(home)}: {mark}" for mark in MARKS if mark.encode() in data]
    async with store.engine.connect() as connection:
        names = [table.name for table in Base.metadata.sorted_tables]
        if store.engine.dialect.name == "postgresql":
            names = list(await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        for name in names:
            for row in (await connection.execute(text(f'SELECT * FROM "{name}"'))).mappings():
                told = {column: _text(value) for column, value in row.items()}
                found += [f"{name}.{column}: {mark}" for mark in MARKS for column in told if mark in told[column]]
    return found


def _text(value: Any) -> str:
    return (bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)).lower()


def speak(messages: list[BaseMessage]) -> Any:
    """What the model says: to an operator who wants something published, a call that needs a yes."""
    if "Who writes to us" in str(messages[-1].content):
        return calls(("list_conversations", {}))
    if messages[-1].type == "tool" and "Copperibis" in str(messages[-1].content):
        return calls(("schedule_post", {"persona": "Nova", "text": "Hello Copperibis!"}))
    if "Publish something" in str(messages[-1].content):
        return calls(("schedule_post", {"persona": "Nova", "text": "One."}))
    return "I see: quillheron."


async def live(
    core: Core, client: httpx.AsyncClient, chat: Conversation, operator: Principal, lines: list[Any]
) -> None:
    """Text, a document, a picture, a voice note, a person who takes over and asks for a yes meanwhile, an episode."""
    lines += [speak] * 20
    await say(core, client, chat, "I have a dog called Quillheron and I live in Porto.")
    document = await send(client, chat, "amberlynx.txt", b"The saltwren sings at dawn. " * 40)
    picture = await send(client, chat, "velvetstoat.jpg", files.located_photo())
    voice = await send(client, chat, "note.ogg", files.sound())
    await send(client, chat, "amberlynx-never-sent.txt", b"Nobody saw the saltwren. " * 40)
    await say(core, client, chat, "Look at this", document, picture)
    await say(core, client, chat, "And listen", voice)
    await say(core, client, chat, "/memory")

    async with core.store.open_work(operator) as work:
        desk = await work.conversations.meet("web", "", f"gator:{operator.subject}:main", user_id=operator.subject)
    await core.desk.take(operator, chat.id, relay_to=desk.id)
    await say(core, client, chat, "I told only you of the brassbadger")
    await core.desk.note(operator, chat.id, "speaks of the brassbadger")
    await core.desk.hand_back(operator, chat.id, "We spoke of the brassbadger.")
    await settled(core)
    await core.receive(Inbound("web", "", new_id(), desk.id, operator, "Publish something"))
    await settled(core)
    await _wait_with_the_name(core, chat, operator)
    async with core.store.open_work(operator, reads=True) as work:
        assert len(await work.approvals.pending()) == 2
    later = now() + timedelta(hours=30)
    with clock.set_to(lambda: later):
        await Consolidator(core.settings, core.store, core.brain.mind).round()
    await say(core, client, chat, "/export")


async def _wait_with_the_name(core: Core, chat: Conversation, operator: Principal) -> None:
    """Another turn waits for a yes: Gator read what the fan is called, and would post it."""
    async with core.store.open_work(operator) as work:
        (await work.people.fan(str(chat.fan_id))).display_name = "Copperibis"
        room = await work.conversations.meet("web", "", f"gator:{operator.subject}:other", user_id=operator.subject)
    await core.receive(Inbound("web", "", new_id(), room.id, operator, "Who writes to us? Greet them."))
    await settled(core)


async def test_no_byte_is_left_after_everything_is_forgotten(
    core: Core, fan_client: httpx.AsyncClient, chat: Conversation, operator: Principal, lines: list[Any], home: Path,
    fan: Principal, tmp_path: Path,
) -> None:  # fmt: skip
    await live(core, fan_client, chat, operator, lines)
    before = await left(core.store, home)
    assert {one.rpartition(" ")[2] for one in before} == set(MARKS), before
    key = VaultKey(chat.workspace, str(chat.persona_id), fan.subject)
    async with core.store.open_work(operator, reads=True) as work:
        assert await open_vault(work, key, "").telling.episodes()
    kept, _ = await asyncio.to_thread(backups.create, core.settings, tmp_path / "before.tar")

    assert "answer yes" in (await say(core, fan_client, chat, "/forget everything"))[-1]
    said = await say(core, fan_client, chat, "yes")

    assert len(said) == 2
    assert receipts.verify(SECRET, said[-1].rpartition(" ")[2]).counts["files"] >= 4
    assert await left(core.store, home) == []

    await core.store.close()
    assert (await restoring.restore(core.settings, kept, force=True)).forgotten == 1
    again = Store(core.settings.database)
    assert await left(again, home) == []
    await again.close()


async def test_the_web_takes_commands_and_leaves_no_message_of_them(
    core: Core, fan_client: httpx.AsyncClient, chat: Conversation
) -> None:
    path = f"/api/v1/conversations/{chat.id}/messages"
    for _ in range(2):
        answer = await fan_client.post(path, json={"text": "/remember off", "client_id": "one"})
        assert answer.json()["message"] is None
    assert [one["text"] for one in (await fan_client.get(path)).json()["items"]] == [
        "Nova learns nothing new of you and uses nothing old, from now on. /remember on undoes it, /forget everything "
        "erases what there is."
    ]


async def test_uploads_that_were_never_sent_are_swept_after_a_day(
    core: Core, fan_client: httpx.AsyncClient, chat: Conversation, operator: Principal, lines: list[Any]
) -> None:
    lines.append("Thank you.")
    sent = await send(fan_client, chat, "sent.txt", b"This one is sent. " * 20)
    await send(fan_client, chat, "unsent.txt", b"This one is not. " * 20)
    await say(core, fan_client, chat, "Here", sent)
    stray = core.blobs.put(b"no row names this")
    assert await core.eraser.sweep([operator.workspace]) == 0
    later = now() + timedelta(hours=25)
    with clock.set_to(lambda: later):
        assert await core.eraser.sweep([operator.workspace]) == 2
    assert not core.blobs.path(stray.sha256).exists()
    async with core.store.open_work(operator, reads=True) as work:
        assert core.blobs.get((await work.assets.get(sent)).sha256)
