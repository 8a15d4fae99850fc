"""Videos changed in plain words, English and German, and jobs that are held and go on."""

from typing import Any

import pytest

from tests.agents.builtin.stage import Stage

SECOND = {"do": "length", "scene": 2, "by_s": 2.0}
LAST = {"do": "drop", "scene": -1}
PAUSED = [{"id": "j2", "kind": "video.make", "state": "paused", "title": "Clip"}]
RUNNING = [{"id": "j2", "kind": "video.make", "state": "running", "title": "Clip"}]


@pytest.mark.parametrize(
    ("said", "operations"),
    [
        ("make the second scene two seconds longer", [SECOND]),
        ("could you please let scene 2 last 2 seconds longer?", [SECOND]),
        ("add two seconds to the second scene", [SECOND]),
        ("mach die zweite Szene zwei Sekunden länger", [SECOND]),
        ("Bitte verlängere Szene 2 um 2 Sekunden.", [SECOND]),
        ("cut half a second off the first scene", [{"do": "length", "scene": 1, "by_s": -0.5}]),
        ("die dritte Szene soll 1,5 Sekunden kürzer sein", [{"do": "length", "scene": 3, "by_s": -1.5}]),
        ("the opening shot should last 6 seconds", [{"do": "length", "scene": 1, "to_s": 6.0}]),
        ("kürze die letzte Szene auf 3 Sekunden", [{"do": "length", "scene": -1, "to_s": 3.0}]),
        ("drop the last scene", [LAST]),
        ("leave the final scene out", [LAST]),
        ("lass die letzte Szene weg", [LAST]),
        ("delete scenes 2 and 4", [{"do": "drop", "scene": 4}, {"do": "drop", "scene": 2}]),
        ("swap scenes one and two", [{"do": "swap", "scene": 1, "other": 2}]),
        ("switch the first and the third scene around", [{"do": "swap", "scene": 1, "other": 3}]),
        ("tausche Szene eins und zwei", [{"do": "swap", "scene": 1, "other": 2}]),
        ("move the last scene to the beginning", [{"do": "move", "scene": -1, "to": 1}]),
        ("setz die erste Szene ans Ende", [{"do": "move", "scene": 1, "to": -1}]),
        ("change the title to Low tide and high", [{"do": "title", "text": "Low tide and high"}]),
        ('set the title to "Why do they hide?"', [{"do": "title", "text": "Why do they hide?"}]),
        ("ändere den Titel in Ebbe und Flut", [{"do": "title", "text": "Ebbe und Flut"}]),
        ("no music", [{"do": "music"}]),
        ("nimm die Musik raus", [{"do": "music"}]),
        ("make the music a bit quieter", [{"do": "music", "by_db": -6.0}]),
        ("mute captions", [{"do": "captions", "show": "none"}]),
        ("turn the subtitles off please", [{"do": "captions", "show": "none"}]),
        ("Untertitel aus", [{"do": "captions", "show": "none"}]),
        ("zoom in on scene 3", [{"do": "motion", "motion": "zoom_in", "scene": 3}]),
        ("drop the last scene, no music and mute the captions",
         [{"do": "music"}, {"do": "captions", "show": "none"}, LAST]),
        ("drop the first scene and make the second scene two seconds longer", [SECOND, {"do": "drop", "scene": 1}]),
        ("render it again", None),
        ("rendere das Video nochmal", None),
    ],
)  # fmt: skip
def test_a_video_is_changed_by_what_is_said_of_its_scenes(said: str, operations: list[dict[str, Any]] | None) -> None:
    calls, reply = Stage(jobs=[]).say(said)

    assert calls == [("edit_video", {"operations": operations} if operations else {})], reply


def test_a_video_may_be_named_and_one_that_is_not_there_is_said_to_be_missing() -> None:
    assert Stage().say("drop the last scene of the clip video")[0] == [
        ("edit_video", {"video": "m3", "operations": [LAST]})
    ]
    calls, reply = Stage().say("drop the last scene of the whale video")
    assert (calls, "no video called whale" in reply) == ([], True)
    calls, reply = Stage(media=[]).say("drop the last scene")
    assert (calls, "no video to change" in reply) == ([], True)


@pytest.mark.parametrize(
    ("said", "asked", "answer", "operation"),
    [
        ("make the scene two seconds longer", "Which scene", "the second one", SECOND),
        ("drop that scene", "Which scene", "the last", LAST),
        ("leave a scene out", "Which scene", "number 3", {"do": "drop", "scene": 3}),
        ("make scene 2 longer", "By how many seconds", "two", SECOND),
        ("extend the second scene", "By how many seconds", "2 seconds", SECOND),
    ],
)
def test_what_is_unclear_is_asked_back(said: str, asked: str, answer: str, operation: dict[str, Any]) -> None:
    stage = Stage(jobs=[])
    calls, reply = stage.say(said)
    assert (calls, asked in reply) == ([], True), reply

    calls, reply = stage.say(answer)

    assert calls == [("edit_video", {"operations": [operation]})], reply


def test_a_render_that_failed_is_tried_again_rather_than_changed() -> None:
    failed = [{"id": "j1", "kind": "video.make", "state": "failed", "title": "Clip"}]

    assert Stage(jobs=failed).say("render it again")[0] == [("retry_job", {"job": "j1"})]


@pytest.mark.parametrize(
    "said",
    ["pause that render", "pause it", "put the video on hold", "hold the job for now", "pausiere das Video",
     "halte das Rendern an", "unterbrich den Auftrag"],
)  # fmt: skip
def test_a_job_is_held(said: str) -> None:
    assert Stage(jobs=RUNNING).say(said)[0] == [("pause_job", {"job": "j2"})]


@pytest.mark.parametrize(
    "said",
    ["go on with it", "carry on with that render", "resume the job", "continue", "let it go on", "mach damit weiter",
     "setz das Rendern fort", "lass es weiterlaufen"],
)  # fmt: skip
def test_a_job_that_is_held_goes_on(said: str) -> None:
    assert Stage(jobs=PAUSED).say(said)[0] == [("resume_job", {"job": "j2"})]


def test_of_several_jobs_it_is_asked_which_or_all_are_held() -> None:
    two = [*RUNNING, {"id": "j3", "kind": "picture.card", "state": "running", "title": "Whales"}]

    calls, reply = Stage(jobs=two).say("pause the job")
    assert (calls, reply.startswith("Which job do you mean: Clip or Whales?")) == ([], True), reply
    assert Stage(jobs=two).say("pause the whales job")[0] == [("pause_job", {"job": "j3"})]
    assert [args["job"] for _, args in Stage(jobs=two).say("pause all jobs")[0]] == ["j2", "j3"]
    assert "No such job is held" in Stage(jobs=two).say("resume the job")[1]


@pytest.mark.parametrize(("said", "tool"), [("pause Nova", "pause_persona"), ("resume Nova", "resume_persona")])
def test_a_persona_rests_as_before(said: str, tool: str) -> None:
    assert [name for name, _ in Stage(jobs=RUNNING).say(said)[0]] == [tool]
