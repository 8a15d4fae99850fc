"""Is what came of a German request told in German, from the results that the tools really give?"""

import json
import re

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import BaseModel

from agents import hands
from agents.builtin import german_results
from agents.builtin.model import BuiltinModel
from gator.principal import Kind
from tests.agents.builtin.stage import CONTEXT, Stage
from tools import catalogue
from tools.cuts import VideoEdited
from tools.jobs import JobList, JobShown
from tools.media import MediaList, MediaShown
from tools.orders import MediaQueued
from tools.productions.script import SceneWords, Script
from tools.productions.shapes import CUT_LOST, ReelList, ReelSeen, ReelShown, StepShown
from tools.views import ViewsQueued

_ENGLISH = re.compile(r"\b(?:the|is|are|being|made|with|about|of|to|go|it|what|scenes?|no|and)\b", re.IGNORECASE)
SCRIPT = Script(title="Bienen", scenes=[SceneWords(say="Summ."), SceneWords(say="Honig.")])


def step(state: str, **more: object) -> StepShown:
    told = {
        "name": "picture-2",
        "kind": "picture",
        "scene": 2,
        "state": state,
        "progress": 0.0,
        "take": 1,
        "inputs": {},
    }
    return StepShown.model_validate(told | more)


def reel(**more: object) -> ReelShown:
    told = {"id": "r1", "title": "Bienen", "persona": "Nova", "state": "making", "progress": 0.4, "eta_s": 41.2,
            "length_s": 15, "script": SCRIPT, "steps": [step("running")]}  # fmt: skip
    return ReelShown.model_validate(told | more)


def queued(kind: str, **more: object) -> MediaQueued:
    return MediaQueued.model_validate({"job": "j", "asset": "a", "kind": kind, "title": "Bienen"} | more)


def job(state: str, **more: object) -> JobShown:
    told = {"id": "j", "kind": "video.make", "title": "Bienen", "state": state, "progress": 0.5}
    return JobShown.model_validate(told | more)


@pytest.mark.parametrize(
    ("tool", "result", "said"),
    [
        ("make_reel", reel(), "Das Reel „Bienen“ mit Nova ist bei 40 %, noch etwa 41 s (2 Szenen, etwa 15 s)."),
        ("redo_reel", reel(note=CUT_LOST, eta_s=None), "Was am Video selbst geändert wurde, ist verloren."),
        ("show_reel", reel(state="ready"), "Das Reel „Bienen“ mit Nova ist fertig (2 Szenen, etwa 15 s)."),
        ("show_reel", reel(state="failed", steps=[step("failed", error="What it made was removed.")]),
         "- Bild von Szene 2: fehlgeschlagen. Was dabei entstand, wurde entfernt."),
        ("list_reels", ReelList(reels=[ReelSeen(id="r", title="Bienen", state="making", progress=0.4)]),
         "- „Bienen“: 40 % fertig"),
        ("draw_card", queued("picture", card=True), "Die Bildkarte „Bienen“ wird gemacht."),
        ("make_picture", queued("picture", note="m heeds no negative prompt: what must not be seen may be seen all the same."),
         "m achtet auf keinen negativen Prompt"),
        ("speak_text", queued("voice"), "Die Aufnahme „Bienen“ wird gemacht."),
        ("make_video", queued("video"), "Das Video „Bienen“ wird gemacht."),
        ("make_clip", queued("video", likeness_held=False), "Der Clip „Bienen“ wird gemacht. Die Ähnlichkeit"),
        ("edit_video", VideoEdited(**queued("video").model_dump(), video="v", version=0,
                                   changes=["scene 2 lasts 3.0 s", "pan left in all scenes", "scene 1 by a wipe"]),
         "wird neu gemacht: Szene 2 dauert 3.0 s; Schwenk nach links in allen Szenen; Szene 1 mit Wischen."),
        ("make_views", ViewsQueued(persona="Nova", version=2, views={"profile": "a"}, jobs={"profile": "j"}),
         "Eine Ansicht von Nova wird aus dem genehmigten Gesicht gemacht: Profil."),
        ("pause_job", job("paused"), "Das Video „Bienen“ ist angehalten."),
        ("list_jobs", JobList(jobs=[job("running", eta_s=3.0)]), "- Das Video „Bienen“ ist bei 50 %, noch etwa 3 s."),
        ("retry_job", job("queued", model="sdxl"), "wartet auf ein Gerät mit sdxl."),
        ("list_media", MediaList(items=[MediaShown(id="a", kind="picture", title="Bienen", state="ready", persona="Nova",
                                                   likeness="unheld")]),
         "- Bild „Bienen“ von Nova: fertig, Ähnlichkeit nicht gesichert"),
        ("list_media", MediaList(items=[MediaShown(id="a", kind="video", title="Bienen", state="cancelled")], more=True),
         "- Video „Bienen“: abgebrochen\nGezeigt sind nur die neuesten (1)."),
    ],
)  # fmt: skip
def test_a_result_is_told_in_german(tool: str, result: BaseModel, said: str) -> None:
    assert tool in {one.name for one in catalogue.CATALOGUE}
    told = german_results.told(tool, {**result.model_dump(mode="json"), "said": hands.in_words(result)})

    assert said in told
    assert not _ENGLISH.search(told.split("`")[0]), told


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        (["wie weit ist das Reel?"], "Das Reel „Bienen“"),
        (["nimm Szene 2 als Vorschaubild"], "Das Reel „Bienen“"),
        (["how far is the reel?"], 'The reel "Bienen"'),
        (["Wie weit ist das Reel?", "how far is the reel?"], 'The reel "Bienen"'),
    ],
)
def test_it_is_told_in_the_language_of_the_request(asked: list[str], begins: str) -> None:
    model = BuiltinModel().bind_tools(hands.schemas_for(Kind.operator))
    system = SystemMessage("", additional_kwargs={"context": {**CONTEXT, "reels": [{"id": "r1", "title": "Bienen"}]}})
    talk = [one for text in asked[:-1] for one in (HumanMessage(text), AIMessage("…"))]
    call = model.invoke([system, *talk, HumanMessage(asked[-1])])
    assert isinstance(call, AIMessage)
    result = {**reel().model_dump(mode="json"), "said": reel().in_words()}
    came = ToolMessage(json.dumps(result), tool_call_id=str(call.tool_calls[0]["id"]))

    assert model.invoke([system, *talk, HumanMessage(asked[-1]), call, came]).text.startswith(begins)


def test_why_it_was_not_done_is_told_in_german_too() -> None:
    _, reply = Stage(image_model="").say("Mach ein Bild von Nova am Strand")

    assert reply.startswith("Das ging nicht: Es ist kein Bildmodell eingerichtet. Setze GATOR_IMAGE_MODEL auf")
