"""Do cards come in and go out without loss, whatever they are and whatever has changed since?"""

import io
import json
import zipfile
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import prompts
from gator.errors import Refused
from tests.tools.personas import cards
from tools.personas.admission import admit
from tools.personas.cards import mapping, png, reading, writing
from tools.personas.cards.books import from_card, to_card
from tools.personas.cards.reading import CardFile
from tools.personas.character import Character
from tools.personas.lorebook import Lorebook, LoreEntry

FORMS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "V1 JSON": (json.dumps(cards.V1).encode(), cards.V1),
    "V2 JSON": (json.dumps(cards.V2).encode(), cards.V2),
    "V2 JSON with a byte order mark": (b"\xef\xbb\xbf" + json.dumps(cards.V2).encode(), cards.V2),
    "V3 JSON": (json.dumps(cards.V3).encode(), cards.V3),
    "V1 PNG": (cards.png(cards.text_chunk("chara", cards.V1)), cards.V1),
    "V2 PNG": (cards.png(cards.text_chunk("chara", cards.V2)), cards.V2),
    "V2 PNG zTXt": (cards.png(cards.text_chunk("Chara", cards.V2, "zTXt")), cards.V2),
    "V2 PNG iTXt": (cards.png(cards.text_chunk("chara", cards.V2, "iTXt")), cards.V2),
    "V2 PNG packed iTXt": (cards.png(cards.text_chunk("chara", cards.V2, "iTXt packed")), cards.V2),
    "V3 PNG": (cards.png(cards.text_chunk("chara", cards.V2), cards.text_chunk("ccv3", cards.V3)), cards.V3),
    "V3 APNG": (cards.png(cards.text_chunk("ccv3", cards.V3), animated=True), cards.V3),
    "V3 CharX": (cards.charx(cards.V3, cards.ASSETS), cards.V3),
}


def came_in(content: bytes) -> tuple[CardFile, Character]:
    found = reading.read_bytes(content)
    return found, admit(found.character)


def went_out(kind: reading.Kind, found: CardFile, character: Character) -> dict[str, Any]:
    """The card in the file that is written."""
    content = writing.write(kind, character, found.card, found.portrait, found.content).content
    card = reading.read_bytes(content).card
    assert card is not None
    return card


@pytest.mark.parametrize("form", FORMS)
def test_a_card_goes_out_as_it_came_in(form: str) -> None:
    content, card = FORMS[form]

    found, character = came_in(content)

    assert found.card == card
    assert went_out("json", found, character) == card
    assert went_out(found.kind, found, character) == card


@pytest.mark.parametrize("form", FORMS)
def test_a_new_name_is_all_that_changes(form: str) -> None:
    found, character = came_in(FORMS[form][0])

    card = went_out(found.kind, found, character.model_copy(update={"name": "Vera Strand"}))

    expected = cards.changed(FORMS[form][1], name="Vera Strand")
    if "name" in FORMS[form][1]:
        expected["name"] = "Vera Strand"
    assert card == expected


def test_the_fields_of_a_card_are_those_of_a_character() -> None:
    _, one = came_in(FORMS["V3 JSON"][0])

    assert (one.name, one.nickname, one.age) == ("Vera Holm", "Vee", 41)
    assert one.backstory == cards.V3["data"]["description"]
    assert one.traits == ["patient", "wry", "exact"]
    assert one.greeting.startswith("Shut the door")
    assert one.alternate_greetings == ["You again.", "Mind the step."]
    assert (one.system_note, one.closing_note) == ("Stay in character. {{original}}", "Keep it short.")
    assert one.speech.example_dialogue.startswith("<START>")
    assert (one.tags, one.creator, one.notes) == (["sea", "engineer"], "somebody", "Made on a train.")
    lamp, tea = one.lorebook.entries
    assert (lamp.id, lamp.logic, lamp.sticky, lamp.cooldown, lamp.delay) == ("7", "and_all", 2, 3, 0)
    assert (lamp.position, lamp.order, lamp.selective, tea.enabled) == ("after_char", 30, True, False)
    assert (one.lorebook.scan_depth, one.lorebook.token_budget) == (5, 300)


