"""What is said about how a thing should be? Formats, designs, lengths, speeds, counts; each taken out of the text it stood in.

Every function gives the value (None when it is not said) and the text without the words that said it, so that what is
left can be read as content. Neighbours: fillers, languages, counting.
"""

import re
from collections.abc import Iterable

from agents.builtin import languages
from agents.builtin.counting import AMOUNT, COUNT, number, whole
from agents.builtin.said import GAP, Said

SOCIAL = (
    r"(?:spotify|soundcloud|bandcamp|patreon|substack|vimeo|instagram"
    r"|insta|ig|facebook|fb|whatsapp|snapchat|tiktok|tik tok|youtube|yt|linkedin|twitter|x|threads"
    r"|pinterest)"
)
_LEAD = (
    r"(?:,?\s*\b(?:and\s+)?(?:please\s+)?(?:make\s+(?:it|this|that)\s+)?(?:it\s+should\s+be\s+)?(?:in|as|with"
    r"|using|for|at|of)?\s*(?:an?|the)?\s*)?"
)
_TAIL = (
    r"(?:[- ](?:formatt?(?:ed)?|shaped?|sized?|size|aspect(?: ratio)?|ratio|version|orientation|layout|mode|frame"
    r"|dimensions?|one))*"
)

PICTURE_FORMATS: tuple[tuple[str, str], ...] = (
    (
        "story",
        rf"(?:(?:in|as|for)\s+(?:an?\s+|my\s+|our\s+|her\s+|his\s+|the\s+)?(?:{SOCIAL}\s+)?(?:story|stories"
        rf"|reels?)[- ](?:format|sized?|layout|post)"
        rf"|(?:in|as|for)\s+(?:an?|§p\d+'s)\s+(?:{SOCIAL}\s+)?(?:story|reel)(?! about)|(?:in|as|for)\s+(?:the\s+|my\s+"
        rf"|our\s+|her\s+"
        rf"|his\s+)?(?:{SOCIAL}\s+)?(?:stories|reels)|{SOCIAL}\s+(?:story|stories|reels?)"
        r"|format\s*(?::|=|is|as)?\s*(?:an?\s+)?stor(?:y|ies)|stor(?:y|ies)[- ](?:format|sized?|shaped?)"
        r"|story(?=\s+(?:card|picture|image|graphic|format))|vertical(?:ly)?|9\s?[:x×/]\s?16"
        r"|1080\s?[x×]\s?1920|full[- ]?screen|phone[- ]sized?)",
    ),
    ("portrait", r"(?:portrait|4\s?[:x×/]\s?5|1080\s?[x×]\s?1350|tall)"),
    (
        "landscape",
        r"(?:landscape|horizontal(?:ly)?|wide(?:screen)?|16\s?[:x×/]\s?9|1200\s?[x×]\s?675|link preview"
        r"|banner(?=[- ]))",
    ),
    ("square", r"(?:squared?|quadratic|1\s?[:x×/]\s?1|1080\s?[x×]\s?1080)"),
)
VIDEO_FORMATS: tuple[tuple[str, str], ...] = (
    (
        "9:16",
        rf"(?:vertical(?:ly)?|upright|portrait|9\s?[:x×/]\s?16|1080\s?[x×]\s?1920|tall|stor(?:y"
        rf"|ies)[- ](?:format|sized?)|(?:as|for)\s+an?\s+(?:{SOCIAL}\s+)?(?:story|reel)"
        rf"|(?:for|as|in)\s+(?:{SOCIAL}\s+)?(?:stories|reels|shorts|tiktok)|{SOCIAL}\s+(?:story|stories|reels?"
        rf"|shorts?)|phone[- ]format)",
    ),
    ("1:1", r"(?:squared?|1\s?[:x×/]\s?1|1080\s?[x×]\s?1080)"),
    ("16:9", r"(?:landscape|horizontal(?:ly)?|wide(?:[- ]?screen)?|16\s?[:x×/]\s?9|1920\s?[x×]\s?1080|for youtube)"),
)
DESIGNS: tuple[tuple[str, str], ...] = (
    ("quote", r"quot(?:e|ation)(?:[- ](?:style|design|layout|template|look))+|quot(?:e|ation)(?=[- ](?:card|picture|image|graphic"
    r"|tile|pic|post card)s?\b)|(?:design|style|layout|template)\s*(?::|=|is)?\s*quote"),
    *((name, rf"(?:design|style|layout|template)\s*(?::|=|is)?\s*{form}|{form}") for name, form in (
        ("bold", r"bold"), ("editorial", r"editorial"), ("gradient", r"gradient"), ("minimal", r"minimal(?:ist(?:ic)?)?"),
    )),
)  # fmt: skip
_DESIGN_TAIL = r"(?:[- ](?:design(?:ed)?|styled?|look(?:ing)?|layout|template|background|theme|one))*"
SOUNDS = r"\b(?:,?\s*(?:as|in|into|to)\s+(?:an?\s+)?)?\.?(mp3|wav|wave|ogg|opus)(?:[- ](?:file|format|audio))*\b"
SPEEDS: tuple[tuple[str, float], ...] = (
    (r"(?:at )?(?:twice as fast|double(?: the)? speed|two times as fast|at double (?:the )?speed)", 2.0),
    (r"(?:at )?half (?:the )?speed|half as fast", 0.5),
    (r"(?:very|really|super|extremely|much) slow(?:ly|er)?", 0.6),
    (r"(?:a (?:little|bit|touch|tad)|slightly|somewhat) (?:slower|more slowly)", 0.9),
    (r"(?:a (?:little|bit|touch|tad)|slightly|somewhat) (?:faster|quicker|more quickly)", 1.15),
    (r"(?:very|really|super|extremely|much) (?:fast(?:er)?|quick(?:ly|er)?)", 1.5),
    (r"(?:spoken |read |said )?(?:slowly|slower|more slowly|slow pace|slow)", 0.8),
    (r"(?:faster|quicker|more quickly|quickly|fast(?: pace)?|at a fast pace|rapidly)", 1.25),
)
FEELINGS: tuple[tuple[str, str], ...] = (
    ("cheerful", r"cheerful(?:ly)?|happy|happier|happily|joyful(?:ly)?|upbeat|merry|merrier|merrily"),
    ("excited", r"excited(?:ly)?|enthusiastic(?:ally)?|thrilled"),
    ("calm", r"calm(?:ly|er)?|relaxed|soothing(?:ly)?|peaceful(?:ly)?"),
    ("tender", r"tender(?:ly)?|warm(?:ly|er)?|gentl(?:e|er|y)|soft(?:ly|er)?|loving(?:ly)?|affectionate(?:ly)?"),
    ("serious", r"serious(?:ly)?|solemn(?:ly)?"),
    ("sad", r"sad(?:ly|der)?|melanchol(?:y|ic)|sorrowful(?:ly)?"),
    ("angry", r"angr(?:y|ier|ily)|furious(?:ly)?"),
    ("whispering", r"whisper(?:ing|ed)"),
)
_RATHER = r"(?:(?:a (?:bit|little|touch) |slightly |somewhat |much )?(?:more )?|very |really |rather |quite |even )?"
SPEAKERS: tuple[tuple[str, str], ...] = (
    ("elevenlabs", r"eleven ?labs"),
    ("openai", r"open ?ai"),
    ("piper", r"piper"),
    ("xtts", r"xtts"),
    ("espeak", r"espeak(?:[- ]ng)?"),
)


