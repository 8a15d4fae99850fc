"""Which list, sheet or report does a question ask for? Neighbours: intents (all else that is asked for)."""

import re
from dataclasses import dataclass

from agents.builtin import lexicon, titles
from agents.builtin.desk import Desk
from agents.builtin.families import LISTS
from agents.builtin.heads import Reading

ASKS = re.compile(
    r"(?:what|what's|whats|which|who|who's|whose|how|how's|when|when's|where|where's|why|is|are|am|was|were"
    r"|do(?! (?:an?|the|me|another|one|some|it|this|that|us|my)\b)|does|did|has|have(?! (?:an?|the|it)\b)|had"
    r"|any|anything|anyone|will)\b"
)


# "Nova's upcoming posts?": nothing but whose, which and what.
BARE = re.compile(
    r"(?:(?:§p\d+'s|her|his|their|my|our|the|any|all)\s+)?(?:(?:upcoming|scheduled|planned|next|published|latest"
    r"|recent|newest|last|failed"
    r"|cancelled|missed|pending)\s+)*(posts|pictures|images|cards|photos|videos|clips|recordings|voice-?overs)"
)
# "… and then her version history": what there is of a persona, with nothing but whose.
OF_ONE = re.compile(
    r"(?:(?:show|give|get|see|open|pull up|list|display)(?: me| us)? )?(?:§p\d+'s|her|his"
    r"|their)\s+(?:(?P<history>(?:full |whole |complete |version |change |edit "
    r"|changes )*(?:history|versions|changes"
    r"|revisions|changelog))|(?P<sheet>(?:full |whole |complete |character |persona )*(?:sheet|profile|bio|card"
    r"|details|description"
    r"|persona))|(?P<chats>(?:latest |recent |last )*(?:conversations|chats|dms|messages)))(?: (?:too|as well|also|please))*"
)


def _of_one(inner: str) -> str:
    hit = OF_ONE.fullmatch(inner)
    tools = {"history": "show_persona_history", "sheet": "show_persona", "chats": "list_conversations"}
    return next((tool for name, tool in tools.items() if hit and hit[name]), "")


