"""Which capability does a clause ask for? Its verb's family and its thing's family decide; questions have rules of their own.

An answer is the name of a capability, or one of the talks in `talk`: "help", "how", "approve", "thanks" …; empty when
nothing fits, and then nothing is done. Neighbours: heads (what it reads), planner (what it is for).
"""

import re

from agents.builtin import options
from agents.builtin.desk import Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.options import SOCIAL
from agents.builtin.said import Said

LISTS = {
    "persona": "list_personas", "feed": "list_feeds", "story": "read_feeds", "card": "list_media",
    "voice": "list_media",
    "video": "list_media", "media": "list_media", "job": "list_jobs", "post": "list_posts", "zone": "list_zones",
    "record": "list_records", "status": "show_status", "cost": "show_spending", "approval": "list_approvals",
    "conversation": "list_conversations", "version": "show_persona_history",
}  # fmt: skip
MAKES = {
    "persona": "create_persona",
    "card": "draw_card",
    "voice": "speak_text",
    "video": "make_video",
    "text": "write_text",
    "feed": "add_feed",
}
PLURAL = re.compile(
    r"\b(?:personas|characters|cards|pictures|images|voice-?overs|recordings|videos|clips|posts|feeds|stories"
    r"|headlines|news|jobs|tasks|zones|domains|records|approvals|conversations|chats|dms|messages|versions"
    r"|files|assets|articles|sources|subscriptions)\b"
)
IT = r"(?:it|that|this|them|these|those|both|everything|all)"
FORMAT = (
    r"(?:square|portrait|landscape|vertical|horizontal|story|9:16|16:9|1:1|4:5|bold|quote|editorial|gradient"
    r"|minimal(?:ist)?|shorter|longer|slower|faster|\d+[- ]?s(?:ec(?:ond)?s?)?\b)"
)


def intent_of(reading: Reading, desk: Desk) -> str:
    """The capability or talk that a clause is about."""
    read = reading.read
    for rule in (_talk, _outside, _question, _persona_life, _publishing, _by_verb, _statement, _noun, _bare):
        if found := rule(read, reading, desk):
            return found
    if name := _stranger(reading.said):
        raise Cannot(no_such(name, desk))
    return ""


def _talk(read: str, _reading: Reading, _desk: Desk) -> str:
    """What is no request for a capability at all."""
    if re.fullmatch(
        r"(?:thanks?|thank you|thx|cheers|great|perfect|nice|cool|awesome|lovely|ok(?:ay)?|good (?:job|work)"
        r"|well done|wonderful|excellent|brilliant|super)(?: (?:so much|a lot|very much|you|gator|that's all"
        r"|job|work|for (?:that|your help)))*[\s.!,]*",
        read,
    ):
        return "thanks"
    if re.fullmatch(
        r"(?:hi|hey|hello|good (?:morning|evening|afternoon|day)|hiya|greetings|yo)(?: (?:there|gator|again))*[\s.!,]*",
        read,
    ):
        return "hello"
    if re.fullmatch(
        r"(?:bye|goodbye|see you(?: later)?|good night|ciao|that's all|that is all|nothing(?: else)?)[\s.!]*", read
    ):
        return "bye"
    if re.search(
        r"\b(?:what (?:all )?(?:can|could|do) (?:you|gator|i|we) (?:all )?(?:do|offer|ask(?: you)?(?: for)?"
        r"|help)|what are you (?:able to do|capable of|good (?:for|at))|how (?:can|could) you help|what (?:are"
        r"|is) your (?:capabilities|features|skills|abilities|tools|functions)|your (?:capabilities|features"
        r"|skills)|what (?:things|kinds? of things|tasks|features) (?:can|do) you|what do you (?:do|offer"
        r"|support)|show me what you can do|list (?:your )?(?:capabilities|features|commands|tools)|(?:which"
        r"|what) (?:commands|tools|features)(?: (?:are there|do you have|exist))?)\b",
        read,
    ) or re.fullmatch(r"(?:help|help me|i need help|commands|\?|capabilities|menu|options)[\s.!?]*", read):
        return "help"
    if re.search(
        r"\bwho are you\b|\bwhat are you\b|\bare you (?:an? )?(?:ai|bot|human|real|llm|robot|chatgpt"
        r"|language model)\b|\bwhat(?:'s| is) your name\b|\b(?:which|what) (?:language )?(?:model"
        r"|llm) (?:are you|do you|is)\b",
        read,
    ):
        return "self"
    if re.match(
        r"(?:how (?:do|can|would|should|could) (?:i|we|one|you)|how to|what's the (?:best )?way to"
        r"|what do i (?:have to )?(?:say|type|write) to|can you (?:explain|tell me|show me) how)\b",
        read,
    ):
        return "how"
    if re.match(
        r"(?:never ?mind|forget (?:it|that|about it)|cancel (?:that|it|this)[\s.!]*$|scratch that|leave it"
        r"|stop[\s.!]*$|drop it|ignore that|no,? (?:thanks|thank you)|abort[\s.!]*$|don't[\s.!]*$|no[\s.!]*$"
        r"|cancel[\s.!]*$|stop (?:that|it|this)[\s.!]*$|undo(?: that| it| this)?[\s.!]*$|take (?:it"
        r"|that) back)",
        read,
    ):
        return "nevermind"
    if re.match(
        r"(?:i |we )?(?:hereby )?(?:approve|confirm|reject|decline|deny|authori[sz]e)\b|yes,? (?:post|publish"
        r"|approve|do|go)\b|(?:approved|confirmed|go ahead|do it|make it so|yes|yep|sure|absolutely|y)[\s.!]*$",
        read,
    ) and not re.search(r"\bapprovals?\b", read):
        return "approve"
    return ""


