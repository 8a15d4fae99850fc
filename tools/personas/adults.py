"""Is everybody here an adult? Finds words that make a character under-age, and the age that a text states.

Words about others ("mother of a 5-year-old") and about the past ("when I was 12 I …") do not make a character a child.
In doubt it finds something: an operator can reword a sentence, a child as a persona cannot be taken back.
"""

import re
import unicodedata
from functools import cache

_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
]
_AGES = {word: age for age, word in enumerate(_WORDS)}
_YOUNG = rf"(?P<young>1[0-7]|0?\d|{'|'.join(_WORDS)})"
_YEARS = r"(?:years?|yrs?|y)"
_WHO = (
    r"girl|boy|kid|child|female|male|student|pupil|daughter|son|sister|brother|stepsister|stepbrother|cheerleader|"
    r"schoolgirl|schoolboy|virgin|idol|maid|slave|princess|heroine|hero|runaway|orphan|character|protagonist|version"
)
_BE = r"(?:(?:is|am|are|be|being|stays?|remains?|became|become)\b|(?<=\w)['’](?:s|m|re)\b)"
_EARLY_SCHOOL = r"(?:high|middle|junior[- ]high|elementary|primary|grade|secondary|prep)[- ]?school"

# Each is a way to say that somebody is a minor; `young` is the age, where one is said.
_SAYS = [
    re.compile(pattern)
    for pattern in (
        rf"\b{_YOUNG}[\s-]*{_YEARS}[\s-]*(?:old|of[\s-]+age)\b",
        rf"\b{_YOUNG}\s*(?:y/?o|y\.o\.?)(?!\w)",
        rf"\bage[ds]?\b[\s\"'“”*_:=({{\[-]{{0,8}}(?:is |of |only |just |around |about |approximately )?[\s\"'“”*_:=(]{{0,4}}{_YOUNG}(?![\w%+]|[.,]\d|[\s-]*(?:to|and|–)[\s-]*(?:\d\d|up|older))",
        rf"{_BE} (?:only |just |barely |still |now |currently |about |almost |nearly |a mere )?{_YOUNG}\s*(?=[.!?;\"”\n)]|,(?!\d)|$|(?:and|but|with|who|now)\b)",
        rf"\b[fm]/?{_YOUNG}\b|\b(?:1[0-7])/?[fm]\b",
        rf"^\W*[\w' ]{{1,60}}?,? ?\((?:age )?{_YOUNG}\)",
        rf"\b(?:just|recently|newly) turned {_YOUNG}\b(?! (?:into|to)\b)",
        rf"\b(?:turns|turning|will be|will turn|about to turn) (?:{_YOUNG}|18|eighteen)\b(?=\W*(?:$|soon|tomorrow|next|in|this|on|years))",
        r"\b(?:not (?:yet|even)|n['’]t (?:yet|even)|almost|nearly|under|below|younger than) (?:18|eighteen)\b(?! (?:months|hours|minutes|km|miles|holes|%))",
        r"\b(?:is|are)n['’]t (?:18|eighteen)(?: years old)? yet\b",
        r"\bl[o0]l[i1](?:con|s)?\b|\bshota(?:con|s)?\b|\bjailbait\b",
        r"\bunder[- ]?aged?\b",
        r"\bschool[- ]?(?:girl|boy)s?\b",
        rf"\b{_EARLY_SCHOOL}[- ]?(?:ers?|students?|pupils?|girls?|boys?|kids?|freshman|sophomore|junior|senior|cheerleader|idol)\b",
        rf"\b(?:attends?|attending|goes to|going to|still in|is in|am in|enrolled (?:in|at)|student at|studies at|studying at)(?: [\w'’]+){{0,4}} {_EARLY_SCHOOL}\b",
        r"\b(?:[1-9]|1[0-2])(?:st|nd|rd|th)[- ]grader?s?\b(?! (?:teacher|steel|math))",
        r"\bkindergart(?:en|n)ers?\b|\btoddlers?\b|\bpre-?teens?\b|\btweens?\b|\bpre-?pubescent\b|\bpubescent\b",
        rf"\bteen(?:agers?|-?aged?|age)\b|\bteen[- ](?:{_WHO})\b|{_BE} (?:a|just a|only a) teen\b",
        rf"(?:{_BE}|\bstill) in (?:her|his|their|my|your) (?:early |mid[- ]|late )?teens\b",
        rf"(?:{_BE}|\bas|\bstill|\bjust|\bonly) an? (?:legal |actual |real )?minor\b(?! (?:in|character|role|celebrity|poet|official|planet|deity|god|noble|offence|offense|league|figure|spirit|annoyance))",
        rf"(?:{_BE}|\bas|\bstill|\bjust|\bonly) an? (?:\w+ ){{0,2}}(?:child|kid|little girl|little boy)\b(?! (?:of|at heart|psycholog|therap|prodigy|star|actor|care|development|protection))",
        r"\b(?:body|face|looks?|appearance|voice|mind|figure) of (?:a|an) (?:\w+ )?(?:child|kid|little girl|little boy)\b|\bchild-?like (?:body|figure|breasts)\b",
        rf"\b(?:looks?|appears?|seems?)(?: to be| like| about| around| only)* {_YOUNG}\b(?! (?:times|minutes|hours|meters|metres|feet|ways?|things?))",
        # Other languages: the number with its word for years, or the word for a pupil or child.
        r"\b(?P<de>1[0-7]|\d)[\s-]*(?:jahre? alt|jährige[rsnm]?)\b|\bschülerin\b|\bminderjährig\w*|\bgrundschüler\w*",
        r"\b(?:âgée? de|a|j['’]ai|n['’]a que) (?P<fr>1[0-7]|\d) ans\b(?! d['’])|\blycéenne?\b|\bcollégienne?\b|\bmineure\b",
        r"\b(?:tiene|tengo|de) (?P<es>1[0-7]|\d) años\b(?! de exp)|\bcolegiala\b|\bmenor de edad\b",
        r"\b(?:tem|tenho|de) (?P<pt>1[0-7]|\d) anos\b(?! de exp)|\b(?:ha|ho|di) (?P<it>1[0-7]|\d) anni\b(?! di esp)|\bminorenne\b",
        r"(?<!\d)(?:1[0-7]|\d)(?:歳|才|岁|歲|살)(?!の(?:頃|ころ|時|とき|娘|息子)|時|のと)|女子高生|男子高生|小学生|中学生|高校生|萝莉|蘿莉|ロリ|ショタ|여고생",
        r"\b(?:мне|ей|ему) (?P<ru>1[0-7]|\d) лет\b|\bшкольниц\w+|\bнесовершеннолетн\w+",
    )
]

