"""Are the starter personas whole, adult, openly AI, and there on the first day only?"""

import pytest

import prompts
from gator.principal import Principal
from memory.store import Store
from tools.personas.admission import admit
from tools.personas.character import Character
from tools.personas.starters import install_starters

STARTERS = [admit(starter) for starter in prompts.starter_personas()]


def test_there_are_three_starters() -> None:
    assert len(STARTERS) == 3


@pytest.mark.parametrize("character", STARTERS, ids=lambda one: one.name)
def test_a_starter_is_deep(character: Character) -> None:
    empty = {field for field, value in character.model_dump().items() if not value}

    assert empty <= {"nickname", "system_note", "closing_note"}
    assert len(character.lorebook.entries) >= 3
    assert character.speech.example_dialogue.count("{{char}}:") >= 3
    assert "AI persona" in character.greeting
    assert all("AI persona" in greeting for greeting in character.alternate_greetings)
    assert any("AI persona" in boundary for boundary in character.boundaries)


async def test_starters_come_once_and_do_not_come_back(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        made = await install_starters(work)
        for persona in made:
            await work.personas.remove(persona, author="tests")
    async with store.open_work(operator) as work:
        again = await install_starters(work)

    assert [one.slug for one in made] == ["inez-carvalho", "kwame-asante", "yuki-lindqvist"]
    assert again == []
