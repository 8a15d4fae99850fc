"""`gator chat --persona`, as a fan types it in a terminal: what it prints, and that it ends."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from gator.clock import now
from tests.e2e.program import Program, program

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def up(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """A Gator for all tests here: each talks with a persona or as a fan of its own."""
    async with program(tmp_path_factory.mktemp("up") / "home", inside=True) as running:
        yield running


def say(persona: str, text: str, *more: str) -> tuple[str, ...]:
    return ("chat", "--persona", persona, "--fan", "Ada", "--once", text, *more)


async def test_an_export_ends_and_its_links_open(up: Program) -> None:
    said = await up.gator(*say("Yuki Lindqvist", "/export"))
    links = [line.rpartition(" ")[2] for line in said.splitlines() if "/media/" in line]
    assert len(links) == 2
    async with httpx.AsyncClient() as client:
        assert [(await client.get(link)).status_code for link in links] == [200, 200]
    frames = [json.loads(line) for line in (await up.gator(*say("Yuki Lindqvist", "/export", "--json"))).splitlines()]
    [media] = [one["message"]["media"] for one in frames if one.get("message", {}).get("media")]
    assert {urlsplit(one["url"]).netloc for one in media} == {urlsplit(up.url).netloc}


async def test_who_waits_for_a_person_is_told_so_and_reads_their_answer_later(up: Program) -> None:
    await up.gator(*say("Kwame Asante", "hello"))
    rows = [json.loads(line) for line in (await up.gator("inbox", "--json")).splitlines()]
    [room] = [row["conversation"] for row in rows if row["persona"] == "Kwame Asante"]
    await up.gator("inbox", "take", room[-8:])
    said = await up.gator(*say("Kwame Asante", "are you there?"))
    assert said.strip() == "A person answers here now. The answer will be in this chat: /history shows it."
    last = (await up.gator(*say("Kwame Asante", "hello?", "--json"))).splitlines()[-1]
    assert json.loads(last) == {"type": "held", "why": "person", "until": None, "conversation_id": room}
    await up.gator("inbox", "say", room[-8:], "I am Kim.")
    typed = await up.gator("chat", "--persona", "Kwame Asante", "--fan", "Ada", typed="/history\n/quit\n")
    assert "> are you there?" in typed
    assert "I am Kim." in typed
    assert "> I am Kim." not in typed


async def test_who_writes_to_a_sleeping_persona_is_told_until_when(up: Program, tmp_path: Path) -> None:
    night = f"quiet_from: '{now() - timedelta(hours=1):%H:%M}', quiet_until: '{now() + timedelta(hours=2):%H:%M}'"
    (tmp_path / "owl.yaml").write_text(f"name: Owl\nage: 30\ntime_zone: UTC\npace: {{{night}}}\n")
    await up.gator("persona", "import", str(tmp_path / "owl.yaml"))
    assert "Owl answers after" in await up.gator(*say("Owl", "hello"))
    last = json.loads((await up.gator(*say("Owl", "hello", "--json"))).splitlines()[-1])
    assert (last["type"], last["why"], last["until"] > now().isoformat()) == ("held", "asleep", True)


async def test_a_paused_persona_says_so_and_the_chat_ends(up: Program) -> None:
    await up.gator("chat", "--once", "Pause Inez Carvalho")
    for _ in range(2):
        said = await up.gator(*say("Inez Carvalho", "hello"))
    assert "Inez Carvalho" in said


async def test_a_yes_to_nothing_and_a_command_that_nobody_knows_are_said(up: Program) -> None:
    with pytest.raises(AssertionError, match="There is no approval deadbeef"):  # what `gator` makes of a failure
        await up.gator("approve", "deadbeef")
    assert "There is no /aprove. Did you mean /approve?" in await up.gator("chat", typed="/aprove\n/quit\n")


async def test_what_waits_is_the_same_list_in_every_chat_and_is_decided_there(up: Program) -> None:
    """Asked in one chat, decided in others: a new one, piped, and by a single command."""
    wish = "post “{}” on Yuki Lindqvist's gallery tomorrow at nine"
    for text in ("Good morning", "Good night"):
        await up.gator("chat", "--once", wish.format(text))
    ids = [json.loads(line)["id"] for line in (await up.gator("approve", "--list", "--json")).splitlines()]
    assert len(ids) == 2
    typed = await up.gator("chat", typed="/approvals\n/quit\n")
    for said in (typed, await up.gator("chat", "--once", "/approvals")):
        assert all(f"{number}. {id}  " in said for number, id in enumerate(ids, 1))
    with pytest.raises(AssertionError, match=r"(?s)2 things wait for a yes.*Say /approve and its number or id"):
        await up.gator("chat", "--once", "/approve")
    assert "Good night" in await up.gator("chat", "--once", "/approve 2")
    assert ids[0] in await up.gator("approve", "--list")
    await up.gator("chat", typed="/reject\n/quit\n")
    assert "Nothing waits for a yes." in await up.gator("chat", "--once", "/approvals")
    with pytest.raises(AssertionError, match="Nothing waits for a yes"):
        await up.gator("chat", "--once", "/reject")
