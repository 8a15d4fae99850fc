"""Does a text about the persona become its own words, and stay away from somebody else's pronouns?"""

import pytest

from agents.builtin.speech.lines import lines_of
from agents.builtin.speech.own_words import Self, in_own_words
from tests.agents.builtin.fan_talk import STARTERS
from tools.personas.character import Character

INEZ, KWAME, YUKI = (
    Self("Inez Carvalho", "she/her"),
    Self("Kwame Asante", "he/him"),
    Self("Yuki Lindqvist", "they/them"),
)


@pytest.mark.parametrize(
    ("who", "told", "said"),
    [
        (INEZ, "She runs a station, carries a lamp and is stuck.", "I run a station, carry a lamp and am stuck."),
        (INEZ, "Her grandfather taught her knots; he was never afraid.", "My grandfather taught me knots; he was never afraid."),
        (INEZ, "A sperm whale with a nick in her fluke comes by.", "A sperm whale with a nick in her fluke comes by."),
        (KWAME, "Adwoa marks his labels in red pen. ", "Adwoa marks my labels in red pen. "),
        (KWAME, "Kwame's shed holds sets that he built himself.", "My shed holds sets that I built myself."),
        (YUKI, "Yuki skates as Photosynthesis and writes zines.", "I skate as Photosynthesis and write zines."),
        (YUKI, "The warm air fools them into two crops.", "The warm air fools them into two crops."),
        (INEZ, "The door shuts when the wind is from the west.", "The door shuts when the wind is from the west."),
    ],
)  # fmt: skip
def test_the_third_person_becomes_the_first(who: Self, told: str, said: str) -> None:
    assert in_own_words([told], who) == [said]


@pytest.mark.parametrize(
    ("backstory", "said"),
    [
        ("27, an astronomer from Valparaiso who loves tango", "I am 27, an astronomer from Valparaiso who loves tango"),
        ("a retired sea captain who paints.", "I am a retired sea captain who paints."),
        ("A childhood in Lima made her tough.", "A childhood in Lima made her tough."),
    ],
)
def test_a_description_is_said_as_a_sentence(backstory: str, said: str) -> None:
    assert [line.text for line in lines_of(Character(name="Nova Reyes", backstory=backstory), [])] == [said]


def test_no_line_of_a_starter_speaks_of_its_persona_by_name() -> None:
    for me in STARTERS:
        lines = lines_of(me, [entry.content for entry in me.lorebook.entries])

        assert len(lines) >= 8
        assert not [line.text for line in lines if me.name.split()[0] in line.text]
        assert all(len(line.text) <= 330 for line in lines)
