"""Which words make somebody a minor, and which say that the words are about somebody else, or about the past?

Patterns for `tools.personas.adults`, in verbose regular expressions over text in lower case with single blanks.
"""

# ruff: noqa: E501  # a pattern is read best on one line

import re

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_WORDS_FROM_SIX = "|".join(_WORDS.split()[6:])
YOUNG = rf"(?:1[0-7]|0?\d|{'|'.join(reversed(_WORDS.split()))})"
IS = r"(?: \b(?:is|am|are|being|stays?|remains?|becomes?) | (?<=\w)['’](?:s|m|re) )\b"
_JUST = r"(?:\ (?:only|just|barely|still|now|currently|about|around|almost|nearly|maybe|a\ mere|sweet|turning))*"
_PLAYS = r"\b (?:play|roleplay|act|pose|dress|speak|write|reply|behave)\w* \ (?:\w+\ )? as"
_WHO = (
    "girl|boy|kid|female|male|student|pupil|daughter|son|sister|brother|stepsister|stepbrother|stepdaughter|stepson|"
    "cheerleader|virgin|idol|maid|slave|princess|prince|heroine|hero|runaway|orphan|protagonist|version|one|babysitter|model|star|"
    "singer|actress|actor|witch|vampire|hacker|assassin"
)
_SCHOOL = r"(?: (?:high|middle|junior[-\ ]high|elementary|primary|grade|secondary|prep)[-\ ]?school | junior[-\ ]high )"
_YEARS = r"(?:years?|yrs?|y)"


def _verbose(*patterns: str) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.VERBOSE | re.MULTILINE) for pattern in patterns]


# Said of a persona, in whatever words, always too much.
NEVER_FITS = _verbose(
    r"\b l[o0]l[i1] (?:con|s)? \b | \b shota (?:con|s)? \b | \b jail\s?bait \b | 萝莉 | 蘿莉 | ロリ | ショタ",
    r"""\b (?:body|face|looks?|appearance|voice|mind|figure|breasts) \ of \ an? \ (?:\w+\ )? (?:child|kid|little\ girl|little\ boy) \b
        | \b look(?:s|ing)? \ (?:just\ |exactly\ )? like \ an? \ (?:\w+\ )? (?:child|kid|little\ girl|little\ boy|toddler|pre-?teen) \b
        | \b child[-\ ]?like \ (?:body|figure|breasts) \b""",
)

AGES = _verbose(
    rf"\b {YOUNG} [\s-]* {_YEARS} [\s-]* (?:old|of[\s-]+age)\b",
    rf"\b {YOUNG} \s* (?: y/?o | y\.o\.? ) (?!\w)",
    # "Age: 17", "Age = (“17”)", "aged only 16"; not "age 12 and up", "ages 8 to 12", "age 7.5".
    rf"""\b aged? \b [\s"'“”*_:=()\[\]-]{{0,8}} (?:(?:is|of|only|just|around|about|approximately)\ )? [\s"'“”*_:=(]{{0,4}}
        {YOUNG} (?! [\w%+] | [.,]\d | [\s-]* (?:to|and|–|&) [\s-]* (?:\d|up|older) )""",
    rf"""{IS} {_JUST} \  {YOUNG} \s* (?= [.!?;"”\n)] | ,(?!\d) | $ | (?:and|but|with|who|now|today|too|years)\b )
        (?! \s* years\ (?:into|in|sober|deep|clean|married|older|younger|ahead|behind|away|from|ago) )""",
    rf"\b [fm] / {YOUNG} \b | \b 1[0-7] (?: f | \s?/\s?[fm] ) \b | \| \s* 1[0-7] \s* \|",
    rf"(?: \}}\}} | \w ) , \  {YOUNG} , \  (?:is|was|an?|the|who|has|lives|loves|works|goes|her|his)\b",
    rf"""\b (?:she|he|i) (?: \ (?:is|am) | ['’](?:s|m) ) {_JUST} \  (?:[4-9]|1[0-7]|{_WORDS_FROM_SIX}) \b (?! \s* (?:
        % | [:.,'’"/-]\d? \d | ['’"/–-] | (?:st|nd|rd|th|am|pm|o['’]clock|of|out|in|times?|percent|points?|steps?|blocks?|floors?|people|seats?)\b |
        (?:minutes?|hours?|days?|weeks?|months?|feet|foot|inches|cm|kg|kilos?|km|miles?|pounds?|lbs?|stone|metres|meters|generations?)\b |
        years?\ (?:into|in|sober|deep|clean|married|older|younger|ahead|behind|away|from|ago) ) )""",
    rf" \( [^()\n]{{1,20}} , \  {YOUNG} \) ",
    rf"\b born \  {YOUNG} \  years \ ago \b",
    rf"^ [^\w\n]{{0,9}} [\w'’]{{1,40}} (?:\ [\w'’]{{1,40}}){{0,3}} ,? \  \( (?:age\ )? {YOUNG} \)",
    rf"\b (?:just|recently|newly) \ turned \  {YOUNG} \b (?! \ (?:into|to)\b )",
    rf"\b (?: turns | turning | (?:will|’ll|'ll) \ (?:be|turn) | about\ to\ (?:be|turn) | has\ yet\ to\ turn) \ "
    rf"(?:{YOUNG} | 18 | eighteen) \b (?= \W* (?: $ | soon | tomorrow | next | in\b | this | on\b | years ) )",
    rf"{IS} {_JUST} \  (?:not\ (?:yet|even)\ )? (?:under|below|younger\ than|not\ yet|not\ even) \  (?:18|eighteen) \b",
    r"\b (?:is|are) n['’]t \ (?:even\ )? (?:18|eighteen) (?:\ years\ old)? \ yet \b",
    rf"\b (?:looks?|appears?|seems?|acts?) (?:\ (?:to\ be|like|about|around|only|just|maybe))* \  {YOUNG} \b"
    r"(?! \ (?:times|minutes|hours|days|weeks|months|met|feet|ways?|things?|people|of|more|years\ (?:older|younger)) )",
)

