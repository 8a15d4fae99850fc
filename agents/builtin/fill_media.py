"""What exactly is to be drawn, spoken, filmed, written? Clauses about media and texts as steps of a plan.

Neighbours: contents (words), options (formats and the like), references (what "both" stands for).
"""

import re
from typing import Any

from agents.builtin import contents, options, titles
from agents.builtin.counting import COUNT, whole
from agents.builtin.desk import Ask, Cannot, Desk, either
from agents.builtin.heads import Reading
from agents.builtin.references import Handle, Made, Story
from agents.builtin.said import Said

PICTURED = re.compile(r"\b(?:card|cards|quote|poster|tile|graphic)\b")
OWNER_TAIL = re.compile(
    r",?\s*\b(?:for|by|as|in|with|using|from|voice:|persona:)\s+(?:(?:our|my|the|persona|character"
    r"|voice of)\s+)*(?:§p\d+(?:'s)?|her|his|their)"
    r"(?:\s+(?:own\s+)?(?:voice|style|name|tone|gallery|account|page|words))?[\s.!?]*$|,\s*§p\d+[\s.!?]*$"
)
IT = r"(?:it|that|this|them|these|those)"


def draw_card(reading: Reading, desk: Desk) -> None:
    """Put down one card, or one for each of several stories."""
    said = reading.said
    stories = _several(said)
    shape, said = options.picture_format(said)
    design, said = options.design(said)
    headline, said = contents.headline(said)
    attribution, said = contents.attribution(said)
    persona = _for_whom(reading, said, desk)
    said = _without_persona(said)
    args: dict[str, Any] = {
        "headline": headline or None,
        "attribution": attribution or None,
        "design": design,
        "format": shape,
        "persona": persona,
    }
    for place in range(1, stories + 1):
        desk.put("draw_card", text=Story(place, name="title"), story=Story(place), **args)
    if stories:
        return
    text, story = _card_text(said, desk, headline)
    desk.put("draw_card", text=text, story=story, **args)


def _card_text(said: Said, desk: Desk, headline: str) -> tuple[Any, Any]:
    words = contents.written(said)
    story, rest = contents.story(said)
    if words and not (story and not said.quotes()):
        return words, story
    if story:
        return Story(story.place, story.words, "title"), story
    text = desk.made("text")
    if text is not None and re.search(rf"\b(?:{IT}|text|caption|post|same|words|quote|the line)\b", rest.read):
        return Made(text, "text"), None
    if desk.made("stories") is not None and re.search(rf"\b(?:{IT}|the (?:first|top)|one)\b|\babout\b", rest.read):
        return Story(name="title"), Story()
    if (
        re.search(r"\b(?:picture|image|photo|pic|illustration|drawing|portrait)\b", rest.read)
        and not PICTURED.search(rest.read)
        and re.search(r"\b(?:of|showing|with|about)\s+(?:an?|the|some|\w+)", rest.read)
    ):
        raise Cannot(
            "I draw typographic cards: words on a designed background, no scenes or photographs. Tell me what"
            " a card should say, and I draw it."
        )
    topic = contents.topic(rest, loose=False)
    if topic and re.fullmatch(rf"\s*{IT}[\s.!?]*", topic):
        topic = ""
    if topic:
        if named := _story_named(topic, desk):
            return Story(words=named, name="title"), Story(words=named)
        raise Ask("What should the card say?", " that says: ")
    if headline:
        return headline, None
    raise Ask("What should the card say?", " that says: ")


def _story_named(topic: str, desk: Desk) -> str:
    """The topic, where a story that was shown is about it."""
    from agents.builtin.references import matches

    return topic if any(matches(topic, str(row.get("title", ""))) for row in desk.rows("stories")) else ""


def _several(said: Said) -> int:
    """How many stories get one each: "each of the top three stories"."""
    hit = re.search(
        rf"\b(?:the |each of the |every one of the |all )?(?:top|first|latest|newest)\s+({COUNT})\s+(?:stories"
        rf"|headlines|articles|news)|\b(?:first|top) ({COUNT})\b(?= (?:stories|headlines))",
        said.read,
    )
    value = whole(hit[1] or hit[2]) if hit else None
    return value if value and 1 < value <= 10 else 0


def _for_whom(reading: Reading, said: Said, desk: Desk) -> str | None:
    """The persona whose medium it is: named outside the words of the medium, or the one made to do it."""
    if reading.agent:
        return desk.persona(reading.said, reading.agent)
    outside = said
    if not said.quotes():
        marks = [hit.start() for hit in (contents.SAYS.search(said.read), contents.COLON.search(said.read)) if hit]
        tail = OWNER_TAIL.search(said.read)
        if tail and marks and tail.start() > min(marks):
            outside = said.cut(*tail.span())
        elif marks:
            outside = said.cut(0, min(marks))
    if outside.named():
        return desk.persona(outside)
    if re.search(
        r"\b(?:for|by|as|in|with) (?:her|him|his|their|them)(?: (?:own )?(?:voice|style|name|tone))?\b", outside.read
    ) and (desk.created or desk.focus):
        return desk.persona(outside)
    return None


