"""Does the chat page work in a real browser: words, pictures, voice notes, bad networks, phones, keyboards?"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bots.core import Core
from gator.principal import Principal, service
from memory.models import Conversation, Message, Persona
from tests.browser import Tab, tab

MINE = "[...document.querySelectorAll('.bubble.mine:not(.waiting) .words')].map((one) => one.textContent)"
THEIRS = "[...document.querySelectorAll('.bubble.theirs .words')].map((one) => one.textContent)"
JOINED = "document.getElementById('chat').dataset.state === 'joined'"
AT_END = (
    "(() => { const log = document.getElementById('chat-log');"
    " return log.scrollHeight - log.scrollTop - log.clientHeight < 2; })()"
)


@pytest.fixture
async def page(browser: str, served: str, nova: Persona, row_watch: None) -> AsyncIterator[Tab]:
    """Nova's page, in a wide window; what its scripts throw fails the test."""
    async with tab(browser) as opened:
        await opened.size(1200, 800)
        await opened.open(f"http://{served}/p/nova")
        yield opened
        if shots := os.environ.get("TEST_SHOTS"):
            await opened.picture(Path(shots) / f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[1].split(' ')[0]}.png")
        assert opened.errors == []


async def say(page: Tab, text: str) -> None:
    await page.click("#chat-text")
    await page.type(text)
    await page.press("Enter")


async def talk(page: Tab, text: str, reply: str) -> None:
    await say(page, text)
    await page.until(f"{MINE}.includes({text!r}) && {THEIRS}.some((one) => one.includes({reply!r}))")


async def rows(core: Core, nova: Persona) -> tuple[Conversation, list[Message]]:
    async with core.store.open_work(service(nova.workspace, "tests"), reads=True) as work:
        (conversation,) = await work.conversations.of(persona_id=nova.id)
        return conversation, await work.conversations.window(conversation.id, 1000)


async def test_a_visitor_says_something_and_reads_the_answer(
    page: Tab, core: Core, nova: Persona, lines: list[Any]
) -> None:
    lines.append("The tide is low today, come along.")
    await talk(page, "Hello Nova!", "tide is low")
    assert await page.run("document.querySelectorAll('.bubble.notice').length") == 1
    _, said = await rows(core, nova)
    assert [one.author for one in said] == ["fan", "notice", "persona"]


async def test_the_log_follows_a_last_bubble_that_is_longer_than_itself(page: Tab, lines: list[Any]) -> None:
    long = "\n".join(f"Line number {number} of a story that goes on and on for a while." for number in range(80))
    lines.append(long)
    await talk(page, "Tell me a story", "Line number 79")
    assert await page.until(AT_END)
    await page.run("document.getElementById('chat-log').scrollTop = 200")
    await page.until("!document.getElementById('chat-newest').hidden")
    await page.click("#chat-newest")
    assert await page.until(AT_END)


async def test_words_written_offline_are_kept_and_sent_once(
    page: Tab, core: Core, nova: Persona, lines: list[Any]
) -> None:
    lines += ["Hello!", "There you are again."]
    await talk(page, "hi", "Hello!")
    await page.offline(True)
    await page.until("document.getElementById('chat').dataset.state === 'offline'")
    assert "offline" in await page.run("document.getElementById('chat-line').textContent")
    await say(page, "Are you there?")
    assert await page.run("document.querySelectorAll('.bubble.waiting').length") == 1
    await page.offline(False)
    await page.until(f"{THEIRS}.some((one) => one.includes('again'))")
    assert await page.until(MINE) == ["hi", "Are you there?"]
    _, said = await rows(core, nova)
    assert [one.text for one in said if one.author == "fan"] == ["hi", "Are you there?"]


async def test_what_is_not_sent_outlives_a_reload(page: Tab, core: Core, nova: Persona, lines: list[Any]) -> None:
    lines += ["Hello!", "Welcome back."]
    await talk(page, "hi", "Hello!")
    await page.run("WebSocket.prototype.send = () => {}")  # the line is dead and nobody has noticed
    await say(page, "Did this arrive?")
    await page.reload()
    await page.until(f"{MINE}.includes('Did this arrive?') && {THEIRS}.some((one) => one.includes('back'))")
    _, said = await rows(core, nova)
    assert [one.text for one in said if one.author == "fan"] == ["hi", "Did this arrive?"]