WORDS = _verbose(
    r"\b under[-\ ]?aged? \b",
    r"\b school[-\ ]?(?:girl|boy)s? \b",
    rf"\b {_SCHOOL} [-\ ]? (?:ers?|students?|pupils?|girls?|boys?|kids?|freshm[ae]n|sophomores?|juniors?|seniors?|cheerleaders?|idols?) \b",
    rf"""\b (?:attends?|attending|goes\ to|going\ to|go\ to|still\ in|is\ in|am\ in|enrolled\ (?:in|at)|student\ at|stud(?:ies|ying)\ at)
        (?:\ [\w'’.]+){{0,4}} \  {_SCHOOL} \b (?! \ (?:reunion|gym|musical|football|games|theat) )""",
    rf"\b (?:freshman|sophomore|junior|senior) \ (?:in|at) (?:\ [\w'’.]+){{0,3}} \  {_SCHOOL} \b",
    rf"\b (?:just|recently|about\ to) \ (?:start|enter|transferr?)\w* (?:\ (?:to|at|\w+)){{0,2}} \  {_SCHOOL} \b",
    rf"(?: {IS} | \b still | \b currently ) \ in \ (?:the\ )? (?:[1-9]|1[0-2])(?:st|nd|rd|th) \ grade \b",
    r"\b (?:[1-9]|1[0-2]) (?:st|nd|rd|th) [-\ ] graders? \b (?! \ teacher )",
    r"\b kindergart(?:e?ner)s? \b | \b toddlers? \b | \b pre-?teens? \b | \b tweens? \b | \b (?:pre-?)?pubescent \b",
    rf"\b teen(?:agers? | -?aged? ) \b | \b teen[-\ ](?:{_WHO}) \b | {IS} {_JUST} \ an? \ teen \b",
    rf"(?: {IS} | \b still ) \ in \ (?:her|his|their|my|your) \ (?:early\ |mid[-\ ]|late\ )? teens \b",
    rf"""(?: {IS} | {_PLAYS} | \b still | \b just | \b only ) \ an? \ (?:legal\ |actual\ |real\ |literal\ )? minor \b
        (?= \s* (?: [.,!?;)"”] | $ | and\b | but\b | who\b | under\b | in\ the\ eyes ) )""",
    rf"""(?: {IS} {_JUST} | {_PLAYS} | \b still | \b just | \b only ) \ an? \ (?:\w+\ ){{0,2}} (?:child|kid|little\ girl|little\ boy) \b
        (?! \ (?:of|at\ heart|psycholog|therap|prodigy|star|actor|actress|care|development|protection|welfare) | [’'] | -free )""",
)

