"""Which capability lists, and which makes, things of a family?

Neighbours: intents, terse (who look it up), lexicon (families).
"""

import re

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


def post_or_text(rest: Said) -> str:
    """A post with its words given is posted; one that is only about something is written."""
    from agents.builtin.contents import SAYS

    if re.search(r"\b(?:about|on the (?:topic|subject))\b", rest.read) and not rest.quotes():
        return "write_text"
    timed = re.search(
        r"\b(?:tomorrow|tonight|today|at (?:\d|noon|midnight)|(?:on|next|every) (?:mon|tues|wednes|thurs|fri|satur|sun)day)",
        rest.read,
    )
    if timed and not re.search(r"\bon (?!(?:mon|tues|wednes|thurs|fri|satur|sun)day)|\bof\b", rest.read):
        return "schedule_post"
    if rest.quotes() or SAYS.search(rest.read) or re.search(r"\bposts?\b[^:]*:\s", rest.read):
        return "schedule_post"
    if re.search(r"\b(?:with|of|from|using) (?:the|that|this|my|both)\b", rest.read):
        return "schedule_post"
    return "write_text"
