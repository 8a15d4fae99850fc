"""Are the scripts of the built-in persona fit to be spoken: as long as asked, on the topic, with nothing that nobody said?"""

from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from agents.builtin.persona import speak
from agents.builtin.speech.cleaning import emoji_in
from agents.portrait import writing_prompt
from tests.agents.builtin.fan_talk import STARTERS, Talk
from tools.personas.character import Character

STORIES = [
    {"title": "A new whale dialect", "summary": "Researchers report clicks never heard before. More work is planned.",
     "feed": "Ocean News"},
    {"title": "Whales return to the bay", "summary": "Ten humpbacks were counted off the pier.", "feed": "Bay Times"},
]  # fmt: skip
everybody = pytest.mark.parametrize("me", STARTERS, ids=lambda me: me.name.split()[0])


def scripted(me: Character, about: str, words: int, **told: Any) -> list[str]:
    context = Talk(me).context() | {"task": "write", "lore": []}
    context["brief"] = {"kind": "script", "about": about, "words": words, "story": None, "found": [], **told}
    return speak(context, [HumanMessage("Write it now.")]).split("\n\n")


@everybody
@pytest.mark.parametrize("words", [30, 80])
def test_a_script_has_about_the_words_asked_for_in_scenes(me: Character, words: int) -> None:
    scenes = scripted(me, "tide pools", words)

    assert abs(len(" ".join(scenes).split()) - words) <= 12
    assert "tide pools" in scenes[0]
    assert len(set(scenes)) == len(scenes) >= 2
    assert not any(emoji_in(scene) or "\n" in scene for scene in scenes)


@everybody
def test_stories_found_are_quoted_and_nothing_else_is_claimed(me: Character) -> None:
    scenes = scripted(me, "whales", 80, found=STORIES)

    told = " ".join(scenes)
    assert all(f"“{story['title']}”" in told for story in STORIES)
    assert "“Researchers report clicks never heard before.”" in told
    assert "More work is planned" in " ".join(scripted(me, "whales", 80, story=STORIES[0]))


def test_a_grave_story_has_few_words_and_no_play() -> None:
    grave = {
        "title": "Twelve dead in the flood",
        "summary": "The river rose in the night and took the bridge.",
        "feed": "x",
    }

    scenes = scripted(STARTERS[0], "the flood", 120, found=[grave])

    assert len(scenes) <= 4
    assert "kettle" not in " ".join(scenes)


def test_there_is_less_where_there_is_no_more_to_say_and_another_take_is_another() -> None:
    bare = Character(name="Nova", age=27)

    assert 60 < len(" ".join(scripted(bare, "tide pools", 400)).split()) < 200
    assert scripted(bare, "tide pools", 80, take=2) != scripted(bare, "tide pools", 80)
    german = scripted(Character(name="Nova", age=27, languages=["de"]), "Gezeiten", 60)
    assert "Gezeiten" in german[0]


def test_a_model_is_told_the_length_the_form_and_what_was_found() -> None:
    brief = {"kind": "script", "about": "whales", "words": 80, "scenes": 6, "seconds": 30, "story": None,
             "found": STORIES, "before": "Whales!", "wish": "shorter"}  # fmt: skip
    prompt = writing_prompt({"brief": brief, "lore": ["Whales sleep\nupright."]}, STARTERS[0]).text

    assert all(words in prompt for words in ("30 seconds", "About 80 words, in 6 scenes", "square brackets"))
    assert "«A new whale dialect»" in prompt
    assert "- Whales sleep upright." in prompt
    assert "shorter:\n«Whales!»" in prompt
