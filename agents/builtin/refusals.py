"""What is understood and cannot be done? Each kind with an honest answer that says so. Neighbours: intents, replies."""

import re

from agents.builtin.desk import Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.options import SOCIAL

CANNOT: tuple[tuple[str, str], ...] = (
    (r"\b(?:weather|forecast|temperature outside)\b(?!.*\b(?:post|card|caption|write|feed|stor|news|about)\b)",
    "I cannot look up the weather."),
    (r"\b(?:delete|drop|wipe|erase|destroy|format|truncate|clear|reset|empty|purge)\b.*\b(?:database|db|server"
    r"|disk|hard drive|everything|(?:all )?(?:my |our |your |the )?data|whole system|all tables|tables?|workspace"
    r"|memory|memories|logs?"
    r"|backups?)\b", "I cannot delete stored data. An admin does that outside this chat."),
    (r"\b(?:send|write|forward|draft|check|read)\b.*\b(?:e-?mails?|sms|text message|fax"
    r"|letter)s?\b(?!.*\b(?:about|card)\b)", "I cannot send or read e-mail or text messages."),
    (r"^(?:e-?mail|text|sms|phone|call|ring|fax|whatsapp|dm)\b (?:the|my|our|a|an|all|every|[a-z]+ about|him|her|them)\b"
    r"(?! (?:§|it))",
    "I cannot send e-mail or text messages, or call anybody."),
    (r"\b(?:buy|purchase|order|book|pay|transfer|refund|invoice|sell)\b(?!.*\b(?:write|card|post|caption|saying"
    r"|voice|story|reading|about)\b)", "I cannot buy, pay or book anything."),
    (r"\b(?:create|add|set|change|update|delete|remove|edit|point|make|register|modify)\b.*\b(?:dns|(?:a|aaaa"
    r"|mx|txt|cname|ns|srv|caa) records?|nameservers?|domains?|(?<!time )(?<!time)zones?|subdomain)\b",
    "I can only list DNS zones and records, not change them."),
    (r"\b(?:delete|remove|erase|trash|discard|get rid of)\b.*\b(?:pictures?|images?|cards?|videos?|clips?"
    r"|voice-?overs?|recordings?|media|files?|assets?|stor(?:y|ies)|articles?|conversations?|chats?|fans?"
    r"|messages?)\b(?! (?:post|job|feed)s?)",
    "I cannot delete media, stories or conversations. I can cancel a post or a job, remove a feed or a"
    " persona."),
    (r"\b(?:translate|translation)\b", "I cannot translate: that needs a language model."),
    (r"^(?!.*\b(?:draft|write|compose|suggest|formulate|prepare|come up with)\b|.*§p\d+.*§q|.*\bfan who\b)"
    r".*\b(?:message|dm|ban|block|reply to|answer|text|contact)\b (?:the |my |our |all |a )?(?:fans?|users?"
    r"|followers?|subscribers?)\b", "I cannot write to fans or block them: personas answer fans themselves."),
    (r"\b(?:search|google|browse|look up|surf)\b.*\b(?:web|internet|google|online|wikipedia)\b",
    "I cannot search the web. I can read feeds: give me a feed's address, and I add it."),
    (r"\b(?:play|sing|dance|joke|poem about me|stock price|exchange rate|bitcoin price|what time is it"
    r"|what's the time|what day is it)\b(?!.*\b(?:write|card|post|caption|interest|video|voice|persona|who"
    r"|loves|likes)\b)", "That is not among the things I can do."),
    (r"\b(?:restart|reboot|shut ?down|deploy|upgrade|install|backup|back up|turn off)\b.*\b(?:gator|server"
    r"|system|yourself|database|machine|computer|app|software|plugin|update|worker)\b",
    "I cannot start, stop or change the system itself. `gator` on the command line does that."),
    (r"\b(?:turn|shut|switch|power) (?:yourself|gator|it all|everything) (?:off|down)\b",
    "I cannot start, stop or change the system itself. `gator` on the command line does that."),
    (r"\b(?:change|set|reset|give me|show me|tell me|create)\b.*\b(?:password|api key|secret|token|credentials?"
    r"|admin rights?)\b", "I do not handle passwords, keys or rights. An admin does that at the console or on the command line."),
    (r"^(?:please |can you |could you |i want you to )*(?:write|draft|make|compose|create)\b[^§]*?\b(?:reel |video "
        r"|voice-?over )?script\b(?!.*\b(?:python|bash|shell|js|code|program)\b)"
    r"(?=.*(?:§p|\b(?:about|on|for) ))",
    "A script is written with its reel, which you can then change: say, for example, “make a 30 second reel about tide"
    " pools with Nova”."
    " Or have a text written: “write a long post about tide pools as Nova”."),
    (r"^(?!.*\b(?:video|clip|reel|card|voice|post|caption|persona)s?\b).*\b(?:write|make|create|code|program|build"
        r"|generate|develop|compose"
    r"|produce|design)\b.*\b(?:scripts?|programs?|programmes?|code|functions?|apps?|websites?|web ?pages?"
    r"|spreadsheets?|excel|slides"
    r"|powerpoint|presentations?|songs?|melod(?:y|ies)|jingles?|beats?|soundtracks?|logos?|pdfs?|invoices?|contracts?)\b",
    "I cannot make programs, documents, websites or music: I have no tool for that. I can have a persona write"
    " a text, draw a card, record a voice-over or make a video."),
    (r"\b(?:summari[sz]e|sum up|analy[sz]e|open|read|convert|parse|review|explain|proof-?read|check|sign|fill (?:in|out))\b"
    r"(?!.*\b(?:aloud|out loud|card|post|voice)\b).*\b(?:pdfs?|documents?|docx?|word (?:file|document)s?|spreadsheets?"
    r"|attachments?|e-?books?|excel|powerpoints?|presentations?)\b", "I cannot read documents."),
    (r"^(?:(?:can you |please )*(?:solve|calculate|compute|evaluate|work out|what(?:'s| is)|how much is)\s+)?(?:the )?"
    r"[(\d][\d\s.,()]*(?:[-+*×÷/^x]|plus|minus|times|divided by|modulo)\s*[(\d][\d\s.,()+*×÷/^x-]*=?[\s?.!]*$"
    r"|^(?:solve|integrate|differentiate|factori[sz]e)\b.*(?:\d|\b(?:equation|integral|problem|sum)\b)",
    "I cannot do sums."),
    (r"\b(?:give|pay|offer|get|grant) (?:§p\d+|her|him|them) (?:an? |the |some |more )*(?:big |small |fat |pay )*"
    r"(?:raise|pay ?rise|rise|bonus|salary|wages?|money|pay ?check)\b", "I cannot pay anybody: personas are software."),
    (r"\b(?:train|fine-?tune)\b.*\b(?:model|lora|voice)\b", "I cannot train models."),
    (r"\b(?:set|change|raise|lower|increase)\b.*\b(?:budget|spending limit|limit on spending)\b",
    "I cannot change budgets; I can show what was spent."),
)  # fmt: skip

