"""Can everybody use the chat page? Names, contrast, sizes, the order of tabs, and quiet for those who want it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from memory.models import Persona
from tests.api.test_chat_page import say, talk
from tests.browser import Tab, tab

CONTROLS = {"button", "link", "textbox", "log", "status", "dialog", "image", "group", "DisclosureTriangle"}
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
LEAST_PX = 44  # WCAG 2.2, 2.5.5
# The contrast of every text that is to be seen, against the nearest background that is not transparent.
CONTRAST = """(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [.2126, .7152, .0722][at], 0);
  const backOf = (one) => { for (; one; one = one.parentElement) {
    const [r, g, b, a = 1] = rgb(getComputedStyle(one).backgroundColor); if (a === 1) return [r, g, b]; }
    return [255, 255, 255]; };
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !one.checkVisibility() || one.closest("[aria-hidden], .visually-hidden, .skip, svg")) continue;
    const [a, b] = [light(rgb(getComputedStyle(one).color)), light(backOf(one))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    found.push([ratio, one.className || one.tagName, one.textContent.trim().slice(0, 30)]);
  }
  return found.sort((x, y) => x[0] - y[0]);
})()"""
SMALL = f"""[...document.querySelectorAll(".chat button, .chat summary, .chat a, .chat textarea, dialog[open] button")]
  .filter((one) => one.checkVisibility()).map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
  .filter(([box]) => box.width < {LEAST_PX} || box.height < {LEAST_PX}).map(([box, what]) => [box.width, box.height, what])"""


@pytest.fixture
async def page(browser: str, served: str, nova: Persona, lines: list[Any]) -> AsyncIterator[Tab]:
    """Nova's page with everything on it: said, answered, waiting, chosen, refused."""
    lines.append("Hello! The tide is low.")
    async with tab(browser) as opened:
        await opened.size(1200, 800)
        await opened.open(f"http://{served}/p/nova")
        await talk(opened, "hi", "tide is low")
        yield opened
        assert opened.errors == []


async def tree(page: Tab) -> list[tuple[str, str]]:
    """(role, name) of what assistive technology is told."""
    nodes = (await page.call("Accessibility.getFullAXTree"))["nodes"]
    seen = [node for node in nodes if not node.get("ignored") and "role" in node]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in seen]


async def fill(page: Tab) -> None:
    await page.offline(True)
    await page.until("document.getElementById('chat').dataset.state === 'offline'")
    await say(page, "This one waits.")
    await page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    await page.run("for (const id of ['chat-typing', 'chat-newest']) document.getElementById(id).hidden = false")
    await page.run("for (const one of ['.recording', '.editing']) document.querySelector(one).hidden = false")


async def test_everything_that_can_be_used_has_a_name(page: Tab) -> None:
    await fill(page)
    await page.run("document.getElementById('link-dialog').showModal()")
    dialog = await tree(page)
    await page.run("document.getElementById('link-dialog').close()")
    told = [one for one in await tree(page) + dialog if one[0] in CONTROLS]
    assert len(told) > 20
    assert [role for role, name in told if not name.strip() and role not in ("status", "group", "image")] == []
    assert ("log", "Messages") in told
    assert ("textbox", "Your message to Nova") in told
    live = await page.run(
        "document.getElementById('chat-log').ariaLive ?? document.getElementById('chat-log').getAttribute('aria-live')"
    )
    assert live == "polite"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_in_every_colour(page: Tab, scheme: str) -> None:
    await fill(page)
    await page.prefers(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    if shots := os.environ.get("TEST_SHOTS"):
        await page.picture(Path(shots) / f"{scheme}.png")
    for hue in range(12):
        await page.run(f"document.body.className = 'persona hue-{hue}'")
        found = await page.run(CONTRAST)
        assert len(found) > 15
        assert [one for one in found if one[0] < LEAST_CONTRAST] == [], hue
    await page.run("document.querySelector('.tagline').style.color = 'rgb(140, 140, 140)'")
    assert (await page.run(CONTRAST))[0][1:] == ["tagline", "A tide in boots"]  # a weak one is found


async def test_what_is_pressed_is_large_enough(page: Tab) -> None:
    await fill(page)
    assert await page.run(SMALL) == []
    await page.size(320, 568, phone=True)
    await page.run("location.hash = 'chat'")
    assert await page.until("getComputedStyle(document.getElementById('chat')).position === 'fixed'")
    assert await page.run(SMALL) == []


async def test_tabs_lead_through_the_chat_in_the_order_in_which_it_is_read(page: Tab) -> None:
    await page.run("document.getElementById('chat-title').focus()")
    names = []
    for _ in range(8):
        await page.press("Tab")
        names.append(
            await page.run(
                "document.activeElement.ariaLabel || document.activeElement.id || document.activeElement.className"
            )
        )
    assert names == [
        "More", "Messages", "Options of this message", "Options of this message", "Attach pictures or files",
        "chat-text", "Record a voice note", "icon send",
    ]  # fmt: skip


async def test_menus_open_and_close_by_keys_and_give_the_focus_back(page: Tab) -> None:
    await page.run("document.querySelector('#chat-menu summary').focus()")
    await page.press("Enter")
    assert await page.until("document.getElementById('chat-menu').open")
    await page.press("Tab")
    assert await page.run("document.activeElement.dataset.command") == "human"
    await page.press("Escape")
    assert await page.until("!document.getElementById('chat-menu').open")
    assert await page.run("document.activeElement.matches('#chat-menu summary')")


async def test_nothing_moves_for_those_who_want_it_quiet(page: Tab) -> None:
    await page.prefers(prefers_reduced_motion="reduce")
    await page.run("document.getElementById('chat-typing').hidden = false")
    assert await page.run("document.getAnimations().length") == 0
