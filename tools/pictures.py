"""Pictures: have the studio draw a card of words. Doors: agents, REST, MCP. `gpu_worker.cards` draws it."""

from pydantic import Field

from gator.errors import Refused
from gpu_worker.jobs import CARD_CHARACTERS, Design, DrawCard, PictureFormat
from memory.models import Story
from memory.work import Work
from tools import orders
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.orders import MediaQueued


class DrawCardAsk(Shape):
    text: str = Field("", description="the words on the card, as they are to be read; empty: the story's title")
    headline: str = Field("", description="a short heading above the text, where one is wanted")
    attribution: str = Field("", description="who said it or where it is from: the small line on the card")
    design: Design = Field(
        "bold",
        description="bold: a poster; quote: words of somebody; editorial: a magazine page; gradient: coloured light; minimal",
    )
    format: PictureFormat = Field(
        "square",
        description="square 1:1, portrait 4:5, landscape 16:9, or story 9:16 (for stories and vertical videos)",
    )
    persona: str | None = Field(None, description="name of the persona it is for; their preferred design is used")
    story: str | None = Field(None, description="id of a feed's story that the card is about")


@capability(audience=STAFF, effect=Effect.write)
async def draw_card(ask: DrawCardAsk, turn: Turn) -> MediaQueued:
    """Draw a picture card: a social card or quote picture of words, ready in seconds. Any script and emoji.

    The same request twice in a turn is one card. Raises Unavailable when the studio is full.
    """
    async with turn.open_work() as work:
        persona, character = await orders.persona_named(work, ask.persona)
        story = await work.feeds.story(ask.story) if ask.story else None
        payload = DrawCard(
            text=ask.text.strip() or ("" if story is None else " ".join(story.title.split())),
            headline=ask.headline.strip(),
            attribution=ask.attribution.strip() or await _source(work, story) or (persona.name if persona else ""),
            design=character.media.card_design if character and "design" not in ask.model_fields_set else ask.design,
            format=character.media.picture_format if character and "format" not in ask.model_fields_set else ask.format,
        )
        _check(payload)
        title = payload.headline or payload.text
        return await orders.place(work, turn, ask, payload, makes="picture", title=title, persona=persona)


async def _source(work: Work, story: Story | None) -> str:
    """The name of the story's feed."""
    return (await work.feeds.named(story.feed_id)).name if story else ""


def _check(payload: DrawCard) -> None:
    """Say now what the studio would say later."""
    if not payload.text and not payload.headline:
        raise Refused("There is nothing to write on the card.", remedy="Give it a text, or name a story.")
    for name, most in CARD_CHARACTERS.items():
        length = len(getattr(payload, name))
        if length > most:
            raise Refused(f"The {name} has {length:,} characters; a card holds {most:,}.", remedy="Shorten it.")
