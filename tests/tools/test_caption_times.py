"""Do captions stay with the voices that say them when an edit list is changed by hand?"""

from gpu_worker.edit_list import Captions, Cue, EditList, Scene, Speech
from tools.caption_times import with_their_voices

SPOKEN_S = {"first": 2.0, "second": 3.0}


def cue(text: str, start_s: float) -> Cue:
    return Cue(text=text, start_s=start_s, end_s=start_s + 1, words=((text, start_s, start_s + 1),))


def made() -> EditList:
    return EditList(
        scenes=(Scene(asset="a", duration_s=2.0), Scene(asset="b", duration_s=4.0)),
        speech=(Speech(asset="first", scene=0), Speech(asset="second", scene=1, at_s=0.5)),
        captions=Captions(cues=(cue("One", 0.1), cue("Two", 2.6), cue("Three", 4.0))),
    )


def changed(**fields: object) -> EditList:
    return EditList.model_validate(made().model_dump() | fields)


def read(edit: EditList) -> list[tuple[str, float]]:
    return [(one.text, one.start_s) for one in edit.captions.cues or ()]


def test_captions_come_later_with_the_voice_of_a_later_scene() -> None:
    longer = changed(scenes=[{"asset": "a", "duration_s": 5.0}, {"asset": "b", "duration_s": 4.0}])

    after = with_their_voices(made(), longer, SPOKEN_S)

    assert read(after) == [("One", 0.1), ("Two", 5.6), ("Three", 7.0)]
    assert (after.captions.cues or ())[1].words == (("Two", 5.6, 6.6),)
    assert after.scenes == longer.scenes


def test_captions_change_places_with_their_scenes_and_go_with_a_voice_that_goes() -> None:
    other_way = changed(
        scenes=[{"asset": "b", "duration_s": 4.0}, {"asset": "a", "duration_s": 2.0}],
        speech=[{"asset": "first", "scene": 1}, {"asset": "second", "scene": 0, "at_s": 0.5}],
    )
    assert read(with_their_voices(made(), other_way, SPOKEN_S)) == [("Two", 0.6), ("Three", 2.0), ("One", 4.1)]

    alone = changed(speech=[{"asset": "second", "scene": 1, "at_s": 0.5}])
    assert read(with_their_voices(made(), alone, SPOKEN_S)) == [("Two", 2.6), ("Three", 4.0)]


def test_captions_that_somebody_changed_stay_where_they_were_put() -> None:
    own = changed(scenes=[{"asset": "a", "duration_s": 5.0}, {"asset": "b", "duration_s": 4.0}]).model_copy(
        update={"captions": Captions(cues=(cue("Mine", 1.0),))}
    )
    assert with_their_voices(made(), own, SPOKEN_S) is own
    assert with_their_voices(made(), same := changed(), SPOKEN_S) is same


def test_where_a_length_is_left_open_the_voices_tell_the_captions_anew() -> None:
    left_open = changed(scenes=[{"asset": "a"}, {"asset": "b", "duration_s": 4.0}])
    assert with_their_voices(made(), left_open, SPOKEN_S).captions.cues is None
