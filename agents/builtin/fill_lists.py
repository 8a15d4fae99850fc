"""What is to be looked up? Clauses that ask for lists, news, records and the state of things, as steps of a plan.

Neighbours: options (how many), fill_posts (which persona's, since when).
"""

import re
from datetime import datetime

from agents.builtin import options, titles
from agents.builtin.desk import Ask, Cannot, Desk, either
from agents.builtin.heads import Reading
from agents.builtin.references import Made
from agents.builtin.said import Said

TYPES = r"\b(aaaa|a|mx|txt|cname|ns|srv|caa|soa|ptr|tlsa|sshfp|ds|dnskey|naptr|spf|alias|https|svcb)\b"


def add_feed(reading: Reading, desk: Desk) -> None:
    said = reading.said
    links = said.links()
    if not links:
        raise Ask("What is the feed's address?", " ", "link")
    name = _feed_name(said)
    persona = desk.persona(said, needed=bool(re.search(r"\bfor (?:her|him)\b", said.read)))
    for link in links:
        desk.put("add_feed", url=_address(link), name=name if len(links) == 1 else None, persona=persona)


def _address(link: str) -> str:
    if "://" in link:
        return link
    local = re.match(r"(?:localhost|127\.|10\.|192\.168\.)", link)
    return f"{'http' if local else 'https'}://{link}"


def _feed_name(said: Said) -> str | None:
    quoted = re.search(
        r"\b(?:as|called|named|name it|call it|titled|under(?: the name)?|name(?: is|:)?"
        r"|label(?:led)?(?: it)?|it(?:'s| is) (?:called|named)|(?:its|the|with the) name (?:is|should be))\s*:?\s*(§q\d+)",
        said.read,
    )
    if quoted:
        return said.kept.quotes[int(quoted[1][2:])]
    bare = re.search(
        r"\b(?:as|called|named|name it|call it|title it|label it|titled|under the name(?: of)?|with the name)\s+(?!(?:an?|my|our"
        r"|the|rss|new)\s+(?:\w+ )?(?:feed|source)|(?:an?|the) )([^,;§.]+?)(?=\s*(?:[,;.!?]|$|\bfor §p"
        r"|\bfor (?:her|him)\b|§u|\s(?:at|from|with url)\s))",
        said.read,
    )
    if bare:
        return said.words(bare.start(1), bare.end(1))
    before = re.search(
        r"\b(?:add|follow|subscribe to|import|track|watch)\s+(?:the |a |this |my |our )?(?:(?:rss|atom"
        r"|news)\s+)?(?:feed\s+(?:of|from|for)\s+)?([\w][\w' -]*?)\s*(?:rss |news )?(?:feed)?\s*(?:\(|:|,|at"
        r"|from|-|—)\s*§u",
        said.read,
    )
    if (
        before
        and before[1]
        and not re.fullmatch(
            r"(?:(?:rss|atom|news|new|feed|source|the|a|this|one|it|following|url|link|address|and|please|to"
            r"|for|me|us)\s*)+",
            before[1],
        )
    ):
        return said.words(before.start(1), before.end(1))
    return None


def which_feed(said: Said, desk: Desk) -> str | None:
    """A feed named by its name, its address or words of either."""
    feeds = desk.rows("feeds")
    if links := said.links():
        host = links[0].split("://")[-1].split("/")[0].removeprefix("www.")
        exact = [
            row
            for row in feeds
            if links[0].rstrip("/").split("://")[-1] == str(row.get("url", "")).rstrip("/").split("://")[-1]
        ]
        near = exact or [row for row in feeds if host in str(row.get("url", ""))]
        return (
            str(near[0]["name"])
            if len(near) == 1 and not exact
            else _address(links[0])
            if not near
            else str(exact[0]["url"] if exact else near[0]["url"])
        )
    for row in sorted(feeds, key=lambda one: -len(str(one.get("name", "")))):
        name = str(row.get("name") or "")
        if name and re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", said.raw_lower()):
            return name
    quoted = re.search(
        r"\b(?:feeds?|source|called|named|unfollow|following|unsubscribe from|from|remove|delete"
        r"|drop)\s+(§q\d+)|(§q\d+)\s+(?:rss |news )?feed\b",
        said.read,
    )
    if quoted:
        return said.kept.quotes[int((quoted[1] or quoted[2])[2:])]
    from agents.builtin.references import matches

    hit = re.search(
        r"\b(?:the |my |our |from |on |in )+([\w' -]+?)\s+(?:rss |news |atom )?feed\b", said.read
    ) or re.search(
        r"\b(?:feed (?:of|from|called|named)|following|unfollow|unsubscribe from|stop watching|from|on"
        r"|in) (?:the )?([\w' -]+?)(?= about|[.,!?]|$)",
        said.read,
    )
    if hit:
        words = said.words(hit.start(1), hit.end(1))
        words = re.sub(
            r"(?i)\b(?:my|our|the|all|any|new|these|those|news|rss|come|in|on|latest|recent)\b", " ", words
        ).strip()
        found = [
            row for row in feeds if words and matches(words, f"{row.get('name', '')} {_host(str(row.get('url', '')))}")
        ]
        if len(found) == 1:
            return str(found[0]["name"])
    return None


