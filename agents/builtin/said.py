"""What exactly was written? A message with its quotations, links, ids and names protected, in two aligned readings.

`raw` is what the person wrote; `read` is what patterns look at: lower case, slips of the pen mended, and every protected
span as a token (`§q0` a quotation, `§u0` a link or host, `§i0` an id, `§p0` a persona). `at` maps one onto the other, so
that a pattern finds a place and the words are taken as they were written. Neighbours: lexicon (which words we know),
clauses (what is cut out of it).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agents.builtin.lexicon import mended, word_set

QUOTATION = re.compile(
    r"\"\"\"(.+?)\"\"\"|\"([^\"]+)\"|“([^”\"]+)[”\"]|„([^“”\"]+)[“”\"]|«([^»]+)»|»([^«]+)«|`+([^`]+)`+"
    r"|‘([^’]+(?:’\w[^’]*)*)’(?!\w)|‹([^›]+)›|「([^」]+)」|(?<!\w)'(?=\S)(.+?)(?<=\S)'(?!\w)",
    re.DOTALL,
)
TOP_LEVEL = (
    "com|org|net|edu|gov|int|io|dev|app|co|uk|de|fr|es|it|pt|nl|ch|at|be|se|no|dk|fi|pl|cz|jp|cn|in|br|ca|au"
    "|us|eu|ie|nz|mx|ar|za|info"
    "|biz|me|tv|fm|news|blog|xyz|ai|gg|social|cloud|page|site|online|store|shop|tech|live|world|media|art"
    "|example|test|local|internal"
    "|localhost|invalid"
)
LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s<>\"”»]+"
    rf"|(?<![\w@.])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{TOP_LEVEL})\b(?![\w-])(?::\d+)?(?:/[^\s<>\"”»]*)?"
    r"|(?<![\w.])(?:localhost|\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?(?:/[^\s<>\"”»]*)?(?![\w])",
    re.IGNORECASE,
)
IDENTITY = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b", re.IGNORECASE
)
TOKEN = re.compile(r"§[quip]\d+")
OWNED = re.compile(r"'s$")  # of a token that stands for "nova's" or, in haste, for "novas"
GAP = "\u2003"  # stands for what was taken out: space to a pattern, and nothing a person types
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Shorthand with a figure or a stroke in it: "2moro", "b4", "w/".
FIGURED = r"(?<![\w./:])(?:2(?:mo|mr|ni)[a-z]*|\d[a-z]{2,4}|[a-z]\d|gr8|l8r|w/(?:o\b|out\b)?)(?![\d/])"
PLAIN = re.compile(rf"(?i:{FIGURED})|{WORD.pattern}")
# Names that are also words of every day count as names only where they are written with a capital.
EVERYDAY = word_set(
    "will may art mark grace joy hope rose dawn june april august summer autumn iris ivy lily pat sue bill jack"
    " rob nick drew chase faith star sky sunny ace max page story card old young little big lady lord sir king queen captain"
    " professor doctor doc miss mister madame aunt auntie uncle granny grandma grandpa nanny sister brother father mother"
    " chef coach saint red black white green blue baby mama papa the dear"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The protected spans of a message, by number, and the personas it may name."""

    quotes: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    guessed: set[int] = field(default_factory=set)  # names read out of a slip of the pen


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of a message in both readings."""

    raw: str
    read: str
    at: tuple[int, ...]
    kept: Kept

    def words(self, start: int, end: int) -> str:
        """What stands there as it was written, without what was blanked and the space around it."""
        kept, place = [], start
        for gap in [*re.finditer(f"{GAP}+", self.read[start:end]), None]:
            stop = start + gap.start() if gap else end
            kept.append(self.raw[self.at[place] : self.at[stop]].strip())
            place = start + gap.end() if gap else end
        return " ".join(part for part in kept if part)

    def text(self) -> str:
        return self.words(0, len(self.read))

    def raw_lower(self) -> str:
        return self.text().lower()

    def cut(self, start: int, end: int) -> "Said":
        return replace(self, read=self.read[start:end], at=self.at[start : end + 1])

    def without(self, start: int, end: int) -> "Said":
        """The same with a stretch blanked, so that nobody reads it twice."""
        return replace(self, read=self.read[:start] + GAP * (end - start) + self.read[end:])

    def stripped(self) -> "Said":
        lead = len(self.read) - len(self.read.lstrip(" ,;:.!?\n\t-–—"))
        tail = len(self.read.rstrip(" ,;\n\t"))
        return self.cut(lead, max(lead, tail))

    def quotes(self) -> list[str]:
        """The quotations that are left in it, in order."""
        return [self.kept.quotes[int(n)] for n in re.findall(r"§q(\d+)", self.read)]

    def links(self) -> list[str]:
        return [self.kept.links[int(n)] for n in re.findall(r"§u(\d+)", self.read)]

    def ids(self) -> list[str]:
        return [self.kept.ids[int(n)] for n in re.findall(r"§i(\d+)", self.read)]

    def named(self) -> list[str]:
        """The personas named in it, each once, in order."""
        return list(dict.fromkeys(self.kept.names[int(n)] for n in re.findall(r"§p(\d+)", self.read)))

    def spoken(self, start: int, end: int) -> str:
        """The words there with a lone quotation freed of its marks."""
        inside = self.read[start:end].strip(" .,;:!")
        if re.fullmatch(r"§q\d+", inside):
            return self.kept.quotes[int(inside[2:])]
        return self.words(start, end)


def hear(text: str, names: list[str]) -> Said:
    """Read a message; `names` are the personas it may speak of."""
    text = text.replace("§", "s").replace(GAP, " ")
    kept = Kept(names=list(names))
    spans = _protected(text, kept)
    read: list[str] = []
    at: list[int] = []
    place = 0
    for start, end, token in [*spans, (len(text), len(text), "")]:
        _copy(text, place, start, read, at)
        owns = OWNED.search(token)
        read.append(token)
        at.extend([start] * (owns.start() if owns else len(token)))
        at.extend([end - 1] * (len(owns[0]) if owns else 0))
        place = end
    return Said(text, "".join(read), (*at, len(text)), kept)


def _copy(text: str, start: int, end: int, read: list[str], at: list[int]) -> None:
    """Take plain text over, each known word with a slip mended."""
    place = start
    for word in PLAIN.finditer(text, start, end):
        _letters(text, place, word.start(), read, at)
        plain = word[0].lower().replace("’", "'")
        better = mended(plain, capital=word[0][:1].isupper() and word.start() > 0)
        if better == plain:
            _letters(text, word.start(), word.end(), read, at)
        else:
            read.append(better)
            at.extend(min(word.start() + n, word.end() - 1) for n in range(len(better)))
        place = word.end()
    _letters(text, place, end, read, at)


def _letters(text: str, start: int, end: int, read: list[str], at: list[int]) -> None:
    for n in range(start, end):
        small = text[n].lower()
        read.append("'" if small == "’" else small if len(small) == 1 else text[n])
        at.append(n)


def _protected(text: str, kept: Kept) -> list[tuple[int, int, str]]:
    """Where the protected spans lie, in order, with their tokens; what lies in a quotation is not looked at again."""
    spans: list[tuple[int, int, str]] = []

    def keep(start: int, end: int, token: str) -> None:
        spans.append((start, end, token))

    def free(start: int, end: int) -> bool:
        return all(end <= a or start >= b for a, b, _ in spans)

    for link in re.finditer(r"\b[a-z][a-z0-9+.-]*://[^\s<>\"”»]+", text, re.IGNORECASE):
        _keep_link(link, kept, keep)
    for found in QUOTATION.finditer(text):
        if free(*found.span()):
            kept.quotes.append(next(g for g in found.groups() if g is not None).strip())
            keep(*found.span(), f"§q{len(kept.quotes) - 1}")
    for link in LINK.finditer(text):
        if free(*link.span()):
            _keep_link(link, kept, keep)
    for found in IDENTITY.finditer(text):
        if free(*found.span()):
            kept.ids.append(found[0].lower())
            keep(*found.span(), f"§i{len(kept.ids) - 1}")
    for start, end, number in _names(text, kept):
        if free(start, end):
            owned = _owned(text, start, end)
            keep(start, end + len(owned), f"§p{number}" + ("'s" if owned else ""))
    return sorted(spans)


# What somebody has, behind a name whose apostrophe was left out: "novas sheet", "jules posts".
HAD = re.compile(
    r"(?i)(?:['’](?=\s)|s)(?=\s+(?:(?:new|last|latest|next|first|full|own|current|scheduled|upcoming|planned|change|version"
    r"|persona|time|speech|favou?rite|signature)\s+)?(?:sheet|profile|bio|card|page|gallery|wall|feed|posts?|history|versions?"
    r"|changes|revisions?|voice|age|name|home|jobs?|occupation|interests?|hobb(?:y|ies)|traits?|languages?|boundar(?:y|ies)"
    r"|backstory|greeting|style|zone|rating|details|info|pictures?|pics|photos?|images?|cards|videos?|vids|clips?|recordings?"
    r"|media|files|conversations?|chats?|dms|messages|schedule|calendar|stuff|likes|catch ?phrases?|phrases?)\b)"
)


# "Wrens sheet and darios too": what somebody else has as well.
TOO = re.compile(r"(?i)s(?=(?:\s+(?:too|as well|also|please|pls))*[\s.!?]*$)")


def _owned(text: str, start: int, end: int) -> str:
    """What makes a name an owner without "'s": an "s" or a bare apostrophe before something that one has."""
    hit = HAD.match(text, end)
    if hit is None and re.search(r"(?i)\band\s+$", text[:start]) and HAD.search(text[:start]):
        hit = TOO.match(text, end)
    if hit is None or (hit[0] in "'’" and text[end - 1].lower() not in "sxz"):
        return ""
    return hit[0]


def _keep_link(link: re.Match[str], kept: Kept, keep: Callable[[int, int, str], None]) -> None:
    whole = link[0].rstrip(".,;:!?)]}'’")
    kept.links.append(whole)
    keep(link.start(), link.start() + len(whole), f"§u{len(kept.links) - 1}")


def _names(text: str, kept: Kept) -> list[tuple[int, int, int]]:
    """Where personas are named: in full, by a first name that is nobody else's, by slug, or with one slip."""
    found: list[tuple[int, int, int]] = []
    firsts = [name.split()[0].lower() for name in kept.names if name.split()]
    parts = [part for name in kept.names for part in name.lower().split()]
    for number, name in enumerate(kept.names):
        forms = {name, name.lower().replace(" ", "-")}
        first = name.split()[0] if name.split() else ""
        if firsts.count(first.lower()) == 1 and len(first) > 1:
            forms.add(first)
        forms |= {part for part in name.split()[1:] if len(part) > 2 and parts.count(part.lower()) == 1}
        for form in sorted(filter(None, forms), key=len, reverse=True):
            for hit in re.finditer(
                rf"(?<![\w-]){re.escape(form)}(?:(?![\w-])|(?={HAD.pattern[4:]}|{TOO.pattern[4:]}))",
                text,
                re.IGNORECASE,
            ):
                if text[hit.end() :][:1].isalpha() and not _owned(text, *hit.span()):
                    continue
                later = form != first and form in name.split()
                if (
                    (form.lower() in EVERYDAY or (later and not _all_small(text, form)))
                    and not hit[0][:1].isupper()
                    and not _as_name(text, hit)
                ):
                    continue
                if all(hit.end() <= a or hit.start() >= b for a, b, _ in found):
                    found.append((*hit.span(), number))
    return found + _slips(text, kept, found)