# Other languages: a number with its word for years, or the word for a pupil, a child or a minor.
ELSEWHERE = _verbose(
    r"\b (?:1[0-7]|\d) [\s-]* (?:jahre?\ alt|jährige[rsnm]?) \b | \b (?:grund)?schüler(?:in)? \b | \b minderjährig\w*",
    r"\b (?:âgée?\ de|a|j['’]ai|n['’]a\ que) \ (?:1[0-7]|\d) \ ans \b (?! \ d['’e] ) | \b lycéenne? \b | \b collégienne? \b | \b mineure \b",
    r"\b (?:tiene|tengo|de) \ (?:1[0-7]|\d) \ años \b (?! \ (?:de|en) ) | \b colegiala \b | \b menor \ de \ edad \b",
    r"\b (?:tem|tenho|de) \ (?:1[0-7]|\d) \ anos \b (?! \ (?:de|em) ) | \b menor \ de \ idade \b",
    r"\b (?:ha|ho) \ (?:1[0-7]|\d) \ anni \b (?! \ (?:di|in) ) | \b minorenne \b",
    r"(?<!\d) (?:1[0-7]|\d) (?:歳|才|岁|歲|살) (?! の(?:頃|ころ|時|とき|娘|息子) | 時 | で(?!す|ある) | から | 时 | 那年 )",
    r"女子高生 | 男子高生 | 小学生 | 中学生 | 高校生 | 여고생 | 여중생",
    r"\b (?:мне|ей|ему) \ (?:1[0-7]|\d) \ лет \b | \b школьниц\w+ | \b несовершеннолетн\w+",
)


def _one(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.VERBOSE)


_HELPS = (
    r"taught|teach(?:es|ing)?|tutor(?:s|ed|ing)?|coach(?:es|ed|ing)?|mentor(?:s|ed|ing)?|rais(?:es|ed|ing)|babysit(?:s|ting)?|babysat|"
    r"counsel(?:s|led|ling)|trains|trained|training|help(?:s|ed|ing)?|judge[sd]?|reads\ to|cooks\ for|writ(?:es|ing)\ for|wrote\ for|"
    r"(?:volunteer|work|live|play|talk)(?:s|ed|ing)?\ with|books\ for|looks\ after|car(?:es|ing)\ for|tours\ for|protect(?:s|ed|ing)?|"
    r"(?:mother|mom|mum|father|dad|parents?|aunt|uncle|grandmother|grandfather|guardian|teacher|tutor|nanny|stepmother|stepfather|owner)\ (?:of|to)"
)
_HAS = (
    "has|have|had|owns?|drives?|drove|rides?|drinks?|drinking|sips?|sipping|pours?|loves|adopted|rescued|inherited|bought|"
    "restored|restores|keeps?|kept|shares"
)
_KIN = (
    r"daughters?|sons?|sisters?|brothers?|siblings?|twins?|triplets?|nieces?|nephews?|cousins?|kids?|children|child|stepsons?|"
    r"stepdaughters?|grandsons?|granddaughters?|grandchild(?:ren)?|godsons?|goddaughters?|pupils|students|dogs?|cats?|horses?"
)
_MANY = (
    r"students|pupils|kids|children|teens|teenagers|girls|boys|readers|fans|twins|triplets|refugees|prodigies|recruits"
)
_THINGS = (
    r"dogs?|cats?|horses?|mare|pon(?:y|ies)|parrots?|rabbits?|cars?|vans?|trucks?|bikes?|boats?|laptops?|phone|house|company|startup|"
    r"bakery|shop|business|whiske?y|scotch|bourbon|wine|rum|port|cheddar|cheese|balsamic|tree|bonsai|sourdough|starter|marriage|career|"
    r"feud|blog|channel|podcast|volvo|guitar|violin|sweater|recipe|secret|habit|lease|mortgage|friendship|club|band|tradition"
)
_MINE = r"(?<!\bis\ )(?<!\bam\ )(?<!\bare\ )(?<!\bbe\ )(?<!['’]s\ )(?<!['’]m\ )\b(?:her|his|my|their|our|whose)"
_PAST_VERBS = (
    r"lost|left|met|moved|fled|orphaned|learned|learnt|started|began|joined|won|published|married|ran|dropped|worked|wrote|went|sang|"
    r"sailed|discovered|played|trained|spent|took|had|got|came|made|decided|realized|realised|fell|was|were"
)