def test_a_personality_in_prose_becomes_its_sentences() -> None:
    prose = "Slow to trust, but once she trusts somebody she would row out in a gale for them. Hates waste."
    _, one = came_in(json.dumps(cards.changed(cards.V1, personality=prose)).encode())

    assert one.traits == [
        "Slow to trust, but once she trusts somebody she would row out in a gale for them.",
        "Hates waste.",
    ]


def test_changes_land_in_the_fields_that_they_belong_to() -> None:
    found, one = came_in(FORMS["V2 PNG"][0])
    data = one.model_dump()
    data |= {"home": "Skagen", "greeting": "Hm?", "traits": ["patient", "wry"], "age": 42}
    data["lorebook"]["entries"][0] |= {"sticky": 5, "priority": 2.0, "keys": ["lamp"]}
    data["lorebook"]["entries"][1:] = [{"id": "new", "keys": ["dog"], "content": "No dog."}]

    card = went_out("png", found, admit(data))

    expected = cards.changed(cards.V2, first_mes="Hm?", personality="patient, wry")
    expected["data"]["extensions"]["gator"] = {"character": {"home": "Skagen", "traits": ["patient", "wry"], "age": 42}}
    lamp = expected["data"]["character_book"]["entries"][0]
    lamp |= {"keys": ["lamp"], "priority": 2.0}
    lamp["extensions"]["sticky"] = 5
    assert card["data"]["character_book"]["entries"].pop()["content"] == "No dog."
    expected["data"]["character_book"]["entries"] = [lamp]
    assert card == expected
    assert admit(mapping.to_character(card)).home == "Skagen"


def exported(kind: reading.Kind, found: CardFile, character: Character) -> bytes:
    return writing.write(kind, character, found.card, found.portrait, found.content).content


def test_both_cards_of_a_picture_follow_a_change() -> None:
    found, one = came_in(FORMS["V3 PNG"][0])

    content = exported("png", found, one.model_copy(update={"scenario": "Calm."}))

    assert reading.cards_in(png.chunks_of(content)) == {
        "ccv3": cards.changed(cards.V3, scenario="Calm."),
        "chara": cards.changed(cards.V2, scenario="Calm."),
    }


@pytest.mark.parametrize("form", ["V2 PNG", "V3 APNG"])
def test_the_other_chunks_of_a_picture_stay_where_they_were(form: str) -> None:
    content = FORMS[form][0]
    found, one = came_in(content)

    assert exported("png", found, one) == content
    renamed = exported("png", found, one.model_copy(update={"name": "V"}))
    kinds = [chunk.type for chunk in png.chunks_of(content)]
    assert [chunk.type for chunk in png.chunks_of(renamed)] == kinds
    Image.open(io.BytesIO(renamed)).load()


def test_the_portrait_is_the_picture_and_nothing_else() -> None:
    found, _ = came_in(FORMS["V3 APNG"][0])

    assert found.portrait is not None
    assert b"tEXt" not in found.portrait
    assert b"tIME" not in found.portrait
    assert Image.open(io.BytesIO(found.portrait)).size == (8, 8)


def test_a_charx_keeps_its_assets() -> None:
    found, one = came_in(FORMS["V3 CharX"][0])

    content = writing.write("charx", one, found.card, found.portrait, found.content).content

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist() if name != "card.json"} == cards.ASSETS
    assert found.portrait is not None


def test_a_picture_loses_no_assets_unless_somebody_says_so() -> None:
    found, one = came_in(FORMS["V3 CharX"][0])
    with pytest.raises(Refused, match=r"2 files of this persona: assets/other/other/odd\.bin, risu\.json.*as charx"):
        exported("png", found, one)

    told = writing.write("png", one, found.card, found.portrait, found.content, without_assets=True).content
    assert reading.read_bytes(told).card == cards.V3

    found, one = came_in(cards.charx(cards.V3, {"assets/icon/images/main.png": cards.png()}))
    assert reading.read_bytes(exported("png", found, one)).card == cards.V3  # the icon is the picture


