"""`gator inbox` and `gator letters`, as typed in a shell: in this process, and over a Gator that runs."""

import json
import os
import re

import pytest

from gator.cli.program import Running, announce
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Conversation
from memory.store import Store
from tests.gator.cli.shell import gator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def room(store: Store, fan: Principal) -> Conversation:
    async with store.open_work(fan) as work:
        row = await work.conversations.meet("telegram", "", "1", persona_id=fan.persona, fan_id=fan.subject)
        await work.conversations.say(row.id, "fan", "hello \u202eolleh")
        return row


async def test_a_conversation_is_taken_answered_and_handed_back(settings: Settings, room: Conversation) -> None:
    code = room.id[-8:]
    assert await gator(settings, "inbox") == (
        0, f"{code}  Ada with Nova (telegram)  fan: hello ⟨U+202E⟩olleh\n",
    )  # fmt: skip
    status, said = await gator(settings, "inbox", "say", code, "too early")
    assert (status, "You have not taken over this conversation." in said) == (1, True)
    assert (await gator(settings, "inbox", "take", code))[1].startswith("You answer Ada now")
    assert (await gator(settings, "inbox", "say", code, "I am Kim."))[0] == 0
    status, said = await gator(settings, "inbox", "back", code, "--summary", "said hello")
    assert said == "Nova, an AI, answers Ada again.\n"
    head, *said = (await gator(settings, "inbox", "show", code))[1].splitlines()
    assert head == "Ada with Nova (telegram)"
    assert [re.sub(r"^[-\d]{10} \d\d:\d\d  ", "", line) for line in said] == [
        "Ada: hello ⟨U+202E⟩olleh",
        "Gator: A person of the team writes now.",
        "Team: I am Kim.",
        "Gator: Nova, an AI, answers again.",
        "Notes and handoffs:",
        "owner took over",
        "owner handed back: said hello",
    ]
    status, said = await gator(settings, "inbox", "take", "ffff")
    assert (status, "gator inbox" in said) == (1, True)


async def test_a_dead_letter_is_shown_and_sent_again(
    settings: Settings, room: Conversation, store: Store, operator: Principal
) -> None:
    async with store.open_work(operator) as work:
        message = await work.conversations.say(room.id, "persona", "a lost word")
        id = await work.outbox.put(room, message, new_id())
        await work.outbox.give_up(id, "unconfirmed", "timed out")
    [row] = (await gator(settings, "letters", "--json"))[1].splitlines()
    assert json.loads(row)["id"] == id
    assert "may arrive twice" in (await gator(settings, "letters", "retry", id[-8:]))[1]
    assert (await gator(settings, "letters"))[1] == "No dead letters: everything arrived.\n"


async def test_a_gator_that_runs_is_asked(settings: Settings, room: Conversation) -> None:
    announce(settings, Running(os.getpid(), "http://127.0.0.1:9"))
    status, said = await gator(settings, "inbox")
    assert (status, "does not answer" in said) == (1, True)
