"""What exactly should the reel be, or be made again of it? Clauses about reels as steps of a plan.

Neighbours: reels (which says that it is about one), fill_videos (videos of media), contents, options.
"""

import re
from typing import Any

from agents.builtin import contents, options, titles
from agents.builtin.counting import ordinal, whole
from agents.builtin.desk import Ask, Cannot, Desk
from agents.builtin.fill_feeds import read_new_feed
from agents.builtin.heads import Reading
from agents.builtin.owners import IT, for_whom, without_persona
from agents.builtin.reels import POSTS, SCENE, THUMBNAIL, moving
from agents.builtin.references import Story
from agents.builtin.said import Said

SHORTEST_S, LONGEST_S = 5, 120
# What is written for -> how people call it.
_PLATFORMS = {
    "instagram": r"instagram|insta|ig",
    "tiktok": r"tik ?tok",
    "youtube": r"you ?tube|yt",
    "facebook": r"facebook|fb",
    "threads": r"threads",
    "x": r"twitter|x(?= (?:and|,)|$)",
    "bluesky": r"blue ?sky",
    "mastodon": r"mastodon",
    "linkedin": r"linked ?in",
    "pinterest": r"pinterest",
    "telegram": r"telegram",
    "discord": r"discord",
}
_ANY_PLATFORM = "|".join(_PLATFORMS.values())
_FOR_PLATFORMS = re.compile(
    rf",?\s*\b(?:for|with captions for|captions for)\s+(?:{_ANY_PLATFORM})(?:(?:\s*,\s*|\s*,?\s+and\s+)(?:{_ANY_PLATFORM}))*\b"
)
# A reel that is called by the place where it goes: "a tiktok about bees".
_CALLED = {
    "tiktok": r"\b(?:tik ?tok)(?: (?:video|clip|reel))?\b",
    "youtube": r"\b(?:(?:you ?tube|yt) (?:short|video)|shorts?(?= (?:about|on|with)\b))\b",
    "instagram": r"\b(?:instagram|insta|ig) (?:reel|video)\b",
}
_LANGUAGE = re.compile(r"(?<=\breel)\s+in (german|english)\b")
_TAGS = {"german": "de", "english": "en"}
_ANOTHER = re.compile(r"\b(?:another|one more|noch ein(?:e|en)?)\b")
_WITH_PERSONA = re.compile(
    r",?\s*\b(?:with|by|as|starring|featuring|for|from|narrated by|spoken by)\s+(§p\d+)(?!'s)(?:\s+in it)?\b"
)


def make_reel(reading: Reading, desk: Desk) -> None:
    said = reading.said
    length, said = options.duration(said)
    if length is not None and not SHORTEST_S <= length <= LONGEST_S:
        raise Cannot(f"A reel can be between {SHORTEST_S} seconds and two minutes long.")
    language, said = _language(said)
    platforms, said = _platforms(said)
    moves, said = moving(said)
    shape, said = options.video_format(said)
    title, said = contents.title(said)
    persona = for_whom(reading, said, desk) or desk.persona(said, reading.agent, of=" should be in it")
    said = _without_persona(said)
    about, story, text = _subject(said, desk)
    desk.put(
        "make_reel", topic=about, story=story, text=text or None, persona=persona, length_s=length, format=shape,
        platforms=platforms, title=title or None, moving=moves, language=language,
        again=_ANOTHER.search(reading.said.read) is not None or None,
    )  # fmt: skip


def _platforms(said: Said) -> tuple[list[str] | None, Said]:
    hit = _FOR_PLATFORMS.search(said.read)
    if not hit:
        called = next((name for name, form in _CALLED.items() if re.search(form, said.read)), None)
        return [called] if called else None, said
    return [name for name, form in _PLATFORMS.items() if re.search(rf"\b(?:{form})\b", hit[0])], said.without(
        *hit.span()
    )


