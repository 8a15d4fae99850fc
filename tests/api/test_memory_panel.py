"""What the persona knows of me: can a visitor see it in a browser, correct it, ask why, take it along, have it forgotten?"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bots.core import Core
from memory.models import Persona
from tests.api.test_chat_page import MINE, THEIRS, rows, say, talk
from tests.browser import Tab, tab

PANEL = "document.getElementById('memory-dialog')"
SAYS = "[...document.querySelectorAll('#memory-dialog .held .says')].map((one) => one.textContent)"

SHOWN = "[...document.querySelectorAll('.bubble .words')].map((one) => one.textContent)"
TOLD = "[...document.querySelectorAll('.bubble.notice .words')].map((one) => one.textContent)"


@pytest.fixture
async def page(browser: str, served: str, nova: Persona, row_watch: None) -> AsyncIterator[Tab]:
    """Nova's page; what its scripts throw fails the test."""
    async with tab(browser) as opened:
        await opened.size(1200, 800)
        await opened.open(f"http://{served}/p/nova")
        yield opened
        assert opened.errors == []


async def shot(page: Tab, name: str) -> None:
    if shots := os.environ.get("TEST_SHOTS"):
        await asyncio.sleep(0.3)
        await page.picture(Path(shots) / f"memory-{name}.png")


async def press(page: Tab, words: str, within: str = "#memory-dialog") -> None:
    """Press the button of these words."""
    find = (
        f"[...document.querySelectorAll('{within} button')].find((one) => one.checkVisibility() &&"
        f" one.textContent.trim() === {json.dumps(words)})"
    )
    await page.until(f"!!{find}")
    await page.run(f"{find}.id = 'wanted'")
    await page.click("#wanted")
    await page.run("document.getElementById('wanted')?.removeAttribute('id')")


async def open_panel(page: Tab) -> None:
    await page.click("#chat-menu summary")
    await page.click("#chat-menu [data-command=memory]")
    await page.until(f"{PANEL}.open && !{PANEL}.hasAttribute('aria-busy')")


async def test_a_visitor_sees_corrects_asks_why_takes_along_and_forgets(
    page: Tab, core: Core, nova: Persona, lines: list[Any], tmp_path: Path
) -> None:
    lines += ["Porto! Say hello to the river.", "Luna sounds lovely.", "How is Porto today?"]
    await talk(page, "I live in Porto.", "the river")
    await talk(page, "I have a dog called Luna.", "lovely")
    await talk(page, "What should I do today?", "Porto today")
    await open_panel(page)
    await page.until(f"{SAYS}.some((one) => one.includes('Porto')) && {SAYS}.some((one) => one.includes('Luna'))")
    await shot(page, "panel")
    assert await page.run("document.activeElement.id") == "memory-title"

    await press(page, "Correct")
    await page.run("document.querySelector('#memory-dialog .correct input').select()")
    await page.type("Lisbon")
    await shot(page, "correct")
    await page.press("Enter")
    await page.until(f"{SAYS}.some((one) => one.includes('Lisbon')) && !{SAYS}.some((one) => one.includes('Porto'))")

    await page.press("Escape")
    await page.until(f"!{PANEL}.open && document.activeElement.matches('#chat-menu summary')")
    await page.run("[...document.querySelectorAll('.bubble.theirs')].at(-1).id = 'last'")
    await page.click("#last .options summary")
    await press(page, "Why did you say that?", "#last")
    await page.until("!!document.querySelector('#memory-dialog .used li')")
    used = await page.run("document.querySelector('#memory-dialog .used').textContent")
    assert "Lisbon" in used
    await shot(page, "why")

    await press(page, "All that Nova knows")
    await page.until(f"{SAYS}.length === 2 && !{PANEL}.hasAttribute('aria-busy')")
    await page.run("document.querySelector('#memory-dialog .held li:last-child .acts button:last-child').id = 'wanted'")
    for _ in range(2):
        await page.click("#wanted")
    await page.until(f"{SAYS}.length === 1")
    assert "Luna" not in "".join(await page.run(SAYS))
    await page.until("![...document.querySelectorAll('.bubble')].some((one) => one.textContent.includes('Luna'))")
    await page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    await press(page, "A file for programs (JSON)")
    await page.until(f"{PANEL}.querySelector('.text').textContent.includes('downloads')")

    await page.click("#memory-dialog .switch input")
    await page.until(f"!{PANEL}.querySelector('.off').hidden")
    await shot(page, "off")
    await press(page, "Forget everything …")
    await press(page, "Cancel")
    await press(page, "Forget everything …")
    await shot(page, "sure")
    await press(page, "Yes, forget everything")
    await page.until(f"{SAYS}.length === 0")
    receipts = await page.run(f"[...{PANEL}.querySelectorAll('.receipts li')].map((one) => one.textContent)")
    assert ["Everything" in one and "gator-receipt" in one for one in receipts] == [True, False]
    assert await page.run(f"{THEIRS}.filter((one) => !one.includes('Hello you'))") == []
    await shot(page, "forgotten")
    _, said = await rows(core, nova)
    assert said == []