def _all_small(text: str, form: str) -> bool:
    """Whether somebody writes without capitals, and the word is nothing else that we know."""
    from agents.builtin.lexicon import known

    return text.islower() and not known(form.lower())


def _as_name(text: str, hit: re.Match[str]) -> bool:
    """Whether a word of every day stands where only a name can: "june's page", "as june", "have will say"."""
    owns = re.match(
        r"['’]s\s+(?:[a-z]+\s+)?(?:page|gallery|posts?|voice|wall|profile|age|home|job|interests|name|feed)\b",
        text[hit.end() :],
    )
    led = re.search(r"(?i)\b(?:as|let|have|ask|tell|persona|named|called)\s+$", text[: hit.start()])
    return bool(owns or led)


def _slips(text: str, kept: Kept, found: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Names with a letter too many, too few or swapped; another letter would be another name."""
    from rapidfuzz.distance import OSA

    from agents.builtin.lexicon import known

    more: list[tuple[int, int, int]] = []
    for word in WORD.finditer(text):
        plain = word[0].lower().replace("’", "'").removesuffix("'s")
        if len(plain) < 4 or known(plain) or any(a < word.end() and word.start() < b for a, b, _ in found):
            continue
        for number, name in enumerate(kept.names):
            target = name.lower()
            if " " in target or len(target) < 4 or plain == target or plain[0] != target[0]:
                continue
            swapped = len(plain) == len(target) and sorted(plain) == sorted(target)
            if OSA.distance(plain, target) == 1 and (swapped or abs(len(plain) - len(target)) == 1):
                kept.guessed.add(number)
                more.append((word.start(), word.start() + len(plain), number))
    return more
