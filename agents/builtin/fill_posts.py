"""What is to be posted, when, and which post is meant? Clauses about publishing as steps of a plan.

Neighbours: moments (when), references (what "it" is), contents (words).
"""

import re
from datetime import datetime
from typing import Any

from agents.builtin import contents, counting, titles
from agents.builtin.desk import Ask, Cannot, Desk, Step
from agents.builtin.heads import Reading
from agents.builtin.references import Made
from agents.builtin.said import Said
from agents.builtin.strangers import refuse_stranger
from agents.builtin.times.days import MONTH
from agents.builtin.times.impossible import find_impossible
from agents.builtin.times.moments import Unclear, find_range, find_when
from agents.builtin.which_post import which_post

PLATFORM = re.compile(
    r"\b(?:(?:on|to|at|via|over|through|onto)\s+(?:my |our |her |his |their |the )?(?:§p\d+'s )?(?:instagram"
    r"|insta|ig|facebook|fb|tiktok|tik tok|youtube|twitter|linkedin|threads|pinterest|reddit|mastodon|bluesky"
    r"|spotify|soundcloud|bandcamp|apple music|patreon|substack|wordpress|vimeo|weibo|wechat|slack|quora|etsy|ebay|amazon"
    r"|snapchat|telegram|discord|whatsapp|tumblr|onlyfans|twitch|medium|x)\b|\b(?:tweet|instagram post"
    r"|facebook post)\b)"
)


def refuse_platforms(read: str) -> None:
    if hit := PLATFORM.search(read):
        where = re.sub(
            r"^(?:on|to|at|via|over|through|onto)\s+(?:(?:my|our|her|his|their|the)\s+)?", "", hit[0]
        ).strip()
        raise Cannot(
            f"I cannot post to {where.title() if where != 'x' else 'X'}: posts go to the persona's own"
            f' gallery here. Say "post it on the gallery", and I do that.'
        )


def moment(said: Said, desk: Desk, *, base: datetime | None = None, sure: bool = True) -> tuple[Any, Said]:
    """When, and the text without the words that said it; `sure` asks at once what it leaves open."""
    try:
        when = find_when(said.read, desk.now, desk.zone, base=base)
    except Unclear as unclear:
        raise Ask(str(unclear), " at ", "time") from unclear
    if when is None:
        return None, said
    for span in when.spans:
        said = said.without(*span)
    if when.question and sure:
        raise Ask(when.question, " at ", "time")
    desk.note(when.note)
    return when, said


def schedule_post(reading: Reading, desk: Desk) -> None:
    refuse_platforms(reading.read)
    said = reading.said
    if re.search(r"\b(?:if|unless)\b", said.read):
        raise Cannot("I cannot wait for a condition like that. Tell me a time, or tell me when it has come about.")
    if re.search(
        rf"\b(?:{counting.ORDINAL}|\d{{1,2}}) and (?:the )?(?:{counting.ORDINAL}"
        rf"|\d{{1,2}}) (?:of )?{MONTH}\b",
        said.read,
    ):
        raise Cannot("I schedule a post for one day at a time. Say it once for each of these days.")
    assets = [] if NEW_CARD.match(said.read) else _assets(said, desk)
    titled, said = ([], said) if assets else _titled(said, desk)
    assets = [*assets, *titled]
    for one in titles.named(said.read, [row for row in desk.rows("media") if row["id"] in assets], skip=desk.personas):
        said = said.without(one.start, one.end)
    if (
        not assets
        and desk.made("text") is not None
        and re.search(r"\b(?:both|all of (?:it|them)|everything|them)\b", said.read)
    ):
        assets = [
            Made(n)
            for n, step in enumerate(desk.steps)
            if step.tool in ("draw_card", "make_picture", "speak_text", "make_video", "make_clip", "make_reel")
        ]
    if made := _card_made_for_it(said, desk):
        text, assets, rest = "", [made[0]], made[1]
    else:
        text, rest = _text(said, desk, bool(assets))
    if text and not assets and IT_WORDED.match(said.read):
        assets = _pointed(said, desk)[1]
    when, rest = moment(rest, desk, base=_after_the_last(rest, desk), sure=False)
    if not text and not assets:
        text, assets = _pointed(rest, desk)
    if not text and not assets:
        raise Ask("What should be posted?", ": ")
    personas = _posters(said) or [_poster(said, reading, desk, text, assets)]
    if when and when.question:
        raise Ask(when.question, " at ", "time")
    if when is None and re.search(r"\bschedul|\bplan\b|\bqueue\b", reading.verb + " " + said.read[:20]):
        raise Ask("When should it be posted?", " at ", "time")
    repeat = when.repeat if when else ""
    zone = when.zone if when and (repeat or when.zone != desk.zone) else None
    for persona in personas:
        desk.put(
            "schedule_post", persona=persona, text=text or None, assets=assets,
            at=when.at.isoformat() if when and when.at else None, repeat=repeat or None, zone=zone,
        )  # fmt: skip


