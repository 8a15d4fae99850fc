"""The console in a real browser: a phone and a desk, keyboard only, strangers' words, and a page that stays live."""

import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.console import door
from api.deps import SESSION_COOKIE
from api.tokens import Session
from bots.channel import Inbound
from bots.core import Core
from gator.ids import new_id
from gator.principal import Principal
from gpu_worker.edit_list import EditList, Scene
from tests.api.console.test_pages import HOSTILE
from tests.api.test_inbox import a_chat
from tests.api.test_public import add_asset, png
from tests.browser import Tab
from tests.browser import tab as new_tab
from tests.fakes import calls

pytestmark = pytest.mark.slow


@pytest.fixture
async def tab(browser: str, console: FastAPI, served: str, session: Session) -> AsyncIterator[Tab]:
    """A browser that is signed in. What the page's scripts complained of fails the test."""
    async with new_tab(browser) as made:
        url = f"http://{served}"
        await made.call("Network.setCookie", url=url, name=SESSION_COOKIE, value=session.secret, httpOnly=True)
        made.at = f"{url}/console"  # type: ignore[attr-defined]
        yield made
        assert not made.errors


async def sees(tab: Tab, *words: str) -> None:
    for one in words:
        await tab.until(f"document.body.innerText.includes({json.dumps(one)})")


async def click(tab: Tab, words: str) -> None:
    """Press the button of these words, with the mouse."""
    find = (
        "[...document.querySelectorAll('button')].find((one) => one.checkVisibility() && "
        f"one.innerText.trim() === {json.dumps(words)})"
    )
    await tab.until(f"!!{find} && !document.querySelector('[class*=enter-active]')")  # a dialog has come to rest
    await tab.run(f"{find}.dataset.wanted = 'yes'")
    await tab.click("[data-wanted]")
    await tab.run("document.querySelectorAll('[data-wanted]').forEach((one) => delete one.dataset.wanted)")


async def write(tab: Tab, label: str, text: str) -> None:
    find = (
        "[...document.querySelectorAll('textarea')].find((one) => one.checkVisibility() && "
        f"one.ariaLabel.includes({json.dumps(label)}))"
    )
    await tab.until(f"!!{find}")
    await tab.run(f"{find}.focus()")
    await tab.type(text)


async def fits(tab: Tab, width: int) -> None:
    """Nothing is wider than the screen, and what is pressed is large enough for a thumb (WCAG 2.2, 2.5.8)."""
    assert await tab.run("document.documentElement.scrollWidth") <= width
    small = await tab.run(
        "[...document.querySelectorAll('button')].filter((one) => one.checkVisibility())"
        ".map((one) => one.getBoundingClientRect().height).filter((height) => height < 24)"
    )
    assert small == []


async def test_gator_answers_in_the_chat(tab: Any, lines: list[Any]) -> None:
    lines += ["All is well.", "Still well."]
    await tab.size(1440, 900)
    await tab.open(tab.at)
    await write(tab, "Tell Gator", "How are things?")
    await tab.press("Enter")
    await tab.type("And now?")  # before the first was answered: it must not be lost
    await tab.press("Enter")
    await sees(tab, "How are things?", "And now?")
    await tab.until("document.querySelectorAll('.bubble.ai:not(.live)').length >= 1")
    assert await tab.run("document.querySelector('[role=log]').ariaLive") == "polite"


