"""What is said that asks for no capability? Thanks, greetings, questions about what can be done. Neighbours: intents."""

import re

from agents.builtin.desk import Desk
from agents.builtin.heads import Reading


def talk(read: str, _reading: Reading, _desk: Desk) -> str:
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
        r"|cancel[\s.!]*$|(?:stop|kill|end|abort|kill off) (?:that|it|this)[\s.!]*$|undo(?: that| it| this)?[\s.!]*$|take (?:it"
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
