"""Does an edit list say what is wrong with it, and what it needs?"""

from typing import Any

import pytest

from gator.errors import Refused
from gpu_worker.edit_list import EditList, Logo, Music, Scene, Speech, read_edit_list

ONE = {"asset": "a"}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ('{"scenes": [', "it is no JSON"),
        ("[]", "Input should be an object"),
        ({}, "scenes: Field required"),
        ({"scenes": []}, "scenes has no items, and needs 1"),
        ({"scenes": [ONE] * 500}, "scenes has 500 items, and may have 200"),
        ({"scenes": [ONE], "fps": 1000}, "fps: .*less than or equal to 60"),
        ({"scenes": [ONE], "fps": 1}, "fps: .*greater than or equal to 24"),
        ({"scenes": [{**ONE, "duration_s": 0}]}, r"cannot be used: scenes\[0\]\.duration_s: .*greater than 0\. "),
        ({"scenes": [{**ONE, "duration_s": 400}] * 2}, "the scenes last 800 s; a video holds 600 s"),
        ({"scenes": [{**ONE, "in_s": 3}]}, r"scenes\[0\]: a picture has no in_s"),
        ({"scenes": [{**ONE, "kind": "clip", "motion": "zoom_in"}]}, "a clip moves by itself"),
        ({"scenes": [{**ONE, "motion": "spin"}]}, r"scenes\[0\]\.motion: .*'zoom_in'"),
        ({"scenes": [ONE], "width": 101}, "width: .*multiple of 2"),
        ({"scenes": [ONE], "width": 4096, "height": 4096}, "4096 x 4096 is too large"),
        ({"scenes": [ONE], "background": "red"}, "background: "),
        ({"scenes": [ONE], "sparkles": True}, "sparkles: "),
        ({"scenes": [ONE], "captions": {"cues": [{"text": "Hi", "start_s": 2, "end_s": 1}]}}, "ends before it begins"),
        ({"scenes": [{**ONE, "duration_s": float("nan")}]}, r"duration_s: .*finite"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(told: str | dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_edit_list(told)


def test_an_edit_list_names_each_asset_that_it_needs_once() -> None:
    edit = EditList(
        scenes=(Scene(asset="a"), Scene(asset="b", kind="clip"), Scene(asset="a")),
        speech=(Speech(asset="c"),),
        music=Music(asset="d"),
        logo=Logo(asset="a"),
    )
    assert edit.needs == ["a", "b", "c", "d"]
    assert read_edit_list(edit.model_dump_json()) == edit