def _host(url: str) -> str:
    """The telling part of an address: bbci of https://feeds.bbci.co.uk/world.xml."""
    return " ".join(
        part
        for part in url.split("://")[-1].split("/")[0].split(".")
        if part not in ("www", "feeds", "com", "org", "co", "uk")
    )


def remove_feed(reading: Reading, desk: Desk) -> None:
    feeds = desk.rows("feeds")
    if re.search(r"\b(?:all|every)\b.*\bfeeds?\b", reading.read):
        for row in feeds:
            desk.put("remove_feed", feed=str(row["name"]))
        if not feeds:
            raise Cannot("No feed is followed.")
        return
    feed = which_feed(reading.said, desk)
    if (
        feed is None
        and len(feeds) == 1
        and re.search(r"\b(?:the|that|this|it|our|my)\b", reading.read)
        and not _odd_name(reading)
    ):
        feed = str(feeds[0]["name"])
    if feed is None and (odd := _odd_name(reading)):
        feed = odd
    if feed is None:
        names = ", ".join(str(row["name"]) for row in feeds)
        raise Ask(f"Which feed: {names}?" if names else "Which feed?", " the feed ", "feed")
    desk.put("remove_feed", feed=feed)


def _odd_name(reading: Reading) -> str:
    """A feed's name that is not on the list; the tool then says which there are."""
    said = reading.said
    hit = re.search(
        r"\b(?:the|my|our)\s+([\w' -]+?)\s+(?:rss |news )?feed\b|\bfeed (?:called|named)\s+([^,;.!?]+)"
        r"|\b(?:unfollow|unsubscribe from|stop following)\s+(?:the )?([\w' -]+?)(?= feed|[.,!?]|$)",
        said.read,
    )
    if not hit:
        return ""
    group = next(n for n in (1, 2, 3) if hit[n])
    words = said.words(hit.start(group), hit.end(group))
    return "" if re.fullmatch(r"(?i)(?:rss|news|that|this|it|last|the|first|feed|only|one)", words) else words


def read_feeds(reading: Reading, desk: Desk) -> None:
    said = reading.said
    read = said.read
    feed: str | Made | None = which_feed(said, desk) if desk.rows("feeds") or said.links() else None
    if feed is None and re.search(r"\b(?:there|it|its|this feed|that feed|the feed|the new feed|that one)\b", read):
        feed = _feed_just_added(desk)
    limit = options.count(read, r"stories|headlines|articles|news|items|entries|posts|things")
    if re.search(r"\b(?:the )?(?:top|latest|newest|lead|first|main) (?:story|headline|article|news item)\b", read):
        limit = 1
    new = bool(
        re.search(
            r"\b(?:what's|what is|whats|anything|something|any|only|just|is there) (?:\w+ )?new\b(?! feeds?)"
            r"|\bnew (?:stories|headlines|articles|items|ones|news)\b|\bunread\b|\bunseen\b|\bnot (?:seen"
            r"|shown|read)\b|\bhaven't (?:seen|read|been shown)\b|\bnews? since\b|\b(?:are|is"
            r"|there) (?:any )?new\b|\bwhat(?:'s| is| has)(?: been)? new\b|\bnothing i've seen\b",
            read,
        )
    )
    about = _about(said, feed if isinstance(feed, str) else None)
    desk.put("read_feeds", feed=feed, about=about or None, only_new=new or None, limit=limit)


def _feed_just_added(desk: Desk) -> str | Made | None:
    """The feed that this request adds, or the one before it added: by its name, or by the name it is given."""
    for index in range(len(desk.steps) - 1, -1, -1):
        args = desk.steps[index].args
        if desk.steps[index].tool == "add_feed":
            return str(args["name"]) if args.get("name") else Made(index, "name", str(args["url"]))
    last = desk.before[-1] if desk.before else None
    if last is not None and last.tool == "add_feed":
        return str(last.args.get("name") or last.args["url"])
    return None


