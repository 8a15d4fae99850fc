"""Which of what others wrote down goes with a forgotten message: what quotes it, and nothing else?"""

import pytest
from sqlalchemy import select

from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory.blobs import Blobs
from memory.erasing import Eraser
from memory.models import Handoff
from memory.store import Store
from memory.vault import VaultKey
from tests.memory.test_erasing import Talk

LONG = "I told my sister about the heron that we saw on Sunday, and she laughed"


@pytest.mark.parametrize(
    ("said", "noted", "stays"),
    [
        ("ok", "They asked for a refund of the book.", True),
        ("a train", "They took a train.", True),
        ("understanding", "It was a misunderstanding of theirs.", True),
        ("understanding", "They want understanding, they said.", False),
        ("The heron sings", "They said: “the heron  sings”.", False),
        (LONG, f"A quote: {LONG}.", False),
        (LONG, "They told my sister about the herons.", True),
        ("https://herons.example/" + "a" * 60, "https://herons.example/" + "a" * 60 + " was sent.", False),
    ],
)
async def test_notes_that_quote_the_message_go_and_no_others(
    store: Store, operator: Principal, key: VaultKey, settings: Settings, said: str, noted: str, stays: bool
) -> None:
    talk = Talk(key, "heron")
    async with store.open_work(operator) as work:
        id = await talk.turn(work, said, "I see.")
        work.session.add(Handoff(workspace=key.workspace, conversation_id=talk.room, kind="note", by="x", text=noted))
        room = await work.conversations.get(talk.room)
        room.summary, room.notes = noted, {"summary": [[new_id(), 5]]}
    await Eraser(store, settings, Blobs(settings.media_folder)).forget(operator, key, "message", id)
    async with store.open_work(operator, reads=True) as work:
        kept = noted if stays else ""
        assert await work.session.scalar(select(Handoff.text)) == kept
        assert (await work.conversations.get(talk.room)).summary == kept
