"""What does an answer bring with it? Media that are there or coming; nobody waits for those that never come."""

import orjson
import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agents.brain import _answer


@pytest.mark.parametrize(
    ("state", "comes"),
    [("running", True), ("queued", True), ("done", True), ("cancelled", False), ("failed", False), ("paused", False)],
)
def test_an_answer_brings_no_media_that_never_come(state: str, comes: bool) -> None:
    told = {"said": "The video was told of.", "asset": "video-1", "state": state}
    answer = _answer(
        [
            HumanMessage("cancel the reel"),
            ToolMessage(orjson.dumps(told).decode(), tool_call_id="1", name="cancel_job"),
            AIMessage("Done."),
        ],
        [],
    )
    assert answer.assets == (["video-1"] if comes else [])
