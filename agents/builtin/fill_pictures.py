"""What exactly is to be pictured, and what is it made of? Clauses about scenes as steps of a plan.

Neighbours: fill_media (cards and speech), studio.looks (LoRAs, models and the like), options (formats).
"""

import re
from typing import Any

from agents.builtin import options, scenes
from agents.builtin.counting import COUNT, whole
from agents.builtin.desk import Ask, Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.references import Made
from agents.builtin.replies import lacking_model
from agents.builtin.said import GAP, Said
from agents.builtin.studio import looks

SHOWN = re.compile(
    r"\b(?:of(?! it\b)|showing|depicting|with|where|in which|on which)\s+|(?:^|(?<=[\w§ \u2003]))\s*:\s+"
    r"|(?<=for)\s+(?=§p\d+\s+(?:in|on|at)\b)"
)
_MOST = 8  # in one request
_SEVERAL = re.compile(
    rf"\b(?P<n>{COUNT}|a couple of|a few|some|both)\s+(?:(?!of\b)[\w-]+\s+){{0,3}}?"
    r"(?:pictures|images|photos|photographs|pics|portraits|selfies|paintings|illustrations|shots"
    r"|(?:versions|variations|variants|takes|options) of (?:an? |one )?(?:picture|image|photo|photograph|pic|portrait"
    r"|selfie|painting))\b"
)
_EACH = re.compile(r"\s*(?:[:,;–—-]\s*|\s)(?:one|the first)(?: one)?\s+(?P<first>.+?)(?:\s*[,;]\s*(?:and\s+)?|\s+and\s+)"
                   r"(?:one|another|the (?:second|other))(?: one)?\s+(?P<second>.+)")  # fmt: skip
# "…, square image": what the format that was taken out stood before.
_SHAPED = re.compile(rf"(?<={GAP})\s*(?:image|picture|photo|pic|format)\b(?!\s+(?:of|showing|with)\b)")
# "A fox, with the lora ink": the scene itself, with no word for a picture.
_ITSELF = re.compile(r"\s*(?:§p\d+|an?|the|two|three)\b(?!.*\b(?:pictures?|images?|photos?|portraits?)\b)")
_LOOK_LIKE = re.compile(r"^(\w[\w '-]*?) would look like(?= )")
_SHOT = re.compile(r"\b(?P<how>wide|panorama|panoramic)\s+(?:angle\s+)?(?:shot|view)s?\b")


def make_picture(reading: Reading, desk: Desk) -> None:
    """A scene for the image model, several of them, or the last one once more."""
    from agents.builtin.refusals import ANOTHER_TAKE

    if hit := ANOTHER_TAKE.search(reading.read):
        desk.put("make_picture", again="last", other_seed=True if hit["other"] or hit["take"] else None)
        return
    args, rest = _options(reading.said, desk)
    several = _SEVERAL.search(rest.read)
    shown = _shown(rest, several.end() if several else 0)
    prompt = _words(rest, shown.end()) if shown else ""
    if not prompt and _ITSELF.match(rest.read):
        prompt = _words(rest, 0)
    if not prompt and (lacks := lacking_model("make_picture", desk.context)):
        raise Cannot(lacks)
    if not prompt:
        raise Ask("What should be seen on the picture?", " of ")
    args = {"persona": desk.persona(reading.said) if reading.said.named() else None, **args}
    if each := _EACH.search(rest.read, shown.end() if shown else 0):
        subject = _words(rest.cut(0, each.start()), shown.end()) if shown else ""
        for part in ("first", "second"):
            words = rest.words(*each.span(part)).strip(" ,;.!?")
            desk.put("make_picture", prompt=f"{subject} {words}".strip(), **args)
        return
    desk.put("make_picture", prompt=prompt, **args)
    for _ in range(1, _count(several)):
        desk.put("make_picture", again=Made(len(desk.steps) - 1), other_seed=True)  # two alike in a turn would be one


def _options(said: Said, desk: Desk) -> tuple[dict[str, Any], Said]:
    """How it is to be, and the text without the words that say so."""
    after, rest = looks.after_pictures(said, desk)
    args: dict[str, Any] = {}
    args["loras"], rest = looks.loras(rest)
    args["model"], rest = looks.model(rest)
    args["larger"], rest = looks.larger(rest)
    shape, rest = options.picture_format(rest)
    if shape and (noun := _SHAPED.search(rest.read)):
        rest = rest.without(*noun.span())
    if shape is None and _SHOT.search(rest.read):
        shape = "landscape"
    return {"format": shape, **args, **after}, rest


def _shown(said: Said, start: int) -> re.Match[str] | None:
    """Where the words of the scene begin."""
    return scenes.described(said.read) or SHOWN.search(said.read, start)


def _count(several: re.Match[str] | None) -> int:
    """How many of the same. Raises Ask where that is not said plainly, Cannot where they are too many for one request."""
    if several is None:
        return 1
    count = {"a couple of": 2, "both": 2}.get(several["n"]) or whole(several["n"])
    if count is None:
        raise Ask("How many pictures?", " number: ")
    if count > _MOST:
        raise Cannot(f"I make {_MOST} pictures at once at most.")
    return count


def _words(said: Said, start: int) -> str:
    """What is written from there on, around the options that were taken out."""
    words = said.cut(start, len(said.read)).words(0, len(said.read) - start)
    words = re.sub(r"\s+([,.;!?])", r"\1", " ".join(words.split()))
    words = re.sub(r"(?:[\s,;:]+(?:and|und|in|with|as|please|it|make))*[\s,;:.!?]*$", "", words)
    return _LOOK_LIKE.sub(r"\1", words.strip(f" \t\n,;:–—-{GAP}"))