LATER = re.compile(
    r"\b(?:later|after (?:that|it|hers|his|her|him|them)|afterwards|earlier|before (?:that|it)|(?:the )?(?:day|week"
    r"|month) after(?! tomorrow)"
    r"|(?:the )?(?:next|following) day|(?:the )?same (?:time|day|moment))\b"
)


def _after_the_last(said: Said, desk: Desk) -> datetime | None:
    """The time of the post before it in the same message, where a post is told to go out so much later than that."""
    last = next((step for step in reversed(desk.steps) if step.tool == "schedule_post"), None)
    if last is None or not LATER.search(said.read) or last.args.get("repeat"):
        return None
    return datetime.fromisoformat(str(last.args["at"])) if last.args.get("at") else desk.now


def _posters(said: Said) -> list[str]:
    """Several personas who are all to post it: "as Nova and as Mira", "Nova & Mira both"."""
    outside = said if said.quotes() else _before_words(said)
    together = re.search(r"§p\d+\s*(?:,|and|&|\+)\s*(?:both\s+)?(?:(?:as|for|by|on)\s+)?§p\d+(?!')", outside.read)
    return outside.named() if together and len(outside.named()) > 1 else []


def _titled(said: Said, desk: Desk) -> tuple[list[Any], Said]:
    """What is there to post by its title, of whatever kind: "the bread closeup"; and the text without it."""
    outside = said.cut(0, end.start()) if (end := contents.SAYS.search(said.read)) and not said.quotes() else said
    read = outside.read
    for one in titles.named(read, desk.rows("media"), skip=desk.personas):
        pointed = re.search(r"\b(?:the|that|this|my|our|her|his)\s+(?:[\w-]+\s+)?$", read[: one.start])
        if pointed and len({str(row["id"]) for row in one.rows}) == 1 and "§" not in read[one.start : one.end]:
            noun = re.match(r"\s+(?!(?:as|on|at|for|to|by|in|now|with|saying|and)\b)[a-z]+", read[one.end :])
            return [str(one.rows[0]["id"])], said.without(pointed.start(), one.end + (noun.end() if noun else 0))
    return [], said


# "post it on her gallery now saying 'Night shift'": the words go with what "it" is.
IT_WORDED = re.compile(
    r"(?:post|publish|share|schedule|upload|put|release|send|queue)\s+(?:it|that|this|them|these|those|both"
    r"|the result)\b(?!\s*(?::|§q))"
    r".*\b(?:saying|says?|reading|with|captioned|caption|text)\b"
)
# "post a card saying 'We are back'": the card is not there yet.
NEW_CARD = re.compile(
    r"(?:(?:let|have)\s+(?:§p\d+|her|him)\s+)?(?:post|publish|share|schedule|posting|publishing)\s+(?:an?|another|one)\s+"
    r"(?:[\w:-]+\s+){0,4}?(?:card|picture|image|graphic)\s*(?:saying|that says|that reads|reading|with(?: the)?"
    r"(?: text| words)?|:)\s*(§q\d+)"
)


def _card_made_for_it(said: Said, desk: Desk) -> tuple[Made, Said] | None:
    """Draw the card that is to be posted."""
    hit = NEW_CARD.match(said.read)
    if not hit or re.search(r"\bcaptions?\b", said.read):
        return None
    from agents.builtin import options

    head = said.cut(0, hit.end())
    shape, design = options.picture_format(head)[0], options.design(head)[0]
    desk.put("draw_card", text=said.kept.quotes[int(hit[1][2:])], design=design, format=shape)
    return Made(len(desk.steps) - 1), said.without(*hit.span(1))


def _poster(said: Said, reading: Reading, desk: Desk, text: Any, assets: list[Any]) -> str:
    outside = said if not contents.SAYS.search(said.read) or said.quotes() else _before_words(said)
    if reading.agent or outside.named():
        return desk.persona(outside, reading.agent) or ""
    for handle in [text, *assets]:
        if isinstance(handle, Made) and (persona := desk.steps[handle.step].args.get("persona")):
            desk.focus = persona
            return str(persona)
    refuse_stranger(outside, desk)
    return desk.persona(outside.cut(0, 0), of=" should post it") or ""