def choice(said: Said, table: Iterable[tuple[str, str]], tail: str) -> tuple[str | None, Said]:
    """The first of a table's values that the text names."""
    for value, form in table:
        if hit := re.search(rf"{_LEAD}(?<![\w§])(?:{form})(?![\w]){tail}", said.read):
            return value, said.without(*hit.span())
    return None, said


def picture_format(said: Said) -> tuple[str | None, Said]:
    return choice(said, PICTURE_FORMATS, _TAIL)


def video_format(said: Said) -> tuple[str | None, Said]:
    return choice(said, VIDEO_FORMATS, _TAIL)


def design(said: Said) -> tuple[str | None, Said]:
    """The design; of a "minimal quote card" it is the one that is no kind of card."""
    value, rest = choice(said, DESIGNS, _DESIGN_TAIL)
    if value == "quote" and re.search(r"\bquote[- ](?:card|picture|image|graphic|tile)", said.read):
        other, without = choice(rest, [one for one in DESIGNS if one[0] != "quote"], _DESIGN_TAIL)
        if other and re.search(rf"\b{other}\w*\s+quote\b", said.read):
            return other, without
    return value, rest


def duration(said: Said) -> tuple[float | None, Said]:
    """Seconds: "ten-second", "half a minute", "1:30 min", "a minute and a half"."""
    clock = re.search(
        r"\b(\d{1,2}):([0-5]\d)(?:[- ](?:min(?:ute)?s?|long|m)\b)|\b(?:of|lasting|for|length:?"
        r"|duration:?)\s+(\d{1,2}):([0-5]\d)\b",
        said.read,
    )
    if clock:
        minutes, seconds = clock[1] or clock[3], clock[2] or clock[4]
        return int(minutes) * 60.0 + int(seconds), said.without(*clock.span())
    bare = re.search(r"\b(\d{1,2}):([0-5]\d)\b(?=\s+(?:[\w:]+\s+)?(?:video|clip|reel|film))", said.read)
    if bare:
        return int(bare[1]) * 60.0 + int(bare[2]), said.without(*bare.span())
    both = re.search(
        rf",?\s*\b(?:of |lasting |for )?({COUNT})[- ]?(?:minutes?|mins?|m)(?:[- ]|,| and )+({COUNT})[- ]?(?:seconds?|secs?|s)\b"
        r"(?:[- ]long)?",
        said.read,
    )
    if both:
        return (number(both[1]) or 0) * 60 + (number(both[2]) or 0), said.without(*both.span())
    if half := re.search(
        r",?\s*\b(?:of |lasting |for )?(?:a |an )?(?:one|1)[- ]and[- ]a[- ]half[- ]minutes?(?:[- ]long)?\b", said.read
    ):
        return 90.0, said.without(*half.span())
    hit = re.search(
        rf"(?:,?\s*\b(?:of|for|lasting|in|at|about|around|exactly|make it|(?:which|that) (?:lasts"
        rf"|runs(?: for)?))\s+)*\b({AMOUNT})(?:(?<=\d)|[- ])[- ]?(seconds?|secs?|s|minutes?|mins?)\b(?:\s+and\s+(a half"
        rf"|{COUNT})(?:\s+seconds?|\s+secs?|s)?)?(?:[- ](?:long|in length|duration|version))?",
        said.read,
    )
    if not hit or (amount := number(hit[1])) is None:
        return None, said
    minutes = hit[2].startswith("m")
    total = amount * (60 if minutes else 1)
    if hit[3] == "a half":
        total += 30 if minutes else 0.5
    elif hit[3]:
        total += number(hit[3]) or 0
    return total, said.without(*hit.span())


