"""Updates come in by webhook: from Telegram only, each once, and answered with 200 only when they are in the journal."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api.app import create_app
from bots.platforms import platform
from bots.telegram.proof import address_of, secret_of
from gator.errors import Refused
from gator.settings import Settings
from memory.models import Account
from tests.bots.telegram.conftest import RecordingCore, Stage, until
from tests.servers.running import serving
from tests.servers.telegram import BotApi, BotSide

ADA = {"id": 11, "is_bot": False, "first_name": "Ada"}


@pytest.fixture
async def stage(api: BotApi, store: Any, settings: Any, operator: Any) -> AsyncIterator[Stage]:
    """The platform is the process's own: the route asks for that."""
    public = settings.model_copy(update={"public_url": "https://gator.test"})
    telegram: Any = platform("telegram")
    core = RecordingCore(public, store, telegram.channel)
    yield Stage(api, core, telegram, operator)
    await core.stop()


@pytest.fixture
def side(api: BotApi) -> BotSide:
    return api.bot(7001, "nova_bot")


@pytest.fixture
async def nova(stage: Stage, side: BotSide) -> Account:
    return await stage.account(side, await stage.persona(), mode="webhook")


async def test_telegram_posts_to_us_and_is_answered_when_it_is_kept(stage: Stage, nova: Account, side: BotSide) -> None:
    async with serving(create_app(stage.core)) as ours, stage.runs(nova):
        await until(lambda: side.webhook)
        assert side.webhook == f"https://gator.test/webhooks/telegram/{nova.id}"
        stage.api.hooks_to = ours
        for n in range(3):
            stage.api.says(side, ADA, f"{n}")
        await stage.api.deliver(side)
    assert stage.core.texts == ["0", "1", "2"]
    assert stage.api.hook_answers == [200, 200, 200]
    assert side.webhook  # what comes while we are away waits for us


async def test_what_cannot_be_kept_is_posted_again(stage: Stage, nova: Account, side: BotSide) -> None:
    stage.core.breaks.append(OperationalError("insert", {}, Exception("away")))
    async with serving(create_app(stage.core)) as ours, stage.runs(nova):
        await until(lambda: side.webhook)
        stage.api.hooks_to = ours
        stage.api.says(side, ADA, "hello")
        await stage.api.deliver(side)
        assert stage.api.hook_answers == [503]
        await stage.api.deliver(side)
    assert stage.core.texts == ["hello"]


async def test_a_process_that_does_not_hold_the_account_takes_updates_in(
    stage: Stage, nova: Account, side: BotSide
) -> None:
    async with serving(create_app(stage.core)) as ours, httpx.AsyncClient(base_url=ours) as client:
        update = stage.api.push(side, message=stage.api.says(side, ADA, "hello"))
        answer = await _post(client, stage, nova.id, update)
    assert answer.status_code == 200
    assert stage.core.texts == ["hello"]


async def test_a_replay_is_known(stage: Stage, nova: Account, side: BotSide) -> None:
    async with serving(create_app(stage.core)) as ours, httpx.AsyncClient(base_url=ours) as client:
        stage.api.private(ADA)
        stage.api.press(side, ADA, 1, "press")
        update = side.updates[-1]
        for _ in range(3):
            assert (await _post(client, stage, nova.id, update)).status_code == 200
    assert [name for name, _ in stage.api.calls].count("answerCallbackQuery") == 1


async def test_without_the_secret_nothing_is_read(stage: Stage, nova: Account, side: BotSide) -> None:
    other = await stage.account(stage.api.bot(7002, "gator_bot"), mode="webhook")
    path = f"/webhooks/telegram/{nova.id}"
    async with serving(create_app(stage.core)) as ours, httpx.AsyncClient(base_url=ours) as client:
        for secret in ("", "wrong", secret_of(stage.core.settings, other.id), "ä" * 10):
            headers = {b"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
            assert (await client.post(path, content=b"{", headers=headers)).status_code == 401
    assert not stage.core.received


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"update_id": "x"}', 422),
        (b'{"update_id": 1}', 200),
        (b"[" * 100_000, 422),
        (b'{"update_id": 2, "message": "' + b"x" * 2_000_000 + b'"}', 413),
    ],
)
async def test_odd_bodies_are_refused(stage: Stage, nova: Account, body: bytes, status: int) -> None:
    async with serving(create_app(stage.core)) as ours, httpx.AsyncClient(base_url=ours) as client:
        answer = await _post(client, stage, nova.id, body)
    assert answer.status_code == status


async def test_an_account_that_polls_or_is_off_takes_no_posts(stage: Stage, side: BotSide) -> None:
    polls = await stage.account(side, await stage.persona())
    async with serving(create_app(stage.core)) as ours, httpx.AsyncClient(base_url=ours) as client:
        assert (await _post(client, stage, polls.id, {"update_id": 1})).status_code == 404
        assert (await _post(client, stage, "nobody", {"update_id": 1})).status_code == 404


def test_without_a_public_address_the_account_says_so(nova: Account, settings: Settings) -> None:
    with pytest.raises(Refused, match="GATOR_PUBLIC_URL"):
        address_of(settings, Account(id=nova.id, options={"mode": "webhook"}))
    assert address_of(settings, nova) == f"http://127.0.0.1:8000/webhooks/telegram/{nova.id}"


async def test_back_to_polling_the_webhook_is_taken_away_and_nothing_is_lost(stage: Stage, side: BotSide) -> None:
    side.webhook = "https://old.test/"
    stage.api.says(side, ADA, "while we moved")
    polls = await stage.account(side, await stage.persona())
    async with stage.runs(polls):
        await until(lambda: stage.core.texts == ["while we moved"])
    assert not side.webhook


async def _post(client: httpx.AsyncClient, stage: Stage, account: str, body: Any) -> httpx.Response:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret_of(stage.core.settings, account)}
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    return await client.post(f"/webhooks/telegram/{account}", headers=headers, **content)
