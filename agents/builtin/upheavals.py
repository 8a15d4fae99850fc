"""Is a persona to rest, wake, go or be as before; is a post to be moved or called off? Told by phrases, not single verbs.

Neighbours: intents.
"""

import re

from agents.builtin import titles
from agents.builtin.desk import Ask, Cannot, Desk
from agents.builtin.heads import Reading
from agents.builtin.strangers import unknown_name

IT = r"(?:it|that|this|them|these|those|both|everything|all)"


SOMEONE = re.compile(
    r"§p\d+|\b(?:her|him|them|she|he|they)\b|\bpersonas?\b|\bcharacters?\b|\b(?:both|everyone|everybody|all of them)\b"
)
BACK = re.compile(
    r"\b(?:roll(?:ed)?[ -]?back|roll (?:§p\d+|her|him) back|revert|restore|undo|go back to|return to|back to|reset"
    r"|put (?:§p\d+|her|him|them) back (?:to )?(?:how|the way|as|like|what))\b"
)
NOT_BACK = re.compile(
    r"\bbring\b.*\bback\b(?! to (?:version|the (?:previous|old|earlier|last)))|\b(?:post|job|feed|card|video)s?\b"
)
WAKES = re.compile(
    r"^§p\d+ back (?:on|online|at work|to work)[\s.!]*$|\b(?:un-?pause|resume|reactivate|re-activate|re-?enable|wake"
    r"|unfreeze|un-?mute|unsuspend|restart"
    r"|activate)\b|\bbring (?:§p\d+|her|him|them)(?: and §p\d+)? back\b(?! to)|\bbring back (?:§p\d+"
    r"|her|him)|\bturn (?:§p\d+|her|him) (?:back )?on\b|\bturn (?:back )?on §p|\bput (?:§p\d+|her"
    r"|him) back (?:online|to work|on(?:line)?)\b|\b(?:take|get|bring|pull) (?:§p\d+|her|him|them) (?:off|out of"
    r"|from) (?:pause|hold|ice|standby|sleep|(?:her |his |their |the )?(?:break|holiday|vacation))\b"
    r"|\b(?:let|have) (?:§p\d+|her|him) (?:answer|talk|chat|work|start)(?:ing)? again\b|\bset (?:§p\d+"
    r"|her|him) (?:active|live|online)\b|\bend §p\d+'s (?:break|pause)\b"
)
RESTS = re.compile(
    r"\b(?:pause|bench|suspend|freeze|deactivate|disable|hibernate|mute|halt|silence)\b|\b(?:put"
    r"|place) (?:§p\d+|her|him|them)(?:,? (?:and )?§p\d+)* (?:on (?:hold|pause|ice|break|standby)"
    r"|to sleep|offline)\b|\b(?:give|take) (?:§p\d+|her|him) (?:a (?:break|rest)|offline)\b"
    r"|\blet (?:§p\d+|her|him) (?:rest|sleep|take a (?:break|rest)|have a (?:break|rest)|pause)\b"
    r"|\bsend (?:§p\d+|her|him) (?:on (?:a )?(?:vacation|holiday|leave|break)|to sleep)\b"
    r"|\bturn (?:§p\d+|her|him) off\b|\bturn off §p|\bstop §p\d+(?:'s)?(?: from)? (?:answer|reply|talk"
    r"|respond|chat|post)\w*\b|(?<!\w)§p\d+ (?:should |needs to |must |to )?(?:take|needs|rest"
    r"|have)s? a (?:break|rest|pause)\b|^stop §p\d+[\s.!]*$|\bstop (?:her|him) (?:from )?(?:answer"
    r"|reply|talk|respond|chat)\w*"
)
GONE = re.compile(
    r"\b(?:remove|delete|erase|get rid of|drop|trash|scrap|discard|kill|destroy|fire|dismiss|retire"
    r"|kick|throw|chuck"
    r"|terminate|purge|kick out|say goodbye to|bin|axe|let go of|unregister|dissolve)\b"
)
WHOM = (
    r"\s+(?:(?:the|my|our|that|this|all|both|every|persona|character|personas|characters|of|test|old|completely"
    r"|permanently)\s+)*(?:§p\d+(?!'s)|her\b(?!\s+\w)|him\b|them\b|persona\b|personas\b|character\b|everyone)"
)


# "remove Nova from the newsletter" is about the newsletter.
ELSEWHERE = (
    r"\s+(?:\w+\s+)?(?:from|off|out of)\s+(?!(?:the |our |my )?(?:personas|characters|roster|cast|system|gator|here)\b)"
)


def persona_life(read: str, reading: Reading, desk: Desk) -> str:
    """Pausing, waking, removing, going back: told by phrases rather than single verbs."""
    if re.fullmatch(r"roll(?:[ -]?back| (?:it|that|this) back)[\s.!?]*", read):
        return "roll_back_persona"
    if reading.thing == "persona" and reading.does("make") and not re.search(r"§p\d+", read):
        return ""
    # What a description or a text goes on to say is no order.
    read = re.split(r"\b(?:who|whose|about|saying|says|named|called|titled)\b|:|§q", read, maxsplit=1)[0]
    return _goes_back(read) or _wakes_or_rests(read) or _goes(read, reading, desk)


def _goes_back(read: str) -> str:
    of_what = SOMEONE.search(read) or re.search(r"\bversion|\bchange\b|\bedit\b", read)
    return "roll_back_persona" if BACK.search(read) and of_what and not NOT_BACK.search(read) else ""


