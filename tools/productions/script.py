"""What is said in a reel, scene by scene? Read from what the persona wrote, and sized to the time there is."""

import re
import unicodedata
from collections.abc import Sequence

from pydantic import Field

from gator.errors import Refused, Unavailable
from gator.prose import sentences, without_pictures
from tools.capability import Shape

# Measured of eSpeak NG in English and German at its usual speed; pauses as `gpu_worker` makes them.
_CHARACTERS_A_SECOND = 19.0
_SENTENCE_S, _SCENE_S = 0.22, 0.3
_CHARACTERS_A_WORD = 5.6
_SCENE_LENGTH_S = 4.5
_MOST_SCENES = 24
MOST_GIVEN_SCENES = 50  # which is also what can be named when one is made again
FASTER = 1.15  # how much a voice may hurry to be in time
_LONGEST_SCENE, _SHORTEST_PIECE = 240, 60  # characters
_CARD, _SHORT_CARD = 84, 18  # characters of the words on a card: what is read at a glance

_SEEN = re.compile(r"^\s*\[(.+?)\]\s*$", re.DOTALL)
_LABEL = re.compile(r"^\s*(?:(?:scene|szene)\s*\d+\s*[:.)–-]+|\d+[.)]|[-*•])\s+", re.IGNORECASE)
_MARKS = re.compile(r"[*_`#]+")
_QUOTED = re.compile(r"[“„«]([^”“»]{12,120})[”“»]")


class SceneWords(Shape):
    say: str = Field(description="what is said")
    card: str = Field("", description="the words on its card")
    source: str = Field("", description="whose words it quotes")
    picture: str = Field("", description="what is seen, for an image model")
    asset: str = Field("", description="id of a picture or clip of the library that is seen instead")


class Script(Shape):
    title: str
    scenes: list[SceneWords]

    @property
    def said(self) -> str:
        return "\n\n".join(scene.say for scene in self.scenes)


def room(length_s: float, speed: float) -> tuple[int, int]:
    """How many words and scenes a reel of that length has."""
    scenes = min(max(round(length_s / _SCENE_LENGTH_S), 2), _MOST_SCENES)
    spoken_s = length_s - scenes * (_SCENE_S + _SENTENCE_S / 2)
    return max(round(spoken_s * _CHARACTERS_A_SECOND * speed * 0.95 / _CHARACTERS_A_WORD), 6), scenes


def lasts_s(says: Sequence[str], speed: float) -> float:
    """About how long it takes to say these scenes."""
    spoken = sum(map(_weight, says)) / (_CHARACTERS_A_SECOND * speed)
    return spoken + sum(_SCENE_S + _SENTENCE_S * (len(sentences(one)) - 1) for one in says)


def _weight(text: str) -> float:
    """Characters, those of scripts that write a syllable or a word with one counted as so many."""
    return sum(3.5 if unicodedata.east_asian_width(letter) in "WF" else 1.0 for letter in text)


def scenes_of(text: str) -> list[tuple[str, str]]:
    """What is said and what is seen in each scene: a paragraph, and the line in square brackets that goes with it.

    Raises Unavailable when there is nothing in it to say.
    """
    found: list[tuple[str, str]] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        seen = " ".join(match[1] for line in paragraph.splitlines() if (match := _SEEN.match(line)))
        said = _plain(" ".join(line for line in paragraph.splitlines() if not _SEEN.match(line)))
        if any(letter.isalnum() for letter in said):
            found += [(piece, seen) for piece in _pieces(said)]
        elif seen and found and not found[-1][1]:
            found[-1] = (found[-1][0], seen)
    if not found:
        raise Unavailable("The script came out without words.", remedy="Try again, or give the words yourself.")
    return found


def scenes_given(text: str) -> list[tuple[str, str]]:
    """As `scenes_of`, of words that somebody gave: none of them is left out. Raises Refused where they are too many scenes."""
    found = scenes_of(text)
    if len(found) > MOST_GIVEN_SCENES:
        raise Refused(
            f"These words are {len(found)} scenes; a reel holds {MOST_GIVEN_SCENES}.",
            remedy="Put some paragraphs together, or make two reels of them.",
        )
    return found


def _plain(text: str) -> str:
    """Without labels, mark-up and what cannot be said aloud."""
    text = _MARKS.sub("", _LABEL.sub("", text))
    return " ".join(without_pictures(text).split())


def _pieces(said: str) -> list[str]:
    """A long paragraph in two or more, at the ends of its sentences."""
    pieces: list[str] = []
    for sentence in sentences(said):
        together = f"{pieces[-1]} {sentence}" if pieces else sentence
        if pieces and (len(together) <= _LONGEST_SCENE or len(pieces[-1]) < _SHORTEST_PIECE):
            pieces[-1] = together
        else:
            pieces.append(sentence)
    return pieces


def fitted(scenes: list[tuple[str, str]], length_s: float, speed: float) -> list[tuple[str, str]]:
    """Without those before the last for which there is no time; the first and the last stay."""
    kept = [*scenes[: _MOST_SCENES - 1], *scenes[_MOST_SCENES - 1 :][-1:]]
    while len(kept) > 2 and lasts_s([say for say, _ in kept], speed) > length_s * FASTER:
        del kept[-2]
    return kept


def on_a_card(say: str) -> str:
    """The words of it that are read at a glance: what it quotes, or how it begins."""
    if quoted := _QUOTED.search(say):
        return _at_a_glance(quoted[1])
    return _at_a_glance(sentences(say)[0])


def _at_a_glance(text: str) -> str:
    if len(text) <= _CARD:
        return text.rstrip(".").strip() if text.endswith(".") and not text.endswith("..") else text
    ends = [match.start() for match in re.finditer(r"[,;:—–](?=\s)", text)]
    best = max((end for end in ends if _SHORT_CARD <= end <= _CARD), default=0)
    if best:
        return text[:best]
    blanks = [match.start() for match in re.finditer(r"\s", text)]
    cut = max((at for at in blanks if at < _CARD), default=_CARD - 1)
    return text[:cut].rstrip(" ,;:") + "…"


def changed(script: Script, number: int, say: str, show: str, *, drawn: bool) -> Script:
    """The script with other words in one scene. Raises Refused where there is no such scene."""
    if not 1 <= number <= len(script.scenes):
        raise Refused(f"There is no scene {number}: the reel has {len(script.scenes)}.")
    scene = script.scenes[number - 1]
    if say.strip():
        said = _plain(say)
        if not any(letter.isalnum() for letter in said):
            raise Refused("There is nothing to say in these words.", remedy="Give it words to speak.")
        card = scene.card if number == 1 else on_a_card(said)
        scene = scene.model_copy(update={"say": said, "card": card, "source": ""})
    if show.strip():
        scene = scene.model_copy(update={"card" if drawn else "picture": show.strip()})
    scenes = [scene if place == number else one for place, one in enumerate(script.scenes, 1)]
    return script.model_copy(update={"scenes": scenes})
