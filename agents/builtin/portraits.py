"""Who is being described? Age, home, work, loves, languages and ways of a person, out of descriptive sentences.

"a dry-witted 27-year-old marine biologist from Lisbon who loves surfing" becomes fields of a character. Nothing is
guessed: what is not said stays empty. Neighbours: fill_personas, languages, zones.
"""

import re
from dataclasses import dataclass, field

from agents.builtin import languages
from agents.builtin.counting import SPELLED, whole
from agents.builtin.lexicon import traits
from agents.builtin.said import GAP, Said
from agents.builtin.times.zones import zone_of

TRAITS = traits()
TRAITISH = re.compile(
    r"[a-z]+-(?:witted|hearted|minded|spoken|tempered|natured|going|spirited|headed|blooded|mannered|willed"
    r"|loving|assured|humoured|humored)"
)
NOT_WORK = re.compile(
    r"^(?:persona|character|person|woman|man|girl|boy|guy|lady|gentleman|influencer called|someone|somebody"
    r"|adult|human|human being|individual|ai|bot|female|male|one|new|young|old|older|younger|middle-aged"
    r"|native|fan|bit|lot|little|member|lover|mother tongue|good|great|big|huge|avid|kind|real|true|friend"
    r"|twin|mix|blend|nonbinary person|non-binary person)\b\s*$"
)
_END = (
    r"(?=\s*(?:[,;.!?()]|$|\b(?:who|whose|that|which|and (?:she|he|they|who|is|has|loves?|likes?|speaks?"
    r"|lives?|works?|enjoys?|talks?|her|his|their|a|an)\b|named|called|living|lives?|based|born|speaks?"
    r"|speaking|and (?:add|put|remove|drop|change|set|make|give|take|also|now|no longer)|loves?|likes?|enjoys?|works?|working"
    r"|aged?|fluent|obsessed|passionate|but|she|he|they|interested|into\b|fond|known)\b))"
)
_LIKES = (
    r"(?:(?:really |also |still |absolutely |just |now |dearly |secretly )*(?:loves?|likes?|enjoys?|adores?"
    r"|loving|liking|enjoying)(?: to(?= ))?|(?:is |are |'s )?(?:also |really |now |deeply )*(?:into(?= )"
    r"|passionate about|obsessed with|keen on|fond of|crazy about|mad about|interested in|enthusiastic about"
    r"|a (?:big |huge )?fan of|hooked on)"
    r"|(?:her |his |their |with )?(?:favou?rite (?:things|topics|subjects|pastimes|activities)|interests?"
    r"|hobbies|hobby|passions?|likes)(?: are| is| include| in|:|=|(?= [a-z]))+|(?:spends (?:her|his"
    r"|their) (?:free |spare )?time)|with (?:a|an) (?:love|passion|weakness|interest) (?:of|for|in)"
    r"|collects(?= )|whose (?:passion|hobby|hobbies|interests?) (?:is|are))"
)
_STOP = (
    r"(?=\s*(?:[;.!?()]|$|,?\s*(?:\band\b|\bbut\b)?\s*(?:\bwho\b|\bwhose\b|\b(?:and |but )?(?:she|he|they)\b"
    r"|\bspeaks?\b|\bspeaking\b|\blives?\b|\bliving\b|\bworks?\b|\bworking\b|\bis (?:a|an|\d|very|also|never"
    r"|always|from|based)\b|\bhas\b|\bis\b|\btalks\b|(?<!small )\btalk\b|\bwrites?\b|\bnever\b|\balways\b|\bhates?\b"
    r"|\bdislikes?\b"
    r"|\bdoesn't\b|\bbased in\b|\bfrom\b|\bborn\b|\bfluent\b|\bage[d]?\b|\bwith a\b|\bnamed\b|\bcalled\b"
    r"|\bher (?:time zone|timezone|home|job|age|name|traits?|personality|catchphrase|languages?|backstory)\b"
    r"|\bhis (?:time zone|home|job|age|name|traits?|languages?|backstory)\b|\bgrew up\b|\bused to\b|\bmoved\b"
    r"|\b(?:personality|traits?|languages?|backstory|time zone|timezone|occupation|job|home|age)\s*:)))"
)


@dataclass(slots=True)
class Portrait:
    """What a description says of somebody."""

    age: int | None = None
    occupation: str = ""
    home: str = ""
    time_zone: str = ""
    languages: list[str] = field(default_factory=list)
    interests: list[str] = field(default_factory=list)
    dislikes: list[str] = field(default_factory=list)
    traits: list[str] = field(default_factory=list)
    backstory: str = ""


