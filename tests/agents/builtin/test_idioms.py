"""Are turns of phrase read as the plain requests they stand for, and is all else left as it was written?"""

import pytest

from agents.builtin.desk import Desk
from agents.builtin.idioms import plain

DESK = {
    "now": "2026-03-10T14:05:00+01:00",
    "zone": "Europe/Berlin",
    "personas": [{"name": "Nova", "slug": "nova"}, {"name": "Old Pete", "slug": "old-pete"}],
    "feeds": [{"name": "Ocean News", "url": "https://ocean.example/rss"}],
    "posts": [{"id": "p1", "persona": "Nova", "text": "Tide pools at dawn", "due_at": "2026-03-12T09:00:00+01:00"}],
}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("whip me up a square card", "make a square card"),
        ("bin the Ocean News feed", "remove the Ocean News feed"),
        ("who's on the roster?", "list the personas"),
        ("give Nova the weekend off", "pause Nova"),
        ("Nova's break is over", "resume Nova"),
        ("the tide pools post has to wait until Friday", "reschedule the tide pools post to Friday"),
        ("we can stop following Ocean News", "remove the feed Ocean News"),
        ("have “Ahoy” go out as Nova tomorrow at 9", "post “Ahoy” as Nova tomorrow at 9"),
    ],
)
def test_a_turn_of_phrase_is_read_as_the_plain_request(said: str, meant: str) -> None:
    assert plain(said, Desk(DESK)) == meant


@pytest.mark.parametrize(
    "said",
    [
        "make a card saying “whip me up a card”",
        "we can stop following The Gardener",
        "the paint post has to wait until Friday",
    ],
)
def test_words_that_are_quoted_and_things_that_are_not_there_are_left(said: str) -> None:
    assert plain(said, Desk(DESK)) == said


def test_a_name_of_an_everyday_word_is_no_persona() -> None:
    assert plain("Nova, you know, the dancer, she is 44", Desk(DESK)) == "Nova is 44 years old"
