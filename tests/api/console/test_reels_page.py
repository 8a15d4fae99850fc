"""Reels at the console: one is made, its scenes are followed, a step is made again, words are changed."""

import asyncio
from typing import Any

from langchain_core.messages import AIMessage

from api.routes.reels import asking
from bots.core import Core
from gator.ids import new_id
from gator.principal import Principal
from tests.api.console.test_pages import press, seen, texts, until, write
from tools.capability import Turn
from tools.productions.capabilities import make_reel
from tools.productions.script import Script
from tools.productions.shapes import MakeReel

WRITTEN = "Look at the tide pools.\n[a tide pool]\n\nThen look again."


async def takes(core: Core, who: Principal) -> dict[str, int]:
    """How often each step was made."""
    async with core.store.open_work(who, reads=True) as work:
        steps = await work.productions.steps(await work.productions.newest())
    return {name: one.take for name, one in steps.items()}


async def once_taken(core: Core, who: Principal, step: str) -> dict[str, int]:
    """The same, once that step was made again."""
    async with asyncio.timeout(10):
        while (found := await takes(core, who))[step] != 2:
            await asyncio.sleep(0.02)
    return found


def press_named(user: Any, label: str) -> None:
    """Press the button of that name, where several have the same words."""
    from nicegui import ui

    [found] = [
        one for one in user.client.elements.values()
        if isinstance(one, ui.button) and one.props.get("aria-label") == label
    ]  # fmt: skip
    for listener in list(found._event_listeners.values()):
        if listener.type == "click":
            user.client.handle_event({"id": found.id, "listener_id": listener.id, "args": []})


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
    press_named(user, "Change the words of scene 2")
    await until(lambda: any(getattr(one, "value", "") == script.scenes[1].say for one in user.client.elements.values()))
    await write(user, "What is said", "Look down, and look again.")
    await seen(
        user, "Made again: the picture of scene 2, the voice-over of scene 2, the video, the thumbnail and 3 texts"
    )
    await press(user, "Save")
    await seen(user, "Look down, and look again.")
    again = {name for name, take in (await once_taken(core, operator, "posts")).items() if take > 1}
    assert again == {"script", "picture-2", "voice-2", "video", "thumbnail", "posts"}
    await seen(user, "The tide, three times.")


async def test_more_than_the_button_says_is_asked_first_and_the_last_video_stays(
    user: Any, core: Core, operator: Principal, lines: list[Any]
) -> None:
    lines += map(AIMessage, [WRITTEN, "The tide, twice."])
    async with core.store.open_work(operator) as work:
        persona = await work.personas.create("nova", "Nova", {"name": "Nova", "age": 27}, author="tests")
        film = await work.jobs.queue("video.make", {}, key="film", makes="video", persona_id=persona.id)
    turn = Turn(principal=operator, store=core.store, settings=core.settings, id=new_id())
    made = await make_reel(MakeReel(persona="Nova", topic="tide pools"), asking(core, turn))
    async with core.store.open_work(operator) as work:  # as if it had been made
        step = (await work.productions.steps(await work.productions.newest()))["video"]
        step.asset_id, step.job_id = film.asset_id, film.id
        asset, job = await work.assets.get(film.asset_id or ""), await work.jobs.get(film.id)
        asset.state, asset.duration_s, job.state = "ready", 10.0, "done"

    await user.open(f"/console/reels/{made.id}")  # type: ignore[attr-defined]
    await seen(user, "Edit", "Download")
    [player] = [one for one in user.client.elements.values() if one.tag == "video"]
    press_named(user, "Make the picture of scene 1 again")
    await seen(
        user, "Make the picture of scene 1 again?", "Made again: the picture of scene 1, the video and the thumbnail."
    )
    assert not [one for one in (await takes(core, operator)).values() if one > 1]
    await press(user, "Make it again")
    await seen(user, "This is the video before: it is being made anew (waits).", "Download")
    assert (await takes(core, operator))["picture-1"] == 2
    assert "Edit" not in texts(user)
    [still] = [one for one in user.client.elements.values() if one.tag == "video"]
    assert still.props["src"] == player.props["src"]
