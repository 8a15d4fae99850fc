"""Is a text split where people would pause, never taken for markup, and no letter lost?"""

from itertools import pairwise

import pytest

from gator.errors import Refused
from gpu_worker.voices.texts import PARAGRAPH_PAUSE_S, SENTENCE_PAUSE_S, packed, parts, phrases, plain


def said(text: str) -> list[str]:
    return [part.text for part in parts(text)]


def test_full_stops_of_abbreviations_end_no_sentence() -> None:
    found = parts("Dr. Who met J. Smith at 3.30 p.m. in the yard. Then they left... and slept! \n\nThe end")
    assert [(part.text, part.pause_s) for part in found] == [
        ("Dr. Who met J. Smith at 3.30 p.m. in the yard.", SENTENCE_PAUSE_S),
        ("Then they left... and slept!", PARAGRAPH_PAUSE_S),
        ("The end", PARAGRAPH_PAUSE_S),
    ]
    assert said("今日は晴れ。散歩に行こう！") == ["今日は晴れ。", "散歩に行こう！"]


def test_captions_are_short_and_lose_no_letter() -> None:
    sentence = "It is a truth universally acknowledged, that a single man in possession of a good fortune wants a wife."
    begins = phrases(sentence)
    pieces = [sentence[a:b] for a, b in pairwise([*begins, len(sentence)])]
    assert "".join(pieces) == sentence
    assert all(len(piece) <= 42 for piece in pieces)
    assert all(len(piece) > 3 for piece in pieces)
    assert len(phrases("国" * 90)) == 5
    address = f"See https://example.com/{'abcdefgh/' * 70} for more."
    pieces = [address[a:b] for a, b in pairwise([*phrases(address), len(address)])]
    assert "".join(pieces) == address
    assert all(len(piece) <= 39 for piece in pieces)


@pytest.mark.parametrize(
    "sentence",
    [
        "The tide pools are full of animals nobody sees.",
        "That is really very good for all of us, too.",
        "We went down to the rocks at low tide, and looked for hours at anemones.",
    ],
)
def test_no_last_word_of_a_caption_stands_alone(sentence: str) -> None:
    begins = phrases(sentence)
    assert len(begins) > 1
    assert all(len(sentence[a:b].split()) > 2 for a, b in pairwise([*begins, len(sentence)]))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("<speak>Hello <emphasis level='strong'>you</emphasis>.</speak>", "Hello you."),
        ("<<b>break time='9s'/>Hi there.", "break time='9s'/>Hi there."),
        ("2 < 3 and 5 > 4, I <3 it.", "2 < 3 and 5 > 4, I <3 it."),
        ("a <voice name=x never closed.", "a voice name=x never closed."),
        ("Hi <!-- <b>not</b> said --> all.", "Hi all."),
        ("Hi <i><b>all</b></i>, you.<p>All<br>here</p>!", "Hi all, you. All here!"),
        ("Say [[h@'loU]] now.", "Say [ [h@'loU] ] now."),
    ],
)
def test_text_is_never_markup(text: str, spoken: str) -> None:
    assert " ".join(" ".join(said(text)).split()) == spoken
    assert plain(text) == spoken


def test_a_written_pause_is_silence_of_ours() -> None:
    found = parts('One.<break time="800ms"/>Two. <break time="60s" /> Three. <break> Four.')
    assert [(part.text, part.pause_s) for part in found[:3]] == [("One.", 0.8), ("Two.", 3.0), ("Three.", 0.75)]
    assert [part.text for part in packed(found, 1000)] == ["One.", "Two.", "Three.", "Four."]


def test_sentences_are_packed_in_as_few_parts_as_it_takes() -> None:
    found = packed(parts("One is here. Two is there.\n\nThree. " + "Four and five. " * 4), 50)
    assert found[0].text.startswith("One is here. Two is there.\n\nThree.")
    assert found[0].begins[:3] == (0, 13, 28)
    assert found[0].sentences[:3] == ["One is here.", "Two is there.", "Three."]
    assert all(len(part.text) <= 50 for part in found)
    assert sum(len(part.sentences) for part in found) == 7


def test_a_sentence_too_long_for_anybody_is_cut_at_its_phrases() -> None:
    text = "a wolf, " * 60 + "and a bear."
    found = packed(parts(text), 100)
    assert " ".join(part.text for part in found) == text
    assert all(len(part.text) <= 100 for part in found)
    assert [part.pause_s for part in found[:-1]] == [0.0] * (len(found) - 1)


def test_what_has_no_letters_is_nothing_to_say() -> None:
    for text in ("", "<b></b>", "🎉 … !", "<break time='1s'/>"):
        with pytest.raises(Refused, match="nothing to say"):
            parts(text)
