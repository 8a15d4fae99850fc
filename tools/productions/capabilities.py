"""A reel from one sentence: make it, see how far it is, make a step of it again. Doors: agents, REST, `gator reel`, the console.

The persona writes the script; pictures, voices, video and thumbnail are jobs. Nothing is posted.
"""

from datetime import timedelta
from typing import Any

from gator.clock import now
from gator.errors import NotFound, Refused
from memory.models import Persona, Production
from memory.work import Work
from tools.capability import STAFF, Effect, Turn, capability
from tools.clips import able
from tools.feeds import ReadFeeds, stored_stories
from tools.imagery import image_model
from tools.orders import seed_of
from tools.personas.character import Character
from tools.productions import showing
from tools.productions.doable import changed_script, check, check_made
from tools.productions.making import brief_of, carry_on, keep_words
from tools.productions.platforms import Platform, Words
from tools.productions.redoing import (
    named,
    persona_of,
    script_of,
    wanted_again,
    wanted_thumbnail,
)
from tools.productions.scenes import Look
from tools.productions.script import Script, lasts_s
from tools.productions.shapes import CUT_LOST, Brief, ListReels, MakeReel, NameReel, RedoReel, ReelList, ReelShown
from tools.productions.writing import Writer

_FOUND = 3  # stories on a topic that a script may quote
_WISHES = {"shorter": 0.7, "longer": 1.4}
_LEAST_S, _MOST_S = 5.0, 120.0
_NEWEST, _LATELY = 10, timedelta(minutes=10)  # reels among which one is looked for that was asked for before
_THERE_ALREADY = (
    "It was asked for just now and is still being made. For another one say so: “another reel …”, or `--again`."
)
_NOT_MOVING = "Its scenes are stills that move slowly: no video model is here to make clips of them (GATOR_CLIP_MODEL)."


# What it answers may hold a story's words, so it is labelled as words from outside are.
@capability(audience=STAFF, effect=Effect.write, outside=True)
async def make_reel(ask: MakeReel, turn: Turn) -> ReelShown:
    """Make a reel (a short video) about a topic or a story with a persona, whole: script, pictures, voice-over, captions burnt
    in, video, thumbnail, and caption texts for each platform. Nothing is published. It is ready in a minute or so.

    The same request twice in a turn is one reel; so is, but with `again`, the same within minutes while the first is made.
    Raises Refused where there is nothing to be about.
    """
    async with turn.open_work(reads=True) as work:
        known = await work.productions.known(turn.key(ask))
        if known is not None:
            return await showing.show(work, known)
        persona, character = await _persona(work, ask.persona)
        if (same := await _still_made(work, ask, persona, _brief(ask, turn, character, []))) is not None:
            return same
    writer = Writer(turn, persona, character, await _found(ask, turn))
    brief = _brief(ask, turn, character, writer.found)
    script = _with_media(await writer.script(brief, ask.title), ask.media)
    posts = await writer.posts(brief, script)
    async with turn.open_work() as work:
        await _check_music(work, ask.music)
        await _check_media(work, [scene.asset for scene in script.scenes if scene.asset])
        kept = brief.model_dump(mode="json")
        production, new = await work.productions.begin(turn.key(ask), script.title, persona.id, kept)
        if new:
            await keep_words(work, production, "script", script.model_dump(mode="json"))
            await carry_on(work, turn, production, Look(brief, script, persona, character))
            if posts:
                await keep_words(work, production, "posts", _dumped(posts))
            await work.audit.note("reel.make", production.id)
        still = _NOT_MOVING if ask.moving and not brief.moving else ""
        note = " ".join(filter(None, (_note(brief, script, character), still)))
        return await showing.show(work, production, note)


async def _still_made(work: Work, ask: MakeReel, persona: Persona, wanted: Brief) -> ReelShown | None:
    """The reel that was asked for in the same way a little while ago and is not done."""
    for one in [] if ask.again else await work.productions.recent(limit=_NEWEST):
        lately = one.persona_id == persona.id and one.created_at > now() - _LATELY
        if lately and _is_the_same(ask, wanted, brief_of(one), one.title):
            shown = await showing.show(work, one, _THERE_ALREADY)
            if shown.state == "making":
                return shown
    return None


def _is_the_same(ask: MakeReel, wanted: Brief, brief: Brief, title: str) -> bool:
    """Whether a reel of that brief is what is wanted now, too; what nobody said now may be anything."""
    said = [name for name in ("format", "platforms") if name in ask.model_fields_set]
    return (
        (wanted.topic.casefold() == brief.topic.casefold() or (not wanted.topic and ask.story is not None))
        and all(
            _told(wanted, name) == _told(brief, name)
            for name in ("story", "text", "length_s", "music", "moving", "language", *said)
        )
        and ask.title in ("", title)
        and not ask.media
    )