async def test_after_an_interruption_nothing_is_missing_or_double(
    page: Tab, core: Core, nova: Persona, lines: list[Any]
) -> None:
    lines.append("Hello!")
    await talk(page, "hi", "Hello!")
    conversation, _ = await rows(core, nova)
    await page.offline(True)
    await page.until("document.getElementById('chat').dataset.state === 'offline'")
    async with core.store.open_work(service(nova.workspace, "tests")) as work:
        for number in range(5):
            await work.conversations.say(conversation.id, "persona", f"missed {number}")
    await page.offline(False)
    await page.until(f"{THEIRS}.includes('missed 4')")
    shown = await page.run(THEIRS)
    assert shown[-5:] == [f"missed {number}" for number in range(5)]
    assert len(set(shown)) == len(shown)


async def test_words_are_dressed_as_they_were_meant_and_no_html_is_made_of_them(page: Tab, lines: list[Any]) -> None:
    lines.append("**Oh _you_!** *waves* `2 * 3`, 2 * 3 * 4, a_b_c \\*plain\\* 1 < 2 & 3")
    await talk(page, "**hi** there", "Oh you!")
    shown = await page.run("[...document.querySelectorAll('.bubble.theirs .words')].at(-1).innerHTML")
    assert shown == (
        "<strong>Oh <em>you</em>!</strong> <em>waves</em> <code>2 * 3</code>, 2 * 3 * 4, a_b_c *plain* 1 &lt; 2 &amp; 3"
    )
    assert (await page.run(MINE))[-1] == "**hi** there"  # as it was typed, to be changed


async def test_older_messages_come_when_one_scrolls_up(page: Tab, core: Core, nova: Persona, lines: list[Any]) -> None:
    lines.append("Hello!")
    await talk(page, "hi", "Hello!")
    conversation, _ = await rows(core, nova)
    async with core.store.open_work(service(nova.workspace, "tests")) as work:
        for number in range(130):
            await work.conversations.say(conversation.id, "persona", f"old {number}")
    await page.until(f"{THEIRS}.includes('old 129')")  # brought as they were said; from now on they are old
    await page.run("localStorage.setItem('gator-chat-nova', '1')")
    await page.reload()
    await page.until(f"{THEIRS}.includes('old 129')")
    assert not await page.run(f"{THEIRS}.includes('old 0')")
    for _ in range(40):
        await page.run("document.getElementById('chat-log').scrollTop = 0")
        await asyncio.sleep(0.05)
        if await page.run(f"{THEIRS}.includes('old 0')"):
            break
    shown = [one for one in await page.run(THEIRS) if one.startswith("old")]
    assert shown == [f"old {number}" for number in range(130)]


async def test_a_picture_is_previewed_removed_attached_and_sent(
    page: Tab, core: Core, nova: Persona, lines: list[Any], tmp_path: Path
) -> None:
    lines.append("What a red!")
    for name in ("red", "blue"):
        Image.new("RGB", (64, 48), name).save(tmp_path / f"{name}.png")
    await page.choose("#chat-form input[type=file]", tmp_path / "red.png", tmp_path / "blue.png")
    drawn = "[...document.querySelectorAll('.previews canvas')].filter((one) => one.width === 64).length"
    await page.until(
        f"{drawn} === 2"
    )  # a preview takes the picture's size when it is read, and what is beside it moves
    await page.click(".previews li:last-child button")
    await page.until("document.querySelectorAll('.previews li').length === 1")
    await say(page, "Look!")
    await page.until(f"{THEIRS}.some((one) => one.includes('What a red'))")
    assert await page.until("document.querySelector('.bubble.mine img')?.naturalWidth") == 64
    _, said = await rows(core, nova)
    assert [len(one.assets) for one in said if one.author == "fan"] == [1]


async def test_a_voice_note_is_recorded_and_sent(page: Tab, core: Core, nova: Persona, lines: list[Any]) -> None:
    lines.append("I hear you.")
    await page.allow("microphone")
    await page.click(".mic")
    await page.until("document.querySelector('.recording time').textContent === '0:01'")
    await page.click(".recording .done")
    assert await page.until("document.querySelector('.bubble.mine audio')?.src")
    _, said = await rows(core, nova)
    (note,) = [one for one in said if one.author == "fan"]
    async with core.store.open_work(service(nova.workspace, "tests"), reads=True) as work:
        (asset,) = (await work.assets.by_ids(note.assets)).values()
    assert asset.kind == "voice"
    assert (asset.duration_s or 0) > 0.5


