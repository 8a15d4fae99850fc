"""Is what no database takes out of every text that people send, on whatever way it comes?"""

from typing import Any

import pytest

from bots.channel import Attachment, Inbound
from bots.cleaning import clean, clean_data
from bots.doorway import Person
from gator.errors import Refused
from gator.principal import Principal
from memory.models import Account
from memory.store import Store
from tests.bots.house import House, Line, Wire


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("hi\0there", "hithere"),
        ("a\tb\r\nc\rd", "a\tb\nc\nd"),
        ("\x1b[1mbold\x7f", "[1mbold"),
        ("half \ud83d of one", "half \ufffd of one"),
        ("\ud83d\ude00", "😀"),
        ("  Grüße, 👩\u200d🚀  ", "  Grüße, 👩\u200d🚀  "),
    ],
)
def test_only_what_cannot_be_kept_is_taken_out(sent: str, kept: str) -> None:
    assert clean(sent) == kept
    assert clean_data([{"text": sent, "size": 1}]) == [{"text": kept, "size": 1}]


async def test_a_message_with_a_nul_or_half_a_character_is_answered(house: Any, ada: Principal) -> None:
    one: House = house("Hello.")
    await one.say(ada, "hi\0there \ud800!")
    await one.settled()
    assert [(said.author, said.text) for said in await one.heard(ada)][::2] == [
        ("fan", "hithere \ufffd!"),
        ("persona", "Hello."),
    ]


async def test_a_message_of_nothing_else_is_empty_and_its_length_is_what_is_left(house: Any, ada: Principal) -> None:
    one: House = house("Hello.")
    with pytest.raises(Refused, match="empty"):
        await one.say(ada, "\0\0")
    assert await one.say(ada, "x" * 16_000 + "\0" * 10)
    await one.settled()


async def test_names_titles_and_what_came_with_a_message_are_kept_clean(
    house: Any, wire: Wire, accounts: dict[str, Account], store: Store, operator: Principal
) -> None:
    one: House = house("Hello.", channels=[wire])
    line = Line(one, accounts["nova"], "chat-dora", Person("dora", "Do\0ra \udfff", "de\0"))
    seat = await line.seat()
    group = await one.core.doorway.seat(line.account, line.person, "chat-all", "group", "All\0 of us")
    assert group
    sent = Attachment("document", "ref", name="no\0te.txt", says="\ud800").as_data()
    here = seat.conversation.id
    await one.core.receive(Inbound("wire", line.account.id, "m1", here, seat.principal, "see\0", [sent], "r\0", "de\0"))
    await one.settled()
    async with store.open_work(operator, reads=True) as work:
        known = await work.people.fan(seat.principal.subject)
        assert (known.display_name, known.locale) == ("Dora \ufffd", "de")
        assert (await work.conversations.get(group.conversation.id)).title == "All of us"
        (message,) = [said for said in await one.said_in(here) if said.author == "fan"]
        assert message.text.startswith("see")
        assert message.meta["reply_to"] == "r"


async def test_an_edit_is_cleaned_as_the_message_was(house: Any, chat: Any, wire: Wire, ada: Principal) -> None:
    one: House = house("Hello.", "Hello.", "Hello.", channels=[wire])
    line = chat(one)
    await line.say("helo", "m1")
    await one.core.edited("wire", line.account.id, "m1", "hel\0lo", workspace=ada.workspace)
    await one.settled()
    said = await one.said_in((await line.seat()).conversation.id)
    assert [message.text for message in said if message.author == "fan"] == ["hello"]

    id = await one.say(ada, "first")
    await one.core.corrections.of_author(ada, str(id), "sec\0ond")
    with pytest.raises(Refused, match="empty"):
        await one.core.corrections.of_author(ada, str(id), "\0")
    await one.settled()
    assert (await one.heard(ada))[0].text == "second"


async def test_what_an_operator_writes_is_cleaned(house: Any, ada: Principal, operator: Principal) -> None:
    one: House = house()
    room = await one.core.converse(ada)
    await one.core.desk.take(operator, room.id)
    assert (await one.core.desk.say(operator, room.id, "Kim\0 here.")).text == "Kim here."
    assert await one.core.desk.note(operator, room.id, "a\0 note")
    await one.settled()