async def test_a_video_is_cut_anew_by_keyboard(tab: Any, core: Core, operator: Principal) -> None:
    ids = [(await add_asset(core, operator, png(colour), title=colour)).id for colour in ("navy", "red", "green")]
    edit = EditList(scenes=tuple(Scene(asset=id, duration_s=1) for id in ids))
    told = {"edit": edit.model_dump(mode="json")}
    film = await add_asset(core, operator, b"film", kind="video", title="Roof garden", provenance=told, state="failed")
    await tab.size(1300, 1000)
    await tab.open(f"{tab.at}/videos/{film.id}")
    await sees(tab, "Scene 3")
    order = "[...document.querySelectorAll('li .by .soft')].map((one) => one.innerText).join()"
    await tab.run("document.querySelector('[aria-label=\"Move scene 1 down\"]').focus()")
    await tab.press("Enter")
    await tab.until(f"{order} === 'red,navy,green' && document.activeElement.ariaLabel === 'Move scene 2 down'")
    await tab.press("Enter")  # the keyboard has stayed on the scene
    await tab.until(f"{order} === 'red,green,navy' && document.activeElement.ariaLabel === 'Move scene 3 up'")
    assert await tab.run("[...document.querySelectorAll('input')].filter((one) => !one.ariaLabel).length") == 0
    await tab.size(390, 844, phone=True)
    await fits(tab, 390)


async def test_a_press_of_send_sends_what_is_written(tab: Any, core: Core, fan: Principal, lines: list[Any]) -> None:
    lines.append("All is well.")
    await tab.size(1200, 900)
    await tab.open(tab.at)
    await write(tab, "Tell Gator", "How are things?")
    await click(tab, "Send")
    await sees(tab, "How are things?", "All is well.")
    assert await tab.run("document.querySelector('form.say textarea').value") == ""
    assert await tab.run("document.activeElement.matches('form.say textarea')")
    room = await a_chat(core, fan, "Is anybody there?")
    await tab.open(f"{tab.at}/inbox/{room.id}")
    await click(tab, "Take over")
    await write(tab, "Write to Ada", "I am, by the mouse.")
    await click(tab, "Send")
    await tab.until("document.querySelector('.bubble.person')?.innerText.includes('by the mouse')")


async def test_files_and_a_voice_note_go_with_what_an_operator_writes(
    tab: Any, core: Core, fan: Principal, lines: list[Any], tmp_path: Path
) -> None:
    lines.append("A fine red.")
    for colour in ("red", "blue"):
        (tmp_path / f"{colour}.png").write_bytes(png(colour))
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr("inside", "a file")
    await tab.size(390, 844, phone=True)
    await tab.open(tab.at)
    await tab.until("!!window.gatorHands")
    await tab.choose("form.say input[type=file]", tmp_path / "red.png", tmp_path / "blue.png", tmp_path / "odd.zip")
    await tab.until("document.querySelector('.trouble').innerText.includes('odd.zip: Archives are not taken')")
    await tab.click(".previews li:last-child button")
    await tab.until("document.querySelectorAll('.previews li').length === 1")
    await fits(tab, 390)
    await write(tab, "Tell Gator", "Look at this")
    await tab.press("Enter")
    await tab.until("document.querySelector('.bubble img')?.naturalWidth")
    await tab.until("!document.querySelector('.previews li')")
    room = await a_chat(core, fan, "Is anybody there?")
    await tab.open(f"{tab.at}/inbox/{room.id}")
    await click(tab, "Take over")
    await tab.until("!!window.gatorHands && document.querySelector('form.say .mic').checkVisibility()")
    await tab.allow("microphone")
    await tab.click("form.say .mic")
    await tab.until("document.querySelector('.recording time').textContent === '0:01'")
    await tab.click(".recording .done")
    await tab.until("document.querySelector('.bubble.person audio')?.src")
    async with core.store.open_work(fan, reads=True) as work:
        said = [one for one in await work.conversations.window(room.id) if one.author == "operator"]
        (note,) = (await work.assets.by_ids(said[-1].assets)).values()
    assert (note.kind, len(said)) == ("voice", 1)


