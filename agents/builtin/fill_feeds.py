"""Which feed, and what of it? Clauses about following, leaving and reading feeds, as steps of a plan.

Neighbours: fill_lists (all else that is looked up), references (stories).
"""

import re

from agents.builtin import options, titles
from agents.builtin.desk import Ask, Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.references import Made
from agents.builtin.said import Said


def add_feed(reading: Reading, desk: Desk) -> None:
    said = reading.said
    links = said.links()
    if not links:
        raise Ask("What is the feed's address?", " ", "link")
    if len(links) > 1 and all(names := [_feed_name(part) or "" for part in _by_link(said)]):
        for link, called in zip(links, names, strict=True):
            desk.put("add_feed", url=_address(link), name=re.sub(r"(?i)\s+and\b.*$", "", called))
        return
    name = _feed_name(said)
    persona = desk.persona(said, needed=bool(re.search(r"\bfor (?:her|him)\b", said.read)))
    for link in links:
        desk.put("add_feed", url=_address(link), name=name if len(links) == 1 else None, persona=persona)


def _by_link(said: Said) -> list[Said]:
    """The text parted so that each link stands with what is said behind it."""
    starts = [hit.start() for hit in re.finditer(r"§u\d+", said.read)]
    return [said.cut(start, end) for start, end in zip(starts, [*starts[1:], len(said.read)], strict=True)]


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
    labelled = re.search(r"\bname\s*(?::|=|is)\s*([^,;§.()]+)", said.read)
    if labelled:
        return said.words(labelled.start(1), labelled.end(1)).strip()
    bare = re.search(
        r"\b(?:as|called|named|name it|call it|title it|label it|titled|under the name(?: of)?"
        r"|with the name)\s+(?!(?:an?|my|our"
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


def feeds_named(said: Said, desk: Desk) -> list[str]:
    """All feeds that a text calls by their names, or by a word of it that no other feed has."""
    feeds = [str(row.get("name") or "") for row in desk.rows("feeds")]
    words = {word: [name for name in feeds if word in parts(name)] for name in feeds for word in parts(name)}
    found = [
        (hit.start(), name)
        for name in feeds
        for form in (
            name.lower(),
            name.lower().replace(" ", ""),
            *(word for word in parts(name) if words[word] == [name]),
        )
        if (hit := re.search(rf"(?<![\w-]){re.escape(form)}(?![\w-])", said.raw_lower()))
    ]
    return list(dict.fromkeys(name for _, name in sorted(found)))


def parts(name: str) -> list[str]:
    """The words of a feed's name that tell it from others."""
    common = (
        "the",
        "der",
        "die",
        "das",
        "le",
        "la",
        "el",
        "news",
        "feed",
        "world",
        "daily",
        "weekly",
        "top",
        "stories",
        "blog",
    )
    return [word for word in re.findall(r"[^\W_]+", name.lower()) if len(word) > 2 and word not in common]


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
    if len(called := feeds_named(said, desk)) == 1:
        return called[0]
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
    worded = titles.named(said.text(), feeds, key="name")
    plain = re.compile(r"(?i)(?:the\s+)?(?:news|feeds?|world|daily|weekly|top|stories)$")  # words of every feed
    if len(worded) == 1 and len(worded[0].rows) == 1 and not plain.match(said.text()[worded[0].start : worded[0].end]):
        return str(worded[0].rows[0]["name"])
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
    if len(named := feeds_named(reading.said, desk)) > 1 and not reading.said.links():
        for one in named:
            desk.put("remove_feed", feed=one)
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


def swap_feed(reading: Reading, desk: Desk) -> None:
    """One feed in another's place."""
    outside = re.sub(r"§u\d+", " ", reading.said.read)
    feed = next(iter(feeds_named(reading.said, desk)), None)
    if feed is None or not outside.strip():
        raise Ask("Which feed should it take the place of?", " the feed ", "feed")
    desk.put("remove_feed", feed=feed)
    desk.put("add_feed", url=_address(reading.said.links()[-1]))


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
            r"|shown|read)\b|\b(?:haven't|havent|have not|hasn't|didn't|didnt|did not|never)"
            r"(?: yet)? (?:seen|see|read|been shown|been read)\b|\bnews? since\b|\b(?:are|is"
            r"|there) (?:any )?new\b|\bwhat(?:'s| is| has)(?: been)? new\b|\bnothing i've seen\b",
            read,
        )
    )
    about = _about(said, feed if isinstance(feed, str) else None)
    desk.put("read_feeds", feed=feed, about=about or None, only_new=new or None, limit=limit)


def read_new_feed(said: Said, desk: Desk) -> None:
    """Read the feed that this request adds before "its top story" is looked up: those shown before are of others."""
    added = next(
        (n for n in range(len(desk.steps) - 1, -1, -1) if desk.steps[n].tool in ("add_feed", "read_feeds")), None
    )
    if added is None or desk.steps[added].tool != "add_feed":
        return
    if re.search(r"\b(?:its|their|from (?:it|there|that)|(?:that|this|the new) feed|in it|on it)\b|\btop\b", said.read):
        desk.put("read_feeds", feed=_feed_just_added(desk))


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


def _without_feed(words: str, feed: str | None) -> str:
    """A topic without the feed that is named behind it: "climate from the BBC"."""
    named = "|".join(map(re.escape, parts(feed))) if feed else ""
    return re.sub(rf"(?i)\s+(?:from|in|on)\s+(?:the\s+)?(?:{named})\b.*$", "", words) if named else words


def _about(said: Said, feed: str | None) -> str:
    hit = re.search(
        r"\b(?:about|regarding|concerning|related to|on the (?:topic|subject) of|to do with|mentioning"
        r"|covering)\s+(§q\d+|[^,;?!]+?)(?=\s+(?:in|from|on) (?:the |my |our )?(?:[\w§' -]*feeds?|§u\d+"
        r"|news)\b|\s+(?:today|this week|lately|recently|please|and)\b|[,;?!.]*$|[,;?!])",
        said.read,
    )
    if hit:
        return _without_feed(said.spoken(hit.start(1), hit.end(1)).strip(" ?.!"), feed)
    on = re.search(
        r"\b(?:news|stories|headlines|articles|latest|anything new|what's new)\s+(?:on|in"
        r"|from the world of)\s+(?!(?:the |my |our |all |these |those )?(?:[\w' -]*feeds?|list|sources|news"
        r"|web|wire)\b|§u)([^,;?!]+?)[.?!]*$",
        said.read,
    )
    if on:
        words = said.words(on.start(1), on.end(1)).strip(" ?.!")
        return "" if feed and feed.lower() in words.lower() else _without_feed(words, feed)
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
            "only",
            "just",
        )
        and not (feed and kind[1] in feed.lower())
    ):
        return said.words(kind.start(1), kind.end(1))
    return ""