def _told(brief: Brief, name: str) -> Any:
    told = getattr(brief, name)
    return set(told) if isinstance(told, tuple) else told


@capability(audience=STAFF, effect=Effect.write, outside=True)
async def redo_reel(ask: RedoReel, turn: Turn) -> ReelShown:
    """Make one step of a reel again: the script (shorter, longer, another), a scene or its picture, clip or voice, the video,
    the thumbnail (another frame, or of a scene), the caption texts. What depends on it is made again, what does not is kept.
    """
    async with turn.open_work(reads=True) as work:
        id = (await named(work, ask.reel)).id
    while (made := await _made_again(id, ask, turn)) is None:
        pass  # another redo changed the reel while the persona wrote, so this one begins with what that left
    return made


async def _made_again(id: str, ask: RedoReel, turn: Turn) -> ReelShown | None:
    """The reel with that step made again; nothing where it is another than it was when its script was read."""
    async with turn.open_work(reads=True) as work:
        production = await work.productions.get(id)
        read = production.brief
        brief, script = brief_of(production), await script_of(work, production)
        if brief.redone == turn.key(ask):
            return await showing.show(work, production)
        persona, character = await persona_of(work, production)
        story = await _story(work, brief.story)
    check(ask, script, brief, turn.settings)
    writer = Writer(turn, persona, character, story or await _on_topic(brief.topic, turn))
    brief = brief.model_copy(update={"redone": turn.key(ask)})
    before = script
    if ask.step == "script":
        take = (await _take(turn, id, "script")) + 1
        wished = min(max(brief.length_s * _WISHES.get(ask.wish, 1.0), _LEAST_S), _MOST_S)
        brief = brief.model_copy(update={"length_s": wished, "text": ""})
        script = await writer.script(brief, production.title, before=before, wish=ask.wish, take=take)
    else:
        script = changed_script(ask, script, brief)
        brief = brief.model_copy(update={"thumbnail": wanted_thumbnail(ask, brief)})
    posts: dict[Platform, Words] = {}
    if ask.step == "posts" or script.said != before.said:
        posts = await writer.posts(brief, script, await _take(turn, id, "posts") + (ask.step == "posts"))
    async with turn.open_work() as work:
        await _check_media(work, [ask.asset] if ask.asset else [])
        production = await work.productions.locked(id)
        if production.brief != read:  # which names the last redo
            return None
        production.brief = brief.model_dump(mode="json")
        await keep_words(work, production, "script", script.model_dump(mode="json"))
        edited = await _edited(work, production)
        made = await carry_on(
            work, turn, production, Look(brief, script, persona, character), wanted_again(ask, script, before)
        )
        check_made(ask, bool(made or posts))
        if posts:
            await keep_words(work, production, "posts", _dumped(posts))
        await work.audit.note("reel.redo", production.id, step=ask.step, scene=ask.scene)
        lost = CUT_LOST if edited and not await _edited(work, production) else ""
        note = " ".join(filter(None, (_note(brief, script, character) if "video" in made else "", lost)))
        return await showing.show(work, production, note)


@capability(audience=STAFF, effect=Effect.read, outside=True)
async def show_reel(ask: NameReel, turn: Turn) -> ReelShown:
    """Show a reel: how far it is, its script and its steps, and the caption texts for the platforms."""
    async with turn.open_work(reads=True) as work:
        return await showing.show(work, await named(work, ask.reel))


@capability(audience=STAFF, effect=Effect.read, outside=True)
async def list_reels(ask: ListReels, turn: Turn) -> ReelList:
    """List the reels, newest first, and how far each is."""
    async with turn.open_work(reads=True) as work:
        return ReelList(reels=await showing.seen(work, await work.productions.recent(limit=ask.limit)))


def _brief(ask: MakeReel, turn: Turn, character: Character, found: list[dict[str, str]]) -> Brief:
    drawn = not image_model(turn.settings, character.media.picture_model)
    begins, _ = able(turn.settings)
    return Brief(
        topic=ask.topic.strip() or (found[0]["title"] if found else ""),
        story=ask.story,
        text=ask.text.strip(),
        length_s=ask.length_s,
        format=ask.format if "format" in ask.model_fields_set else character.media.video_format,
        platforms=tuple(dict.fromkeys(ask.platforms)),
        music=ask.music,
        drawn=drawn,
        moving=ask.moving and bool(begins) and (not drawn or "text" in begins),
        look=seed_of(turn.key(ask)) % 2**31,
        language="" if character.languages or character.voice.language else ask.language or "",
    )


