"""What exactly is to be filmed? A clause about a video as a step of a plan: its pictures, its voice, its music, its words.

Neighbours: titles (media by name), options (formats and lengths), references (what "both" stands for).
"""

import re

from agents.builtin import contents, options, titles
from agents.builtin.counting import COUNT, whole
from agents.builtin.desk import Ask, Cannot, Desk, either
from agents.builtin.heads import Reading, plainly
from agents.builtin.owners import for_whom
from agents.builtin.references import Handle
from agents.builtin.said import Said

BARE = re.compile(
    r"(?:(?:make|create|do|build|produce|render|cut|film|shoot|generate|give|get|want|need|prepare)(?: me"
    r"| us)? )?(?:an? |one )?"
    r"(?:new |short |little )?(?:video|clip|reel|film|vid|movie)(?: please| now| made| done)?"
)


def make_video(reading: Reading, desk: Desk) -> None:
    said = reading.said
    length, said = options.duration(said)
    shape, said = options.video_format(said)
    captions, said = _captions(said)
    title, said = contents.title(said)
    persona = for_whom(reading, said, desk)
    music, said = _music(said, desk)
    if BARE.fullmatch(plainly(said).read.rstrip(" .!?")):
        _which_pictures(desk)
    pictures = pictures_meant(said, desk)
    speech = _speech(said, desk)
    speech = None if speech == music else speech
    if length is not None and not 1 <= length <= 180:
        raise Cannot("A video can be between 1 second and 3 minutes long.")
    if not pictures:
        raise Ask(
            "Which picture should the video show? There is none yet: tell me what a card should say, and I"
            " draw it first.",
            " with a card saying: ",
            "picture",
        )
    desk.put(
        "make_video",
        pictures=pictures,
        speech=speech,
        captions=captions,
        music=music,
        format=shape,
        duration_s=length,
        title=title or None,
        persona=persona,
    )


def _which_pictures(desk: Desk) -> None:
    """A video of nothing that was named: of several pictures it must be asked which."""
    rows = [row for row in desk.rows("media") if row.get("kind") == "picture"]
    if len(rows) > 1 and not desk.media_of("picture"):
        raise Ask(
            f"Which picture should the video show: {either([str(row.get('title')) for row in rows[:5]])}?",
            " of ",
            "picture",
        )


def _captions(said: Said) -> tuple[str | None, Said]:
    none = re.search(
        r",?\s*\b(?:(?:with )?no|without(?: any)?|w/o(?: any)?|don't (?:add|show|burn in|use)(?: any)?|skip the"
        r"|leave out the|and no)\s+(?:captions?|subtitles?|subs|text)(?: on it)?\b"
        r"|,?\s*\b(?:(?:with )?(?:the )?(?:captions?|subtitles?|subs) (?:switched |turned )?(?:off|out)|(?:switch|turn)"
        r" (?:off )?the (?:captions|subtitles)(?: off)?|(?:captions?|subtitles?)[- ]free|uncaptioned)\b",
        said.read,
    )
    if none:
        return "", said.without(*none.span())
    given = re.search(
        r",?\s*\b(?:and |with )*(?:the )?(?:captions?|captioned|subtitles?|subtitled)\s*(?:saying|that says?"
        r"|reading|:|of|is|are|(?:should|must|to) (?:say|be|read))?\s*(§q\d+)",
        said.read,
    ) or re.search(r"(§q\d+)\s+as (?:the )?(?:captions?|subtitles?)", said.read)
    if given:
        return said.kept.quotes[int(given[1][2:])], said.without(*given.span())
    return None, said


def pictures_meant(said: Said, desk: Desk) -> list[Handle | str]:
    """The pictures meant: by id, both, all, the last few, or the newest."""
    if ids := [
        one
        for one in said.ids()
        if any(row["id"] == one and row.get("kind") == "picture" for row in desk.rows("media"))
    ]:
        return list(ids)
    made = desk.media_of("picture")
    if titled := titled_media(said, desk, "picture"):
        return list(titled)
    several = re.search(
        rf"\b(?:last|latest|newest|these|those|the|my|our|both|all)?\s*({COUNT})\s+(?:\w+\s+)?(?:cards"
        rf"|pictures|images|graphics|photos|pics)\b",
        said.read,
    )
    wanted = whole(several[1]) if several else None
    if re.search(r"\bboth (?:(?:of )?(?:the|my|our|these|those) )?(?:cards|pictures|images|photos|pics)\b", said.read):
        wanted = 2
    if wanted:
        found = [desk.medium("picture", place) for place in range(wanted, 0, -1)]
        there = [one for one in found if one is not None]
        if there and len(there) < wanted:
            raise Cannot(
                f"There {'is only one picture' if len(there) == 1 else f'are only {len(there)} pictures'} so far."
            )
        return there
    if made and re.search(r"\b(?:all|every|cards|pictures|images|them|these|those|both)\b", said.read):
        return list(made)
    if (
        made
        and len(made) > 1
        and not re.search(r"\bthe (?:last|second|first|latest) (?:card|picture|image)\b", said.read)
    ):
        return list(made)
    if re.search(r"\b(?:all|every) (?:the |my |our |of the )?(?:cards|pictures|images)\b", said.read):
        everything: list[Handle | str] = [
            *(str(row["id"]) for row in reversed(desk.rows("media")) if row.get("kind") == "picture")
        ]
        return everything[-20:]
    newest = desk.medium("picture")
    return [newest] if newest is not None else []


NOUNS = {
    "picture": "pictures?|cards?|images?|photos?|pics?",
    "voice": "voice-?overs?|voice overs?|recordings?|voices?|narrations?|audio|speech",
    "video": "videos?|clips?|reels?",
}