CANNOT: tuple[tuple[str, str], ...] = (
    (r"\b(?:weather|forecast|temperature outside)\b(?!.*\b(?:post|card|caption|write|feed|stor|news|about)\b)",
    "I cannot look up the weather."),
    (r"\b(?:delete|drop|wipe|erase|destroy|format|truncate|clear|reset|empty|purge)\b.*\b(?:database|db|server"
    r"|disk|hard drive|everything|all data|whole system|all tables|tables?|workspace|memory|memories|logs?"
    r"|backups?)\b", "I cannot delete stored data. An admin does that outside this chat."),
    (r"\b(?:send|write|forward|draft|check|read)\b.*\b(?:e-?mails?|sms|text message|fax"
    r"|letter)s?\b(?!.*\b(?:about|card)\b)", "I cannot send or read e-mail or text messages."),
    (r"\b(?:buy|purchase|order|book|pay|transfer|refund|invoice|sell)\b(?!.*\b(?:write|card|post|caption|saying"
    r"|voice|story|reading|about)\b)", "I cannot buy, pay or book anything."),
    (r"\b(?:create|add|set|change|update|delete|remove|edit|point|make|register|modify)\b.*\b(?:dns|(?:a|aaaa"
    r"|mx|txt|cname|ns|srv|caa) records?|nameservers?|domains?|(?<!time )(?<!time)zones?|subdomain)\b",
    "I can list DNS zones and records, but not change them."),
    (r"\b(?:delete|remove|erase|trash|discard|get rid of)\b.*\b(?:pictures?|images?|cards?|videos?|clips?"
    r"|voice-?overs?|recordings?|media|files?|assets?|stor(?:y|ies)|articles?|conversations?|chats?|fans?"
    r"|messages?)\b(?! (?:post|job|feed)s?)",
    "I cannot delete media, stories or conversations. I can cancel a post or a job, remove a feed or a"
    " persona."),
    (r"\b(?:translate|translation)\b", "I cannot translate: that needs a language model."),
    (r"\b(?:message|dm|ban|block|reply to|answer|text|contact)\b (?:the |my |our |all |a )?(?:fans?|users?"
    r"|followers?|subscribers?)\b", "I cannot write to fans or block them: personas answer fans themselves."),
    (r"\b(?:search|google|browse|look up|surf)\b.*\b(?:web|internet|google|online|wikipedia)\b",
    "I cannot search the web. I can read feeds: give me a feed's address, and I add it."),
    (r"\b(?:play|sing|dance|joke|poem about me|stock price|exchange rate|bitcoin price|what time is it"
    r"|what's the time|what day is it)\b(?!.*\b(?:write|card|post|caption|interest|video|voice|persona|who"
    r"|loves|likes)\b)", "That is not among the things I can do."),
    (r"\b(?:restart|reboot|shut ?down|deploy|upgrade|install|backup|back up|turn off)\b.*\b(?:gator|server"
    r"|system|yourself|database|machine|computer|app|software|plugin|update|worker)\b",
    "I cannot start, stop or change the system itself. `gator` on the command line does that."),
    (r"\b(?:change|set|reset|give me|show me|tell me|create)\b.*\b(?:password|api key|secret|token|credentials?"
    r"|admin rights?)\b", "I do not handle passwords, keys or rights. An admin does that at the console or on the command line."),
    (r"\b(?:train|fine-?tune)\b.*\b(?:model|lora|voice)\b", "I cannot train models."),
    (r"\b(?:set|change|raise|lower|increase)\b.*\b(?:budget|spending limit|limit on spending)\b",
    "I can show spending, but not change budgets."),
)  # fmt: skip


def _outside(read: str, reading: Reading, _desk: Desk) -> str:
    """Things that are understood and cannot be done here."""
    outside = re.sub(r"\b(?:about|saying|that says|with the text|on the topic of)\b.*$|:\s.*$", "", read)
    if reading.cause and not re.search(r"\b(?:post|publish|tweet|share)\b", read):
        return ""
    described = re.search(r"\bpersona|character|who (?:loves|likes)|interests?\b|hobb", outside)
    for form, words in CANNOT:
        if re.search(form, outside) and not (described and not re.match(r"(?:delete|drop|wipe)", form[6:])):
            raise Cannot(words)
    if re.search(
        rf"\b(?:post|publish|share|upload|tweet|put|send|announce|connect|link|schedule|follow)\w*\b.*\b(?:on"
        rf"|to|with|at|via)\b (?:my |our |her |the |his )?(?:§p\d+'s )?{SOCIAL}\b(?! (?:stor|reel|format"
        rf"|time))",
        outside,
    ) and re.search(rf"\b{SOCIAL}\b", outside):
        from agents.builtin.fill_posts import refuse_platforms

        refuse_platforms(outside)
    if re.match(r"tweet\b", outside):
        raise Cannot(
            "I cannot post to Twitter: posts go to the persona's own gallery here. Say \"post it on the"
            ' gallery", and I do that.'
        )
    return ""


ASKS = re.compile(
    r"(?:what|what's|whats|which|who|who's|whose|how|how's|when|when's|where|where's|why|is|are|am|was|were"
    r"|do(?! (?:an?|the|me|another|one|some|it|this|that|us|my)\b)|does|did|has|have(?! (?:an?|the|it)\b)|had"
    r"|any|anything|anyone|will)\b"
)


