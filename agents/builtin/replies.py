"""What is said back? One clear reply out of the results of the steps, or a few words where nothing was done.

Neighbours: planner (what was planned), model (when it speaks).
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from agents.builtin import german_words, lexicon
from agents.builtin.desk import Step
from agents.builtin.heads import plainly
from agents.builtin.said import hear
from agents.builtin.speech.phrases import load

NO_MODEL = (
    "(No language model is configured, so I understand plain requests only and personas speak from their cards. "
    "To use one, set GATOR_MODEL, for example GATOR_MODEL=openai:NAME with OPENAI_API_KEY, and start Gator again.)"
)
KEPT = "I have it. Tell me what to do with it, for example “make a video of this picture”."
# What each capability is for, in a few words and with an example, in the order in which they are told.
ABILITIES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Personas: create, change, show, list, pause, roll back and remove them", ("create_persona", "change_persona",
    "show_persona", "list_personas", "show_persona_history", "roll_back_persona", "remove_persona", "pause_persona",
    "resume_persona"), "create a persona called Nova, a 27-year-old marine biologist from Lisbon who loves surfing"),
    ("Texts: posts, captions and replies in a persona's voice", ("write_text",),
    "let Nova write a short caption about the sea"),
    ("Picture cards in several designs and formats", ("draw_card",),
    "make a square card that says “Good morning” in the gradient design"),
    ("Pictures by an image model, where one is configured", ("make_picture",),
    "make a picture of Nova on the beach at sunset, portrait"),
    ("The views of a persona's approved face, from which her pictures are made", ("make_views",),
    "make the views of Nova's face"),
    ("Voice-overs", ("speak_text",), "read “Hello there” aloud, a bit slower, as ogg"),
    ("Videos of pictures, speech and captions", ("make_video",), "make a ten-second vertical video of both"),
    ("Changes to a video: lengths, order, titles, music, captions", ("edit_video",),
    "make the second scene two seconds longer"),
    ("Clips by a video model, where one is configured", ("make_clip",),
    "make a 4 second clip of Nova waving, from her last picture"),
    ("Reels about a topic or a story, from the script to the thumbnail, and each of their steps again", ("make_reel",
    "redo_reel", "show_reel", "list_reels"), "make a 30 second reel about tide pools with Nova"),
    ("Feeds: add, remove and list them, and read what is new", ("add_feed", "remove_feed", "list_feeds",
    "read_feeds"), "what's new about whales?"),
    ("Posts on a persona's gallery: schedule, repeat, move, cancel and list them", ("schedule_post",
    "reschedule_post", "cancel_post", "list_posts"), "post it every weekday at 18:30 Berlin time"),
    ("Media: list them; their links, alt texts and captions", ("list_media", "show_media"), "give me a link to the last video"),
    ("Jobs: list, hold, cancel or retry them", ("list_jobs", "pause_job", "resume_job",
    "cancel_job", "cancel_jobs", "retry_job"),
    "is the video ready?"),
    ("DNS: list zones and records", ("list_zones", "list_records"), "show the MX records of example.com"),
    ("The state of things: parts, spending, approvals, conversations", ("show_status", "show_spending",
    "list_approvals", "list_conversations"), "how much did we spend this week?"),
)  # fmt: skip


def abilities(tools: Sequence[str]) -> str:
    """What can be asked for here, from the tools that are bound."""
    lines = ["This is what I can do:"]
    told: set[str] = set()
    for words, names, example in ABILITIES:
        if any(name in tools for name in names):
            told.update(names)
            lines.append(f"• {words}. Say: {example}")
    others = [name.replace("_", " ") for name in tools if name not in told]
    if others:
        lines.append(f"• Also: {', '.join(others)}.")
    if len(lines) == 1:
        return "Nothing, at the moment: I was given no tools in this conversation."
    lines.append("Several things in one message are done in their order; what goes public waits for your approval.")
    return "\n".join(lines)


def abilities_in_german(tools: Sequence[str], who: str) -> str:
    """The same for whoever asks in German, of what is understood in German."""
    lines = [
        f"• {one['words']}. Sag: {one['example'].format(who=who)}"
        for one in load("abilities.de")["abilities"]
        if any(name in tools for name in one["tools"])
    ]
    rest = "Alles andere verstehe ich auf Englisch; frag „What can you do?“."
    return "\n".join(["Das verstehe ich auf Deutsch:", *lines, rest])


def how_to(tools: Sequence[str], wanted: Sequence[str]) -> str:
    """How to ask for a thing."""
    for words, names, example in ABILITIES:
        if any(name in names and name in tools for name in wanted):
            return f"Just tell me, for example: “{example}”. ({words}.)"
    return abilities(tools)


def example_of(tool: str) -> str:
    """How it is asked for."""
    return next(example for _, names, example in ABILITIES if tool in names)


def lacking_model(tool: str, context: dict[str, Any]) -> str:
    """What to set so that pictures of scenes, or clips, can be made here, as the tools say it; empty where they can."""
    from tools import clips, imagery

    needs = {"make_picture": ("image_model", imagery), "make_clip": ("clip_model", clips)}.get(tool)
    return f"{needs[1].NO_MODEL} {needs[1].HOW}" if needs and not context.get(needs[0]) else ""


def nearest(text: str, tools: Sequence[str]) -> list[str]:
    """Examples nearest to what was said, of what can be asked here."""
    from rapidfuzz import fuzz, process

    table = {
        example: f"{words} {example}" for words, names, example in ABILITIES if any(name in tools for name in names)
    }
    found = process.extract(text, table, scorer=fuzz.token_set_ratio, limit=2)
    return [key for _, _, key in found]


# What a message that leans on the one before begins with: it may well be something that can be done.
LEANING = re.compile(
    r"(?:and|or|but|also|plus|then|the|an?|no|not|nope|yes|yeah|ok|okay|that|this|it|its|another|one|same|instead"
    r"|rather|actually|make|only"
    r"|just|for|at|on|in|to|with|like|as|so|wait|sorry|hm+|both|all|his|her|their|my|our|try|again|do|more|less|too|about)\b"
)


POINTING = re.compile(r"\b(?:first|second|third|last|next|other|ones?|it|that|this|them|these|those|him|her)\b")


OURS = {"move", "cancel", "retry", "remove", "pause", "resume", "post", "revert", "add", "approve"}


def beyond(text: str) -> bool:
    """Whether a whole request speaks of nothing that there is here: no kind of thing we make or keep, no name, no address."""
    read = plainly(hear(text, [])).read.strip()
    words = re.findall(r"[a-z][a-z'-]*", read)
    if len(words) < 2 or "§" in read or LEANING.match(read) or LEANING.match(text.strip().lower()):
        return False
    if OURS & set(lexicon.verb(words[0])):
        return False  # what it should be done to was not understood
    return len(words) > 2 and not POINTING.search(read) and not any(lexicon.thing(word) for word in words)


def not_understood(text: str, tools: Sequence[str]) -> str:
    """An honest answer where nothing fits; nothing was done."""
    examples = nearest(text, tools)
    shown = " or ".join(f"“{one}”" for one in examples)
    piece = text if len(text) <= 80 else f"{text[:77]}…"
    if german_words.is_german(text):
        return german_words.not_understood(piece)
    if beyond(text):
        return (
            f"I cannot do that: I have no tool for “{piece}”. I work with personas, what they write, draw, say and post, with"
            " feeds, jobs and DNS records" + (f"; you could say, for example, {shown}." if shown else ".")
        )
    return f"I did not understand “{piece}”, so I did nothing. " + (
        f"You could say, for example, {shown}; or ask what I can do." if shown else "Ask me what I can do."
    )


DEEDS = {
    "draw_card": "draw the card", "make_picture": "make the picture", "make_views": "make the views",
    "speak_text": "record the voice-over", "make_video": "make the video",
    "make_clip": "make the clip", "edit_video": "change the video",
    "pause_job": "hold the job", "resume_job": "let the job go on",
    "make_reel": "make the reel", "redo_reel": "make that part of the reel again", "show_reel": "show the reel",
    "write_text": "have the text written",
    "schedule_post": "post it", "reschedule_post": "move the post", "cancel_post": "cancel the post",
    "read_feeds": "read the feeds",
    "pause_persona": "pause the persona", "resume_persona": "resume the persona", "remove_persona": "remove the persona",
    "roll_back_persona": "roll the persona back", "cancel_job": "cancel the job",
    "cancel_jobs": "cancel the jobs", "retry_job": "try the job again",
    "add_feed": "add the feed", "remove_feed": "remove the feed",
    "create_persona": "create the persona", "change_persona": "change the persona",
}  # fmt: skip


TIMED = ("schedule_post", "reschedule_post")


def deed(step: Step) -> str:
    """What a step does, to follow "I could not"."""
    return DEEDS.get(step.tool) or step.tool.replace("_", " ")


def not_done(step: Step, result: dict[str, Any]) -> str:
    """Why a step was not done. Whoever wants other words gives them: the same request leads to the same words here."""
    if result.get("error") == "other_words":
        return (
            f"I did not {deed(step)}. Without a language model I would write the same again;"
            " tell me the words that you want, or press Edit under the next question."
        )
    return f"I could not {deed(step)}: {told(result)}"


OFFERED = "Did you mean"


def did_you_mean(text: str, offers: Sequence[str]) -> str:
    """A question naming what was likely meant; nothing was done."""
    piece = text if len(text) <= 80 else f"{text[:77]}…"
    other = f" Or was it: {offers[1]}?" if len(offers) > 1 else ""
    return (
        f"I did not understand “{piece}”, so I did nothing. {OFFERED}: {offers[0]}? Then say yes.{other}"
        " Otherwise say it in other words."
    )


def _named_deed(step: Step, steps: Sequence[Step]) -> str:
    """What a step does; to whom as well, where it is done to several."""
    whom = list(dict.fromkeys(str(one.args.get("persona")) for one in steps if one.tool == step.tool))
    persona = step.tool in ("remove_persona", "pause_persona", "resume_persona", "roll_back_persona", "change_persona")
    return deed(step).replace("the persona", " and ".join(whom)) if persona and len(whom) > 1 else deed(step)


def doubtful(doubts: Sequence[str], steps: Sequence[Step]) -> str:
    """A question about the words that no step has anything of; nothing was done yet."""
    words = " and ".join(f"“{doubt}”" for doubt in dict.fromkeys(doubts))
    deeds = list(dict.fromkeys(_named_deed(step, steps) for step in steps))
    return (
        f"I did nothing yet: I am not sure what {words} should change. Shall I {', and '.join(deeds[:3])} without that?"
        " Or say it in other words."
    )


def stranger(no_such: str, name: str, doubts: Sequence[str]) -> tuple[str, bool]:
    """What is said of somebody who is no persona, and whether the name may be a part of what is made."""
    if any(name in doubt for doubt in doubts):
        return no_such, False
    return f"{no_such} I did nothing yet: if {name} is a part of what is to be seen or said, say yes.", True


def timeless(doubts: Sequence[str], steps: Sequence[Step]) -> str:
    """Why nothing was done where a day or a time was left unread: it is never passed over."""
    words = " and ".join(f"“{doubt}”" for doubt in dict.fromkeys(doubts))
    untold = f"I did nothing yet: I am not sure what {words} should change."
    if any(step.tool in TIMED for step in steps):
        return f"{untold} Tell me the day and the time in other words."
    return f"{untold} I can only do it now: say it without a time, or in other words."


def parsed(content: Any) -> dict[str, Any]:
    """The JSON of a tool's result; words that are no JSON stand under "said"."""
    text = (
        content
        if isinstance(content, str)
        else " ".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)
    )
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        try:
            found = json.loads(text[start : end + 1])
        except ValueError:
            found = None
        if isinstance(found, dict):
            return found
    return {"said": text.strip()}


def told(result: dict[str, Any]) -> str:
    """A result in words: its own, else its plain fields."""
    if said := str(result.get("said") or "").strip():
        return said
    parts = [
        f"{name.replace('_', ' ')}: {value}"
        for name, value in result.items()
        if isinstance(value, str | int | float) and value != ""
    ]
    return ", ".join(parts) or "Done."