def portray(said: Said) -> Portrait:
    """Read a description; each stretch is read once, the plainest kinds first."""
    found = Portrait()
    said = _backstory(said, found)
    said = _zone(said, found)
    said = _age(said, found)
    said = _languages(said, found)
    said = _interests(said, found)
    said = _home(said, found)
    _occupation(said, found)
    _placed(found)
    _named_place(said, found)
    _traits(said, found)
    return found


def age_in(read: str) -> tuple[int, int, int] | None:
    """An age and where it stands."""
    value = rf"(\d{{1,3}}|{SPELLED})"
    being = (
        r"(?:is|are|turns|turned|becomes|be|she's|he's|they're|'s|to|shes|hes|has)\s+(?:now\s+|already\s+|about\s+)?"
    )
    for pattern in (
        rf"\b{value}[- ](?:years?|yrs?)[- ](?:old|young|of age)\b",
        rf"\b(?:aged?(?: of)?|age is|age:|age =|age to|years?:)\s*:?\s*{value}\b(?!\s*(?:%|:))",
        rf"\b{value}[\s-]?(?:yo\b|y/o\b|y\.\s?o\b\.?)",
        rf"\b{value} (?:years|yrs|yr)\b(?!\s+(?:of|ago|in|with|as|at|later|experience|now|together|long))",
        rf"\b{being}{value}\b(?=\s*(?:[,.;!?]|$|(?:and|now|years?|today|he|she|they|who|lives|living|from|based|loves|likes"
        rf"|works|with|does|yesterday|last|this|in|on)\b))",
        rf"\bold:? {value}\b",
        rf"\b(?:older|younger|age)\b\W+(?:(?:like|about|around|say|maybe|to)\s+)+{value}\b",
        rf"(?:^|,|\()\s*{value}(?=\s*(?:[,.)]|$))",
        rf"§p\d+\s+{value}\b(?=\s*(?:,|$))",
    ):
        if (hit := re.search(pattern, read)) and (years := whole(hit[1])) is not None:
            return hit.start(), hit.end(), years
    return None


def _age(said: Said, found: Portrait) -> Said:
    hit = age_in(said.read)
    if not hit:
        return said
    found.age = hit[2]
    return said.without(hit[0], hit[1])


def _zone(said: Said, found: Portrait) -> Said:
    hit = re.search(
        r",?\s*\b(?:(?:her|his|their|with|in|on|the)\s+)*(?:time ?zone)\s*(?:is|:|=|should be|to"
        r"|of)?\s*([\w/+-]+(?: [\w]+)?)",
        said.read,
    ) or re.search(r",?\s*\b(?:in|on) (?:the )?([\w/+-]+(?: [\w]+)?) time(?: ?zone)?\b", said.read)
    if not hit:
        return said
    zone = zone_of(hit[1]) or zone_of(hit[1].split()[0])
    if zone:
        found.time_zone = zone
        return said.without(*hit.span())
    return said


def _languages(said: Said, found: Portrait) -> Said:
    hit = re.search(
        rf"(?:,?\s*\b(?:and|who|she|he|they)\s+)*\b(?:(?:also |fluently )?(?:speaks?|talks?|knows|understands"
        rf"|speaking|writes in|learn(?:ed|t|s)|is learning)|(?:is |are )?(?:fluent|bilingual|native"
        rf"|trilingual)(?: speaker)?(?: in| of)?|languages?(?: are| is|:)*|mother tongue(?: is|:)?"
        rf"|add)\s*(?:(?:both|also|now|too)\s+)*(?:(?:fluent|native|perfect|good|some|a little|basic"
        rf"|excellent)\s+)?({languages.LIST})(?: fluently| well| too| as well| natively)*",
        said.read,
    )
    if not hit:
        return said
    found.languages = languages.tags(hit[1])
    return said.without(*hit.span())


