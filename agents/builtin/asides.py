"""What is a clause to the others of its message? It leaves out what they named, says more of it, or asks for nothing.

Neighbours: drafting (which reads the clauses in their order), clauses (which cuts them).
"""

import re

from agents.builtin import lexicon
from agents.builtin.clauses import AGAIN, TIMED
from agents.builtin.desk import Desk
from agents.builtin.heads import plainly
from agents.builtin.said import Said, hear

CONDITION = re.compile(
    r"(?:if|unless|whenever|as soon as)\b"
    r"|when\b.*\b(?:is|are|gets?|has|have|finishes|arrives)\b(?:.*,|.*\b(?:ready|done|finished|live|out|up)\b)"
)
NOUNS = {"draw_card": "card", "speak_text": "voice-over", "make_video": "video", "write_text": "text"}


def elliptic(said: Said, previous: str) -> str:
    """A clause that leaves out what the one before it named: "and another saying …"."""
    hit = re.match(rf"\s*{AGAIN}", said.read)
    if hit and previous in NOUNS:
        return f"make another {NOUNS[previous]} {said.words(hit.end(), len(said.read))}"
    if previous == "schedule_post" and re.match(r"\s*§q\d+\s+\w", said.read):
        return f"post {said.text()}"
    if previous == "schedule_post" and (fronted := re.match(rf"\s*({TIMED}[^§]{{0,50}}?),?\s*(§q\d+.*)", said.read)):
        return f"post {said.words(*fronted.span(2))} {said.words(*fronted.span(1))}"
    return ""


def listed_again(said: Said, desk: Desk) -> str:
    """ "… drop shy", right after something went on or off a persona's list: the same list is meant."""
    last = desk.steps[-1] if desk.steps else None
    hit = re.match(
        r"\s*(?:and |also |then |but )*(add|drop|remove|lose|delete)\s+(?!§p|her\b|his\b|the\b)([a-z][\w ,'-]*?)[\s.!]*$",
        said.read,
    )
    if last is None or last.tool != "change_persona" or not hit or re.search(r"\b(?:to|from|off)\b", hit[2]):
        return ""
    lists = [name.partition("_")[2] for name in last.args if name in LISTED]
    if len(set(lists)) != 1:
        return ""
    joint = "to" if hit[1] == "add" else "from"
    verb = "add" if hit[1] == "add" else "remove"
    return f"{verb} {said.words(*hit.span(2))} {joint} {last.args.get('name') or last.args['persona']}'s {lists[0]}"


LISTED = ("add_traits", "remove_traits", "add_interests", "remove_interests", "add_languages", "remove_languages")


# Why something is done: "…, Hugo's ill".
STATE = re.compile(
    r"(?:because |since |as |cause )?(?:§p\d+(?:'s| is)|she's|he's|they're|i'm|we're|it's|that's) (?:so |very "
    r"|really |a bit |on )?(?:ill|sick|away"
    r"|busy|unwell|tired|travell?ing|late|wrong|outdated|too old|sick leave|leave|a mess)(?: (?:today|now|this week|anyway))?"
)
# Why something is called off, brought back or moved: "…, he has been paused long enough", "…, we won't do it".
WHY = re.compile(
    r"(?:because |since |as |'?cause |for |and )?(?:we|i|it|that|this|there|she|he|they|§p\d+|nobody|people|everyone)"
    r"(?:'(?:s|re|m|ve|ll|d))?\b[^§?;:\d]*"
)
NO_REASON = re.compile(
    r"\b(?:but|unless|except|if|until|till|instead|rather|only|please|should|must|let|also|too|make|post|publish|write|draw"
    r"|tomorrow|tonight|next)\b"
)
LAST_PART = re.compile(r"[,;(–—-]\s*([^,;§]+)$")
DENYING = re.compile(r"\b(?:not|never|no)\b|n't\b")
REASONED = ("remove_", "cancel_", "pause_", "resume_", "reschedule_", "move_", "retry_", "roll_")


def reason(read: str, tool: str) -> bool:
    """Whether a clause only says why what was asked for before it is asked for."""
    read = read.strip(" .!,")
    if not tool.startswith(REASONED) or not WHY.fullmatch(read) or NO_REASON.search(read):
        return False
    return not DENYING.search(read) or tool.startswith(("remove_", "cancel_", "pause_"))


