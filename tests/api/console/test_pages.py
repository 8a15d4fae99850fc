"""What do operators see and do at the console? Through NiceGUI's own user: real pages, real core, a scripted model."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bots.core import Core
from gator.principal import Principal
from memory.models import Conversation, Persona
from tests.api.test_inbox import a_chat
from tests.api.test_public import add_asset
from tests.fakes import calls

HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} \u202egnirts\u200b</script>"


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


def texts(user: Any) -> list[str]:
    """All words on the page."""
    return [str(one.text) for one in user.client.elements.values() if getattr(one, "text", None) and one.visible]


async def seen(user: Any, *words: str) -> None:
    await until(lambda: all(any(word in text for text in texts(user)) for word in words))


async def press(user: Any, label: str, *given: str) -> None:
    from nicegui import ui

    def found() -> list[Any]:
        return [one for one in user.client.elements.values() if isinstance(one, ui.button) and one.text == label]

    await until(found)
    [button] = found()
    for listener in list(button._event_listeners.values()):
        if listener.type == "click":
            user.client.handle_event({"id": button.id, "listener_id": listener.id, "args": [*map(json.dumps, given)]})


def field(user: Any, label: str) -> Any:
    from nicegui import ui

    fields = [one for one in user.client.elements.values() if isinstance(one, ui.textarea)]
    return next((one for one in fields if label in str(one.props.get("label", ""))), None)


def written(user: Any, label: str) -> str:
    return str(field(user, label).value)


async def write(user: Any, label: str, text: str) -> None:
    await until(lambda: field(user, label))
    field(user, label).set_value(text)


async def taken(core: Core, who: Principal, room: Conversation) -> Conversation:
    async with core.store.open_work(who, reads=True) as work:
        return await work.conversations.get(room.id)


async def test_every_page_opens(user: Any) -> None:
    for path, title in (
        ("", "Chat with Gator"), ("/inbox", "Inbox"), ("/approvals", "Approvals"), ("/letters", "Dead letters"),
        ("/jobs", "Jobs"), ("/videos", "Videos"), ("/models", "Models"), ("/reels", "Reels"),
        ("/personas", "Personas"), ("/channels", "Channels"),
    ):  # fmt: skip
        await user.open(f"/console{path}")
        await seen(user, title, "Inbox", "Sign out")


async def test_chatting_with_gator_shows_the_answer(user: Any, core: Core, lines: list[Any]) -> None:
    lines.append("Two personas, and all is well.")
    await user.open("/console")
    await press(user, "Send", "How are things?")
    await seen(user, "How are things?", "Two personas, and all is well.")
    assert len(core.hub.watchers) == 1


async def test_a_question_shows_exactly_what_would_be_done_and_waits(
    user: Any, core: Core, operator: Principal, nova: Any, lines: list[Any]
) -> None:
    heron = await add_asset(core, operator, title="A heron")
    asked = {"persona": "Nova", "text": "A tide \u202eedit", "assets": [heron.id]}
    lines += [calls(("schedule_post", asked)), "Published."]
    await user.open("/console")
    await press(user, "Send", "post it")
    await seen(user, "A tide ⟨U+202E⟩edit", "Approve", "Write anew")
    await user.open("/console/approvals")
    await seen(user, "Asked by owner", "Details", "schedule_post · publish", "A tide ⟨U+202E⟩edit")
    assert not any(heron.id in said or said == "repeat" for said in texts(user))  # no ids, and nothing of empty fields
    pictures = [one.props for one in user.client.elements.values() if one.tag == "img"]
    assert [one["alt"] for one in pictures if f"/media/{heron.id}/small" in one["src"]] == ["A heron"]
    await press(user, "Edit …")
    await write(user, "Text", "Another tide")
    await press(user, "Keep this text")
    await seen(user, "Another tide", "Approve")
    await press(user, "Approve")
    await seen(user, "Nothing waits for your yes.")
    await user.open("/console")
    await seen(user, "Published.")
    async with core.store.open_work(operator, reads=True) as work:
        assert [post.text for post in await work.posts.published(nova.id, 10)] == ["Another tide"]


async def test_a_page_that_is_gone_watches_nothing(user: Any, core: Core) -> None:
    await user.open("/console")
    await until(lambda: core.hub.watchers)
    user.client.delete()
    await until(lambda: not core.hub.watchers)


async def test_the_inbox_follows_what_happens(user: Any, core: Core, operator: Principal, fan: Principal) -> None:
    room = await a_chat(core, fan, "hello from the sea")
    await user.open("/console/inbox")
    await seen(user, "Ada", "hello from the sea")
    async with core.store.open_work(operator) as work:
        await work.handoffs.want(room.id, "gator", "crisis")
    await seen(user, "Ada may be in danger")


async def test_a_conversation_is_taken_answered_and_handed_back(
    user: Any, core: Core, operator: Principal, fan: Principal, lines: list[Any]
) -> None:
    room = await a_chat(core, fan, "is anybody there?")
    await user.open(f"/console/inbox/{room.id}")
    await seen(user, "is anybody there?", "Nova, an AI, answers.")
    await press(user, "Take over")
    await seen(user, "Suggest a reply", "Taken over")
    lines.append("A tide, in boots.")
    await press(user, "Suggest a reply")
    await until(lambda: written(user, "Write to Ada").endswith("A tide, in boots."))
    await press(user, "Send", "I am, and I am a person.")
    await seen(user, "I am, and I am a person.", "Person")
    await write(user, "A note for the team", "<b>kind</b>")
    await press(user, "Keep the note")
    await seen(user, "<b>kind</b>")
    await press(user, "Hand back …")
    await write(user, "In a few words", "We said hello.")
    await press(user, "Hand back")
    await seen(user, "Nova, an AI, answers.", "We said hello.")
    assert (await taken(core, operator, room)).taken_by is None
    async with core.store.open_work(operator, reads=True) as work:
        assert "conversation.read" in {row.action for row in await work.audit.recent()}


async def test_jobs_are_held_resumed_and_cancelled_beside_their_devices(
    user: Any, core: Core, operator: Principal
) -> None:
    async with core.store.open_work(operator) as work:
        told = {"host": "rack", "name": "cuda:0", "kind": "cuda", "label": "A big one", "memory_bytes": 24 * 10**9}
        loaded = [{"model": "nova-xl", "bytes": 8 * 10**9}]
        await work.devices.tell("rack/cuda:0", free_bytes=16 * 10**9, state="ready", loaded=loaded, **told)
        job = await work.jobs.queue("picture.make", {}, key="k", makes="picture", title="Nova", model="nova-xl")
    await user.open("/console/jobs")
    await seen(user, "A big one, rack", "16.0 of 24.0 GB free; nova-xl (8.0 GB); no jobs done.", "1 queued", "Nova")
    [hold] = [one for one in user.client.elements.values() if getattr(one, "text", "") == "Hold"]
    async with core.store.open_work(operator) as work:
        row = await work.jobs.get(job.id)
        row.state, row.progress, row.eta_s, row.device = "running", 0.4, 12.0, "rack/cuda:0"
    await seen(user, "1 running", "cuda:0 with nova-xl, 40%, about 12 s to go")
    assert hold.id in user.client.elements  # whoever was about to press it presses it
    await press(user, "Hold")
    await seen(user, "1 held", "paused")
    await press(user, "Resume")
    await seen(user, "queued")
    await press(user, "Cancel")
    await seen(user, "cancelled", "Try again")
    async with core.store.open_work(operator, reads=True) as work:
        assert (await work.jobs.get(job.id)).state == "cancelled"


async def test_a_button_that_is_pressed_twice_does_its_work_once(user: Any) -> None:
    from api.console.frame import button

    begun, goes_on = list[int](), asyncio.Event()

    async def act() -> None:
        begun.append(1)
        await goes_on.wait()

    await user.open("/console/jobs")
    with user.client.content:
        made = button("Slow", act)
    await press(user, "Slow")
    await press(user, "Slow")
    await until(lambda: begun)
    goes_on.set()
    await until(lambda: "busy" not in made.classes)
    assert begun == [1]
    assert made.enabled  # it never lost the keyboard
    await press(user, "Slow")
    await until(lambda: begun == [1, 1])


async def test_whoever_leaves_the_page_has_answered_no(user: Any) -> None:
    from api.console.asking import ask, sure

    await user.open("/console/jobs")

    async def there(question: Coroutine[Any, Any, Any]) -> Any:
        with user.client.content:
            return await question

    asked = asyncio.create_task(there(ask("What should the AI know?", "Hand back")))
    meant = asyncio.create_task(there(sure("Forget it?", "Forget")))
    await until(lambda: field(user, "In a few words") and "Forget it?" in texts(user))
    user.client.delete()
    assert await asked is None
    assert await meant is False


async def test_what_a_fan_writes_meanwhile_appears(user: Any, core: Core, fan: Principal) -> None:
    from bots.channel import Inbound

    room = await a_chat(core, fan, "first")
    await user.open(f"/console/inbox/{room.id}")
    await press(user, "Take over")
    await seen(user, "Suggest a reply")
    await core.receive(Inbound("web", "", "second-1", room.id, fan, HOSTILE))
    await seen(user, "⟨U+202E⟩gnirts⟨U+200B⟩")
    shown = next(text for text in texts(user) if "onerror" in text)
    assert shown.startswith("<img src=x onerror=alert(1)> {{7*7}}")


async def test_a_page_holds_a_bounded_part_of_a_conversation(
    user: Any, core: Core, fan: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.console import talk

    monkeypatch.setattr(talk, "MOST", 45)
    room = await a_chat(core, fan, "line 0")
    async with core.store.open_work(fan) as work:
        for n in range(1, 100):
            await work.conversations.say(room.id, "fan", f"line {n}")
    await user.open(f"/console/inbox/{room.id}")
    await seen(user, "line 99", "line 60")
    assert "line 59" not in texts(user)
    await press(user, "Earlier messages")
    await seen(user, "line 20")
    lines_shown = [text for text in texts(user) if text.startswith("line ")]
    assert len(lines_shown) == 45
    assert "line 64" in lines_shown


async def test_a_persona_is_paused_from_the_console(user: Any, core: Core, operator: Principal, nova: Any) -> None:
    await user.open("/console/personas")
    await press(user, "Pause everywhere")
    await seen(user, "paused")
    async with core.store.open_work(operator, reads=True) as work:
        assert (await work.personas.get(nova.id)).paused_at


async def test_a_face_is_approved_and_unlocked(user: Any, core: Core, operator: Principal, nova: Persona) -> None:
    picture = await add_asset(core, operator)
    async with core.store.open_work(operator) as work:
        await work.appearances.propose(nova.id, picture.id, shows="made", consent_id=None, views={})
    await user.open("/console/personas")
    await seen(user, "Face, version 1: candidate")
    await press(user, "Approve the face")
    await seen(user, "Face, version 1: locked")
    async with core.store.open_work(operator) as work:
        media = {**nova.character.get("media", {}), "picture_model": "openai:gpt-image-1"}
        hers = await work.personas.get(nova.id)
        await work.personas.change(hers, {**hers.character, "media": media}, author="tests", note="")
    await press(user, "Make views")
    await seen(user, "Face, version 2: candidate", "profile: still being made", "Face, version 1: locked")
    await press(user, "Unlock the face")
    await press(user, "Unlock")
    await seen(user, "Face, version 1: approved")


async def test_a_pairing_code_is_shown_once_asked_for(user: Any) -> None:
    await user.open("/console/channels")
    await press(user, "Get a pairing code")
    await seen(user, "Send /pair ")


async def test_what_cannot_be_done_is_said(user: Any, core: Core, operator: Principal, fan: Principal) -> None:
    room = await a_chat(core, fan)
    await user.open(f"/console/inbox/{room.id}")
    await seen(user, "Take over")
    async with core.store.open_work(operator) as work:
        other = await work.people.add_user("kim", ["operator"])
        await work.handoffs.take(room.id, other.id, "tests")
    await press(user, "Take over")
    await until(lambda: any("Somebody answers" in str(one) for one in user.notify.messages))
