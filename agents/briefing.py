"""What does the Gator agent know before it is asked anything? Names and ids of what there is, so that it can name it back.

The same data goes to a language model as JSON in the prompt and to the built-in model beside it.
"""

from typing import Any
from zoneinfo import ZoneInfo

import orjson
from langchain_core.messages import SystemMessage

import prompts
from agents.builtin import titles
from gator.clock import now
from memory.models import Asset, Message
from memory.repositories.assets import THERE
from memory.work import Work
from tools.capability import Turn
from tools.clips import clip_model
from tools.imagery import image_model
from tools.media import KINDS

_HEARD = 1000  # characters of a message in which media may be named
_WORDS = 60
NEWEST = 10  # of each kind: enough for "the last picture", small enough for every turn


async def brief(turn: Turn, told: bool) -> SystemMessage:
    """The system message of an operator's turn."""
    async with turn.open_work(reads=True) as work:
        context = await _context(work, turn)
    data = {key: value for key, value in context.items() if key != "kind"}
    text = prompts.load("supervisor").replace("{context}", orjson.dumps(data).decode())
    return SystemMessage(text, additional_kwargs={"context": {**context, "told": told}})


async def _context(work: Work, turn: Turn) -> dict[str, Any]:
    personas = {one.id: one for one in await work.personas.all()}
    feeds = {one.id: one for one in await work.feeds.all()}
    jobs = await work.jobs.recent(limit=NEWEST)
    said = await work.conversations.window(turn.conversation, NEWEST) if turn.conversation else []
    sent = await _sent_now(work, said)
    # Files exported for fans are nobody's "last picture", nor is what was never made.
    made = await work.assets.recent(kind=KINDS, state=THERE, limit=NEWEST)
    named = await _named(work, said, [one.name for one in personas.values()])
    media = list({one.id: one for one in (*sent, *made, *named)}.values())
    titles = {asset.id: asset.title for asset in media}
    posts = await work.posts.calendar("scheduled", limit=NEWEST)
    return {
        "kind": "operator",
        "now": now().astimezone(ZoneInfo(turn.zone)).isoformat(timespec="seconds"),
        "zone": turn.zone,
        "image_model": image_model(turn.settings),
        "clip_model": clip_model(turn.settings),
        "personas": [{"name": one.name, "slug": one.slug} for one in personas.values()],
        "feeds": [{"name": one.name, "url": one.url} for one in feeds.values()],
        "stories": [
            {"id": one.id, "title": one.title, "feed": feeds[one.feed_id].name}
            for one in await work.feeds.stories(limit=NEWEST)
        ],
        "media": [
            {"id": one.id, "kind": one.kind, "title": one.title, "state": one.state}
            | ({"sent_just_now": True} if one in sent else {})
            for one in media
        ],
        "reels": [{"id": one.id, "title": one.title} for one in await work.productions.recent(limit=NEWEST)],
        "posts": [
            {
                "id": one.id,
                "persona": personas[one.persona_id].name,
                "text": one.text,
                "due_at": one.due_at.isoformat(),
                "state": one.state,
            }
            for one in posts
            if one.persona_id in personas
        ],
        "jobs": [
            {"id": one.id, "kind": one.kind, "state": one.state, "title": titles.get(one.asset_id or "", "")}
            for one in jobs
        ],
    }


async def _sent_now(work: Work, newest: list[Message]) -> list[Asset]:
    """What came with the messages that are being answered: "this picture" is the first of them."""
    spoken = max((n for n, one in enumerate(newest) if one.author != "operator"), default=-1)
    return await work.assets.sent_with([one.id for one in newest[spoken + 1 :] if one.assets])


async def _named(work: Work, newest: list[Message], personas: list[str]) -> list[Asset]:
    """Media that an operator may have called by their titles, however long ago they were made."""
    said = " ".join(one.text[:_HEARD] for one in [one for one in newest if one.author == "operator"][-3:])
    words = dict(list(titles.weighed(said, skip=personas).items())[-_WORDS:])
    return await work.assets.called(words, kind=KINDS, least=2, limit=2 * NEWEST)
