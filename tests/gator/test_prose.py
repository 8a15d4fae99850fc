"""Does a sentence end where people end it, in every script, and are pictures the only signs that are not said?"""

import pytest

from gator.prose import sentences, without_pictures


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Who met J. Smith at 3.30 p.m. in the yard. | Then they left... and slept!",
        "Wir sehen uns am 3. Oktober. | Es ist die 2. Staffel! | Ich freue mich.",
        "Das Fest ist, wie gesagt, 21. November 2026. | Komm vorbei.",
        "1. Öffne die Tür. | 2. Geh hinein.",
        "Im 19. Jahrhundert gab es z. B. Segler. | Das kostet ca. Hundert Euro.",
        "She is 25. | He is 30. | I am 40. | Is that No. 5? | No. | It is the one of Sept. 7.",
        "Prof. Berg und Fr. Dr. Müller kommen. | Gut.",
        "كيف حالك؟ | أنا بخير. | شكرا!",
        "今日は晴れ。|散歩に行こう！|「はい。」|またね",
        "Je suis là… | « Vraiment ? » | Oui !",
        "It costs 3.50 at example.com, or 4.00. | Look!",
    ],
)
def test_a_sentence_ends_where_people_end_it(text: str) -> None:
    told = [part.strip() for part in text.split("|")]
    blank = "" if "。" in text else " "
    assert sentences(blank.join(told)) == told


def test_lines_are_sentences_unless_the_next_one_goes_on() -> None:
    assert sentences("Tea\nCoffee with\n milk\n\n\nWater") == ["Tea", "Coffee with milk", "Water"]
    assert sentences(" \n ") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Warm 🌞 today", "Warm   today"),
        ("Yes 👍🏽 1️⃣ ❤️", "Yes    1     "),
        ("20 °C, 5 ㎏, № 7", "20 °C, 5 ㎏, № 7"),
        ("Gator™ ✓ café → naïve", "Gator    café → naïve"),
    ],
)
def test_only_pictures_are_not_said_and_places_stay(text: str, said: str) -> None:
    assert without_pictures(text) == said
    assert len(said) == len(text)


def test_a_text_of_nothing_but_initials_is_read_as_quickly_as_any_other() -> None:
    assert len(sentences("A. " * 20_000)) == 1  # looked at whole each time, it would take minutes
