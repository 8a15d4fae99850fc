"""Does a video's alt text say what is heard and what is seen, each once and short?"""

from typing import Any

from gpu_worker.edit_list import EditList
from gpu_worker.video.telling import alt_text
from memory.models import Asset

ASSETS = {
    "card": Asset(alt_text="Begin.", provenance={"kind": "picture.card"}),
    "heron": Asset(alt_text="AI-generated picture: a heron at dawn", provenance={"kind": "picture.make"}),
    "clip": Asset(alt_text="AI-generated clip: it wades, " + "slowly, " * 40, provenance={"kind": "video.clip"}),
    "photo": Asset(provenance={}),
    "voice": Asset(alt_text="Good morning,\neverybody.", provenance={}),
}


def told(said: str, *scenes: str, **more: Any) -> str:
    listed = [{"asset": one, "duration_s": 2} for one in scenes]
    return alt_text(EditList.model_validate({"scenes": listed, **more}), said, ASSETS.__getitem__)


def test_it_says_what_is_heard_and_what_its_pictures_show() -> None:
    heard = told("", "heron", "clip", "heron", "photo", speech=[{"asset": "voice"}])

    assert heard.splitlines()[0] == "Good morning, everybody."
    assert heard.splitlines()[1].startswith("Seen: a heron at dawn / it wades, slowly, ")
    assert (heard.endswith("slowly…"), len(heard.splitlines()), len(heard) < 200) == (True, 2, True)
    assert told("Hello", "heron", speech=[{"asset": "voice"}]) == "Hello\nSeen: a heron at dawn"


def test_words_that_are_seen_are_told_unless_they_are_said() -> None:
    titles = [{"text": "At dawn"}, {"text": "Good"}]

    assert told("Good morning", "card", titles=titles) == "Good morning\nWords seen: Begin. / At dawn"
    assert told("", "photo") == ""


def test_of_many_pictures_the_first_are_told(monkeypatch: Any) -> None:
    many = [f"p{n}" for n in range(10)]
    for name in many:
        monkeypatch.setitem(ASSETS, name, Asset(alt_text=f"heron {name}", provenance={}))

    assert told("", *many).endswith("heron p7, and 2 more")
