"""Does a text carry code for a browser? Markup that only decorates passes; what would run does not."""

import html
import re

# The event attributes of HTML and SVG (https://html.spec.whatwg.org/#events-2), by their beginnings.
_EVENTS = (
    "abort|after|animation|auxclick|before|begin|blur|bounce|cancel|canplay|change|click|close|contextmenu|copy|cuechange|cut|"
    "dblclick|drag|drop|duration|emptied|end|error|finish|focus|formdata|fullscreen|gotpointer|hashchange|input|invalid|key|"
    "load|lostpointer|message|mouse|offline|online|page|paste|pause|play|pointer|popstate|progress|ratechange|rejection|repeat|"
    "reset|resize|scroll|search|securitypolicy|seek|select|show|slotchange|stalled|start|storage|submit|suspend|timeupdate|"
    "toggle|touch|transition|unhandled|unload|volumechange|waiting|wheel"
)
_CODE = (
    ("a script", re.compile(r"<\s*/?\s*(?:\w+:)?script\b", re.IGNORECASE)),
    ("a frame or plug-in", re.compile(r"<\s*(?:iframe|frame|object|embed|applet|base|meta|portal)\b", re.IGNORECASE)),
    # At most 1,000 characters of one tag, so that a long text costs what it is long.
    (
        "an event handler",
        re.compile(rf"<[a-z/][^<]{{0,1000}}?\bon(?:{_EVENTS})[a-z]{{0,30}}\s{{0,20}}=", re.IGNORECASE),
    ),
    ("an embedded document", re.compile(r"<[a-z/][^<]{0,1000}?\bsrcdoc\s{0,20}=", re.IGNORECASE)),
)
# "JavaScript: the good parts" is prose; a URL has its code at once, or a call after blanks.
_URL = re.compile(
    r"(?:\b(?:java|vb|live)script:(?:\S|\s+[\w.$]+\s?[(=`])|data:(?:text/(?:html|xml)|image/svg\+xml|application/xhtml))",
    re.IGNORECASE,
)


def code_in(text: str) -> str | None:
    """What would run in a browser, in words ("a script"); None when nothing would."""
    for what, pattern in _CODE:
        if pattern.search(text):
            return what
    # Browsers decode entities in attributes and drop control characters inside a scheme (WHATWG URL, 4.4).
    url = re.sub(r"[\x00-\x1f]", "", html.unescape(text))
    return "a script URL" if _URL.search(url) else None
