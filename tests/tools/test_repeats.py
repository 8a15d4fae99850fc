"""What looks alike is named: in the list of media, over REST's query, and to whoever approves a post."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gator import clock
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Asset
from tools.capability import Turn
from tools.media import ListMedia, MediaList, list_media
from tools.publishing.capabilities import preview_post, schedule_post
from tools.publishing.shapes import SchedulePost

HERON, NEARLY, FOX = "00ff" * 16, "00ff" * 15 + "00f8", "0f0f" * 16
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)


async def add(turn: Turn, looks: list[str], kind: str = "picture", **fields: Any) -> str:
    async with turn.open_work() as work:
        row = Asset(
            workspace=turn.principal.workspace, kind=kind, state="ready", mime="image/png", looks=looks, **fields
        )
        work.session.add(row)
        await work.session.flush()
        return row.id


async def test_the_list_of_media_names_what_looks_alike(turn: Turn) -> None:
    heron, copy = await add(turn, [HERON]), await add(turn, [NEARLY])
    await add(turn, [FOX])
    await add(turn, [])
    await add(turn, [HERON, FOX], kind="video")
    await add(turn, [HERON], kind="video")

    listed = await list_media(ListMedia(), turn)
    assert isinstance(listed, MediaList)
    alike = {item.id: item.repeats for item in listed.items if item.repeats}
    assert alike == {heron: [copy], copy: [heron]}  # a picture is no repeat of a video, nor a film of its first frame
    assert listed.in_words().count("looks like 1 other") == 2


async def test_what_fans_sent_and_what_is_gone_is_no_repeat(turn: Turn) -> None:
    heron = await add(turn, [HERON])
    await add(turn, [HERON], origin="fan")
    sent = await add(turn, [HERON], origin="operator")
    gone = await add(turn, [HERON])
    async with turn.open_work() as work:
        (await work.assets.get(gone)).state = "removed"
    async with turn.open_work(reads=True) as work:
        found = await work.assets.repeats([await work.assets.get(heron)])
    assert [one.id for one in found[heron]] == [sent]


async def test_who_approves_a_post_is_told_that_the_persona_posted_it_before(turn: Turn, fan: Principal) -> None:
    with clock.set_to(lambda: MONDAY):
        heron, copy = await add(turn, [HERON], title="A heron"), await add(turn, [NEARLY], title="At dawn")
        fox = await add(turn, [FOX], title="A fox")
        await schedule_post(SchedulePost(persona="Nova", assets=[heron]), replace(turn, id=new_id()))
        ask = SchedulePost(persona="Nova", text="Look", assets=[copy, fox], zone="UTC")
        _, told = await preview_post(ask, turn)
        _, same = await preview_post(ask.model_copy(update={"assets": [heron]}), turn)
        _, new = await preview_post(ask.model_copy(update={"assets": [fox]}), turn)
    assert told.endswith(". “At dawn” or its like was posted on Mon 2 Nov 2026, 08:00 (UTC)")
    assert "“A heron” or its like was posted" in same
    assert "or its like" not in new