# A likeness of somebody: a photograph of a persona, or whatever is asked of an AI or as a real scene. A card is none.
LIKENESS = re.compile(
    r"^(?:(?:make|create|generate|draw|take|shoot|render|produce|send|give|show|get|paint|want|need|snap)\b.*?"
    r"|(?:an?|another|some) (?:new )?)?"
    r"\b(?:(?:photo(?:graph)?|selfie|snapshot|headshot|portrait|nude)s?\b[^:]*?\b(?:of|with|showing)\s+§p\d+(?!'s)"
    r"|(?:ai|a\.i\.|ai-generated|realistic|photo-?realistic|lifelike)[ -](?:generated |made )?"
    r"(?:images?|pictures?|pics?|photos?|photographs?|portraits?)\b[^:]*)"
)
# A scene that is to be made up, where something is there to make it; "a picture card of …" and words in quotes are a card.
SCENE = re.compile(
    r"^(?:make|create|generate|draw|paint|render|produce|sketch|(?:i )?(?:want|need)|i'd like|give me|send me|get me)\b"
    r"(?!.*(?:§q|:\s|\b(?:cards?|quote|poster|tile|graphic|stor(?:y|ies)|headline|list)\b))"
    r".*?\b(?:image|picture|pic|photo|photograph|painting|illustration|drawing|portrait)s?\b[^:]*?"
    r"\b(?:of|showing|depicting)\s+[\w§]+"
)
ANOTHER_TAKE = re.compile(
    r"^(?:make|create|generate|draw|paint|render|do|try|give|repeat|the same|again)\b.*?"
    r"\b(?:(?P<other>another|different|new|fresh|other) seed|(?:the )?same seed)\b|^(?P<take>another) take\b"
)


def outside(read: str, reading: Reading, desk: Desk) -> str:
    """Things that are understood and cannot be done here. Of a likeness the tool says whether it may be and can be made."""
    if desk.context.get("image_model") and (SCENE.search(read) or ANOTHER_TAKE.search(read)):
        return "make_picture"
    outside = re.sub(r"\b(?:about|saying|that says|with the text|on the topic of)\b.*$|:\s.*$", "", read)
    if reading.cause and not re.search(r"\b(?:post|publish|tweet|share)\b", read):
        return ""
    if LIKENESS.search(outside) and not re.search(
        r"§q|\b(?:card|persona named|video|list|saved|latest|last)\b", outside
    ):
        return "make_picture"
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