async def test_a_refused_microphone_is_said(page: Tab) -> None:
    await page.allow("microphone", "denied")
    await page.click(".mic")
    assert "refused" in await page.until("document.getElementById('chat-line').textContent")


async def test_ones_own_messages_can_be_changed_and_deleted(
    page: Tab, core: Core, nova: Persona, lines: list[Any]
) -> None:
    lines.append("Hello!")
    await talk(page, "helo", "Hello!")
    await page.click(".bubble.mine .options summary")
    await page.click(".options button")
    await page.run("document.getElementById('chat-text').select()")
    await page.type("hello")
    await page.press("Enter")
    await page.until(f"{MINE}.join() === 'hello'")
    assert not await page.run("document.querySelector('.bubble.mine .edited').hidden")
    await page.click(".bubble.mine .options summary")
    for _ in range(2):
        await page.click(".options button:last-child")
    await page.until("document.querySelectorAll('.bubble.mine').length === 0")
    _, said = await rows(core, nova)
    assert [one.text for one in said if one.author == "fan"] == [""]


async def test_link_and_human_work_by_command_and_by_menu(page: Tab, core: Core, nova: Persona) -> None:
    await say(page, "/link")
    await page.until("document.getElementById('link-dialog').open")
    await page.click("#link-dialog .make")
    await page.until("/[A-Z0-9]{4}/.test(document.querySelector('#link-dialog .text').textContent)")
    await page.press("Escape")
    await page.click("#chat-menu summary")
    await page.click("#chat-menu [data-command=human]")
    assert await page.until("document.getElementById('chat-answers').textContent")
    conversation, _ = await rows(core, nova)
    assert conversation.wanted_at


async def test_a_person_who_takes_over_is_shown_as_one(
    page: Tab, core: Core, nova: Persona, operator: Principal, lines: list[Any]
) -> None:
    lines.append("Hello!")
    await talk(page, "hi", "Hello!")
    conversation, _ = await rows(core, nova)
    await core.desk.take(operator, conversation.id)
    await core.desk.say(operator, conversation.id, "This is Kim from the team.")
    await page.until("document.querySelector('.bubble.person .words')?.textContent.includes('Kim')")
    await page.until("document.getElementById('chat-answers').textContent.includes('person of the team')")


@pytest.mark.slow  # a full machine draws late
async def test_on_a_phone_the_chat_fits_the_screen_and_its_keyboard(
    browser: str, served: str, nova: Persona, lines: list[Any], tmp_path: Path
) -> None:
    lines.append("Hello from a small screen, with a word of unreasonable length: " + "x" * 120)
    async with tab(browser) as phone:
        await phone.size(320, 568, phone=True)
        await phone.open(f"http://{served}/p/nova")
        await phone.click(".open-chat")
        await phone.until("getComputedStyle(document.getElementById('chat')).position === 'fixed'")
        await talk(phone, "hi", "small screen")
        assert await phone.run("document.documentElement.scrollWidth") <= 320
        await phone.size(320, 300, phone=True)  # the keyboard is there
        box = await phone.until(
            "(() => { const box = document.querySelector('.say').getBoundingClientRect();"
            " return box.bottom <= innerHeight + 1 && box.top >= 0 && [box.left, box.right]; })()"
        )
        assert 0 <= box[0] < box[1] <= 320
        assert await phone.until(AT_END)
        assert await phone.run("document.querySelector('.story').inert")
        if shots := os.environ.get("TEST_SHOTS"):
            await phone.size(320, 568, phone=True)
            await phone.picture(Path(shots) / "phone.png")
        await phone.press("Escape")
        await phone.until("!document.querySelector('.story').inert")
        assert phone.errors == []


async def test_the_page_speaks_german_to_germans(browser: str, served: str, nova: Persona) -> None:
    async with tab(browser) as opened:
        await opened.speaks("fr;q=0.3, de-AT;q=0.9, en;q=0.8")
        await opened.open(f"http://{served}/p/nova")
        assert await opened.run("document.documentElement.lang") == "de"
        assert await opened.run("document.querySelector('#chat-form button[type=submit]').textContent") == "Senden"
        await opened.open(f"http://{served}/")
        assert "Lerne" in await opened.run("document.querySelector('h1').textContent")