def _question(read: str, reading: Reading, desk: Desk) -> str:
    """Questions, by what they are after."""
    inner = re.sub(
        r"^(?:(?:please )?(?:tell|show|give) me|let me (?:know|see)|i(?:'d like| want| need)? ?(?:to )?(?:know"
        r"|see)|check|find out|see|do you know|can you tell me|list|any idea|know)(?: if| whether| me"
        r"| about)?\s+(?=(?:what|which|who|how|when|where|is|are|if|whether|there)\b)",
        "",
        read,
    )
    if reading.cause:
        return ""
    asked = bool(ASKS.match(inner)) or (read.rstrip().endswith("?") and not reading.families)
    if (asked or reading.does("show", "make") or not reading.families) and re.search(
        r"\b(?:what's|what is|whats|anything|something|what are the)(?: the)? (?:new|latest|news)\b(?! (?:post"
        r"|video|picture|card|version|persona|feed|job|one))|\bany (?:\w+ )?news\b|\b(?:news|headlines"
        r"|stories)\b.*\?|\bwhat(?:'s| is) (?:happening|going on|in the news|up in|trending)\b|\bwhat (?:do"
        r"|did) the (?:feeds?|sources|papers) say\b|\bwhat(?:'s| is) (?:on|in) (?:the |my "
        r"|our )?(?:[\w§'-]+ )?feeds?\b|\bcatch me up\b|\bany (?:\w+ )?(?:new |fresh )?(?:stories|headlines"
        r"|articles)\b",
        inner,
    ):
        if re.search(
            r"\bwhat(?:'s| is) (?:happening|going on) with (?:the |my )?(?:job|video|render|card|voice)", inner
        ):
            return "list_jobs"
        if re.search(r"\b(?:about|with|on|for) §p\d+\b", inner) and not desk.rows("feeds"):
            return "show_persona"
        return "read_feeds"
    if not asked:
        return ""
    if re.search(
        r"\b(?:status|healthy?|all (?:ok|okay|right|good|fine|well)|(?:everything|all|it all|system|gator"
        r"|setup|set-up) (?:ok|okay|alright|fine|good|working|running|up|set up|configured|healthy|in order"
        r"|connected)|(?:anything|something) (?:broken|wrong|off|down|misconfigured|missing)|what(?:'s"
        r"| is) (?:broken|wrong|configured|missing|not working|off|down|working)|(?:is"
        r"|are) (?:the )?(?:everything|database|broker|worker|storage|model|voice engine|all systems?|systems?"
        r"|services?|things|we|you)\b.*\b(?:ok|okay|alright|fine|good|working|running|up|ready|configured"
        r"|healthy|online|alive|operational)|which parts|how (?:is|are|'s) (?:the system|gator|everything"
        r"|things|it all|all|the platform)|(?:does|do) (?:everything|it all|all of it) work"
        r"|language model (?:is )?configured)\b",
        inner,
    ) and not re.search(r"\b(?:jobs?|posts?|video|card|render|§p\d+)\b", inner):
        return "show_status"
    if re.search(
        r"\b(?:approv\w*|my ok|my okay|permission|sign[- ]?off|(?:waiting|wait) for (?:me|my)|needs? me)\b", inner
    ):
        return "list_approvals"
    if re.search(
        r"\b(?:spend|spent|spending|costs?|costing|bill|expens\w+|money|paid|pay|burn(?:ed|t)?|used up)\b", inner
    ):
        return "show_spending"
    if re.search(
        r"\brecords?\b|\b(?:mx|txt|cname|aaaa|nameservers?|name servers?|spf|dkim)\b|\bdns\b.*§u|\b(?:a"
        r"|ns)\b (?:of|for) §u|§u\d+ (?:resolve|point)",
        inner,
    ):
        return "list_records"
    if re.search(r"\b(?:zones|domains|dns|domain)\b(?! time)", inner):
        return "list_zones"
    if re.search(
        r"\b(?:fans?|conversations?|chats?|chatt(?:ed|ing)|dms?|talk(?:ing|ed|s)? (?:to|with)|wr(?:ote|itten"
        r"|iting|ites?) (?:to|in)|messag(?:e|ed|es|ing)|inbox|who (?:wrote|talks|chats|is writing|has written"
        r"|messaged))\b",
        inner,
    ) and not re.search(r"\b(?:does|do|is|are) §p\d+ (?:talk|speak|write|chat)\b(?! (?:to|with))", inner):
        return "list_conversations"
    if re.search(
        r"\bwhat(?:'s| has| have| was)?(?: been)? (?:changed|edited)\b.*(?:§p|her|him|persona)|\b(?:history"
        r"|versions?|revisions?|changelog)\b|\bhow (?:has|did) §p\d+ (?:change|evolve)|\bwhat did (?:i"
        r"|we) change\b|\bwho (?:changed|edited)\b|\bhow has she changed\b",
        inner,
    ):
        return "show_persona_history"
    if re.search(
        r"\b(?:jobs?|tasks?|queue|worker|render\w*|progress|being (?:made|rendered|drawn))\b|\b(?:is|are"
        r"|how(?:'s| is)|when will|has|have|did|was)\b.*\b(?:video|clip|card|picture|image|voice-?over"
        r"|recording|it|that|they)\b.*\b(?:ready|done|finish\w*|going|coming along|complete\w*|rendered|made"
        r"|fail\w*|rendering)\b|\bwhat(?:'s| is| are you) (?:currently )?(?:running|working on|in progress"
        r"|cooking)\b|\bhow long (?:until|till|will|does)\b|\b(?:anything|something) (?:running|fail\w*"
        r"|in progress)\b|\bwhat failed\b|\bdid (?:anything|something) fail\b|\bis (?:it|that) (?:ready|done"
        r"|finished)(?: yet)?\b",
        inner,
    ) and not re.search(r"\bposts?\b", inner):
        return "list_jobs"
    if re.search(
        r"\b(?:posts?|posted|posting|publish\w*|schedul\w*|calendar|planned|upcoming|going out"
        r"|go(?:es)? (?:out|live)|lined up|coming up|went (?:out|live))\b",
        inner,
    ) and re.match(
        r"(?:what|which|how|when|where|who|is|are|do|does|did|has|have|was|were|will|any|anything|there)\b", inner
    ):
        return "list_posts"
    if re.search(
        r"\b(?:feeds?|subscri\w+|sources|follow(?:ing|ed)?|do (?:i|we|you) (?:watch|track|read))\b", inner
    ) and re.match(r"(?:what|which|how many|are|do|is|any|who|list)\b", inner):
        return "list_feeds"
    if re.search(
        r"\b(?:pictures?|images?|cards?|photos?|videos?|clips?|voice-?overs?|recordings?|media|files|assets"
        r"|audio|graphics)\b",
        inner,
    ) and re.match(
        r"(?:what|which|how many|are there|do (?:we|i|you) have|any|where|is there|what's|have we|have you"
        r"|did (?:we|you)|has)\b",
        inner,
    ):
        return "list_media"
    if re.search(r"\b(?:story|stories|headlines?|articles?|news)\b", inner) and re.match(
        r"(?:what|which|any|are|is|do|has|have|how many)", inner
    ):
        return "read_feeds"
    if re.search(r"§p\d+", inner) and re.match(
        r"(?:what|who|how|where|when|which|is|does|do|what's|who's|where's|has|can|why)\b", inner
    ):
        if re.search(r"\b(?:paused|active|resting|awake|online|live)\b", inner):
            return "show_persona"
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
    if re.match(
        r"(?:who|what|how old|where|what's|which|does|is|who's)\b.*\b(?:she|he|they|her|him|his|their)\b", inner
    ) and (desk.focus or len(desk.personas) == 1):
        return "show_persona"
    if re.match(r"(?:can|could|do|will) you\b", inner) or re.match(r"are you able", inner):
        return "can"
    return "question"


