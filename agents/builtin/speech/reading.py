"""What has the persona read? Headlines of her feeds, word for word and with their source, when the fan asks for news."""

import re

from agents.builtin.speech.cleaning import without_links
from agents.builtin.speech.memories import day
from agents.builtin.speech.scene import Scene
from agents.builtin.speech.words import content, stem, stems

_OF_ASKING = re.compile(
    r"(?i)(?:read|hear|seen?|saw|notic|catch|caught|follow|news|headline|article|paper|stor(?:y|ies)|lately|recent|today"
    r"|world|anything|something|about|gelesen|les|liest|gehör|mitbekomm|nachricht|schlagzeile|artikel|zeitung|neu|welt)"
)


def quoted(scene: Scene) -> str:
    """The story that the fan asks about, or the first where none is named; "" when nothing was read or asked for."""
    if not scene.read:
        return ""
    asked = frozenset(stem(word) for word in content(scene.said) if not _OF_ASKING.match(word))
    about = [one for one in scene.read if asked & stems(f"{one['title']} {one['summary']}")]
    if asked and not about:
        return scene.either("read_nothing")
    for story in about or scene.read:
        title = without_links(story["title"]).strip()
        if title and not scene.was_said(title):
            when = day(story["at"], scene.language)
            return scene.either("read_story", source=without_links(story["source"]), when=when, title=title)
    return scene.either("read_no_more")
