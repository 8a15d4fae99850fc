"""Where the parts of a model lie that is too large for one device."""

from hypothesis import given
from hypothesis import strategies as st

from gpu_worker.scheduling.placement import apart

PARTS = {"transformer": 24, "text_encoder": 9, "text_encoder_2": 1, "vae": 1}


def test_what_fits_stays_together() -> None:
    assert apart(PARTS, ("transformer",), "cuda:0", {"cuda:0": 35, "cuda:1": 80}) == dict.fromkeys(PARTS, "cuda:0")


def test_the_largest_part_that_may_leaves_and_no_more_than_must() -> None:
    there = apart(PARTS, ("transformer",), "cuda:0", {"cuda:0": 26, "cuda:1": 12})
    assert there == {**dict.fromkeys(PARTS, "cuda:0"), "text_encoder": "cuda:1"}


def test_each_goes_where_most_room_is() -> None:
    parts = {"denoiser": 20, "one": 9, "two": 8, "vae": 1}
    there = apart(parts, ("denoiser",), "cuda:0", {"cuda:0": 21, "cuda:1": 12, "cuda:2": 13, "cuda:3": 2})
    assert there == {"denoiser": "cuda:0", "one": "cuda:2", "two": "cuda:1", "vae": "cuda:0"}


def test_what_finds_room_nowhere_is_left_to_the_cpu() -> None:
    there = apart(PARTS, ("transformer",), "cuda:0", {"cuda:0": 25, "cuda:1": 2, "cuda:2": 3})
    assert "text_encoder" not in there
    assert there["transformer"] == "cuda:0"


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50), min_size=1),
    st.dictionaries(st.sampled_from(["cuda:1", "cuda:2", "cuda:3"]), st.integers(0, 60)),
    st.integers(0, 200),
)
def test_no_device_is_given_more_than_it_has(parts: dict[str, int], rooms: dict[str, int], room: int) -> None:
    first = min(parts)
    there = apart(parts, (first,), "cuda:0", {**rooms, "cuda:0": room})

    assert there[first] == "cuda:0"
    for name, free in rooms.items():
        assert sum(parts[part] for part, device in there.items() if device == name) <= free
    home = sum(parts[part] for part, device in there.items() if device == "cuda:0")
    assert home <= max(room, parts[first]), "at home is what fits, and what has to be there"