def _persona_life(read: str, reading: Reading, desk: Desk) -> str:
    """Pausing, waking, removing, going back: told by phrases rather than single verbs."""
    if reading.thing == "persona" and reading.does("make") and not re.search(r"§p\d+", read):
        return ""
    # What a description or a text goes on to say is no order.
    read = re.split(r"\b(?:who|whose|about|saying|says|named|called|titled)\b|:|§q", read, maxsplit=1)[0]
    someone = bool(
        re.search(
            r"§p\d+|\b(?:her|him|them|she|he|they)\b|\bpersonas?\b|\bcharacters?\b|\b(?:both|everyone"
            r"|everybody|all of them)\b",
            read,
        )
    )
    if (
        re.search(
            r"\b(?:roll(?:ed)?[ -]?back|roll (?:§p\d+|her|him) back|revert|restore|undo|go back to|return to"
            r"|back to|reset)\b",
            read,
        )
        and (someone or re.search(r"\bversion|\bchange\b|\bedit\b", read))
        and not re.search(
            r"\bbring\b.*\bback\b(?! to (?:version|the (?:previous|old|earlier|last)))|\b(?:post|job|feed|card"
            r"|video)s?\b",
            read,
        )
    ):
        return "roll_back_persona"
    if (
        re.search(
            r"\b(?:un-?pause|resume|reactivate|re-activate|re-?enable|wake|unfreeze|un-?mute|unsuspend|restart"
            r"|activate)\b|\bbring (?:§p\d+|her|him|them)(?: and §p\d+)? back\b(?! to)|\bbring back (?:§p\d+"
            r"|her|him)|\bturn (?:§p\d+|her|him) (?:back )?on\b|\bturn (?:back )?on §p|\bput (?:§p\d+|her"
            r"|him) back (?:online|to work|on(?:line)?)\b|\btake (?:§p\d+|her|him) off (?:pause|hold)\b"
            r"|\b(?:let|have) (?:§p\d+|her|him) (?:answer|talk|chat|work|start)(?:ing)? again\b|\bset (?:§p\d+"
            r"|her|him) (?:active|live|online)\b|\bend §p\d+'s (?:break|pause)\b",
            read,
        )
        and someone
        and not re.search(r"\b(?:job|post|feed)s?\b", read)
    ):
        return "resume_persona"
    if (
        re.search(
            r"\b(?:pause|suspend|freeze|deactivate|disable|hibernate|mute|halt|silence)\b|\b(?:put"
            r"|place) (?:§p\d+|her|him|them)(?:,? (?:and )?§p\d+)* (?:on (?:hold|pause|ice|break|standby)"
            r"|to sleep|offline)\b|\b(?:give|take) (?:§p\d+|her|him) (?:a (?:break|rest)|offline)\b"
            r"|\blet (?:§p\d+|her|him) (?:rest|sleep|take a (?:break|rest)|have a (?:break|rest)|pause)\b"
            r"|\bsend (?:§p\d+|her|him) (?:on (?:a )?(?:vacation|holiday|leave|break)|to sleep)\b"
            r"|\bturn (?:§p\d+|her|him) off\b|\bturn off §p|\bstop §p\d+(?:'s)?(?: from)? (?:answer|reply|talk"
            r"|respond|chat|post)\w*\b|(?<!\w)§p\d+ (?:should |needs to |must |to )?(?:take|needs|rest"
            r"|have)s? a (?:break|rest|pause)\b|^stop §p\d+[\s.!]*$|\bstop (?:her|him) (?:from )?(?:answer"
            r"|reply|talk|respond|chat)\w*",
            read,
        )
        and someone
        and not re.search(r"\b(?:jobs?|posts?|feeds?|video|render\w*|speech|music)\b(?!.*\bfrom\b)", read)
    ):
        return "pause_persona"
    gone = re.search(
        r"\b(?:remove|delete|erase|get rid of|drop|trash|scrap|discard|kill|destroy|fire|dismiss|retire"
        r"|terminate|purge|kick out|say goodbye to|bin|axe|let go of|unregister|dissolve)\b",
        read,
    )
    if (
        gone
        and someone
        and re.search(
            rf"{gone[0]}\s+(?:(?:the|my|our|that|this|all|both|every|persona|character|personas|characters|of"
            rf"|test|old|completely|permanently)\s+)*(?:§p\d+(?!'s)|her\b(?!\s+\w)|him\b|them\b|persona\b"
            rf"|personas\b|character\b|everyone)",
            read,
        )
    ):
        return "remove_persona"
    if gone and not someone and not reading.thing and (name := _stranger(reading.said)):
        raise Cannot(
            f"There is nothing called {name} that I could remove. There are these personas:"
            f" {', '.join(desk.personas) or 'none'}."
        )
    return ""


