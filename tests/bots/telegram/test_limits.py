"""A bot keeps within Telegram's limits, and what matters goes before courtesies."""

import pytest

from bots.telegram.limits import Limits
from bots.telegram.places import Place, number_of
from gator.errors import Refused


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def sent_in(limits: Limits, clock: Clock, seconds: float, places: list[Place]) -> int:
    """How many messages go out in that time when all want to."""
    count, ends = 0, clock.at + seconds
    while clock.at < ends:
        count += sum(limits.ask(place) == 0 for place in places)
        clock.at += 0.05
    return count


def test_a_chat_gets_a_burst_and_then_one_a_second() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert [limits.ask(Place(1)) for _ in range(3)] == [0, 0, 0]
    assert limits.ask(Place(1)) == 1.0
    assert sent_in(limits, clock, 10, [Place(1)]) in (9, 10)


def test_a_group_gets_twenty_a_minute() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert sent_in(limits, clock, 60, [Place(-100)]) in (24, 25)  # with the burst
    assert sent_in(limits, clock, 60, [Place(-100)]) in (19, 20)


def test_all_chats_together_get_thirty_a_second() -> None:
    clock = Clock()
    limits = Limits(clock)
    chats = [Place(n) for n in range(1, 2000)]
    assert sum(limits.ask(place) == 0 for place in chats) == 30
    clock.at += 1
    assert sum(limits.ask(place) == 0 for place in chats[100:]) == 30


def test_many_who_wait_each_get_a_turn_of_their_own() -> None:
    limits = Limits(Clock())
    waits = [limits.ask(Place(n), most_s=1.5) for n in range(1, 65)]
    assert waits == sorted(waits)
    assert waits[29] == 0
    assert 1.1 < waits[-1] < 1.2
    assert limits.ask(Place(-5), most_s=0.5) > 0.5  # nothing is taken: it comes again
    assert limits.ask(Place(-5), most_s=1.5) < 1.2


def test_courtesies_leave_room_for_messages() -> None:
    clock = Clock()
    limits = Limits(clock)
    shown = sum(limits.may_show(Place(n)) for n in range(1, 100))
    assert shown == 20
    assert sum(limits.ask(Place(n)) == 0 for n in range(200, 300)) == 10


def test_a_chat_that_telegram_closed_is_closed_to_everything_and_others_are_not() -> None:
    clock = Clock()
    limits = Limits(clock)
    limits.close(Place(1), 30)
    assert limits.ask(Place(1)) == 30
    assert not limits.may_show(Place(1))
    assert limits.ask(Place(2)) == 0
    clock.at += 30
    assert limits.ask(Place(1)) == 0


def test_an_album_counts_as_its_pictures_but_never_more_than_a_chat_can_have() -> None:
    limits = Limits(Clock())
    assert limits.ask(Place(1), 10) == 0
    assert limits.ask(Place(1)) > 0


def test_a_place_is_known_again_by_its_thread() -> None:
    assert Place.of("-100123/7") == Place(-100123, 7)
    assert Place.of(Place(5).thread) == Place(5)
    assert number_of("-100123:45") == 45
    assert number_of("odd") is None
    with pytest.raises(Refused):
        Place.of("web")
