"""The built-in model as LangChain sees it: it streams, calls tools, counts, says once what it is, and never raises."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage

from agents import hands
from agents.builtin.model import BuiltinModel
from agents.builtin.replies import NO_MODEL
from gator.principal import Kind
from tests.agents.builtin.stage import CONTEXT, Stage


def _asked(text: str, **changes: Any) -> list[Any]:
    return [SystemMessage("", additional_kwargs={"context": {**CONTEXT, **changes}}), HumanMessage(text)]


async def test_a_reply_comes_word_by_word_and_a_call_in_one_piece() -> None:
    model = BuiltinModel().bind_tools(hands.schemas_for(Kind.operator))

    words = [chunk async for chunk in model.astream(_asked("hello"))]
    assert len(words) > 3

    whole: AIMessageChunk | None = None
    async for chunk in model.astream(_asked("list my personas")):
        assert isinstance(chunk, AIMessageChunk)
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    assert [(call["name"], call["args"]) for call in whole.tool_calls] == [("list_personas", {})]
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["total_tokens"] > 0
    assert whole.response_metadata["model_name"] == "builtin"


async def test_asked_at_once_and_streamed_it_says_the_same() -> None:
    model = BuiltinModel().bind_tools(hands.schemas_for(Kind.operator))
    asked = _asked("what can you do?")
    whole = await model.ainvoke(asked)
    assert "".join([chunk.text async for chunk in model.astream(asked)]) == whole.text == model.invoke(asked).text


def test_it_says_once_that_no_language_model_is_configured() -> None:
    stage = Stage(told=False)
    _, first = stage.say("hello")
    _, second = stage.say("thanks")
    assert first.endswith(NO_MODEL)
    assert NO_MODEL not in second


def test_what_it_can_do_is_what_its_tools_are() -> None:
    only_feeds = BuiltinModel().bind_tools(
        [one for one in hands.schemas_for(Kind.operator) if "feed" in one["function"]["name"]]
    )
    told = only_feeds.invoke(_asked("what can you do?")).text
    assert "Feeds" in told
    assert "Videos" not in told


def test_without_a_tool_it_says_so_and_calls_nothing() -> None:
    reply = BuiltinModel().bind_tools([]).invoke(_asked('make a card saying "Hi"'))
    assert not reply.tool_calls
    assert "draw card" in reply.text


def test_what_failed_stops_what_needs_it_and_nothing_else() -> None:
    stage = Stage(failing="draw_card")
    calls, reply = stage.say('make a card saying "Hi", post it as Nova tomorrow at 9 and list my feeds')
    assert [name for name, _ in calls] == ["draw_card", "list_feeds"]
    assert "Start it with gator worker." in reply
    assert "I did not post it" in reply


def test_where_there_is_no_story_the_card_is_not_drawn() -> None:
    stage = Stage(stories=[])
    calls, reply = stage.say("read the feeds and make a card on the top story")
    assert [name for name, _ in calls] == ["read_feeds"]
    assert "no stories" in reply


def test_with_one_persona_nobody_needs_to_be_named() -> None:
    calls, _ = Stage(personas=[{"name": "Nova", "slug": "nova"}]).say("write a post about tea")
    assert calls == [("write_text", {"persona": "Nova", "about": "tea"})]


def test_without_a_persona_nothing_is_posted() -> None:
    calls, reply = Stage(personas=[]).say('post "Hi" tomorrow at 9')
    assert not calls
    assert "no persona yet" in reply


def test_the_first_story_is_the_first_that_was_shown() -> None:
    stage = Stage()
    stage.say("what's new about coral?")
    calls, _ = stage.say("make a card on the first one")
    assert calls == [("draw_card", {"text": "New coral reef found off Chile", "story": "s2"})]


WORDS = [
    *(
        "make",
        "post",
        "card",
        "Nova",
        "Mira",
        "the",
        "a",
        "it",
        "both",
        "tomorrow",
        "at",
        "nine",
        "every",
        "weekday",
        "and",
    ),
    *(
        "then",
        "not",
        "delete",
        "story",
        "video",
        "about",
        "saying",
        "who",
        "is",
        "what",
        "of",
        "to",
        "in",
        '"hi"',
        "§",
        "“",
    ),
    *(
        ",",
        ".",
        "?",
        ":",
        "18:30",
        "3rd",
        "don't",
        "her",
        "she",
        "never",
        "change",
        "persona",
        "feed",
        "https://x.org/f",
    ),
]


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=120), st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)))
def test_no_text_makes_it_raise(text: str) -> None:
    reply = BuiltinModel().bind_tools(hands.schemas_for(Kind.operator)).invoke(_asked(text))
    assert reply.tool_calls or reply.text


@pytest.mark.parametrize("text", ["", " ", "?", "§q0 §p9", "a" * 5000, "make " * 500, "and, " * 400])
def test_odd_texts_are_answered(text: str) -> None:
    assert BuiltinModel().bind_tools(hands.schemas_for(Kind.operator)).invoke(_asked(text)).text