def _bare(_read: str, reading: Reading, desk: Desk) -> str:
    """Nothing but how it should be: "slower", "a bit longer", "in square": said of what was just made."""
    said = reading.said
    for option in (
        options.picture_format,
        options.video_format,
        options.design,
        options.speed,
        options.text_length,
        options.duration,
        options.sound_format,
        options.spoken_language,
    ):
        _, said = option(said)
    changed = said.read != reading.said.read
    left = re.sub(
        r"\b(?:make|it|this|that|a|an|the|bit|little|please|in|as|instead|rather|again|but|same|and|with|one"
        r"|should|be|now|more|much|for|of|version)\b|[^\w§]",
        "",
        said.read,
    )
    return "correct" if changed and not left and desk.before else ""


def no_such(name: str, desk: Desk) -> str:
    there = f"There are: {', '.join(desk.personas)}." if desk.personas else "There is none yet."
    return f"There is no persona called {name}. {there}"


def _stranger(said: Said) -> str:
    from agents.builtin.fill_personas import unknown_name

    return unknown_name(said)


def _publishing(read: str, _reading: Reading, _desk: Desk) -> str:
    """Posting, moving and calling off posts."""
    if re.search(r"\bposts?\b.{0,20}?\b(?:go (?:out|live|up)|be (?:moved|rescheduled|shifted))\b", read) and re.match(
        r"(?:(?:make|have|let|get|want|the|my|our|that)\b|§p\d+'s\b)", read
    ):
        return "reschedule_post"
    post = re.search(r"\bposts?\b|\bpublication\b|\bscheduled\b|\bposting\b", read)
    if (
        re.match(r"(?:unschedule|call off|unpublish)\b", read)
        or (
            re.match(
                r"(?:cancel|delete|remove|drop|scrap|kill|withdraw|abandon|discard|erase|stop|revoke|take)\b", read
            )
            and post
            and not re.search(r"\b(?:job|render)\b", read)
            and not re.match(r"take (?!.*\b(?:off|down|out)\b)", read)
        )
        or re.search(
            r"\b(?:call|take) (?:it|that|the .{0,30}post|§p\d+'s .{0,20}post) (?:off|down|off the (?:schedule"
            r"|calendar|plan))\b|\boff the (?:schedule|calendar)\b",
            read,
        )
    ):
        return "cancel_post"
    if re.match(r"(?:reschedule|postpone|delay)\b", read) or (
        re.match(r"(?:move|shift|push|bring|put off|defer|advance|pull|put)\b", read)
        and (post or re.match(rf"\w+ {IT}\b", read))
        and re.search(r"\b(?:to|by|until|till|back|forward|off|for|from|earlier|later)\b", read)
        and not re.search(r"\bput (?:it |that |this |them )?(?:up|out|on)\b|\bto berlin\b", read)
    ):
        return "reschedule_post"
    if (
        re.match(r"(?:change|set|update|edit|make|switch|alter)\b", read)
        and re.search(
            r"\b(?:the )?(?:time|date|day|schedule)\b.*\bpost\b|\bpost(?:'s)?\b.*\b(?:time|date|day)\b"
            r"|\bpost\b.*\bto (?:go (?:out|live) )?(?:at|on|tomorrow|\d|noon|next|monday|tuesday|wednesday"
            r"|thursday|friday|saturday|sunday)",
            read,
        )
        and not re.search(r"time ?zone", read)
    ):
        return "reschedule_post"
    return ""


