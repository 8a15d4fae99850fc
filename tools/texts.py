"""Texts in a persona's own voice: captions, posts, replies. The brief goes to the persona; what comes back is theirs."""

from typing import Literal

import orjson
from pydantic import Field

from gator.errors import Refused, Unavailable
from tools.capability import STAFF, Effect, Shape, Turn, capability

Kind = Literal["caption", "post", "reply"]
Length = Literal["short", "medium", "long"]


class WriteText(Shape):
    persona: str = Field(description="name of the persona who writes")
    about: str = Field(max_length=2000, description="what the text is about, or for a reply what it answers")
    kind: Kind = Field("post", description="a caption of a picture, a post, or a reply to somebody")
    length: Length = Field("short", description="short: a sentence or two; medium: a paragraph; long: several")
    story: str | None = Field(None, description="id of a feed's story that the text is about")


class TextWritten(Shape):
    persona: str
    kind: Kind
    text: str

    def in_words(self) -> str:
        return f"{self.persona} wrote: {self.text}"


# Its answer may hold a story's words, so it is labelled as words from outside are.
@capability(audience=STAFF, effect=Effect.read, outside=True)
async def write_text(ask: WriteText, turn: Turn) -> TextWritten:
    """Have a persona write a caption, post or reply in their own voice. Nothing is published."""
    if turn.ask_persona is None:
        raise Unavailable("No persona can be asked from here.", remedy="Ask in a chat with Gator.")
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.named(ask.persona)
        story = await work.feeds.story(ask.story) if ask.story else None
    if not ask.about.strip() and story is None:
        raise Refused("A text needs something to be about.")
    brief = {
        "kind": ask.kind,
        "about": ask.about.strip(),
        "length": ask.length,
        "story": {"title": story.title, "summary": story.summary} if story else None,
    }
    text = (await turn.ask_persona(persona.id, orjson.dumps(brief).decode())).strip()
    if not text:
        raise Unavailable(f"{persona.name} wrote nothing.", remedy="Try again.")
    return TextWritten(persona=persona.name, kind=ask.kind, text=text)