# In the same sentence before the words.
PAST_BEFORE = _one(
    r"\b (?:when|while|until|till|before|after|once|by\ the\ time|because|though|although|since) \ (?:\S+\ ){0,4}? "
    r"(?:was|were|turned|became|had\ turned|reached) \b [^.!?\n]{0,25} $",
    r"\b (?:at|since|from|until|till|by|before|after|around) (?:\ (?:the|her|his|their|my))? (?:\ (?:tender|young|early|ripe))?"
    r" (?:\ age)? (?:\ of)? (?:\ (?:only|just|about|barely))? \W* $",
    r"\b (?:used\ to\ be|once|formerly|had\ been|no\ longer|reformed|former|ex) (?:[\ -](?:as|a|an|the))* (?:\ \w+)? \W* $",
    rf"(?: ^\W*(?:and\ |but\ |even\ |already\ |back\ )? | , \  | \b (?:{_PAST_VERBS}) \b [^.!?\n]{{0,60}} ) \b as \ an? (?:\ \w+)? \W* $",
    r"\b als \ (?:\S+\ ){1,4} $ | \b (?:à|dès|depuis) \ l['’]âge \ de \  $ | \b (?:desde|a) \ los \  $ | \b quando \ (?:\S+\ ){0,3} $",
)
# "aged 16" behind a verb of the past: "ran away aged 16".
PAST_VERB_BEFORE = _one(rf"\b (?:{_PAST_VERBS}) \b [^.!?,\n]{{0,40}} $")
WAS_BEFORE = _one(r"\b (?:was|were) (?:\ (?:a|an|the|only|just|still|about))* (?:\ \w+)? \W* $")
PLAYS_BEFORE = _one(rf"{_PLAYS} \ an? (?:\ \w+)? \W* $")
SIMILE_BEFORE = _one(r"(?<!\blook)(?<!\blooks)(?<!\blooking)(?<!\bexactly) \  like \ an? (?:\ \w+)? \s? $")
THING_BEFORE = _one(
    rf"\b (?:{_THINGS}|number|temperature|score|price|level|rank|size|robot|app|chapter|limit|record|team|it) \s? (?:(?:is|was) (?:\ only)? \s?)? $"
)
# In the same sentence behind them, or before a "was".
TIME = _one(
    r"\b (?:when|at\ the\ time|back\ then|in\ those\ days|years?\ ago|(?:in|since|until|of)\ (?:19|20)\d\d | childhood ) \b"
)
PAST_AFTER = _one(r"^ \W{0,2} (?:years|self|days|diar(?:y|ies)|memories|dreams?|bedroom|band|me) \b (?!\ old)")

OTHERS_BEFORE = _one(
    rf"\b (?:{_HELPS}) (?:\ (?!is\b|am\b|are\b)[\w,'’-]+){{0,4}} \s? $",
    rf"\b (?:{_HAS}) (?:\ (?!been\b|turned\b|become\b|is\b|the\ (?:body|face|mind|look))[\w,'’-]+){{1,4}} \s? $",
    rf"{_MINE} (?:\ \w+)? \s? $",
    rf"{_MINE} (?:\ \w+)? \ (?:{_KIN}) \b (?:,?\ [^\s.!?]+){{0,2}},? \ (?:is|are|was|were|turns|turned|has|have) (?:\ (?:now|only|just|a|an))* \s? $",
    rf"{_MINE} (?:\ \w+)? \ (?:{_KIN}) \b (?:,?\ \w+)? ,? \ \(?\s? $",
)
OTHERS_AFTER = _one(
    rf"^ [\s-]* (?:\w+\ )? (?:{_MANY}) \b",
    rf"^ [\s-]* (?:[\w-]+\ )? (?:{_THINGS}) \b",
    r"^ [\s-]* (?:teachers?|teaching|counsell?ors?|principals?|librarians?|drama|romance|fiction|novels?|literature|french|crush|"
    r"drinking|drinkers|gambling|labou?r|marriages?|driv(?:ers?|ing)|users?|workers?|angst|fashion|pop|slasher|comed(?:y|ies)|movies?|films?) \b",
)
BODY_AFTER = _one(r"^ [\s-]* (?:\w+\ )? (?:bod(?:y|ies)|face|looks?|appearance|figure|form|voice|breasts) \b")
IDENTITY_BEFORE = _one(
    rf"{IS} (?:\ (?:only|just|barely|still|now|currently|really|actually|also))* "
    r"(?:\ (?:a|an|the|your|her|his|my|their|\{\{user\}\}['’]s|<user>['’]s))? (?:\ \w+)? \s? $",
    r"\b your (?:\ \w+)? \s? $",
    r"\b user \W{0,2} ['’]s (?:\ \w+)? \s? $",
)
NOT_BEFORE = _one(
    r"\b (?:not(?!\ (?:just|only|your|even))|never|no(?!\ longer\ \w+ing)|nobody|none|without|neither|nor|"
    r"(?:is|are|was|were|do|does|wo)n['’]t|refuses?|against|forbid(?:s|den)?|prevent(?:s|ing)?|protect(?:s|ing)?|report(?:s|ing)?|"
    r"block(?:s|ing)?|stops?|fight(?:s|ing)?|exclud(?:es|ing)) \b [^.!?,;:\n]{0,40} $"
)