def test_any_card_can_leave_as_charx_with_its_portrait() -> None:
    found, one = came_in(FORMS["V2 PNG"][0])

    back = reading.read_bytes(writing.write("charx", one, found.card, found.portrait, found.content).content)

    assert back.portrait == found.portrait
    assert back.card is not None
    assert back.card["spec"] == "chara_card_v3"
    assert back.card["data"]["unknown_to_all"] == cards.V2["data"]["unknown_to_all"]
    assert admit(back.character) == one


@pytest.mark.parametrize("kind", ["yaml", "json", "png", "charx"])
@pytest.mark.parametrize("starter", prompts.starter_personas(), ids=lambda one: one["name"])
def test_a_persona_of_ours_survives_every_format(starter: dict[str, Any], kind: reading.Kind) -> None:
    one = admit(starter)

    back = reading.read_bytes(writing.write(kind, one).content)

    assert admit(back.character) == one


def test_what_another_program_changed_in_our_card_counts() -> None:
    one = admit(prompts.starter_personas()[0])
    card = json.loads(writing.write("json", one).content)
    card["data"] |= {"name": "Ines", "personality": "grumpy", "tags": []}

    back = admit(reading.read_bytes(json.dumps(card).encode()).character)

    assert back == one.model_copy(update={"name": "Ines", "traits": ["grumpy"], "tags": []})


def test_a_card_of_ours_tells_other_programs_what_they_have_no_field_for() -> None:
    one = admit(prompts.starter_personas()[0])

    data = json.loads(writing.write("json", one).content)["data"]

    assert "Age: 34" in data["description"]
    assert "Occupation: marine biologist" in data["description"]
    assert data["character_book"]["entries"][0]["extensions"]["match_whole_words"] is True


def test_a_picture_for_a_persona_without_one_is_a_picture() -> None:
    one = admit({"name": "Bare"})

    picture = Image.open(io.BytesIO(writing.write("png", one).content))
    picture.load()

    assert picture.size == (400, 600)
    assert {"chara", "ccv3"} <= picture.info.keys()


def test_yaml_is_read_without_an_age_and_with_the_age_it_states() -> None:
    assert admit(reading.read_bytes(b"name: Bo\n").character).age == 25
    assert admit(reading.read_bytes(b"name: Bo\nbackstory: Bo is a 52-year-old poet.\n").character).age == 52


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(
    name=st.text(st.characters(categories=("Lu", "Ll")), min_size=1, max_size=30),
    prose=st.lists(_texts, min_size=4, max_size=4),
    lists=st.lists(st.lists(_texts, max_size=4), min_size=2, max_size=2),
    numbers=st.tuples(st.integers(18, 120), st.integers(0, 99), st.integers(0, 9), st.floats(-9, 9)),
)
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_on_the_way(
    name: str, prose: list[str], lists: list[list[str]], numbers: tuple[int, int, int, float]
) -> None:
    one = Character.model_validate(
        {
            "name": name,
            "age": numbers[0],
            "backstory": prose[0],
            "greeting": prose[1],
            "notes": prose[2],
            "traits": lists[0],
            "tags": lists[1],
            "voice": {"pitch": numbers[1]},
            "lorebook": {"entries": [{"content": prose[3], "keys": ["k"], "sticky": numbers[2], "order": numbers[3]}]},
        }
    )
    yaml_back = Character.model_validate(yaml.safe_load(writing.write("yaml", one).content.decode()))
    card = json.loads(writing.write("json", one).content)
    assert yaml_back == one
    assert Character.model_validate(mapping.to_character(card)) == one
    assert mapping.merged(card, one) == card


def test_chance_and_groups_of_a_cards_entries_are_read_and_written_by_their_usual_names() -> None:
    more = {"probability": 40, "useProbability": True, "group": "a,b", "group_weight": 30, "group_override": True}
    off = {"probability": 40, "useProbability": False}
    book = from_card({"entries": [{"keys": ["k"], "extensions": more}, {"keys": ["k"], "extensions": off}]})

    first, second = (LoreEntry.model_validate(one) for one in book["entries"])

    assert (first.probability, first.group, first.group_weight, first.group_override) == (40, "a,b", 30, True)
    assert second.probability == 100
    written = to_card(Lorebook(entries=[first]))["entries"][0]["extensions"]
    assert {name: written[name] for name in more} == more
