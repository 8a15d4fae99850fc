"""What in a message is only kindness or order? Greetings, thanks, laughter and list marks, taken off around requests.

Neighbours: clauses (which cuts what is left), heads (courtesies in front of a verb).
"""

import re

from agents.builtin.said import Said, hear

KIND = (
    r"(?:(?:hi|hey|hello|hiya|yo|howdy|dear|heya|good (?:morning|afternoon|evening|day)|greetings|morning|evening)"
    r"(?: (?:there|again|gator|all|everyone|team|you|dear|my friend)(?![\w'-]))*+"  # or "dear dear …" is read in all ways
    r"|(?:many )?(?:thanks?|thank you|thx|ty|cheers|merci|ta)(?: (?:so much|a lot|very much|a bunch|a million"
    r"|again|you|gator"
    r"|in advance|for (?:that|this|everything|your help|the help|the quick reply|all of that)))*"
    r"|(?:that(?:'s| is| was|s)? |this is |it's |looks |sounds |oh |ah |so |very |really |all |pretty |just )*"
    r"(?:good|great|perfect|nice|cool|awesome|lovely|excellent|brilliant|super|wonderful|fantastic|amazing|fine"
    r"|neat|sweet"
    r"|beautiful|splendid|superb|alright|all right|right|got it|understood|makes sense|well done|good (?:job|work"
    r"|stuff)"
    r"|nice (?:job|work|one)|great (?:job|work|stuff)|love it|i love it|love that|i like it|sounds good|looks good"
    r"|wow|yay|hooray|excited|funny|hilarious)"
    r"(?: (?:so far|one|work|job|thing|stuff|to me|too|indeed|thanks))*"
    r"|(?:(?:what a |that's a |this is a |it's a |such a )?(?:very |really |so )?(?:good|great|perfect|nice|cool|awesome"
    r"|lovely|excellent|brilliant"
    r"|beautiful|amazing|wonderful|fantastic|gorgeous|stunning) (?:picture|photo|image|pic|clip|video|reel|card|voice"
    r"|recording|one|thumbnail|shot))"
    r"|ok(?:ay)?|okey|k|kk|oki|hm+|umm*|uhm*|er+m*|ah+|oh+|aha|mm+|lol|lmao|rofl|haha+(?:ha)*|hehe+|hihi"
    r"|xd|phew|oops"
    r"|well|so|anyway|anyways|alrighty|you're (?:the best|awesome|great|a star)|(?:i )?appreciate (?:it|that)"
    r"|no worries"
    r"|how are you(?: (?:doing|today))*|hope you(?:'re| are) (?:well|fine|doing well)|quick (?:one|question|thing)"
    r"|one more thing|long day today|what a day|good to (?:know|hear|see)(?: (?:that|you|it))?|glad to (?:hear"
    r"|see) (?:it|that)"
    r"|(?:it's |it is |so |very |really )*(?:nice|good|great|lovely|glad|happy|pleased|delighted|a pleasure|pleasure"
    r"|wonderful)(?: to (?:finally )?(?:meet|see|have|know)(?: you)?| meeting you| seeing you)(?: (?:too|all|again|here"
    r"|gator))*|how do you do"
    r"|me again|it's me(?: again)?|i'm back|let's (?:go|start|get started|get going|begin)|bye|goodbye"
    r"|see you(?: later)?|ciao"
    r"|(?:have|enjoy) (?:a (?:nice|good|great) (?:day|one|evening|weekend)|your (?:day|evening|weekend))|xoxo"
    r"|remind me|refresh my memory|just (?:curious|checking|wondering|asking)|do tell|g'?idd?ay(?: mate)?"
    r"|that's all"
    r"|that(?:'s| is| will be| would be|'ll be)? (?:all|it|great|lovely)(?: (?:for (?:now|today)|thanks))?)"
)
ONLY = re.compile(rf"(?:[\s,.!?:;)(–—-]*{KIND}(?![\w'-]))+[\s,.!?:;)(–—-]*")
LEADING = re.compile(
    rf"[\s,.]*(?:{KIND}(?![\w'-])\s*[.!?,…;:)–—-]+\s*|(?:lol|haha+|hehe+|hmm+|hm|ok|okay|ok so|okay so)\s+)+"
)
TRAILING = re.compile(
    r"[\s,.!?–—-]+(?:(?:many )?(?:thanks?|thank you|thx|ty|cheers)(?: (?:so much|a lot|very much|again|in advance))?"
    r"|lol|haha+|xoxo|:\)|;\)|:-\)|<3|xx+)[\s.!]*$"
)
# Pictures and hearts: no letters, and nothing that a request needs.
PICTURES = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff\ufe0f\u200d\u2764]+")
MARK = re.compile(
    r"(?:(?<=\s)|^)(?:\(?(?P<number>\d{1,2})[.)]|\(?(?P<letter>[a-j])\)|(?:step |task )(?P<step>\d{1,2})\s*[:.)]"
    r"|(?P<dot>(?:(?<=\n)|^)[-*•–]))\s+(?=\S)"
)