def _schedules(read: str, reading: Reading) -> bool:
    """Whether it asks for something to be posted."""
    if reading.verb in (
        "post",
        "publish",
        "share",
        "schedule",
        "release",
        "announce",
        "submit",
        "broadcast",
        "upload",
        "plan",
        "queue",
    ):
        return True
    return bool(
        re.match(
            rf"(?:put|send|get|set|push|line)\s+(?:{IT}|the .+?|§q\d+|§p\d+'s .+?)\s*(?:up|out|online|live"
            rf"|onto|on (?:the |§p\d+'s |her |his |their )?(?:\w+ )?(?:gallery|page|profile|calendar|schedule"
            rf"|wall|feed)|in (?:the |§p\d+'s |her )?(?:gallery|queue|calendar|schedule)|to go (?:out|live)"
            rf"|up for)\b",
            read,
        )
        or re.match(
            r"(?:go live|set up a post|add .+ to (?:the |§p\d+'s |her )?(?:schedule|calendar|gallery|posting plan))\b",
            read,
        )
    )


def _by_verb(read: str, reading: Reading, desk: Desk) -> str:
    verb, thing, rest = reading.verb, reading.thing, reading.object
    if re.match(
        r"(?:put|place|print|set|write|get)\b.*\bon(?:to)? (?:an?|the|another) (?:[\w-]+ ){0,3}(?:card|picture"
        r"|image|poster)\b",
        read,
    ):
        return "draw_card"
    if re.search(r"\bto (?:go (?:out|live)|be (?:posted|published|shared))\b", read) and "want" in reading.families:
        return "schedule_post"
    if re.match(r"(?:swap|trade|exchange|replace)\s+(?:§p|her |his )", read):
        return "change_persona"
    if re.match(r"(?:move|relocate)\s+§p\d+\s+to\b", read) or re.match(
        r"(?:forbid|prohibit|ban|never let|stop)\s+§p\d+\s+(?:to|from) (?:use|using|say|saying|talk)", read
    ):
        return "change_persona"
    if _schedules(read, reading):
        return "schedule_post"
    if re.match(r"(?:try|run|start|render|do)\b.*\b(?:again|once more|another time)\b", read) and not reading.does(
        "write"
    ):
        return "retry_job"
    if not reading.families:
        return ""
    someone = reading.agent or bool(re.search(r"§p\d+", read))
    if reading.does("write") and verb in (
        "write",
        "draft",
        "compose",
        "pen",
        "author",
        "formulate",
        "phrase",
        "jot",
        "caption",
        "reply",
        "respond",
        "answer",
        "comment",
    ):
        if (
            reading.cause
            and re.match(r"(?:more|less|short|long|in|like|formal|casual|with)\w*\b", rest.read)
            and not thing
        ):
            return "change_persona"
        return (
            {"card": "draw_card"}.get(thing, "write_text")
            if thing == "card"
            and re.match(r"(?:an?|the|me an?)\s+(?:\w+\s+)?(?:quote |social |picture )?card\b", rest.read)
            else "write_text"
        )
    if reading.does("speak") and verb not in ("read",) and verb != "name":
        if (
            reading.cause
            and not re.search(r"§q|:", rest.read)
            and re.match(r"(?:more|less|like|with|in an?|[a-z]+ly\b)", rest.read)
        ):
            return "change_persona"
        if reading.denied and reading.cause:
            return "change_persona"
        return "speak_text"
    if verb == "read":
        return _reading(read, reading)
    if reading.cause and reading.denied:
        return "change_persona"
    if verb in (
        "change",
        "update",
        "edit",
        "modify",
        "alter",
        "adjust",
        "rename",
        "call",
        "set",
        "switch",
        "tweak",
        "correct",
        "amend",
        "replace",
        "rewrite",
        "bump",
        "increase",
        "decrease",
        "raise",
        "lower",
    ):
        if thing in ("card", "voice", "video") and not someone:
            return "correct"
        if re.match(rf"(?:{IT}|the (?:card|video|picture|voice-?over))\b", rest.read) and re.search(FORMAT, rest.read):
            return "correct"
        return "change_persona" if someone or re.search(r"\b(?:her|his|their|she|he|persona)\b", read) else ""
    if reading.does("add", "remove") and re.search(
        r"\b(?:interests?|hobb(?:y|ies)|traits?|languages?|boundar(?:y|ies)|likes|catch ?phrases?|signature"
        r"|forbidden|banned|sayings?|off[- ]limits|personality|motto)\b",
        read,
    ):
        return "change_persona"
    return _acting(read, reading, desk)


def _reading(read: str, reading: Reading) -> str:
    if (
        re.search(r"\b(?:aloud|out(?: loud)?|voice)\b|§q", read)
        or re.match(rf"read (?:{IT}|me (?:it|that|this))\b(?! feed)", read)
        or reading.cause
    ):
        return "speak_text"
    if reading.thing in ("feed", "story"):
        return "read_feeds"
    return (
        LISTS.get(reading.thing, "")
        if reading.thing not in ("card", "voice", "video", "text")
        else "speak_text"
        if reading.thing in ("card", "text")
        else ""
    )


def _acting(read: str, reading: Reading, desk: Desk) -> str:
    """What the remaining verbs do to a thing."""
    verb, thing, rest = reading.verb, reading.thing, reading.object
    if verb in ("stop", "unfollow", "unsubscribe") and re.match(
        r"(?:stop (?:following|watching|reading|tracking|importing)|unfollow|unsubscribe)\b", read
    ):
        return "remove_feed"
    if verb in ("cancel", "abort", "stop", "abandon", "terminate", "kill", "halt", "withdraw", "annul", "revoke") and (
        thing in ("job", "card", "voice", "video") or rest.ids()
    ):
        return "cancel_job"
    if verb in ("retry", "rerun", "redo", "repeat", "restart") or re.match(
        r"(?:try|run|start|render) (?:it|that|this|the .+|again).*\bagain\b|try again|run .*\bonce more\b", read
    ):
        if verb in ("redo", "repeat") and thing in ("card", "voice", "video") and re.search(FORMAT, read):
            return "correct"
        return "retry_job" if thing in ("", "job", "card", "voice", "video") else ""
    if reading.does("remove"):
        return {"feed": "remove_feed", "job": "cancel_job"}.get(thing, "remove_feed" if rest.links() else "")
    if reading.does("add") and (thing == "feed" or rest.links()) and verb not in ("put", "include"):
        return "add_feed"
    if verb in ("follow", "subscribe", "watch", "track", "monitor"):
        return "add_feed"
    if verb == "add" and thing == "persona":
        return "create_persona"
    if reading.does("make"):
        return _making(reading)
    if reading.does("show"):
        return _showing(reading, desk)
    return ""