def _language(said: Said) -> tuple[str | None, Said]:
    """What is spoken in it: the language in which it was asked for, where that was German."""
    hit = _LANGUAGE.search(said.read)
    return (_TAGS[hit[1]], said.without(*hit.span())) if hit else (None, said)


def _without_persona(said: Said) -> Said:
    if hit := _WITH_PERSONA.search(said.read):
        said = said.without(*hit.span())
    return without_persona(said)


def _subject(said: Said, desk: Desk) -> tuple[Any, Any, str]:
    """What it is about, the story it tells, the words that are said in it."""
    if quoted := said.quotes():
        about = contents.topic(said, loose=False)
        return (about, None, "") if about in quoted else (about or None, None, quoted[0])
    story, _ = contents.story(said)
    if story:
        if not story.words:
            read_new_feed(said, desk)
        return None, Story(story.place, story.words), ""
    topic = contents.topic(said, loose=False) or contents.topic(said)
    if not topic or re.fullmatch(rf"\s*{IT}[\s.!?]*", topic):
        raise Ask("What should the reel be about?", " about ")
    return topic, None, ""


def redo_reel(reading: Reading, desk: Desk) -> None:
    said, read = reading.said, reading.read
    scene = _scene(read)
    step, args = _step(read, scene, said)
    if step in ("scene", "picture", "clip") and scene is None:
        raise Ask("Which scene?", " scene ")
    desk.put("redo_reel", reel=_which(said, desk), step=step, scene=scene, **args)


def _which(said: Said, desk: Desk) -> str | None:
    """The reel that is named by its title; None: the newest."""
    if not re.search(r"\breel\b", said.read):
        return None
    named = titles.named(said.text(), desk.rows("reels"), skip=desk.personas)
    return str(named[0].rows[0]["id"]) if len(named) == 1 and len(named[0].rows) == 1 else None


def show_reel(reading: Reading, desk: Desk) -> None:
    desk.put("show_reel", reel=_which(reading.said, desk))


def _step(read: str, scene: int | None, said: Said) -> tuple[str, dict[str, Any]]:
    if re.search(r"\bscript\b|\breel (?:\w+ )?(?:shorter|longer)\b", read):
        wish = re.search(r"\b(short|long|length)(?:er|en)\b", read)
        return "script", {"wish": ("shorter" if wish[1] == "short" else "longer") if wish else None}
    if THUMBNAIL.search(read):
        titled = re.search(r"\b(?P<how>with(?:out)?|no)\b.*\b(?:title|words|text|letters)\b", read)
        return "thumbnail", {"titled": titled["how"] == "with"} if titled else {}
    if scene is None and POSTS.search(read):
        return "posts", {}
    return _of_scene(read, said)


def _of_scene(read: str, said: Said) -> tuple[str, dict[str, Any]]:
    marked = SCENE.search(said.read)
    rest = said.cut(marked.end(), len(said.read)) if marked else said
    if hit := re.search(r"\b(?:says?|saying|reads?)\b\s*:?\s*", rest.read):
        return "scene", {"say": _words(rest, hit.end())}
    if hit := re.search(r"\b(?:shows?|showing)\b\s*:?\s*", rest.read):
        return "scene", {"show": _words(rest, hit.end())}
    if re.search(r"\b(?:voice(?:-?over)?|recording|narration|speech|audio)\b", read):
        return "voice", {}
    if re.search(r"\bclip\b", read):
        return "clip", {}
    return ("picture" if re.search(r"\b(?:picture|image|card)\b", read) else "scene"), {}


def _words(said: Said, start: int) -> str:
    quotes = said.quotes()
    words = quotes[0] if quotes else contents.tidy(said, start)
    if not words:
        raise Ask("Which words?", " say: ")
    return words


def _scene(read: str) -> int | None:
    hit = SCENE.search(read)
    if hit is None:
        return None
    return whole(hit["after"]) if hit["after"] else ordinal(hit["before"])
