"""Which media may be shown in a conversation? To operators all of it; to a fan what is fit for them, and nothing unrated (L11).

Mature media are for fans of proven age, and only where GATOR_MATURE_MEDIA lets these be shown. What a fan sent, or was given of
their own memory, carries no rating that speaks: it is theirs, and other checks keep it so.
"""

from collections.abc import Collection

from agents.care.ages import may_see
from memory.models import Asset, Conversation
from memory.work import Work


async def fit_for(work: Work, conversation: Conversation, ids: Collection[str], *, mature: bool) -> dict[str, Asset]:
    """Those of the assets that are ready and may be shown there; mature ones only where `mature`."""
    return await fit_for_fan(work, conversation.fan_id, ids, mature=mature)


async def fit_for_fan(work: Work, fan: str | None, ids: Collection[str], *, mature: bool) -> dict[str, Asset]:
    """As `fit_for`; no fan: an operator looks."""
    there = {id: one for id, one in (await work.assets.by_ids(ids)).items() if one.state == "ready"}
    rated = [one for one in there.values() if one.rating != "general" and not _is_theirs(one)]
    if fan is None or not rated:
        return there
    state = (await work.people.fan(fan)).age_state
    hidden = {one.id for one in rated if not mature or not may_see(state, one.rating)}
    return {id: one for id, one in there.items() if id not in hidden}


def _is_theirs(asset: Asset) -> bool:
    return asset.origin == "fan" or asset.fan_id is not None