def _interests(said: Said, found: Portrait) -> Said:
    for hit in list(
        re.finditer(
            rf"(?:\b(?:who|and|she|he|they|§p\d+|but)\s+)*\b(?:(?:doesn't|does not|don't|never"
            rf"|no longer) (?:like|love|enjoy)s?|hates?|dislikes?|can't stand|detests?)\s+(.+?){_STOP}",
            said.read,
        )
    ):
        found.dislikes += items(said, hit.start(1), hit.end(1))
        said = said.without(*hit.span())
    for hit in list(re.finditer(rf"(?:,?\s*\b(?:who|and|she|he|they|that)\s+)*\b{_LIKES}\s*(.+?){_STOP}", said.read)):
        liked = [one for one in items(said, hit.start(1), hit.end(1)) if not one.isdigit()]
        found.interests += [one for one in liked if one not in found.interests]
        said = said.without(*hit.span())
    return said


def items(said: Said, start: int, end: int) -> list[str]:
    """The members of an enumeration, as they were written."""
    read = said.read[start:end]
    found, place = [], 0
    for joint in [
        *re.finditer(
            r"\s*(?:,\s*(?:and |or |as well as )?|;\s*|\s+(?:and|or|as well as|plus)\s+(?:also\s+)?|\s*&\s*|/)\s*", read
        ),
        None,
    ]:
        stop = joint.start() if joint else len(read)
        words = said.spoken(start + place, start + stop).strip(" .,;:!?")
        words = re.sub(r"(?:[\s,]+(?:and|or|then|plus|also|&))+$", "", words, flags=re.IGNORECASE)
        words = re.sub(r"^(?:to |also |the word |both )+", "", words, flags=re.IGNORECASE)
        words = re.sub(
            r"(?:\s+(?:too|as well|a lot|very much|now|anymore|any more|again|please))+$",
            "",
            words,
            flags=re.IGNORECASE,
        )
        if words:
            found.append(words)
        place = joint.end() if joint else len(read)
    return found


# When something came about, behind a place or an age: "to Naples last month", "since the spring".
WHILE = (
    r"(?:(?:last|this|next|since|in|during|over)\s+(?:the\s+)?(?:past\s+)?(?:week(?:end)?|month|year|spring|summer"
    r"|autumn|fall|winter"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur"
    r"|sun)day|\d{4})s?|yesterday|today|(?:a|an|one|two|three|a few|some|\d+)\s+(?:days?|weeks?|months?|years?) ago"
    r"|now|recently|lately|from now on|as of (?:now|today))"
)


def _home(said: Said, found: Portrait) -> Said:
    for pattern in (
        rf",?\s*\b(?:who |and |she |he |they |now )*(?:lives?|living|resides?|residing|based|located|settled"
        rf"|at home|(?:has )?moved?(?: home| house| flat)?|relocated?|moves|relocates|is moving)\s+(?:now\s+)?(?:in|at|on"
        rf"|near|to|by"
        rf"|around|out of|from)\s+(.+?){_END}",
        rf",?\s*\b(?:home(?: ?town| city)?|city|residence|lives in|location)\s*(?:is|:|=|to|in"
        rf"|(?=\s))\s*(?:now\s+)?(.+?){_END}",
        rf",?\s*\b(?:who )?(?:is |are |comes? |hails |originally |coming |hailing )*"
        rf"(?<!retired )(?<!escaped )(?<!graduated )(?<!fired )"
        rf"(?<!recovering )(?<!suffers )from\s+(.+?){_END}",
    ):  # fmt: skip
        if hit := re.search(pattern, said.read):
            place = said.spoken(hit.start(1), hit.end(1))
            place = re.sub(
                r"(?:\s+(?:now|with (?:her|his|their|an?|two|three|four|some|many|lots of|no|\d+) .*|again|recently|and"
                r"|but|too|as well))+$",
                "",
                place,
            )
            place = re.sub(rf"\s+{WHILE}$", "", place, flags=re.IGNORECASE)
            place = re.sub(r"^(?:home to|to)\s+", "", place)
            if place and not re.fullmatch(r"(?i)(?:a|an|the)?\s*scratch|now on|(?:to)?day|then on", place):
                found.home = place
                return said.without(*hit.span())
    return said


