"""Reels at the console: one is made, its scenes are followed, a step is made again, words are changed."""

import asyncio
from typing import Any

from langchain_core.messages import AIMessage

from bots.core import Core
from gator.principal import Principal
from tests.api.console.test_pages import press, seen, until, write
from tools.productions.script import Script

WRITTEN = "Look at the tide pools.\n[a tide pool]\n\nThen look again."


async def once_taken(core: Core, who: Principal, step: str) -> dict[str, int]:
    """How often each step was made, once that one was made again."""
    async with asyncio.timeout(10):
        while True:
            async with core.store.open_work(who, reads=True) as work:
                steps = await work.productions.steps(await work.productions.newest())
            if steps[step].take == 2:
                return {name: one.take for name, one in steps.items()}
            await asyncio.sleep(0.02)


async def test_a_reel_is_made_and_changed_step_by_step(
    user: Any, core: Core, operator: Principal, lines: list[Any]
) -> None:
    from nicegui import ui

    lines += map(AIMessage, [WRITTEN, "The tide, twice.", "The tide, three times."])
    async with core.store.open_work(operator) as work:
        await work.personas.create("nova", "Nova", {"name": "Nova", "age": 27}, author="tests")
    await user.open("/console/reels")
    await seen(user, "No reels yet.")
    [topic] = [one for one in user.client.elements.values() if isinstance(one, ui.input)]
    topic.set_value("tide pools")
    await press(user, "Make it")
    await seen(user, "Tide pools")

    async with core.store.open_work(operator, reads=True) as work:
        made = await work.productions.newest()
        script = Script.model_validate((await work.productions.steps(made))["script"].words)
    await user.open(f"/console/reels/{made.id}")
    await seen(user, "Tide pools", "Scene 1", "picture: waits", script.scenes[0].say, "Instagram")
    await press(user, "Thumbnail again")
    assert (await once_taken(core, operator, "thumbnail"))["video"] == 1
    [opening] = [
        one for one in user.client.elements.values()
        if isinstance(one, ui.button) and one.props.get("aria-label") == "Change the words of scene 2"
    ]  # fmt: skip
    for listener in opening._event_listeners.values():
        if listener.type == "click":
            user.client.handle_event({"id": opening.id, "listener_id": listener.id, "args": []})
    await until(lambda: any(getattr(one, "value", "") == script.scenes[1].say for one in user.client.elements.values()))
    await write(user, "What is said", "Look down, and look again.")
    await press(user, "Save")
    await seen(user, "Look down, and look again.")
    again = {name for name, take in (await once_taken(core, operator, "posts")).items() if take > 1}
    assert again == {"script", "picture-2", "voice-2", "video", "thumbnail", "posts"}
    await seen(user, "The tide, three times.")