def _wakes_or_rests(read: str) -> str:
    if not SOMEONE.search(read):
        return ""
    if WAKES.search(read) and not re.search(r"\b(?:job|post|feed)s?\b", read):
        return "resume_persona"
    other = re.search(r"\b(?:jobs?|posts?|feeds?|video|render\w*|speech|music)\b(?!.*\bfrom\b)", read)
    return "pause_persona" if RESTS.search(read) and not other else ""


def _goes(read: str, reading: Reading, desk: Desk) -> str:
    gone = GONE.search(read)
    if not gone:
        return ""
    if SOMEONE.search(read):
        if gone[0] in ("kick", "throw", "chuck"):
            return "remove_persona" if re.search(rf"{gone[0]}\s+(?:§p\d+|her|him|them) out\b(?! of)", read) else ""
        elsewhere = gone[0] + WHOM + ELSEWHERE
        return "remove_persona" if re.search(gone[0] + WHOM, read) and not re.search(elsewhere, read) else ""
    if not reading.thing and (name := unknown_name(reading.said)):
        raise Cannot(
            f"There is nothing called {name} that I could remove. There are these personas:"
            f" {', '.join(desk.personas) or 'none'}."
        )
    return ""


def _post_meant(read: str, reading: Reading, desk: Desk) -> bool:
    """Whether a post is named by its words, or "the next one" is said of posts just listed."""
    if not re.match(
        r"(?:cancel|delete|remove|drop|scrap|withdraw|unschedule|nudge|slide|move|shift|push|bring|pull|put|defer|advance"
        r"|postpone)\b",
        read,
    ) or re.search(r"\b(?:interests?|hobb(?:y|ies)|traits?|languages?|card|picture|video|feed|gallery|page)s?\b", read):
        return False
    if re.search(r"\bone\b", read) and desk.steps and desk.steps[-1].tool == "list_posts":
        return True
    if re.search(r"\b(?:jobs?|tasks?|renders?|rendering)\b", read):
        return False
    text = reading.said.text()
    posts = titles.named(text, desk.rows("posts"), key="text", skip=desk.personas)
    live = [row for row in desk.rows("jobs") if row.get("state") in ("queued", "running")]
    jobs = titles.named(text, live, skip=desk.personas)
    if (
        posts
        and jobs
        and reading.verb not in ("move", "shift", "push", "bring", "pull", "postpone", "defer", "advance")
    ):
        raise Ask(
            f"Do you mean the post “{str(posts[0].rows[0].get('text'))[:40]}” or the job “{jobs[0].rows[0].get('title')}”?",
            " ",
            "post",
        )
    return bool(posts)


# "the next post, make it 8 am"
OF_IT = re.compile(
    r"(?:the|my|her|his|our|that|§p\d+'s)\s.{0,30}?\b(?:post|one)\b.*\b(?:make|move|change|put|push|bring|shift) (?:it|that)\b"
)


# "make the bread post an hour later"
LATER = re.compile(r"(?:make|set|have|get)\b.*\bposts?\b.*\b(?:later|earlier|sooner)\b")


def publishing(read: str, reading: Reading, desk: Desk) -> str:
    """Posting, moving and calling off posts."""
    if re.search(r"\bposts?\b.{0,20}?\b(?:go (?:out|live|up)|be (?:moved|rescheduled|shifted))\b", read) and re.match(
        r"(?:(?:make|have|let|get|want|the|my|our|that)\b|§p\d+'s\b)", read
    ):
        return "reschedule_post"
    if OF_IT.match(read) or LATER.match(read):
        return "reschedule_post"
    post: object = re.search(
        r"\bposts?\b|\bpublication\b|\bscheduled\b|\bposting\b|\b(?:lined|queued|coming) up\b|\bin the pipeline\b|\bplanned\b",
        read,
    ) or _post_meant(read, reading, desk)
    if (
        re.match(r"(?:unschedule|call off|unpublish)\b", read)
        or (
            re.match(
                r"(?:cancel|delete|remove|drop|scrap|kill|withdraw|abandon|discard|erase|stop|revoke|take"
                r"|pull(?!.*\b(?:forward|ahead|back|to|by|up)\b))\b",
                read,
            )
            and post
            and not re.search(r"\b(?:job|render)\b", read)
            and not re.match(r"take (?!.*\b(?:off|down|out)\b)", read)
        )
        or re.search(
            r"\b(?:call|take) (?:it|that|the .{0,30}post|§p\d+'s .{0,20}post) (?:off|down)(?=[\s.!?,]*$"
            r"| the (?:schedule|calendar|plan|page|gallery|air))|\boff the (?:schedule|calendar)\b",
            read,
        )
    ):
        return "cancel_post"
    moved = re.match(r"(?:move|shift|postpone|push back|put off)\b.*\bposts?\b[\s.!?]*$", read)
    if (
        moved
        or re.match(r"(?:reschedule|postpone|delay)\b", read)
        or (
            re.match(r"(?:move|nudge|slide|shift|push|bring|put off|defer|advance|pull|put)\b", read)
            and (post or re.match(rf"\w+ {IT}\b", read))
            and re.search(r"\b(?:to|by|until|till|back|forward|off|for|from|earlier|later)\b", read)
            and not re.search(r"\bput (?:it |that |this |them )?(?:up|out|on)\b|\bto berlin\b", read)
        )
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