def speed(said: Said) -> tuple[float | None, Said]:
    """How fast to speak, 1.0 being usual."""
    exact = re.search(
        r"\b(?:at |with |speed(?: of)?:? ?|at a speed of )*(\d(?:[.,]\d+)?)\s?(?:x\b|times(?: the)?(?: normal"
        r"| usual)?(?: speed)?|speed\b)(?: speed)?|\bspeed(?: of|:| to)? ?(\d(?:[.,]\d+)?)",
        said.read,
    )
    if exact:
        return number(exact[1] or exact[2]), said.without(*exact.span())
    percent = re.search(r"\b(?:at )?(\d{2,3}) ?(?:%|percent)(?: speed| faster| slower)?", said.read)
    if percent:
        share = int(percent[1]) / 100
        value = 1 + share if "faster" in percent[0] else 1 - share if "slower" in percent[0] else share
        return value, said.without(*percent.span())
    for form, value in SPEEDS:
        if hit := re.search(
            rf",?\s*\b(?:(?:and|but|please|make it|(?:read|say|speak) it) )*(?:{form})\b(?: (?:speed|pace|voice))?",
            said.read,
        ):
            return value, said.without(*hit.span())
    return None, said


def feeling(said: Said) -> tuple[str | None, Said]:
    """How it is to be said: in a calm voice; sounding sad; and, beside words that are quoted or pointed at, "…, cheerful, …"."""
    if hit := re.search(r",?\s*\b(?:and )?in a whisper\b", said.read):
        return "whispering", said.without(*hit.span())
    alone = (
        []
        if re.search(r":(?!\s*§q)", said.read)
        else [rf"(?:,\s*|\b(?:and|but) ){_RATHER}(?:%s)(?=\s*(?:[,.!:{GAP}]|$|and\b|but\b|please\b|as\b|with\b))"]
    )
    for value, form in FEELINGS:
        for frame in (
            rf",?\s*\b(?:and |but )?(?:in|with) an? {_RATHER}(?:%s) (?:voice|tone|mood|way|manner)\b",
            r"(?<=\s)(?:%s)(?=\s+(?:voice-?over|recording|reading|version|narration|take|voice note)\b)",
            rf",?\s*\b(?:and |but )?(?:make it |let it |it should )?sound(?:ing|s)? {_RATHER}(?:%s)\b",
            rf",?\s*\b(?:and |but )?(?:make|read|say|speak) it {_RATHER}(?:%s)\b",
            *alone,
        ):
            if hit := re.search(frame % form, said.read):
                return value, said.without(*hit.span())
    return None, said


