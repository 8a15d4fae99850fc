"""Who writes for a reel? The persona: the script, the words on its cards, and what is posted with it."""

from dataclasses import dataclass
from typing import Any

import orjson

from gator.errors import Unavailable
from gator.prose import sentences
from memory.models import Persona
from tools.capability import Turn
from tools.orders import shortened
from tools.personas.character import Character
from tools.productions import platforms
from tools.productions.platforms import Platform, Words
from tools.productions.script import SceneWords, Script, fitted, on_a_card, room, scenes_given, scenes_of
from tools.productions.shapes import Brief
from tools.voices import language_of


@dataclass(frozen=True, slots=True)
class Writer:
    """The persona as who writes for the reel."""

    turn: Turn
    persona: Persona
    character: Character
    found: list[dict[str, str]]

    async def script(
        self, brief: Brief, title: str, *, before: Script | None = None, wish: str = "", take: int = 1
    ) -> Script:
        """What is said and seen, by the persona, or the words that were given."""
        if brief.text:
            scenes = scenes_given(brief.text)
        else:
            written = await self._ask(self._script_brief(brief, before, wish, take))
            scenes = fitted(scenes_of(written), brief.length_s, self.character.voice.speed)
        title = title or shortened(self._title(brief, scenes[0][0]))
        return Script(
            title=title,
            scenes=[self._scene(place, len(scenes), said, title, brief) for place, said in enumerate(scenes)],
        )

    def _script_brief(self, brief: Brief, before: Script | None, wish: str, take: int) -> dict[str, Any]:
        words, scenes = room(brief.length_s, self.character.voice.speed)
        return {
            "kind": "script",
            "about": brief.topic,
            "seconds": round(brief.length_s),
            "words": words,
            "scenes": scenes,
            "story": self.found[0] if brief.story and self.found else None,
            "found": [] if brief.story else self.found,
            "before": before.said if before else "",
            "wish": wish,
            "language": brief.language,
            "take": take,
        }

    def _title(self, brief: Brief, first: str) -> str:
        topic = brief.topic or on_a_card(first)
        return topic[:1].upper() + topic[1:]

    def _scene(self, place: int, count: int, scene: tuple[str, str], title: str, brief: Brief) -> SceneWords:
        """One scene; the first card has the title, and the persona is seen at the beginning and at the end."""
        say, seen = scene
        card = title if place == 0 else on_a_card(say)
        with_persona = place in (0, count - 1)
        usual = (
            f"{self.persona.name} looks into the camera and talks about {brief.topic or title}"
            if with_persona
            else f"{brief.topic or title}: {card}"
        )
        return SceneWords(say=say, card=card, source=self._source(say) if place else "", picture=seen or usual)

    def _source(self, say: str) -> str:
        """The feed whose words it quotes."""
        for one in self.found:
            told = f"{one['title']} {one['summary']}".casefold()
            quoted = on_a_card(say).rstrip("….?!").casefold()
            if quoted and quoted in told:
                return one["feed"]
        return ""

    async def posts(self, brief: Brief, script: Script, take: int = 1) -> dict[Platform, Words]:
        """A caption for each platform: the persona's line, the question at the end, where the words are from, a few hashtags."""
        if not brief.platforms:
            return {}
        about = {
            "kind": "caption",
            "about": brief.topic or script.title,
            "length": "short",
            "story": None,
            "language": brief.language,
            "take": take,
        }
        hook = await self._ask(about)
        last = sentences(script.scenes[-1].say)[0]
        sources = list(dict.fromkeys(scene.source for scene in script.scenes if scene.source))
        parts = [hook, *([last] if last.endswith("?") and last not in hook else [])]
        label = "Quelle" if language_of(script.said) == "de" else "Source"
        parts += [f"{label}: {', '.join(sources)}"] if sources else []
        tags = [*platforms.hashtags(brief.topic or script.title, *self.character.interests[:1])[:2], "#AI"]
        return {one: platforms.written(one, script.title, parts, tags) for one in brief.platforms}

    async def _ask(self, brief: dict[str, Any]) -> str:
        if self.turn.ask_persona is None:
            raise Unavailable("No persona can be asked from here.", remedy="Ask in a chat with Gator.")
        text = (await self.turn.ask_persona(self.persona.id, orjson.dumps(brief).decode())).strip()
        if not text:
            raise Unavailable(f"{self.persona.name} wrote nothing.", remedy="Try again.")
        return text