def _about(said: Said, feed: str | None) -> str:
    hit = re.search(
        r"\b(?:about|regarding|concerning|related to|on the (?:topic|subject) of|to do with|mentioning"
        r"|covering)\s+(§q\d+|[^,;?!]+?)(?=\s+(?:in|from|on) (?:the |my |our )?(?:[\w§' -]*feeds?|§u\d+"
        r"|news)\b|\s+(?:today|this week|lately|recently|please|and)\b|[,;?!.]*$|[,;?!])",
        said.read,
    )
    if hit:
        return said.spoken(hit.start(1), hit.end(1)).strip(" ?.!")
    on = re.search(
        r"\b(?:news|stories|headlines|articles|latest|anything new|what's new)\s+(?:on|in"
        r"|from the world of)\s+(?!(?:the |my |our |all |these |those )?(?:[\w' -]*feeds?|list|sources|news"
        r"|web|wire)\b|§u)([^,;?!]+?)[.?!]*$",
        said.read,
    )
    if on:
        words = said.words(on.start(1), on.end(1)).strip(" ?.!")
        return "" if feed and feed.lower() in words.lower() else words
    kind = re.search(
        r"\b(?:any|some|latest|new|the|read|show me|give me|find)\s+([a-z-]+)\s+(?:news|stories|headlines|articles)\b",
        said.read,
    )
    if (
        kind
        and kind[1]
        not in (
            "new",
            "the",
            "latest",
            "top",
            "recent",
            "unread",
            "feed",
            "more",
            "me",
            "all",
            "today's",
            "last",
            "first",
            "newest",
            "news",
            "good",
            "other",
            "interesting",
            "unseen",
            "five",
            "three",
            "ten",
            "two",
            "four",
            "six",
            "main",
            "big",
            "biggest",
            "fresh",
            "important",
            "our",
            "my",
            "breaking",
            "few",
            "those",
            "these",
            "most",
            "of",
            "any",
            "seven",
            "eight",
            "nine",
            "hot",
            "rss",
        )
        and not (feed and kind[1] in feed.lower())
    ):
        return said.words(kind.start(1), kind.end(1))
    return ""


def list_media(reading: Reading, desk: Desk) -> None:
    read = reading.read
    kind = None
    for name, form in (
        ("video", r"videos?|clips?|reels?|films?|movies?"),
        (
            "voice",
            r"voice-?overs?|voices?|recordings?|narrations?|audio|speech(?:es)?|sounds?|voice (?:notes?"
            r"|messages?|overs?)",
        ),
        ("picture", r"pictures?|images?|cards?|photos?|graphics?|pics?|visuals?|drawings?"),
    ):
        if re.search(rf"\b(?:{form})\b", read):
            kind = None if kind else name
            if kind is None:
                break
    persona = desk.persona(reading.said, needed=bool(re.search(r"\b(?:her|his)\b", read)))
    limit = options.count(
        read,
        r"videos?|clips?|voice-?overs?|recordings?|pictures?|images?|cards?|photos?|graphics?|media|files?"
        r"|assets?|pics?",
    )
    if re.search(
        r"\b(?:the )?(?:last|latest|newest) (?:video|clip|voice-?over|recording|picture|image|card|photo)\b", read
    ):
        limit = 1
    desk.put("list_media", kind=kind, persona=persona, limit=limit)


def list_jobs(reading: Reading, desk: Desk) -> None:
    read = reading.read
    state = None
    for name, form in (
        ("failed", r"fail(?:ed|ing|ures?)?|broken|went wrong|crashed|errored"), ("cancelled", r"cancell?ed|aborted|stopped"),
        ("running", r"running|in progress|active|being (?:made|rendered|worked on)|working on|doing right now"),
        ("queued", r"queued|waiting|pending|in (?:the |our )?queue|in line"), ("done", r"done|finished|completed?|succeeded"),
    ):  # fmt: skip
        if re.search(rf"\b(?:{form})\b", read):
            state = name
            break
    if re.search(r"^(?:is|are|has|have|did|how|when|will)\b", read):
        state = (
            state if re.search(r"\b(?:any|all|many|which)\b", read) else None
        )  # asked of one job: it may be in any state
    desk.put("list_jobs", state=state, limit=options.count(read, r"jobs?|tasks?|renders?"))