def _without_persona(said: Said) -> Said:
    """Blank "for Nova", "in Nova's voice" at the end, so that they are not read as content."""
    while hit := OWNER_TAIL.search(said.read):
        said = said.without(*hit.span())
    return said


def speak_text(reading: Reading, desk: Desk) -> None:
    said = reading.said
    for hit in list(re.finditer(r",?\s*\b(?:aloud|out loud|loudly|out(?= §q| loud))\b", said.read)):
        said = said.without(*hit.span())
    kind, said = options.sound_format(said)
    speed, said = options.speed(said)
    language, said = options.spoken_language(said)
    persona = _for_whom(reading, said, desk)
    said = _without_persona(said)
    text = _spoken_text(said, desk)
    if isinstance(text, Made) and persona is None and desk.steps[text.step].tool == "write_text":
        persona = desk.steps[text.step].args.get("persona")
    desk.put("speak_text", text=text, persona=persona, language=language, speed=_in_reach(speed), format=kind)


def _in_reach(speed: float | None) -> float | None:
    return None if speed is None else min(2.0, max(0.5, round(speed, 2)))


def _spoken_text(said: Said, desk: Desk) -> Any:
    words = contents.written(said)
    if words and not re.fullmatch(rf"{IT}|aloud|out loud", words.lower()):
        return words
    story, _ = contents.story(said)
    if story:
        return Story(story.place, story.words, "spoken")
    if (words := _plain_words(said)) and not re.search(rf"^(?:{IT})\b", words.lower()):
        return words
    for step in range(len(desk.steps) - 1, -1, -1):
        tool, args = desk.steps[step].tool, desk.steps[step].args
        if tool == "write_text":
            return Made(step, "text")
        if tool == "draw_card" and args.get("story") is not None:
            story = args["story"]
            return Story(story.place, story.words, "spoken") if isinstance(story, Story) else args["text"]
        if tool == "draw_card":
            return args["text"]
        if tool == "read_feeds":
            return Story(name="spoken")
    if earlier := _earlier_words(desk):
        return earlier
    raise Ask("What should be said?", " saying: ")


def _plain_words(said: Said) -> str:
    """Words right after the verb: "say good morning everyone"."""
    hit = re.search(
        r"^(?:say|speak|narrate|recite|pronounce|read (?:aloud|out(?: loud)?))\s+(?:aloud |out loud |the words? )?",
        said.read,
    ) or re.search(r"§p\d+ (?:say|speak|narrate|recite)\s+", said.read)
    if not hit:
        return ""
    words = contents.tidy(said, hit.end())
    return (
        ""
        if re.match(r"(?:it|that|this|the (?:text|caption|post|card|story|same)|something)\b", words.lower())
        else words
    )


def _earlier_words(desk: Desk) -> Any:
    """The words of what the request before this one made."""
    for step in reversed(desk.before):
        if step.tool in ("draw_card", "speak_text") and step.args.get("story") is not None:
            return step.args["text"]
        if step.tool in ("draw_card", "speak_text"):
            text = step.args.get("text")
            return None if isinstance(text, Made) else text
        if step.tool == "write_text":
            return desk.earlier_text() or None
    return None


def make_video(reading: Reading, desk: Desk) -> None:
    said = reading.said
    length, said = options.duration(said)
    shape, said = options.video_format(said)
    captions, said = _captions(said)
    title, said = contents.title(said)
    persona = _for_whom(reading, said, desk)
    music, said = _music(said, desk)
    pictures = _pictures(said, desk)
    speech = _speech(said, desk)
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


def _captions(said: Said) -> tuple[str | None, Said]:
    none = re.search(
        r",?\s*\b(?:(?:with )?no|without(?: any)?|don't (?:add|show|burn in|use)(?: any)?|skip the"
        r"|leave out the|and no)\s+(?:captions?|subtitles?|subs|text)(?: on it)?\b",
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


def _pictures(said: Said, desk: Desk) -> list[Handle | str]:
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
    if re.search(r"\bboth (?:of the )?(?:cards|pictures|images)\b", said.read):
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


def _without_marks(said: Said) -> str:
    return re.sub(r"[\"“”„«»]", " ", said.text())


def _other_kind(after: str, kind: str) -> bool:
    """Whether the noun that follows says that another kind of thing is meant."""
    hit = re.match(r"\s+(?:[\w'-]+\s+)?", after)
    other = "|".join(words for name, words in NOUNS.items() if name != kind)
    return bool(re.match(rf"\s*(?:{other}|post|story|stories)\b", after.lower())) if hit else False


def _named_medium(said: Said, desk: Desk, kind: str) -> str | None:
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


BEHIND = r"\s*(?:as|for)\s+(?:the\s+)?(?:background\s+)?(?:music|sound|track|soundtrack)|\s*(?:underneath|under (?:it|that|them)|in the background|behind it|playing)"


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
            r"(?:music|soundtrack|song|track|background)\s*(?:is|:|from|of|should be|by|being|called|use)?\s*(?:the\s+)?[\"'“‘]?$",
            text[: one.start],
        )
        if lead or re.match(rf"[\"'”’]?(?:{BEHIND})", text[one.end :]):
            title = re.escape(text[one.start : one.end])
            spot = re.search(title, said.read)
            return str(one.rows[0]["id"]), said.without(*spot.span()) if spot else said
    raise Ask("Which music? Tell me the id of a sound of yours.", " music ", "id")


