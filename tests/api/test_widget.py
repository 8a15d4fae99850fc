"""Does a persona's chat work on somebody else's site, and only on those that the operator allows? In a real browser."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from bots.core import Core
from gator.principal import Principal, service
from gator.settings import Settings
from memory.models import Persona
from tests.api.conftest import add_persona
from tests.browser import Tab, tab
from tests.servers.sites import Site, site

WIDGET = "document.querySelector('gator-chat').shadowRoot"
BUTTON = f"{WIDGET}.querySelector('.open')"
DIALOG = f"{WIDGET}.querySelector('dialog')"
FRAME = f"{WIDGET}.querySelector('iframe')"
THEIRS = "[...document.querySelectorAll('.bubble.theirs .words')].map((one) => one.textContent)"
MINE = "[...document.querySelectorAll('.bubble.mine:not(.waiting) .words')].map((one) => one.textContent)"


@pytest.fixture
def fans() -> Iterator[Site]:
    """The site that may embed."""
    with site() as made:
        yield made


@pytest.fixture
def other() -> Iterator[Site]:
    """A site that may not."""
    with site() as made:
        yield made


@pytest.fixture
def app(core: Core, fans: Site) -> FastAPI:
    core.settings = Settings(home=core.settings.home, secret_key=core.settings.secret, cors_origins=(fans.url,))
    return create_app(core)


@pytest.fixture
async def visit(browser: str, served: str, nova: Persona) -> AsyncIterator[Any]:
    """Open a site that has the tag; what its scripts throw, or its policy refuses, fails the test."""
    async with tab(browser) as opened:
        await opened.size(1200, 800)

        async def go(to: Site, **data: str) -> Tab:
            tag(to, served, **data)
            await opened.open(f"{to.url}/")
            return opened

        yield go
        if shots := os.environ.get("TEST_SHOTS"):
            await opened.picture(Path(shots) / f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[1].split(' ')[0]}.png")
        assert opened.errors == []


def tag(to: Site, served: str, **data: str) -> None:
    """The one line that docs/channels.md tells to put in, on a site whose policy allows no more than is said there."""
    told = "".join(f' data-{name}="{value}"' for name, value in ({"persona": "nova"} | data).items())
    to.body = (
        f'<h1>Fans of tides</h1><p><button>Ours</button><script src="http://{served}/widget.js"{told} async></script>'
    )
    to.policy = (
        f"default-src 'none'; script-src http://{served}; connect-src http://{served}; frame-src http://{served}"
    )


async def open_chat(page: Tab) -> Tab:
    """Press the button, as with a mouse; gives the chat in its frame."""
    await page.until(f"!!document.querySelector('gator-chat') && !!{BUTTON}")
    x, y = await page.run(
        f"(() => {{ const box = {BUTTON}.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
    )
    for kind in ("mousePressed", "mouseReleased"):
        await page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    await page.until(f"!{FRAME}.hidden")
    chat = await page.frame("/p/nova/embed")
    await chat.until("document.readyState === 'complete'")
    return chat


async def say(chat: Tab, text: str, reply: str) -> None:
    await chat.until("document.activeElement.id === 'chat-text'")
    await chat.type(text)
    await chat.press("Enter")
    await chat.until(f"{MINE}.includes({text!r}) && {THEIRS}.some((one) => one.includes({reply!r}))")


async def test_a_fan_talks_on_somebody_elses_site_and_comes_back(
    visit: Any, fans: Site, core: Core, nova: Persona, lines: list[Any]
) -> None:
    lines += ["The tide is low today.", "It is me again."]
    page = await visit(fans)
    assert await page.until(f"{BUTTON}.getAttribute('aria-label')") == "Chat with Nova, an AI character"
    assert await page.run(f"{FRAME}.src") == ""  # nothing is loaded for who only reads the site

    chat = await open_chat(page)
    await say(chat, "Hello Nova!", "tide is low")
    assert await chat.run("document.cookie") == ""

    await page.reload()
    chat = await open_chat(page)
    await chat.until(f"{THEIRS}.some((one) => one.includes('tide is low'))")
    await say(chat, "Are you there?", "me again")
    async with core.store.open_work(service(nova.workspace, "tests"), reads=True) as work:
        (conversation,) = await work.conversations.of(persona_id=nova.id)
        said = await work.conversations.window(conversation.id, 100)
    assert [one.text for one in said if one.author == "fan"] == ["Hello Nova!", "Are you there?"]


async def test_a_frame_without_storage_has_a_chat_as_long_as_it_lives(
    browser: str, served: str, nova: Persona, lines: list[Any]
) -> None:
    lines.append("Hello!")
    refused = (
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
    )
    async with tab(browser) as page:
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=refused)
        await page.open(f"http://{served}/p/nova/embed")
        await page.click("#chat-text")
        await say(page, "hi", "Hello!")
        cookies = await page.call("Network.getCookies", urls=[f"http://{served}/api/v1/public/"])
        assert (cookies["cookies"], page.errors) == ([], [])


async def test_the_chat_is_closed_by_keyboard_and_the_focus_goes_back(visit: Any, fans: Site, lines: list[Any]) -> None:
    lines.append("Hello!")
    page = await visit(fans)
    chat = await open_chat(page)
    await say(chat, "hi", "Hello!")
    await chat.press("Escape")
    await page.until(f"!{DIALOG}.open && {WIDGET}.activeElement === {BUTTON}")

    await page.press("Enter")
    await page.until(f"{DIALOG}.open")
    await chat.until("document.activeElement.id === 'chat-text'")
    assert await chat.run(MINE) == ["hi"]  # the same page, not a new one
    await chat.click("#chat-close")
    await page.until(f"!{DIALOG}.open")


async def test_what_is_said_while_the_chat_is_closed_is_told_at_the_button(
    visit: Any, fans: Site, core: Core, nova: Persona, lines: list[Any]
) -> None:
    lines.append("Hello!")
    page = await visit(fans)
    chat = await open_chat(page)
    await say(chat, "hi", "Hello!")
    await chat.press("Escape")
    await page.until(f"!{DIALOG}.open")
    async with core.store.open_work(service(nova.workspace, "tests")) as work:
        (conversation,) = await work.conversations.of(persona_id=nova.id)
        await work.conversations.say(conversation.id, "persona", "By the way…")
    await chat.run("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))")  # a new line brings it
    await page.until(f"{BUTTON}.getAttribute('aria-label').endsWith('Nova wrote something')")
    await page.press("Enter")
    await page.until(f"{DIALOG}.open && {BUTTON}.getAttribute('aria-label') === 'Close the chat'")


async def test_on_a_phone_the_chat_fills_the_screen(visit: Any, fans: Site) -> None:
    page = await visit(fans, greeting="Questions about tides, boots or the sea at night?", position="left")
    await page.size(320, 640, phone=True)
    await page.until(f"!!document.querySelector('gator-chat') && !!{BUTTON}")
    box = await page.run(
        f"(() => {{ const box = {BUTTON}.getBoundingClientRect(); return [box.left, box.right, box.height]; }})()"
    )
    assert box[0] >= 0
    assert box[1] <= 320
    assert box[2] >= 44
    assert (await page.run(f"{BUTTON}.getAttribute('aria-label')")).startswith("Questions about tides")

    chat = await open_chat(page)
    await chat.until("document.activeElement.id === 'chat-title'")  # not the field: the keyboard would cover the words
    assert await page.run(f"[{DIALOG}.matches(':modal'), {DIALOG}.offsetWidth, {DIALOG}.offsetHeight]") == [
        True,
        320,
        640,
    ]
    assert await chat.run("document.documentElement.scrollWidth") <= 320
    small = (
        "[...document.querySelectorAll('button, summary, textarea')].filter((one) => one.checkVisibility() && "
        "(one.offsetHeight < 44 || one.offsetWidth < 44)).map((one) => one.outerHTML)"
    )
    assert await chat.run(small) == []


async def test_the_site_chooses_language_and_side_and_the_reader_dark_and_still(visit: Any, fans: Site) -> None:
    page = await visit(fans, language="de", position="left")
    await page.prefers(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    assert await page.until(f"{BUTTON}.getAttribute('aria-label')") == "Mit Nova chatten, einer KI-Figur"
    style = await page.run(
        f"(() => {{ const one = getComputedStyle({BUTTON}); return [one.left, one.backgroundColor, one.transitionDuration]; }})()"
    )
    assert style[0] == "16px"
    assert style[1] != "rgb(32, 121, 79)"
    assert style[2] == "0s"
    chat = await open_chat(page)
    assert await chat.run("document.documentElement.lang") == "de"


async def test_a_sites_own_styles_and_the_widgets_leave_each_other_alone(visit: Any, fans: Site, served: str) -> None:
    page = await visit(fans)
    await page.until(f"!!document.querySelector('gator-chat') && !!{BUTTON}")
    ours = "getComputedStyle(document.querySelector('button')).borderRadius"
    assert await page.run(ours) == "0px"
    await page.run(
        "(() => { const own = new CSSStyleSheet(); own.replaceSync('body * { display: none; color: red } button { width: 1px }');"
        " document.adoptedStyleSheets = [own]; })()"
    )
    assert await page.run(f"{BUTTON}.checkVisibility() && {BUTTON}.offsetWidth >= 44")


async def test_a_site_that_is_not_allowed_gets_nothing(browser: str, served: str, other: Site, nova: Persona) -> None:
    async with tab(browser) as page:
        tag(other, served)
        await page.run("window.warned = []")
        await page.open(f"{other.url}/")
        await page.until("performance.getEntriesByType('resource').some((one) => one.name.endsWith('/p/nova/widget'))")
        assert not await page.run("!!document.querySelector('gator-chat')")

        other.body = f'<iframe src="http://{served}/p/nova/embed" onload="this.title = 1"></iframe>'
        other.policy = "default-src 'none'; frame-src *"
        page.errors.clear()
        await page.open(f"{other.url}/")
        await page.until("document.readyState === 'complete'")
        assert any("frame-ancestors" in one for one in page.errors), page.errors


async def test_only_the_embedded_chat_may_be_framed_and_by_named_sites_only(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, fans: Site, nova: Persona
) -> None:
    await add_persona(core, operator, "Mature", rating="mature")
    framed = await anybody.get("/p/nova/embed")
    assert f"frame-ancestors {fans.url};" in framed.headers["content-security-policy"]
    assert "microphone=(self)" in framed.headers["permissions-policy"]
    assert "<style" not in framed.text
    for path in ("/p/nova", "/", "/sign-in", "/p/nobody/embed", "/p/mature/embed"):
        answer = await anybody.get(path, headers={"Accept": "text/html"})
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-frame-options"] == "DENY", path
    assert (await anybody.get("/p/mature/widget")).status_code == 404

    core.settings = Settings(home=core.settings.home, secret_key=core.settings.secret)
    by_nobody = await anybody.get("/p/nova/embed")
    assert "frame-ancestors 'none'" in by_nobody.headers["content-security-policy"]
    assert by_nobody.headers["x-frame-options"] == "DENY"


async def test_the_script_may_be_loaded_from_anywhere_and_tells_allowed_sites_only(
    anybody: httpx.AsyncClient, fans: Site, other: Site, nova: Persona
) -> None:
    script = await anybody.get("/widget.js")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["content-type"].startswith("text/javascript")
    assert not any(word in script.text for word in ("eval(", "innerHTML", "document.cookie", "localStorage"))

    allowed = await anybody.get("/p/nova/widget?language=de", headers={"Origin": fans.url})
    refused = await anybody.get("/p/nova/widget", headers={"Origin": other.url, "Accept-Language": "de-AT"})
    assert allowed.json()["language"] == refused.json()["language"] == "de"
    assert allowed.headers["access-control-allow-origin"] == fans.url
    assert "access-control-allow-origin" not in refused.headers