def name_job(tool: str, reading: Reading, desk: Desk) -> None:
    """Cancel or try again: a job by id, by what it makes, or the last one."""
    said, read = reading.said, reading.read
    if ids := said.ids():
        for one in ids:
            desk.put(tool, job=one)
        return
    wanted = {"cancel_job": ("queued", "running"), "retry_job": ("failed", "cancelled")}[tool]
    jobs = desk.rows("jobs")
    kinds = [
        kind
        for kind, form in (
            ("video", r"videos?|clips?|reels?|film|movie"),
            ("voice", r"voice-?overs?|voice|speech|audio|recording|narration"),
            ("picture", r"cards?|pictures?|images?|drawing|graphic|photo"),
        )
        if re.search(rf"\b(?:{form})\b", read)
    ]
    text = said.text()
    if titled := titles.named(text, jobs, skip=[]):
        rows = {str(row["id"]): row for one in titled for row in one.rows}
        alive = {one: row for one, row in rows.items() if row.get("state") in wanted} or rows
        if len(alive) > 1:
            raise Ask(
                f"Which job do you mean: {either([str(row.get('title')) for row in alive.values()])}?",
                " the job ",
                "job",
            )
        desk.put(tool, job=next(iter(alive)))
        return
    if jobs and (
        strange := titles.unknown(
            text, "jobs?|tasks?|renders?|cards?|videos?|clips?|voice-?overs?|recordings?", desk.personas
        )
    ):
        raise Cannot(
            f"There is no job called {strange}. There are: {', '.join(str(row.get('title')) for row in jobs[:5])}."
        )
    fitting = [row for row in jobs if not kinds or str(row.get("kind", "")).split(".")[0] in kinds]
    live = [row for row in fitting if row.get("state") in wanted]
    if re.search(r"\b(?:all|every|everything|both|each)\b|\bjobs\b", read):
        if not live:
            raise Cannot("There is no such job.")
        for row in live:
            desk.put(tool, job=str(row["id"]))
        return
    made = desk.made("video", "voice", "picture")
    if made is not None and not jobs:
        desk.put(tool, job=Made(made, "job"))
        return
    if kinds and not fitting:
        raise Cannot(f"There is no {kinds[0]} job.")
    if kinds or re.search(r"\bfailed\b|\brunning\b", read):
        chosen = live or fitting
        if not chosen:
            raise Cannot("There is no such job.")
        desk.put(tool, job=str(chosen[0]["id"]))
        return
    desk.put(tool, job="last")


def list_records(reading: Reading, desk: Desk) -> None:
    said = reading.said
    zones = said.links()
    rest = said.read
    kind = (
        re.search(rf"{TYPES}\s+(?:dns\s+)?(?:records?|entries|entry)\b", rest)
        or re.search(rf"\b(?:type|of type)\s+{TYPES[2:-2]}\b", rest)
        or re.search(r"\b(aaaa|mx|txt|cname|srv|caa|soa|ptr)(?:es|s|'s)?\b", rest)
        or re.search(r"\b(?:the|all|any) (ns|a)\b (?:of|for|in)\b", rest)
    )
    name = re.search(
        r"\b(mail|nameservers?|name servers?)\b(?= (?:records?|servers?|of|for)|$)|\b(nameservers?"
        r"|name servers?|mail servers?)\b",
        rest,
    )
    type_ = kind[1].upper() if kind else {"m": "MX", "n": "NS"}[(name[1] or name[2])[0]] if name else None
    if not zones:
        raise Ask("Of which domain?", " of ", "link")
    several = (
        [one.upper() for one in re.findall(r"\b(aaaa|a|mx|txt|cname|ns|srv|caa)(?=\s*(?:,|and\b|&|/))", rest)]
        if type_ and kind
        else []
    )
    for zone, one in ((zone, one) for zone in zones for one in dict.fromkeys([*several, type_])):
        type_ = one
        desk.put("list_records", zone=zone.split("://")[-1].split("/")[0], type=type_)


def show_spending(reading: Reading, desk: Desk) -> None:
    from agents.builtin.counting import COUNT, whole

    read = reading.read
    days: int | None = None
    if hit := re.search(
        rf"\b(?:last|past|previous)\s+(?:({COUNT})\s+)?(day|week|month|year|fortnight|quarter)s?\b"
        rf"|\b({COUNT}) (day|week|month)s?\b",
        read,
    ):
        amount = whole(hit[1] or hit[3] or "1") or 1
        days = (
            amount * {"day": 1, "week": 7, "month": 30, "year": 365, "fortnight": 14, "quarter": 90}[hit[2] or hit[4]]
        )
    elif re.search(r"\bthis (?:month)\b|\bmonth to date\b|\bso far this month\b", read):
        days = _local_day(desk).day
    elif re.search(r"\bthis week\b", read):
        days = _local_day(desk).weekday() + 1
    elif re.search(r"\b(?:weekly|a week)\b", read):
        days = 7
    elif re.search(r"\b(?:monthly|a month)\b", read):
        days = 30
    elif re.search(r"\bthis year\b", read):
        days = _local_day(desk).timetuple().tm_yday
    elif re.search(r"\byesterday\b", read):
        days = 2
    desk.put("show_spending", days=days)


def _local_day(desk: Desk) -> datetime:
    from agents.builtin.zones import tz

    return desk.now.astimezone(tz(desk.zone))


def list_conversations(reading: Reading, desk: Desk) -> None:
    read = reading.read
    persona = desk.persona(reading.said, needed=bool(re.search(r"\b(?:her|his)\b", read)))
    desk.put(
        "list_conversations",
        persona=persona,
        limit=options.count(read, r"conversations?|chats?|dms?|fans?|messages?|people"),
    )