def _making(reading: Reading) -> str:
    verb, thing, rest = reading.verb, reading.thing, reading.object
    if verb in ("combine", "merge", "join", "mix", "splice", "stitch"):
        return "make_video"
    if re.match(
        r"(?:me |us )?(?:the |an? )?(?:\w+ )?(?:rundown|overview|summary|lowdown|low-down|facts|details|info)\b.*§p",
        rest.read,
    ):
        return "show_persona"
    someone = re.match(r"(?:§p\d+|her|him|them)\b", rest.read)
    if verb == "make" and re.match(r"(?:both|all)\b.*\bpersonas\b", rest.read):
        return "change_persona"
    if (
        verb in ("make", "turn", "convert")
        and re.match(rf"(?:{IT}|the (?:card|video|picture|voice-?over|image|post|text|caption|clip))\b", rest.read)
        and not re.search(r"\binto\b", rest.read)
    ):
        return "correct"
    if (
        verb in ("make", "give", "turn", "bring")
        and someone
        and thing in ("", "version")
        and not re.search(r"\bpersona\b", rest.read)
    ):
        return "change_persona"
    if (
        verb == "give"
        and someone
        and re.search(
            r"\b(?:backstory|interests?|traits?|greeting|hobb|catch ?phrase|languages?|personality|time ?zone"
            r"|job|name|boundar)\b",
            rest.read,
        )
    ):
        return "change_persona"
    if verb == "make" and re.match(
        r"§p\d+'s (?:age|home|job|occupation|greeting|backstory|interests|speech|style|tone|rating|name|time ?zone)\b",
        rest.read,
    ):
        return "change_persona"
    wants_look = verb in ("give", "get", "want", "need", "find", "bring", "prepare", "produce", "generate")
    if wants_look and (
        thing in ("story", "job", "status", "cost", "approval", "conversation", "zone", "record", "version")
        or (thing == "feed" and not rest.links())
    ):
        return LISTS[thing]
    if (
        wants_look
        and thing in LISTS
        and re.search(r"\b(?:list|overview|all|summary) (?:of )?(?:all |my |our |the )*", rest.read)
        and PLURAL.search(rest.read)
    ):
        return LISTS[thing]
    if verb in ("draw", "design", "render", "paint", "sketch") and thing in ("text", "post"):
        return "draw_card"
    if thing == "post":
        return _post_or_text(rest)
    if thing in MAKES:
        if thing == "persona" and PLURAL.search(rest.read) and verb in ("give", "get", "want", "need"):
            return "list_personas"
        return MAKES[thing]
    if verb in ("create", "make", "invent", "introduce", "build", "generate") and (
        (re.search(r"\b(?:called|named)\b", rest.read) and not thing) or _names_person(rest)
    ):
        return "create_persona"
    if verb == "draw" and re.match(r"(?:me |us )?(?:an?|the|some)\b", rest.read):
        return "draw_card"
    if verb in ("draw", "render", "design") and (rest.quotes() or re.match(rf"{IT}\b", rest.read)):
        return "draw_card"
    return ""


def _names_person(rest: Said) -> bool:
    """ "Create Mira, a 34-year-old baker": a name, then an age or a description of a person."""
    head = re.match(r"([^\W\d_][\w'-]*|§p\d+)(?:\s+[^\W\d_][\w'-]*)?\s*[,:(–—-]", rest.read)
    from agents.builtin.portraits import age_in, portray

    if not head:
        return False
    if not head[1].startswith("§p") and not rest.words(head.start(1), head.end(1))[:1].isupper():
        return False
    return (
        age_in(rest.read) is not None
        or bool(portray(rest).occupation)
        or bool(re.search(r"\b(?:who|persona|character|lives|loves)\b", rest.read))
    )


def _post_or_text(rest: Said) -> str:
    """A post with its words given is posted; one that is only about something is written."""
    from agents.builtin.contents import SAYS

    if re.search(r"\b(?:about|on the (?:topic|subject))\b", rest.read) and not rest.quotes():
        return "write_text"
    if rest.quotes() or SAYS.search(rest.read) or re.search(r"\bposts?\b[^:]*:\s", rest.read):
        return "schedule_post"
    if re.search(r"\b(?:with|of|from|using) (?:the|that|this|my|both)\b", rest.read):
        return "schedule_post"
    return "write_text"


