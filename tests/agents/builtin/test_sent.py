"""The built-in model reads words only, not what is noted under them."""

from langchain_core.messages import HumanMessage

from agents.builtin.sent import in_words, only_sent


def test_notes_of_what_became_of_the_last_words_are_not_read_as_the_fans() -> None:
    said = "see you\n[They put ❤ under your last message.]\n[Your last 2 messages did not reach them.]"
    [heard] = in_words([HumanMessage(said)])
    assert heard.content == "see you"
    assert in_words([HumanMessage("[Yours] is fine")])[0].content == "[Yours] is fine"
    assert only_sent([HumanMessage("[picture: a map]\n[Your last message did not reach them.]")])
