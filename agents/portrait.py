"""How is a persona put into words for a model? The character sheet, and the system messages that it fills."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from langchain_core.messages import SystemMessage

import prompts
from agents.ago import ago
from tools.personas import macros
from tools.personas.character import Character

LENGTHS = {"short": "at most two sentences", "medium": "one paragraph", "long": "three to five paragraphs"}


def sheet(one: Character) -> str:
    """The character as short labelled lines; what is empty is left out."""
    look = ", ".join(part for part in (one.look.summary, one.look.hair, one.look.eyes, one.look.style) if part)
    lines = {
        "Name": one.name,
        "Age": str(one.age),
        "Pronouns": one.pronouns,
        "In a line": one.tagline,
        "Occupation": one.occupation,
        "Home": one.home,
        "Look": look,
        "Backstory": one.backstory,
        "Traits": ", ".join(one.traits),
        "Interests": ", ".join(one.interests),
        "Boundaries": "; ".join(one.boundaries),
        "Way of speaking": ". ".join(part for part in (one.speech.register, one.speech.style) if part),
        "Quirks": "; ".join(one.speech.quirks),
        "Likes to say": "; ".join(one.speech.signature_phrases),
        "Never says": "; ".join(one.speech.forbidden_phrases),
        "Emoji": one.speech.emoji,
        "Scene": one.scenario,
        "Sounds like": one.speech.example_dialogue,
        "Director's note": one.system_note,
        "Always in mind": one.closing_note,
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)


def reply_prompt(context: dict[str, Any], one: Character) -> SystemMessage:
    """What a persona is told before answering a fan; `context` is the same as data, for the built-in model."""
    fan = context["fan"]
    text = _fill(
        "personas/speak",
        name=one.name,
        sheet=sheet(one),
        lore=_lines(context["lore"]),
        fan=fan["name"] or "somebody who gave no name",
        facts=_lines(
            f"{_on_a_line(fact['subject']) or 'they'}: {fact['kind']}: {_quoted(fact['value'])}"
            for fact in fan["facts"]
        ),
        memories=_lines(
            f"{_dated(memory['at'], context)}, {memory['author']}: {_quoted(memory['text'])}"
            for memory in fan["memories"]
        ),
        episodes=_lines(
            f"{_dated(one['at'], context)}: {' '.join(line['text'] for line in one['lines'])}"
            for one in fan["episodes"]
        ),
        summary=context["summary"] or "nothing yet",
        own_words=_lines(dict.fromkeys(context["own_words"])),
        posts=_lines(f"{post['at'][:10]}: {post['text']}" for post in context["posts"]),
        read=_lines(
            f"{story['at'][:10]} in {story['source']}: {_quoted(story['title'])} {_quoted(story['summary'])}"
            for story in context["read"]
        ),
        now=context["now"],
        language=context["language"],
    )
    text = macros.fill(text, one.nickname or one.name, fan["name"] or "you")
    return SystemMessage(text, additional_kwargs={"context": context})


def writing_prompt(context: dict[str, Any], one: Character) -> SystemMessage:
    """What a persona is told before writing for their operator."""
    brief = context["brief"]
    story = brief.get("story")
    script = brief["kind"] == "script"
    task = (
        _script_task(brief, context["lore"])
        if script
        else f"a {brief['kind']}, {LENGTHS[brief['length']]}, about: {brief['about']}"
    )
    if story:
        task += f"\nThe story it is about: {_quoted(story['title'])} {_quoted(story['summary'])}"
    text = _fill(
        "personas/write", name=one.name, sheet=sheet(one), task=task, language=brief.get("language") or one.language
    )
    text = macros.fill(text, one.nickname or one.name, "the reader")
    return SystemMessage(text, additional_kwargs={"context": context})


def _script_task(brief: dict[str, Any], lore: list[str]) -> str:
    """What is asked of the script of a short video; `tools.productions.script` reads what comes of it."""
    parts = [
        f"what you say in a video of {brief['seconds']} seconds about: {brief['about']}",
        f"About {brief['words']} words, in {brief['scenes']} scenes of a sentence or two. A scene is a paragraph: what you say,"
        " then on a line of its own, in square brackets and in English, what is seen meanwhile: a picture without words on it.",
        "Claim nothing that your character sheet and what stands below do not say; where they say little, ask and wonder.",
    ]
    parts += ["What you know of it:", _lines(map(_on_a_line, lore))] if lore else []
    if found := brief["found"]:
        told = [f"- {_quoted(one['title'])} {_quoted(one['summary'])} ({_on_a_line(one['feed'])})" for one in found]
        parts += ["What was found on it:", *told]
    if brief["before"]:
        parts += [
            f"You wrote this before; write it anew, {brief['wish'] or 'in another way'}:",
            _quoted(brief["before"]),
        ]
    return "\n".join(parts)


def _dated(at: str, context: dict[str, Any]) -> str:
    """The day, and how one says it: "2026-03-02, last Monday"."""
    return f"{at[:10]}, {ago(datetime.fromisoformat(at), datetime.fromisoformat(context['now']))}"


def _fill(prompt: str, **slots: str) -> str:
    """The prompt with its slots filled, in one pass: what a slot holds is never read as another slot."""
    parts = prompts.load(prompt).split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        filled.append(slots[name] + rest)
    return "".join(filled)


def _quoted(text: str) -> str:
    """As the words of somebody: one line, and no sign in it that ends the quotation."""
    return f"«{_on_a_line(text).replace('«', '‹').replace('»', '›')}»"


def _on_a_line(text: str) -> str:
    return " ".join(text.split())


def _lines(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items) or "- nothing"
