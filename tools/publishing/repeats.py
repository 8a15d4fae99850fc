"""Has the persona posted this before? Named to the person who is asked for a yes; nothing is refused for it."""

from memory.looks import alike, parsed
from memory.models import Asset, Post
from memory.work import Work
from prompts.words import say
from tools.unseen import with_unseen_shown
from tools.wording import clock_time

_LOOKED_BACK = 500  # posts


async def posted_before(work: Work, post: Post, language: str) -> list[str]:
    """A sentence for each of the post's media that this persona's gallery has shown, or that looks like one it has."""
    media = await work.assets.by_ids(post.assets)
    if not media:
        return []
    published = await work.posts.published(post.persona_id, _LOOKED_BACK)
    shown = await work.assets.by_ids({id for one in published for id in one.assets})
    told = []
    for asset in media.values():
        earlier = next((one for one in published if _shows(one, asset, shown)), None)
        if earlier and earlier.published_at:
            name = with_unseen_shown(asset.title) or asset.kind
            when = clock_time(earlier.published_at, post.zone, language)
            told.append(say("ask_shown_before", language, name=name, when=when))
    return told


def _shows(post: Post, asset: Asset, shown: dict[str, Asset]) -> bool:
    if asset.id in post.assets:
        return True
    own = parsed(asset.looks)
    return any(alike(own, parsed(shown[id].looks)) for id in post.assets if id in shown)