def _occupation(said: Said, found: Portrait) -> None:
    work = re.search(
        rf"\b(?:(?:now )?(?:works?|working|worked|earns (?:her|his|their) living)(?: now| part-time"
        rf"| full-time)? (?:as|in)|(?:got |was |has been |is )?(?:promoted|appointed|hired)(?: to| as)"
        rf"|took (?:up )?a job as|(?:is |are )?employed as|(?:her |his |their )?(?:occupation|job|profession"
        rf"|work)\s*(?:is|:|=|should be|to|as|(?=\s))+|by profession|by trade|makes (?:her|his) living as"
        rf"|became|becomes|has become)\s+(?:that of )?(?:an? |the |now )*(.+?){_END}",
        said.read,
    )
    if work:
        found.occupation = _trimmed(said, work.start(1), work.end(1))
        return
    study = re.search(
        r"\b(?:studies|studying)\s+([a-z-]+(?: [a-z-]+){0,2}?)(?:\s+(?:in|at)\s+(.+?))?(?=\s*(?:[,.;!?]|$"
        r"|\b(?:and|who|she|he|but)\b))",
        said.read,
    )
    if study:
        found.occupation = f"{said.words(study.start(1), study.end(1))} student"
        found.home = found.home or (said.words(study.start(2), study.end(2)) if study[2] else "")
        return
    for hit in re.finditer(
        rf"(?:^|\b(?:an?|is|the|as|,)\s|,\s*|:\s*)(?:new |our |the |an? )*((?:[\w'/-]+\s+){{0,6}}?[\w'/-]+){_END}",
        said.read,
    ):
        words = _trimmed(said, hit.start(1), hit.end(1))
        if words and _is_work(words):
            found.occupation = words
            return
    bare = re.search(GAP + r"\s*((?:[a-z'/-]+\s){0,4}?[a-z'/-]{3,})" + _END, said.read)
    if bare and (words := _trimmed(said, bare.start(1), bare.end(1))) and _is_work(words):
        found.occupation = words


def _placed(found: Portrait) -> None:
    """ "baker in Lyon" is a trade and a home."""
    hit = re.fullmatch(
        r"(.+?)\s+(?:in|at|from|near|(?<!professor )(?<!student )(?<!teacher )(?<!director )(?<!head )(?<!master )of)"
        r"\s+([^\W\d_].*)",
        found.occupation,
    )
    if hit and not found.home and hit[2][:1].isupper():
        found.occupation, found.home = hit[1], hit[2]


def _named_place(said: Said, found: Portrait) -> None:
    """ "violinist, Amman": after a trade a name of its own is where somebody lives."""
    if not found.occupation or found.home:
        return
    for hit in re.finditer(r",\s*([^\W\d_][\w'’-]*(?:\s+[^\W\d_][\w'’-]*){0,2})\s*(?=[,;).]|$)", said.read):
        words = said.words(*hit.span(1))
        if all(word[:1].isupper() for word in words.split()) and not languages.tags(words.lower()):
            found.home = words
            return


def _trimmed(said: Said, start: int, end: int) -> str:
    """A noun phrase without article, ways of being and generic words."""
    words = said.spoken(start, end)
    while hit := re.match(
        r"(?i)(?:she'?s|he'?s|who'?s|they'?re|she is|he is|an?|the|is|very|also|now|young|old|retired(?= and)|new|persona"
        r"|character|female|male|woman|man|and|,|somewhat|slightly|rather|quite|really|extremely|profoundly"
        r"|aspiring(?= and))\b[\s,]*|[\s,]+",
        words,
    ):
        words = words[hit.end() :]
    while (first := re.match(r"([\w-]+),?\s+(?:and\s+|but\s+)?", words)) and (
        first[1].lower() in TRAITS or TRAITISH.fullmatch(first[1].lower())
    ):
        words = words[first.end() :]
    words = re.sub(r"(?i)\s+(?:now|nowadays|these days|currently|at the moment|again|too|as well)$", "", words)
    return words.strip(" ,.;:")