def titled_media(said: Said, desk: Desk, kind: str) -> list[str]:
    """Media called by their titles: "the spring sale picture". Asks when a title is two media's; refuses one that is none's."""
    text = _without_marks(said)
    rows = [row for row in desk.rows("media") if row.get("kind") == kind]
    found = [one for one in titles.named(text, rows, skip=desk.personas) if not _other_kind(text[one.end :], kind)]
    others = [row for row in desk.rows("media") if row.get("kind") != kind]
    better = titles.named(text, others, skip=desk.personas)
    found = [one for one in found if not any(_covers(other, one) for other in better)]
    for one in found:
        if (
            len({str(row.get("id")) for row in one.rows}) > 1
            and len({str(row.get("title")).lower() for row in one.rows}) > 1
        ):
            raise Ask(f"Which {kind} do you mean: {either([str(row.get('title')) for row in one.rows])}?", " ", kind)
    if not found and not desk.media_of(kind) and (strange := titles.unknown(text, NOUNS[kind], desk.personas)):
        there = ", ".join(str(row.get("title")) for row in rows[:5])
        raise Cannot(f"I find no {kind} called {strange}." + (f" There are: {there}." if there else ""))
    return [str(one.rows[0]["id"]) for one in found]


def _covers(other: titles.Named, one: titles.Named) -> bool:
    """Whether a medium of another kind is called by these words and more."""
    return other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start


def _without_marks(said: Said) -> str:
    return re.sub(r"[\"“”„«»]", " ", said.text())


def _other_kind(after: str, kind: str) -> bool:
    """Whether the noun that follows says that another kind of thing is meant."""
    hit = re.match(r"\s+(?:[\w'-]+\s+)?", after)
    other = "|".join(words for name, words in NOUNS.items() if name != kind)
    return bool(re.match(rf"\s*(?:{other}|post|story|stories)\b", after.lower())) if hit else False


def named_medium(said: Said, desk: Desk, kind: str) -> str | None:
    """A medium called by words of its title: the card about whales, "Hello" card."""
    from agents.builtin.references import matches

    about = re.search(
        r"\b(?:card|picture|image|voice-?over|recording|video|clip)\s+(?:about|on|saying|that says|titled"
        r"|called|with)\s+(§q\d+|[^,;]+?)(?=\s*(?:,|;|$|\band\b|\bwith\b|\bas\b|\bin\b|\bfor\b|\bat\b))",
        said.read,
    )
    if not about:
        return None
    words = said.spoken(about.start(1), about.end(1))
    return next(
        (
            str(row["id"])
            for row in desk.rows("media")
            if row.get("kind") == kind and matches(words, str(row.get("title", "")))
        ),
        None,
    )


def _speech(said: Said, desk: Desk) -> Handle | str | None:
    """The voice-over: named, or one of both, or made in this same request; a video asked for silent has none."""
    if re.search(
        r"\b(?:without|no) (?:a |any )?(?:voice-?over|voice over|speech|sound|audio|voice|narration)\b"
        r"|\b(?:silent|mute)\b",
        said.read,
    ):
        return None
    if ids := [
        one for one in said.ids() if any(row["id"] == one and row.get("kind") == "voice" for row in desk.rows("media"))
    ]:
        return ids[0]
    if titled := titled_media(said, desk, "voice"):
        return titled[0]
    made = desk.media_of("voice")
    if made:
        return made[-1]
    if re.search(
        r"\b(?:both|the two|voice-?overs?|voice|speech|narration|recording|audio|them|those|these|all of (?:it|that)"
        r"|everything|reading)\b",
        said.read,
    ) and not re.search(r"\bboth (?:of the )?(?:cards|pictures|images)\b", said.read):
        if len(desk.media_of("picture")) > 1 and not re.search(
            r"\bvoice|speech|narration|recording|audio\b", said.read
        ):
            return None  # "both" are the two pictures just made
        voice = desk.medium("voice")
        if voice is None and re.search(r"\b(?:voice-?over|voice|speech|narration|recording|audio)\b", said.read):
            raise Ask("What should the voice-over say? There is none yet.", " with a voice-over saying: ", "voice")
        return voice
    return None


BEHIND = (
    r"\s*(?:as|for)\s+(?:the\s+)?(?:background\s+)?(?:music|sound|track|soundtrack)"
    r"|\s*(?:underneath|under (?:it|that|them)|in the background|behind it|playing)"
)


def _music(said: Said, desk: Desk) -> tuple[str | None, Said]:
    """The sound that plays underneath: by id, or by its title; and what is left to read."""
    hit = re.search(
        r"\b(?:music|soundtrack|song|background (?:track|sound|tune)|underneath|in the background|under it|behind it)\b",
        said.read,
    )
    if not hit or re.search(r"\b(?:no|without)(?: any)? (?:background )?music\b", said.read):
        return None, said
    after = said.cut(hit.start(), len(said.read))
    if ids := after.ids():
        return ids[0], said
    sounds = [row for row in desk.rows("media") if row.get("kind") not in ("picture", "video")]
    text = said.text().lower()
    for one in titles.named(text, sounds, skip=desk.personas):
        lead = re.search(
            r"(?:music|soundtrack|song|track|background)\s*(?:is|:|from|of|should be|by|being|called"
            r"|use)?\s*(?:the\s+)?[\"'“‘]?$",
            text[: one.start],
        )
        if lead or re.match(rf"[\"'”’]?(?:{BEHIND})", text[one.end :]):
            title = re.escape(text[one.start : one.end])
            spot = re.search(title, said.read)
            return str(one.rows[0]["id"]), said.without(*spot.span()) if spot else said
    raise Ask("Which music? Tell me the id of a sound of yours.", " music ", "id")