_RELATIVES = (
    r"(?:daughters?|sons?|sisters?|brothers?|siblings?|twins?|triplets?|nieces?|nephews?|cousins?|kids?|child|children|stepsons?|"
    r"stepdaughters?|grandsons?|granddaughters?|grandchild(?:ren)?|godsons?|goddaughters?|pupils?|students?|teens|teenagers|readers|fans"
    r"|dogs?|cats?|horses?|pon(?:y|ies)|parrots?|rabbits?|cars?|vans?|bikes?|boats?|laptops?|house|company|startup|bakery|shop|"
    r"business|whisky|whiskey|scotch|wine|rum|cheese|balsamic|tree|bonsai|sourdough|starter|marriage|blog|channel|podcast)"
)
_PAST_BEFORE = re.compile(
    r"(?:\b(?:when|while|since|until|till|before|after|once|by the time|back when|because|though) (?:\S+ ){0,4}?"
    r"(?:was|were|turned|became|had turned|reached)\b[^.!?\n]{0,25}"
    r"|\b(?:at|since|from|until|by|before|after|around)(?: the| her| his| their| my)?(?: tender| young| early)?(?: age(?: of)?)?"
    r"|\b(?:at|since|from|until|by|before|after) (?:only |just |barely |about )?(?:the age of |age )?"
    r"|\b(?:lost|left|met|moved|fled|orphaned|learned|learnt|started|began|joined|won|published|adopted|married)\b[^.!?\n]{0,40}\b(?:at|aged|age|as an?)"
    r"|\b(?:used to be|once|formerly|had been|as a former|ex-?)(?: (?:a|an|the))?"
    r"|\b(?:als|wenn) (?:\S+ ){1,4}|\b(?:à|dès|depuis) l['’]âge de|\bdesde los|\ba los|\bquando (?:\S+ ){0,3})\W*$"
)
_PAST_AS = re.compile(
    r"(?<!play )(?<!roleplay )(?<!act )(?<!pose )(?<!dressed )(?<!dress )(?<!speak )(?<!write )\bas an?\s*(?:\w+ )?$"
)
_PAST_AFTER = re.compile(
    r"^[^.!?\n]{0,40}?\b(?:when|at the time|back then|in those days|that (?:year|summer|winter|day)|years? ago|in (?:19|20)\d\d)\b"
    r"|^[^.!?\n]{0,5}\b(?:years|self|days|diar(?:y|ies)|memories|crush)\b"
)
_OTHERS_BEFORE = re.compile(
    r"\b(?:taught|teach(?:es|ing)?|tutor(?:s|ed|ing)?|coach(?:es|ed|ing)?|mentor(?:s|ed|ing)?|rais(?:es|ed|ing)|babysits?|"
    r"counsel(?:s|led|ling)|trains?|training|parents?(?: of)?|(?:mother|mom|mum|father|dad|aunt|uncle|grandmother|grandfather|"
    r"guardian|teacher|nanny|stepmother|stepfather|owner) (?:of|to)|volunteers? with|works? with|working with|worked with|"
    r"writes? for|writing for|books for|help(?:s|ed|ing)?|has|have|had|owns?|drives?|rides?|adopted|drinks?|sips?|loves|"
    r"protect(?:s|ed|ing)?|rescued|judged?|judges|lives with|living with)(?: (?!is\b|am\b)[\w,'’-]+){0,4} ?$"
    r"|(?<!\byour )(?<!\bis her )(?<!\bis his )(?<!\bis my )(?<!\bare her )\b(?:her|his|my|their|our)(?: \w+)? ?$"
    rf"|\b{_RELATIVES}(?:,? [^\s.!?]+){{0,2}},? (?:is|are|was|were|turns|turned|aged|age)(?: (?:now|only|just|a|an))* ?$"
    rf"|\b{_RELATIVES}(?:,? \w+)?,? \(?$"
)
_OTHERS_AFTER = re.compile(
    r"^[\s-]*(?:\w+ )?(?:students|pupils|kids|children|teens|teenagers|girls|boys|readers|dogs?|cats?|horses?|whisk(?:e)?y|scotch|wine|rum|"
    r"cheese|house|company|startup|bakery|shop|business|cars?|vans?|bikes?|boats?|laptops?|tree|bonsai|sourdough|starter|blog|channel|"
    r"podcast|marriage|daughter of hers|son of hers)\b"
    r"|^[\s-]*(?:teachers?|teaching|counsell?ors?|principal|librarians?|coach(?:es)?|drama|romance|fiction|novels?|literature|reunions?|"
    r"sweethearts?|diploma|education|drinking|drinkers|gambling|labou?r|marriage|drivers?|driving|users?|french|crush)\b"
)
_IDENTITY_BEFORE = re.compile(
    rf"{_BE} (?:a|an|the|your|her|his|my|their|\{{\{{user\}}\}}['’]s|<user>['’]s) ?$|\byour ?$|\b(?:user)\W{{0,2}}['’]s ?$"
)
_NEVER = re.compile(
    r"\b(?:not?|never|no[nr]|nobody|none|without|neither|isn['’]t|aren['’]t|won['’]t|refuses?|against|forbid(?:s|den)?|prevent(?:s|ing)?|"
    r"protect(?:s|ing)?|combat(?:s|ing)?|report(?:s|ing)?|block(?:s|ing)?|stops?|fight(?:s|ing)?)\b[^.!?\n]{0,40}$"
)


