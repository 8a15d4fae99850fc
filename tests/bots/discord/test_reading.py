"""Reading what people write, splitting what we do, and ids: pure functions, tried with more than is likely to come."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bots.discord.reading import Me, calls, heard
from bots.discord.snowflakes import made_at, moment, nonce, snowflake
from bots.discord.splitting import MOST, parts
from gator.clock import now
from gator.ids import new_id

ME = Me("10", "20", ("Nova", "Nova Stern"), frozenset({"77"}))
FAIL = (KeyError, TypeError, ValueError, AttributeError)


def message(text: str = "", **more: Any) -> dict[str, Any]:
    author = {"id": "5", "username": "ada", "global_name": "Ada"}
    return {"id": "1000", "channel_id": "7", "guild_id": "3", "author": author, "content": text, "type": 0, **more}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("Nova, are you there?", True),
        ("hey Nova!", True),
        ("nova what do you think", True),
        ("Good morning Nova", True),
        ("what do you think, Nova?", True),
        ("@Nova hi", True),
        ("Nova Stern, a word", True),
        ("I like Nova's hat", False),
        ("Nova's hat is nice", False),
        ("the supernova was bright", False),
        ("yesterday I told Nova about the tide and she laughed", False),
        ("Innovation, now", False),
        ("", False),
    ],
)
def test_a_name_is_heard_where_somebody_is_called_by_it(text: str, called: bool) -> None:
    assert calls(text, ME.names) is called


def test_who_is_meant_and_what_is_said() -> None:
    mentioned = heard(
        message("<@10> <@!5> look <:wave:99>", mentions=[{"id": "10"}, {"id": "5", "username": "ada"}]), ME
    )
    assert mentioned
    assert mentioned.to_us
    assert mentioned.text == "@ada look :wave:"
    by_role = heard(message("<@&77> hello", mention_roles=["77"]), ME)
    assert by_role
    assert (by_role.to_us, by_role.text) == (True, "hello")
    assert not getattr(heard(message("hello all"), ME), "to_us", True)
    private = heard(message("hello", guild_id=None), ME)
    assert private
    assert private.to_us
    assert private.person.name == "Ada"
    nick = heard(message("x", member={"nick": "Captain"}), ME)
    assert nick
    assert nick.person.name == "Captain"


def test_a_reply_to_our_webhook_is_meant_for_us_and_one_to_anothers_is_not() -> None:
    def reply(application: str) -> bool:
        original = {"author": {"id": "88"}, "webhook_id": "88", "application_id": application}
        said = heard(message("yes", type=19, referenced_message=original, message_reference={"message_id": "9"}), ME)
        assert said
        assert said.reply_to == "9"
        return said.to_us

    assert reply("20")
    assert not reply("21")


def test_what_came_along_is_known_by_kind_and_forwarded_words_are_words() -> None:
    files = [{"id": "1", "content_type": "image/png"}, {"id": "2", "content_type": "audio/mpeg"}, {"id": "3"}]
    said = heard(message("", attachments=files, sticker_items=[{"id": "4", "name": "wave"}]), ME)
    assert said
    assert [one.kind for one in said.attachments] == ["picture", "audio", "document", "sticker"]
    voice = heard(message("", flags=8192, attachments=[{"id": "1", "content_type": "audio/ogg; codecs=opus"}]), ME)
    assert voice
    assert (voice.attachments[0].kind, voice.attachments[0].mime) == ("voice", "audio/ogg")
    shots = [{"message": {"content": "from elsewhere"}}]
    passed_on = heard(message("", message_reference={"type": 1, "message_id": "1"}, message_snapshots=shots), ME)
    assert passed_on
    assert (passed_on.text, passed_on.reply_to) == ("from elsewhere", "")


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = some.sampled_from(sorted(message(mentions=0, attachments=0, flags=0, message_reference=0, member=0)))


@given(some.dictionaries(_FIELDS, _JSON, max_size=4))
def test_any_field_of_any_kind_is_read_or_refused_by_name(broken: dict[str, Any]) -> None:
    try:
        heard({**message("hello"), **broken}, ME)
    except FAIL:
        return


@given(
    some.text(alphabet=some.sampled_from(list("ab \n*`_~|.,!\\é👨‍👩‍👧🏽#-")), max_size=3000), some.integers(200, 2000)
)
def test_every_part_fits_and_no_letter_is_lost(text: str, most: int) -> None:
    found = parts(text, most)
    assert all(0 < len(part) <= most for part in found)

    def letters(of: str) -> str:
        return re.sub(r"[\s*`_~|]", "", of)

    assert letters("".join(found)) == letters(text)


def test_code_and_emphasis_are_closed_in_each_part() -> None:
    code = "Look:\n```python\n" + "print('hello')\n" * 300 + "```\nand **" + "bold words " * 300 + "** end."
    found = parts(code)
    assert len(found) > 3
    assert all(part.count("```") % 2 == 0 for part in found)
    assert all(part.count("**") % 2 == 0 for part in found)
    assert found[1].startswith("```python\n")
    assert all(len(part) <= MOST for part in found)


def test_ids_tell_times_and_nonces_are_short_and_their_rows_own() -> None:
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert moment(snowflake(at)) == at
    row = new_id()
    assert abs(made_at(row) - now()) < timedelta(seconds=5)
    assert len(nonce(row)) == 22
    assert nonce(row) != nonce(new_id())