NOTED = re.compile(
    r"(?:and |so |then |can you |could you |would you |can u |please )*(?:update|note|save|store|record|add|change"
    r"|set|fix|amend"
    r"|correct|put|write)(?: (?:it|that|this|them|her|his|their|the|§p\d+'s|accordingly|please|down|in|for me|for us|too"
    r"|there|on|to|now|age|job|home|occupation|sheet|profile|page|file|language|interest|hobby|trait|details?|info|record"
    r"|persona))*[\s.!]*"
)


JOINS = re.compile(
    r"(?:and |then |please |so )*(?:add|put|take|get|welcome|bring) (?:him|her|them|it) (?:to|on|in|into|aboard|among)"
    r"(?: (?:the|our|my))?(?: (?:cast|roster|team|list|crew|line-?up|personas|board|family))?[\s.!]*"
)


def only_noted(read: str) -> bool:
    """Whether a clause only says that what was just told is to be written down: "update his age", "add her to the cast"."""
    read = read.strip(" ?!.,")
    return bool(NOTED.fullmatch(read) or JOINS.fullmatch(read))


# "I don't remember what we changed about Nova, could you show me that?"
SHOWN_TOO = re.compile(
    r"(?:(?:so|and|please|can|could|would|will|you|just) )*(?:show|tell|remind|give|list|check|look|let)(?: (?:me|us"
    r"|it|that|them|up|know"
    r"|again|please|for me|of that))*"
)


def remark(said: Said, previous: str, *, first: bool) -> bool:
    """Whether a clause that is not understood asks for nothing: a greeting of another tongue, "update it" after a change."""
    read = said.read.strip()
    if previous in ("change_persona", "create_persona") and only_noted(read):
        return True
    if previous.startswith(("show_", "list_")) and SHOWN_TOO.fullmatch(read.strip(" ?!.")):
        return True
    return (
        first
        and bool(re.fullmatch(r"[a-z']+(?: [a-z']+)?[\s!.]*", read))
        and not lexicon.verb(read.split()[0])
        and read not in ("don't", "do not", "never", "stop", "wait")
    )


def unpleading(text: str, names: list[str]) -> str:
    """A clause without a "please" in its middle, where it parts what belongs together."""
    said = hear(text, names)
    hit = re.search(
        r"\w(,? please,?)(?= (?:by|about|on|for|as|with|in|at|saying|that|to|from|of|tomorrow|today)\b)", said.read
    )
    if not hit or re.search(r"§q|:\s|\bsay(?:s|ing)\b", said.read[: hit.start()]):
        return text
    return said.raw[said.at[0] : said.at[hit.start(1)]] + said.raw[said.at[hit.end(1)] :]


def asks_ability(said: Said) -> bool:
    """ "Can you make videos?" asks what can be done; "can you make a video of both?" asks for it."""
    hit = re.match(
        r"\s*(?:hi,? |hey,? |so,? )?(?:(?:can|could|do) you|are you able to) (?:also |even |really )?(?!(?:show"
        r"|list|tell|give|see|check|read|display|open)\b)[a-z]+(.*)$",
        said.read,
    )
    return (
        bool(hit)
        and "?" in said.read
        and not re.search(
            r"§|\d|\b(?:the|an?|it|this|that|both|my|our|me|us|her|his|all|them|everything|one|some|now|today"
            r"|tomorrow)\b",
            hit[1] if hit else "",
        )
    )


def specifies(read: str) -> bool:
    """Whether a clause only says more about what was asked for just before."""
    return bool(
        re.match(
            r"(?:it|this|the (?:text|card|headline|title|caption|video|post|picture)|make it|keep it|use|with"
            r"|in|as|for|at|on|by|format|design|size|headline|text|title|caption|attribution|without|no|to be"
            r"|square|portrait|landscape|vertical|horizontal|bold|minimal|gradient|editorial|quote|short|long"
            r"|slowly|tomorrow|today|tonight|every|daily|§q|monday|tuesday|wednesday|thursday|friday|saturday"
            r"|sunday|\d)\b",
            read,
        )
        or read.startswith("§q")
    )


def harmless(said: Said) -> bool:
    """Whether a clause that asks for nothing may be passed over: it sets no condition and forbids nothing."""
    read = plainly(said).read
    if re.search(
        r"\b(?:not|never|don't|no|except|unless|until|if|only|instead|but|wait|stop|before|after|without"
        r"|rather|first|cancel)\b",
        read,
    ):
        return False
    return bool(
        re.match(
            r"(?:we|i|it's|it is|this is|that's|there's|there is|my|our|today|because|as you know|i'm|we're"
            r"|the (?:launch|event|team|boss|client))\b",
            read,
        )
    ) and not re.search(r"\?|\b(?:want|need|would like|please)\b", read)