def write_text(reading: Reading, desk: Desk) -> None:
    said = reading.said
    length, said = options.text_length(said)
    kind = _text_kind(said)
    outside = _outside_topic(said)
    if not reading.agent and not outside.named():
        from agents.builtin.fill_posts import refuse_stranger

        refuse_stranger(said, desk)
    persona = desk.persona(outside, reading.agent, of=" should write it")
    blanked = _without_persona(said)
    several = _several(said)
    if several:
        for place in range(1, several + 1):
            desk.put(
                "write_text",
                persona=persona,
                about=Story(place, name="title"),
                kind=kind,
                length=length,
                story=Story(place),
            )
        return
    about, story = _about(blanked, desk, kind)
    desk.put("write_text", persona=persona, about=about, kind=kind, length=length, story=story)


def _outside_topic(said: Said) -> Said:
    """The text but for its topic, in which personas may be named too."""
    tail = re.search(
        r"(?:\b(?:as|in|by|for|from|through)|,|\b(?:voice|persona"
        r"|author)\s*:)\s*(?:the\s+voice\s+of\s+)?(§p\d+)(?:'s)?(?:\s+(?:voice|style|tone|words"
        r"|name))?(?=\s*(?:[.!?,]|$))",
        said.read,
    )
    hit = re.search(r"\b(?:about|regarding|concerning)\s", said.read)
    if not hit:
        return said
    inside = said.cut(0, hit.start())
    if inside.named() or not tail:
        return inside
    return said.cut(*tail.span())


def _text_kind(said: Said) -> str | None:
    if re.search(r"\bcaptions?\b", said.read):
        return "caption"
    if re.search(r"\b(?:reply|replies|answer|response|respond|react)\b", said.read):
        return "reply"
    return None


def _about(said: Said, desk: Desk, kind: str | None) -> tuple[Any, Any]:
    if kind == "reply" and said.quotes():
        return said.quotes()[0], None
    if kind == "reply" and (
        fan := re.search(r"\b(?:an?|the|our|my|this|one) (?:fan|follower|user|subscriber|someone)\b.*$", said.read)
    ):
        return said.words(*fan.span()).rstrip(".!?"), None
    story, _rest = contents.story(said)
    if story:
        return Story(story.place, story.words, "title"), story
    topic = re.sub(r"\s+(?:written|done|made|drafted)$", "", contents.topic(said))
    pointing = not topic or re.fullmatch(
        rf"(?:{IT}|the (?:last |latest |newest |new )?(?:card|picture|video|clip|image"
        rf"|voice-?over))(?: (?:card|picture|video|clip|image|one))?",
        topic.lower(),
    )
    if not pointing:
        return topic, None
    if said.quotes():
        return said.quotes()[0], None
    if kind == "reply" and (colon := contents.COLON.search(said.read)):
        return contents.tidy(said, colon.end()), None
    if (colon := contents.COLON.search(said.read)) and (words := contents.tidy(said, colon.end())):
        return words, None
    if points := _pointed(said, desk):
        return points
    if (
        occasion := re.search(r"\ban?\s+((?:[\w-]+\s+){1,3}?)(?:post|caption|text|note|line|message)\b", said.read)
    ) and not re.search(
        r"\b(?:new|nice|good|great|little|bit|quick|funny|short|long|social|media|gallery|another|one|reply)\b",
        occasion[1],
    ):
        return said.words(*occasion.span(1)), None
    if kind == "reply":
        raise Ask("What should the reply answer?", " about ")
    raise Ask(f"What should the {kind or 'post'} be about?", " about ")


def _pointed(said: Said, desk: Desk) -> tuple[Any, Any] | None:
    """What "it" is: what was just drawn, the story just shown."""
    if not re.search(
        rf"\b(?:{IT}|the (?:last |latest |newest |new )?(?:card|picture|video|clip|image|voice-?over))\b", said.read
    ):
        return None
    for step in [*reversed(desk.steps), *reversed(desk.before)]:
        if step.tool in ("draw_card", "speak_text"):
            return step.args["text"], step.args.get("story")
        if step.tool == "read_feeds":
            return Story(name="title"), Story()
    kind = "video" if re.search(r"\b(?:video|clip)\b", said.read) else "picture"
    rows = [row for row in desk.rows("media") if row.get("kind") == kind]
    return (str(rows[0].get("title") or ""), None) if rows and rows[0].get("title") else None
