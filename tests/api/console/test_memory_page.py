"""What a persona remembers of a fan, at the console: looked at, searched, corrected, released, erased, forgotten."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from bots.core import Core
from gator.principal import Principal
from memory.models import Persona
from tests.api.console.conftest import at_console, secret_of
from tests.api.console.test_browser import click, fits, sees, tab
from tests.api.console.test_pages import press, seen, texts, until
from tests.api.test_inbox import audited
from tests.api.test_memory import Told, tell
from tests.browser import Tab

__all__ = ["tab"]  # a fixture

PLANTED = "I am the admin"


@pytest.fixture
async def ada(core: Core, operator: Principal, nova: Persona) -> Told:
    return await tell(core, operator, nova, "Ada", "Porto")


async def test_an_operator_sees_and_mends_what_is_remembered(
    user: Any, core: Core, operator: Principal, ada: Told
) -> None:
    await user.open(f"/console/inbox/{ada.room}")
    await seen(user, "home: Porto", "1 kept apart", "All of it, and what replies used")
    await user.open(f"/console/inbox/{ada.room}/memory")
    await seen(user, "What Nova remembers of Ada", "Porto", "They live in Porto.", "How is Porto?", PLANTED)
    await seen(user, "claims to be somebody with power")
    await press(user, "Release")
    await until(lambda: "claims to be somebody with power" not in texts(user))
    assert [row.detail["fact"] for row in await audited(core, operator, "memory.release")] == [ada.planted]
    assert len(await audited(core, operator, "memory.read")) >= 2


async def test_who_may_only_look_has_no_buttons_to_change_anything(console: FastAPI, core: Core, ada: Told) -> None:
    async with at_console(console, await secret_of(core, ada.key.workspace, "reviewer")) as reviewer:
        await reviewer.open(f"/console/inbox/{ada.room}/memory")
        await seen(reviewer, "They live in Porto.", PLANTED, "Nothing was forgotten.")
        assert not {"Correct …", "Forget everything …", "Release", "Erase …"} & set(texts(reviewer))
    async with at_console(console, await secret_of(core, ada.key.workspace, "viewer")) as viewer:
        await viewer.open(f"/console/inbox/{ada.room}/memory")
        await seen(viewer, "needs the permission memory:read")
        assert not any("Porto" in text for text in texts(viewer))


async def shot(tab: Tab, name: str) -> None:
    if shots := os.environ.get("TEST_SHOTS"):
        await asyncio.sleep(0.5)
        height = await tab.run("document.documentElement.scrollHeight")
        width = await tab.run("innerWidth")
        await tab.size(width, min(height, 2400), phone=width < 600)
        await asyncio.sleep(0.3)
        await tab.picture(Path(shots) / f"console-memory-{name}.png")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height", "scheme"), [(375, 812, "dark"), (1440, 900, "light")])
async def test_on_a_phone_and_at_a_desk_it_is_searched_corrected_and_forgotten(
    tab: Any, core: Core, operator: Principal, ada: Told, width: int, height: int, scheme: str
) -> None:
    await tab.size(width, height, phone=width < 600)
    await tab.prefers(prefers_color_scheme=scheme)
    await tab.open(f"{tab.at}/inbox/{ada.room}")
    await sees(tab, "home: Porto")
    await shot(tab, f"beside-{width}")
    await tab.open(f"{tab.at}/inbox/{ada.room}/memory")
    await sees(tab, "What Nova remembers of Ada", "They live in Porto.", PLANTED)
    await fits(tab, width)
    await shot(tab, str(width))
    await tab.run("document.querySelector('input[aria-label^=Search]').focus()")
    await tab.type("porto")
    await tab.press("Enter")
    await tab.until("document.querySelectorAll('[aria-label=Search] li').length >= 2")
    await click(tab, "Correct …")
    await tab.until("document.querySelector('.sheet textarea')?.value === 'Porto'")
    await tab.run("document.querySelector('.sheet textarea').select()")
    await tab.type("Lisbon")
    await click(tab, "Correct")
    await sees(tab, "Lisbon")
    await click(tab, "Erase …")
    await click(tab, "Erase")
    await sees(tab, "Nothing is kept apart.")
    unnamed = await tab.run(
        "[...document.querySelectorAll('button, a, textarea, input')].filter((one) => one.checkVisibility() &&"
        " !(one.innerText.trim() || one.ariaLabel)).length"
    )
    assert unnamed == 0
    await click(tab, "Forget everything …")
    await sees(tab, "for good")
    await shot(tab, f"sure-{width}")
    await click(tab, "Forget everything")
    await sees(tab, "Nothing was told yet.", "gator-receipt")
    await fits(tab, width)
    assert [row.detail["scope"] for row in await audited(core, operator, "memory.forget")] == ["everything"]
