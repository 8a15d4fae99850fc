"""Is a workspace's media counted right, bounded where it is to be, and removed only when nothing needs it?"""

import asyncio
from typing import Any

import pytest

from gator.clock import now
from gator.errors import Conflict, Refused
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import sharing, storage
from memory.models import Asset, Post, Token
from memory.store import Store
from memory.work import Work
from tools.capability import Turn
from tools.pictures import DrawCardAsk, draw_card


async def add(work: Work, sha256: str, **about: Any) -> Asset:
    id = new_id()
    known = {"kind": "picture", "size_bytes": 400_000, "title": "A heron"}
    await work.assets.take(id, sha256=sha256.ljust(64, "0"), **(known | about))
    return await work.assets.get(id)


async def test_equal_files_count_once_and_each_workspace_by_itself(
    store: Store, operator: Principal, settings: Settings
) -> None:
    async with store.open_work(operator) as work:
        for sha256 in ("a", "a", "b"):
            await add(work, sha256)
        await work.jobs.queue("picture.card", {"text": "x"}, key="x", makes="picture")
        found = await storage.usage(work, settings)
    assert (found.files, found.size_bytes, found.is_full) == (4, 800_000, False)
    async with store.open_work(Principal(new_id(), operator.kind, operator.subject), reads=True) as work:
        assert (await storage.usage(work, settings)).files == 0


@pytest.mark.parametrize("limit", [{"media_quota_mb": 1}, {"media_quota_files": 3}])
async def test_at_a_limit_no_job_is_queued_and_what_was_queued_is_told_again(turn: Turn, limit: dict[str, int]) -> None:
    settings = turn.settings.model_copy(update=limit)
    turn = Turn(principal=turn.principal, store=turn.store, settings=settings, id=turn.id)
    async with turn.open_work() as work:
        await add(work, "a", size_bytes=600_000)
        await add(work, "b", size_bytes=399_999)
    first = await draw_card(DrawCardAsk(text="There is room"), turn)
    async with turn.open_work() as work:
        await add(work, "c")
    assert await draw_card(DrawCardAsk(text="There is room"), turn) == first
    with pytest.raises(Refused, match=r"no room left for media.+GATOR_MEDIA_QUOTA_MB"):
        await draw_card(DrawCardAsk(text="There is none"), turn)


async def test_of_many_who_ask_at_once_no_more_are_served_than_there_is_room_for(turn: Turn) -> None:
    settings = turn.settings.model_copy(update={"media_quota_files": 2})

    async def ask(words: str) -> bool:
        mine = Turn(principal=turn.principal, store=turn.store, settings=settings, id=new_id())
        try:
            await draw_card(DrawCardAsk(text=words), mine)
        except Refused:
            return False
        return True

    assert sorted(await asyncio.gather(*map(ask, "abcdef"))) == [False] * 4 + [True] * 2


async def test_what_a_post_or_a_job_needs_is_not_removed_and_all_else_goes_with_its_links(
    store: Store, operator: Principal, fan: Principal, settings: Settings
) -> None:
    async with store.open_work(operator) as work:
        posted, needed, free = [await add(work, name) for name in ("a", "b", "c")]
        await work.posts.plan(Post(persona_id=str(fan.persona), assets=[posted.id], due_at=now(), key="p"))
        await work.jobs.queue("video.make", {}, key="v", makes="video", needs=[needed.id])
        for asset in (posted, needed):
            with pytest.raises(Conflict, match="A post, a job, a face or a consent needs"):
                await storage.remove(work, asset.id)
        await sharing.share(work, settings, free.id, sharing.LONGEST)
        assert await storage.remove(work, free.id) == "c".ljust(64, "0")
    async with store.open_work(operator, reads=True) as work:
        row = await work.assets.get(free.id)
        assert (row.state, row.sha256, row.title, row.size_bytes) == ("removed", "", "", 0)
        assert await work.people.tokens(free.id) == []
        assert {one.id for one in await work.assets.recent(state="ready")} == {posted.id, needed.id}


async def test_a_link_says_what_is_over_and_nothing_of_what_is_not_there(
    store: Store, operator: Principal, settings: Settings
) -> None:
    async with store.open_work(operator) as work:
        asset = await add(work, "a")
        link = await sharing.share(work, settings, asset.id, sharing.SHORTEST)
        (row,) = await work.people.tokens(asset.id)
    query = dict(part.split("=") for part in link.url.partition("?")[2].split("&"))
    opened = await sharing.shared(store, settings, asset.id, int(query["exp"]), query["n"], query["sig"])
    assert opened.id == asset.id
    assert query["sig"] not in repr(vars(row))
    other_key = settings.model_copy(update={"secret_key": type(settings.secret_key)("another key than before")})
    other_key.__dict__.pop("secret", None)
    with pytest.raises(Refused, match="nothing at this address"):
        await sharing.shared(store, other_key, asset.id, int(query["exp"]), query["n"], query["sig"])
    async with store.open_work(operator) as work:
        assert isinstance(row, Token)
        assert await sharing.revoke(work, asset.id) == 1
        assert await sharing.revoke(work, asset.id) == 0
