"""What was it that a persona wrote? Its words out of the reply that told them, without lead-in, marks or a question after.

The reply may be ours ("Nova wrote: …") or another model's ("Here is a draft: “…” Shall I post it?"). Neighbour: desk.
"""

import re

LEAD = re.compile(
    r"\b(?:wrote|writes|says|said|suggests?|came up with|(?:here(?:'s|’s| is| are| it is|’s)|this is|how about"
    r"|your|the|a"
    r"|draft|caption|post|text|reply|version|one)\b[^:\n“\"]{0,80}?)\s*:\s*",
    re.IGNORECASE,
)
MARKS = {"“": "”", '"': '"', "„": "“”", "«": "»", "»": "«", "‘": "’", "`": "`"}
NO_MODEL = "\n\n(No language model"


def told_text(reply: str) -> str:
    """The text that a reply tells; the whole reply where nothing in it leads in."""
    body = reply.split(NO_MODEL)[0].strip()
    lead = LEAD.search(body)
    if lead:
        text = body[lead.end() :].strip()
        return _within(text) or _without_question(text)
    quoted = re.findall(r"“([^”]{12,})”|\"([^\"]{12,})\"", body)
    if quoted:
        return str(max((one or other for one, other in quoted), key=len)).strip()
    return _without_question(body)


def _within(text: str) -> str:
    """What stands between quotation marks where the text begins with one."""
    closing = MARKS.get(text[:1], "")
    ends = [place for place, letter in enumerate(text) if place and letter in closing]
    if not ends:
        return ""
    # Marks inside the words do not end them: only one with nothing, white space or a new sentence after it does.
    final = next((end for end in reversed(ends) if not re.match(r"\w", text[end + 1 :])), ends[-1])
    first = next((end for end in ends if re.match(r"\s*(?:$|\n|[A-Z(])", text[end + 1 :])), final)
    return str(text[1:first].strip())


def _without_question(text: str) -> str:
    """The text without a last paragraph that only asks what to do with it."""
    head, gap, tail = text.rpartition("\n\n")
    asks = re.match(
        r"(?i)(?:shall|should|do you|would you|want|let me know|is (?:this|that)|how(?:'s| is))\b", tail.strip()
    )
    return head.strip() if gap and asks else text