@pytest.mark.parametrize(("width", "height", "scheme"), [(375, 812, "dark"), (1440, 900, "light")])
async def test_a_fan_is_answered_by_a_person(
    tab: Any, core: Core, fan: Principal, width: int, height: int, scheme: str
) -> None:
    room = await a_chat(core, fan, HOSTILE)
    await tab.size(width, height, phone=width < 600)
    await tab.prefers(prefers_color_scheme=scheme)
    await tab.open(f"{tab.at}/inbox")
    await sees(tab, "Ada")
    await fits(tab, width)
    await tab.click(".entry")
    await sees(tab, "<img src=x onerror=alert(1)> {{7*7}} ⟨U+202E⟩")
    await click(tab, "Take over")
    await write(tab, "Write to Ada", "I am Kim, a person.")
    await tab.press("Enter")
    await sees(tab, "I am Kim, a person.")
    await core.receive(Inbound("web", "", new_id(), room.id, fan, "Oh, hello Kim!"))
    await sees(tab, "Oh, hello Kim!")
    await fits(tab, width)
    await click(tab, "Hand back …")
    await write(tab, "In a few words", "We said hello.")
    await click(tab, "Hand back")
    await sees(tab, "an AI, answers", "We said hello.")
    assert await tab.run("document.querySelectorAll('.bubble.person').length") == 1


async def test_the_keyboard_reaches_everything(tab: Any) -> None:
    await tab.size(1440, 900)
    await tab.open(f"{tab.at}/personas")
    await sees(tab, "Channels")
    ways = await tab.run("[...document.querySelectorAll('.way')].map((one) => one.innerText.trim())")
    reached = []
    for _ in range(len(ways) + 3):
        await tab.press("Tab")
        reached.append(await tab.run("document.activeElement.innerText.trim()"))
    assert reached[0] == "Skip to the content"
    assert {*ways, "Sign out"} <= set(reached)
    assert {"Chat", "Videos", "Reels", "Channels"} <= {*ways}
    unnamed = await tab.run(
        "[...document.querySelectorAll('button, a, textarea, input')].filter((one) => one.checkVisibility() &&"
        " !(one.innerText.trim() || one.ariaLabel)).length"
    )
    assert unnamed == 0
    assert await tab.run("document.documentElement.lang") == "en-US"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_field_and_the_own_way_are_in_sight(
    tab: Any, core: Core, operator: Principal, nova: Any, lines: list[Any]
) -> None:
    heron = await add_asset(core, operator)
    lines.append(calls(("schedule_post", {"persona": "Nova", "text": "Low tide. " * 90, "assets": [heron.id]})))
    await tab.size(1280, 900)
    await tab.open(tab.at)
    await write(tab, "Tell Gator", "Post it")
    await tab.press("Enter")
    for width, height in ((1280, 900), (390, 844)):
        await tab.size(width, height, phone=width < 600)
        await tab.open(tab.at)
        await sees(tab, "Approve")
        await tab.until("document.querySelector('.ask img')?.naturalWidth")
        await tab.run("scrollTo(0, 0)")
        below = "document.querySelector('form.say').getBoundingClientRect().bottom - innerHeight"
        await tab.until(f"{below} <= 0 && document.querySelector('.say textarea').checkVisibility()")
        await fits(tab, width)
    await tab.open(f"{tab.at}/reels")
    way = "document.querySelector('[aria-current]').getBoundingClientRect()"
    await tab.until(f"{way}.left > 60 && {way}.right < 330")  # in the middle, its neighbours beside it


async def test_a_session_that_ends_elsewhere_takes_the_page_away(
    tab: Any, core: Core, operator: Principal, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "CHECK_S", 0.2)
    await tab.open(f"{tab.at}/inbox")
    await sees(tab, "Inbox", "Sign out")
    async with core.store.open_work(operator) as work:
        await work.people.revoke_token(session.id)
    await tab.until("location.pathname === '/sign-in'")


async def test_signing_out_ends_the_page(tab: Any) -> None:
    await tab.open(f"{tab.at}/jobs")
    await click(tab, "Sign out")
    await tab.until("location.pathname === '/'")
    await tab.open(tab.at)
    await tab.until("location.pathname === '/sign-in'")