def under_age(text: str) -> str | None:
    """The words that make somebody in the text a minor, as a short quote; None when there are none."""
    plain = _plain(text)
    for says in _SAYS:
        for found in says.finditer(plain):
            if not _harmless(plain, found):
                return _quote(plain, found)
    return None


def stated_age(text: str) -> int | None:
    """The age of 18 or more that a text says somebody is ("Age: 32", "a 32-year-old baker"); None when it says none."""
    for pattern in _stated():
        found = pattern.search(_plain(text))
        if found:
            return int(found["age"])
    return None


@cache
def _stated() -> tuple[re.Pattern[str], ...]:
    grown = r"(?P<age>1[89]|[2-9]\d|1[01]\d|120)"
    return (
        re.compile(rf"^\W*age\W{{1,8}}{grown}\b", re.MULTILINE),
        re.compile(rf"\bage[d]?\W{{1,8}}{grown}\b"),
        re.compile(rf"(?<!her )(?<!his )(?<!my )(?<!their )\b{grown}[\s-]*{_YEARS}[\s-]*old\b"),
        re.compile(rf"(?:{_BE}) {grown}\s*(?=[.!?;\n,)]|$|and\b)"),
    )


def _plain(text: str) -> str:
    """One spelling for what looks the same: NFKC, no zero-width characters, lower case, single blanks."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return re.sub(r"[^\S\n]+", " ", text).casefold()


def _harmless(text: str, found: re.Match[str]) -> bool:
    """Whether the words are about somebody else or about the past."""
    before, after = _sentence_around(text, found)
    word = found.group()
    if re.search(r"l[o0]l[i1]|shota|jailbait", word):
        return bool(_NEVER.search(before))
    if _NEVER.search(before):
        return True
    if _PAST_BEFORE.search(before) or _PAST_AS.search(before) or _PAST_AFTER.search(after):
        return True
    if _OTHERS_AFTER.search(after):
        return True
    return not _IDENTITY_BEFORE.search(before) and bool(_OTHERS_BEFORE.search(before))


def _sentence_around(text: str, found: re.Match[str]) -> tuple[str, str]:
    before = text[max(0, found.start() - 120) : found.start()]
    after = text[found.end() : found.end() + 120]
    return re.split(r"[.!?;\n]", before)[-1], re.split(r"[.!?;\n]", after)[0]


def _quote(text: str, found: re.Match[str]) -> str:
    start, end = max(0, found.start() - 20), min(len(text), found.end() + 10)
    return " ".join(text[start:end].split())
