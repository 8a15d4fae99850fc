"""The Gator agent: what needs a person's yes waits for it, over restarts, and is done once, exactly as approved."""

from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agents import approvals, hands
from agents.brain import Brain
from agents.checkpoints import open_saver
from agents.models import Mind
from agents.turns import Answer
from gator.clock import now
from gator.errors import Conflict
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Approval, Conversation, Message, Post, Story
from memory.store import Store
from tests.fakes import ScriptedModel, calls

POST = ("schedule_post", {"persona": "Nova", "text": "Good morning, sea."})


class Desk:
    """An operator's desk: a conversation, and a brain that thinks with a scripted model."""

    def __init__(self, settings: Settings, store: Store, operator: Principal, room: Conversation) -> None:
        self.settings, self.store, self.operator, self.room = settings, store, operator, room
        self.frames: list[dict[str, Any]] = []
        self.turn = new_id()

    def brain(self, saver: Any, *lines: Any) -> Brain:
        self.model = ScriptedModel(lines=list(lines))
        return Brain(self.settings, self.store, saver, Mind(self.settings, lambda *_: self.model))

    async def say(self, brain: Brain, text: str) -> Answer:
        turn = brain.turn(self.operator, self.turn, self.room.id)
        return await brain.answer_operator(
            turn, [Message(id="m", author="operator", text=text)], True, self.frames.append
        )

    async def go_on(self, brain: Brain, decisions: dict[str, str]) -> Answer:
        turn = brain.turn(self.operator, self.turn, self.room.id)
        return await brain.go_on(turn, decisions, True, self.frames.append)

    async def decide(self, id: str, approved: bool) -> None:
        await self.press(id, "approved" if approved else "rejected")

    async def press(self, id: str, state: str) -> None:
        async with self.store.open_work(self.operator) as work:
            await work.approvals.decide(id, state, "tests")

    async def posts(self) -> list[Any]:
        async with self.store.open_work(self.operator, reads=True) as work:
            return list(await work.posts.calendar())


@pytest.fixture
async def desk(settings: Settings, store: Store, operator: Principal) -> Desk:
    async with store.open_work(operator) as work:
        await work.personas.create("nova", "Nova", {"name": "Nova", "age": 27}, author="tests")
        room = await work.conversations.meet("web", "", "gator", user_id=operator.subject)
    return Desk(settings, store, operator, room)


async def test_a_picture_asked_for_twice_is_one_job(desk: Desk, settings: Settings, woken: list[Any]) -> None:
    ask = ("draw_card", {"text": "a heron at dawn"})
    async with open_saver(settings) as saver:
        answer = await desk.say(desk.brain(saver, calls(ask), calls(ask), "On its way!"), "draw a heron")
    assert answer.text == "On its way!"
    assert len(woken) == 1
    assert len(answer.assets) == 1