def _before_words(said: Said) -> Said:
    hit = contents.SAYS.search(said.read)
    return said.cut(0, hit.start()) if hit else said


def _assets(said: Said, desk: Desk) -> list[Any]:
    """The pictures, voices and videos to post."""
    if ids := [one for one in said.ids() if any(row["id"] == one for row in desk.rows("media"))]:
        return list(ids)
    read = said.read
    content = re.search(r"\b(?:saying|that says|with (?:the )?(?:text|caption|words))\b|:\s", read)
    head = read[: content.start()] if content else read
    found: list[tuple[int, list[Any]]] = []
    for kind, words in (
        ("video", "video|clip|reel|film|movie"),
        ("picture", "card|picture|image|graphic|photo|pic|poster"),
        ("voice", "voice-?over|recording|narration|audio|voice message|voice note|voice|mp3|ogg|wav"),
    ):
        hit = re.search(rf"(?<![\w-])(?:{words})(s?)\b(?!\s+(?:post|job)s?\b)(?! of\b)", head)
        if not hit:
            continue
        from agents.builtin.fill_videos import named_medium, pictures_meant, titled_media

        outside = said.cut(0, content.start()) if content else said
        got: list[Any] = [*titled_media(outside, desk, kind)]
        if not got and kind == "picture" and hit[1]:
            got = list(pictures_meant(said, desk))
        got = got or [named_medium(said, desk, kind) or desk.medium(kind)]
        if got and got[0] is not None:
            found.append((hit.start(), got))
        elif not re.search(r"\b(?:with|and) (?:a |the )?caption", head):
            raise Cannot(f"There is no {kind} yet to post. Tell me what it should show or say, and I make it first.")
    return [one for _, got in sorted(found, key=lambda pair: pair[0]) for one in got]


def _text(said: Said, desk: Desk, with_assets: bool) -> tuple[Any, Said]:
    """The words of the post, and the text without them."""
    quotes = re.search(r"§q(\d+)", said.read)
    if quotes:
        return said.kept.quotes[int(quotes[1])], said.without(*quotes.span())
    made = desk.made("text")
    drawn = desk.made("picture", "voice", "video")
    if (
        made is not None
        and drawn is not None
        and drawn > made
        and re.match(
            r"(?:post|publish|share|schedule) (?:it"
            r"|that)\b",
            said.read,
        )
    ):
        return "", said  # "it" is what was made last
    if made is not None and (
        with_assets or re.search(r"\b(?:it|that|this|text|caption|them|both|everything|result|post)\b", said.read)
    ):
        return Made(made, "text"), said
    marked = contents.SAYS.search(said.read)
    if not marked or (
        re.match(r"with (?:the |a )?(?:caption|text)\b", said.read[marked.start() :]) and marked.end() >= len(said.read)
    ):
        marked = contents.COLON.search(said.read)
    if marked:
        return _unquoted(said, marked.end(), desk)
    return "", said


def _unquoted(said: Said, start: int, desk: Desk) -> tuple[str, Said]:
    """Words without quotation marks: up to a time at their end."""
    after = said.cut(start, len(said.read))
    try:
        when = find_when(after.read, desk.now, desk.zone)
    except Unclear as unclear:
        wrong = find_impossible(after.read)
        if wrong and not after.read[wrong.end :].strip(" .!?,"):
            raise Ask(str(unclear), " at ", "time") from unclear
        when = None
    end = len(said.read)
    # "… is calm today" tells no time to post; and a time in the middle of the words is one of the words.
    if when and when.at and not after.read[max(span[1] for span in when.spans) :].strip(" .!?,"):
        end = start + min(span[0] for span in when.spans)
    head = said.cut(0, end)
    if owner := re.search(r",?\s*\b(?:as|for|by|from)\s+(?:§p\d+|her|him)[\s.!]*$", head.read):
        head = head.cut(0, owner.start())
    words = contents.tidy(head, start)
    blank = said.without(start, len(head.read))
    return words, blank


