"""Ids, the clock, errors and principals: what every room leans on."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from gator import clock, errors
from gator.ids import is_id, new_id
from gator.principal import Kind, Principal


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(2_000)]
    assert made == sorted(set(made))
    time.sleep(0.002)
    assert new_id() > made[-1]


def test_only_an_ids_one_spelling_is_an_id() -> None:
    one = new_id()
    assert is_id(one)
    assert [
        text for text in (one.upper(), one.replace("-", ""), f"{{{one}}}", f" {one}", "", "last") if is_id(text)
    ] == []


def test_the_clock_is_aware_utc_and_can_be_set_inside_a_block() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)
    with clock.set_to(lambda: noon):
        assert clock.now() == noon
    assert clock.now() != noon


def all_errors() -> list[type[errors.GatorError]]:
    return [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.GatorError)]


def test_every_error_has_a_code_and_a_status_of_its_own() -> None:
    tree = all_errors()
    assert len(tree) > 5
    assert len({one.code for one in tree}) == len(tree)
    statuses = [one.status for one in tree if one is not errors.Resting]  # at the API, it is Unavailable
    assert len(set(statuses)) == len(statuses)
    assert [one for one in tree if one.__name__ not in (errors.__doc__ or "")] == []


def test_an_error_is_its_message_and_what_to_do() -> None:
    assert str(errors.NotFound("There is no Nova.", remedy="Make her.")) == "There is no Nova. Make her."
    assert str(errors.Refused("No.")) == "No."


@pytest.mark.parametrize("one", [errors.NotFound, errors.Forbidden, errors.Conflict, errors.Unauthenticated])
def test_who_catches_refused_catches_what_the_asker_can_change(one: type[errors.Refused]) -> None:
    with pytest.raises(errors.Refused):
        raise one("No.")
    assert not issubclass(errors.Unavailable, errors.Refused)
    assert not issubclass(errors.Unconfirmed, errors.Refused)


def test_a_principal_survives_being_a_row_and_cannot_be_changed() -> None:
    who = Principal("home", Kind.fan, "ada", frozenset({"b", "a"}), persona="nova")
    assert Principal.from_data(who.as_data()) == who
    with pytest.raises(AttributeError):
        who.subject = "eve"  # type: ignore[misc]
