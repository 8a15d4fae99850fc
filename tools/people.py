"""Who was it? The names that people know, in place of what rows keep (`operator:ID`). Conversations' own are `bots.inbox`."""

from collections.abc import Iterable

from memory.work import Work


async def who(work: Work, actors: Iterable[str]) -> dict[str, str]:
    """Each actor in words: a person's name, else what kind of one it was; empty for nobody."""
    ids = {actor: actor.partition(":")[2] for actor in actors}
    names = await work.handoffs.user_names([id for id in ids.values() if id])
    return {actor: names.get(id) or actor.partition(":")[0] for actor, id in ids.items()}