def _with_media(script: Script, media: list[str]) -> Script:
    """The script whose first scenes show what is there already. Raises Refused where there are fewer scenes."""
    if len(media) > len(script.scenes):
        raise Refused(
            f"The reel has {len(script.scenes)} scenes, and {len(media)} pictures and clips were given for them.",
            remedy="Give fewer of them, or make it longer.",
        )
    scenes = [
        scene.model_copy(update={"asset": media[place] if place < len(media) else ""})
        for place, scene in enumerate(script.scenes)
    ]
    return script.model_copy(update={"scenes": scenes})


def _dumped(posts: dict[Platform, Words]) -> dict[str, Any]:
    return {platform: words.model_dump(mode="json") for platform, words in posts.items()}


# What there is


async def _take(turn: Turn, id: str, step: str) -> int:
    """How often the step was made."""
    async with turn.open_work(reads=True) as work:
        kept = (await work.productions.steps(await work.productions.get(id))).get(step)
        return kept.take if kept else 1


async def _edited(work: Work, production: Production) -> bool:
    """Whether its video is one that was cut by itself."""
    return (await work.productions.steps(production))["video"].cut is not None


async def _persona(work: Work, name: str) -> tuple[Persona, Character]:
    persona = await work.personas.named(name)
    return persona, Character.model_validate(persona.character)


async def _story(work: Work, id: str | None) -> list[dict[str, str]]:
    """The story a reel tells, as a persona is told of it; none where it has gone from its feed."""
    if not id:
        return []
    try:
        story = await work.feeds.story(id)
        feed = await work.feeds.named(story.feed_id)
    except NotFound:
        return []
    return [{"title": story.title, "summary": story.summary, "feed": feed.name}]


async def _found(ask: MakeReel, turn: Turn) -> list[dict[str, str]]:
    """The story that was named, or those that feeds have on the topic. Raises Refused where there is no subject at all."""
    if not (ask.topic.strip() or ask.story or ask.text.strip()):
        raise Refused("What is the reel about?", remedy="Name a topic or a story, or give the words.")
    async with turn.open_work(reads=True) as work:
        if ask.story:
            await work.feeds.story(ask.story)  # raises NotFound
        if told := await _story(work, ask.story):
            return told
    return await _on_topic(ask.topic, turn)


async def _on_topic(topic: str, turn: Turn) -> list[dict[str, str]]:
    async with turn.open_work(reads=True) as work:
        if not topic.strip() or not await work.feeds.all():
            return []
    found = await stored_stories(ReadFeeds(about=topic.strip()[:200], limit=_FOUND, feed=None, only_new=False), turn)
    return [{"title": one.title, "summary": one.summary, "feed": one.feed} for one in found.stories]


async def _check_music(work: Work, id: str | None) -> None:
    """Raises Refused when there is no such recording."""
    if id is None:
        return
    sound = await work.assets.find(id)
    if sound is None or sound.kind != "voice" or sound.state in ("failed", "removed"):
        raise Refused(f"There is no recording {id}.", remedy="List the media to see what there is.")


async def _check_media(work: Work, ids: list[str]) -> None:
    """Raises Refused for what is no picture and no clip of the library."""
    there = await work.assets.by_ids(ids)
    for id in ids:
        found = there.get(id)
        if found is None or found.kind not in ("picture", "video") or found.state not in ("ready", "pending"):
            raise Refused(f"There is no picture or clip {id}.", remedy="List the media to see what there is.")
        if found.origin == "fan" or found.fan_id:
            raise Refused("What a fan sent stays in their conversation.", remedy="Use a picture of your own.")


def _note(brief: Brief, script: Script, character: Character) -> str:
    """Why the length, which is told beside it, is not what was asked for."""
    about_s = lasts_s([scene.say for scene in script.scenes], character.voice.speed)
    if brief.text and not 0.7 <= about_s / brief.length_s <= 1.25:
        return f"It is as long as its words, not {brief.length_s:.0f} s."
    if about_s < brief.length_s * 0.7:
        return (
            f"It is not {brief.length_s:.0f} s long: there was no more to say that somebody has said or written. Give me a"
            " story or the text to fill it."
        )
    if about_s > brief.length_s * 1.25:
        return f"It is longer than {brief.length_s:.0f} s: the words need that long."
    return ""
