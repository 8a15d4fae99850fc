"""What is said in one go, and where may a caption begin? Sentences, pauses, pieces of a length that a provider takes.

Text is never markup: tags are taken out before anybody speaks it, so that no provider follows what stands in a post. A pause
written as SSML has it (`<break time="1s"/>`) becomes silence of ours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gator.errors import Refused
from gator.prose import sentences
from gpu_worker.jobs import SPEECH_CHARACTERS

SENTENCE_PAUSE_S, PARAGRAPH_PAUSE_S = 0.22, 0.5
_LONGEST_PAUSE_S = 3.0
_USUAL_BREAK_S = 0.75  # of a break that says no time
_CAPTION_CHARACTERS = 36
_REST = 3  # characters that are no caption of their own
_BREAK = re.compile(r"<break\b[^<>]*>(?:\s*</break\s*>)?", re.IGNORECASE)
_TIME = re.compile(r"""time\s*=\s*["']?\s*([\d.]+)\s*(ms|s)""", re.IGNORECASE)
_TAGS = re.compile(r"(?:<+[/!?]?[a-z][^<>]*>|<!--.*?-->)+(?P<stop>(?=[.,;:!?…]))?", re.IGNORECASE | re.DOTALL)
_OPENS = re.compile(r"<(?=[/!?a-z])", re.IGNORECASE)
_PHONEMES = re.compile(r"\[(?=\[)|\](?=\])")  # eSpeak and Piper read [[...]] as sounds


@dataclass(frozen=True, slots=True)
class Part:
    """What is said in one go: a sentence or several. `begins` are the places of its sentences in the text."""

    text: str
    begins: tuple[int, ...] = (0,)
    pause_s: float = SENTENCE_PAUSE_S  # of silence after it

    @property
    def sentences(self) -> list[str]:
        return [self.text[a:b].strip() for a, b in pairwise([*self.begins, len(self.text)])]


def parts(text: str) -> list[Part]:
    """Its sentences. Raises Refused when there is nothing to speak, or too much."""
    if len(text) > SPEECH_CHARACTERS:
        raise Refused(
            f"The text has {len(text):,} characters; one recording holds {SPEECH_CHARACTERS:,}.",
            remedy="Have it read in several recordings.",
        )
    found = [one for said, pause_s in _stretches(text) for one in _sentences_of(said, pause_s)]
    if not found:
        raise Refused("There is nothing to say in this text.", remedy="Give it words to speak.")
    return found


def plain(text: str) -> str:
    """The text as it is spoken and shown, in one paragraph or several."""
    told = (" ".join(paragraph.split()) for said, _ in _stretches(text) for paragraph in _paragraphs(said))
    return "\n\n".join(each for each in told if each)


def packed(said: Sequence[Part], most: int) -> list[Part]:
    """The same in as few parts as it takes, none longer than `most`: a provider hears what belongs together together.

    Where a pause of its own was written, a part ends.
    """
    made: list[Part] = []
    for one in (piece for sentence in said for piece in _cut(sentence, most)):
        last = made[-1] if made else None
        between = "\n\n" if last and last.pause_s == PARAGRAPH_PAUSE_S else " "
        joins = last is not None and last.pause_s in (SENTENCE_PAUSE_S, PARAGRAPH_PAUSE_S)
        if last is None or not joins or len(last.text) + len(between) + len(one.text) > most:
            made.append(one)
        else:
            at = len(last.text) + len(between)
            made[-1] = Part(last.text + between + one.text, (*last.begins, at), one.pause_s)
    return made


def phrases(sentence: str, most: int = _CAPTION_CHARACTERS) -> list[int]:
    """Where its short pieces begin: at words (at letters where there are no blanks), after a comma rather than mid-way.

    They are as few as can be, and about as long as each other: no last word stands alone.
    """
    fewest = _begins(sentence, most)
    shorter = (_begins(sentence, length) for length in range(len(sentence) // len(fewest), most))
    return next((cut for cut in shorter if len(cut) == len(fewest)), fewest)


def _begins(sentence: str, most: int) -> list[int]:
    begins = [0]
    places = [match.end() for match in re.finditer(r"\s+|[、，；]", sentence)]
    if not places:
        return list(range(0, len(sentence), max(1, most // 2))) if len(sentence) > most else begins
    for place, following in zip(places, [*places[1:], len(sentence)], strict=True):
        length, left = place - begins[-1], len(sentence) - place
        comma = sentence[:place].rstrip()[-1:] in ",;:–—、，；" and length >= most // 2 and left >= most // 3
        if (comma or following - begins[-1] > most) and left > _REST:
            begins.append(place)
    return [at for begin, end in pairwise([*begins, len(sentence)]) for at in _cut_up(begin, end, most)]


def _cut_up(begin: int, end: int, most: int) -> Sequence[int]:
    """Where a piece begins that is no longer than it may be; where the pieces of a longer word begin, such as an address."""
    return range(begin, end, most) if end - begin > most + _REST else [begin]


def _stretches(text: str) -> Iterator[tuple[str, float]]:
    """What stands between breaks, without tags, and the pause after it."""
    pauses = [_length_s(match.group()) for match in _BREAK.finditer(text)]
    for said, pause_s in zip(_BREAK.split(text), [*pauses, PARAGRAPH_PAUSE_S], strict=True):
        yield _untagged(said), pause_s


def _length_s(tag: str) -> float:
    told = _TIME.search(tag)
    if told is None:
        return _USUAL_BREAK_S
    try:
        length_s = float(told[1]) / (1000 if told[2].lower() == "ms" else 1)
    except ValueError:
        return _USUAL_BREAK_S
    return min(length_s, _LONGEST_PAUSE_S)


def _untagged(text: str) -> str:
    """Without tags, those too that come about when others are taken out of them."""
    before = None
    while before != text:
        before, text = text, _TAGS.sub(lambda tags: " " if tags["stop"] is None else "", text)
    return _PHONEMES.sub(r"\g<0> ", _OPENS.sub("", text))


def _sentences_of(said: str, pause_s: float) -> list[Part]:
    found: list[Part] = []
    for paragraph in _paragraphs(said):
        spoken = [part for part in sentences(paragraph) if any(letter.isalnum() for letter in part)]
        found += [Part(sentence) for sentence in spoken]
        if spoken:
            found[-1] = Part(found[-1].text, pause_s=PARAGRAPH_PAUSE_S)
    return [*found[:-1], Part(found[-1].text, pause_s=pause_s)] if found else []


def _paragraphs(said: str) -> list[str]:
    return re.split(r"\n\s*\n", said.strip())


def _cut(sentence: Part, most: int) -> list[Part]:
    """A sentence longer than that in pieces, at its phrases."""
    text = sentence.text
    if len(text) <= most:
        return [sentence]
    begins = [0]
    places = [*phrases(text, min(most, 200)), len(text)]
    for place, following in pairwise(places):
        if following - begins[-1] > most and place > begins[-1]:
            begins.append(place)
    pieces = [text[a:b].strip() for a, b in pairwise([*begins, len(text)])]
    return [*(Part(piece, pause_s=0.0) for piece in pieces[:-1]), Part(pieces[-1], pause_s=sentence.pause_s)]