def _pointed(said: Said, desk: Desk) -> tuple[Any, list[Any]]:
    """What "it" and "both" are: what this request made, else what the one before made, else what is newest."""
    read = said.read
    if re.search(r"\b(?:both|all of (?:it|them)|everything|them|all)\b", read):
        made: list[Any] = [
            Made(n)
            for n, step in enumerate(desk.steps)
            if step.tool in ("draw_card", "make_picture", "speak_text", "make_video", "make_clip", "make_reel")
        ]
        if made:
            return "", made
        earlier = [
            step
            for step in desk.before
            if step.tool in ("draw_card", "make_picture", "speak_text", "make_video", "make_clip", "make_reel")
        ]
        return "", _newest(desk, earlier)
    last = desk.made("picture", "voice", "video", "text")
    pointing = re.search(r"\b(?:it|that|this|them|result)\b", read) or last is not None
    if not pointing:
        return "", []
    if last is not None:
        return (Made(last, "text"), []) if desk.steps[last].tool == "write_text" else ("", [Made(last)])
    for step in reversed(desk.before):
        if step.tool == "write_text":
            return desk.earlier_text(), []
        if step.tool in ("draw_card", "make_picture", "speak_text", "make_video", "make_clip", "make_reel"):
            return "", _newest(desk, [step])
        if step.tool == "schedule_post":
            return step.args.get("text", ""), []
    rows = desk.rows("media")
    return "", [str(rows[0]["id"])] if rows else []


def _newest(desk: Desk, steps: list[Step]) -> list[Any]:
    from agents.builtin.desk import GIVES

    taken: dict[str, int] = {}
    found: list[Any] = []
    for step in reversed(steps):
        kind = GIVES[step.tool]
        taken[kind] = taken.get(kind, 0) + 1
        handle = desk.medium(kind, taken[kind])
        if handle is not None:
            found.insert(0, handle)
    return found


def cancel_post(reading: Reading, desk: Desk) -> None:
    if re.search(r"\b(?:all|every|both|everything)\b", reading.read):
        posts = desk.rows("posts")
        names = {name.lower() for name in reading.said.named()}
        posts = [row for row in posts if not names or str(row.get("persona", "")).lower() in names]
        since, until = find_range(reading.read, desk.now, desk.zone)
        if since and until:
            posts = [
                row
                for row in posts
                if row.get("due_at") and since <= datetime.fromisoformat(str(row["due_at"])) < until
            ]
        if not posts:
            raise Cannot("There is no such post scheduled.")
        for row in posts:
            desk.put("cancel_post", post=str(row["id"]))
        return
    several = re.search(rf"\bnext ({counting.COUNT}) (?:scheduled )?posts\b", reading.read)
    if several and (wanted := counting.whole(several[1])) and not reading.said.named():
        if len(rows := desk.rows("posts")) < wanted:
            raise Cannot(
                f"There {'is only one scheduled post' if len(rows) == 1 else f'are only {len(rows)} scheduled posts'}."
            )
        for row in rows[:wanted]:
            desk.put("cancel_post", post=str(row["id"]))
        return
    post, _, _ = which_post(reading.said, desk)
    desk.put("cancel_post", post=post)


def list_posts(reading: Reading, desk: Desk) -> None:
    read = reading.read
    persona = desk.persona(reading.said, needed=bool(re.search(r"\b(?:her|his|she|he)\b", read)))
    state = None
    for name, form in (
        ("cancelled", r"cancell?ed|called off"), ("failed", r"fail(?:ed|ing)?"), ("missed", r"missed|overdue"),
        ("published", r"published|posted|already out|gone (?:out|live)|went (?:out|live)|did .{1,30} post|has .{1,30} posted"
        r"|out already|been posted|live|(?:did|have) (?:we|i|you|they) (?:publish|share|put out|put up)"),
        ("scheduled", r"schedul(?:ed?|ing)|left|remains?|still|upcoming|planned|coming up|pending|will|next|calendar|due"
            r"|going (?:out|to)|queued"
        r"|lined up|plan"),
    ):  # fmt: skip
        if re.search(rf"\b(?:{form})\b", read):
            state = name
            break
    if wrong := find_impossible(read):
        raise Ask(wrong.question.replace("When should it be?", "Which day do you mean?"), " for ", "text")
    since, until = find_range(read, desk.now, desk.zone)
    if re.search(r"\bnext (?:post|one)\b", read):
        since = until = None
    if (
        persona is None
        and desk.steps
        and desk.steps[-1].tool == "list_posts"
        and re.search(r"\b(?:next|first|last) one\b", read)
    ):
        return  # it stands on the list that was just asked for
    desk.put(
        "list_posts",
        persona=persona,
        state=state,
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
    )