def speaker(said: Said) -> tuple[str | None, Said]:
    """Who speaks: with ElevenLabs, by OpenAI's voice."""
    for value, form in SPEAKERS:
        hit = re.search(
            rf",?\s*\b(?:by|with|using|through|via|from) (?:the )?(?:{form})(?:'s)?(?: voices?)?(?![\w-])", said.read
        )
        if hit:
            return value, said.without(*hit.span())
    return None, said


def voice_name(said: Said) -> tuple[str | None, Said]:
    """Which of that one's voices: voice Sarah; with the voice Old Tom."""
    hit = re.search(
        r",?\s*\b(?:and )?(?:with |in |using |by )?(?:the |their |her )?voice (?:of |called "
        r"|named )?(?P<name>[^\W\d_]\w*(?: [^\W\d_]\w*)?)(?=\s*(?:[,.!:]|$))",
        said.read,
    )
    name = said.words(*hit.span("name")) if hit else ""
    if hit is None or not name[:1].isupper() or re.search(r"\b(?:over|overs|note|message)\b", hit["name"]):
        return None, said
    return name, said.without(*hit.span())


def sound_format(said: Said) -> tuple[str | None, Said]:
    hit = re.search(SOUNDS, said.read)
    if not hit:
        return None, said
    return {"wave": "wav", "opus": "ogg"}.get(hit[1], hit[1]), said.without(*hit.span())


def spoken_language(said: Said) -> tuple[str | None, Said]:
    """In German; a German voice; with a Spanish accent."""
    hit = re.search(
        rf",?\s*\b(?:in|with)\s+(?:an?\s+)?({languages.LANGUAGE})(?:[- ](?:language|voice|accent|speech))?\b"
        rf"|\b({languages.LANGUAGE})(?=[- ](?:voice|voice-?overs?|speech|narration|audio|speaker)\b)",
        said.read,
    )
    return (languages.TAGS[hit[1] or hit[2]], said.without(*hit.span())) if hit else (None, said)


def count(read: str, things: str) -> int | None:
    """How many of something: "the last five videos", "top 3", "limit 20"."""
    hit = re.search(
        rf"\b({COUNT})\s+(?:\w+\s+){{0,3}}?(?:{things})\b|\b(?:top|last|latest|newest|first|recent|most recent"
        rf"|limit(?: of)?|up to|max(?:imum)?|next)\s+({COUNT})\b"
        rf"|\b({COUNT})\s+(?:max(?:imum)?|at (?:the )?most|tops)\b",
        read,
    )
    if not hit:
        return None
    value = whole(hit[1] or hit[2] or hit[3])
    return value if value and value <= 100 else None


def text_length(said: Said) -> tuple[str | None, Said]:
    """Short, medium or long."""
    table = (
        (
            "short",
            r"(?:very |really |super |rather |quite )?(?:short(?:er|ish)?|brief|quick|concise|tiny|snappy|crisp)|one[- ]?liner"
            r"|(?:in )?(?:an? |one |two |2 |1 |a few |a couple of )(?:short )?(?:sentences?|lines?|words)|few words|in brief",
        ),
        (
            "long",
            r"(?:very |really |super |rather |quite |pretty )?(?:long(?:er|ish)?|lengthy|detailed|in[- ]depth|extensive)"
            r"|full[- ]length"
            r"|(?:in |with )(?:lots of |more |great )?detail|at length|essay[- ]length|(?:several|multiple|three|four|3"
            r"|4) paragraphs",
        ),
        (
            "medium",
            r"medium(?:[- ](?:length|sized?|long))?|mid(?:dle)?[- ]length|(?:of )?(?:average|normal) length|(?:an? "
            r"|one )?paragraph"
            r"|not too (?:long|short)|(?:of )?a few sentences",
        ),
    )
    for value, form in table:
        if hit := re.search(
            rf"(?:,?\s*\b(?:keep it|make it|nice and))?\s*(?<![\w§-])(?:{form})(?![\w])(?! (?:video|story|hair"
            rf"|film|clip|term|list|time))",
            said.read,
        ):
            return value, said.without(*hit.span())
    return None, said
