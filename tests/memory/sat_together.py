"""Two who sit together more than once: messages at times of their own, said through the real repositories."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from gator import clock
from gator.principal import Principal
from memory.models import Message
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.memory.people import say

START = datetime(2026, 3, 2, 18, tzinfo=UTC)  # a Monday

Said = tuple[timedelta, str, str]  # after the one before, who, what


def evening(*lines: str, later: timedelta = timedelta()) -> list[Said]:
    """An exchange, a minute a line, the fan first."""
    pauses = [later, *(timedelta(minutes=1) for _ in lines[1:])]
    return [
        (pause, "persona" if n % 2 else "fan", text) for n, (pause, text) in enumerate(zip(pauses, lines, strict=True))
    ]


async def talk(
    store: Store, operator: Principal, key: VaultKey, said: Iterable[Said], start: datetime = START
) -> tuple[list[Message], datetime]:
    """Say it all; gives the messages and when the last one was said."""
    at, messages = start, []
    for pause, author, text in said:
        at += pause
        with clock.set_to(lambda at=at: at):  # type: ignore[misc]
            async with store.open_work(operator) as work:
                messages.append(await say(work, key, text, author))
    return messages, at


async def close_all(store: Store, operator: Principal, key: VaultKey, at: datetime) -> int:
    """Close every sitting that is over at that time, by rules; gives how many rows were written."""
    written = 0
    with clock.set_to(lambda: at):
        async with store.open_work(operator) as work:
            vault = open_vault(work, key)
            since = await vault.choice.off_at()
            for conversation in await work.conversations.of(fan_id=key.fan, persona_id=key.persona):
                while sitting := await vault.episodes.next_sitting(conversation.id, since):
                    await vault.episodes.close(sitting)
                    written += 1
    return written


def texts(episodes: Sequence[object]) -> list[list[str]]:
    return [[line.text for line in episode.lines] for episode in episodes]  # type: ignore[attr-defined]
