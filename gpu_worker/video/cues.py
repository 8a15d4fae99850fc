"""When is each caption read, and each of its words? As the voices say them; other words are spread over the time there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gator.prose import sentences
from gpu_worker.edit_list import MOST_CUES, Captions, Cue
from gpu_worker.voices.texts import phrases

_LEAD_S = 0.12  # the pause that recordings of ours begin and end with
_LEAST_S = 0.04  # no word is shorter than a frame
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_PHRASE_CHARACTERS = 36
Word = tuple[str, float, float]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A voice in the video: when it begins, how long it lasts, and what its provenance says of its words."""

    at_s: float
    length_s: float
    told: Mapping[str, Any]

    @property
    def end_s(self) -> float:
        return self.at_s + self.length_s

    @property
    def text(self) -> str:
        return str(self.told.get("text", ""))


def settled_cues(captions: Captions, voices: Sequence[Spoken], total_s: float) -> tuple[Cue, ...]:
    """The captions in the order in which they are read, with the times of their words; none of them beyond the end."""
    if captions.show == "none":
        return ()
    cues = captions.cues if captions.cues is not None else _found(captions.text, voices, total_s)
    # Voices stand in the list as they were ordered; scenes may have changed places since.
    in_time = sorted(cues, key=lambda cue: cue.start_s)
    kept = (_within(cue, total_s) for cue in in_time[:MOST_CUES])
    return tuple(cue for cue in kept if cue)


def _found(text: str | None, voices: Sequence[Spoken], total_s: float) -> tuple[Cue, ...]:
    said = " ".join(voice.text for voice in voices)
    if text is None or _plain(text) == _plain(said):
        return tuple(cue for voice in voices for cue in _of_voice(voice))
    begins = min((voice.at_s for voice in voices), default=0.0) + _LEAD_S
    ends = max((voice.end_s for voice in voices), default=total_s) - _LEAD_S
    return spread(text, begins, max(ends, begins + 0.1))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _of_voice(voice: Spoken) -> tuple[Cue, ...]:
    words = [(str(text), float(start), float(end)) for text, start, end in voice.told.get("words", ())]
    captions = [
        (str(each["text"]), float(each["start_s"]), float(each["end_s"])) for each in voice.told.get("captions", ())
    ]
    if not captions and words:
        captions = list(_grouped(words))
    if not captions:
        return spread(voice.text, voice.at_s + _LEAD_S, max(voice.end_s - _LEAD_S, voice.at_s + _LEAD_S + 0.1))
    return tuple(_cue(text, start, end, _during(words, start, end), voice.at_s) for text, start, end in captions)


def _during(words: Sequence[Word], start_s: float, end_s: float) -> list[Word]:
    return [word for word in words if start_s - 0.001 <= word[1] < end_s - 0.001]


def _cue(text: str, start_s: float, end_s: float, words: Sequence[Word], later_s: float = 0.0) -> Cue:
    """With the times of its words where they are known, else with a share for each that goes with its length."""
    known = words if [word for word, _, _ in words] == text.split() else _shares(text.split(), start_s, end_s)
    shifted = tuple((word, round(a + later_s, 3), round(b + later_s, 3)) for word, a, b in known)
    return Cue(text=text, start_s=round(start_s + later_s, 3), end_s=round(end_s + later_s, 3), words=shifted)


def _shares(pieces: Sequence[str], start_s: float, end_s: float) -> list[Word]:
    total = sum(len(piece) + 2 for piece in pieces)
    clock, timed = start_s, []
    for piece in pieces:
        lasts = (end_s - start_s) * (len(piece) + 2) / total
        timed.append((piece, clock, clock + lasts))
        clock += lasts
    return timed


def _grouped(words: Sequence[Word]) -> Iterator[Word]:
    """Words in short pieces that end where a sentence does."""
    for sentence in _sentences(words):
        joined = " ".join(text for text, _, _ in sentence)
        begins, place = set(phrases(joined, _PHRASE_CHARACTERS)), 0
        pieces: list[list[Word]] = []
        for word in sentence:
            if place in begins or not pieces:
                pieces.append([])
            pieces[-1].append(word)
            place += len(word[0]) + 1
        for own in pieces:
            yield " ".join(text for text, _, _ in own), own[0][1], max(own[-1][2], own[0][1] + _LEAST_S)


def _sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    own: list[Word] = []
    for word in words:
        own.append(word)
        if word[0].endswith(_SENTENCE_ENDS):
            yield own
            own = []
    if own:
        yield own


def spread(text: str, start_s: float, end_s: float) -> tuple[Cue, ...]:
    """The text in short pieces, each for a time that goes with its length."""
    pieces: list[str] = []
    for sentence in sentences(text):
        pieces += [sentence[a:b].strip() for a, b in pairwise([*phrases(sentence), len(sentence)])]
    timed = _shares([piece for piece in pieces if piece], start_s, end_s)
    return tuple(_cue(piece, start, end, ()) for piece, start, end in timed)


def _within(cue: Cue, total_s: float) -> Cue | None:
    """The cue as far as the video lasts."""
    if cue.start_s >= total_s - _LEAST_S:
        return None
    if cue.end_s <= total_s and cue.words:
        return cue
    end_s = min(cue.end_s, total_s)
    words = cue.words or tuple(_cue(cue.text, cue.start_s, end_s, ()).words)
    kept = tuple((word, start, min(end, end_s)) for word, start, end in words if start < end_s)
    return cue.model_copy(update={"end_s": end_s, "words": kept})
