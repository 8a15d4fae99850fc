"""How do people tell facts about themselves? English first, the common German forms too. Read by `memory.facts` only.

A pattern names its parts: `v` the value, `s` whose it is. Each matches the positive form directly ("I'm a"), so that
"I'm not a" is another pattern, which ends the fact.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Words
_FAMILY = (
    "sister|brother|mother|father|mom|mum|dad|son|daughter|grandmother|grandfather|grandma|grandpa|aunt|uncle|cousin|niece|"
    "nephew|twin|stepsister|stepbrother|stepmom|stepdad|baby|granddaughter|grandson"
)
_PARTNER = "wife|husband|boyfriend|girlfriend|partner|fiancée|fiancé|fiance|fiancee|spouse"
_PET = (
    "dog|cat|puppy|kitten|rabbit|bunny|hamster|parrot|horse|pony|turtle|tortoise|guinea pig|ferret|goldfish|snake|lizard|"
    "gecko|bird|budgie|canary|rat|hedgehog|chinchilla|iguana"
)
_FAMILY_DE = {
    "schwester": "sister", "bruder": "brother", "mutter": "mother", "vater": "father", "mama": "mom", "papa": "dad",
    "sohn": "son", "tochter": "daughter", "oma": "grandma", "opa": "grandpa", "tante": "aunt", "onkel": "uncle",
}  # fmt: skip
_PARTNER_DE = {
    "frau": "wife",
    "mann": "husband",
    "freund": "boyfriend",
    "freundin": "girlfriend",
    "verlobte": "fiancée",
}
_PET_DE = {"hund": "dog", "katze": "cat", "kater": "cat", "hase": "rabbit", "hamster": "hamster", "pferd": "horse",
           "papagei": "parrot", "vogel": "bird", "kaninchen": "rabbit"}  # fmt: skip
_TRANSLATED = _FAMILY_DE | _PARTNER_DE | _PET_DE
_LANGUAGE = (
    "english|german|spanish|french|portuguese|italian|dutch|polish|turkish|russian|ukrainian|chinese|mandarin|cantonese|"
    "japanese|korean|arabic|hebrew|hindi|urdu|bengali|tamil|punjabi|persian|farsi|greek|czech|slovak|hungarian|romanian|"
    "bulgarian|serbian|croatian|slovenian|swedish|norwegian|danish|finnish|icelandic|irish|welsh|catalan|basque|latin|"
    "swahili|vietnamese|thai|indonesian|malay|tagalog|filipino|esperanto|asl|sign language|deutsch|englisch|spanisch|"
    "französisch|italienisch|portugiesisch|russisch|türkisch|polnisch|arabisch|chinesisch|japanisch"
)
_JOB = (
    "nurse|doctor|teacher|professor|engineer|developer|programmer|designer|artist|painter|musician|singer|drummer|guitarist|"
    "pianist|violinist|composer|writer|author|journalist|editor|photographer|filmmaker|actor|actress|dancer|lawyer|attorney|"
    "judge|paralegal|accountant|auditor|banker|analyst|consultant|manager|secretary|receptionist|assistant|librarian|"
    "translator|interpreter|scientist|biologist|chemist|physicist|mathematician|statistician|researcher|architect|carpenter|"
    "electrician|plumber|mechanic|welder|roofer|bricklayer|builder|gardener|farmer|fisherman|baker|chef|cook|waiter|waitress|"
    "bartender|barista|butcher|hairdresser|barber|beautician|tailor|cashier|salesperson|salesman|saleswoman|shop assistant|"
    "estate agent|realtor|driver|truck driver|taxi driver|bus driver|pilot|flight attendant|sailor|soldier|firefighter|"
    "police officer|policeman|policewoman|paramedic|pharmacist|dentist|veterinarian|vet|surgeon|psychologist|psychiatrist|"
    "therapist|physiotherapist|midwife|social worker|nanny|babysitter|cleaner|janitor|security guard|postman|courier|"
    "electrical engineer|software engineer|data scientist|web developer|graphic designer|product manager|project manager|"
    "streamer|youtuber|tattoo artist|personal trainer|yoga teacher|coach|tutor|florist|jeweller|potter|optician|geologist|"
    "astronomer|economist|historian|archaeologist|politician|priest|pastor|stay-at-home mom|stay-at-home dad|housewife|freelancer"
)
_MONTH = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|"
    "sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember"
)
_DATE = (
    rf"(?:the )?\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of)? (?:{_MONTH})(?:,? \d{{4}})?|(?:{_MONTH}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?"
    r"(?:,? \d{4})?|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?"
)
_DAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun"
_WHEN = (
    rf"(?:today|tonight|tomorrow(?: (?:morning|afternoon|evening|night))?|(?:on|this|next|coming) (?:{_DAY})|on (?:{_DATE})|"
    r"(?:this|next) (?:weekend|week|month|year|spring|summer|autumn|fall|winter)|"
    r"in (?:a|an|two|three|four|five|six|\d+) (?:hours?|days?|weeks?|months?))"
)
_NUMBER = r"(?:\d{1,2}|two|three|four|five|six)"
_VERY = r"(?:really |absolutely |totally |just |honestly |truly |also |actually |currently |now |still |always |already |kinda )*"
_I = rf"\bI(?:'m| am) {_VERY}"
_WORD = r"[^\W\d_][\w'-]*"
# Names as written: capitals, or (after words that leave no doubt) a single lower-case word.
_NAME = r"(?-i:[A-ZÀ-ÖØ-Þ][\w'-]+(?: [A-ZÀ-ÖØ-Þ][\w'-]+)?)"
_ANY_NAME = rf"(?:{_NAME}|{_WORD})"
_PLACE = rf"(?:(?-i:(?:the )?[A-ZÀ-ÖØ-Þ][\w'.-]*(?:(?:,? (?:of |de |am |an der |on |upon |la |el )?)[A-ZÀ-ÖØ-Þ][\w'.-]*)*)|{_WORD}(?: {_WORD})?)"
_REST = r"[^,;:.!?…()]{2,60}"  # cut by `_trimmed`

_CUT = re.compile(
    r"\s+(?:and|but|because|since|so|though|although|while|who|which|that|where|when|whenever|right now|now|currently|these days|"
    r"anymore|any more|any longer|too|as well|either|btw|by the way|lol|haha+|tbh|actually|at the moment|with my|for now|since|"
    r"again|already|if|then|yesterday|today|recently|lately|last (?:week|month|year)|this (?:week|month|year)|"
    r"(?:a|two|three|\d+) (?:days?|weeks?|months?|years?) ago|for (?:a|the|two|three|\d+)|und|aber|weil|auch|jetzt|denn|sehr|"
    r"nicht mehr|gerade|momentan|schon|dass|wo|der|die|das|:\)|:-\)|[xX]D)\b.*$|\s*[:;]-?[()DP].*$",
    re.IGNORECASE | re.DOTALL,
)
_ARTICLE = re.compile(r"^(?:a|an|the|some|my|eine?n?|der|die|das)\s+", re.IGNORECASE)
# Values that are no values: pronouns, moods, and roles that nobody gets by saying so.
_EMPTY = re.compile(
    r"^(?:it|that|this|these|those|them|they|him|her|you|u|your\b.*|me|us|being here|to (?:be|see|know|think|say|hear|ask|"
    r"talk|tell)\b.*|when\b.*|how\b.*|what\b.*|the (?:way|idea|fact|sound|feeling)\b.*|talking\b.*|everything|nothing|something|"
    r"anything|everyone|people|life|things?|stuff|mich|dich|es|ihn|sie|alles|nichts)$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:admin\w*|operator|owner|root|system|moderator|superuser|sudo|developer of|creator of|your (?:\w+ )?(?:boss|owner|creator|"
    r"developer|master|admin|operator)|god|gator|assistant|prompt|instructions?)\b",
    re.IGNORECASE,
)
_NO_NAME = frozenset(
    "a an the not so very just sorry sure fine good ok okay happy sad tired here there back later now when if maybe crazy anytime "
    "tomorrow today tonight on at in by after before please again soon asap up out old new really going trying feeling happy "
    "hungry bored lonely glad afraid single married excited home what whatever anything something nothing daddy master mistress "
    "baby babe honey darling names stupid whenever your my his her it this that first".split()
)
_NO_PLACE = frozenset(
    "a an my your this that his her our fear hope peace pain hell denial bed it love luck chaos silence poverty sin reality "
    "darkness the future past same different another one work school home sleep think vain constant total general "
    "front order case fact school".split()
)
_NO_EMPLOYER = frozenset("night nights home weekends day days it myself me them him her that this a an my your free hours once peace".split())  # fmt: skip
_NO_STUDY = frozenset(
    "for hard late tonight today tomorrow all every alone a an the my with at in on abroad now again too so really right here "
    "there everything something it and until before after more less harder well".split()
)


@dataclass(frozen=True, slots=True)
class Pattern:
    kind: str
    regex: "re.Pattern[str]"
    clean: Callable[[str], str]
    subject: str = ""
    confidence: float = 0.9
    ends: bool = False
    several: bool = False

    def values(self, match: "re.Match[str]") -> list[str]:
        """The cleaned values of a match; none when what is left says nothing."""
        raw = match.groupdict().get("v")
        if raw is None:
            return [""] if self.ends or self.subject or "s" in match.groupdict() else []
        parts = re.split(r",\s*(?:and\s+)?|\s+(?:and|und|&)\s+", raw) if self.several else [raw]
        return [value for part in parts if (value := self.clean(part)) and not _ROLE.search(value)]

    def whose(self, match: "re.Match[str]") -> str:
        whose = (match.groupdict().get("s") or self.subject).casefold().strip()
        return _TRANSLATED.get(whose, whose)


def _trimmed(text: str) -> str:
    text = _CUT.sub("", f" {text.strip()} ").strip(" -–'\".")
    return "" if _EMPTY.match(text) or len(text) < 2 else text


def _thing(text: str) -> str:
    """Something liked: at most six words, the article gone."""
    text = _ARTICLE.sub("", _trimmed(text))
    return text if 1 <= len(text.split()) <= 6 and not _EMPTY.match(text) else ""


def _name(text: str) -> str:
    words = _trimmed(text).split()
    if not words or words[0].casefold() in _NO_NAME or not words[0][0].isalpha():
        return ""
    return " ".join(word if word[0].isupper() else word.capitalize() for word in words)


def _place(text: str) -> str:
    text = _trimmed(text)
    first = text.split()[0].casefold() if text else ""
    if not text or (first in _NO_PLACE and not re.match(r"the [A-Z]", text)) or any(c.isdigit() for c in text):
        return ""
    return text.rstrip(".") if text != text.casefold() else text.title()


def _without(unwanted: frozenset[str]) -> Callable[[str], str]:
    def clean(text: str) -> str:
        text = _trimmed(text)
        first = text.split()[0].casefold() if text else ""
        if first == "the" and text == text.casefold():
            return _ARTICLE.sub("", text)
        return "" if not text or first in unwanted else _ARTICLE.sub("", text)

    return clean


def _age(text: str) -> str:
    return text if 5 <= int(text) <= 120 else ""


def _as_said(text: str) -> str:
    return text.strip()


def _lower(text: str) -> str:
    return text.strip().casefold()


def _title(text: str) -> str:
    return _trimmed(text).title()


_employer = _without(_NO_EMPLOYER)
_study = _without(_NO_STUDY)


def _p(
    kind: str, regex: str, clean: Callable[[str], str] = _trimmed, *, ends: bool = False, several: bool = False,
    subject: str = "", confidence: float = 0.9,
) -> Pattern:  # fmt: skip
    return Pattern(kind, re.compile(regex, re.IGNORECASE), clean, subject, confidence, ends, several)


_END = r"(?=\s*(?:$|[.,!;…)]|\band\b|\bbtw\b|\bnow\b|\btoo\b|\bbut\b|\blol\b|:\)))"
_NO_MORE = r"(?: (?:anymore|any more|any longer))?"

PATTERNS: tuple[Pattern, ...] = (
    # who
    _p("name", rf"\bmy (?:full |first |real )?name(?:'s| is) (?P<v>{_ANY_NAME})", _name, confidence=0.98),
    _p("name", rf"\b(?:you can |please |just |everyone |friends |people )?call(?:s)? me (?P<v>{_ANY_NAME}){_END}", _name),
    _p("name", rf"\b(?:hi|hey|hello)\b[,!. ]+(?:(?:there|\w+)[,!.]? )?(?:I'm|I am|this is) (?P<v>{_NAME}){_END}", _name),
    _p("name", rf"\b(?:I'm|I am) (?P<v>{_NAME})(?:,| -|–) (?:nice|pleased|glad|by the way|btw|lovely)", _name),
    _p("age", rf"{_I}(?P<v>\d{{1,3}})(?: years?(?: old)?| yrs?(?: old)?| ?y/?o)?{_END}", _age, confidence=0.95),
    _p("age", rf"{_I}(?P<v>\d{{1,3}})(?: years? old| yrs? old| ?y/?o)\b", _age, confidence=0.95),
    _p("age", rf"\bI(?:'ve)? (?:just |recently )?turned (?P<v>\d{{1,3}})\b(?! (?:down|pages))", _age),
    _p("birthday", rf"\bmy birthday(?:'s| is)(?: on)? (?P<v>{_DATE})", _as_said, confidence=0.95),
    _p("birthday", rf"\bI was born (?:on|in) (?P<v>{_DATE}|(?:19|20)\d\d)", _as_said),
    # where
    _p("home", rf"\bI {_VERY}live (?:in|near) (?P<v>{_PLACE})", _place),
    _p("home", rf"{_I}(?:living|based) in (?P<v>{_PLACE})", _place),
    _p("home", rf"\bI(?:'ve)? {_VERY}(?:recently |finally )?moved (?:back )?(?:from {_WORD}(?: {_WORD})? )?to (?P<v>{_PLACE})", _place),
    _p("home", rf"\bI (?:no longer|don't|do not) live in (?P<v>{_PLACE}){_NO_MORE}", _place, ends=True),
    _p("home", rf"\bI(?:'ve)? (?:just |recently )?moved (?:away from|out of) (?P<v>{_PLACE})", _place, ends=True),
    _p("origin", rf"{_I}(?:originally )?from (?P<v>{_PLACE})", _place),
    _p("origin", rf"\bI (?:grew up|was born|was raised) in (?P<v>{_PLACE})", _place),
    # work and study
    _p("job", rf"\bI {_VERY}work (?:\w+-time )?as (?:an? |the )?(?P<v>{_REST})", _thing),
    _p("job", rf"{_I}(?:working as )?an? (?P<v>(?:{_WORD} ){{0,2}}?(?:{_JOB}))\b(?! (?:at heart|in my))", _trimmed),
    _p("job", rf"\bI(?:'ve)? (?:just |recently )?(?:started|got a job|found a job|got hired) (?:working )?as (?:an? )?(?P<v>{_REST})", _thing),
    _p("job", rf"\bI(?:'ve| have) been (?:working as )?an? (?P<v>(?:{_WORD} ){{0,2}}?(?:{_JOB}))\b", _trimmed),
    _p("job", r"\bI(?:'m| am)(?: now)? (?P<v>retired|unemployed|self-employed)\b", _lower),
    _p("job", r"\bI (?:just |recently |have )?(?P<v>retired)\b(?! (?:the|my|a)\b)", _lower),
    _p("job", rf"\bI(?:'m not| am not|'m no longer| am no longer) (?:an? )?(?P<v>(?:{_WORD} )?(?:{_JOB})){_NO_MORE}", _trimmed, ends=True),
    _p("job", rf"\bI used to (?:be|work as) an? (?P<v>(?:{_WORD} )?(?:{_JOB}))\b", _trimmed, ends=True),
    _p("job", r"\bI (?:just |finally |recently )?(?:quit|lost|left) my (?:old )?job\b", ends=True),
    _p("job", r"\bI(?: just| recently)?(?: got| was| have been|'ve been) (?:fired|laid off)\b", ends=True),
    _p("employer", rf"\bI {_VERY}work (?:at|for) (?P<v>{_REST})", _employer),
    _p("employer", rf"{_I}working (?:at|for) (?P<v>{_REST})", _employer),
    _p("employer", rf"\bI (?:no longer|don't|do not) work (?:at|for) (?P<v>{_REST})", _employer, ends=True),
    _p("employer", rf"\bI (?:just |finally |recently )?(?:quit|left) my (?:old )?job at (?P<v>{_REST})", _employer, ends=True),
    _p("employer", r"\bI (?:just |finally |recently )?(?:quit|lost|left) my (?:old )?job(?! at)\b", ends=True),
    _p("employer", r"\bI(?: just| recently)?(?: got| was| have been|'ve been) (?:fired|laid off)\b", ends=True),
    _p("study", rf"\bI {_VERY}study (?P<v>{_WORD}(?: {_WORD})?)", _study),
    _p("study", rf"{_I}studying (?P<v>{_WORD}(?: {_WORD})?)", _study),
    _p("study", rf"{_I}an? (?P<v>{_WORD}(?: {_WORD})?) student\b(?! (?:loan|id))", _study, confidence=0.8),
    _p("study", rf"\b(?:I'm majoring in|I major in|my major is) (?P<v>{_WORD}(?: {_WORD})?)", _study),
    _p("study", rf"\bI (?:dropped out of|no longer study|don't study|stopped studying) (?P<v>{_WORD}(?: {_WORD})?)", _study, ends=True),
    # animals
    _p("pet", rf"\bmy (?:\w+ )?(?P<s>{_PET})(?:'s name is| is (?:called|named)|'s (?:called|named)) (?P<v>{_ANY_NAME})", _name, confidence=0.97),
    _p("pet", rf"\bmy (?:\w+ )?(?P<s>{_PET}),? (?P<v>{_NAME})\b", _name),
    _p("pet", rf"\b(?:I|we)(?:'ve got| have| own| just got| got| adopted| just adopted| recently adopted)(?: got)? an? (?:\w+ ){{0,3}}?"
              rf"(?P<s>{_PET})(?:,)? (?:named|called|whose name is) (?P<v>{_ANY_NAME})", _name, confidence=0.97),
    _p("pet", rf"\b(?:I|we)(?:'ve got| have| own| just got| adopted| just adopted| recently adopted) (?P<v>an? (?:\w+ )?(?P<s>{_PET})){_END}", _lower),
    _p("pet", rf"\bmy (?P<s>{_PET})(?:,? \w+,?)? (?:just |recently )?(?:died|passed away)", ends=True),
    _p("pet", rf"\bI (?:don't|do not|no longer) have (?:a|my) (?P<s>{_PET}){_NO_MORE}", ends=True),
    # people
    _p("family", rf"\bmy (?:\w+ )?(?P<s>{_FAMILY})(?:'s name is| is (?:called|named)|'s (?:called|named)) (?P<v>{_ANY_NAME})", _name, confidence=0.97),
    _p("family", rf"\bmy (?:\w+ )?(?P<s>{_FAMILY}),? (?P<v>{_NAME})\b", _name),
    _p("family", rf"\bI(?:'ve got| have) an? (?:\w+ )?(?P<s>{_FAMILY}) (?:named|called) (?P<v>{_ANY_NAME})", _name),
    _p("family", rf"\bI(?:'ve got| have) (?P<v>(?:an?|one|{_NUMBER}) (?:older |younger |little |big |twin )?(?P<s>sisters?|brothers?|siblings?|"
                 rf"kids|children|sons?|daughters?)){_END}", _lower),
    _p("home", rf"\bmy (?P<s>{_FAMILY}|{_PARTNER}) (?:\w+ )?lives in (?P<v>{_PLACE})", _place),
    _p("job", rf"\bmy (?P<s>{_FAMILY}|{_PARTNER}) (?:(?-i:[A-Z])\w+ )?(?:is|works as) an? (?P<v>(?:{_WORD} )?(?:{_JOB}))\b", _trimmed),
    _p("partner", rf"\bmy (?P<s>{_PARTNER})(?:'s name is| is (?:called|named)|'s (?:called|named)) (?P<v>{_ANY_NAME})", _name, confidence=0.97),
    _p("partner", rf"\bmy (?P<s>{_PARTNER}),? (?P<v>{_NAME})\b", _name),
    _p("partner", rf"{_I}(?:married|engaged) to (?P<v>{_NAME})", _name, subject="partner"),
    _p("partner", rf"\b(?:I|we)(?: just| recently)? broke up with my (?P<s>{_PARTNER})", ends=True),
    _p("partner", rf"\bmy (?P<s>{_PARTNER}) (?:and I )?(?:just |recently )?(?:broke up|split up|left me|dumped me)", ends=True),
    _p("relationship", rf"{_I}(?P<v>married|single|divorced|engaged|widowed){_END}", _lower),
    _p("relationship", r"\bI(?:'ve)? (?:just |recently |finally )?got (?P<v>married|engaged|divorced)\b", _lower),
    _p("relationship", r"\bI(?:'m not| am not|'m no longer| am no longer) (?P<v>married|single|engaged)\b", _lower, ends=True),
    # taste
    _p("likes", rf"\bI {_VERY}(?:love|like|adore|enjoy) (?P<v>{_REST})", _thing, confidence=0.85),
    _p("likes", rf"{_I}(?:really |very )?(?:into|fond of|obsessed with|a (?:huge|big|massive) fan of) (?P<v>{_REST})", _thing, confidence=0.85),
    _p("likes", rf"\bI (?:used to (?:love|like|enjoy)|no longer (?:love|like|enjoy)) (?P<v>{_REST})", _thing, ends=True),
    _p("dislikes", rf"\bI {_VERY}(?:hate|dislike|detest|can't stand|cannot stand|can't bear|despise|don't like|do not like) (?P<v>{_REST})", _thing, confidence=0.85),
    _p("favourite", rf"\bmy (?:all-time )?(?:favou?rite|fave?) (?P<s>{_WORD}(?: {_WORD})?)(?:'s| is| are| was always) (?P<v>{_REST})", _thing),
    _p("diet", rf"{_I}(?:a |an )?(?P<v>vegan|vegetarian|pescatarian|pescetarian)\b(?! (?:restaurant|food|recipe))", _lower),
    _p("diet", r"\bI(?:'m not| am not|'m no longer| am no longer) (?:a )?(?P<v>vegan|vegetarian|pescatarian)\b", _lower, ends=True),
    _p("allergy", rf"{_I}(?:badly |severely |highly )?allergic to (?P<v>[^.!?;:…()]{{2,60}})", _thing, several=True, confidence=0.95),
    _p("allergy", rf"\bI have an? (?:\w+ )?(?P<v>{_WORD}) allergy\b", _lower),
    _p("allergy", rf"{_I}(?P<v>lactose|gluten|fructose)[ -]intolerant\b", _lower),
    _p("allergy", r"\bI(?:'m not| am not|'m no longer| am no longer) allergic to (?P<v>\w+)", _lower, ends=True),
    # languages
    _p("language", rf"\bI {_VERY}(?:can )?speak (?:fluent |some |a (?:little|bit of) )?(?P<v>(?:{_LANGUAGE})(?:(?:,| and|, and) (?:{_LANGUAGE}))*)\b", _title, several=True),
    _p("language", rf"\bmy (?:native|first|mother) (?:language|tongue) is (?P<v>{_LANGUAGE})\b", _title),
    _p("learning", rf"{_I}(?:learning|studying) (?P<v>{_LANGUAGE})\b", _title),
    _p("language", rf"\bI (?:don't|do not|can't) speak (?:any )?(?P<v>{_LANGUAGE})\b", _title, ends=True),
    # plans
    _p("plan", rf"\bI(?:'ve got| have| 've) (?P<v>(?:an?|my|the) (?:{_WORD} ){{1,4}}?{_WHEN})", _as_said),
    _p("plan", rf"{_I}(?:going |planning |about )?(?P<v>(?:to )?(?:going|flying|travell?ing|moving|driving|starting|visiting|seeing|meeting|getting|running|taking|"
               rf"fly|travel|move|drive|start|visit|see|meet|get|run|take) (?:{_WORD} ){{1,6}}?{_WHEN})", _as_said),
    _p("plan", rf"\bmy (?P<v>(?:{_WORD} ){{0,2}}?(?:exam|interview|wedding|surgery|operation|flight|concert|appointment|test|recital|graduation|"
               rf"marathon|match|date|trip|vacation|holiday) is {_WHEN})", _as_said),
    # German
    _p("name", rf"\b(?:ich heiße|ich heisse|mein Name ist|nenn mich) (?P<v>{_ANY_NAME})", _name, confidence=0.97),
    _p("age", r"\bich bin (?:jetzt |gerade )?(?P<v>\d{1,3})(?: Jahre(?: alt)?)?(?=\s*(?:$|[.,!]|\bund\b|\balt\b))", _age),
    _p("home", rf"\bich (?:wohne|lebe) (?:jetzt |zurzeit |gerade |noch )?in (?P<v>{_NAME})", _place),
    _p("home", rf"\bich bin (?:\w+ )?nach (?P<v>{_NAME}) (?:um)?gezogen", _place),
    _p("home", rf"\bich (?:wohne|lebe) nicht mehr in (?P<v>{_NAME})", _place, ends=True),
    _p("origin", rf"\bich komme (?:ursprünglich )?aus (?P<v>{_NAME})", _place),
    _p("job", rf"\bich arbeite (?:jetzt )?als (?P<v>{_NAME})", _trimmed),
    _p("job", rf"\bich bin (?P<v>{_NAME}) von Beruf", _trimmed),
    _p("job", rf"\bich arbeite nicht mehr als (?P<v>{_NAME})", _trimmed, ends=True),
    _p("employer", rf"\bich arbeite (?:jetzt )?(?:bei|für) (?P<v>{_NAME})", _trimmed),
    _p("employer", rf"\bich arbeite nicht mehr (?:bei|für) (?P<v>{_NAME})", _trimmed, ends=True),
    _p("study", rf"\bich studiere (?P<v>{_NAME})", _trimmed),
    _p("pet", rf"\bmeine? (?:\w+ )?(?P<s>{'|'.join(_PET_DE)}) heißt (?P<v>{_ANY_NAME})", _name),
    _p("pet", rf"\bich habe eine?n? (?:\w+ )?(?P<s>{'|'.join(_PET_DE)}),? (?:namens|der|die|das) (?P<v>{_NAME})", _name),
    _p("family", rf"\bmeine? (?:\w+ )?(?P<s>{'|'.join(_FAMILY_DE)}) heißt (?P<v>{_ANY_NAME})", _name),
    _p("partner", rf"\bmeine? (?:\w+ )?(?P<s>{'|'.join(_PARTNER_DE)}) heißt (?P<v>{_ANY_NAME})", _name),
    _p("likes", rf"\bich (?:liebe|mag) (?!kein|nicht)(?:sehr |total )?(?P<v>{_REST})", _thing, confidence=0.85),
    _p("dislikes", rf"\bich (?:hasse|mag keine?n?) (?P<v>{_REST})", _thing, confidence=0.85),
    _p("favourite", rf"\bmeine? Lieblings(?P<s>\w+) ist (?P<v>{_REST})", _thing),
    _p("allergy", rf"\bich bin allergisch gegen (?P<v>{_REST})", _thing),
    _p("diet", r"\bich bin (?P<v>vegan|vegetarisch|Vegetarier(?:in)?|Veganer(?:in)?)\b", _as_said),
    _p("language", rf"\bich spreche (?:fließend )?(?P<v>(?:{_LANGUAGE})(?:(?:,| und) (?:{_LANGUAGE}))*)\b", _title, several=True),
    _p("birthday", rf"\bmein Geburtstag ist (?:am )?(?P<v>{_DATE})", _as_said),
    _p("relationship", r"\bich bin (?P<v>verheiratet|ledig|geschieden|verlobt|verwitwet)\b", _lower),
    _p("plan", r"\bich habe (?P<v>(?:am (?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)|morgen|nächste Woche) eine?n? \w+)", _as_said),
)  # fmt: skip