def _names_feed(read: str, desk: Desk) -> bool:
    names = [str(row.get("name") or "").lower() for row in desk.rows("feeds")]
    return any(name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", read) for name in names)


LEAD = re.compile(
    r"^(?:(?:please )?(?:tell|show|give)(?: me)?|let me (?:know|see)|i(?:'d like| want| need)? ?(?:to )?(?:know"
    r"|see)|check|find out|see|do you know|can you tell me|list|any idea|know)(?: if| whether| me"
    r"| about)?\s+(?=(?:what|which|who|how|when|where|is|are|if|whether|there)\b)"
)
NEWS = re.compile(
    r"\b(?:what's|what is|whats|anything|something|what are the)(?: the)? (?:new|latest|news)\b(?! (?:post"
    r"|video|picture|card|version|persona|feed|job|one))|\bany (?:\w+ )?news\b|\b(?:news(?! (?:sources?|feeds?|sites?"
    r"|outlets?|papers?))|headlines"
    r"|stories)\b.*\?|\bwhat(?:'s| is) (?:happening|going on|in the news|up in|trending)\b|\bwhat (?:do"
    r"|did) the (?:feeds?|sources|papers) say\b|\bwhat(?:'s| is) (?:on|in) (?:the |my "
    r"|our )?(?:[\w§'-]+ )?feeds?\b|\bcatch me up\b|\bany (?:\w+ )?(?:new |fresh )?(?:stories|headlines"
    r"|articles)\b"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is asked for where `form` stands in the question, `but` does not, and it begins as `begins` says."""

    intent: str
    form: re.Pattern[str]
    but: re.Pattern[str] | None = None
    begins: re.Pattern[str] | None = None

    def fits(self, inner: str) -> bool:
        return (
            bool(self.form.search(inner))
            and not (self.but and self.but.search(inner))
            and not (self.begins and not self.begins.match(inner))
        )


RULES: tuple[Rule, ...] = (
    Rule(
        "list_media",
        re.compile(
            r"^(?:"
            r"what(?:'?s| is| do we have)(?: all)? in (?:the|our|my) (?:media(?: library)?|library|gallery)\b"
            r")"
        ),
    ),
    Rule(
        "show_status",
        re.compile(
            r"\b(?:status|healthy?|all (?:ok|okay|right|good|fine|well)|(?:everything|all|all services|all systems"
            r"|services|it all|system|gator"
            r"|setup|set-up) (?:ok|okay|alright|fine|good|working|running|up|set up|configured|healthy|in order"
            r"|connected)|(?:anything|something) (?:broken|wrong|off|down|misconfigured|missing)|what(?:'s"
            r"| is) (?:broken|wrong|configured|missing|not working|off|down|working)|(?:is"
            r"|are) (?:the )?(?:everything|database|broker|worker|storage|model|voice engine|all systems?|systems?"
            r"|services?|things|we|you)\b.*\b(?:ok|okay|alright|fine|good|working|running|up|ready|configured"
            r"|healthy|online|alive|operational)|which parts|how (?:is|are|'s) (?:the system|gator|everything"
            r"|things|it all|all|the platform)|(?:does|do) (?:everything|it all|all of it|(?:the|our|my) (?:database"
            r"|broker|worker|storage|model|voice engine|queue|system|gator"
            r"|bots?|channels?|vectors?|search|video engine|media engines?)) (?:still |even |currently )?(?:work|run"
            r"|function)|(?:is|are) (?:the|our) (?:bots?"
            r"|channels?|queue|broker) (?:up|ok|okay|running|working|alive|down)"
            r"|language model (?:is )?configured)\b"
        ),
        but=re.compile(r"\b(?:jobs?|posts?|video|card|render|§p\d+)\b"),
    ),
    Rule(
        "list_approvals",
        re.compile(
            r"\b(?:approv\w*|my ok|my okay|permission|sign[- ]?off|authori[sz]ation|my (?:consent|signature"
            r"|blessing|go-ahead|decision)|await\w* my|(?:waiting|wait) for (?:me|my)|needs? me)\b"
        ),
    ),
    Rule(
        "show_spending",
        re.compile(r"\b(?:spend|spent|spending|costs?|costing|bill|expens\w+|money|paid|pay|burn(?:ed|t)?|used up)\b"),
    ),
    Rule(
        "list_records",
        re.compile(
            r"\brecords?\b|\b(?:mx|txt|cname|aaaa|nameservers?|name servers?|spf|dkim)\b|\bdns\b.*§u|\b(?:a"
            r"|ns)\b (?:of|for) §u|§u\d+ (?:resolve|point)"
        ),
    ),
    Rule("list_zones", re.compile(r"\b(?:zones|domains|dns|domain)\b(?! time)")),
    Rule(
        "list_conversations",
        re.compile(
            r"\b(?:fans?|conversations?|chats?|chatt(?:ed|ing)|dms?|talk(?:ing|ed|s)? (?:to|with)|wr(?:ote|itten"
            r"|iting|ites?) (?:to|in)|messag(?:e|ed|es|ing)|inbox|who (?:wrote|talks|chats|is writing|has written"
            r"|messaged))\b"
        ),
        but=re.compile(r"\b(?:does|do|is|are) §p\d+ (?:talk|speak|write|chat)\b(?! (?:to|with))"),
    ),
    Rule(
        "show_persona_history",
        re.compile(
            r"\bwhat(?:'s| has| have| was)?(?: been)? (?:changed|edited|changes|edits)\b.*(?:§p|her|him|persona)|\b(?:history"
            r"|versions?|revisions?|changelog)\b|\bhow (?:has|did) §p\d+ (?:change|evolve)|\bwhat did (?:i"
            r"|we) change\b|\bwho (?:changed|edited)\b|\bhow has she changed\b"
        ),
    ),
    Rule(
        "list_jobs",
        re.compile(
            r"\b(?:jobs?|tasks?|queue|worker|render\w*|progress|being (?:made|rendered|drawn))\b|\b(?:is|are"
            r"|how(?:'s| is)|when will|has|have|did|was)\b.*\b(?:video|clip|card|picture|image|voice-?over"
            r"|recording|it|that|they)\b.*\b(?:ready|done|finish\w*|going|coming along|complete\w*|rendered|made"
            r"|fail\w*|rendering)\b|\bwhat(?:'s| is| are you) (?:currently )?(?:running|working on|in progress"
            r"|cooking)\b|\bhow long (?:until|till|will|does)\b|\b(?:anything|something|what(?:'s| is"
            r"| are)?) (?:still |currently )?(?:running|queued|stuck|rendering|fail\w*"
            r"|in progress)\b|\bwhy (?:did|has|have|was|is)\b.*\b(?:fail\w*|break|broken?|crash\w*|stuck|stop(?:ped)?"
            r"|go wrong)\b|\bwhat failed\b|\bdid (?:anything|something) fail\b|\bis (?:it|that) (?:ready|done"
            r"|finished)(?: yet)?\b"
        ),
        but=re.compile(r"\bposts?\b"),
    ),
    Rule(
        "list_posts",
        re.compile(
            r"\b(?:posts?|posted|posting|publish\w*|schedul\w*|calendar|planned|upcoming|going out"
            r"|go(?:es)? (?:out|live)|lined up|coming up|went (?:out|live))\b"
        ),
        begins=re.compile(
            r"(?:what|which|how|when|where|who|is|are|do|does|did|has|have|was|were|will|any|anything|there)\b"
        ),
    ),
    Rule(
        "list_feeds",
        re.compile(r"\b(?:feeds?|subscri\w+|sources|follow(?:ing|ed)?|do (?:i|we|you) (?:watch|track|read))\b"),
        begins=re.compile(r"(?:what|which|how many|are|do|is|any|who|list)\b"),
    ),
    Rule(
        "list_media",
        re.compile(
            r"\b(?:pictures?|images?|cards?|photos?|videos?|clips?|voice-?overs?|recordings?|media|files|assets"
            r"|audio|graphics)\b"
        ),
        begins=re.compile(
            r"(?:whats?|which|how many|are there|do (?:we|i|you) have|any|where|is there|what's|have we|have you"
            r"|did (?:we|you)|has)\b"
        ),
    ),
    Rule(
        "read_feeds",
        re.compile(r"\b(?:story|stories|headlines?|articles?|news)\b"),
        begins=re.compile(r"(?:what|which|any|are|is|do|has|have|how many)"),
    ),
)


def question(read: str, reading: Reading, desk: Desk) -> str:
    """Questions, by what they are after."""
    if reading.cause:
        return ""
    inner = LEAD.sub("", read)
    asked = bool(ASKS.match(inner)) or (
        read.rstrip().endswith("?") and not reading.families and not re.match(r"(?:an?|another|one)\b", inner)
    )
    if found := _news(inner, reading, desk, asked=asked) or _after_steps(inner, desk):
        return found
    if hit := BARE.fullmatch(inner.rstrip(" ?!.")):
        return LISTS[lexicon.thing(hit[1])] if lexicon.thing(hit[1]) in ("post", "card", "voice", "video") else ""
    if found := _of_one(inner.rstrip(" ?!.")):
        return found
    if not asked:
        return ""
    return next((rule.intent for rule in RULES if rule.fits(inner)), "") or _of_people(inner, desk)


def _news(inner: str, reading: Reading, desk: Desk, *, asked: bool) -> str:
    """What is new, what is in the feeds, what one of them says."""
    if (asked or reading.does("show", "make") or not reading.families) and NEWS.search(inner):
        return _happening(inner, desk)
    if asked and re.search(r"\b(?:in|on|from) (?:the |my |our |any |all )*feeds\b", inner):
        return "" if re.search(r"\bposts?\b", inner) else "read_feeds"
    about_feed = asked or re.match(r"(?:anything|what|something|news|latest|show|read|check|tell)\b", inner)
    if about_feed and _names_feed(inner, desk):
        other = re.search(r"\b(?:remove|unfollow|delete|posts?|url|address|link|unsubscribe)\b", inner)
        return "" if other else "read_feeds"
    return ""


def _happening(inner: str, desk: Desk) -> str:
    if re.search(r"\bwhat(?:'s| is) (?:happening|going on) with (?:the |my )?(?:job|video|render|card|voice)", inner):
        return "list_jobs"
    if re.search(r"\b(?:about|with|on|for) §p\d+\b", inner) and not desk.rows("feeds"):
        return "show_persona"
    return "read_feeds"


def _after_steps(inner: str, desk: Desk) -> str:
    """A question about what an earlier part of the same request did."""
    if not desk.steps:
        return ""
    last = desk.steps[-1].tool
    if last == "add_feed" and re.match(r"what(?:'s| is| does it| do they)\b.*\b(?:in|on|say|there|it|new)\b", inner):
        return "read_feeds"
    left = r"what(?:'s| is) (?:left|still (?:there|planned|scheduled|to come))|what remains"
    if last in ("cancel_post", "reschedule_post", "list_posts") and re.match(left, inner):
        return "list_posts"
    of_list = r"(?:and )?(?:which|what|when)(?: ones?)? (?:are|is|were|have|has|failed)\b[\w\s]{0,25}\??$"
    if re.match(of_list, inner) and (
        last == "list_jobs" or (last == "list_posts" and re.search(r"\b(?:next|first|last) one\b", inner))
    ):
        return last
    return ""


def _of_people(inner: str, desk: Desk) -> str:
    """Questions about personas and things called by their names, and what is left."""
    state = (
        r"\b(?:work(?:ed|ing)? out|(?:come|came|turn(?:ed)?|go|went|gone) (?:out|well|ok(?:ay)?|fine|through)"
        r"|succeed\w*|done|ready|finish\w*|rendered|through|going|coming along|over|fail\w*|stuck)\b"
    )
    if re.search(state, inner) and titles.named(inner, desk.rows("jobs"), skip=desk.personas):
        return "list_jobs"
    asks = r"(?:what|who|how|where|when|which|is|does|do|what's|who's|where's|has|can|why)\b"
    if re.search(r"§p\d+", inner) and re.match(asks, inner):
        return "show_persona"
    if re.search(r"\b(?:personas?|characters?|influencers?)\b", inner):
        return "show_persona" if re.search(r"§p\d+", inner) else "list_personas"
    if re.match(
        r"(?:who|whom) (?:do|have) (?:i|we|you) (?:have|got|made|created)|who(?:'s| is"
        r"| all)?(?: all)? (?:there|here|available|in the team|on the team|do we have|is there)\b"
        r"|who have we got",
        inner,
    ):
        return "list_personas"
    of_her = r"(?:who|what|how old|where|what's|which|does|is|who's)\b.*\b(?:she|he|they|her|him|his|their)\b"
    if re.match(of_her, inner) and (desk.focus or len(desk.personas) == 1):
        return "show_persona"
    return "can" if re.match(r"(?:can|could|do|will) you\b|are you able", inner) else "question"