def _showing(reading: Reading, desk: Desk) -> str:
    verb, thing, rest = reading.verb, reading.thing, reading.object
    someone = re.search(r"§p\d+|\b(?:her|him|she|he)\b", rest.read)
    if re.search(r"\b(?:scheduled|upcoming|planned|published|posted)\b", rest.read) and thing in ("", "post"):
        return "list_posts"
    if re.search(r"\b(?:nameservers?|name servers?|mail servers?|mx|txt|cname|aaaa)\b.*§u", rest.read):
        return "list_records"
    if (
        thing == "persona"
        and not re.search(r"§p\d+", rest.read)
        and (PLURAL.search(rest.read) or re.search(r"\b(?:all|every|my|our)\b", rest.read))
    ):
        return "list_personas"
    if (someone and thing in ("", "persona")) or (
        someone
        and re.search(
            r"\b(?:profile|character sheet|sheet|details|bio|biography|settings|character card|persona card"
            r"|full card|everything about|info|information)\b",
            rest.read,
        )
    ):
        if re.search(r"\b(?:changed|changes|history|versions?|edits)\b", rest.read):
            return "show_persona_history"
        return "show_persona"
    if re.search(r"\b(?:changes|edits|changed)\b", rest.read) and someone:
        return "show_persona_history"
    if thing == "persona":
        return "list_personas"
    if thing == "text":
        return "list_conversations" if re.search(r"\bmessages?\b", rest.read) else ""
    if thing == "status" and re.search(r"\bjobs?\b", rest.read):
        return "list_jobs"
    if thing in LISTS:
        return LISTS[thing]
    if re.search(r"\b(?:schedule|what's scheduled|planned|upcoming)\b", rest.read):
        return "list_posts"
    if re.search(r"\b(?:feeds|sources|what's new|new|the latest)\b", rest.read):
        return "read_feeds"
    if re.match(r"(?:everything|how (?:it|things|everything)|all)\b", rest.read) and verb == "check":
        return "show_status"
    if someone is None and verb in ("show", "describe", "tell") and (name := _stranger(reading.said)):
        raise Cannot(f"There is no persona called {name}. There are: {', '.join(desk.personas) or 'none'}.")
    return ""


def _statement(read: str, reading: Reading, _desk: Desk) -> str:
    """Something said of a persona is a change to her; what she should do is a request."""
    subject = re.match(
        r"(?:(?:note|remember|know) that\s+|from now on,?\s+|as of (?:now|today),?\s+)?(§p\d+(?:'s)?|she|he"
        r"|they|her|his|their|she's|he's)\b",
        read,
    )
    if subject:
        return "change_persona"
    if re.match(r"(?:from now on|as of now|never let|don't let)\b", read) and re.search(r"§p\d+", read):
        return "change_persona"
    if reading.cause:
        return "change_persona"
    return ""


# What may stand before the thing in a terse request.
DESCRIBING = (
    r"an?|the|another|one more|one|some|new|my|our|all|any|of|§p\d+'s|latest|newest|recent|most recent|last"
    r"|next|first|failed|running|pending|scheduled|upcoming|current|full|complete"
    r"|quick|short|long|medium|brief|simple|nice|bold|minimal|minimalist|gradient|editorial|quote|square"
    r"|portrait|landscape|vertical|horizontal|story|social|typographic|text|vertical,|widescreen"
    r"|(?:\d+|[a-z]+)[- ]second|(?:\d+|[a-z]+)[- ]minute|\d+s|9:16|16:9|1:1|4:5|instagram|her|his|their"
    r"|published|cancelled|finished|queued|today's|this week's|tomorrow's|dns|rss|open|active|male|female"
    r"|german|spanish|french|english|italian|portuguese|slow|fast|mx|txt|a|aaaa|cname|ns|top|(?:two|three|four"
    r"|five|ten|\d+)|no more|please|just|unread|system"
)
NOUNS_TOO = (
    "post",
    "schedule",
    "report",
    "list",
    "queue",
    "status",
    "caption",
    "draft",
    "sound",
    "video",
    "reply",
    "answer",
    "comment",
    "record",
    "voice",
    "sketch",
)


def _begins_with_thing(word: str, rest: str) -> bool:
    """Whether the noun there is a thing of ours, or a word that stands before one ("social card")."""
    from agents.builtin import lexicon

    following = re.match(r"[\s-]*([\w-]+)", rest)
    return bool(lexicon.thing(word)) or bool(
        following
        and word in ("media", "voice", "picture", "dns", "news", "persona", "health")
        and lexicon.thing(following[1])
    )


def _noun(read: str, reading: Reading, _desk: Desk) -> str:
    """Terse requests: "card: Hello world, square", "personas?", "voice-over of the top story"."""
    if not re.search(r"\w", read):
        return ""
    thing = reading.thing
    start = re.match(rf"(?:(?:{DESCRIBING})\s+){{0,6}}(?:[\w-]+ )?[\w-]+\b", read)
    noun = re.match(rf"(?:(?:{DESCRIBING})[\s,]+){{0,6}}([\w-]+)", read)
    if not start or not thing or not noun or not _begins_with_thing(noun[1], read[noun.end() :]):
        return ""
    if reading.families and reading.verb not in NOUNS_TOO:
        return ""
    has_text = bool(
        reading.said.quotes()
        or re.search(
            r":\s*\S|\b(?:saying|that says|about|with the text|of (?:the|it|both|them|that|this|all|my|our)"
            r"|from (?:the|both|my)|on the|for the)\b",
            read,
        )
    )
    article = re.match(r"(?:an?|another|one|one more|new)\b", read)
    if thing in ("card", "voice", "video", "text", "persona") and (article or has_text) and not PLURAL.match(read):
        return MAKES[thing]
    if thing == "post" and (article or has_text):
        return _post_or_text(reading.said)
    if thing == "feed" and reading.said.links():
        return "add_feed"
    if len(re.findall(r"\w+", read)) <= 8 and thing in LISTS:
        return LISTS[thing]
    return ""