async def test_what_is_typed_is_obeyed_in_the_chat_as_in_every_app(
    page: Tab, core: Core, nova: Persona, lines: list[Any]
) -> None:
    lines += ["Porto! Say hello to the river.", "Luna sounds lovely."]
    await talk(page, "I live in Porto.", "the river")
    await talk(page, "I have a dog called Luna.", "lovely")
    answers = {
        "/help": "/forget 3",
        "/why": "last reply used",
        "/memory": "1. you live in Porto",
        "/fix 1 Köln": "you live in Köln",
        "/fix 77 Lisbon": "/fix 3 Lisbon",
        "/forget 99": "no such number",
        "/remember off": "learns nothing new",
        "/remember on": "remembers again",
        "/forget everything": "answer yes",
    }
    for command, answer in answers.items():
        await say(page, command)
        await page.until(f"{TOLD}.at(-1)?.includes({answer!r}) && !document.querySelector('.bubble.waiting')")
        assert not await page.run("!!document.querySelector('dialog[open]')")
    await say(page, "yes")
    await page.until(f"{TOLD}.at(-1)?.includes('gator-receipt') && !{MINE}.length")
    assert not await page.run(f"{SHOWN}.some((one) => one.includes('Luna') || one.includes('Porto'))")
    _, said = await rows(core, nova)
    assert [one.author for one in said] == ["notice", "notice"]


async def test_an_export_that_was_typed_is_two_files_in_the_chat(page: Tab, lines: list[Any]) -> None:
    lines.append("Porto! Say hello to the river.")
    await talk(page, "I live in Porto.", "the river")
    await say(page, "/export")
    files = "[...document.querySelectorAll('.bubble.notice a.piece')].map((one) => one.href)"
    await page.until(f"{files}.length === 2")
    kept = await page.run(f"Promise.all({files}.map(async (one) => (await fetch(one)).text()))")
    assert all("Porto" in one for one in kept)


@pytest.mark.slow  # a full machine draws late
async def test_on_a_phone_the_panel_fits_and_speaks_german(
    browser: str, served: str, nova: Persona, core: Core, lines: list[Any]
) -> None:
    lines.append("Moin!")
    async with tab(browser) as phone:
        await phone.speaks("de")
        await phone.size(360, 640, phone=True)
        await phone.prefers(prefers_color_scheme="dark")
        await phone.open(f"http://{served}/p/nova")
        await phone.click(".open-chat")
        await talk(phone, "Ich wohne in Hamburg.", "Moin")
        await open_panel(phone)
        await phone.until(f"{SAYS}.some((one) => one.includes('Hamburg'))")
        assert await phone.run(f"{PANEL}.querySelector('h2').textContent") == "Was Nova über mich weiß"
        assert await phone.run("document.documentElement.scrollWidth") <= 360
        assert await phone.run(f"{PANEL}.scrollWidth <= {PANEL}.clientWidth")
        unnamed = (
            f"[...{PANEL}.querySelectorAll('button, input')].filter((one) => one.checkVisibility() && "
            "!(one.innerText.trim() || one.ariaLabel || one.labels?.length)).length"
        )
        assert await phone.run(unnamed) == 0
        await shot(phone, "phone")
        assert phone.errors == []