async def test_a_post_waits_for_a_yes_over_a_restart_and_is_planned_once(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        waiting = await desk.say(desk.brain(saver, calls(POST)), "post it")
    assert waiting.text == ""
    (id,) = waiting.waits_for
    assert await desk.posts() == []

    await desk.decide(id, True)
    async with open_saver(settings) as saver:  # as another process would
        answer = await desk.go_on(desk.brain(saver, "Planned."), {id: "approved"})

    assert answer.text == "Planned."
    assert [post.text for post in await desk.posts()] == ["Good morning, sea."]


async def test_what_was_rejected_is_not_done_and_the_model_is_told(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        waiting = await desk.say(desk.brain(saver, calls(POST)), "post it")
        (id,) = waiting.waits_for
        await desk.decide(id, False)
        brain = desk.brain(saver, lambda heard: AIMessage(str(heard[-1].content)))
        answer = await desk.go_on(brain, {id: "rejected"})
    assert "not approved" in answer.text
    assert await desk.posts() == []


async def test_other_words_that_are_wanted_lead_to_a_new_question(desk: Desk, settings: Settings) -> None:
    other = ("schedule_post", {**POST[1], "text": "Hello again, sea."})
    async with open_saver(settings) as saver:
        (first,) = (await desk.say(desk.brain(saver, calls(POST)), "post it")).waits_for
        await desk.press(first, "regenerate")
        asked_again = await desk.go_on(desk.brain(saver, calls(other)), {first: "regenerate"})
        (second,) = asked_again.waits_for
        await desk.press(second, "approved")
        answer = await desk.go_on(desk.brain(saver, "Planned."), {second: "approved"})
    assert answer.text == "Planned."
    assert [post.text for post in await desk.posts()] == ["Hello again, sea."]


async def test_what_is_done_is_what_stood_in_the_question_that_was_asked_anew(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        brain = desk.brain(saver, calls(POST))
        (first,) = (await desk.say(brain, "post it")).waits_for
        async with desk.store.open_work(desk.operator, reads=True) as work:
            asked = await work.approvals.get(first)
        turn = brain.turn(desk.operator, desk.turn, desk.room.id)
        revised = await approvals.revise(asked, "Good evening, sea.", turn)
        with pytest.raises(Conflict):
            await desk.decide(first, True)
        await desk.decide(revised.id, True)
        await desk.go_on(desk.brain(saver, "Planned."), {first: "approved", revised.id: "approved"})
    assert [post.text for post in await desk.posts()] == ["Good evening, sea."]


async def test_an_approval_is_decided_once_and_expires(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        (id,) = (await desk.say(desk.brain(saver, calls(POST)), "post it")).waits_for
    async with desk.store.open_work(desk.operator) as work:
        approval = await work.approvals.get(id)
        approval.expires_at = now()
    with pytest.raises(Conflict, match="expired"):
        await desk.decide(id, True)


async def test_a_spent_approval_does_nothing_more(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        (id,) = (await desk.say(desk.brain(saver, calls(POST)), "post it")).waits_for
        await desk.decide(id, True)
        await desk.go_on(desk.brain(saver, "Planned."), {id: "approved"})
    async with desk.store.open_work(desk.operator) as work:
        approval = await work.approvals.get(id)
        assert approval.state == "used"
        assert not await work.approvals.use(id, approval.arguments_hash)
    assert len(await desk.posts()) == 1


async def test_what_is_approved_is_what_was_shown_whatever_the_model_says_later(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        (id,) = (await desk.say(desk.brain(saver, calls(POST)), "post it")).waits_for
        async with desk.store.open_work(desk.operator) as work:
            approval = await work.approvals.get(id)
            approval.arguments = {**approval.arguments, "text": "Buy now!"}  # as if somebody changed the row
        await desk.decide(id, True)
        answer = await desk.go_on(desk.brain(saver, "Hm."), {id: "approved"})
    assert not answer.steps[-1]["ok"]
    assert await desk.posts() == []


async def test_a_failing_tool_gives_one_clear_reply(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        brain = desk.brain(saver, calls(("show_persona", {"persona": "Nobody"})), "There is no Nobody.")
        answer = await desk.say(brain, "show Nobody")
    assert answer.steps == [{"tool": "show_persona", "ok": False, "said": answer.steps[0]["said"]}]
    assert "Nova" in answer.steps[0]["said"]
    assert answer.text == "There is no Nobody."


async def test_a_model_that_never_stops_is_stopped(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        again = calls(("list_personas", {}))
        answer = await desk.say(desk.brain(saver, *[again] * 100), "loop")
    assert "stopped" in answer.text
    assert len(desk.model.heard) < 20


async def test_reads_run_side_by_side_and_answer_in_order(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        both = calls(("list_personas", {}), ("list_jobs", {}), ("list_feeds", {}))
        answer = await desk.say(desk.brain(saver, both, "Done."), "what is there")
    assert [step["tool"] for step in answer.steps] == ["list_personas", "list_jobs", "list_feeds"]


async def test_a_turn_killed_after_its_question_asks_the_same_one_again(desk: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        (id,) = (await desk.say(desk.brain(saver, calls(POST)), "post it")).waits_for
    async with open_saver(settings) as saver:  # the next process runs the open turn again
        again = await desk.say(desk.brain(saver), "post it")
    assert again.waits_for == [id]
    assert desk.model.heard == []


async def test_the_same_request_many_times_at_once_is_one_job(desk: Desk, settings: Settings, woken: list[Any]) -> None:
    ask = ("draw_card", {"text": "a heron at dawn"})
    async with open_saver(settings) as saver:
        answer = await desk.say(desk.brain(saver, calls(*[ask] * 6), "On its way!"), "draw a heron")
    assert [step["ok"] for step in answer.steps] == [True] * 6
    assert len(woken) == 1


async def _people(desk: Desk) -> list[str]:
    async with desk.store.open_work(desk.operator, reads=True) as work:
        return [one.name for one in await work.personas.all()]


async def _asked(desk: Desk, id: str) -> Approval:
    async with desk.store.open_work(desk.operator, reads=True) as work:
        return await work.approvals.get(id)


@pytest.fixture
async def known(desk: Desk) -> Desk:
    """Zed, with a fan who talks with him, one post that is out and one that is planned; and Nova."""
    async with desk.store.open_work(desk.operator) as work:
        zed = await work.personas.create("zed", "Zed", {"name": "Zed", "age": 33}, author="tests")
        fan = await work.people.meet_fan("web", "tess", "Tess")
        await work.conversations.meet("web", "", "zed", persona_id=zed.id, fan_id=fan.id)
        for state in ("scheduled", "published"):
            await work.posts.plan(Post(persona_id=zed.id, text=state, due_at=now(), state=state, key=state))
    return desk


async def test_removing_a_persona_says_what_goes_and_waits_for_a_yes(known: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        brain = Brain(settings, known.store, saver)  # with the built-in model
        (id,) = (await known.say(brain, "remove Zed")).waits_for
        asked = await _asked(known, id)
        assert await _people(known) == ["Nova", "Zed"]
        assert asked.effect == "destroy"
        assert asked.summary.startswith(
            "Remove Zed (zed) for good, with 1 fan in 1 conversation; 1 published post; 1 planned post"
        )
        await known.decide(id, True)
        await known.go_on(brain, {id: "approved"})
    assert await _people(known) == ["Nova"]


async def test_a_no_or_a_yes_that_came_too_late_keeps_the_persona(known: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        brain = Brain(settings, known.store, saver)
        (id,) = (await known.say(brain, "remove Zed")).waits_for
        await known.decide(id, False)
        answer = await known.go_on(brain, {id: "rejected"})
        assert "not approved" in answer.text
        known.turn = new_id()
        (id,) = (await known.say(brain, "remove Zed")).waits_for
        await known.decide(id, True)
        async with known.store.open_work(known.operator) as work:
            (await work.approvals.get(id)).expires_at = now()
        await known.go_on(brain, {id: "approved"})
    assert await _people(known) == ["Nova", "Zed"]


async def test_a_yes_to_one_removal_removes_nobody_else_and_nothing_twice(known: Desk, settings: Settings) -> None:
    async with open_saver(settings) as saver:
        brain = Brain(settings, known.store, saver)
        (id,) = (await known.say(brain, "remove Zed")).waits_for
        await known.decide(id, True)
        turn = brain.turn(known.operator, known.turn, known.room.id)
        for_nova = {"name": "remove_persona", "args": {"persona": "nova"}, "id": "call_other"}
        assert (await hands.carry_out(for_nova, turn, id)).status == "error"
        await known.go_on(brain, {id: "approved"})
        again = {"name": "remove_persona", "args": (await _asked(known, id)).arguments, "id": "call_again"}
        assert (await hands.carry_out(again, replace(turn, id=new_id()), id)).status == "error"
    assert await _people(known) == ["Nova"]


async def test_removing_a_feed_says_how_many_stories_go_and_waits(desk: Desk, settings: Settings) -> None:
    async with desk.store.open_work(desk.operator) as work:
        feed = await work.feeds.add("https://lake.example/news.xml", "Lake News")
        told = {"guid": "1", "title": "Low water", "published_at": now()}
        await work.feeds.keep(feed, [Story(workspace=feed.workspace, feed_id=feed.id, **told)])
    async with open_saver(settings) as saver:
        brain = Brain(settings, desk.store, saver)
        (id,) = (await desk.say(brain, "remove the Lake News feed")).waits_for
        assert "Lake News (https://lake.example/news.xml) with 1 story" in (await _asked(desk, id)).summary
        await desk.decide(id, True)
        await desk.go_on(brain, {id: "approved"})
    async with desk.store.open_work(desk.operator, reads=True) as work:
        assert await work.feeds.all() == []