# What ends like the name of a trade, or is one.
TRADE = re.compile(
    r"(?:er|or|ist|ian|wife|eer|ant|ent|ect|ess|man|woman|smith|wright|maker|keeper|coach|chef|cook|nurse|pilot"
    r"|judge|guide|clerk|spy|monk|nun|vet|model|guru|host|star|poet|thief|athlete|diplomat|critic|mechanic"
    r"|medic|paramedic|academic|attorney|aide|bard|dj|blogger|vlogger|youtuber|ceo|founder|freelance|captain"
    r"|mate|ninja|detective|executive|native|scientist|hacker|nomad|expert|artist|buff|geek|nerd|goth"
    r"|influencer|analyst|therapist|priest|rabbi|imam|student|intern|secretary|actuary|missionary|mercenary"
    r"|apothecary|luthier|concierge|sommelier|sculptor|prince|queen|king|witch|wizard|knight|elf|vampire|ghost"
    r"|android|robot|mother|father|mum|mom|dad|grandmother|grandfather|widow|veteran|cop|boss|herder|diva"
    r"|rancher|au pair|maid|butler|waitress|shepherd|yogi|physio|barista|ballerina|agronomist|florist|surgeon"
    r"|magistrate|advocate|laureate|associate|architect|prefect|chief|lead|head|staff|trade|professional"
    r"|barkeep)s?$",
    re.IGNORECASE,
)
NOT_TRADE = re.compile(
    r"^(?:summer|winter|weather|water|dinner|number|other|another|ever|never|over|under|after|power|paper"
    r"|order|letter|matter|center|corner|border|colour|color|humor|humour|honor|terror|mirror|flavor|accent"
    r"|talent|moment|event|content|different|present|recent|patient|silent|confident|independent|intelligent"
    r"|her|their|older|younger|later|better|speaker|lover|voice|user|member|december|november|october"
    r"|september|quarter|gender|daughter|sister|brother|mother tongue|sense|sun|gardening|persona)$",
    re.IGNORECASE,
)


def _is_work(words: str) -> bool:
    if len(words) < 3 or NOT_WORK.match(words.lower()) or not re.search(r"[a-z]", words):
        return False
    last = words.split()[-1]
    if NOT_TRADE.match(last) or last.lower() in TRAITS:
        return False
    base = re.split(r"\s+(?:at|of|in|for|with)\s+", words)[0].split()[-1]
    return bool(TRADE.search(base)) and not NOT_TRADE.match(base)


def _traits(said: Said, found: Portrait) -> None:
    listed = re.search(
        rf"\b(?:personality|character|traits?|temperament|nature|vibe)(?: is| are|:|=)+\s*(.+?){_STOP}", said.read
    )
    if listed:
        found.traits += items(said, listed.start(1), listed.end(1))
        said = said.without(*listed.span())
    for word in re.finditer(r"(?<![\w§-])([a-z]+(?:-[a-z]+)*)(?![\w-])", said.read):
        if (
            (word[1] in TRAITS or TRAITISH.fullmatch(word[1]))
            and _stands_alone(said.read, word)
            and word[1] not in found.traits
        ):
            if word[1] in found.occupation.lower().split():
                continue
            found.traits.append(word[1])
    sense = re.search(
        r"\b(?:(?:an?|the)\s+)((?:[a-z-]+\s+){0,2}(?:sense of humou?r|wit|temper|streak|laugh|charm|attitude))\b",
        said.read,
    )
    if sense:
        found.traits.append(said.words(sense.start(1), sense.end(1)))
    manner = re.search(r"\b(speaks|talks|writes)\s+((?:very |a bit |rather |quite )?[a-z]+ly)\b", said.read)
    if manner:
        found.traits.append(f"{manner[1]} {manner[2]}")


def _stands_alone(read: str, word: re.Match[str]) -> bool:
    """Whether an adjective speaks of the person: "a bright student" does, "bright colours" after a verb does not."""
    after = read[word.end() :].lstrip()
    return not re.match(
        r"(?:weather|colou?rs?|drinks?|coffee|beer|water|jokes?|food|music|films?|clothes|sense|wit\b|temper"
        r"|streak|laugh|charm|attitude|humou?r|arts?|things)\b",
        after,
    )


def _backstory(said: Said, found: Portrait) -> Said:
    hit = re.search(
        r",?\s*\b(?:(?:her|his|their|the|with the|with this)\s+)?(?:backstory|back story|background|history"
        r"|story)(?:\s+(?:is|that)|\s*:|\s*=)\s*(.+)$",
        said.read,
    )
    if hit:
        found.backstory = said.spoken(hit.start(1), hit.end(1))
        return said.without(*hit.span())
    past = re.search(
        r"(?:^|[.,;]|\b(?:who|and)\b)\s*((?:she |he |they |who )?(?:once |has )?(?:grew up|was born|was raised"
        r"|used to|ran away|spent|left home|quit|lost|inherited|survived|studied|graduated|sailed|escaped"
        r"|crossed|won)\b.+?)(?=[.;]|,? (?:and |but )?now (?:she|he|they|works?|lives?|is)\b|,? (?:and )?(?:she|he"
        r"|they|who) (?:loves|likes|speaks|lives|works|is"
        r"|enjoys)|$)",
        said.read,
    )
    if past:
        found.backstory = said.words(past.start(1), past.end(1))
        return said.without(past.start(1), past.end(1))
    return said