PLEADING = re.compile(
    r"(?:(?:good|evening|morning|hi|hello|hey|please|could|can|would|will|you|kindly|do|the|following|these|things?|for|me|i"
    r"|need|want|to)\b[\s,.!:]*)+"
)


def is_small_talk(said: Said) -> bool:
    """Whether nothing is asked in it."""
    return bool(ONLY.fullmatch(PICTURES.sub(" ", said.read).strip())) or not re.search(
        r"[\w§]", PICTURES.sub("", said.read)
    )


def kindly(said: Said) -> str:
    """Which answer a message without a request deserves: "thanks", "hello" or "bye"; empty for any other."""
    read = PICTURES.sub(" ", said.read)
    if (
        not re.search(r"\w", read)
        or not ONLY.fullmatch(read.strip())
        or re.fullmatch(r"\W*(?:right|k|yo|so|well)\W*", read)
    ):
        return ""
    if re.search(r"\b(?:bye|goodbye|see you|ciao|that's all|that is all)\b", read):
        return "bye"
    greets = re.search(
        r"\b(?:hi|hey|hello|hiya|howdy|heya|morning|afternoon|evening|day|greetings|meet|meeting|how do you do)\b", read
    )
    thanks = re.search(
        r"\b(?:thank|thanks|thx|ty|cheers|great|perfect|nice|cool|awesome|lovely|excellent|brilliant|good)\b", read
    )
    return "hello" if greets else "thanks" if thanks else ""


def essence(text: str, names: list[str]) -> str:
    """A message without small talk around its requests and with a line for each item of a list; itself if that is all."""
    text = _spelled(text, names)
    said = hear(text, names)
    if is_small_talk(said):
        return text
    bare = _unlisted(said)
    said = hear(bare, names)
    read = PICTURES.sub(lambda hit: "." * len(hit[0]), said.read)
    start, end = 0, len(read.rstrip())
    if (lead := LEADING.match(read)) and re.search(r"[\w§]", read[lead.end() :]):
        start = lead.end()
    while (
        (tail := TRAILING.search(read[:end]))
        and re.search(r"[\w§]", read[start : tail.start()])
        and tail.start() > start
    ):
        end = tail.start()
    if not re.search(r"[\w§]", read[start:end]) or (start == 0 and end == len(said.read) and read == said.read):
        return bare
    # A mark of the sentence's end belongs to it: a question stays one.
    closing = re.match(r"[?!.]+", said.read[end:])
    raw = said.raw[said.at[start] : said.at[end + (closing.end() if closing else 0)]]
    return _pictureless(raw, names)


SIGNS = (
    (re.compile(r"\s*(?:-+>|=+>|→|»(?= ))\s*"), " to "),
    (re.compile(r"(?<=\w)\s+[|¦/]\s+(?=\w)|\s[|¦/]\s"), ", "),
    (re.compile(r"\b(?:under no circumstances|on no account|at no time|in no case)\b"), "never"),
)


def _spelled(text: str, names: list[str]) -> str:
    """Arrows and strokes outside of quotations and links as the words they stand for."""
    said = hear(text, names)
    hits = sorted(((*hit.span(), words) for sign, words in SIGNS for hit in sign.finditer(said.read)), reverse=True)
    for start, end, words in hits:
        text = said.raw[: said.at[start]] + words + text[said.at[end] :]
        said = hear(text, names)
    return text


def _pictureless(raw: str, names: list[str]) -> str:
    """Without pictures outside of quotations."""
    said = hear(raw, names)
    parts, place = [], 0
    for hit in PICTURES.finditer(said.read):
        after = said.read[hit.end() :].strip()
        # A picture at the end of unquoted words may be one of the words.
        if not after and re.search(r":\s|\b(?:saying|says)\b", said.read[: hit.start()]):
            continue
        parts.append(raw[said.at[place] : said.at[hit.start()]].rstrip())
        place = hit.end()
    parts.append(raw[said.at[place] :])
    return " ".join(part.strip() for part in parts if part.strip()) or raw


def _unlisted(said: Said) -> str:
    """The text with list marks turned into ends of lines, where there are marks in their order."""
    hits = list(MARK.finditer(said.read))
    if not _in_order(hits):
        return said.raw
    parts, place = [], 0
    for hit in hits:
        parts.append(said.raw[said.at[place] : said.at[hit.start()]].strip().rstrip(";,"))
        place = hit.end()
    parts.append(said.raw[said.at[place] :].strip())
    lead = said.read[: hits[0].start()].strip()
    if re.fullmatch(r"[^§\n]{0,60}:", lead) or PLEADING.fullmatch(lead):
        parts = parts[1:]  # "Please do this:"
    return "\n".join(part for part in parts if part)


def _in_order(hits: list[re.Match[str]]) -> bool:
    kinds = {hit.lastgroup for hit in hits}
    if len(hits) < 2 or len(kinds) != 1:
        return False
    if kinds == {"dot"}:
        return True
    if kinds == {"letter"}:
        return [hit["letter"] for hit in hits] == list("abcdefghij")[: len(hits)]
    return [int(hit["number"] or hit["step"]) for hit in hits] == list(range(1, len(hits) + 1))
